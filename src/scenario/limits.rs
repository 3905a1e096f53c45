//! `metric.NAME = { min, max }` and `{ value, within }`: limits in the metric's unit.

use serde::Deserialize;

use super::compare::quantity;
use super::expect::Reader;
use super::model::{Condition, LAW_REPLICATIONS};
use super::quantity::Quantity;
use super::report::Severity;
use crate::record::metric::{Formula, Metric};

/// `metric.NAME`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Limits {
    min: Option<Quantity>,
    max: Option<Quantity>,
    value: Option<Quantity>,
    within: Option<Quantity>,
}

impl Reader<'_, '_> {
    /// Notes the conditions of one metric.
    pub(super) fn limits(&mut self, metric: &'static Metric, limits: &Limits) {
        let name = metric.name;
        let min = limits
            .min
            .as_ref()
            .and_then(|q| self.limit(metric, q, "min"));
        let max = limits
            .max
            .as_ref()
            .and_then(|q| self.limit(metric, q, "max"));
        let value = limits
            .value
            .as_ref()
            .and_then(|q| self.limit(metric, q, "value"));
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            let path = &["metric", name, "min"][..];
            self.mistake(
                path,
                "nothing lies between these limits",
                "above `max`",
                "swap them",
            );
        }
        self.conditions
            .extend(min.map(|min| Condition::Min(metric, min)));
        self.conditions
            .extend(max.map(|max| Condition::Max(metric, max)));
        match (&limits.value, &limits.within) {
            (Some(_), Some(within)) => self.within(metric, value, within),
            // The other one may be what is wrong here.
            _ if !self.knows(&["metric", name]) => {}
            (Some(_), None) => self.mistake(
                &["metric", name, "value"],
                "a value without a tolerance",
                "within what?",
                "add `within`, such as within = \"2%\"",
            ),
            (None, Some(_)) => self.mistake(
                &["metric", name, "within"],
                "a tolerance without a value",
                "of what?",
                "add `value`, or use `min` and `max`",
            ),
            (None, None) if limits.min.is_none() && limits.max.is_none() => self.mistake(
                &["metric", name],
                "an expectation that expects nothing",
                "no limit",
                "give `min`, `max`, or `value` and `within`",
            ),
            (None, None) => {}
        }
    }

    fn within(&mut self, metric: &'static Metric, value: Option<f64>, within: &Quantity) {
        let path = &["metric", metric.name, "within"][..];
        let Some(value) = value else { return };
        let within = match within.percent() {
            Some(share) => Some((value * share).abs()),
            None => quantity(self.unit, path, metric, within, self.report),
        };
        match within {
            Some(within) if within > 0.0 => {
                self.conditions.push(Condition::Within {
                    metric,
                    value,
                    within,
                });
                // A maximum has no standard error that could be too large, and is judged by itself.
                if !matches!(metric.formula, Formula::Max(_)) {
                    self.few_replications(path);
                }
            }
            Some(_) => self.mistake(
                path,
                "a tolerance of nothing",
                "not more than 0",
                "no estimate hits a value exactly; a percentage is of `value`",
            ),
            None => {}
        }
    }

    /// Warns of a law that the run cannot show, however well it holds.
    fn few_replications(&mut self, path: &[&str]) {
        let Some(n) = self
            .names
            .replications
            .filter(|n| u64::from(*n) < LAW_REPLICATIONS)
        else {
            return;
        };
        let title = "this law cannot be shown";
        let label = format!("needs {LAW_REPLICATIONS} replications; the run has {n}");
        let mut warning = self.unit.mistake(path, title, label, self.report);
        warning.severity = Severity::Warning;
        let help =
            format!("set `run.replications = {LAW_REPLICATIONS}` or more, or use `min` and `max`");
        self.unit.push(path, warning.help(help), self.report);
    }

    /// Warns of a limit for a latency that no call can have: failures count as the deadline.
    fn beyond_deadline(&mut self, metric: &Metric, path: &[&str], limit_ms: f64) {
        let is_latency = metric.name.starts_with("latency_") || metric.name.starts_with("ttft_");
        let Some(deadline) = self.names.deadline.filter(|_| is_latency) else {
            return;
        };
        if limit_ms <= deadline.as_s_f64() * 1e3 {
            return;
        }
        let label = format!("nothing is known beyond the deadline of {deadline}");
        let mut warning = self
            .unit
            .value_mistake(path, "a limit beyond the deadline", label);
        warning.severity = Severity::Warning;
        let help = "a percentile at the deadline fails whatever the limit: lower it, or ask \
                    `success_ratio`";
        self.unit.push(path, warning.help(help), self.report);
    }

    /// A limit in the metric's unit; a share outside 0 to 1 can never decide anything.
    fn limit(&mut self, metric: &'static Metric, written: &Quantity, key: &str) -> Option<f64> {
        let path = &["metric", metric.name, key][..];
        let value = quantity(self.unit, path, metric, written, self.report)?;
        if metric.unit == "ratio" && !(0.0..=1.0).contains(&value) {
            let title = format!("`{}` lies between 0 and 1", metric.name);
            self.mistake(path, &title, "outside", "99 % is written 0.99 or \"99%\"");
            return None;
        }
        if value < 0.0 {
            let title = format!("`{}` is never negative", metric.name);
            self.mistake(path, &title, "below 0", "leave the limit out");
            return None;
        }
        self.beyond_deadline(metric, path, value);
        Some(value)
    }
}
