//! Floor 3: what a run leaves behind, as versioned data that merges exactly.
//!
//! A [`Replication`] holds integers only, and every figure of a report can be recomputed from it.
//! [`Results`] adds what the experiment floor made of the replications: estimates with intervals,
//! differences with verdicts, expectations. Reports compute no number of their own.

pub mod alert;
pub mod fallbacks;
pub mod guarding;
pub mod histogram;
pub mod layers;
pub mod metric;
pub mod overall;
pub mod pairing;
pub mod recovery;
pub mod refusals;
pub mod replication;
pub mod results;
pub mod sweep;
pub mod tuning;
pub mod zeros;

pub use histogram::Sparse;
pub use metric::{METRICS, Metric};
pub use replication::{Replication, Sums, UsageRow, Windows};
pub use results::Results;

/// Rises whenever the shape of `results.json` changes.
pub const SCHEMA_VERSION: u32 = 6;

/// Under so many replications no difference is judged.
pub const LEAST_REPLICATIONS: u32 = 16;

/// Rises whenever the numbers of a seed move.
pub const MODEL_VERSION: u32 = 3;
