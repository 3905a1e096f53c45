//! Capacity: how much a provider can do at once, and what happens to what is too much.

pub mod slots;
pub mod unlimited;

use crate::base::registry::registry;

registry! {
    /// How much a provider can do at once.
    "capacity": Unlimited = unlimited, Slots = slots
}

impl Default for Config {
    fn default() -> Config {
        Config::Unlimited(unlimited::Config {})
    }
}
