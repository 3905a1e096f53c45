//! Distributions that are ready to be drawn from, each by its quantile function.

use std::sync::Arc;

use serde::Deserialize;

use crate::base::quantile::{self, Table};

/// A component of a log-normal mixture: exp(Normal(mu, sigma)) with weight `w`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogNormalPart {
    /// Weight; the weights of a mixture are normalised.
    pub w: f64,
    /// Mean of the logarithm.
    pub mu: f64,
    /// Standard deviation of the logarithm.
    pub sigma: f64,
}

/// A ready-to-draw distribution.
#[derive(Clone, Debug)]
pub enum Sampler {
    /// Always the same value.
    Constant(f64),
    /// Uniform between two values.
    Uniform(f64, f64),
    /// Exponential with this mean.
    Exponential(f64),
    /// exp(Normal(mu, sigma)).
    LogNormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Anything else, as a table.
    Table(Arc<Table>),
}

impl Sampler {
    /// The value at `u` in (0, 1).
    #[inline]
    pub fn at(&self, u: f64) -> f64 {
        match self {
            Sampler::Constant(value) => *value,
            Sampler::Uniform(low, high) => low + (high - low) * u,
            Sampler::Exponential(mean) => mean * quantile::exponential(u),
            Sampler::LogNormal { mu, sigma } => libm::exp(mu + sigma * quantile::normal(u)),
            Sampler::Table(table) => table.at(u),
        }
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        match self {
            Sampler::Constant(value) => *value,
            Sampler::Uniform(low, high) => 0.5 * (low + high),
            Sampler::Exponential(mean) => *mean,
            Sampler::LogNormal { mu, sigma } => libm::exp(mu + 0.5 * sigma * sigma),
            Sampler::Table(table) => {
                let values = (0..1000).map(|i| table.at((f64::from(i) + 0.5) / 1000.0));
                values.sum::<f64>() / 1000.0
            }
        }
    }

    /// A mixture of log-normals. A single part stays exact; several become a table.
    pub fn log_normal_mixture(parts: &[LogNormalPart]) -> Sampler {
        if let [part] = parts {
            return Sampler::LogNormal {
                mu: part.mu,
                sigma: part.sigma,
            };
        }
        let total: f64 = parts.iter().map(|p| p.w).sum();
        let cdf = |log: f64| {
            let part =
                |p: &LogNormalPart| p.w / total * quantile::normal_cdf((log - p.mu) / p.sigma);
            parts.iter().map(part).sum::<f64>()
        };
        let low = parts
            .iter()
            .map(|p| p.mu - 9.0 * p.sigma)
            .fold(f64::INFINITY, f64::min);
        let high = parts
            .iter()
            .map(|p| p.mu + 9.0 * p.sigma)
            .fold(f64::NEG_INFINITY, f64::max);
        // Near 1 the distribution function runs out of digits; the mirrored one does not.
        let mirrored = |log: f64| {
            let part =
                |p: &LogNormalPart| p.w / total * quantile::normal_cdf((p.mu - log) / p.sigma);
            parts.iter().map(part).sum::<f64>()
        };
        Sampler::Table(Arc::new(Table::new(|u| {
            let log = if u < 0.5 {
                quantile::invert(cdf, low, high, u)
            } else {
                quantile::invert(|x| -mirrored(x), low, high, -(1.0 - u))
            };
            libm::exp(log)
        })))
    }
}
