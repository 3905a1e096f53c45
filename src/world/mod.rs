//! Floor 2: the server's side composed: provider × fault × network.
//!
//! Sans-IO like the engine, and used unchanged by the simulator and, later, by the chaos server:
//! the driver tells facts, drains outputs, and wakes each job at its one next instant.
//!
//! ```text
//! let (job, wake_at) = world.request(now, new_job);
//! world.handle(now, fact, &mut outputs);
//! ```
//!
//! # The contract
//!
//! * `now` never goes back; a fact is handled completely before the next.
//! * A job is one attempt on its way. [`World::request`] and [`Output::Next`] say when it wants to
//!   be woken; a later instant for the same job replaces it, and a wake-up that is not due is a
//!   no-op.
//! * A job sends its signals, and exactly one [`Output::Settled`], its bill (which may be nothing).
//!   After [`Fact::Abandoned`] it sends only the bill.
//! * With each job the world keeps a note of the driver's, which it never reads: what the driver
//!   has to know of an attempt lies beside what the world has to. A job stays until nothing more
//!   comes of it **and** the driver has released it. The driver does so once, when the attempt has
//!   ended for its client (it heard the end, or abandoned the job) and its bill has come and has
//!   been filed; after that the number may be another job's.
//! * A provider too may want to be woken ([`Output::Tick`]), with the same rules: where answers share it, or
//!   its slots follow the load.
//! * A fault that begins re-plans the jobs in progress: an outage at 3:00 hits the answers in
//!   flight at 3:00.
//!
//! # What happens to a request, in order
//!
//! faults that answer, refuse, lose or hold requests, the first in the order of the file → too long or not able
//! (400) → limits, its own and its pools' (429) →
//! error rate → capacity (queue, 503) → service: first token, then token by token → the way back.

mod admission;
mod billing;
mod breaks;
mod cache;
mod common;
mod content;
mod embedding;
mod faults;
mod heard;
mod job;
mod limits;
mod notes;
mod provider;
mod row;
mod scaling;
mod serve;
mod sharing;
mod state;
mod status_page;
mod tasks;
mod weather;

pub use billing::Classes;
pub use job::{NewJob, Shown, Truth};
pub use state::{Fact, Output, Plan, World};
