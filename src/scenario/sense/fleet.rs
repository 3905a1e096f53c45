//! Warnings about what processes share in vain, and endpoints.

use crate::base::Check;
use crate::policy::breaker::{self, each::Each};
use crate::policy::route::Endpoint;
use crate::policy::{self, fleet};
use crate::scenario::parts::Parts;

use super::vain;

/// What is the fleet's where there is one process, and a delay of nothing.
pub(super) fn alone(
    config: &policy::Config,
    processes: Option<u32>,
    knows: &dyn Fn(&str) -> bool,
    check: &mut Check,
) {
    let scopes = fleet::scopes(config);
    let all = ["budget", "quota", "throttle", "hedging", "breaker", "trip"];
    if scopes.is_empty() && config.fleet != fleet::Config::default() && all.iter().all(|k| knows(k))
    {
        check
            .warning("fleet.sync", "the processes share nothing", "of no use")
            .help("write scope = \"fleet\" at a budget, `trip`, a throttle or a quota");
    }
    let none = matches!(config.breaker, breaker::Config::None(_));
    if none && config.trip.scope.is_fleet() && vain::opens(config) {
        check
            .warning("trip.scope", "each process opens by its own alarms", "there is no breaker")
            .help("what an alarm opens without a breaker is its own process's; give the policy a breaker");
    }
    for key in scopes.iter().filter(|_| processes == Some(1)) {
        if knows(key.split('.').next().unwrap_or_default()) {
            check
                .warning(key, "a fleet of one process", "shared with nobody")
                .help(
                    "raise `workload.processes`, or leave the scope out: the numbers are the same",
                );
        }
    }
}

/// Breakers for a label that no two endpoints of the route have in common.
pub(super) fn each(config: &policy::Config, parts: &Parts, check: &mut Check) {
    let each = config.trip.each;
    let none = matches!(config.breaker, breaker::Config::None(_));
    if each == Each::Endpoint || none {
        return;
    }
    if labelled(config, parts).is_some_and(|endpoints| each.leaders(&endpoints).is_empty()) {
        check
            .warning(
                "trip.each",
                "every endpoint has a breaker of its own all the same",
                "no two endpoints of the route have this label in common",
            )
            .help("label the providers that fail together");
    }
}

/// The endpoints of a route with their labels; None if those are not known.
pub(super) fn labelled<'a>(config: &policy::Config, parts: &'a Parts) -> Option<Vec<Endpoint<'a>>> {
    if parts.lacks.providers {
        return None;
    }
    let route = parts.asked_by(config);
    let mut endpoints = Vec::new();
    for (name, provider) in &parts.providers {
        let labels = ["vendor", "model", "region", "account", "group"];
        let known = labels.iter().all(|label| provider.knows(label));
        let config = provider.value.as_ref().filter(|_| known)?;
        if route.contains(&name.as_str()) {
            endpoints.push(Endpoint {
                name,
                vendor: config.vendor.as_deref(),
                model: config.model.as_deref(),
                region: config.region.as_deref(),
                account: config.account.as_deref(),
                group: config.group.as_deref(),
                ..Endpoint::default()
            });
        }
    }
    Some(endpoints)
}
