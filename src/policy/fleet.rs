//! `fleet`: what the processes of a client know of each other, and how late.
//!
//! A client that runs in many processes has as many breakers, budgets and quotas: a hundred replicas
//! with a budget each have a hundred budgets, and a breaker that needs twenty endings in a minute
//! never trips in a process that sees five. What has the scope `fleet` is kept for all of them
//! together. A process knows at once what it did itself, and what the others did up to `sync` late:
//! every `sync` all of them adopt what one process would know that had seen everybody's traffic. In
//! between each decides by itself, so with P processes up to P times as much may pass as one would let
//! pass between two exchanges.

use serde::{Deserialize, Serialize};

use super::breaker;
use crate::base::{Check, Duration};

/// Settings of `fleet`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// How often the processes exchange what they know, at multiples of it from time 0; from 1 ms to 24 h.
    pub sync: Duration,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            sync: Duration::from_s(1),
        }
    }
}

impl Config {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if self.sync < Duration::from_ms(1) || self.sync > Duration::from_s(24 * 3600) {
            check
                .mistake("sync", "an absurd time between exchanges", "not 1ms to 24h")
                .expected("such as \"1s\"");
        }
    }
}

/// Whose state it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Every process has its own.
    #[default]
    Process,
    /// All processes have one together, known to each of them up to `fleet.sync` late.
    Fleet,
}

impl Scope {
    /// Whether all processes have it together.
    pub fn is_fleet(self) -> bool {
        self == Scope::Fleet
    }
}

/// The settings of a policy that make something the fleet's, by their keys.
pub fn scopes(config: &super::config::Config) -> Vec<String> {
    let budgets = config.budget.0.iter().filter(|budget| budget.is_fleet());
    let quotas = config.quota.0.iter().filter(|quota| quota.is_fleet());
    let hedges = config.hedging.budget.as_ref();
    let breaks = !matches!(config.breaker, breaker::Config::None(_));
    let others = [
        ("trip.scope", breaks && config.trip.scope.is_fleet()),
        ("throttle.adaptive.scope", config.throttle.is_shared()),
        (
            "hedging.budget.scope",
            hedges.is_some_and(|share| share.scope == super::budget::Scope::Fleet),
        ),
    ];
    let others = others.iter().filter(|(_, is_fleet)| *is_fleet);
    budgets
        .map(|budget| format!("budget.{}.scope", budget.kind()))
        .chain(quotas.map(|quota| format!("quota.{}.scope", quota.kind())))
        .chain(others.map(|(key, _)| key.to_string()))
        .collect()
}
