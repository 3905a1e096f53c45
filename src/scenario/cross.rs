//! Checks across the parts of a scenario: names that must exist, times that must fit.

use std::sync::Arc;

use super::parts::Parts;
use super::phrases::with_names;
use super::pools;
use super::report::Report;
use super::typing::Typed;
use crate::base::{Check, Duration};
use crate::engine::MAX_ROUTE;
use crate::fault::MAX_FAULTS;
use crate::fault::hits::By;
use crate::workload::reactive::MOST_SESSIONS;
use crate::workload::trace::Trace;
use crate::{policy, provider, workload};

/// Runs every check that needs more than one part.
pub(super) fn check(parts: &Parts, trace: Option<&Arc<Trace>>, report: &mut Report) {
    let providers: Vec<&str> = parts
        .providers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    routes(parts, &providers, report);
    judges(parts, &providers, report);
    for fault in 0..parts.faults.len() {
        targets(parts, fault, &providers, report);
        times(parts, fault, report);
        senders(parts, fault, report);
    }
    fault_names(parts, report);
    pools::check(parts, &providers, report);
    traffic(parts, trace, report);
}

/// More policies than a page, a chart or a reader can tell apart.
const MAX_POLICIES: usize = 100;

fn routes(parts: &Parts, providers: &[&str], report: &mut Report) {
    if let Some((_, policy)) = parts.policies.get(MAX_POLICIES) {
        let title = format!("more than {MAX_POLICIES} policies");
        let mistake = policy
            .unit
            .mistake(&[], title, "one too many", report)
            .help("compare them in several files");
        policy.unit.push(&[], mistake, report);
    }
    for (_, policy) in &parts.policies {
        too_long(policy, parts, report);
    }
    for policy in parts.all_policies() {
        let Some(config) = &policy.value else {
            continue;
        };
        for (i, name) in config.route.endpoints().iter().enumerate() {
            if providers.contains(&name.as_str()) || parts.lacks.providers {
                continue;
            }
            let key = config.route.key_of_endpoint(i);
            let path: Vec<&str> = ["route"].into_iter().chain(key.split('.')).collect();
            let title = format!("unknown provider `{name}`");
            let mistake = policy
                .unit
                .mistake(&path, title, "no such provider", report);
            policy
                .unit
                .push(&path, with_names(mistake, name, providers), report);
        }
    }
}

/// Notes a route of more endpoints than a call can keep apart.
fn too_long(policy: &Typed<policy::Config>, parts: &Parts, report: &mut Report) {
    let known = policy.knows("route") && policy.knows("guard") && !parts.lacks.providers;
    let Some(config) = policy.value.as_ref().filter(|_| known) else {
        return;
    };
    let asked = parts.asked_by(config).len();
    if asked <= MAX_ROUTE {
        return;
    }
    let title = format!("a route of {asked} endpoints");
    let label = match config.route.endpoints().is_empty() {
        true => format!("no endpoints are named: all are asked, and {MAX_ROUTE} are the most"),
        false => format!("{MAX_ROUTE} are the most"),
    };
    let mistake = policy.unit.mistake(&["route"], title, label, report);
    let kind = config.route.kind();
    let help = format!("name those that it asks: route.{kind}.endpoints = [\"A\", \"B\"]");
    policy.unit.push(&["route"], mistake.help(help), report);
}

/// A judge is a provider of the scenario.
fn judges(parts: &Parts, providers: &[&str], report: &mut Report) {
    for (_, policy) in &parts.policies {
        let judge = policy
            .value
            .as_ref()
            .and_then(|config| config.guard.judge());
        let Some(judge) = judge.filter(|_| policy.knows("guard")) else {
            continue;
        };
        let name = &judge.endpoint;
        if providers.contains(&name.as_str()) || parts.lacks.providers {
            continue;
        }
        let path = ["guard", "judge", "endpoint"];
        let title = format!("unknown provider `{name}`");
        let unit = &policy.unit;
        let mistake = unit.mistake(&path, title, "no such provider", report);
        unit.push(&path, with_names(mistake, name, providers), report);
    }
}

