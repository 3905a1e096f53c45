//! What must hold of every attempt of every run, whatever is simulated: limits let no more pass than they
//! say, bills are what was produced by the rule, faults end when they should. Each is checked from the
//! journal of whole runs by a slow model that shares nothing with the code.

#![cfg(feature = "sim")]

#[path = "invariants/bills.rs"]
mod bills;
#[path = "invariants/faults.rs"]
mod faults;
#[path = "invariants/flight.rs"]
mod flight;
#[path = "invariants/laws.rs"]
mod laws;
#[path = "invariants/limits.rs"]
mod limits;
#[path = "invariants/place.rs"]
mod place;
