//! A line whose noise is a factor: times that scatter the more the longer they are.

/// Rounds of improvement: each shrinks what is left to improve by far more than half.
const ROUNDS: usize = 12;

/// So many deviations from the line, and a time counts as one that lies just there.
const FAR: f64 = 2.5;

/// The least intercept, in seconds: a line through nothing has no ratios.
const LEAST_S: f64 = 0.001;

/// Intercept and slope, neither below nothing, by which the logarithms of y ÷ (intercept + slope · x) are least in
/// squares, those far out drawn in (Huber, 1964): for log-normal noise the line of largest likelihood. Found by Gauss
/// and Newton's steps from a line that is nearly right.
pub(super) fn by_ratios(from: (f64, f64), x: &[f64], y: &[f64]) -> (f64, f64) {
    let (mut base, mut slope) = (from.0.max(LEAST_S), from.1.max(0.0));
    for _ in 0..ROUNDS {
        let line = |x: f64| base + slope * x;
        let rests: Vec<f64> = x
            .iter()
            .zip(y)
            .map(|(&x, &y)| libm::log((y / line(x)).max(1e-6)))
            .collect();
        let n = rests.len().max(1) as f64;
        let spread = (rests.iter().map(|r| r * r).sum::<f64>() / n).sqrt();
        let far = FAR * spread;
        // Normal equations of the derivatives 1 ÷ line and x ÷ line.
        let (mut aa, mut ab, mut bb, mut ar, mut br) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (&x, rest) in x.iter().zip(&rests) {
            let (a, b) = (1.0 / line(x), x / line(x));
            let rest = rest.clamp(-far, far);
            (aa, ab, bb) = (aa + a * a, ab + a * b, bb + b * b);
            (ar, br) = (ar + a * rest, br + b * rest);
        }
        let determinant = aa * bb - ab * ab;
        // All prompts of one length: only the height of the line is known.
        if determinant <= 1e-12 * aa * bb {
            break;
        }
        base = (base + (ar * bb - br * ab) / determinant).max(LEAST_S);
        slope = (slope + (br * aa - ar * ab) / determinant).max(0.0);
    }
    (base, slope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::draw::{Root, Stage};
    use crate::base::quantile::normal;
    use crate::base::{Draws, Purpose};

    /// σ 0.3 over x log-normal (600, 0.8), 12 000 points: by the information of the law (the same sums at the
    /// true line) the slope is known to 1.2 %; 4 of those.
    #[test]
    fn a_line_with_log_normal_noise_is_found_from_a_start_that_is_off() {
        let draws = Draws::new(Root::new(5, Stage::Run, 0));
        let u = |n: u64, which: u64| draws.unit(Purpose::Probe, n, which);
        let points = (0..12_000).map(|n| {
            let x = 600.0 * libm::exp(0.8 * normal(u(n, 0)));
            (x, (0.8 + 4e-4 * x) * libm::exp(0.3 * normal(u(n, 1))))
        });
        let (x, y): (Vec<f64>, Vec<f64>) = points.unzip();
        for start in [(1.2, 1e-4), (0.1, 2e-3), (0.8, 0.0)] {
            let (base, slope) = by_ratios(start, &x, &y);
            assert!((slope / 4e-4 - 1.0).abs() < 0.05, "seed 5: {slope}");
            assert!((base / 0.8 - 1.0).abs() < 0.02, "seed 5: {base}");
        }
    }

    #[test]
    fn of_one_length_the_start_is_kept() {
        assert_eq!(by_ratios((1.0, 0.0), &[5.0; 9], &[1.0; 9]), (1.0, 0.0));
    }
}
