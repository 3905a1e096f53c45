//! Where the tree has choices: what merging and shorthands must know before anything is typed.
//!
//! The names of kinds come from the rooms' registries; only the places are listed here.

use super::by_priority;
use crate::base::dist::DIST_KINDS;
use crate::base::registry::Kind;
use crate::fault::{hits, schedule};
use crate::policy::backoff::jitter::JITTER_KINDS;
use crate::policy::breaker::readmit;
use crate::policy::route::groups;
use crate::policy::{
    backoff, breaker, budget, fallback, guard, hedge, limiter, monitor, quota, route, throttle,
};
use crate::provider::{capacity, latency};
use crate::workload::{arrivals, shape, tokens};

/// How the kinds of a place behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One kind: another kind replaces it whole.
    Choice,
    /// Any number of kinds: they add up, `"none"` clears them.
    Set,
    /// One kind, and a plain value stands for `constant`.
    Distribution,
}

/// One place that has kinds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The keys from the root; `*` is any one key.
    pub pattern: &'static str,
    /// What the choice is called in messages.
    pub room: &'static str,
    /// How its kinds behave.
    pub shape: Shape,
    /// Kinds that may be written as one plain value, and the key it stands for.
    pub main_keys: &'static [(&'static str, &'static str)],
    names: Names,
}

#[derive(Clone, Copy, Debug)]
enum Names {
    Registry(&'static [Kind]),
    List(&'static [&'static str]),
}

impl Place {
    /// The names of its kinds.
    pub(super) fn kinds(&self) -> Vec<&'static str> {
        match self.names {
            Names::Registry(kinds) => kinds.iter().map(|kind| kind.name).collect(),
            Names::List(names) => names.to_vec(),
        }
    }

    const fn with(self, main_keys: &'static [(&'static str, &'static str)]) -> Place {
        Place { main_keys, ..self }
    }
}

/// The place at a path, if it has kinds.
pub(super) fn place(path: &[String]) -> Option<&'static Place> {
    // What a priority has of its own is a policy once more.
    if let [policy, name, key, _, rest @ ..] = path
        && policy == "policy"
        && key == by_priority::KEY
    {
        return place(&[&[policy.clone(), name.clone()], rest].concat());
    }
    PLACES.iter().find(|place| matches(place.pattern, path))
}

/// Whether a path fits a pattern.
pub(super) fn matches(pattern: &str, path: &[String]) -> bool {
    let mut keys = path.iter();
    for part in pattern.split('.') {
        match keys.next() {
            Some(key) if part == "*" || part == key => {}
            _ => return false,
        }
    }
    keys.next().is_none()
}

const fn choice(pattern: &'static str, room: &'static str, kinds: &'static [Kind]) -> Place {
    Place {
        pattern,
        room,
        shape: Shape::Choice,
        main_keys: &[],
        names: Names::Registry(kinds),
    }
}

const fn set(pattern: &'static str, room: &'static str, kinds: &'static [Kind]) -> Place {
    Place {
        shape: Shape::Set,
        ..choice(pattern, room, kinds)
    }
}

const fn distribution(pattern: &'static str) -> Place {
    Place {
        pattern,
        room: "distribution",
        shape: Shape::Distribution,
        main_keys: &[],
        names: Names::List(DIST_KINDS),
    }
}

const fn jitter(pattern: &'static str) -> Place {
    Place {
        room: "jitter",
        shape: Shape::Choice,
        names: Names::Registry(JITTER_KINDS),
        ..distribution(pattern)
    }
}

/// `backoff.schedule = ["1s", "5s"]`.
const LIST_OF_WAITS: &[(&str, &str)] = &[("schedule", "waits")];

/// `route.failover = ["a", "b"]`, `route.single = "a"`.
const LISTS_OF_ENDPOINTS: &[(&str, &str)] = &[
    ("failover", "endpoints"),
    ("single", "endpoint"),
    ("round-robin", "endpoints"),
    ("weighted", "endpoints"),
    ("least-busy", "endpoints"),
    ("latency", "endpoints"),
    ("lowest-cost", "endpoints"),
    ("usage", "endpoints"),
];

