//! Routing: which endpoint is asked next.

pub mod failover;

use crate::base::registry::registry;

registry! {
    /// The order of endpoints.
    "route": Failover = failover
}

impl Default for Config {
    fn default() -> Config {
        Config::Failover(failover::Config::default())
    }
}
