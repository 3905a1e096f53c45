//! Floor 5: one run in virtual time.
//!
//! The event queue that says what happens next, and the slab that holds what it happens to.

pub mod queue;
pub mod slab;

pub use queue::Queue;
pub use slab::Slab;
