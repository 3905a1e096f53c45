//! The tuner against problems whose optimum is known, and against random search.

#![cfg(feature = "sim")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot do its work has failed"
)]

mod error;
mod flights;
mod made;
mod optima;
mod random;
mod search;
mod wilcoxon;
