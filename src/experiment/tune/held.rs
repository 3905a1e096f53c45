//! A metric against a limit: how far beyond it, and whether that is shown.

use crate::experiment::needed;
use crate::experiment::pair::less_multiple;
use crate::experiment::sample::{Sample, Spread};
use crate::record::results::{Bound, Outcome};

/// A limit on a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Whether the metric is to be at least or at most this.
    pub side: Bound,
    /// The limit, in the metric's unit.
    pub at: f64,
    /// How much beyond it counts as much beyond any other limit.
    pub scale: f64,
}

impl Limit {
    /// How far a value is beyond the limit, in its scale; 0 within.
    pub fn excess(&self, value: f64) -> f64 {
        let beyond = match self.side {
            Bound::AtLeast => self.at - value,
            Bound::AtMost => value - self.at,
        };
        match beyond <= 0.0 {
            true => 0.0,
            false => beyond / self.scale,
        }
    }
}

/// A metric that a limit holds.
#[derive(Clone, Debug)]
pub struct Held {
    /// The limit in this weather.
    pub limit: Limit,
    /// The metric; None if it does not apply.
    pub sample: Option<Sample>,
    /// Where the limit is a multiple of a baseline's figure: how many times, and the figure in the same
    /// replications.
    pub of: Option<(f64, Sample)>,
    /// Where too few calls lie beyond a percentile: the replications at which enough would.
    pub few: Option<u64>,
}

impl Held {
    /// A metric against a limit that is a number.
    pub fn new(limit: Limit, sample: Option<Sample>) -> Held {
        Held {
            limit,
            sample,
            of: None,
            few: None,
        }
    }

    /// How far the value is beyond the limit, in its scale; None if it does not apply. A time at H is "at least
    /// H": no limit however long holds it, and it is a whole scale beyond at least.
    pub fn excess(&self) -> Option<f64> {
        let sample = self.sample.as_ref()?;
        let excess = self.limit.excess(sample.value);
        Some(
            match sample.at_horizon() && self.limit.side == Bound::AtMost {
                true => excess.max(1.0),
                false => excess,
            },
        )
    }

    /// How far the value is beyond the limit when it is taken to be so many standard errors worse: with a
    /// few runs the best of many is mostly the luckiest. A percentile so near its end that nothing bounds
    /// it counts as the longest call seen; under four runs there is no error worth the name.
    pub fn cautious_excess(&self, caution: f64) -> Option<f64> {
        let sample = self.sample.as_ref()?;
        let as_found = self.excess()?;
        if sample.n < 4 || caution <= 0.0 {
            return Some(as_found);
        }
        let worse = match (&sample.spread, self.limit.side) {
            (Spread::Percentile { pooled, .. }, side) => {
                let level = 2.0 * crate::base::quantile::normal_cdf(caution) - 1.0;
                let [low, high] = sample.interval(level);
                match side {
                    Bound::AtLeast => low.unwrap_or(0.0),
                    Bound::AtMost => high.or(pooled.longest()).unwrap_or(sample.value),
                }
            }
            (_, Bound::AtLeast) => sample.value - caution * sample.se().unwrap_or_default(),
            (_, Bound::AtMost) => sample.value + caution * sample.se().unwrap_or_default(),
        };
        Some(as_found.max(self.limit.excess(worse)))
    }

    /// The interval of the metric, as far as it is to be held against the limit: where that is a multiple of a
    /// baseline's figure, its error is in it. `confidence` is that of each bound.
    fn interval(&self, confidence: f64) -> [Option<f64>; 2] {
        let level = 2.0 * confidence - 1.0;
        match (&self.sample, &self.of) {
            (None, _) => [None, None],
            (Some(sample), None) => sample.interval(level),
            // Of a baseline that is "at least H" nothing is known that a multiple could be taken of.
            (Some(_), Some((_, of))) if of.at_horizon() => [None, None],
            (Some(sample), Some((times, of))) => less_multiple(sample, *times, of, level)
                .map(|bound| bound.map(|bound| self.limit.at + bound)),
        }
    }

    /// The one-sided bound that has to be within the limit, at a confidence; None if there is none.
    pub fn bound(&self, confidence: f64) -> Option<f64> {
        let sample = self.sample.as_ref()?;
        if sample.at_horizon() && self.limit.side == Bound::AtMost {
            return None;
        }
        let [low, high] = self.interval(confidence);
        match self.limit.side {
            Bound::AtLeast => low,
            Bound::AtMost => high.filter(|high| sample.horizon_ms.is_none_or(|h| *high < h)),
        }
    }

