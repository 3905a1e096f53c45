//! What results say of chains of services.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::results::{Difference, Estimate};

/// One layer of a chain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LayerResults {
    /// The name of its policy.
    pub name: String,
    /// Calls that were sent to it, over all runs.
    pub calls: u64,
    /// Attempts it sent to the next layer or to providers, over all runs.
    pub attempts: u64,
    /// Attempts it sent ÷ calls sent to it; absent if none were. The product over all layers is the
    /// amplification of the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amplification: Option<Estimate>,
    /// The same by scope.
    pub during: BTreeMap<String, Estimate>,
}

/// A chain against itself without each of its layers that retry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LayerAudit {
    /// The name of the chain.
    pub policy: String,
    /// Its attempts at providers per call.
    pub amplification: f64,
    /// One for each layer that retries, in order.
    pub without: Vec<Without>,
    /// The layer whose retries are to be switched off, by its place in `without`: of those without which
    /// amplification is shown to fall, and success to be no worse than by the least effect that matters, the
    /// one without which it falls most. None: there is no such layer.
    pub switch_off: Option<usize>,
}

/// A chain in which one layer passes every call on once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Without {
    /// The name of the layer.
    pub layer: String,
    /// The name of the policy without it.
    pub policy: String,
    /// Its attempts at providers per call.
    pub amplification: f64,
    /// Amplification without the layer − with it; the levels of all intervals of an audit allow for their
    /// number.
    pub amplification_change: Difference,
    /// Success ratio without the layer − with it.
    pub success_change: Difference,
}
