//! `mixture`: log-normal parts, each with its share: a body and a tail, or the habits of several callers.
//!
//! Answers and waits of real services are rarely one log-normal: a single one misses measured token counts by up
//! to 0.2 of the distribution function where two or three parts miss them by 0.02 to 0.07.

use serde::Deserialize;

use super::{LogNormalPart, Quantity, Sampler};
use crate::base::Check;

/// Settings of a mixture.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mixture<T> {
    /// Its parts, 1 to 8.
    pub parts: Vec<Part<T>>,
}

/// One part of a mixture.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part<T> {
    /// How much of all values it gives; the shares are normalised.
    pub share: f64,
    /// Its median.
    pub median: T,
    /// The standard deviation of its logarithm, 0 to 3.
    pub sigma: f64,
}

/// Parts more than these are no law but a table.
const MOST: usize = 8;

impl<T: Quantity> Mixture<T> {
    /// The sampler. The settings have been checked.
    pub(super) fn sampler(&self) -> Sampler {
        let part = |p: &Part<T>| LogNormalPart {
            w: p.share,
            mu: libm::log(p.median.value()),
            // A part without a spread would be a step; so narrow a one cannot be told from it.
            sigma: p.sigma.max(1e-6),
        };
        let parts: Vec<LogNormalPart> = self.parts.iter().map(part).collect();
        Sampler::log_normal_mixture(&parts)
    }

    /// Notes what no mixture can be.
    pub(super) fn check(&self, check: &mut Check) {
        if !(1..=MOST).contains(&self.parts.len()) {
            check
                .mistake(
                    "parts",
                    "a mixture of no parts or of too many",
                    "not 1 to 8",
                )
                .help("a law with more bends is better written as `quantiles`");
        }
        for (i, part) in self.parts.iter().enumerate() {
            check.at("parts", |check| {
                check.at(i.to_string(), |check| part.check(check));
            });
        }
    }
}

impl<T: Quantity> Part<T> {
    fn check(&self, check: &mut Check) {
        super::positive(check, "share", self.share);
        super::positive(check, "median", self.median.value());
        super::spread(check, "sigma", self.sigma);
    }
}