fn targets(parts: &Parts, fault: usize, providers: &[&str], report: &mut Report) {
    let unit = &parts.faults[fault].unit;
    let Some(config) = &parts.faults[fault].value else {
        return;
    };
    let by_label = !config.on.labels.is_empty();
    for (i, name) in config.on.names.iter().enumerate() {
        let place = i.to_string();
        let path = ["on", place.as_str()];
        let path = if by_label { &path[..1] } else { &path[..] };
        if config.on.names[..i].contains(name) {
            let mistake = unit.mistake(path, "a provider named twice", "again here", report);
            unit.push(path, mistake, report);
        }
        let Some((_, provider)) = parts.providers.iter().find(|(other, _)| other == name) else {
            if parts.lacks.providers {
                continue;
            }
            let title = format!("unknown provider `{name}`");
            let mistake = unit.mistake(path, title, "no such provider", report);
            unit.push(path, with_names(mistake, name, providers), report);
            continue;
        };
        let storm = matches!(config.effect, crate::fault::effect::Config::RateLimit(_));
        let unlimited = |config: &provider::Config| config.limits.is_empty();
        if storm && provider.knows("limits") && provider.value.as_ref().is_some_and(unlimited) {
            let title = "a 429 storm needs limits that can shrink";
            let label = format!("`{name}` has no `limits`");
            let mistake = unit
                .mistake(path, title, label, report)
                .also(provider.unit.node.key, "no limits here")
                .help("give the provider limits such as limits.rpm = 6000");
            unit.push(path, mistake, report);
        }
    }
}

/// A fault that goes by users or conversations needs such.
fn senders(parts: &Parts, fault: usize, report: &mut Report) {
    let unit = &parts.faults[fault].unit;
    let (Some(config), Some(workload)) = (&parts.faults[fault].value, &parts.workload.value) else {
        return;
    };
    let (key, is_there) = match config.hits.by() {
        Some(By::User) => ("users", workload.users.is_some()),
        Some(By::Conversation) => ("conversations", workload.conversations.is_some()),
        Some(By::Try | By::Call) | None => return,
    };
    if is_there || !parts.workload.knows(key) || !unit.knows_key("hits") {
        return;
    }
    let path = ["hits", config.hits.kind(), "by"];
    let title = format!("a fault that goes by {key}, and no {key}");
    let mistake = unit
        .mistake(
            &path,
            title,
            format!("there is no `workload.{key}`"),
            report,
        )
        .help("without them everything goes by call: write by = \"call\", or add them");
    unit.push(&path, mistake, report);
}

fn times(parts: &Parts, fault: usize, report: &mut Report) {
    let unit = &parts.faults[fault].unit;
    let (Some(config), Some(run)) = (&parts.faults[fault].value, &parts.run.value) else {
        return;
    };
    if !parts.run.knows("duration") || !unit.knows_key("at") {
        return;
    }
    let end = run.duration;
    let knows_end = unit.knows_key("for");
    let run_place = super::words::setting(
        &report.sources,
        parts
            .run
            .unit
            .node
            .child("duration")
            .unwrap_or(&parts.run.unit.node),
    );
    if config.at >= end {
        let mistake = unit
            .mistake(
                &["at"],
                "this fault begins after the run",
                "too late",
                report,
            )
            .also(run_place, format!("the run lasts {end}"))
            .help("fault times count from the start of the run, warm-up included");
        unit.push(&["at"], mistake, report);
    } else if knows_end && config.to().0 > end.0 && !config.schedule.is_drawn() {
        let title = "this fault outlasts the run";
        let mut warning = unit
            .value_mistake(&["for"], title, "cut off by the end")
            .also(run_place, format!("the run lasts {end}"));
        warning.severity = super::report::Severity::Warning;
        warning.help = Some("recovery cannot be seen: let the run go on after the fault".into());
        unit.push(&["for"], warning, report);
    } else if knows_end && parts.run.knows("warm-up") && config.to().0 <= run.warm_up.0 {
        let title = "this fault is over before anything counts";
        let mut warning = unit.mistake(&["at"], title, "wholly in the warm-up", report);
        warning.severity = super::report::Severity::Warning;
        warning.help = Some(format!("the warm-up lasts {}", run.warm_up));
        unit.push(&["at"], warning, report);
    }
}

