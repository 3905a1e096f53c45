//! What the replications of one policy say about one metric: a value, how it spreads, and each
//! replication's share in it, so that two policies can be compared pair by pair.

use std::sync::Arc;

use super::distributions::{share_lower, share_upper, student_t};
use super::estimate::percentile::Pooled;
use super::moments::standard_error;
use crate::record::results::Estimate;

/// The level of every interval that carries no verdict.
pub const LEVEL: f64 = 0.95;

/// One metric of one policy in one scope.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The point estimate, in the metric's unit.
    pub value: f64,
    /// Replications (or pooled calls, for a maximum) it stands on.
    pub n: u64,
    /// H in ms, where times are cut at it: a value there means "at least".
    pub horizon_ms: Option<f64>,
    /// How it varies between replications.
    pub spread: Spread,
}

/// How a sample varies, by kind of statistic. All lists have one entry per replication.
#[derive(Clone, Debug)]
pub enum Spread {
    /// Not defined: a maximum.
    None,
    /// A total, mean or ratio by its influence values e_r = (Y_r − θX_r)/X̄: se = sd(e)/√R.
    Linear(Vec<f64>),
    /// A percentile p of the pooled calls by z_r = (c_r(x̂) − p·n_r)/n̄.
    Percentile {
        /// The share of calls at or below the value.
        p: f64,
        /// z_r.
        z: Vec<f64>,
        /// All calls of all replications.
        pooled: Arc<Pooled>,
    },
    /// A share of replications, each a yes or a no; None where neither applies.
    Share(Vec<Option<bool>>),
}

impl Sample {
    /// The mean of one value per replication; None of nothing.
    pub fn mean(values: &[f64]) -> Option<Sample> {
        Sample::ratio(values, &vec![1.0; values.len()])
    }

    /// ΣY ÷ ΣX with the linearised influence values; None where ΣX is zero.
    pub fn ratio(y: &[f64], x: &[f64]) -> Option<Sample> {
        let below: f64 = x.iter().sum();
        (below != 0.0).then(|| Sample::around(y.iter().sum::<f64>() / below, y, x))
    }

    /// A ratio whose value was computed from exact sums. ΣX is not zero.
    pub fn around(value: f64, y: &[f64], x: &[f64]) -> Sample {
        let mean_x = x.iter().sum::<f64>() / x.len() as f64;
        let influence = y.iter().zip(x).map(|(&y, &x)| {
            let rest = y - value * x;
            // What rounding leaves of a replication that has exactly this ratio is no variance.
            if rest.abs() <= 1e-13 * y.abs() {
                0.0
            } else {
                rest / mean_x
            }
        });
        Sample {
            value,
            n: y.len() as u64,
            horizon_ms: None,
            spread: Spread::Linear(influence.collect()),
        }
    }

    /// The share of replications that say yes, of those that say anything; None if none does.
    pub fn share(answers: Vec<Option<bool>>) -> Option<Sample> {
        let (hits, of) = hits(&answers);
        (of > 0).then(|| Sample {
            value: hits as f64 / of as f64,
            n: of,
            horizon_ms: None,
            spread: Spread::Share(answers),
        })
    }

    /// A value without an interval, standing on `n` pooled calls.
    pub fn bare(value: f64, n: u64) -> Sample {
        Sample {
            value,
            n,
            horizon_ms: None,
            spread: Spread::None,
        }
    }

    /// Whether the value lies at H and means "at least".
    pub fn at_horizon(&self) -> bool {
        self.horizon_ms.is_some_and(|horizon| self.value >= horizon)
    }

    /// Each replication's share in the estimate's error: e_r, z_r, or a share's y_r − k/n (zero
    /// for a replication it does not apply to). None for a maximum.
    pub fn influence(&self) -> Option<Vec<f64>> {
        match &self.spread {
            Spread::None => None,
            Spread::Linear(e) | Spread::Percentile { z: e, .. } => Some(e.clone()),
            Spread::Share(answers) => {
                let part = |&answer: &Option<bool>| {
                    answer.map_or(0.0, |yes| f64::from(u8::from(yes)) - self.value)
                };
                Some(answers.iter().map(part).collect())
            }
        }
    }

    /// The standard error: sd(e)/√R, and for percentiles (U − L)/2t of the 95 % interval. None
    /// under two replications and where a bound does not exist.
    pub fn se(&self) -> Option<f64> {
        match &self.spread {
            Spread::None => None,
            Spread::Linear(e) => standard_error(e),
            Spread::Share(answers) => {
                let (hits, of) = hits(answers);
                let share = hits as f64 / of as f64;
                (of > 1).then(|| (share * (1.0 - share) / (of - 1) as f64).sqrt())
            }
            Spread::Percentile { z, .. } => {
                let [low, high] = self.interval(LEVEL);
                let t = student_t(LEVEL, z.len().max(2) as u64 - 1);
                Some((high? - low?) / (2.0 * t))
            }
        }
    }

