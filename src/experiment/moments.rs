//! Means, variances and correlations of a few numbers, added up in the order they come in.

/// The mean; zero of nothing.
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.iter().sum::<f64>() / values.len() as f64
}

/// The variance with n − 1; None under two values.
pub fn variance(values: &[f64]) -> Option<f64> {
    covariance(values, values)
}

/// The covariance with n − 1; None under two pairs.
pub fn covariance(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len().min(b.len());
    if n < 2 {
        return None;
    }
    let (mean_a, mean_b) = (mean(&a[..n]), mean(&b[..n]));
    let products = a.iter().zip(b).map(|(x, y)| (x - mean_a) * (y - mean_b));
    Some(products.sum::<f64>() / (n - 1) as f64)
}

/// The correlation; zero where one side does not vary, since nothing can then be gained from it.
pub fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let parts = (covariance(a, b), variance(a), variance(b));
    let (Some(both), Some(var_a), Some(var_b)) = parts else {
        return 0.0;
    };
    if var_a <= 0.0 || var_b <= 0.0 {
        return 0.0;
    }
    (both / (var_a * var_b).sqrt()).clamp(-1.0, 1.0)
}

/// The standard error of a mean of independent values: sd/√n; None under two values.
pub fn standard_error(values: &[f64]) -> Option<f64> {
    variance(values).map(|variance| (variance / values.len() as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_a_few_numbers_are_those_of_the_textbook() {
        let a = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
        assert_eq!(mean(&a), 5.0);
        assert_eq!(variance(&a), Some(32.0 / 7.0));
        assert_eq!(standard_error(&a), Some((32.0f64 / 56.0).sqrt()));
        let b = a.map(|x| 3.0 - 2.0 * x);
        assert!((correlation(&a, &b) + 1.0).abs() < 1e-15);
        assert_eq!(correlation(&a, &[1.0; 8]), 0.0);
        assert_eq!(variance(&a[..1]), None);
    }
}
