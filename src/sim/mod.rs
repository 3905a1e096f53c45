//! Floor 5: one run in virtual time.
//!
//! A run is a pure function of (scenario, policy, seed, replication): the same bytes on any
//! machine, with any number of threads.

pub mod chain;
pub mod frame;
pub mod journal;
mod outcome;
pub mod parallel;
pub mod queue;
mod record;
pub mod run;
mod timer;

pub use frame::Setup;
pub use outcome::{Audit, Outcome};
pub use queue::Queue;
pub use run::{run, run_noted, run_until};
