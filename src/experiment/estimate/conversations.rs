//! Percentiles of what conversations cost, over all conversations of all replications.

use std::sync::Arc;

use super::View;
use super::absent::Absent;
use super::percentile::Pooled;
use crate::experiment::sample::Sample;
use crate::record::replication::{Sums, Times};

/// Pico-dollars in one of the metric's unit; they are to nano-dollars as ns are to µs.
const PICO_USD: f64 = 1e12;

impl View<'_> {
    fn costs(&self) -> Vec<Times> {
        let of_run = |sums: &&Sums| Times {
            n: sums.conversation_cost.n(),
            max_ns: u64::MAX,
            histogram: sums.conversation_cost.clone(),
            ..Times::default()
        };
        self.sums.iter().map(of_run).collect()
    }

    /// A percentile, with the interval that those of times have.
    pub(super) fn conversation_cost(&self, p: f64) -> Result<Sample, Absent> {
        let costs = self.costs();
        let parts: Vec<&Times> = costs.iter().collect();
        let pooled = Arc::new(Pooled::new(&parts).in_units_of(PICO_USD));
        self.pooled_percentile(&parts, &pooled, p)
    }

    /// The same of these conversations alone, however few lie beyond it.
    pub(super) fn cost_of_conversations(&self, p: f64) -> Result<Sample, Absent> {
        let costs = self.costs();
        let parts: Vec<&Times> = costs.iter().collect();
        let pooled = Pooled::new(&parts).in_units_of(PICO_USD);
        let value = pooled.quantile(p).ok_or(Absent::Nothing)?;
        Ok(Sample::bare(value, pooled.n()))
    }
}
