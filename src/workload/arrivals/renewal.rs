//! Gaps of a mean of one between calls, ready to be drawn; what `gamma` and `weibull` share.

use std::sync::Arc;

use crate::base::quantile::{Table, invert};
use crate::base::{Check, Draws, Instant, Purpose};

use super::after;

/// A law of gaps with its rate.
#[derive(Clone, Debug)]
pub struct Gaps {
    rate_per_s: f64,
    quantile: Arc<Table>,
    /// Of the first gap, which began before the run.
    first: Arc<Table>,
}

impl Gaps {
    /// From the quantile functions of a gap and of the first, in units of the mean gap.
    pub(super) fn new(
        rate_per_s: f64,
        quantile: impl Fn(f64) -> f64,
        first: impl Fn(f64) -> f64,
    ) -> Gaps {
        Gaps {
            rate_per_s,
            quantile: Arc::new(Table::new(quantile)),
            first: Arc::new(Table::new(first)),
        }
    }

    /// When call `n` comes, given the sum of the gaps before it, to which its own is added.
    pub(super) fn next(&self, n: u64, sum: &mut f64, draws: &Draws) -> Instant {
        let u = draws.unit(Purpose::Arrival, n, 0);
        let law = if n == 0 { &self.first } else { &self.quantile };
        *sum += law.at(u);
        after(*sum / self.rate_per_s)
    }
}

/// A spread like that of chance: Poisson.
pub(super) fn as_chance() -> f64 {
    1.0
}

pub(super) fn check_cv(check: &mut Check, cv: f64) {
    if !(0.1..=20.0).contains(&cv) {
        check
            .mistake("cv", "an absurd spread of gaps", "not between 0.1 and 20")
            .help("1 is Poisson; clients of real services lie between 0.9 and 6");
    }
}

/// The inverse of a distribution function of a positive quantity with mean near one.
pub(super) fn inverse(law: impl Fn(f64) -> f64, u: f64) -> f64 {
    libm::exp(invert(|log| law(libm::exp(log)), -40.0, 12.0, u))
}