    /// Shown to be within, shown to be beyond, or neither, at a confidence.
    pub fn outcome(&self, confidence: f64) -> Outcome {
        let Some(sample) = &self.sample else {
            return match self.few {
                Some(_) => Outcome::NotShown,
                None => Outcome::Failed,
            };
        };
        let inside = |x: f64| self.limit.excess(x) == 0.0;
        if self.bound(confidence).is_some_and(inside) {
            return Outcome::Passed;
        }
        let [low, high] = self.interval(confidence);
        let best = match self.limit.side {
            Bound::AtLeast => high,
            Bound::AtMost => low,
        };
        // Where even that is at H, all that is known is that no limit holds it.
        let at_h = |best: f64| sample.at_horizon() && sample.horizon_ms.is_some_and(|h| best >= h);
        match best.is_some_and(|best| !inside(best) || at_h(best)) {
            true => Outcome::Failed,
            false => Outcome::NotShown,
        }
    }

    /// Replications at which it would be shown to be within, if its value and its variance stay as they are;
    /// None if no number would do.
    pub fn needs(&self, confidence: f64) -> Option<u64> {
        let Some(sample) = &self.sample else {
            return self.few;
        };
        let (side, at) = (self.limit.side, self.limit.at);
        if self.of.is_none() {
            return needed::at_confidence(sample, side, at, confidence);
        }
        let bound = self.bound(confidence)?;
        let (margin, off) = match side {
            Bound::AtLeast => (sample.value - at, sample.value - bound),
            Bound::AtMost => (at - sample.value, bound - sample.value),
        };
        // An error falls with the root of the number.
        let more = (off / margin) * (off / margin) * sample.n as f64;
        (margin > 0.0 && more < 1e6).then_some(more.ceil() as u64)
    }

    /// Whether the limit is near: the 95 % interval reaches beyond it, or has no end there.
    pub fn is_near(&self) -> bool {
        let [low, high] = self.interval(0.975);
        let end = match self.limit.side {
            Bound::AtLeast => low,
            Bound::AtMost => high,
        };
        end.is_none_or(|end| self.limit.excess(end) > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(at: f64) -> Limit {
        Limit {
            side: Bound::AtMost,
            at,
            scale: at,
        }
    }

    #[test]
    fn a_multiple_of_a_figure_has_the_figures_error() {
        // A lucky baseline: what is measured as 1.0 is 1 ± 0.5.
        let of: Vec<f64> = (0..30)
            .map(|i| 1.0 + 2.0 * (f64::from(i % 5) - 2.0) / 2.0)
            .collect();
        let own: Vec<f64> = (0..30)
            .map(|i| 1.02 + 0.01 * (f64::from(i % 3) - 1.0))
            .collect();
        let (of, own) = (Sample::mean(&of).unwrap(), Sample::mean(&own).unwrap());
        let at = 1.1 * of.value;
        let exact = Held::new(limit(at), Some(own.clone()));
        assert_eq!(exact.outcome(0.95), Outcome::Passed);
        let paired = Held {
            of: Some((1.1, of.clone())),
            ..exact
        };
        assert_eq!(paired.outcome(0.95), Outcome::NotShown);
        assert!(paired.needs(0.95).unwrap() > 100);
        // Independent errors: the textbook's √(s² + 1.1²·s²).
        let [own, of] = [own, of].map(|sample| sample.se().unwrap());
        let t = crate::experiment::distributions::student_t(0.9, 29);
        let off = paired.bound(0.95).unwrap() - paired.sample.as_ref().unwrap().value;
        let independent = t * (own * own + 1.21 * of * of).sqrt();
        assert!(
            (off / independent - 1.0).abs() < 0.02,
            "{off} {independent}"
        );
    }

    #[test]
    fn a_baseline_that_moves_along_takes_its_error_with_it() {
        let weather: Vec<f64> = (0..32)
            .map(|i| 1.0 + 0.2 * (f64::from(i % 7) - 3.0))
            .collect();
        let own: Vec<f64> = weather.iter().map(|x| 1.05 * x).collect();
        let (of, own) = (Sample::mean(&weather).unwrap(), Sample::mean(&own).unwrap());
        let held = Held {
            of: Some((1.1, of.clone())),
            ..Held::new(limit(1.1 * of.value), Some(own))
        };
        assert_eq!(held.outcome(0.95), Outcome::Passed);
    }

    #[test]
    fn what_is_not_shown_says_how_many_runs_it_takes() {
        let values: Vec<f64> = (0..16)
            .map(|i| 0.99 + 0.1 * (f64::from(i % 4) - 1.5))
            .collect();
        let held = Held::new(limit(1.0), Sample::mean(&values));
        assert_eq!(held.outcome(0.95), Outcome::NotShown);
        assert!(held.needs(0.95).unwrap() > 100);
        assert!(held.needs(0.999).unwrap() > 2 * held.needs(0.95).unwrap());
        let few = Held {
            few: Some(40),
            ..Held::new(limit(1.0), None)
        };
        assert_eq!(
            (few.outcome(0.95), few.needs(0.95)),
            (Outcome::NotShown, Some(40))
        );
        let none = Held::new(limit(1.0), None);
        assert_eq!(
            (none.outcome(0.95), none.needs(0.95)),
            (Outcome::Failed, None)
        );
    }
}
