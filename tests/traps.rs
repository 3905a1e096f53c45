//! Traps: where two stacks that look alike differ, and where a simulator could take one for the
//! other. One test for each, named after it, mostly through the presets. The figures are those of the
//! stacks' sources and documentation, not of our own runs.
//!
//! Of some only one side is here, for the other is what no preset does: requests whose body is a stream (16),
//! Portkey's buckets in Redis (23), resilience4j's windows of time (26), callers who wait for a probe, as
//! cockatiel's do (28), Instructor's counting (1), the request that LiteLLM's selection loses each minute (47). Or
//! it is the provider's and not its client's: limits shared by an account (44), slices of a minute (48), refusals
//! that use up a limit (49).

#![cfg(feature = "sim")]

mod pair;
mod settings;

#[path = "traps/breakers.rs"]
mod breakers;
#[path = "traps/budgets.rs"]
mod budgets;
#[path = "traps/half_open.rs"]
mod half_open;
#[path = "traps/headers.rs"]
mod headers;
#[path = "traps/hedges_routes.rs"]
mod hedges_routes;
#[path = "traps/limits.rs"]
mod limits;
#[path = "traps/stack.rs"]
mod stack;
#[path = "traps/statuses.rs"]
mod statuses;
#[path = "traps/timeouts.rs"]
mod timeouts;
#[path = "traps/waits.rs"]
mod waits;
#[path = "traps/windows.rs"]
mod windows;
