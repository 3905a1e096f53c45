//! `readmit`: how a breaker lets traffic back when its open time is over.

pub mod at_once;
pub mod probes;
pub mod ramp;
pub mod unlimited;

use crate::base::registry::registry;

registry! {
    /// How traffic comes back.
    #[derive(serde::Serialize)]
    "readmit": Probes = probes, AtOnce = at_once, Unlimited = unlimited, Ramp = ramp
}

impl Default for Config {
    fn default() -> Config {
        Config::Probes(probes::Config::default())
    }
}

/// What opens a breaker again while it lets traffic back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Any failure.
    #[default]
    AnyFailure,
    /// What would have tripped it.
    Thresholds,
}
