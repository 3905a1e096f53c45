//! Warnings: settings that are allowed and surely do nothing.
//!
//! Only what is certain is said; a warning that is wrong once is never read again.

mod capabilities;
mod fleet;
mod groups;
mod guards;
mod idle;
mod monitors;
mod noise;
mod pages;
mod senders;
mod tasks;
mod vain;

use super::by_priority;
use super::parts::Parts;
use super::report::{Report, Severity};
use super::too_large;
use crate::base::{Check, Class, Duration};
use crate::policy::classify::FailOver;
use crate::policy::route::OnFailure;
use crate::policy::{self, backoff, breaker, hedge};
use crate::provider::limits;
use crate::workload::{self, trace::Trace};

/// Warns about what is set in vain. Each warning is about settings that are known: a default in
/// place of a mistake says nothing about what was meant.
pub(super) fn check(parts: &Parts, trace: Option<&Trace>, report: &mut Report) {
    let traffic = |keys: &[&str]| {
        let config = parts.workload.value.as_ref();
        config.filter(|_| keys.iter().all(|key| parts.workload.knows(key)))
    };
    let providers = (!parts.lacks.providers).then_some(parts.providers.len());
    by_priority::warn(parts, report);
    for (place, (_, policy)) in parts.policies.iter().enumerate() {
        let is_chain = policy.value.as_ref().is_some_and(policy::Config::is_chain);
        // What is in vain for most calls may be meant for the others; a chain has nothing of its own.
        if parts.differs(place) || is_chain {
            continue;
        }
        let knows = |key: &str| policy.knows(key);
        policy.check(report, |config, check| {
            if knows("route") {
                let workload = traffic(&["max-tokens", "tokens"]);
                of_route(config, &knows, parts, workload.map(|w| (w, trace)), check);
            }
            vain::check(policy, config, check);
            idle::check(policy, config, parts, check);
            if ["route", "groups", "guard"].iter().all(|key| knows(key)) {
                groups::check(policy, config, parts, check);
            }
            if !knows("retry.attempts") {
                return;
            }
            if knows("hedge") {
                budget(config, check);
            }
            let knows_wait = ["retry", "on", "route"].iter().all(|key| knows(key));
            if let (Some(workload), true) = (traffic(&["deadline"]), knows_wait) {
                first_wait(config, endpoints(config, providers), workload, check);
            }
            let keys = ["arrivals", "shape", "impatience", "processes", "deadline"];
            if let (Some(workload), true) = (traffic(&keys), knows("breaker")) {
                volume(config, workload, check);
            }
        });
        policy.check(report, |config, check| {
            let known = traffic(&["users", "conversations", "arrivals"]);
            if let (Some(workload), true, true) = (known, knows("quota"), knows("limit")) {
                senders::check(config, workload, check);
            }
            let processes = traffic(&["processes"]).map(|workload| workload.processes);
            fleet::alone(config, processes, &knows, check);
            if ["breaker", "trip", "route"].iter().all(|key| knows(key)) {
                fleet::each(config, parts, check);
            }
            if ["steering", "route", "guard"].iter().all(|key| knows(key)) {
                pages::check(config, parts, check);
            }
        });
        policy.check(report, |config, check| {
            if let Some(workload) = traffic(&["stream"]) {
                first_token(config, workload, check);
            }
        });
    }
    of_traffic(parts, trace, report);
}

/// Warns about what the traffic as a whole makes vain.
fn of_traffic(parts: &Parts, trace: Option<&Trace>, report: &mut Report) {
    let traffic = |keys: &[&str]| {
        let config = parts.workload.value.as_ref();
        config.filter(|_| keys.iter().all(|key| parts.workload.knows(key)))
    };
    if let Some(workload) = traffic(&["needs", "priority"]) {
        capabilities::check(parts, workload, report);
    }
    if let Some(workload) = traffic(&["task"]) {
        tasks::check(parts, workload, report);
    }
    let known = traffic(&["max-tokens", "cut-answers", "needs", "priority"]);
    guards::check(parts, known, report);
    idle_providers(parts, report);
    noise::check(parts, report);
    if let Some(workload) = traffic(&["max-tokens", "tokens"]) {
        request_sizes(parts, workload, trace, report);
    }
}