/// From the tree: a fault with a mistake elsewhere still has its name, if somebody wrote one.
fn fault_names(parts: &Parts, report: &mut Report) {
    if let Some(fault) = parts.faults.get(MAX_FAULTS) {
        let title = format!("more than {MAX_FAULTS} faults");
        let mistake = fault
            .unit
            .mistake(&[], title, "one too many", report)
            .help("split the scenario, or let one fault last longer");
        fault.unit.push(&[], mistake, report);
    }
    let nodes: Vec<_> = parts
        .faults
        .iter()
        .map(|fault| fault.unit.written("name"))
        .collect();
    let name = |i: usize| nodes[i].and_then(|node| node.text());
    for (i, fault) in parts.faults.iter().enumerate() {
        let Some(first) = (0..i).find(|first| name(i).is_some() && name(*first) == name(i)) else {
            continue;
        };
        let title = format!("two faults named `{}`", name(i).unwrap_or_default());
        let mut mistake = fault.unit.mistake(&["name"], title, "again here", report);
        if let Some(node) = nodes[first] {
            mistake = mistake.also(super::words::setting(&report.sources, node), "first here");
        }
        let help = "expectations and reports tell faults apart by name";
        fault.unit.push(&["name"], mistake.help(help), report);
    }
}

/// More calls in flight than memory holds: at about 700 bytes each they take 14 GB.
const MAX_IN_FLIGHT: f64 = 2e7;

/// More calls in one run than anyone waits for.
const MAX_CALLS: f64 = 1e9;

fn traffic(parts: &Parts, trace: Option<&Arc<Trace>>, report: &mut Report) {
    let duration = match &parts.run.value {
        Some(run) if parts.run.knows("duration") => Some(run.duration),
        _ => None,
    };
    let first = trace.and_then(|trace| trace.rows.first()).map(|row| row.at);
    parts.workload.check(report, |config, check| {
        let from_trace = matches!(config.arrivals, workload::arrivals::Config::Trace(_));
        if matches!(config.tokens, workload::tokens::Config::Trace(_)) && !from_trace {
            let arrivals = check.path("arrivals");
            check
                .mistake(
                    "tokens",
                    "sizes from a trace that is not there",
                    "needs a trace",
                )
                .also(arrivals, "these calls come from no trace")
                .help("write `arrivals.trace = \"file.csv\"`, or another kind of tokens");
        }
        let Some(duration) = duration else { return };
        late(config, duration, first, check);
        if let workload::arrivals::Config::Clients(clients) = &config.arrivals {
            check.at("arrivals.clients", |check| {
                clients.check_windows(duration, check);
            });
        }
        if parts.workload.knows("deadline") {
            crowd(config, duration, trace, check);
        }
    });
}

/// Notes traffic that begins when the run is over.
fn late(
    config: &workload::Config,
    duration: Duration,
    first: Option<crate::base::Instant>,
    check: &mut Check,
) {
    let title = "nothing arrives before the run is over";
    match &config.arrivals {
        workload::arrivals::Config::Ramp(ramp) if ramp.at >= duration => {
            check
                .warning(
                    "arrivals.ramp.at",
                    "this ramp comes after the run",
                    "too late",
                )
                .help(format!("the run lasts {duration}"));
        }
        workload::arrivals::Config::Batch(batch) if batch.at >= duration => {
            check.mistake("arrivals.batch.at", title, "too late");
        }
        workload::arrivals::Config::Burst(burst) if burst.at >= duration => {
            check.mistake("arrivals.burst.at", title, "too late");
        }
        workload::arrivals::Config::Spike(spike) if spike.at >= duration => {
            check
                .warning(
                    "arrivals.spike.at",
                    "this spike comes after the run",
                    "too late",
                )
                .help(format!("the run lasts {duration}"));
        }
        workload::arrivals::Config::Trace(_) if first.is_some_and(|at| at.0 >= duration.0) => {
            check.mistake("arrivals.trace.file", title, "its first call comes later");
        }
        _ => {}
    }
}

