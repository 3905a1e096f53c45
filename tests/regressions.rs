//! One test per bug, named for what broke.

#![cfg(feature = "scenario")]

mod pair;
mod settings;
mod street;

#[path = "regressions/breaker.rs"]
mod breaker;
#[path = "regressions/engine.rs"]
mod engine;
#[cfg(feature = "sim")]
#[path = "regressions/simulation.rs"]
mod simulation;
#[path = "regressions/world.rs"]
mod world;
