//! Floor 1: what a provider is made of: service times, capacity, limits, price, quality.

pub mod advice;
pub mod billing;
pub mod cache;
pub mod can;
pub mod capacity;
pub mod cold_start;
pub mod config;
pub mod latency;
pub mod limits;
pub mod noise;
pub mod profiles;
pub mod status_page;
pub mod task;

pub use config::Config;