/// Warns about what the endpoints of the route make vain.
fn of_route(
    config: &policy::Config,
    knows: &dyn Fn(&str) -> bool,
    parts: &Parts,
    traffic: Option<(&workload::Config, Option<&Trace>)>,
    check: &mut Check,
) {
    let providers = (!parts.lacks.providers).then_some(parts.providers.len());
    hedge_elsewhere(config, providers, check);
    if knows("monitor") {
        monitors::check(config, endpoints(config, providers), check);
        vain::watched_cost(config, parts, check);
    }
    if knows("guard") && knows("limit") {
        monitors::alone(config, endpoints(config, providers), check);
    }
    monitors::money(config, parts, check);
    if knows("steering") {
        vain::apart(config, parts, check);
    }
    if let (Some(traffic), true) = (traffic, knows("limit")) {
        vain::too_dear(config, parts, traffic, check);
    }
    if let (Some(traffic), true) = (traffic, knows("budget") && knows("retry.attempts")) {
        vain::too_small(config, parts, traffic, check);
    }
}

fn request_sizes(
    parts: &Parts,
    workload: &workload::Config,
    trace: Option<&Trace>,
    report: &mut Report,
) {
    let may_be_small = |limits: &limits::Config| too_large::may_be_small(limits, workload);
    let providers = parts.providers.iter().filter_map(|(_, p)| p.value.as_ref());
    let pools = parts.pools.iter().filter_map(|(_, p)| p.value.as_ref());
    let mut limits = providers.map(|p| &p.limits).chain(pools.map(|p| &p.limits));
    if !limits.any(may_be_small) {
        return;
    }
    let sizes = too_large::Sizes::of(workload, trace);
    for (_, provider) in &parts.providers {
        provider.check(report, |config, check| {
            too_large::check(&config.limits, sizes, check);
        });
    }
    for (_, pool) in &parts.pools {
        pool.check(report, |config, check| {
            too_large::check(&config.limits, sizes, check);
        });
    }
}

fn endpoints(config: &policy::Config, providers: Option<usize>) -> Option<usize> {
    match config.route.endpoints().len() {
        0 => providers.map(|n| n.min(config.route.most())),
        n => Some(n),
    }
}

fn hedge_elsewhere(config: &policy::Config, providers: Option<usize>, check: &mut Check) {
    if !matches!(config.hedge, hedge::Config::None(_))
        && config.hedge.to() == hedge::To::Other
        && endpoints(config, providers) == Some(1)
    {
        check
            .warning(
                &format!("hedge.{}.to", config.hedge.kind()),
                "this hedge is never sent",
                "there is no other endpoint",
            )
            .help("name a second endpoint in `route`, or use to = \"same\"");
    }
}

fn budget(config: &policy::Config, check: &mut Check) {
    let alone = config.retry.attempts == 1 && matches!(config.hedge, hedge::Config::None(_));
    // Those of the next group are attempts beyond the first.
    if alone && !config.groups.has_next() && !config.budget.0.is_empty() {
        check
            .warning(
                "budget",
                "this budget is never asked",
                "one attempt per call is allowed",
            )
            .help("a budget limits attempts beyond the first: raise `retry.attempts`");
    }
}

/// The shortest first wait a backoff can give, and the setting that says so. More luck is never a
/// shorter wait, so it is the one without any.
fn shortest_first_wait(backoff: &backoff::Config) -> (Duration, String) {
    let main = match backoff {
        backoff::Config::Constant(_) => "wait",
        backoff::Config::Schedule(_) => "waits",
        backoff::Config::None(_)
        | backoff::Config::Linear(_)
        | backoff::Config::Exponential(_)
        | backoff::Config::DecorrelatedV2(_)
        | backoff::Config::RandomWalk(_)
        | backoff::Config::Finagle(_) => "base",
    };
    let wait = backoff.wait(backoff::Step::at(1), || 0.0);
    (wait, format!("{}.{main}", backoff.kind()))
}

/// What is done after an ending of some class, as far as the wait before a retry goes.
fn waits(config: &policy::Config, class: Class) -> Waits {
    match config.on.get(&class) {
        Some(own)
            if matches!(own.fail_over, Some(FailOver::Now | FailOver::NextGroup))
                && own.attempts.unwrap_or(1) == 1 =>
        {
            Waits::NeverHere
        }
        Some(own) if own.backoff.is_some() => Waits::ByItsOwn,
        _ => Waits::ByBackoff,
    }
}

