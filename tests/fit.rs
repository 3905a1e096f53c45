//! `squall fit` against what is known: logs that Squall itself made, and traces that ship.

#![cfg(feature = "sim")]

mod settings;
mod street;

#[path = "fit/made.rs"]
mod made;
#[path = "fit/shipped.rs"]
mod shipped;
