//! The breakers of one client, without the engine around them: against slow models, and laws that
//! hold for every kind; and the presets, each against what its source says.

#![cfg(feature = "scenario")]

mod settings;

#[path = "breakers/bench.rs"]
mod bench;
#[path = "breakers/laws.rs"]
mod laws;
#[path = "breakers/machine.rs"]
mod machine;
#[path = "breakers/models.rs"]
mod models;
#[path = "breakers/presets.rs"]
mod presets;
#[path = "breakers/siblings.rs"]
mod siblings;
