//! `quantiles`: a measured law as a table of its quantiles, straight lines between them.
//!
//! It holds whatever was measured, spikes and all, and claims nothing between or beyond its points: nothing is
//! below its first value or above its last.

use std::sync::Arc;

use serde::Deserialize;

use super::{Quantity, Sampler};
use crate::base::Check;
use crate::base::quantile::Table;

/// Settings of a table of quantiles.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantiles<T> {
    /// The shares of values that lie at or below each of `values`, ascending from 0 to 1; 2 to 200 of them.
    pub at: Vec<f64>,
    /// The values there, none below the one before.
    pub values: Vec<T>,
}

impl<T: Quantity> Quantiles<T> {
    /// The sampler. The settings have been checked.
    pub(super) fn sampler(&self) -> Sampler {
        let values: Vec<f64> = self.values.iter().map(|v| v.value()).collect();
        Sampler::Table(Arc::new(Table::new(|u| between(&self.at, &values, u))))
    }

    /// Notes what no table can be.
    pub(super) fn check(&self, check: &mut Check) {
        if !(2..=200).contains(&self.at.len()) {
            check.mistake(
                "at",
                "an absurd number of quantiles",
                "not 2 to 200 of them",
            );
        }
        if self.values.len() != self.at.len() {
            let title = "as many values as there are shares in `at`";
            let (values, shares) = (self.values.len(), self.at.len());
            check.mistake("values", title, format!("{values} values, {shares} shares"));
        }
        let ascends = self.at.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascends || self.at.iter().any(|share| !(0.0..=1.0).contains(share)) {
            check.mistake(
                "at",
                "shares that do not ascend from 0 to 1",
                "out of order or of range",
            );
        }
        let rises = |pair: &[T]| pair[0].value() <= pair[1].value();
        if !self.values.windows(2).all(rises) {
            check.mistake(
                "values",
                "quantiles that fall",
                "one is below the one before",
            );
        }
    }
}

/// The value at `u`, on the straight line between the two points around it.
pub fn between(at: &[f64], values: &[f64], u: f64) -> f64 {
    let right = at.partition_point(|share| *share <= u);
    match (right.checked_sub(1), at.get(right)) {
        (None, _) => values[0],
        (Some(left), None) => values[left],
        (Some(left), Some(end)) => {
            let share = (u - at[left]) / (end - at[left]);
            values[left] + (values[right] - values[left]) * share
        }
    }
}
