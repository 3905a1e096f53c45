//! The built command: how it meets a user, and that it always writes the same bytes.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot do its work has failed"
)]

mod around;
mod command;
mod determinism;
mod fit;
mod gates;
mod interrupts;
mod links;
mod readme;
mod sweep;
mod tune;
mod user;