/// Notes more calls than can be simulated.
fn crowd(
    config: &workload::Config,
    duration: Duration,
    trace: Option<&Arc<Trace>>,
    check: &mut Check,
) {
    let trace = trace.map(|t| &**t);
    // Arrivals go on for the horizon after the end, so that the last calls of the cohort meet the
    // load of all others.
    let whole = duration + config.horizon();
    let open = config.deadline.unwrap_or(whole).min(whole);
    let in_flight = open_at_once(config, open, whole, trace);
    if in_flight > MAX_IN_FLIGHT {
        check
            .mistake(
                "arrivals",
                "too many calls in flight to be simulated",
                format!("up to {in_flight:.0} open at once, if nothing is answered"),
            )
            .help("lower the rate, or the deadline; 20 million is the most");
    } else if config.expected(whole, trace) > MAX_CALLS {
        check
            .mistake(
                "arrivals",
                "too many calls to be simulated",
                "more than a thousand million",
            )
            .help("shorten `run.duration`; raise `replications` for precision");
    } else if config.reacts()
        && !config.is_closed()
        && config.arrived(whole, trace) > f64::from(MOST_SESSIONS)
    {
        check
            .mistake(
                "arrivals",
                "too many callers who react",
                "more than 16 million",
            )
            .help("shorten `run.duration`, or lower the rate");
    }
}

/// The most calls expected within any time of length `open`, in a run that takes `whole`: how many
/// are open at once if nothing is answered. Bursts and traces may come in an instant.
fn open_at_once(
    config: &workload::Config,
    open: Duration,
    whole: Duration,
    trace: Option<&Trace>,
) -> f64 {
    let parallel = config.conversations.as_ref().map_or(1, |c| c.parallel);
    let shape = config.shape.ready().map_or(1.0, |shape| shape.most());
    let mean = || config.expected(whole, trace) / whole.as_s_f64() * shape * open.as_s_f64();
    match &config.arrivals {
        workload::arrivals::Config::Closed(closed) => f64::from(closed.users) * f64::from(parallel),
        // One step of each is open.
        _ if config.reacts() => {
            let begun = config.arrived(whole, trace) / whole.as_s_f64() * shape;
            begun * open.as_s_f64() * f64::from(parallel)
        }
        workload::arrivals::Config::Poisson(_)
        | workload::arrivals::Config::Gamma(_)
        | workload::arrivals::Config::Weibull(_)
        | workload::arrivals::Config::OnOff(_)
        | workload::arrivals::Config::Mmpp(_) => mean(),
        workload::arrivals::Config::Ramp(ramp) => {
            ramp.from.per_s().max(ramp.to.per_s()) * open.as_s_f64()
        }
        workload::arrivals::Config::Batch(batch) => batch.expected_within(open),
        workload::arrivals::Config::Clients(clients) => clients.busiest_per_s() * open.as_s_f64(),
        workload::arrivals::Config::Spike(spike) => {
            let (rate, peak) = (spike.rate.per_s(), spike.peak.per_s());
            let spiked = open.min(spike.lasts).min(whole - spike.at);
            rate * open.as_s_f64() + (peak - rate).max(0.0) * spiked.as_s_f64()
        }
        workload::arrivals::Config::Burst(_) | workload::arrivals::Config::Trace(_) => {
            config.arrivals.expected(whole, trace)
        }
    }
}
