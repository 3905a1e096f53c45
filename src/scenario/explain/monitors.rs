//! What a policy watches for drift: how rarely it alarms falsely, how soon it finds what it is for.

use super::super::model::Scenario;
use super::super::phrases;
use super::super::tree::Node;
use super::page::grouped;
use super::{conditions, kinds};
use crate::base::Duration;
use crate::policy::Config;
use crate::policy::monitor::Interval;
use crate::policy::monitor::watch::{Then, Watch};

/// One sentence about each monitor of a policy.
pub(super) fn sentences(scenario: &Scenario, config: &Config, node: Option<&Node>) -> Vec<String> {
    let all = node.and_then(|node| node.child("monitor"));
    let one = |(name, watch): (&String, &Watch)| {
        let node = all.and_then(|all| all.child(name));
        let child = |key: &str| node.and_then(|node| node.child(key)).map(kinds);
        let watched = child("watch").unwrap_or_default();
        let test = child("test").unwrap_or_default();
        let sampled = match watch.sample.0 {
            share if share < 1.0 => format!(" ({} of them)", conditions::percent(share)),
            _ => String::new(),
        };
        format!(
            "monitor {name} watches {watched}{sampled} by {test}: {}{}; {}",
            false_alarms(scenario, watch),
            finds(watch),
            then(watch)
        )
    };
    config.monitor.iter().map(one).collect()
}

fn false_alarms(scenario: &Scenario, watch: &Watch) -> String {
    let (every, least) = match watch.false_alarms() {
        Interval::Mean(every) => (every, ""),
        Interval::AtLeast(every) => (every, " or more"),
        Interval::Unknown => return "how often it alarms falsely is not known".into(),
    };
    let duration = scenario.run.duration;
    let trace = scenario.trace.as_deref();
    let calls = scenario.workload.expected(duration, trace);
    let processes = f64::from(scenario.workload.processes.max(1));
    let per_s = calls * watch.sample.0 / processes / duration.as_s_f64();
    let observations = grouped(libm::round(every.min(1e15)) as u64);
    let mut said = format!("one false alarm in {observations} observations{least}");
    if watch.assumes_normal() {
        // No law of latencies, lengths or costs here is normal, and most are far from it.
        let what = "if those were normal, which they are not, so it does not hold here";
        return format!("{said} {what} (scale = \"log\" comes nearer)");
    }
    // Of a process whose every call is answered there once.
    if per_s > 0.0 && every / per_s < 1e9 {
        let time = Duration::from_s((every / per_s) as u64);
        said.push_str(&format!(
            ", which is {} at one observation a call",
            phrases::moment(time)
        ));
    }
    said
}

fn finds(watch: &Watch) -> String {
    let found = watch.test.finds();
    found.map_or(String::new(), |(change, delay)| {
        let delay = grouped(libm::ceil(delay) as u64);
        format!(", and finds {change} after about {delay}")
    })
}

fn then(watch: &Watch) -> String {
    let lasts = phrases::moment(watch.lasts.unwrap_or_default());
    match watch.then {
        Then::Alert => "an alarm is an alert and nothing else".into(),
        Then::Trip => format!("an alarm opens the breaker for {lasts}"),
        Then::FailOver => format!("after an alarm the endpoint is asked last for {lasts}"),
    }
}
