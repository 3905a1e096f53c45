//! Floor 1: the traffic: when calls arrive and how large they are.

pub mod arrivals;
pub mod config;
pub mod conversations;
pub mod impatience;
pub mod laws;
pub mod lines;
pub mod needs;
pub mod profiles;
pub mod reactive;
pub mod senders;
pub mod shape;
pub mod sizes;
pub mod tasks;
pub mod tenants;
pub mod tokens;
pub mod trace;
pub mod traffic;
pub mod windows;

pub use config::Config;