/// What decides how long a call waits before a retry.
#[derive(Clone, Copy, PartialEq)]
enum Waits {
    /// `retry.backoff`.
    ByBackoff,
    /// The backoff of its class.
    ByItsOwn,
    /// Nothing: the call leaves the endpoint at once.
    NeverHere,
}

/// Whether every retry waits for nothing but `retry.backoff`: no endpoint is asked at once instead,
/// and no server says how long to wait.
fn only_by_backoff(config: &policy::Config, endpoints: Option<usize>, deadline: Duration) -> bool {
    let per_endpoint = config.retry.attempts_per_endpoint;
    let stays = endpoints == Some(1)
        || config.route.on_failure() == OnFailure::ExhaustThenNext && per_endpoint != Some(1);
    let server = &config.retry.server_wait;
    let mut classes = config.retry.on.iter();
    stays
        && (!server.honour || server.floor >= deadline)
        && classes.all(|class| waits(config, *class) == Waits::ByBackoff)
}

fn first_wait(
    config: &policy::Config,
    endpoints: Option<usize>,
    workload: &workload::Config,
    check: &mut Check,
) {
    let (wait, key) = shortest_first_wait(&config.retry.backoff);
    let Some(deadline) = workload.deadline.filter(|deadline| wait >= *deadline) else {
        return;
    };
    let mut classes = config.retry.on.iter();
    let is_used = classes.any(|class| waits(config, *class) == Waits::ByBackoff);
    if config.retry.attempts == 1 || !is_used {
        return;
    }
    let title = match only_by_backoff(config, endpoints, deadline) {
        true => "the first retry always comes too late",
        false => "a retry after this backoff always comes too late",
    };
    let label = format!("not shorter than the deadline of {deadline}");
    check
        .warning(&format!("retry.backoff.{key}"), title, label)
        .help("shorten the wait, or raise `workload.deadline`");
}

fn first_token(config: &policy::Config, workload: &workload::Config, check: &mut Check) {
    if config.timeout.first_token.is_some() && !workload.stream {
        check
            .warning(
                "timeout.first-token",
                "this timeout never fires",
                "answers are not streamed",
            )
            .help("set `workload.stream = true`, or use `timeout.total`");
    }
}

/// A window that cannot hold its least volume, however badly things go.
fn volume(config: &policy::Config, workload: &workload::Config, check: &mut Check) {
    let breaker::Config::TimeWindow(window) = &config.breaker else {
        return;
    };
    let attempts = f64::from(config.retry.attempts.max(1));
    // Attempts in the window belong to calls that arrived in it or up to a deadline before.
    let reach = window.span + workload.horizon();
    let Some(rate) = workload.top_rate() else {
        return;
    };
    let calls = rate / f64::from(workload.processes.max(1)) * reach.as_s_f64();
    // Ten standard deviations above the mean of a Poisson law happen to nobody.
    let most = (calls + 10.0 * calls.sqrt() + 10.0) * attempts;
    if f64::from(window.min_volume) > most {
        check
            .warning(
                "breaker.time-window.min-volume",
                "this breaker never trips",
                "more than a process ever sends in the window",
            )
            .help(format!(
                "a process sees about {:.2} calls per second: lower it, or lengthen `span`",
                rate / f64::from(workload.processes.max(1))
            ));
    }
}

/// A provider that no policy asks.
fn idle_providers(parts: &Parts, report: &mut Report) {
    let mut asked: Vec<&str> = Vec::new();
    if parts.lacks.policies || parts.lacks.providers {
        return;
    }
    let mut singles = false;
    for policy in parts.all_policies() {
        let Some(config) = policy
            .value
            .as_ref()
            .filter(|_| policy.knows("route") && policy.knows("guard"))
        else {
            return;
        };
        asked.extend(parts.asked_by(config));
        asked.extend(config.guard.judge().map(|judge| judge.endpoint.as_str()));
        singles |= config.route.most() == 1;
    }
    for (name, provider) in &parts.providers {
        if !asked.contains(&name.as_str()) && !parts.policies.is_empty() {
            let title = "nobody asks this provider";
            let mut warning = provider.unit.mistake(&[], title, "in no route", report);
            warning.severity = Severity::Warning;
            if singles {
                warning = warning.help(
                    "a `single` route, as presets of software without failover have it, asks one \
                     endpoint: write `route = \"failover\"` to ask them all",
                );
            }
            provider.unit.push(&[], warning, report);
        }
    }
}
