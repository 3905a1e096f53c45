//! Breakers: when a client stops asking an endpoint.
//!
//! Closed means traffic flows. A kind decides when to trip; what happens then (open for a while,
//! then a few probes) is one machine for all kinds, in [`gate`].

pub mod consecutive;
pub mod gate;
pub mod none;
pub mod time_window;

use crate::base::registry::registry;

registry! {
    /// When a breaker trips.
    "breaker": None = none, Consecutive = consecutive, TimeWindow = time_window
}

impl Default for Config {
    fn default() -> Config {
        Config::None(none::Config {})
    }
}

/// What a breaker counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counts {
    /// Every attempt's ending.
    #[default]
    Attempts,
    /// Only the last attempt of a call at the endpoint. A probe counts as it ends all the same: its
    /// outcome is what the breaker waits for.
    Calls,
}
