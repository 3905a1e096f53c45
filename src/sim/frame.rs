//! What all runs of a scenario share, made ready once.

use std::ops::Range;

use crate::base::capability::Capability;
use crate::base::draw::{Root, Stage};
use crate::base::wire::Priority;
use crate::base::{Draws, Duration, Instant};
use crate::engine::Policy;
use crate::engine::policy::Unusable;
use crate::fault::MAX_FAULTS;
use crate::policy;
use crate::policy::route::Endpoint;
use crate::provider;
use crate::record::results::Scope;
use crate::scenario::{Scenario, scopes};
use crate::workload::traffic;
use crate::world::{self, World};

use super::chain::Chain;

/// A scenario made ready to run.
#[derive(Debug)]
pub struct Setup<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its policies, ready.
    pub policies: Vec<Policy>,
    /// By policy: its layers, if it is a chain; then its policy is that of the outermost.
    pub chains: Vec<Option<Chain>>,
    /// Its traffic.
    pub traffic: traffic::Plan,
    /// Its providers and faults.
    pub world: world::Plan,
    /// Times and scopes.
    pub frame: Frame,
    /// What its replications are for.
    pub stage: Stage,
}

/// Times and scopes of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Calls that arrive from here count.
    pub warm_up: Instant,
    /// Calls that arrive from here on do not.
    pub duration: Instant,
    /// The largest deadline: what is open this long after the end is unfinished.
    pub horizon: Duration,
    /// Width of the windows of counts.
    pub window: Duration,
    /// The faults, in order of the file; when they are on is known of a run ([`Frame::of_run`]).
    pub faults: Vec<FaultSpan>,
    /// The parts of the calls that are counted apart beside those of each fault, in the order of the scopes.
    pub parts: Vec<Part>,
}

/// A part of the calls: those to which all of this applies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// They arrived while the fault of this place was on.
    pub during: Option<usize>,
    /// They arrived in this time.
    pub within: Option<Range<Instant>>,
    /// They are of this priority.
    pub priority: Option<Priority>,
    /// They are the tenant's of this number, see [`traffic::Submission::tenant`].
    pub tenant: Option<u16>,
}

impl Part {
    fn new(scope: &Scope, scenario: &Scenario) -> Part {
        let fault = |name: &String| scenario.faults.iter().position(|f| f.name == *name);
        let tenant = |name: &String| scenario.workload.tenant.keys().position(|t| t == name);
        let time = Instant(scope.from_ns)..Instant(scope.to_ns);
        Part {
            during: scope.during.as_ref().and_then(fault),
            within: scope.after.is_some().then_some(time),
            priority: scope.priority,
            tenant: scope
                .tenant
                .as_ref()
                .and_then(tenant)
                .and_then(|place| u16::try_from(place + 1).ok()),
        }
    }
}

/// When a fault is on, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultSpan {
    /// The times in which it is on, in order and apart: in each run its own, where they are drawn.
    pub times: Vec<Range<Instant>>,
    /// Whether they are drawn.
    pub drawn: bool,
    /// Ids of the providers it hits.
    pub on: Vec<u16>,
}

impl FaultSpan {
    /// Whether it is on at an instant.
    #[inline]
    pub fn is_on(&self, at: Instant) -> bool {
        let next = self.times.partition_point(|time| time.end <= at);
        self.times.get(next).is_some_and(|time| time.start <= at)
    }

    /// What is told of by itself: the whole fault, or each of its incidents if they are drawn. Incidents that
    /// overlap, or follow at once, are one.
    pub fn told(&self) -> Vec<Range<Instant>> {
        if !self.drawn {
            return vec![self.span()];
        }
        self.apart()
    }

    /// The times in which it is on, those that touch as one.
    pub fn apart(&self) -> Vec<Range<Instant>> {
        let mut apart: Vec<Range<Instant>> = Vec::new();
        for time in &self.times {
            match apart.last_mut() {
                Some(last) if last.end == time.start => last.end = time.end,
                _ => apart.push(time.clone()),
            }
        }
        apart
    }

    /// From its first beginning to its last end; nothing if it never is on.
    pub fn span(&self) -> Range<Instant> {
        match (self.times.first(), self.times.last()) {
            (Some(first), Some(last)) => first.start..last.end,
            _ => Instant::ZERO..Instant::ZERO,
        }
    }
}

