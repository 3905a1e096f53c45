//! `status-page`: what a provider says of itself, late and not of everything.
//!
//! A person has to notice, to believe it and to write it down. A page tells of a fault `delay` after it
//! begins and of its end as long after that; of some it never tells (`misses`), nor of those that hit fewer
//! requests than `least`. Of answers that go bad and of prices no page tells. Who follows it
//! (`steering.status-page`) asks the provider last as long as its page says that there is trouble.

use serde::Deserialize;

use crate::base::Duration;
use crate::base::units::Ratio;

/// Settings of `status-page`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How long after a fault begins, or is over, the page says so.
    pub delay: Duration,
    /// The share of faults, or of their incidents, of which it never tells.
    #[serde(default)]
    pub misses: Ratio,
    /// It tells of nothing that hits a smaller share of requests.
    #[serde(default)]
    pub least: Ratio,
}
