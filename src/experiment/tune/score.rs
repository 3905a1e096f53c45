//! How two candidates compare while searching: first by how far they are beyond the limits, then by
//! the objective.

use std::cmp::Ordering;

use super::problem::{Combine, Held, Reading};
use crate::experiment::pair::less_multiple;

/// What a metric that does not apply counts as, in scales beyond its limit: worse than any that does.
const ABSENT: f64 = 1e6;

/// Where a candidate stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Σ over limits of the worst excess in any weather, in the limits' scales; 0: all are met.
    pub excess: f64,
    /// The objective, the smaller the better.
    pub objective: f64,
}

impl Score {
    /// The worst there is: of what cannot be flown.
    pub const WORST: Score = Score {
        excess: f64::INFINITY,
        objective: f64::INFINITY,
    };

    /// From one reading per weather. A value counts as so many standard errors worse than it was found:
    /// with a few runs the best of many is mostly the luckiest.
    pub fn of(readings: &[Reading], combine: Combine, caution: f64) -> Score {
        Score::by(readings, combine, |held| held.cautious_excess(caution))
    }

    /// The same with how far each held metric is beyond its limit; None: nothing is known, which is worst.
    pub fn by(
        readings: &[Reading],
        combine: Combine,
        counts: impl Fn(&Held) -> Option<f64>,
    ) -> Score {
        let limits = readings.first().map_or(0, |reading| reading.held.len());
        let excess = |held: &Held| counts(held).unwrap_or(ABSENT);
        let worst = |i: usize| {
            let each = readings.iter().map(|reading| excess(&reading.held[i]));
            each.fold(0.0, f64::max)
        };
        Score {
            excess: (0..limits).map(worst).sum(),
            objective: objective(readings, combine),
        }
    }

    /// The better first.
    pub fn order(&self, other: &Score) -> Ordering {
        let by_excess = self.excess.total_cmp(&other.excess);
        by_excess.then(self.objective.total_cmp(&other.objective))
    }

    /// Whether all limits are met.
    pub fn feasible(&self) -> bool {
        self.excess == 0.0
    }
}

/// The objectives of all weathers as one.
pub fn objective(readings: &[Reading], combine: Combine) -> f64 {
    let value = |reading: &Reading| {
        let sample = reading.objective.as_ref();
        sample.map_or(f64::INFINITY, |sample| sample.value)
    };
    let values = readings.iter().map(value);
    match combine {
        Combine::Worst => values.fold(f64::NEG_INFINITY, f64::max),
        Combine::Mean => values.sum::<f64>() / readings.len().max(1) as f64,
    }
}

/// The interval of the objective of one less that of another over the same replications, at a level; a bound
/// that does not exist is None. Every weather is flown with the same draws, so what is luck in one may be luck in all:
/// the ways to the bounds of their mean add. The worst weathers of both may be two.
pub fn difference(a: &[Reading], b: &[Reading], combine: Combine, level: f64) -> [Option<f64>; 2] {
    let pairs = a
        .iter()
        .zip(b)
        .map(|(a, b)| Some((a.objective.as_ref()?, b.objective.as_ref()?)));
    let Some(pairs) = pairs
        .collect::<Option<Vec<_>>>()
        .filter(|pairs| !pairs.is_empty())
    else {
        return [None, None];
    };
    if combine == Combine::Worst {
        let worst = |of: &dyn Fn(usize) -> f64| {
            (0..pairs.len())
                .max_by(|&i, &j| of(i).total_cmp(&of(j)))
                .unwrap_or_default()
        };
        let (i, j) = (worst(&|i| pairs[i].0.value), worst(&|i| pairs[i].1.value));
        return less_multiple(pairs[i].0, 1.0, pairs[j].1, level);
    }
    let side = |side: usize| {
        let bounds = pairs
            .iter()
            .map(|(a, b)| less_multiple(a, 1.0, b, level)[side]);
        Some(bounds.sum::<Option<f64>>()? / pairs.len() as f64)
    };
    [side(0), side(1)]
}

#[cfg(test)]
mod tests {
    use super::super::problem::Limit;
    use super::*;
    use crate::experiment::Sample;
    use crate::record::results::Bound;

    const SLOW: Limit = Limit {
        side: Bound::AtMost,
        at: 10.0,
        scale: 10.0,
    };

    fn reading(limit: Limit, objective: f64, success: &[f64]) -> Reading {
        Reading {
            objective: Sample::mean(&[objective]),
            held: vec![Held::new(limit, Sample::mean(success))],
            locked: (0, 0),
        }
    }

    #[test]
    fn whoever_meets_the_limits_is_better_than_whoever_is_cheap() {
        let limit = Limit {
            side: Bound::AtLeast,
            at: 0.99,
            scale: 0.01,
        };
        let score = |readings: &[Reading]| Score::of(readings, Combine::Mean, 1.0);
        let dear = score(&[reading(limit, 5.0, &[0.995]), reading(limit, 5.0, &[0.991])]);
        let cheap = score(&[reading(limit, 1.0, &[0.999]), reading(limit, 1.0, &[0.98])]);
        assert!(dear.feasible() && !cheap.feasible());
        assert!(
            (cheap.excess - 1.0).abs() < 1e-9,
            "one weather is 0.01 below"
        );
        assert_eq!(dear.order(&cheap), Ordering::Less);
        let none = Reading {
            held: vec![Held::new(limit, None)],
            ..reading(limit, 0.0, &[1.0])
        };
        assert_eq!(cheap.order(&score(&[none])), Ordering::Less);
    }

    #[test]
    fn what_is_barely_within_a_limit_by_luck_is_not() {
        let lucky = [reading(SLOW, 1.0, &[8.0, 11.0, 9.0, 11.0])];
        assert!(Score::of(&lucky, Combine::Mean, 0.0).feasible());
        assert!(!Score::of(&lucky, Combine::Mean, 1.0).feasible());
    }

    #[test]
    fn the_worst_weather_or_their_mean() {
        let readings = [reading(SLOW, 1.0, &[1.0]), reading(SLOW, 4.0, &[1.0])];
        assert_eq!(objective(&readings, Combine::Worst), 4.0);
        assert_eq!(objective(&readings, Combine::Mean), 2.5);
    }

    #[test]
    fn the_interval_of_a_mean_over_weathers_is_the_textbooks() {
        let of = |values: &[f64]| Reading {
            objective: Sample::mean(values),
            held: Vec::new(),
            locked: (0, 0),
        };
        let values = |shift: f64, by: u32| -> Vec<f64> {
            (0..20).map(|i| shift + f64::from(i * by % 7)).collect()
        };
        let (a, b) = (values(3.0, 3), values(1.0, 5));
        let readings = ([of(&a), of(&b)], [of(&b), of(&b)]);
        let [low, high] = difference(&readings.0, &readings.1, Combine::Mean, 0.95);
        // The second weather has no difference in any run: half of the first's paired interval is left.
        let each: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a - b).collect();
        let [lower, upper] = Sample::mean(&each).unwrap().interval(0.95);
        assert!(
            (low.unwrap() - lower.unwrap() / 2.0).abs() < 1e-12,
            "{low:?}"
        );
        assert!(
            (high.unwrap() - upper.unwrap() / 2.0).abs() < 1e-12,
            "{high:?}"
        );
        let [low, _] = difference(&readings.0, &readings.1, Combine::Worst, 0.95);
        assert!((low.unwrap() - lower.unwrap()).abs() < 1e-12, "{low:?}");
    }
}
