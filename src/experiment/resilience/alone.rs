//! How long each provider takes for an answer when nothing else is there, and how often it is asked: the μ and λ of
//! the law, where laws of service times and sizes have no mean in closed form.
//!
//! The scenario's own calls are flown, one attempt each, through each provider without faults, limits, network and
//! bounds.

use super::trigger::Grows;
use super::{Crew, Halt, fly};
use crate::base::Duration;
use crate::policy;
use crate::policy::route::{self, single};
use crate::provider::{capacity, config, limits};
use crate::scenario::Scenario;

/// Calls from which a mean is taken: with an exponential law it is then known to 0.7 %.
const CALLS: f64 = 20_000.0;
/// Most runs that it takes to see so many.
const MOST_RUNS: f64 = 60.0;

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Alone {
    /// Calls per second, over the whole run, without the trigger.
    pub calls_per_s: f64,
    /// Mean prompt tokens of a call.
    pub prompt_tokens: f64,
    /// By provider: the mean time that an answer takes it, s; None: nothing was answered.
    pub service_s: Vec<Option<f64>>,
}

/// Measures all providers.
///
/// # Errors
/// Those of flights.
pub fn measure(scenario: &Scenario, crew: Crew<'_>) -> Result<Alone, Halt> {
    let mut quiet = scenario.clone();
    quiet.workload.arrivals = Grows::without(scenario);
    let trace = scenario.trace.as_deref();
    let duration = scenario.run.duration;
    let expected = quiet.workload.expected(duration, trace);
    // A long run is cut, a short one is repeated.
    let enough = (CALLS / expected.max(1.0)).min(1.0);
    quiet.run.duration = duration.scale(enough);
    quiet.run.warm_up = Duration::ZERO;
    quiet.faults = Vec::new();
    quiet.pools = Vec::new();
    quiet.expectations = Vec::new();
    quiet.workload.deadline = None;
    quiet.workload.impatience = None;
    for (_, provider) in &mut quiet.providers {
        provider.network = config::Network::default();
        provider.capacity = capacity::Config::default();
        provider.limits = limits::Config::default();
        provider.cold_start = None;
        provider.context_window = None;
    }
    let runs = (CALLS / (expected * enough).max(1.0)).ceil().min(MOST_RUNS) as u32;
    let (mut service_s, mut prompts) = (Vec::new(), (0, 0));
    for (name, _) in &scenario.providers {
        quiet.policies = vec![("alone".to_owned(), one_try(name))];
        let flown = fly(&quiet, runs.max(1), crew)?;
        let (mut sum_ns, mut n) = (0, 0);
        for sums in flown.iter().filter_map(|run| run.scopes.first()) {
            sum_ns += sums.latency_success.sum_ns;
            n += sums.latency_success.n;
            prompts = (prompts.0 + sums.prompt_tokens, prompts.1 + sums.calls);
        }
        service_s.push((n > 0).then(|| sum_ns as f64 / 1e9 / n as f64));
    }
    Ok(Alone {
        calls_per_s: expected / duration.as_s_f64(),
        prompt_tokens: prompts.0 as f64 / prompts.1.max(1) as f64,
        service_s,
    })
}

/// A policy of one attempt at one provider.
fn one_try(endpoint: &str) -> policy::Config {
    policy::Config {
        route: route::Config::Single(single::Config {
            endpoint: Some(endpoint.to_owned()),
        }),
        ..policy::Config::default()
    }
}
