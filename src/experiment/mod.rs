//! Floor 6: what replications say, with intervals that mean what they say.
//!
//! A run is a terminating simulation: replications are the sample, the mean over weathers of this
//! scenario is the target, and an interval says nothing about whether the weather is right.
//! Everything is computed once, at the end, in the order of replications.

pub mod against;
pub mod book;
pub mod compare;
pub mod curve;
pub mod distributions;
pub mod estimate;
pub mod expect;
pub mod fit;
pub mod layers;
pub mod moments;
pub mod needed;
pub mod pair;
pub mod refusals;
pub mod resilience;
pub mod results;
pub mod sample;
pub mod series;
pub mod settle;
pub mod stability;
pub mod sweep;
pub mod tune;
pub mod verdict;
pub mod warnings;
pub mod words;

pub use estimate::{Samples, Setting};
pub use results::{Frame, look, results, results_until};
pub use sample::Sample;

#[cfg(test)]
mod fixture;
