//! Renewals with gamma gaps: arrivals that come in clumps, or more evenly than by chance.
//!
//! The gaps between calls are independent and follow a gamma law of the given coefficient of variation:
//! 1 is Poisson, 4 is a bursty client, 0.5 a metronome with some play. Gamma gaps fit most clients of real
//! services (ServeGen: half of the clients between 1.0 and 1.2 in ten minutes, one in ten above 2.2). The
//! first gap is what is left of one that was under way (the equilibrium law), so the expected number of
//! calls is the rate times the time, from the first instant on.

use serde::Deserialize;

use super::renewal::Gaps;
use crate::base::registry::Kind;
use crate::base::units::Rate;
use crate::base::{Check, Duration, gamma};
use crate::workload::trace::Trace;

/// This kind.
pub const INFO: Kind = Kind {
    name: "gamma",
    summary: "gaps from a gamma law: clumped, or more even than chance",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Calls per time, over all processes.
    pub rate: Rate,
    /// Standard deviation of a gap over its mean, 0.1 to 20.
    #[serde(default = "super::renewal::as_chance")]
    pub cv: f64,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::poisson::fast(check, "rate", self.rate);
        super::renewal::check_cv(check, self.cv);
    }

    pub(super) fn expected(&self, duration: Duration, _: Option<&Trace>) -> f64 {
        self.rate.per_s() * duration.as_s_f64()
    }

    pub(super) fn top_rate(&self) -> Option<f64> {
        None
    }

    /// Gaps in units of their mean: shape 1/cv², and scale cv².
    pub(super) fn gaps(&self) -> Gaps {
        let shape = shape(self.cv);
        Gaps::new(
            self.rate.per_s(),
            move |u| gamma::quantile(shape, u) / shape,
            move |u| first(shape, u),
        )
    }
}

/// The shape of a gamma law with this coefficient of variation.
pub(super) fn shape(cv: f64) -> f64 {
    1.0 / (cv * cv)
}

/// The first gap at `u`, in units of the mean gap: what is left of one that was under way.
pub(super) fn first(shape: f64, u: f64) -> f64 {
    // ∫₀ˣ (1 − F) ÷ mean, by parts.
    let residual = |x: f64| {
        let at = x * shape;
        x * gamma::upper(shape, at) + gamma::lower(shape + 1.0, at)
    };
    super::renewal::inverse(residual, u)
}
