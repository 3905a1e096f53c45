//! Hedging: asking twice at once, and taking the answer that comes first.
//!
//! A hedge buys a shorter tail for more load. The loser is aborted, and what it has used by then is
//! still paid for. Hedging at percentile X cannot improve percentile X, only those above it, and
//! against latencies that are slow for a common reason it gains nothing and costs all the same.

pub mod fixed;
pub mod none;

use crate::base::registry::registry;

registry! {
    /// When a call is asked twice.
    "hedge": None = none, Fixed = fixed
}

impl Default for Config {
    fn default() -> Config {
        Config::None(none::Config {})
    }
}
