//! Results made up for tests: the shapes a real run leaves behind, awkward ones included.
//!
//! The numbers imitate an outage of a primary provider; they are made here, not simulated, so the
//! report can be built and tested before and without the simulator.

mod build;
mod cases;
mod course;
mod findings;
mod kinds;

pub(super) use build::outage;
pub(super) use cases::{all, burst, degraded, lone, many, watched};
