//! Laws that hold for every kind of the registry, whatever it is: never more than granted, the same
//! decisions from the same seed, and memory that does not grow with time. Every kind has at least one
//! row; a kind without one fails.

#![cfg(feature = "scenario")]

mod settings;

#[path = "registry/crowd.rs"]
mod crowd;
#[path = "registry/grants.rs"]
mod grants;
#[path = "registry/heeds.rs"]
mod heeds;
#[path = "registry/rows.rs"]
mod rows;
#[path = "registry/waits.rs"]
mod waits;
