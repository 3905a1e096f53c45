//! The presets against recordings of the software they stand for: which endings are tried again, how
//! often, after which waits, and what breakers let through. tests/golden/README.md says how they are
//! made and what in them cannot be expressed.

#![cfg(feature = "scenario")]

#[path = "golden/breakers.rs"]
mod breakers;
#[path = "golden/cooldowns.rs"]
mod cooldowns;
#[path = "golden/groups.rs"]
mod groups;
#[path = "golden/monitors.rs"]
mod monitors;
#[path = "golden/retries.rs"]
mod retries;
#[path = "golden/script.rs"]
mod script;
#[path = "golden/strategies.rs"]
mod strategies;
#[path = "golden/table.rs"]
mod table;
#[path = "golden/timelines.rs"]
mod timelines;
#[path = "golden/verified.rs"]
mod verified;
