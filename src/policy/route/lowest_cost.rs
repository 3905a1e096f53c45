//! The cheapest endpoint first; of equals the first of the route.
//!
//! By `price` the prices of a prompt token and of an answer token are added, as LiteLLM's
//! `cost-based-routing` does; by `request` the call's own prompt and its longest answer are priced,
//! which differs where one endpoint has cheap prompts and another cheap answers. An endpoint without
//! a price counts as `unpriced`: nothing, or in LiteLLM $5 a token. Everything goes to one endpoint
//! until it fails: it is no way to spread load.

use serde::{Deserialize, Serialize};

use super::endpoint::price_of;
use super::{OnFailure, limits};
use crate::base::Check;
use crate::base::registry::Kind;
use crate::base::units::Price;
use crate::base::wire::Request;

/// This kind.
pub const INFO: Kind = Kind {
    name: "lowest-cost",
    summary: "the cheapest endpoint first",
};

/// Settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Names of providers; empty: all, in order of the file.
    pub endpoints: Vec<String>,
    /// What a failure that may be retried leads to.
    pub on_failure: OnFailure,
    /// What is compared.
    pub by: By,
    /// What a price of nothing counts as.
    pub unpriced: Price,
    /// Leaves out endpoints that have used up their limits of the minute; absent: never.
    pub limits: Option<limits::Config>,
}

/// What is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// What the call costs if its answer is as long as it may be.
    #[default]
    Request,
    /// The price of a prompt token and that of an answer token, added.
    Price,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::check_endpoints(&self.endpoints, check);
        if let Some(limits) = &self.limits {
            limits.check(check);
        }
    }

    /// Orders places of the route by cost; `prices` are those of a prompt and of an answer token.
    pub(super) fn order(&self, places: &mut [u8], prices: &[(u64, u64)], request: &Request) {
        places.sort_by_key(|&place| {
            let priced = |price: u64| match price {
                0 => self.unpriced.pico_per_token,
                price => price,
            };
            let (input, output) = prices[usize::from(place)];
            let (input, output) = (priced(input), priced(output));
            match self.by {
                By::Request => price_of(input, output, request),
                By::Price => u128::from(input) + u128::from(output),
            }
        });
    }
}
