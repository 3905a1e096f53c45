//! The world by itself: what requests, faults and clients that go away lead to.

#![cfg(feature = "scenario")]

mod settings;
mod street;

#[path = "world/answers.rs"]
mod answers;
#[path = "world/billing.rs"]
mod billing;
#[path = "world/bills.rs"]
mod bills;
#[path = "world/breaks.rs"]
mod breaks;
#[path = "world/capabilities.rs"]
mod capabilities;
#[path = "world/capacity.rs"]
mod capacity;
#[path = "world/chance.rs"]
mod chance;
#[path = "world/ends.rs"]
mod ends;
#[path = "world/faults.rs"]
mod faults;
#[path = "world/limits.rs"]
mod limits;
#[path = "world/pools.rs"]
mod pools;
#[path = "world/queue.rs"]
mod queue;
#[path = "world/random.rs"]
mod random;
