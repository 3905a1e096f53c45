//! Whether a policy is better on the whole: what its verdicts add up to.

use std::cmp::Ordering;

use super::metric::{Better, Metric};
use super::results::{Difference, Judgement, Results};

impl Results {
    /// Whether a policy is better than the baseline on the whole: better on one headline metric,
    /// and on each other its interval excludes a loss beyond the least effect. None where nothing
    /// was judged.
    pub fn better_overall(&self, policy: &str) -> Option<bool> {
        let headline: Vec<&Difference> = self
            .differences
            .iter()
            .filter(|d| d.policy == policy && self.compare.metrics.contains(&d.metric))
            .collect();
        if headline.iter().all(|d| d.verdict.is_none()) {
            return None;
        }
        let one_better = headline
            .iter()
            .any(|d| d.verdict == Some(Judgement::Better));
        let all_there = headline.len() == self.compare.metrics.len();
        Some(one_better && all_there && headline.iter().all(|d| d.excludes_loss()))
    }
}

impl Results {
    /// Whether a policy is better than the baseline on some headline metric.
    pub fn better_somewhere(&self, policy: &str) -> bool {
        self.differences
            .iter()
            .any(|d| d.policy == policy && d.verdict == Some(Judgement::Better))
    }

    /// The policy that is named first: of those better than the baseline overall (if there are
    /// none: anywhere) the one with the best estimate of the first headline metric, then of the
    /// next.
    pub fn leader(&self) -> Option<&str> {
        let names = || self.policies.iter().map(|policy| policy.name.as_str());
        let overall = |name: &&str| self.better_overall(name) == Some(true);
        let best = |of: &mut dyn Iterator<Item = &'_ str>| -> Option<usize> {
            let places = of.filter_map(|name| names().position(|other| other == name));
            places.min_by(|&a, &b| self.order(a, b))
        };
        let place = best(&mut names().filter(overall))
            .or_else(|| best(&mut names().filter(|name| self.better_somewhere(name))))?;
        Some(&self.policies[place].name)
    }

    /// Two policies by their headline metrics, the better first; what has no value comes last.
    fn order(&self, a: usize, b: usize) -> Ordering {
        let value = |policy: usize, name: &str| {
            let value = self.policies[policy].metrics.get(name)?.value;
            match Metric::named(name)?.better {
                Better::Higher => Some(-value),
                Better::Lower => Some(value),
                Better::Neither => Some(0.0),
            }
        };
        let of = |policy, name| value(policy, name).unwrap_or(f64::INFINITY);
        let mut orders = self
            .compare
            .metrics
            .iter()
            .map(|name| of(a, name).total_cmp(&of(b, name)));
        orders
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl Difference {
    /// Whether the interval excludes a loss beyond the least effect.
    fn excludes_loss(&self) -> bool {
        let effect = self.min_effect.unwrap_or(0.0);
        let [low, high] = self.interval;
        match Metric::named(&self.metric).map(|metric| metric.better) {
            Some(Better::Higher) => low.is_some_and(|low| low >= -effect),
            Some(Better::Lower) => high.is_some_and(|high| high <= effect),
            Some(Better::Neither) | None => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::results::Compare;

    #[test]
    fn the_leader_is_the_best_on_the_first_headline_metric() {
        use crate::record::results::{Estimate, PolicyResults};
        let policy = |name: &str, success: f64, cost: f64| {
            let estimate = |value| Estimate {
                value,
                ..Estimate::default()
            };
            PolicyResults {
                name: name.into(),
                metrics: [("success_ratio", success), ("cost_usd_total", cost)]
                    .map(|(metric, value)| (metric.into(), estimate(value)))
                    .into(),
                ..PolicyResults::default()
            }
        };
        let judged = |policy: &str, cost: Judgement| {
            [
                ("success_ratio", Judgement::Better),
                ("cost_usd_total", cost),
            ]
            .map(|(metric, verdict)| Difference {
                policy: policy.into(),
                metric: metric.into(),
                interval: match verdict {
                    Judgement::Worse => [Some(0.5), Some(0.6)],
                    _ => [Some(0.0), Some(0.0)],
                },
                verdict: Some(verdict),
                ..Difference::default()
            })
        };
        let mut results = Results {
            compare: Compare {
                metrics: vec!["success_ratio".into(), "cost_usd_total".into()],
                baseline: "base".into(),
                ..Compare::default()
            },
            policies: vec![
                policy("base", 0.5, 1.0),
                policy("dear", 0.9, 2.0),
                policy("cheap", 0.8, 0.9),
                policy("cheaper", 0.8, 0.8),
            ],
            ..Results::default()
        };
        assert_eq!(results.leader(), None);
        results.differences.extend(judged("dear", Judgement::Worse));
        assert_eq!(results.leader(), Some("dear"), "better somewhere");
        results
            .differences
            .extend(judged("cheap", Judgement::Equivalent));
        assert_eq!(results.leader(), Some("cheap"), "better overall goes first");
        results
            .differences
            .extend(judged("cheaper", Judgement::Equivalent));
        assert_eq!(results.leader(), Some("cheaper"), "then the next metric");
    }

    #[test]
    fn one_gain_does_not_make_up_for_a_loss() {
        let difference = |metric: &str, interval: [f64; 2], verdict| Difference {
            policy: "b".into(),
            metric: metric.into(),
            interval: interval.map(Some),
            verdict: Some(verdict),
            min_effect: Some(0.1),
            ..Difference::default()
        };
        let results = |cost: [f64; 2]| Results {
            compare: Compare {
                metrics: vec!["success_ratio".into(), "cost_usd_total".into()],
                ..Compare::default()
            },
            differences: vec![
                difference("success_ratio", [0.2, 0.3], Judgement::Better),
                difference("cost_usd_total", cost, Judgement::NoDifferenceShown),
            ],
            ..Results::default()
        };
        assert_eq!(results([-1.0, 0.1]).better_overall("b"), Some(true));
        assert_eq!(results([-1.0, 0.2]).better_overall("b"), Some(false));
        assert_eq!(results([-1.0, 0.1]).better_overall("a"), None);
    }
}
