//! Floor 2: the client's side composed: the one place where policies are consulted, in one order.
//!
//! Three plain states and one function. A [`Policy`] is immutable and shared; a [`Client`] is what
//! the calls of one process share (breakers, budgets, quotas, a limiter and the line in front of
//! them); a [`Call`] is one logical request. The driver tells a client facts and does what it is told:
//!
//! ```text
//! client.handle(&policy, &mut call, now, fact, &mut outputs)
//! ```
//!
//! # The contract
//!
//! * One fact is handled completely, and its outputs are drained, before the next.
//! * `now` never goes back. At one instant: signals, then wake-ups, then submissions.
//! * After each fact of a call its next wake-up is [`Call::wake_at`], and the client's is
//!   [`Client::wake_at`], later than `now`. A wake-up that comes early is a no-op; a wait of nothing
//!   is acted on within the fact. One thing may be due at `now`: what falls due in the very instant
//!   of a signal. Signals come first, so it is left to the wake-up after them.
//! * After [`Output::Abort`] an attempt sends nothing but its bill.
//! * After [`Output::Finish`] the call is told nothing more.
//! * Where something is the fleet's, each fact is followed by [`Client::news`], and every
//!   [`Policy::sync`] by [`Client::adopt`] (see [`fleet`]).
//!
//! # The order, written once
//!
//! cancelled → deadline → attempts left → turns of the conversation → router order → for each endpoint ask all,
//! then take all: budget, cost limit, outlook, breaker, throttle, quotas and limiter. Nothing is taken until all
//! have said yes, nothing is held while waiting, and after any wait the order starts again. On the way back:
//! classify → guards → tell limiter, quotas, router, budget, throttle, breaker, monitors → deliver, retry, hedge,
//! fail over, degrade, finish.

mod again;
mod alarm;
mod back;
mod breaking;
pub mod call;
pub mod client;
mod degrade;
pub mod fleet;
mod forth;
mod grouping;
mod guarding;
mod hedging;
mod in_flight;
mod invariants;
mod lanes;
mod learn;
mod limits;
mod line;
mod observing;
pub mod output;
mod pace;
pub mod policy;
mod restraint;
mod spending;
mod stopping;
mod timeouts;
mod waking;
mod watch;

pub use call::Call;
pub use client::Client;
pub use fleet::Fleet;
pub use output::{AbortReason, ClientFact, Fact, Notice, Opening, Output};
pub use policy::Policy;

/// The most attempts of one call in flight at once.
pub const MAX_IN_FLIGHT: usize = 4;

/// The most endpoints of one route.
pub const MAX_ROUTE: usize = 16;
