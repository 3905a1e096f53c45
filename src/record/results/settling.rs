//! What results say of a comparison that went on until it was settled.

use serde::{Deserialize, Serialize};

/// The looks of `--until-settled`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Settling {
    /// Replications by each look, as fixed beforehand.
    pub looks: Vec<u32>,
    /// How many looks were taken.
    pub taken: u32,
    /// Differences that were to get a verdict.
    pub pairs: u32,
    /// Of those, how many got one.
    pub settled: u32,
}
