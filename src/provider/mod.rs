//! Floor 1: what a provider is made of: service times, capacity, limits, price, quality.

pub mod advice;
pub mod billing;
pub mod cache;
pub mod can;
pub mod capacity;
pub mod config;
pub mod latency;
pub mod limits;
pub mod profiles;

pub use config::Config;
