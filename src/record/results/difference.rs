//! One policy against another, and the verdict on it.

use serde::{Deserialize, Serialize};

/// One policy against the baseline in one metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The policy.
    pub policy: String,
    /// What it is compared with.
    pub baseline: String,
    /// The metric.
    pub metric: String,
    /// policy − baseline, in the metric's unit.
    pub value: f64,
    /// The paired interval; a bound that does not exist is null.
    pub interval: [Option<f64>; 2],
    /// Its level: 0.95, or 1 − 0.05 / family for headline metrics.
    pub level: f64,
    /// The verdict; only for headline metrics, and only from 16 replications.
    pub verdict: Option<Judgement>,
    /// ±this counts as no difference, in the metric's unit; only for headline metrics.
    pub min_effect: Option<f64>,
    /// Where no difference is shown: the smallest that these replications would have shown, in the metric's
    /// unit, which is how far the interval reaches from the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detectable: Option<f64>,
    /// Likewise: replications that would decide, if value and variance stayed as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replications_needed: Option<u64>,
    /// The replications at which the verdict was reached, where there were several looks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<u32>,
    /// var(independent) ÷ var(paired): what pairing gained.
    pub pairing_gain: Option<f64>,
}

/// What an interval says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// Excludes no difference and reaches beyond the least effect, the good way.
    Better,
    /// The same, the bad way.
    Worse,
    /// Lies within ± the least effect.
    Equivalent,
    /// Anything else.
    NoDifferenceShown,
}
