//! Every policy against the baseline, with verdicts for the headline metrics.

use super::needed;
use super::pair::{Paired, paired};
use super::sample::{LEVEL, Sample};
use super::verdict::judge;
use super::{Samples, Setting};
use crate::base::Stop;
use crate::record::LEAST_REPLICATIONS;
use crate::record::metric::Metric;
use crate::record::results::{Difference, Judgement, MinEffect, Results};
use crate::scenario::model::Compare;

/// The chance that any verdict of a family is wrong.
const FAMILY_ERROR: f64 = 0.05;

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

/// Every policy against the baseline, metric by metric, over all calls; None if it was told to stop.
/// `policies` are in order of the file.
pub fn differences(
    policies: &[(&str, &Samples)],
    compare: &Compare,
    setting: &Setting,
    stop: &Stop,
) -> Option<Vec<Difference>> {
    let named = |&&(name, _): &&(&str, &Samples)| name == compare.baseline;
    let Some(&baseline) = policies.iter().find(named) else {
        return Some(Vec::new());
    };
    let headline = headline(compare, setting);
    let (_, level) = family(policies.len(), headline.len());
    let mut all = Vec::new();
    for &policy in policies.iter().filter(|(name, _)| *name != baseline.0) {
        for (metric, a) in policy.1.present() {
            stop.check()?;
            let Ok(b) = baseline.1.of_metric(metric) else {
                continue;
            };
            let effect = compare.min_effect.get(metric.name).copied();
            let counts = headline.iter().any(|m| m.name == metric.name);
            let verdict = counts.then_some((level, effect));
            all.push(difference(metric, (policy.0, a), (baseline.0, b), verdict));
        }
    }
    Some(all)
}

/// The policies that are better than the baseline anywhere against the one that is named first, by
/// headline metric, over all calls; None if it was told to stop.
pub fn finals(
    results: &Results,
    policies: &[(&str, &Samples)],
    stop: &Stop,
) -> Option<Vec<Difference>> {
    let samples = |wanted: &str| policies.iter().find(|(name, _)| *name == wanted);
    let Some(&leader) = results.leader().and_then(samples) else {
        return Some(Vec::new());
    };
    let others = policies
        .iter()
        .filter(|(name, _)| *name != leader.0 && results.better_somewhere(name));
    let mut all = Vec::new();
    for &(name, other) in others {
        for metric in results
            .compare
            .metrics
            .iter()
            .filter_map(|m| Metric::named(m))
        {
            stop.check()?;
            if let (Ok(a), Ok(b)) = (other.of_metric(metric), leader.1.of_metric(metric)) {
                let effect = results.compare.min_effect.get(metric.name);
                all.push(Difference {
                    min_effect: effect.map(|&effect| least_effect(effect, b.value)),
                    ..difference(metric, (name, a), (leader.0, b), None)
                });
            }
        }
    }
    Some(all)
}

/// One difference; with a verdict where the level and the least effect of the family are given.
pub(super) fn difference(
    metric: &Metric,
    (policy, a): (&str, &Sample),
    (baseline, b): (&str, &Sample),
    headline: Option<(f64, Option<MinEffect>)>,
) -> Difference {
    let level = headline.map_or(LEVEL, |(level, _)| level);
    let found = paired(a, b, level);
    let default = crate::scenario::model::default_min_effect(metric);
    let min_effect = headline.map(|(_, e)| least_effect(e.unwrap_or(default), b.value));
    let enough = a
        .influence()
        .is_some_and(|e| e.len() >= LEAST_REPLICATIONS as usize);
    let verdict = min_effect
        .filter(|_| enough)
        .and_then(|effect| judge(&found, effect, metric.better));
    let (detectable, replications_needed) = match (verdict, min_effect) {
        (Some(Judgement::NoDifferenceShown), Some(effect)) => open(&found, effect, level, a.n),
        _ => (None, None),
    };
    Difference {
        policy: policy.to_owned(),
        baseline: baseline.to_owned(),
        metric: metric.name.to_owned(),
        value: found.value,
        interval: found.interval,
        level,
        verdict,
        min_effect,
        detectable,
        replications_needed,
        settled_at: None,
        pairing_gain: found.gain,
    }
}

/// Of a difference that is not shown: the smallest that would have been, which is how far the interval reaches
/// from the value; and the replications after which the interval, value and variance staying as they are,
/// excludes zero or lies within ± the least effect, whichever comes first. None where bounds are missing, or
/// values are only "at least H".
pub(super) fn open(
    found: &Paired,
    min_effect: f64,
    level: f64,
    now: u64,
) -> (Option<f64>, Option<u64>) {
    let [Some(low), Some(high)] = found.interval else {
        return (None, None);
    };
    if found.at_horizon {
        return (None, None);
    }
    let reach = (found.value - low).abs().max((high - found.value).abs());
    let off = found.value.abs();
    let margin = off.max(min_effect - off);
    let variance = found.se.map(|se| se * se * now as f64);
    let needed = variance.and_then(|variance| needed::for_margin(variance, margin, level, now));
    ((reach > 0.0).then_some(reach), needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_open_the_reach_is_told_and_the_replications_that_decide() {
        let at = |value: f64, se: f64, n: u64| {
            let half = super::super::distributions::student_t(0.95, n - 1) * se;
            Paired {
                value,
                se: Some(se),
                interval: [Some(value - half), Some(value + half)],
                at_horizon: false,
                gain: None,
            }
        };
        // Small and unsure: equivalence is nearer. Large and unsure: a difference is.
        for (value, effect) in [(0.02, 0.1), (0.3, 0.1)] {
            let found = at(value, 0.2, 32);
            let (reach, needed) = open(&found, effect, 0.95, 32);
            let reach = reach.unwrap();
            assert!((reach - (found.interval[1].unwrap() - value)).abs() < 1e-12);
            let n = needed.unwrap();
            let shown = |n: u64| {
                let [low, high] = at(value, 0.2 * (32.0 / n as f64).sqrt(), n).interval;
                let (low, high) = (low.unwrap(), high.unwrap());
                low > 0.0 || high < 0.0 || (-effect <= low && high <= effect)
            };
            assert!(shown(n) && !shown(n - 1), "{value}: {n}");
        }
        let mut open_end = at(0.3, 0.2, 32);
        open_end.interval[1] = None;
        assert_eq!(open(&open_end, 0.1, 0.95, 32), (None, None));
    }

    #[test]
    fn the_family_is_every_verdict_that_is_given() {
        assert_eq!(family(4, 3), (9, 1.0 - 0.05 / 9.0));
        assert_eq!(family(1, 3), (0, 0.95));
    }
}
