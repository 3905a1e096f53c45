//! `normal`: values around a mean, to both sides alike; what would be below nothing is nothing.
//!
//! For quantities whose spread is small against their mean, such as the time of one message. Service times
//! are skewed: `log-normal` fits them.

use std::sync::Arc;

use serde::Deserialize;

use super::{Quantity, Sampler};
use crate::base::Check;
use crate::base::quantile::{self, Table};

/// Settings of a normal distribution.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normal<T> {
    /// The mean.
    pub mean: T,
    /// The standard deviation.
    pub deviation: T,
}

impl<T: Quantity> Normal<T> {
    /// The sampler. The settings have been checked.
    pub(super) fn sampler(&self) -> Sampler {
        let (mean, deviation) = (self.mean.value(), self.deviation.value());
        let value = |u| (mean + deviation * quantile::normal(u)).max(0.0);
        Sampler::Table(Arc::new(Table::new(value)))
    }

    /// Notes what no such quantity can be: one in six would be below nothing.
    pub(super) fn check(&self, check: &mut Check) {
        if self.deviation.value() >= self.mean.value() {
            check
                .mistake("deviation", "an absurd spread", "not below `mean`")
                .help("for a wide spread use `log-normal`");
        }
    }
}
