//! Which calls an expectation is about: `during`, `after`, `priority`, `tenant`, and the `layer` of a chain.

use super::expect::{Reader, Written};
use super::metric_names::is_split_by_fault;
use crate::record::metric::Metric;
use crate::record::results::{Calls, after};

/// The calls an expectation is about; every mistake in that is noted.
pub(super) fn meant(reader: &mut Reader<'_, '_>, written: &Written) -> Calls {
    let named = |fault: &Option<String>| fault.clone().filter(|name| name != "all");
    let calls = Calls {
        during: named(&written.during),
        after: written.after.clone(),
        priority: written.priority,
        tenant: written.tenant.clone(),
    };
    for (key, fault) in [("during", &calls.during), ("after", &calls.after)] {
        if let Some(fault) = fault
            && !reader.names.faults.contains(&fault.as_str())
            && !reader.names.lacks.faults
        {
            let faults = reader.names.faults.clone();
            reader.unknown("fault", fault, &[key], &faults);
        }
    }
    if calls.during.is_some() && calls.after.is_some() {
        reader.mistake(
            &["after"],
            "calls during a fault and after one",
            "they arrive once",
            "leave out `during` or `after`",
        );
    }
    window(reader, &calls);
    whose(reader, &calls);
    layer(reader, written);
    taken(reader, &calls);
    calls
}

/// Nothing may come after a fault.
fn window(reader: &mut Reader<'_, '_>, calls: &Calls) {
    let (Some(fault), Some((times, duration))) = (&calls.after, &reader.names.times) else {
        return;
    };
    let Some(place) = times.iter().position(|(name, ..)| name == fault) else {
        return;
    };
    if times[place].3 {
        let help = "`during` asks for the calls that arrive while it is on";
        let title = "after a fault whose times are drawn";
        reader.mistake(&["after"], title, "ends at other times in each run", help);
        return;
    }
    let (from, to) = after(times, place, *duration);
    if from >= to.min(*duration) {
        let help =
            "`after` is the time from a fault's end until another is on, or to the end of the run";
        let label = "the run is over, or another fault is on at its end";
        reader.mistake(&["after"], "no call comes after this fault", label, help);
    }
}

/// The priority and the tenant must be some calls'.
fn whose(reader: &mut Reader<'_, '_>, calls: &Calls) {
    if let (Some(priority), Some(all)) = (calls.priority, &reader.names.priorities)
        && !(all.len() > 1 && all.contains(&priority))
    {
        reader.mistake(
            &["priority"],
            "nothing is counted by this priority",
            "all calls are alike, or none is so",
            "set `workload.priority`, or leave it out",
        );
    }
    if let (Some(tenant), Some(all)) = (&calls.tenant, reader.names.tenants.clone())
        && !all.contains(&tenant.as_str())
    {
        reader.unknown("tenant", tenant, &["tenant"], &all);
    }
}

/// The layer must be one of the policy that is named, or of any.
fn layer(reader: &mut Reader<'_, '_>, written: &Written) {
    let (Some(layer), Some(chains)) = (&written.layer, reader.names.chains.clone()) else {
        return;
    };
    let policy = written.policy.as_deref();
    let asked = chains
        .iter()
        .filter(|(name, _)| policy.is_none_or(|policy| policy == *name));
    let mut layers: Vec<&str> = asked.flat_map(|(_, layers)| layers.clone()).collect();
    layers.dedup();
    if !layers.contains(&layer.as_str()) {
        reader.unknown("layer", layer, &["layer"], &layers);
    }
}

/// A fault that is called as these calls are would be taken for them.
fn taken(reader: &mut Reader<'_, '_>, calls: &Calls) {
    let name = calls.name();
    let key = match (&calls.after, &calls.tenant) {
        (Some(_), _) => "after",
        (None, Some(_)) => "tenant",
        (None, None) => "priority",
    };
    let is_fault = calls.during.as_deref() == Some(&name);
    if !calls.is_all() && !is_fault && reader.names.faults.contains(&name.as_str()) {
        let label = format!("reports call these calls `{name}`");
        let help = "give the fault another name";
        reader.mistake(&[key], "a fault is called as these calls are", &label, help);
    }
}

/// What a key of an expectation splits calls by.
const SPLITS: [(&str, &str); 4] = [
    ("during", "fault"),
    ("after", "fault"),
    ("priority", "priority"),
    ("tenant", "tenant"),
];

/// Notes a metric that is not counted for the calls that are meant.
pub(super) fn fits(reader: &mut Reader<'_, '_>, written: &Written, metric: &Metric) {
    let is_set = |key: &str| match key {
        "during" => written.during.is_some(),
        "after" => written.after.is_some(),
        "priority" => written.priority.is_some(),
        _ => written.tenant.is_some(),
    };
    for (key, split) in SPLITS.into_iter().filter(|(key, _)| is_set(key)) {
        if !is_split_by_fault(metric) {
            reader.mistake(
                &[key],
                "this metric is of the whole run",
                &format!("`{}` is not split by {split}", metric.name),
                &format!("leave out `{key}`"),
            );
        }
    }
    let limited = written.metric.contains_key(metric.name);
    if written.layer.is_some() && !(limited && metric.name == "amplification") {
        reader.mistake(
            &["layer"],
            "this is not counted by layer",
            &format!(
                "of a layer only limits of `amplification`, not `{}`",
                metric.name
            ),
            "name the layer in `compare.also`, and it is a policy of its own with every metric",
        );
    }
}
