//! What pairing gained: how much less differences vary since all policies meet the same weather.

use super::results::Results;

impl Results {
    /// The median of var(independent) ÷ var(paired) over policies, for each headline metric that has any, in
    /// order.
    pub fn pairing_gains(&self) -> Vec<(&str, f64)> {
        let of = |metric: &'_ String| median(self.gains(Some(metric)));
        let metrics = self.compare.metrics.iter();
        metrics
            .filter_map(|metric| Some((metric.as_str(), of(metric)?)))
            .collect()
    }

    /// The same over all headline metrics together.
    pub fn pairing_gain(&self) -> Option<f64> {
        median(self.gains(None))
    }

    fn gains(&self, metric: Option<&str>) -> Vec<f64> {
        let wanted = |name: &str| match metric {
            Some(metric) => name == metric,
            None => self.compare.metrics.iter().any(|m| m == name),
        };
        let about = self.differences.iter().filter(|d| wanted(&d.metric));
        about.filter_map(|d| d.pairing_gain).collect()
    }
}

/// The middle one; of an even number the mean of the two in the middle.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    let high = *values.get(half)?;
    Some(match values.len() % 2 {
        1 => high,
        _ => 0.5 * (values[half - 1] + high),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::results::{Compare, Difference};

    #[test]
    fn it_is_the_median_over_policies_of_headline_metrics_alone() {
        let difference = |metric: &str, gain| Difference {
            metric: metric.into(),
            pairing_gain: gain,
            ..Difference::default()
        };
        let results = Results {
            compare: Compare {
                metrics: vec!["a".into(), "none".into(), "b".into()],
                ..Compare::default()
            },
            differences: vec![
                difference("a", Some(9.0)),
                difference("a", Some(1.0)),
                difference("a", Some(4.0)),
                difference("b", Some(2.0)),
                difference("b", None),
                difference("other", Some(1000.0)),
            ],
            ..Results::default()
        };
        assert_eq!(results.pairing_gains(), [("a", 4.0), ("b", 2.0)]);
        assert_eq!(results.pairing_gain(), Some(3.0));
        assert_eq!(Results::default().pairing_gain(), None);
    }
}
