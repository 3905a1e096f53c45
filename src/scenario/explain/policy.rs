//! What a policy does, in sentences: where it asks, how often, how long it waits, what it makes of
//! which ending.

use super::super::tree::Node;
use super::{kinds, settings};
use crate::policy::breaker::Counting;
use crate::policy::classify::{FailOver, RuleConfig};
use crate::policy::route::OnFailure;
use crate::policy::route::steering::Label;
use crate::policy::server_wait::{self, TooLong, Zero};
use crate::policy::{Config, Mode, fleet, retry, route};

/// The sentences about a policy, among these providers.
pub(super) fn sentences(config: &Config, providers: &[&str], node: Option<&Node>) -> Vec<String> {
    let kind = |path: &[&str]| {
        let path: Vec<String> = path.iter().map(|key| key.to_string()).collect();
        node.and_then(|node| node.find(&path))
            .map(kinds)
            .filter(|text| text != "none")
    };
    // Without a route a policy asks all but its own judge.
    let judge = config.guard.judge().map(|judge| judge.endpoint.as_str());
    let mut answering = providers.to_vec();
    answering.retain(|name| providers.len() == 1 || Some(*name) != judge);
    let providers = &answering[..];
    let endpoints = config.route.asked(providers).len();
    let mut said = vec![route(config, providers)];
    if config.retry.attempts > 1 {
        let backoff = kind(&["retry", "backoff"]).unwrap_or_else(|| "none".into());
        said.push(format!(
            "{}; backoff {backoff}",
            attempts(config, endpoints)
        ));
        said.push(server_wait(&config.retry.server_wait));
        said.extend(server_words(&config.retry));
    } else {
        said.push(format!("one attempt {}", counted(config)));
    }
    for room in [
        "budget", "breaker", "readmit", "throttle", "hedge", "quota", "limiter", "guard",
        "fallback",
    ] {
        said.extend(kind(&[room]).map(|text| format!("{room} {text}")));
    }
    said.extend(refused(config));
    if config.retry.skip_hopeless.is_some() {
        said.push("leaves out what could hardly be answered by the deadline".into());
    }
    for table in [
        "steering",
        "trip",
        "hedging",
        "line",
        "timeout",
        "limit",
        "costly-fallback",
    ] {
        let node = node.and_then(|node| node.child(table));
        said.extend(node.map(|node| format!("{table} {}", settings(node, &[]))));
    }
    said.extend(fleet(config));
    said.extend(node.and_then(classes));
    for (class, rule) in &config.on {
        let backoff = kind(&["on", class.name(), "backoff"]).unwrap_or_else(|| "none".into());
        let retried = config.retry.on.contains(class);
        let rule = rule_parts(rule, retried, &backoff).join(", ");
        if !rule.is_empty() {
            said.push(format!("after {class}: {rule}"));
        }
    }
    for priority in config.priority.keys() {
        let path = ["priority", priority.name()].map(String::from);
        let own = node.and_then(|node| node.find(&path));
        said.extend(own.map(|own| format!("{} calls: {}", priority.name(), settings(own, &[]))));
    }
    if config.mode == Mode::Observe {
        said.push(
            "only observes: it decides and records, sends one plain attempt, and aborts nothing"
                .into(),
        );
    }
    said
}

/// What all processes have together, and how late they know it.
fn fleet(config: &Config) -> Option<String> {
    let scopes = fleet::scopes(config);
    let shared = scopes.iter().map(|key| match key.as_str() {
        "trip.scope" => "the breakers".to_string(),
        key => key.trim_end_matches(".scope").replace('.', " "),
    });
    let shared: Vec<String> = shared.collect();
    let sync = config.fleet.sync;
    (!shared.is_empty()).then(|| {
        let shared = shared.join(", ");
        format!("the processes share {shared}, and know of each other up to {sync} late")
    })
}

