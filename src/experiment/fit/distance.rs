//! How far a law is from what was measured.
//!
//! What a fit is held to: quantiles p10 … p99 within 10 %, W₁ at most 5 % of the mean. There is no p-value: with
//! fitted parameters, ties and many thousand rows a test of fit says nothing about whether the law will serve.

/// The quantiles that are compared.
pub const LEVELS: [f64; 7] = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];

/// The most that a quantile may be off, relative to the measured one.
pub const WITHIN: f64 = 0.10;

/// The most that W₁ may be, relative to the measured mean.
pub const W1_WITHIN: f64 = 0.05;

/// The distance of a law from a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Distance {
    /// How many values were measured.
    pub n: usize,
    /// The measured quantiles at [`LEVELS`].
    pub measured: [f64; 7],
    /// Those of the law.
    pub fitted: [f64; 7],
    /// W₁, the mean distance between equal ranks, ÷ the measured mean.
    pub w1: f64,
}

impl Distance {
    /// Of a law, given by its quantile function, from a sorted sample.
    pub fn of(sorted: &[f64], law: impl Fn(f64) -> f64) -> Distance {
        let n = sorted.len();
        let mean = sorted.iter().sum::<f64>() / n.max(1) as f64;
        let off: f64 = (0..n).map(|i| (sorted[i] - law(middle(i, n))).abs()).sum();
        Distance {
            n,
            measured: LEVELS.map(|p| quantile(sorted, p)),
            fitted: LEVELS.map(&law),
            w1: if mean > 0.0 {
                off / n as f64 / mean
            } else {
                0.0
            },
        }
    }

    /// Of one sorted sample from another.
    pub fn between(sorted: &[f64], drawn: &[f64]) -> Distance {
        Distance::of(sorted, |u| quantile(drawn, u))
    }

    /// The largest relative error of a quantile, and at which.
    pub fn worst(&self) -> (f64, f64) {
        let error = |i: usize| match self.measured[i] {
            0.0 => f64::from(u8::from(self.fitted[i] > 0.5)),
            measured => (self.fitted[i] / measured - 1.0).abs(),
        };
        let pairs = (0..LEVELS.len()).map(|i| (error(i), LEVELS[i]));
        pairs.fold((0.0, 0.5), |a, b| if b.0 > a.0 { b } else { a })
    }

    /// Whether it is within the limits.
    pub fn is_close(&self) -> bool {
        self.worst().0 <= WITHIN && self.w1 <= W1_WITHIN
    }

    /// `quantiles within 4.1 % (p99), W1 2.0 % of the mean, n = 7404`.
    pub fn told(&self) -> String {
        let (worst, at) = self.worst();
        let verdict = match self.is_close() {
            true => "",
            false => ": not close",
        };
        format!(
            "quantiles within {:.1} % (p{:.0}), W1 {:.1} % of the mean, n = {}{verdict}",
            worst * 100.0,
            at * 100.0,
            self.w1 * 100.0,
            self.n
        )
    }
}

/// The level in the middle of a rank.
pub(super) fn middle(i: usize, n: usize) -> f64 {
    (i as f64 + 0.5) / n as f64
}

/// The quantile of a sorted sample, straight between ranks (Hazen: the i-th of n stands at (i − ½)/n).
pub fn quantile(sorted: &[f64], u: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let place = (u * sorted.len() as f64 - 0.5).clamp(0.0, last as f64);
    let left = place as usize;
    let right = (left + 1).min(last);
    sorted[left] + (sorted[right] - sorted[left]) * (place - left as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_law_that_is_a_tenth_too_large_is_off_by_a_tenth() {
        let sorted: Vec<f64> = (1..=1000).map(f64::from).collect();
        let same = Distance::of(&sorted, |u| u * 1000.0 + 0.5);
        assert!(same.w1 < 1e-9 && same.worst().0 < 1e-9);
        let off = Distance::of(&sorted, |u| 1.11 * (u * 1000.0 + 0.5));
        assert!((off.w1 - 0.11).abs() < 1e-9 && (off.worst().0 - 0.11).abs() < 1e-9);
        assert!(!off.is_close());
    }
}
