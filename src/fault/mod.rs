//! Floor 1: scheduled misbehaviour: when, at which providers, to what effect.

pub mod config;
pub mod effect;

pub use config::Config;
