//! Paired differences: policies met the same weather, so replication r of one is held against
//! replication r of the other, and what both share cancels.

use super::distributions::{share_lower, share_upper, student_t};
use super::moments::{correlation, standard_error, variance};
use super::sample::{LEVEL, Sample, Spread};
use super::verdict::judge;
use super::{Samples, Setting};
use crate::record::metric::Metric;
use crate::record::results::{Difference, MinEffect};
use crate::scenario::model::Compare;

/// Under this many replications nothing is judged.
pub const LEAST_REPLICATIONS: usize = 16;
/// The chance that any verdict of a family is wrong.
const FAMILY_ERROR: f64 = 0.05;

/// One policy minus another in one metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// a − b.
    pub value: f64,
    /// Its standard error, where one is defined.
    pub se: Option<f64>,
    /// The paired interval; a bound that does not exist is None.
    pub interval: [Option<f64>; 2],
    /// var(independent) ÷ var(paired); None where either is zero or undefined.
    pub gain: Option<f64>,
}

/// a − b with the paired interval at a level. Replications stand in the same order in both.
///
/// Linear statistics: se of e^A − e^B. Percentiles: se² = s_A² + s_B² − 2·corr(z^A, z^B)·s_A·s_B.
/// Shares of runs: exact, see [`discordant`]. Anything else has no interval.
pub fn paired(a: &Sample, b: &Sample, level: f64) -> Paired {
    let value = a.value - b.value;
    let (se, independent) = match (&a.spread, &b.spread) {
        (Spread::Linear(ea), Spread::Linear(eb)) => linear(ea, eb),
        (Spread::Percentile { z: za, .. }, Spread::Percentile { z: zb, .. }) => {
            match (a.se(), b.se()) {
                (Some(sa), Some(sb)) => percentiles(za, zb, sa, sb),
                _ => (None, None),
            }
        }
        (Spread::Share(ya), Spread::Share(yb)) => {
            let exact = discordant(ya, yb, level);
            let influences = (a.influence(), b.influence());
            let (se, independent) = match influences {
                (Some(ea), Some(eb)) => linear(&ea, &eb),
                _ => (None, None),
            };
            return Paired {
                value,
                se,
                interval: exact,
                gain: gain(independent, se),
            };
        }
        _ => (None, None),
    };
    let interval = se.map_or([None, None], |se| {
        let half = student_t(level, a.n.max(2) - 1) * se;
        [Some(value - half), Some(value + half)]
    });
    Paired {
        value,
        se,
        interval,
        gain: gain(independent, se),
    }
}

/// The se of the difference of two linear statistics, and its variance were they independent.
fn linear(a: &[f64], b: &[f64]) -> (Option<f64>, Option<f64>) {
    let difference: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let independent = variance(a).zip(variance(b));
    let independent = independent.map(|(a, b)| (a + b) / difference.len() as f64);
    (standard_error(&difference), independent)
}

/// The same for two percentiles with their standard errors.
fn percentiles(za: &[f64], zb: &[f64], sa: f64, sb: f64) -> (Option<f64>, Option<f64>) {
    let independent = sa * sa + sb * sb;
    // Rounding may leave a hair below zero for two equal policies.
    let paired = (independent - 2.0 * correlation(za, zb) * sa * sb).max(0.0);
    (Some(paired.sqrt()), Some(independent))
}

fn gain(independent: Option<f64>, se: Option<f64>) -> Option<f64> {
    let (independent, se) = (independent?, se?);
    (independent > 0.0 && se > 0.0).then(|| independent / (se * se))
}

/// The interval of the difference of two shares of the same replications, from those that differ.
///
/// Of m differing pairs, b say yes for A alone: b is binomial, its chance π has the exact interval
/// of Clopper and Pearson, and the difference is (2π − 1) × the share of differing pairs. The sign
/// is that of McNemar's exact test: the interval excludes zero where its p is under 1 − level. For
/// the size, the share of differing pairs is taken at the end of its own interval that lies
/// farther out on the far side and nearer on the near side.
pub fn discordant(a: &[Option<bool>], b: &[Option<bool>], level: f64) -> [Option<f64>; 2] {
    let pairs = a.iter().zip(b).filter_map(|(&a, &b)| Some((a?, b?)));
    let (mut n, mut only_a, mut only_b) = (0, 0, 0);
    for (yes_a, yes_b) in pairs {
        n += 1;
        only_a += u64::from(yes_a && !yes_b);
        only_b += u64::from(yes_b && !yes_a);
    }
    if n == 0 {
        return [None, None];
    }
    let one_sided = 0.5 * (1.0 + level);
    let differ = only_a + only_b;
    let near = share_lower(differ, n, one_sided);
    let far = share_upper(differ, n, one_sided);
    // With no differing pair nothing is known about which way they would differ.
    let (low, high) = if differ == 0 {
        (-1.0, 1.0)
    } else {
        (
            2.0 * share_lower(only_a, differ, one_sided) - 1.0,
            2.0 * share_upper(only_a, differ, one_sided) - 1.0,
        )
    };
    [
        Some(low * if low < 0.0 { far } else { near }),
        Some(high * if high > 0.0 { far } else { near }),
    ]
}

/// The least effect that matters, in the metric's unit, against a baseline's value.
pub fn least_effect(effect: MinEffect, baseline: f64) -> f64 {
    match effect {
        MinEffect::Absolute(amount) => amount,
        MinEffect::Relative(share) => share * baseline.abs(),
    }
}

