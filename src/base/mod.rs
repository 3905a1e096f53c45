//! Floor 0: what every other room stands on.
//!
//! Time as plain integers, keyed random draws, units that parse and print, ids, rolling windows,
//! the vocabulary of the wire with what refusals advise, the names of endings, the registry of kinds, the collector of
//! mistakes and the wish to stop. Nothing here reads a clock, a socket or a global generator.

pub mod advice;
pub mod bucket;
pub mod capability;
pub mod check;
pub mod dist;
pub mod draw;
pub mod ending;
pub mod gamma;
pub mod ids;
pub mod meter;
pub mod quantile;
pub mod registry;
pub mod several;
pub mod slab;
pub mod stop;
pub mod time;
pub mod units;
pub mod window;
pub mod wire;

pub use capability::{Capabilities, Capability};
pub use check::{Check, Mistake};
pub use draw::{Draws, Purpose, Root};
pub use ending::{
    Class, Detour, Dimension, Failure, Fallback, Guard, Limit, Measure, Origin, Refusal, Timeout,
    Verdict,
};
pub use ids::{CallId, DeferralId, EndpointId, ProcessId, Receipt};
pub use slab::Slab;
pub use stop::Stop;
pub use time::{Duration, Instant};
pub use wire::{Ending, Request, Sender, Signal, Usage};