impl Setup<'_> {
    /// Makes a scenario ready.
    ///
    /// # Errors
    /// If a policy does not fit the providers, with its name; a checked scenario's do.
    pub fn new(scenario: &Scenario) -> Result<Setup<'_>, (String, Unusable)> {
        let names: Vec<&str> = scenario
            .providers
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let endpoints: Vec<Endpoint<'_>> = scenario
            .providers
            .iter()
            .map(|(name, config)| believed(name, config))
            .collect();
        let mut policies = Vec::new();
        let mut chains = Vec::new();
        for (name, config) in &scenario.policies {
            let (policy, chain) = ready(config, scenario.workload.processes, &endpoints)
                .map_err(|why| (name.clone(), why))?;
            policies.push(policy);
            chains.push(chain);
        }
        Ok(Setup {
            scenario,
            policies,
            chains,
            traffic: traffic::Plan::new(&scenario.workload, scenario.trace.clone()),
            world: world::Plan::new(&scenario.providers, &scenario.faults)
                .with_pools(&scenario.pools, &scenario.providers)
                .with_tasks(scenario.workload.shares_of_tasks(), &scenario.providers)
                .json_when_needed(scenario.workload.needed().has(Capability::Json)),
            frame: Frame::new(scenario, &names),
            stage: Stage::Run,
        })
    }

    /// The same for replications of another stage, which share no draws with these.
    #[must_use]
    pub fn of_stage(self, stage: Stage) -> Self {
        Setup { stage, ..self }
    }

    /// The draws of one replication. The engine and the world draw under the same root with
    /// purposes of their own.
    pub fn draws(&self, replication: u32) -> Draws {
        Draws::new(Root::new(self.scenario.run.seed, self.stage, replication))
    }
}

/// A policy made ready, and its layers if it is a chain.
fn ready(
    config: &policy::Config,
    processes: u32,
    endpoints: &[Endpoint<'_>],
) -> Result<(Policy, Option<Chain>), Unusable> {
    if config.chain.is_empty() {
        return Ok((Policy::among(config, endpoints)?, None));
    }
    let chain = Chain::new(&config.chain, processes, endpoints)?;
    let outermost = chain.layers[0].policies[0].clone();
    Ok((outermost, Some(chain)))
}

/// What a client is told of a provider.
fn believed<'a>(name: &'a str, config: &'a provider::Config) -> Endpoint<'a> {
    Endpoint {
        name,
        vendor: config.vendor.as_deref(),
        model: config.model.as_deref(),
        region: config.region.as_deref(),
        account: config.account.as_deref(),
        group: config.group.as_deref(),
        input_pico: config.price.input.pico_per_token,
        output_pico: config.price.output.pico_per_token,
        rpm: config.limits.rpm,
        tpm: config.limits.tpm,
        context_window: config.context_window,
        lacks: config.can.lacks(),
    }
}

impl Frame {
    fn new(scenario: &Scenario, names: &[&str]) -> Frame {
        debug_assert!(
            scenario.faults.len() <= MAX_FAULTS,
            "one bit of a word each"
        );
        let place = |name: &String| names.iter().position(|n| n == name).map(|p| p as u16);
        let span = |fault: &crate::fault::Config| FaultSpan {
            times: Vec::new(),
            drawn: fault.schedule.is_drawn(),
            on: fault.on.names.iter().filter_map(place).collect(),
        };
        Frame {
            warm_up: Instant::ZERO + scenario.run.warm_up,
            duration: Instant::ZERO + scenario.run.duration,
            horizon: scenario.workload.horizon(),
            window: window(scenario.run.duration),
            faults: scenario.faults.iter().map(span).collect(),
            parts: scopes(scenario)
                .iter()
                .skip(1 + scenario.faults.len())
                .map(|scope| Part::new(scope, scenario))
                .collect(),
        }
    }

    /// The same with the faults of one run.
    pub fn of_run<N>(&self, world: &World<N>) -> Frame {
        let mut frame = self.clone();
        for (span, times) in frame.faults.iter_mut().zip(world.faults()) {
            span.times = times.iter().map(|time| time.from..time.to).collect();
        }
        frame
    }

    /// How many windows there are.
    pub fn windows(&self) -> usize {
        (self.duration.0.div_ceil(self.window.0)) as usize
    }
}

/// The narrowest of 0.1, 0.2, 0.5, 1, 2 and 5 s that makes 200 windows or fewer, each of which
/// divides 10 s, the window of peak amplification; else the least multiple of 10 s that makes 1000
/// or fewer, so that ten years take no more memory than three hours. Where that is more than 10 s,
/// peak amplification is taken over windows of this width.
fn window(duration: Duration) -> Duration {
    const WIDTHS_MS: [u64; 6] = [100, 200, 500, 1000, 2000, 5000];
    const TEN_S_NS: u64 = 10_000_000_000;
    let fits = |ms: &&u64| duration.0.div_ceil(**ms * 1_000_000) <= 200;
    match WIDTHS_MS.iter().find(fits) {
        Some(&ms) => Duration::from_ms(ms),
        None => Duration(duration.0.div_ceil(1000 * TEN_S_NS).max(1) * TEN_S_NS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_widen_with_the_run_and_are_never_more_than_a_thousand() {
        for (run_s, width_ms) in [
            (20, 100),
            (600, 5000),
            (1000, 5000),
            (1001, 10_000),
            (10_000, 10_000),
            (10_001, 20_000),
            (86_400, 90_000),
            (3650 * 86_400, 315_360_000),
        ] {
            let width = window(Duration::from_s(run_s));
            assert_eq!(width, Duration::from_ms(width_ms), "{run_s} s");
            assert!(Duration::from_s(run_s).0.div_ceil(width.0) <= 1000);
        }
    }
}
