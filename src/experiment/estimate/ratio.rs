//! Totals, means and ratios of exact integer sums: θ = ΣY/ΣX, e_r = (Y_r − θX_r)/X̄.

use crate::experiment::sample::Sample;

/// ΣY ÷ ΣX × scale over replications, from exact sums; None where ΣX is zero.
pub fn ratio(y: &[u128], x: &[u128], scale: f64) -> Option<Sample> {
    let below: u128 = x.iter().sum();
    if below == 0 {
        return None;
    }
    let above: u128 = y.iter().sum();
    let value = scaled(above as f64 / below as f64, scale);
    let y: Vec<f64> = y.iter().map(|&y| scaled(y as f64, scale)).collect();
    let x: Vec<f64> = x.iter().map(|&x| x as f64).collect();
    Some(Sample::around(value, &y, &x))
}

/// The mean over replications of a total × scale ÷ `per`; None of no replications.
pub fn mean(y: &[u128], scale: f64, per: f64) -> Option<Sample> {
    if y.is_empty() || per <= 0.0 {
        return None;
    }
    let above: u128 = y.iter().sum();
    let value = scaled(above as f64 / y.len() as f64, scale) / per;
    let y: Vec<f64> = y.iter().map(|&y| scaled(y as f64, scale) / per).collect();
    Some(Sample::around(value, &y, &vec![1.0; y.len()]))
}

/// `value × scale`, dividing where the scale is a unit fraction: 10⁻⁶ is not exact in binary, 10⁶
/// is, and 27 s should be 27 000 ms and nothing else.
pub fn scaled(value: f64, scale: f64) -> f64 {
    if scale < 1.0 {
        value / (1.0 / scale).round()
    } else {
        value * scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_of_sums_and_not_a_mean_of_ratios() {
        let sample = ratio(&[10, 300], &[10, 100], 1.0).unwrap();
        assert_eq!(sample.value, 310.0 / 110.0);
        assert!(ratio(&[0, 0], &[0, 0], 1.0).is_none());
    }

    #[test]
    fn whole_seconds_are_whole_milliseconds() {
        assert_eq!(
            ratio(&[27_000_000_000], &[1], 1e-6).unwrap().value,
            27_000.0
        );
        assert_eq!(
            mean(&[3_000_000_000_000, 3_000_000_000_000], 1e-12, 1.0)
                .unwrap()
                .value,
            3.0
        );
    }
}
