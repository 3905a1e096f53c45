//! `trip.each`: what there is a breaker for: every endpoint, or all that have a label in common.
//!
//! Endpoints that fail together are better judged together: those of one vendor, or of one account
//! whose credit is used up. One breaker then hears of all of them, and opens for all of them.

use serde::{Deserialize, Serialize};

use crate::base::EndpointId;
use crate::policy::route::Endpoint;

/// What there is a breaker for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Each {
    /// Every endpoint.
    #[default]
    Endpoint,
    /// Whoever runs them.
    Vendor,
    /// The model.
    Model,
    /// Where they run.
    Region,
    /// The account that is billed and limited.
    Account,
    /// The group it is in.
    Group,
}

impl Each {
    /// Its value at an endpoint; an endpoint without the label is alone.
    fn value<'a>(self, endpoint: &Endpoint<'a>) -> Option<&'a str> {
        match self {
            Each::Endpoint => None,
            Each::Vendor => endpoint.vendor,
            Each::Model => endpoint.model,
            Each::Region => endpoint.region,
            Each::Account => endpoint.account,
            Each::Group => endpoint.group,
        }
    }

    /// By endpoint, the first that shares its breaker; empty if every endpoint has its own.
    pub fn leaders(self, endpoints: &[Endpoint<'_>]) -> Box<[EndpointId]> {
        let value = |place: usize| self.value(&endpoints[place]);
        let shares = |a: usize, b: usize| a == b || value(a).is_some() && value(a) == value(b);
        let first = |place: usize| (0..place).find(|&other| shares(other, place));
        if (0..endpoints.len()).all(|place| first(place).is_none()) {
            return Box::default();
        }
        (0..endpoints.len())
            .map(|place| EndpointId(first(place).unwrap_or(place) as u16))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_with_the_same_value_have_one_breaker_and_those_without_are_alone() {
        let of = |name, account| Endpoint {
            account,
            ..Endpoint::named(name)
        };
        let endpoints = [
            of("a", Some("x")),
            of("b", None),
            of("c", Some("y")),
            of("d", Some("x")),
            of("e", None),
            of("f", Some("y")),
        ];
        let ids = Each::Account.leaders(&endpoints);
        let ids: Vec<u16> = ids.iter().map(|id| id.0).collect();
        assert_eq!(ids, [0, 1, 2, 0, 4, 2]);
        // Nobody has this label, and nobody's name is shared: nothing to look up.
        assert!(Each::Region.leaders(&endpoints).is_empty());
        assert!(Each::Endpoint.leaders(&endpoints).is_empty());
    }
}
