//! Floor 2: the server's side composed: provider × fault × network.
//!
//! Sans-IO like the engine, and used unchanged by the simulator and, later, by the chaos server:
//! the driver tells facts, drains outputs, and wakes each job at its one next instant.
//!
//! ```text
//! world.handle(now, fact, &mut outputs)
//! ```
//!
//! # The contract
//!
//! * `now` never goes back; a fact is handled completely before the next.
//! * A job is one attempt on its way. [`Output::Next`] says when it wants to be woken; a later one
//!   for the same job replaces it, and a wake-up that is not due is a no-op.
//! * A job sends its signals, and exactly one [`Output::Settled`], its bill (which may be nothing).
//!   After [`Fact::Abandoned`] it sends only the bill.
//! * A fault that begins re-plans the jobs in progress: an outage at 3:00 hits the answers in
//!   flight at 3:00.
//!
//! # What happens to a request, in order
//!
//! connection refused → outage → hang → limits (429) → error rate → capacity (queue, 503) →
//! service: first token, then token by token → the way back.

mod admission;
mod job;
mod provider;
mod serve;
mod state;
mod weather;

pub use job::{NewJob, Truth};
pub use state::{Fact, Output, Plan, World};