/// Every place that has kinds.
pub(super) const PLACES: &[Place] = &[
    choice("policy.*.route", route::ROOM, route::KINDS).with(LISTS_OF_ENDPOINTS),
    choice("policy.*.groups", groups::ROOM, groups::KINDS),
    choice("policy.*.retry.backoff", backoff::ROOM, backoff::KINDS).with(LIST_OF_WAITS),
    choice("policy.*.on.*.backoff", backoff::ROOM, backoff::KINDS).with(LIST_OF_WAITS),
    jitter("policy.*.retry.backoff.*.jitter"),
    jitter("policy.*.on.*.backoff.*.jitter"),
    choice("policy.*.breaker", breaker::ROOM, breaker::KINDS),
    choice("policy.*.readmit", readmit::ROOM, readmit::KINDS),
    jitter("policy.*.trip.jitter"),
    choice("policy.*.throttle", throttle::ROOM, throttle::KINDS),
    choice("policy.*.hedge", hedge::ROOM, hedge::KINDS).with(&[("percentile", "at")]),
    choice("policy.*.limiter", limiter::ROOM, limiter::KINDS),
    set("policy.*.fallback", fallback::ROOM, fallback::KINDS),
    choice("policy.*.monitor.*.test", monitor::ROOM, monitor::KINDS),
    set("policy.*.budget", budget::ROOM, budget::KINDS),
    set("policy.*.guard", guard::ROOM, guard::KINDS),
    set("policy.*.quota", quota::ROOM, quota::KINDS),
    choice("provider.*.latency", latency::ROOM, latency::KINDS).with(&[("profile", "name")]),
    choice("provider.*.capacity", capacity::ROOM, capacity::KINDS),
    distribution("provider.*.latency.distribution.first-token"),
    distribution("provider.*.latency.distribution.per-token"),
    distribution("provider.*.capacity.autoscaled.delay"),
    distribution("provider.*.cold-start.takes"),
    distribution("provider.*.network.out"),
    distribution("provider.*.network.back"),
    distribution("provider.*.limits.others.share"),
    distribution("pool.*.limits.others.share"),
    choice(
        "fault.*.effect",
        crate::fault::effect::ROOM,
        crate::fault::effect::KINDS,
    ),
    choice("fault.*.schedule", schedule::ROOM, schedule::KINDS)
        .with(&[("profile", "name"), ("replay", "file")]),
    distribution("fault.*.schedule.incidents.lasts"),
    choice("fault.*.hits", hits::ROOM, hits::KINDS),
    choice("workload.arrivals", arrivals::ROOM, arrivals::KINDS)
        .with(&[("trace", "file"), ("clients", "file")]),
    distribution("workload.arrivals.batch.size"),
    distribution("workload.arrivals.closed.think"),
    choice("workload.shape", shape::ROOM, shape::KINDS),
    distribution("workload.conversations.think"),
    distribution("workload.conversations.gap"),
    distribution("workload.impatience.after"),
    distribution("workload.impatience.pause"),
    choice("workload.tenant.*.tokens", tokens::ROOM, tokens::KINDS)
        .with(&[("profile", "name"), ("sample", "file")]),
    distribution("workload.tenant.*.tokens.distribution.input"),
    distribution("workload.tenant.*.tokens.distribution.output"),
    choice("workload.tokens", tokens::ROOM, tokens::KINDS)
        .with(&[("profile", "name"), ("sample", "file")]),
    distribution("workload.tokens.distribution.input"),
    distribution("workload.tokens.distribution.output"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split('.').map(String::from).collect()
    }

    #[test]
    fn a_pattern_fits_paths_of_its_own_length_only() {
        let found = |text| place(&path(text)).map(|place| place.room);
        assert_eq!(found("policy.a.retry.backoff"), Some("backoff"));
        assert_eq!(found("policy.a.on.overloaded.backoff"), Some("backoff"));
        assert_eq!(found("policy.a.retry.backoff.linear"), None);
        assert_eq!(
            found("policy.a.retry.backoff.linear.jitter"),
            Some("jitter")
        );
        assert_eq!(found("fault.0.effect"), Some("effect"));
        assert_eq!(found("policy"), None);
        assert_eq!(
            found("policy.a.priority.batch.retry.backoff"),
            Some("backoff")
        );
        assert_eq!(found("policy.a.priority.batch"), None);
    }

    #[test]
    fn every_main_key_belongs_to_a_kind_of_its_place() {
        for place in PLACES {
            for (kind, _) in place.main_keys {
                assert!(place.kinds().contains(kind), "{} {kind}", place.pattern);
            }
        }
    }
}
