//! At random, each endpoint with a weight: LiteLLM's `simple-shuffle`, Portkey's `loadbalance`.
//!
//! The order is drawn without replacement: the first with probability wᵢ/Σw, the next so among the
//! rest. Every endpoint draws an exponential time with its weight as the rate, and they are asked
//! in order of their times, which is the same law (Efraimidis and Spirakis, 2006). OpenRouter weighs by 1/price²:
//! `price-power = 2`; an endpoint without a price counts as the cheapest of those that have one. LiteLLM weighs by
//! requests a minute, or if nobody says any by tokens a minute, unless there are weights: `by = "limits"`.

use serde::{Deserialize, Serialize};

use super::OnFailure;
use super::limits::Limits;
use crate::base::registry::Kind;
use crate::base::{Check, quantile};

/// This kind.
pub const INFO: Kind = Kind {
    name: "weighted",
    summary: "at random, each endpoint with a weight",
};

/// Settings.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Names of providers; empty: all, in order of the file.
    pub endpoints: Vec<String>,
    /// What a failure that may be retried leads to.
    pub on_failure: OnFailure,
    /// A weight for each of `endpoints`, above 0; empty: all the same.
    pub weights: Vec<f64>,
    /// Divides each weight by the sum of both prices to this power, 0 to 8; 0: not.
    pub price_power: u8,
    /// What weighs where no `weights` are written.
    pub by: By,
}

/// What weighs where no weights are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// Nothing: all are the same.
    #[default]
    Weights,
    /// The endpoint's requests a minute; if none says any its tokens a minute. One that does not say gets
    /// what no other can take.
    Limits,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::check_endpoints(&self.endpoints, check);
        let n = self.endpoints.len();
        if !self.weights.is_empty() && self.weights.len() != n {
            check
                .mistake(
                    "weights",
                    "weights need an endpoint each",
                    format!("{} weights, {n} endpoints named", self.weights.len()),
                )
                .help("name as many `endpoints`, in the same order");
        }
        for (i, weight) in self.weights.iter().enumerate() {
            if !(1e-9..=1e9).contains(weight) {
                check
                    .mistake(&format!("weights.{i}"), "an absurd weight", "not above 0")
                    .expected("a number from 0.000000001 to 1000000000")
                    .help("leave an endpoint out of `endpoints` to send it nothing");
            }
        }
        if self.price_power > 8 {
            check
                .mistake("price-power", "an absurd power", "above 8")
                .help("1 divides by the price, 2 by its square");
        }
    }

    /// The weights of a route whose endpoints have these prices of a prompt and of an answer token, and
    /// these limits.
    pub(super) fn resolve(&self, prices: &[(u64, u64)], limits: &[Limits]) -> Vec<f64> {
        let own = match self.by {
            By::Limits if self.weights.is_empty() => &Limits::weights(limits),
            By::Limits | By::Weights => &self.weights,
        };
        let sum = |&(input, output): &(u64, u64)| input.saturating_add(output);
        let cheapest = prices.iter().map(sum).filter(|&price| price > 0).min();
        let cheapest = cheapest.unwrap_or(1);
        let weight = |(i, price): (usize, &(u64, u64))| {
            let price = match sum(price) {
                0 => cheapest,
                price => price,
            };
            // Relative to the cheapest, so that no power leaves the range of numbers.
            let share = cheapest as f64 / price as f64;
            let power = libm::pow(share, f64::from(self.price_power));
            own.get(i).copied().unwrap_or(1.0) * power
        };
        prices.iter().enumerate().map(weight).collect()
    }
}

/// Orders places of the route at random.
pub(super) fn order(places: &mut [u8], weights: &[f64], u: &mut dyn FnMut() -> f64) {
    let mut times = [0.0; super::router::MAX_PLACES];
    for &place in places.iter() {
        let place = usize::from(place);
        times[place] = quantile::exponential(u()) / weights[place];
    }
    let time = |place: &u8| times[usize::from(*place)];
    places.sort_by(|a, b| time(a).total_cmp(&time(b)));
}
