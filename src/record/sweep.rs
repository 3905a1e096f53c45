//! What a sweep leaves behind: every policy's metrics at every point, as versioned data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::results::Estimate;

/// The whole of `sweep.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sweep {
    /// See [`super::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// See [`super::MODEL_VERSION`].
    pub model_version: u32,
    /// The version of the program.
    pub squall_version: String,
    /// The file's name without the ending.
    pub name: String,
    /// The file as the user gave it.
    pub file: String,
    /// The question.
    pub title: String,
    /// The seed: every point meets the same weather and calls, as far as what varies leaves them.
    pub seed: u64,
    /// Replications of each policy at each point.
    pub replications: u32,
    /// What varies: one or two.
    pub axes: Vec<Axis>,
    /// The policies, in order of the file.
    pub policies: Vec<String>,
    /// The policy that differences are from.
    pub baseline: String,
    /// Names of the metrics, the most important first.
    pub metrics: Vec<String>,
    /// One for each point and policy: points in order, the last axis turning fastest.
    pub cells: Vec<Cell>,
}

/// What varies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// The key.
    pub key: String,
    /// Its values as written, in order.
    pub values: Vec<String>,
}

/// One policy at one point.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// By axis: the place of the value.
    pub at: Vec<usize>,
    /// The policy.
    pub policy: String,
    /// By metric; those that do not apply are absent.
    pub metrics: BTreeMap<String, Reading>,
    /// Runs that locked up, of those watched long enough; absent if none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<[u64; 2]>,
}

/// A metric at one point.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Its value with the 95 % interval.
    pub estimate: Estimate,
    /// The difference from the baseline at the same point, with its paired 95 % interval; absent for the
    /// baseline itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// Whether half of its interval is no more than a tenth of all that the metric ranges over in the sweep.
    /// What is not settled may belong to another colour of the map.
    pub settled: bool,
}

/// A difference from the baseline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// policy − baseline, in the metric's unit.
    pub value: f64,
    /// Its paired 95 % interval.
    pub interval: [Option<f64>; 2],
}
