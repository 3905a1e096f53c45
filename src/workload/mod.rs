//! Floor 1: the traffic: when calls arrive and how large they are.

pub mod arrivals;
pub mod config;
pub mod needs;
pub mod profiles;
pub mod senders;
pub mod tokens;
pub mod trace;
pub mod traffic;

pub use config::Config;
