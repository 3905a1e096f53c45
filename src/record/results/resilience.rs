//! Whether an overload that a trigger begins would outlive it: the verdict on one policy.

use serde::{Deserialize, Serialize};

/// The verdict on one policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StabilityVerdict {
    /// The verdict.
    pub colour: Colour,
    /// Why, in a sentence.
    pub reason: String,
    /// What is known without flying.
    pub law: Law,
    /// What the trigger is, and the unit of its size.
    pub trigger: Option<Trigger>,
    /// What was flown, by size of the trigger, the smallest first; the shipped size is among them.
    pub flown: Vec<Flown>,
    /// The smallest trigger that locks it up in half the runs; None: none was found.
    pub smallest: Option<Smallest>,
    /// Median time to recover from the shipped trigger, s; None: more than half did not, or none was watched.
    pub recovery_median_s: Option<f64>,
}

/// Green: the law leaves a tenth or more and nothing locked up; red: the law says that it stays down, or the
/// shipped trigger locks it up in half the runs; amber: neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// No overload outlives its trigger, as far as law and search can tell.
    Green,
    /// Neither is shown.
    Amber,
    /// An overload stays.
    Red,
}

impl Colour {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Colour::Green => "green",
            Colour::Amber => "amber",
            Colour::Red => "red",
        }
    }
}

/// What can be said of a policy's worst load without flying it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Law {
    /// Its worst load, as a share of what its provider can do.
    Load(WorstLoad),
    /// No provider of its route has a bound that a load could pass.
    Unbounded,
    /// There is no closed form, for this reason.
    None(String),
}

/// λ·(1 + R) against what can be done: calls, each with all the attempts that it may take while answers come too
/// late, at the narrowest place of the route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WorstLoad {
    /// λ: calls per second, without the trigger.
    pub calls_per_s: f64,
    /// 1 + R: attempts per call that work is done for, at most, in the long run.
    pub attempts: f64,
    /// Requests per second that the narrowest place can do.
    pub capacity_per_s: f64,
    /// calls × attempts ÷ capacity.
    pub load: f64,
    /// The endpoint of the narrowest place, and the setting that bounds it: `api capacity.slots`.
    pub bound: String,
    /// Why a load above one need not keep itself up; absent: by the law it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unless: Option<String>,
}

/// What grows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// In words: "how long the fault `brownout` lasts".
    pub what: String,
    /// `s`, or `ratio` for how many times the usual load comes.
    pub unit: String,
    /// The size in the file.
    pub shipped: f64,
    /// The largest that was flown.
    pub largest: f64,
}

/// Runs under a trigger of one size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flown {
    /// The size, in the trigger's unit.
    pub size: f64,
    /// Runs that locked up.
    pub locked: u64,
    /// Runs of which that can be told.
    pub of: u64,
}

/// The smallest trigger that locks it up in half the runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Smallest {
    /// The size.
    pub size: f64,
    /// With 95 % confidence it lies between these, over all sizes flown: above the largest of which less than half
    /// is shown, and at or below the smallest of which more than half is. None: no size shows it.
    pub interval: [Option<f64>; 2],
    /// Whether it was the smallest that was tried: the truth may be smaller.
    pub at_most: bool,
}