    /// The two-sided interval at a level; a bound that does not exist is None. Its bounds at level
    /// 0.90 are the one-sided 95 % bounds.
    pub fn interval(&self, level: f64) -> [Option<f64>; 2] {
        match &self.spread {
            Spread::None => [None, None],
            Spread::Linear(e) => match standard_error(e) {
                Some(se) => {
                    let half = student_t(level, e.len() as u64 - 1) * se;
                    [Some(self.value - half), Some(self.value + half)]
                }
                None => [None, None],
            },
            Spread::Share(answers) => {
                let (hits, of) = hits(answers);
                let one_sided = 0.5 * (1.0 + level);
                [
                    Some(share_lower(hits, of, one_sided)),
                    Some(share_upper(hits, of, one_sided)),
                ]
            }
            Spread::Percentile { p, z, pooled } => match standard_error(z) {
                Some(se) => {
                    let half = student_t(level, z.len() as u64 - 1) * se;
                    // What never comes bounds nothing.
                    let at = |p: f64| match p > 0.0 && p < 1.0 {
                        true => pooled.quantile(p).filter(|value| value.is_finite()),
                        false => None,
                    };
                    [at(p - half), at(p + half)]
                }
                None => [None, None],
            },
        }
    }

    /// As it stands in the results.
    pub fn estimate(&self, unit: &str) -> Estimate {
        Estimate {
            value: self.value,
            ci95: match self.spread {
                // The largest that was seen says nothing of how large the next one may be.
                Spread::None => [None, None],
                _ => possible(self.interval(LEVEL), unit),
            },
            se: self.se(),
            unit: unit.to_owned(),
            n: self.n,
            at_horizon: self.at_horizon(),
        }
    }
}

/// The part of an interval where the value can lie: no metric is negative and no share is over 1. What
/// is cut away cannot be true, so nothing is lost of its coverage.
pub fn possible([low, high]: [Option<f64>; 2], unit: &str) -> [Option<f64>; 2] {
    let most = if unit == "ratio" { 1.0 } else { f64::INFINITY };
    [low.map(|low| low.max(0.0)), high.map(|high| high.min(most))]
}

/// How many say yes, of how many that say anything.
pub fn hits(answers: &[Option<bool>]) -> (u64, u64) {
    let said = answers.iter().flatten();
    (
        said.clone().filter(|&&yes| yes).count() as u64,
        said.count() as u64,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_has_the_interval_of_the_textbook() {
        let sample = Sample::mean(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!(sample.value, 2.5);
        let se = (5.0f64 / 3.0 / 4.0).sqrt();
        assert!((sample.se().unwrap() - se).abs() < 1e-15);
        let [low, high] = sample.interval(0.95);
        // t with 3 degrees of freedom is 3.182446 at 95 %.
        assert!((high.unwrap() - 2.5 - 3.182_446_3 * se).abs() < 1e-6);
        assert!((low.unwrap() + high.unwrap() - 5.0).abs() < 1e-12);
    }

    #[test]
    fn equal_ratios_have_no_variance_whatever_their_rounding() {
        let x: Vec<f64> = (1..50).map(|i| f64::from(i) * 7.0).collect();
        let y: Vec<f64> = x.iter().map(|x| 1.1 * x).collect();
        assert_eq!(Sample::ratio(&y, &x).unwrap().se(), Some(0.0));
    }

    #[test]
    fn one_replication_has_a_value_and_no_interval() {
        let sample = Sample::mean(&[3.0]).unwrap();
        assert_eq!((sample.value, sample.se()), (3.0, None));
        assert_eq!(sample.interval(0.95), [None, None]);
        assert!(Sample::mean(&[]).is_none());
    }

    #[test]
    fn a_share_of_runs_has_the_exact_interval_even_when_none_was_hit() {
        let mut answers = vec![Some(false); 32];
        answers.push(None);
        let sample = Sample::share(answers).unwrap();
        assert_eq!((sample.value, sample.n), (0.0, 32));
        let [low, high] = sample.interval(0.90);
        assert_eq!(low, Some(0.0));
        assert!((high.unwrap() - 0.0894).abs() < 1e-4);
    }

    /// The slow way: leave one replication out, R times.
    #[test]
    fn the_linearised_ratio_agrees_with_the_jackknife() {
        let x: Vec<f64> = (0..60).map(|i| 100.0 + f64::from(i * 37 % 17)).collect();
        let noise = |i: usize| f64::from((i * 53 % 29) as u32) - 14.0;
        let y: Vec<f64> = (0..60).map(|i| 1.4 * x[i] + noise(i)).collect();
        let sample = Sample::ratio(&y, &x).unwrap();
        let (sum_y, sum_x) = (y.iter().sum::<f64>(), x.iter().sum::<f64>());
        let without: Vec<f64> = (0..60).map(|i| (sum_y - y[i]) / (sum_x - x[i])).collect();
        let mean = without.iter().sum::<f64>() / 60.0;
        let squares: f64 = without.iter().map(|w| (w - mean) * (w - mean)).sum();
        let jackknife = (squares * 59.0 / 60.0).sqrt();
        let se = sample.se().unwrap();
        assert!((se / jackknife - 1.0).abs() < 0.01, "{se} {jackknife}");
    }
}
