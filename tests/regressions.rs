//! One test per bug, named for what broke.

#![cfg(feature = "scenario")]

mod pair;
mod settings;

#[path = "regressions/breaker.rs"]
mod breaker;
#[path = "regressions/engine.rs"]
mod engine;
