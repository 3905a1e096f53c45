//! A price change: what answers cost that begin while it is on.
//!
//! A bill goes by the price of the moment its service began, whatever comes after. Clients go on by the
//! prices they know: routes, budgets and limits of cost do not hear of it.

use serde::Deserialize;

use super::{Effect, Factors, Reach};
use crate::base::Check;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "price",
    summary: "prices are a multiple of what they were",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How many times as dear; from 0 to 100, below 1 is cheaper.
    pub factor: f64,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if !(0.0..=100.0).contains(&self.factor) {
            check
                .mistake("factor", "an absurd price", "not between 0 and 100")
                .help("2 makes everything twice as dear");
        }
    }
}

impl Effect for Config {
    fn is_silent(&self) -> bool {
        true
    }

    fn factors(&self) -> Factors {
        Factors {
            price: self.factor,
            ..Factors::default()
        }
    }

    fn reach(&self) -> Reach {
        Reach::Provider
    }
}
