//! Floor 1: scheduled misbehaviour: when, at which providers, to which of their requests, to what effect.

pub mod config;
pub mod effect;
pub mod hits;
pub mod schedule;
pub mod targets;

pub use config::Config;

/// The most faults of one scenario: a record keeps in one word which of them a call met.
pub const MAX_FAULTS: usize = 60;