/// The family of verdicts: (policies − 1) × headline metrics, and the level of its intervals.
pub fn family(policies: usize, headline: usize) -> (u32, f64) {
    let m = policies.saturating_sub(1) * headline;
    let level = 1.0 - FAMILY_ERROR / m.max(1) as f64;
    (u32::try_from(m).unwrap_or(u32::MAX), level)
}

/// The headline metrics that apply to this scenario: money is none where nothing has a price.
pub fn headline(compare: &Compare, setting: &Setting) -> Vec<&'static Metric> {
    let priced = |metric: &&&'static Metric| setting.priced || metric.unit != "usd";
    compare.metrics.iter().filter(priced).copied().collect()
}

/// Every policy against the baseline, metric by metric, over all calls. `policies` are in order of
/// the file.
pub fn differences(
    policies: &[(&str, &Samples)],
    compare: &Compare,
    setting: &Setting,
) -> Vec<Difference> {
    let named = |&&(name, _): &&(&str, &Samples)| name == compare.baseline;
    let Some(&baseline) = policies.iter().find(named) else {
        return Vec::new();
    };
    let headline = headline(compare, setting);
    let (_, level) = family(policies.len(), headline.len());
    let mut all = Vec::new();
    for &policy in policies.iter().filter(|(name, _)| *name != baseline.0) {
        for (metric, a) in policy.1.present() {
            let Ok(b) = baseline.1.of_metric(metric) else {
                continue;
            };
            let effect = compare.min_effect.get(metric.name).copied();
            let counts = headline.iter().any(|m| m.name == metric.name);
            let verdict = counts.then_some((level, effect));
            all.push(difference(metric, (policy.0, a), (baseline.0, b), verdict));
        }
    }
    all
}

/// One difference; with a verdict where the level and the least effect of the family are given.
fn difference(
    metric: &Metric,
    (policy, a): (&str, &Sample),
    (baseline, b): (&str, &Sample),
    headline: Option<(f64, Option<MinEffect>)>,
) -> Difference {
    let level = headline.map_or(LEVEL, |(level, _)| level);
    let found = paired(a, b, level);
    let default = crate::scenario::model::default_min_effect(metric);
    let min_effect = headline.map(|(_, e)| least_effect(e.unwrap_or(default), b.value));
    let enough = a.influence().is_some_and(|e| e.len() >= LEAST_REPLICATIONS);
    let verdict = min_effect
        .filter(|_| enough)
        .and_then(|effect| judge(found.interval, effect, metric.better));
    Difference {
        policy: policy.to_owned(),
        baseline: baseline.to_owned(),
        metric: metric.name.to_owned(),
        value: found.value,
        interval: found.interval,
        level,
        verdict,
        min_effect,
        pairing_gain: found.gain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::distributions::mcnemar;

    #[test]
    fn what_both_replications_share_cancels() {
        let weather: Vec<f64> = (0..32).map(|r| f64::from(r * 29 % 37)).collect();
        let own: Vec<f64> = (0..32).map(|r| f64::from(r * 13 % 7) * 0.1).collect();
        let other: Vec<f64> = weather.iter().zip(&own).map(|(w, o)| w + o + 2.0).collect();
        let (a, b) = (
            Sample::mean(&other).unwrap(),
            Sample::mean(&weather).unwrap(),
        );
        let found = paired(&a, &b, 0.95);
        let alone = Sample::mean(&own).unwrap();
        assert!((found.value - alone.value - 2.0).abs() < 1e-12);
        assert!((found.se.unwrap() - alone.se().unwrap()).abs() < 1e-12);
        assert!(found.gain.unwrap() > 1000.0);
    }

    #[test]
    fn equal_policies_differ_by_exactly_nothing() {
        let a = Sample::mean(&[1.0, 5.0, 2.0, 8.0]).unwrap();
        let found = paired(&a, &a, 0.95);
        assert_eq!(found.interval, [Some(0.0), Some(0.0)]);
        assert_eq!(found.gain, None, "infinite gain is no number");
    }

    #[test]
    fn a_maximum_has_a_difference_and_no_interval() {
        let found = paired(&Sample::bare(3.0, 9), &Sample::bare(1.0, 9), 0.95);
        assert_eq!((found.value, found.interval), (2.0, [None, None]));
    }

    #[test]
    fn shares_of_runs_differ_exactly_where_mcnemar_says_so() {
        for only_a in 0..=12usize {
            for only_b in 0..=12usize {
                let pair = |i: usize| (i < only_a, i >= only_a && i < only_a + only_b);
                let (a, b): (Vec<_>, Vec<_>) = (0..32).map(pair).unzip();
                let some = |v: Vec<bool>| v.into_iter().map(Some).collect::<Vec<_>>();
                let [low, high] = discordant(&some(a), &some(b), 0.95).map(Option::unwrap);
                let excluded = low > 0.0 || high < 0.0;
                let p = mcnemar(only_a as u64, only_b as u64);
                assert_eq!(
                    excluded,
                    p < 0.05,
                    "{only_a} {only_b}: [{low}, {high}], p = {p}"
                );
                let value = (only_a as f64 - only_b as f64) / 32.0;
                assert!(low <= value && value <= high);
            }
        }
        // Seeing no pair differ does not show that none would.
        let none = vec![Some(false); 32];
        let [low, high] = discordant(&none, &none, 0.95).map(Option::unwrap);
        assert!((high - 0.1089).abs() < 1e-4 && (low + 0.1089).abs() < 1e-4);
    }

    #[test]
    fn the_family_is_every_verdict_that_is_given() {
        assert_eq!(family(4, 3), (9, 1.0 - 0.05 / 9.0));
        assert_eq!(family(1, 3), (0, 0.95));
    }
}
