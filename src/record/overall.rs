//! Whether a policy is better on the whole: what its verdicts add up to.

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