/// What becomes of an answer that a guard refuses, where that is the end of the call.
fn refused(config: &Config) -> Option<String> {
    let can = config.guard.refuses();
    let goes_on = |class| {
        let fail_over = config.on.get(&class).and_then(|rule| rule.fail_over);
        config.retry.on.contains(&class)
            || matches!(fail_over, Some(FailOver::Now | FailOver::NextGroup))
    };
    let ends = can.into_iter().filter(|class| !goes_on(*class));
    let ends: Vec<&str> = ends.map(|class| class.name()).collect();
    let said = format!(
        "an answer that its guards refuse ({}) fails the call: the class is not retried",
        ends.join(", ")
    );
    (!ends.is_empty()).then_some(said)
}

fn route(config: &Config, providers: &[&str]) -> String {
    let asked = config.route.asked(providers);
    let order = match (config.route.endpoints(), &asked[..]) {
        ([], [_, _, ..]) => " (in order of the file)",
        _ => "",
    };
    let said = match &config.route {
        route::Config::Single(_) => single(&asked, providers),
        route::Config::Failover(_) => format!("asks {}{order}", asked.join(", then ")),
        kind => format!("asks {} by {}", asked.join(", "), kind.kind()),
    };
    if let Some(groups) = groups(&config.groups) {
        return format!("{said}, {groups}");
    }
    // Who has no other endpoint, or no second attempt, never goes on after a failure.
    if asked.len() == 1 || config.retry.attempts == 1 {
        return said;
    }
    match config.route.on_failure() {
        OnFailure::Next => {
            format!("{said}: after a failure the next at once, after the last a wait and the first")
        }
        OnFailure::ExhaustThenNext => {
            format!("{said}: the next only when the attempts at this one are used up")
        }
    }
}

/// How groups of endpoints are asked.
fn groups(config: &route::groups::Config) -> Option<String> {
    use route::groups::Config;
    let by = |label: Label| format!("those of one {} as a group", label.name());
    match config {
        Config::None(_) => None,
        Config::Fallback(kind) => Some(format!(
            "{}: all its attempts in one, chosen anew each time, then all in the next, {} at the most",
            by(kind.by),
            kind.max
        )),
        Config::Priority(kind) => Some(format!(
            "{}: each takes its healthy share times {}, the next what it cannot; below {} % healthy, if all \
             together cannot take everything, breakers are ignored",
            by(kind.by),
            kind.overprovisioning,
            kind.panic.0 * 100.0
        )),
    }
}

/// Who alone is asked, and who never is.
fn single(asked: &[&str], providers: &[&str]) -> String {
    let asked = asked.join(", ");
    let others = providers.iter().filter(|name| **name != asked);
    let others: Vec<&str> = others.copied().collect();
    match others.is_empty() {
        true => format!("asks {asked}"),
        false => format!(
            "asks {asked} alone and never {}, for it has no failover (a `single` route)",
            others.join(", ")
        ),
    }
}

/// What its attempts are counted in.
fn counted(config: &Config) -> &'static str {
    match config.groups.has_next() {
        true => "per group",
        false => "per call",
    }
}

fn attempts(config: &Config, endpoints: usize) -> String {
    let (retry, per) = (&config.retry, counted(config));
    let all = match retry.attempts {
        retry::UNLIMITED => "any number of".into(),
        all => format!("up to {all}"),
    };
    let classes: Vec<&str> = retry.on.iter().map(|class| class.name()).collect();
    let again = match classes.is_empty() {
        true => "again after nothing".into(),
        false => format!("again after {}", classes.join(", ")),
    };
    match retry.attempts_per_endpoint {
        Some(n) if n < retry.attempts => {
            format!("{all} attempts {per}, {n} at one endpoint, {again}")
        }
        _ if endpoints > 1 => {
            format!("{all} attempts {per}, with no limit per endpoint, {again}")
        }
        _ => format!("{all} attempts {per}, {again}"),
    }
}

