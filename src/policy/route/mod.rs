//! Routing: which endpoint is asked first, and which after it.
//!
//! A kind orders the endpoints of the route for a call's first attempt, and those it has not tried
//! yet once more before each of the following ones. It only says what it would like: breakers,
//! attempts per endpoint and what an endpoint said of itself are the engine's business.

pub mod endpoint;
pub mod failover;
pub mod groups;
pub mod latency;
pub mod least_busy;
pub mod ledger;
pub mod limits;
pub mod lowest_cost;
pub mod round_robin;
pub mod router;
pub mod single;
pub mod steering;
pub mod usage;
pub mod weighted;

use serde::{Deserialize, Serialize};

use crate::base::Check;
use crate::base::registry::registry;

pub use endpoint::Endpoint;
pub use failover::OnFailure;

registry! {
    /// The order of endpoints.
    #[derive(serde::Serialize)]
    "route": Failover = failover, Single = single, RoundRobin = round_robin, Weighted = weighted,
    LeastBusy = least_busy, Latency = latency, LowestCost = lowest_cost, Usage = usage
}

impl Default for Config {
    fn default() -> Config {
        Config::Failover(failover::Config::default())
    }
}

impl Config {
    /// The providers that are named; none: [`Self::most`] of all, in order of the file.
    pub fn endpoints(&self) -> &[String] {
        match self {
            Config::Single(kind) => kind.endpoint.as_slice(),
            Config::Failover(kind) => &kind.endpoints,
            Config::RoundRobin(kind) => &kind.endpoints,
            Config::Weighted(kind) => &kind.endpoints,
            Config::LeastBusy(kind) => &kind.endpoints,
            Config::Latency(kind) => &kind.endpoints,
            Config::LowestCost(kind) => &kind.endpoints,
            Config::Usage(kind) => &kind.endpoints,
        }
    }

    /// What a failure that may be retried leads to.
    pub fn on_failure(&self) -> OnFailure {
        match self {
            // There is no next one.
            Config::Single(_) => OnFailure::ExhaustThenNext,
            Config::Failover(kind) => kind.on_failure,
            Config::RoundRobin(kind) => kind.on_failure,
            Config::Weighted(kind) => kind.on_failure,
            Config::LeastBusy(kind) => kind.on_failure,
            Config::Latency(kind) => kind.on_failure,
            Config::LowestCost(kind) => kind.on_failure,
            Config::Usage(kind) => kind.on_failure,
        }
    }

    /// The most endpoints it asks of those it could.
    pub fn most(&self) -> usize {
        match self {
            Config::Single(_) => 1,
            _ => usize::MAX,
        }
    }

    /// The endpoints it asks, of all that could answer, in the order of the file.
    pub fn asked<'a>(&'a self, all: &[&'a str]) -> Vec<&'a str> {
        match self.endpoints() {
            [] => all.iter().copied().take(self.most()).collect(),
            named => named.iter().map(String::as_str).collect(),
        }
    }

    /// Whether both ask the same endpoints of the same providers.
    pub fn asks_the_same(&self, other: &Config) -> bool {
        let (own, others) = (self.endpoints(), other.endpoints());
        own == others && (!own.is_empty() || self.most() == other.most())
    }

    /// The keys below `route` at which its nth endpoint is named.
    pub fn key_of_endpoint(&self, nth: usize) -> String {
        match self {
            Config::Single(_) => format!("{}.endpoint", self.kind()),
            kind => format!("{}.endpoints.{nth}", kind.kind()),
        }
    }
}

/// Which of several equally good endpoints is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ties {
    /// The first of the route.
    #[default]
    First,
    /// One drawn at random.
    Random,
}

/// Moves so many, drawn at random, to the front.
fn shuffle(places: &mut [u8], front: usize, u: &mut dyn FnMut() -> f64) {
    for i in 0..front {
        let left = places.len() - i;
        let drawn = i + ((u() * left as f64) as usize).min(left - 1);
        places.swap(i, drawn);
    }
}

/// Notes endpoints that are named twice.
fn check_endpoints(endpoints: &[String], check: &mut Check) {
    for (i, name) in endpoints.iter().enumerate() {
        if let Some(first) = endpoints[..i].iter().position(|other| other == name) {
            let path = check.path(&format!("endpoints.{first}"));
            check
                .mistake(
                    &format!("endpoints.{i}"),
                    "an endpoint named twice",
                    "again here",
                )
                .also(path, "first here");
        }
    }
}

#[cfg(test)]
mod tests;
