//! How a law is written down that was measured: as a mixture, or as the quantiles themselves.

use std::sync::Arc;

use super::{LogNormalPart, Sampler, quantiles};
use crate::base::quantile::Table;

/// The shape of a measured law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A mixture of log-normals.
    Mixture(&'static [LogNormalPart]),
    /// Shares of what was measured, ascending, and the values there; straight lines between them.
    Quantiles(&'static [f64], &'static [f64]),
}

impl Shape {
    /// Ready to be drawn from.
    pub fn sampler(&self) -> Sampler {
        match *self {
            Shape::Mixture(parts) => Sampler::log_normal_mixture(parts),
            Shape::Quantiles(at, values) => {
                let value = |u| quantiles::between(at, values, u);
                Sampler::Table(Arc::new(Table::new(value)))
            }
        }
    }
}
