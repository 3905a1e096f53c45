//! What the differences say, taken together: a reading of verdicts and intervals, no new numbers.
//!
//! A policy is better overall if it is better on one headline metric and, on each other, its
//! interval excludes a loss beyond the least effect. Worse overall is the mirror image.

use std::cmp::Ordering;

use super::measure::{Measure, headline};
use super::number::fixed;
use super::told::both_at_horizon;
use crate::record::Results;
use crate::record::metric::Better;
use crate::record::results::{Difference, Judgement, PolicyResults, Stability};

/// What the report says first.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Finding<'a> {
    /// There is nothing to compare.
    Alone,
    /// Too few replications for a verdict.
    TooFew,
    /// A policy is better than the baseline overall.
    Better {
        /// The best of them by the first headline metric.
        best: &'a str,
    },
    /// Every other policy is worse than the baseline overall.
    BaselineHolds,
    /// This policy is better here and worse there, and none is better overall; of several it is the
    /// best by the first headline metric.
    TradeOff(&'a str),
    /// Some policy is worse, all or in part, and none is better anywhere.
    NothingBetter,
    /// Every difference lies within the least effect.
    Equivalent,
    /// None of these.
    NothingShown,
}

/// The whole reading.
#[derive(Clone, Debug)]
pub(super) struct Reading<'a> {
    /// What the report says first.
    pub(super) finding: Finding<'a>,
    /// The headline metrics, in their order.
    pub(super) headline: Vec<Measure>,
    /// Policies that are worse than the baseline overall.
    pub(super) worse: Vec<&'a str>,
    /// Policies whose every difference lies within the least effect.
    pub(super) equivalent: Vec<&'a str>,
}

/// Reads the differences of the headline metrics.
pub(super) fn read(results: &Results) -> Reading<'_> {
    let headline = headline(results);
    let others: Vec<&PolicyResults> = in_order(results)
        .into_iter()
        .filter(|policy| policy.name != results.compare.baseline)
        .collect();
    let names = |wanted: &dyn Fn(&str) -> bool| -> Vec<&str> {
        others
            .iter()
            .map(|policy| policy.name.as_str())
            .filter(|name| wanted(name))
            .collect()
    };
    let worse = names(&|name| overall(results, &headline, name, Judgement::Worse));
    let has = |name: &str, wanted: Judgement| {
        headline
            .iter()
            .any(|m| judgement(results, name, &m.name) == Some(wanted))
    };
    let equivalent = names(&|name| {
        headline
            .iter()
            .all(|m| judgement(results, name, &m.name) == Some(Judgement::Equivalent))
    });
    let judged = others.iter().any(|policy| {
        headline
            .iter()
            .any(|m| judgement(results, &policy.name, &m.name).is_some())
    });
    let finding = if others.is_empty() {
        Finding::Alone
    } else if !judged {
        Finding::TooFew
    } else if let Some(leader) = results.leader() {
        match results.better_overall(leader) {
            Some(true) => Finding::Better { best: leader },
            _ => Finding::TradeOff(leader),
        }
    } else if worse.len() == others.len() {
        Finding::BaselineHolds
    } else if !names(&|name| has(name, Judgement::Worse)).is_empty() {
        Finding::NothingBetter
    } else if equivalent.len() == others.len() {
        Finding::Equivalent
    } else {
        Finding::NothingShown
    };
    Reading {
        finding,
        headline,
        worse,
        equivalent,
    }
}

impl<'a> Reading<'a> {
    /// The policy the first sentence is about, where it is about one.
    pub(super) fn named(&self, results: &'a Results) -> Option<&'a str> {
        match &self.finding {
            Finding::Better { best } => Some(best),
            Finding::TradeOff(name) => Some(name),
            Finding::BaselineHolds => Some(&results.compare.baseline),
            Finding::Alone => results.policies.first().map(|policy| policy.name.as_str()),
            Finding::TooFew
            | Finding::NothingBetter
            | Finding::Equivalent
            | Finding::NothingShown => None,
        }
    }

    /// The headline metrics on which a policy has this verdict and not both values at the deadline:
    /// of those no difference is known, so they are neither equal nor unequal.
    pub(super) fn on(&self, results: &Results, policy: &str, wanted: Judgement) -> Vec<&Measure> {
        let has = |m: &Measure| {
            let d = difference(results, policy, &m.name);
            d.is_some_and(|d| d.verdict == Some(wanted) && !both_at_horizon(results, m, d))
        };
        self.headline.iter().filter(|m| has(m)).collect()
    }

    /// The headline metrics on which a policy and the baseline both lie at the deadline.
    pub(super) fn at_horizon(&self, results: &Results, policy: &str) -> Vec<&Measure> {
        let at = |m: &Measure| {
            let d = difference(results, policy, &m.name);
            d.is_some_and(|d| both_at_horizon(results, m, d))
        };
        self.headline.iter().filter(|m| at(m)).collect()
    }
}

/// The difference of a policy to the baseline in one metric.
pub(super) fn difference<'a>(
    results: &'a Results,
    policy: &str,
    metric: &str,
) -> Option<&'a Difference> {
    results.differences.iter().find(|d| {
        d.policy == policy && d.metric == metric && d.baseline == results.compare.baseline
    })
}

