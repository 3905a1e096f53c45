//! When calls came: whether independently of each other, and if not, that they are better replayed.

/// What can be said of the arrivals of a log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrivals {
    /// How many calls.
    pub n: usize,
    /// Calls per second.
    pub rate: f64,
    /// The coefficient of variation of the gaps: 1 for independent arrivals.
    pub gaps_cv: f64,
    /// Variance ÷ mean of counts in windows in which 10 and 100 calls are expected: 1 for independent arrivals.
    /// None where there are fewer than 20 such windows.
    pub dispersion: [Option<f64>; 2],
}

/// Expected calls in the windows of [`Arrivals::dispersion`].
const EXPECTED: [f64; 2] = [10.0, 100.0];

impl Arrivals {
    /// Of the sorted times of calls, in seconds; None without two of them at different times.
    pub fn of(times: &[f64]) -> Option<Arrivals> {
        let n = times.len();
        let span = times.last()? - times.first()?;
        if span <= 0.0 {
            return None;
        }
        let rate = (n - 1) as f64 / span;
        let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
        let mean = 1.0 / rate;
        let variance = gaps.map(|gap| (gap - mean) * (gap - mean)).sum::<f64>() / (n - 1) as f64;
        let dispersion = |expected: f64| dispersion(times, expected / rate);
        Some(Arrivals {
            n,
            rate,
            gaps_cv: variance.sqrt() / mean,
            dispersion: EXPECTED.map(dispersion),
        })
    }

    /// Whether they are as good as independent: gaps and counts vary as those of a Poisson process, up to a tenth
    /// in the gaps, to half in counts of ten and to double in counts of a hundred, beyond four standard errors.
    pub fn are_independent(&self) -> bool {
        // Of exponential gaps the standard error of the coefficient is about 1/√n.
        let gaps = (self.gaps_cv - 1.0).abs() <= 0.1 + 4.0 / (self.n as f64).sqrt();
        let limits = [(0.5, 1.5), (0.3, 2.0)];
        let counts = self.dispersion.iter().zip(limits).zip(EXPECTED);
        let mut counts = counts.map(|((found, (low, high)), expected)| {
            // Of k windows the standard error of the index is √(2/k).
            let k = self.n as f64 / expected;
            let slack = 4.0 * (2.0 / k.max(1.0)).sqrt();
            found.is_none_or(|d| d >= low - slack && d <= high + slack)
        });
        gaps && counts.all(|one| one)
    }

    /// `4.71/s, gaps CV 1.04, dispersion of 10: 1.1, of 100: 1.3`.
    pub fn told(&self) -> String {
        let mut text = format!(
            "{}/s, gaps CV {:.2}",
            super::law::decimals(self.rate, 4),
            self.gaps_cv
        );
        for (found, expected) in self.dispersion.iter().zip(EXPECTED) {
            if let Some(d) = found {
                text.push_str(&format!(", dispersion of counts of {expected:.0}: {d:.1}"));
            }
        }
        text
    }
}

fn dispersion(times: &[f64], width: f64) -> Option<f64> {
    let windows = ((times[times.len() - 1] - times[0]) / width) as usize;
    if windows < 20 {
        return None;
    }
    let mut counts = vec![0u64; windows];
    for time in times {
        if let Some(count) = counts.get_mut(((time - times[0]) / width) as usize) {
            *count += 1;
        }
    }
    let mean = counts.iter().sum::<u64>() as f64 / windows as f64;
    let square = |n: &u64| (*n as f64 - mean) * (*n as f64 - mean);
    Some(counts.iter().map(square).sum::<f64>() / windows as f64 / mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::draw::{Root, Stage};
    use crate::base::quantile::exponential;
    use crate::base::{Draws, Purpose};

    fn times(seed: u64, gap: impl Fn(u64, f64) -> f64) -> Vec<f64> {
        let draws = Draws::new(Root::new(seed, Stage::Run, 0));
        let mut at = 0.0;
        let one = |n: u64| {
            at += gap(n, exponential(draws.unit(Purpose::Arrival, n, 0)));
            at
        };
        (0..5000).map(one).collect()
    }

    #[test]
    fn poisson_arrivals_are_independent_and_bursts_are_not() {
        let poisson = Arrivals::of(&times(1, |_, e| e / 20.0)).unwrap();
        assert!(poisson.are_independent(), "seed 1: {}", poisson.told());
        assert!(
            (poisson.rate / 20.0 - 1.0).abs() < 0.06,
            "seed 1: {}",
            poisson.told()
        );
        // Two hundred quick calls, then two hundred slow ones.
        let bursts =
            Arrivals::of(&times(2, |n, e| if n / 200 % 2 == 0 { e } else { 9.0 * e })).unwrap();
        assert!(!bursts.are_independent(), "seed 2: {}", bursts.told());
        let clock = Arrivals::of(&times(3, |_, _| 0.5)).unwrap();
        assert!(!clock.are_independent(), "{}", clock.told());
        assert_eq!(Arrivals::of(&[1.0, 1.0]), None);
    }
}