fn server_wait(wait: &server_wait::Config) -> String {
    if !wait.honour {
        return "ignores `Retry-After`".into();
    }
    let cap = wait.cap;
    let mut said = match wait.too_long {
        TooLong::Honour => "waits as `Retry-After` says, however long".into(),
        _ => format!("waits as `Retry-After` says, up to {cap}"),
    };
    if !wait.floor.is_zero() {
        said.push_str(&format!(", and at least {}", wait.floor));
    }
    if wait.jitter > 0.0 {
        said.push_str(&format!(", and up to {} times that longer", wait.jitter));
    }
    if !wait.jitter_max.is_zero() {
        said.push_str(&format!(", and up to {} longer", wait.jitter_max));
    }
    if wait.jitter_of_backoff {
        said.push_str(", spread as the backoff");
    }
    if let Some(stretch) = wait.stretch {
        return format!(
            "waits as the backoff says, or up to {stretch} longer if `Retry-After` does"
        );
    }
    said.push_str(&match wait.too_long {
        TooLong::Ignore => "; longer ones are ignored".into(),
        TooLong::Clamp => format!("; longer ones become {cap}"),
        TooLong::Fail => "; after longer ones it does not try again there".into(),
        TooLong::Honour => String::new(),
    });
    said
}

/// How else the policy listens to the server, where that is not the default.
fn server_words(retry: &retry::Config) -> Option<String> {
    let (wait, default) = (&retry.server_wait, server_wait::Config::default());
    let mut said = Vec::new();
    if wait.honour && wait.headers != default.headers {
        let headers: Vec<&str> = wait.headers.iter().map(|form| form.name()).collect();
        said.push(format!("reads {}", headers.join(", then ")));
    }
    if wait.honour && !wait.statuses.is_empty() {
        let statuses: Vec<String> = wait.statuses.iter().map(u16::to_string).collect();
        said.push(format!("of {}", statuses.join(", ")));
    }
    if wait.zero == Zero::Immediate && wait.honour {
        said.push("a wait of nothing means at once".into());
    }
    if retry.server_veto {
        said.push("`x-should-retry` beats the class".into());
    }
    (!said.is_empty()).then(|| said.join("; "))
}

/// What the policy takes statuses for, where it says so itself.
fn classes(node: &Node) -> Option<String> {
    let table = node.child("classify")?.table()?;
    let one = |(pattern, class): (&str, &Node)| Some(format!("{pattern} for {}", class.text()?));
    let all: Vec<String> = table.iter().filter_map(one).collect();
    (!all.is_empty()).then(|| format!("takes {}", all.join(", ")))
}

fn rule_parts(rule: &RuleConfig, retried: bool, backoff: &str) -> Vec<String> {
    let moves_on = matches!(rule.fail_over, Some(FailOver::Now | FailOver::NextGroup));
    let attempts = rule.attempts.filter(|_| !moves_on).map(|n| match n {
        1 => "gives up".into(),
        n => format!("gives up when {n} attempts ended so"),
    });
    let backoff = rule.backoff.as_ref().map(|_| format!("backoff {backoff}"));
    let fail_over = match rule.fail_over {
        None | Some(FailOver::AsRoute) => None,
        Some(FailOver::Now) => Some(match rule.attempts.filter(|&n| retried && n > 1) {
            Some(n) => format!("leaves the endpoint after {n} attempts there"),
            None => "leaves the endpoint at once".into(),
        }),
        Some(FailOver::NextGroup) => Some("leaves the group at once".into()),
        Some(FailOver::Never) => Some("never leaves the endpoint".into()),
    };
    let breaker = rule.counts_for_breaker.map(|counts| match counts {
        Counting::Failure => "counts for the breaker".into(),
        Counting::Ignored => "does not count for the breaker".into(),
        Counting::Success => "is a success for the breaker".into(),
        Counting::Trips => "trips the breaker at once".into(),
    });
    [attempts, backoff, fail_over, breaker]
        .into_iter()
        .flatten()
        .collect()
}
