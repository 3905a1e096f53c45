//! Embeddings of answers: a point of the provider's own and noise around it.
//!
//! The coordinates are independent and normal with a deviation of 1, as a monitor of embeddings that
//! states its false alarms wants them. Answers of the p-th provider lie around 10 on the p-th axis; a drift
//! that moves them moves them along the next axis. Where a point lies does not matter to a monitor
//! that holds each endpoint against itself, only that and how far it moves.

use crate::base::{Purpose, quantile};

use super::state::{World, try_key};

/// How far the answers of a provider lie from the origin.
const OUT: f64 = 10.0;

impl<N> World<N> {
    /// Whether a job's answer is bad in a way that is hard to see.
    pub fn is_subtle(&self, job: u32) -> bool {
        self.jobs[job].subtle
    }

    /// The embedding of a job's complete answer, moved by the drift that its service began under, with so many
    /// numbers: 1 to 65535.
    ///
    /// # Panics
    /// In debug builds, if it is asked for twice.
    pub fn embedding(&self, job: u32, dimensions: u16) -> Vec<f64> {
        let state = &self.jobs[job];
        let shift = f64::from(state.shift);
        let (provider, (entity, ordinal)) = (state.provider(), try_key(&state.receipt));
        let axis = |place: usize| place % usize::from(dimensions);
        let number = |i: usize| {
            let key = ordinal << 16 | i as u64;
            let noise = quantile::normal(self.draws.unit(Purpose::Embedding, entity, key));
            let at = if i == axis(provider) { OUT } else { 0.0 };
            let moved = if i == axis(provider + 1) { shift } else { 0.0 };
            at + moved + noise
        };
        (0..usize::from(dimensions)).map(number).collect()
    }
}