/// The verdict on a policy in one metric.
pub(super) fn judgement(results: &Results, policy: &str, metric: &str) -> Option<Judgement> {
    difference(results, policy, metric).and_then(|d| d.verdict)
}

/// The verdict in words.
pub(super) fn word(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Better => "better",
        Judgement::Worse => "worse",
        Judgement::Equivalent => "equivalent",
        Judgement::NoDifferenceShown => "no difference shown",
    }
}

/// Whether a policy is better (or worse) than the baseline on the whole.
fn overall(results: &Results, headline: &[Measure], policy: &str, wanted: Judgement) -> bool {
    let mut once = false;
    for measure in headline {
        let Some(d) = difference(results, policy, &measure.name) else {
            return false;
        };
        if d.verdict == Some(wanted) {
            once = true;
        } else if !excludes(d, measure.better, wanted) {
            return false;
        }
    }
    once
}

/// Whether the interval excludes the opposite of `wanted` beyond the least effect.
fn excludes(d: &Difference, better: Better, wanted: Judgement) -> bool {
    let least = d.min_effect.unwrap_or(0.0);
    let not_below = d.interval[0].is_some_and(|lo| lo >= -least);
    let not_above = d.interval[1].is_some_and(|hi| hi <= least);
    match (better, wanted) {
        (Better::Higher, Judgement::Better) | (Better::Lower, Judgement::Worse) => not_below,
        (Better::Lower, Judgement::Better) | (Better::Higher, Judgement::Worse) => not_above,
        _ => not_below && not_above,
    }
}

/// Orders two policies by one metric, the better first; what has no value comes last.
fn compare(results: &Results, measure: &Measure, a: &str, b: &str) -> Ordering {
    let value = |name: &str| {
        results
            .policies
            .iter()
            .find(|policy| policy.name == name)
            .and_then(|policy| policy.metrics.get(&measure.name))
            .map(|e| match measure.better {
                Better::Higher => -e.value,
                Better::Lower => e.value,
                Better::Neither => 0.0,
            })
            .unwrap_or(f64::INFINITY)
    };
    value(a).total_cmp(&value(b))
}

/// The policies as every table and chart lists them: by success, then by cost, then as written.
pub(super) fn in_order(results: &Results) -> Vec<&PolicyResults> {
    let mut policies: Vec<&PolicyResults> = results.policies.iter().collect();
    let by = ["success_ratio", "cost_usd_per_success"].map(|name| Measure::of(results, name));
    policies.sort_by(|a, b| {
        by.iter()
            .map(|m| compare(results, m, &a.name, &b.name))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    policies
}

/// Both halves of a mixture: "success 42 %, else 79 %"; a mean describes neither.
pub(super) fn halves(results: &Results, stability: &Stability) -> Option<String> {
    let [locked, other] = stability.success_locked_other?;
    let measure = Measure::of(results, "success_ratio");
    let value = |share: f64| format!("{}{}", fixed(measure.scaled(share), 0), measure.suffix);
    Some(format!("success {}, else {}", value(locked), value(other)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_best_of_those_better_overall_is_named() {
        let results = fixture::outage();
        let reading = read(&results);
        assert_eq!(
            reading.finding,
            Finding::Better {
                best: "breaker-failover",
            }
        );
    }

    #[test]
    fn an_interval_that_reaches_a_loss_beyond_the_least_effect_is_no_overall_win() {
        let mut results = fixture::outage();
        for d in &mut results.differences {
            if d.metric == "cost_usd_per_success" {
                d.verdict = Some(Judgement::NoDifferenceShown);
                d.interval = [Some(-0.01), None];
            }
        }
        assert!(matches!(read(&results).finding, Finding::TradeOff(_)));
    }

    #[test]
    fn without_verdicts_nothing_is_claimed() {
        let mut results = fixture::outage();
        for d in &mut results.differences {
            d.verdict = None;
        }
        assert_eq!(read(&results).finding, Finding::TooFew);
        results.policies.truncate(1);
        results.compare.baseline = results.policies[0].name.clone();
        results.differences.clear();
        assert_eq!(read(&results).finding, Finding::Alone);
    }
}
