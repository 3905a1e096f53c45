//! What the drift monitors of a policy said, in a sentence.

use super::measure::Measure;
use crate::record::Results;
use crate::record::results::{Estimate, PolicyResults};

/// Faults that are told one by one.
const MOST: usize = 3;

/// How often they alarmed, how often falsely, and how they met each fault; None of a policy without.
pub(super) fn told(results: &Results, policy: &PolicyResults) -> Option<String> {
    let value = |name: &str, estimate: &Estimate| Measure::of(results, name).value(estimate);
    let alerts = policy.metrics.get("alerts")?;
    let mut said = format!("{} in one run", value("alerts", alerts));
    if let Some(wrong) = policy.metrics.get("false_alerts") {
        said.push_str(&format!(", {} of them false", value("false_alerts", wrong)));
    }
    let met = results.faults.iter().filter_map(|fault| {
        let metrics = policy.during.get(&fault.name)?;
        let share = metrics.get("alerted_ratio")?;
        let delay = metrics.get("alert_delay_s").filter(|_| share.value > 0.0);
        let delay = delay.map_or(String::new(), |delay| {
            format!(", after {}", value("alert_delay_s", delay))
        });
        let share = value("alerted_ratio", share);
        Some(format!("{} met in {share} of runs{delay}", fault.name))
    });
    for one in met.take(MOST) {
        said.push_str(&format!("; {one}"));
    }
    Some(said)
}
