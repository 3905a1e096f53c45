//! Renewals with Weibull gaps: a heavier tail of silences than the gamma law of the same spread.
//!
//! The gaps between calls are independent and follow a Weibull law of the given coefficient of variation;
//! ServeGen fits some clients by it where a gamma law does not do. The first gap is what is left of one
//! that was under way, as for `gamma`.

use serde::Deserialize;

use super::renewal::Gaps;
use crate::base::registry::Kind;
use crate::base::units::Rate;
use crate::base::{Check, Duration, gamma, quantile};
use crate::workload::trace::Trace;

/// This kind.
pub const INFO: Kind = Kind {
    name: "weibull",
    summary: "gaps from a Weibull law: clumped, with long silences",
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

    /// Gaps in units of their mean.
    pub(super) fn gaps(&self) -> Gaps {
        let law = Unit::new(self.cv);
        Gaps::new(
            self.rate.per_s(),
            move |u| law.gap(u),
            move |u| law.first(u),
        )
    }
}

/// A Weibull law with a mean of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    shape: f64,
    scale: f64,
}

impl Unit {
    /// With this coefficient of variation.
    pub(super) fn new(cv: f64) -> Unit {
        let shape = shape(cv);
        let scale = libm::exp(-libm::lgamma(1.0 + 1.0 / shape));
        Unit { shape, scale }
    }

    fn at(self, hazard: f64) -> f64 {
        self.scale * libm::pow(hazard, 1.0 / self.shape)
    }

    /// A gap at `u`.
    pub(super) fn gap(self, u: f64) -> f64 {
        self.at(quantile::exponential(u))
    }

    /// The first gap at `u`: ∫₀ˣ (1 − F) ÷ mean = P(1/k, (x/scale)ᵏ).
    pub(super) fn first(self, u: f64) -> f64 {
        self.at(gamma::quantile(1.0 / self.shape, u))
    }
}

/// The shape k of a Weibull law with this coefficient of variation: cv² + 1 = Γ(1 + 2/k) ÷ Γ(1 + 1/k)².
fn shape(cv: f64) -> f64 {
    let log = |k: f64| libm::lgamma(1.0 + 2.0 / k) - 2.0 * libm::lgamma(1.0 + 1.0 / k);
    let wanted = libm::log(1.0 + cv * cv);
    // The spread falls with the shape: 1 ÷ k is found from below.
    1.0 / quantile::invert(|inverse| log(1.0 / inverse), 0.01, 20.0, wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_gives_the_spread_it_was_found_for() {
        assert!((shape(1.0) - 1.0).abs() < 1e-9, "exponential");
        // Γ(5) ÷ Γ(3)² − 1 = 5 at shape ½.
        assert!((shape(5.0_f64.sqrt()) - 0.5).abs() < 1e-9);
        // Shape 2 is Rayleigh's law: 4/π − 1.
        let rayleigh = (4.0 / std::f64::consts::PI - 1.0).sqrt();
        assert!((shape(rayleigh) - 2.0).abs() < 1e-9);
    }
}
