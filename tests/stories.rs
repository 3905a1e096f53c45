//! Stories: one client, scripted endpoints, virtual time. Each test is a sentence about the engine.

#![cfg(feature = "scenario")]

mod crowd;
mod pair;
mod policies;
mod settings;

#[path = "stories/alerts.rs"]
mod alerts;
#[path = "stories/breaker.rs"]
mod breaker;
#[path = "stories/budget.rs"]
mod budget;
#[path = "stories/budget_kinds.rs"]
mod budget_kinds;
#[path = "stories/capabilities.rs"]
mod capabilities;
#[path = "stories/classes.rs"]
mod classes;
#[path = "stories/connect.rs"]
mod connect;
#[path = "stories/ends.rs"]
mod ends;
#[path = "stories/fallback.rs"]
mod fallback;
#[path = "stories/fleet.rs"]
mod fleet;
#[path = "stories/fleet_as_one.rs"]
mod fleet_as_one;
#[path = "stories/fleet_users.rs"]
mod fleet_users;
#[path = "stories/groups.rs"]
mod groups;
#[path = "stories/guards.rs"]
mod guards;
#[path = "stories/hedge.rs"]
mod hedge;
#[path = "stories/hedging.rs"]
mod hedging;
#[path = "stories/lanes.rs"]
mod lanes;
#[path = "stories/money.rs"]
mod money;
#[path = "stories/monitors.rs"]
mod monitors;
#[path = "stories/observe.rs"]
mod observe;
#[path = "stories/pacing.rs"]
mod pacing;
#[path = "stories/priorities.rs"]
mod priorities;
#[path = "stories/retry.rs"]
mod retry;
#[path = "stories/route.rs"]
mod route;
#[path = "stories/routers.rs"]
mod routers;
#[path = "stories/server_wait.rs"]
mod server_wait;
#[path = "stories/throttle.rs"]
mod throttle;
