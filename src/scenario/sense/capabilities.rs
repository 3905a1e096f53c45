//! Warnings about what calls need and endpoints cannot do, and about either where the other is missing.

use super::super::parts::Parts;
use super::super::report::Report;
use crate::base::capability::Capability;
use crate::base::wire::Priority;
use crate::base::{Capabilities, Check};
use crate::{policy, provider, workload};

/// An endpoint of a route, as far as it can or cannot serve.
struct Able<'a> {
    name: &'a str,
    lacks: Capabilities,
    has_window: bool,
}

/// Warns about routes, about providers and about shares of calls.
pub(super) fn check(parts: &Parts, workload: &workload::Config, report: &mut Report) {
    let needed = workload.needed();
    parts.workload.check(report, needs_of_nobody);
    for (_, provider) in &parts.providers {
        if provider.knows("can") {
            provider.check(report, |config, check| unasked(config, needed, check));
        }
    }
    if parts.lacks.providers {
        return;
    }
    for (place, (_, policy)) in parts.policies.iter().enumerate() {
        let known = ["route", "steering", "guard"]
            .iter()
            .all(|key| policy.knows(key));
        // What is in vain for most calls may be meant for the others.
        if !known || parts.differs(place) {
            continue;
        }
        let path = ["steering", "fits"].map(String::from);
        let is_meant = policy.unit.node.find(&path).is_some();
        policy.check(report, |config, check| {
            if let Some(able) = able(config, parts) {
                route(config, needed, &able, is_meant, check);
            }
        });
    }
}

/// The endpoints of a policy's route; None if one of them is not known.
fn able<'a>(config: &policy::Config, parts: &'a Parts) -> Option<Vec<Able<'a>>> {
    let route = parts.asked_by(config);
    let asked = |name: &String| route.contains(&name.as_str());
    let on_route = parts.providers.iter().filter(|(name, _)| asked(name));
    let able = on_route.map(|(name, provider)| {
        let known = provider.knows("can") && provider.knows("context-window");
        let config = provider.value.as_ref().filter(|_| known)?;
        Some(Able {
            name,
            lacks: config.can.lacks(),
            has_window: config.context_window.is_some(),
        })
    });
    able.collect()
}

fn route(
    config: &policy::Config,
    needed: Capabilities,
    able: &[Able<'_>],
    is_meant: bool,
    check: &mut Check,
) {
    let fits = config.steering.fits;
    for need in needed.iter() {
        let lacking = able.iter().find(|able| able.lacks.has(need));
        if able.iter().all(|able| able.lacks.has(need)) {
            check
                .warning(
                    "route",
                    format!("no endpoint of this route can do {}", what(need)),
                    "some calls need it",
                )
                .help(format!(
                    "name one that can, or lower `workload.needs.{need}`"
                ));
        } else if let Some(lacking) = lacking.filter(|_| !fits && !is_meant) {
            check
                .warning(
                    "route",
                    "calls may be sent to where they cannot be served",
                    format!("`{}` cannot do {}", lacking.name, what(need)),
                )
                .help("set `steering.fits = true`, or to false to say that it is meant");
        }
    }
    let is_choice = |able: &Able<'_>| able.has_window || able.lacks.meets(needed);
    if fits && !able.iter().any(is_choice) {
        check
            .warning(
                "steering.fits",
                "every call can be served everywhere",
                "leaves nobody out",
            )
            .help("give providers a `context-window`, or say what they cannot do with `can`");
    }
}

/// A capability in words.
fn what(capability: Capability) -> &'static str {
    match capability {
        Capability::Json => "JSON",
        Capability::Tools => "tools",
    }
}

/// What a provider cannot do and nobody asks for.
fn unasked(config: &provider::Config, needed: Capabilities, check: &mut Check) {
    let lacks = config.can.lacks();
    for lacking in lacks.iter().filter(|lacking| !needed.has(*lacking)) {
        check
            .warning(
                &format!("can.{lacking}"),
                format!("no call needs {}", what(lacking)),
                "changes nothing",
            )
            .help(format!("set `workload.needs.{lacking}`"));
    }
    if lacks.is_empty() && config.can.otherwise != provider::can::Otherwise::default() {
        check
            .warning(
                "can.otherwise",
                "this provider can do everything",
                "never happens",
            )
            .help("say what it cannot do: `json = false` or `tools = false`");
    }
}

/// Needs of priorities that no call has.
fn needs_of_nobody(workload: &workload::Config, check: &mut Check) {
    for priority in Priority::ALL {
        let own = workload.needs.own(priority);
        let exists = workload.priorities().any(|p| p == priority);
        if own != workload::needs::Own::default() && !exists {
            let name = priority.name();
            check
                .warning(
                    &format!("needs.{name}"),
                    format!("no call is {name}"),
                    "for calls there are none of",
                )
                .help(format!(
                    "see `workload.priority`: no share is left for {name}"
                ));
        }
    }
}
