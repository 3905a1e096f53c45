//! Floor 1: the client's decisions, one a file.
//!
//! No policy knows another and none reads a clock; `engine` alone consults them, in one documented
//! order. Every kind is a file with its `Config`, its state and its reasons.

pub mod alarm;
pub mod backoff;
pub mod breaker;
pub mod budget;
pub mod classify;
pub mod config;
pub mod costly_fallback;
pub mod fallback;
pub mod fleet;
pub mod guard;
pub mod hedge;
pub mod hopeless;
pub mod layers;
pub mod limit;
pub mod limiter;
pub mod line;
pub mod monitor;
pub mod quota;
pub mod retry;
pub mod route;
pub mod server_wait;
pub mod throttle;
pub mod timeout;

pub use alarm::Alarms;
pub use config::{Config, Mode};
