//! Whole runs: identities that must hold exactly, in scenarios by hand and at random.

#![cfg(feature = "sim")]

mod policies;
mod settings;

#[path = "simulation/billing.rs"]
mod billing;
#[path = "simulation/build.rs"]
mod build;
#[path = "simulation/chains.rs"]
mod chains;
#[path = "simulation/fleet.rs"]
mod fleet;
#[path = "simulation/identities.rs"]
mod identities;
#[path = "simulation/incidents.rs"]
mod incidents;
#[path = "simulation/judges.rs"]
mod judges;
#[path = "simulation/observing.rs"]
mod observing;
#[path = "simulation/pages.rs"]
mod pages;
#[path = "simulation/parts.rs"]
mod parts;
#[path = "simulation/random.rs"]
mod random;
#[path = "simulation/reacting.rs"]
mod reacting;
#[path = "simulation/repeat.rs"]
mod repeat;
#[path = "simulation/runs.rs"]
mod runs;
#[path = "simulation/stops.rs"]
mod stops;
#[path = "simulation/tasks.rs"]
mod tasks;
