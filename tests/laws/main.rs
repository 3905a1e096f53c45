//! Laws with a closed form, held by scenarios as users write them: TOML in, estimates out.
//!
//! Every figure is computed in the test from its formula. A row passes when the estimate is within
//! its tolerance and its standard error is at most a quarter of that, over 50 replications or more:
//! a right model then fails about one row in ten thousand, one that is wrong by twice the tolerance
//! never passes. In every run of every law Little's law must hold as an identity of integers.

mod arrivals;
mod breakers;
mod buckets;
mod budgets;
mod closed;
mod failures;
mod fly;
mod hedges;
mod jitters;
mod monitors;
mod pacing;
mod queues;
mod storms;
mod traffic;
