//! What there is to choose from, for `squall list` and `squall explain`: read from the registries
//! and the presets' files, so that it says what the documentation says.

use super::manual::DEFAULT;
use super::presets::{self, PRESETS, Preset};
use super::{Scenario, check_str, nearest, verified};
use crate::base::registry::Kind;
use crate::policy::breaker::readmit;
use crate::policy::route::groups;
use crate::policy::{
    backoff, breaker, budget, fallback, guard, hedge, limiter, monitor, quota, route, throttle,
};
use crate::provider::{capacity, latency};
use crate::workload::{arrivals, tokens};

/// One room of the house: a place in a file that has kinds.
struct Room {
    name: &'static str,
    kinds: &'static [Kind],
    /// The sources of the kinds, in their order; none where one file holds them all.
    sources: &'static [&'static str],
}

macro_rules! rooms {
    ($($room:ident),+) => {
        &[
            $(Room { name: $room::ROOM, kinds: $room::KINDS, sources: $room::SOURCES },)+
            Room {
                name: "effect",
                kinds: crate::fault::effect::KINDS,
                sources: crate::fault::effect::SOURCES,
            },
            Room { name: "jitter", kinds: backoff::jitter::JITTER_KINDS, sources: &[] },
        ]
    };
}

const ROOMS: &[Room] = rooms!(
    backoff, budget, breaker, readmit, throttle, hedge, quota, limiter, route, groups, guard,
    monitor, fallback, latency, capacity, arrivals, tokens
);

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What is written in a file.
    pub name: String,
    /// What it is, in one line.
    pub summary: String,
}

impl Entry {
    fn of(kind: &Kind) -> Entry {
        Entry {
            name: kind.name.into(),
            summary: kind.summary.into(),
        }
    }
}

/// What can be listed, each with how many of it there are.
pub fn lists() -> Vec<Entry> {
    let count = |name: &str, n: usize, of: &str| Entry {
        name: name.into(),
        summary: format!("{n} {of}"),
    };
    let rooms = ROOMS.iter().map(|r| count(r.name, r.kinds.len(), "kinds"));
    let presets = count("presets", PRESETS.len(), "policies that ship with Squall");
    std::iter::once(presets).chain(rooms).collect()
}

/// Everything of one sort.
///
/// # Errors
/// There is no such sort; what was probably meant.
pub fn list(what: &str) -> Result<Vec<Entry>, Unknown> {
    if matches!(what, "preset" | "presets") {
        let entry = |preset: &Preset| Entry {
            name: preset.name.into(),
            summary: preset.summary().into(),
        };
        return Ok(PRESETS.iter().map(entry).collect());
    }
    let room = ROOMS.iter().find(|room| room.name == what);
    let names = ROOMS.iter().map(|room| room.name).chain(["presets"]);
    room.map(|room| room.kinds.iter().map(Entry::of).collect())
        .ok_or_else(|| Unknown::of(what, names))
}

/// A name that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The name.
    pub name: String,
    /// What was probably meant.
    pub nearest: Option<&'static str>,
}

impl Unknown {
    fn of(name: &str, names: impl Iterator<Item = &'static str>) -> Unknown {
        Unknown {
            name: name.into(),
            nearest: nearest::nearest(name, names),
        }
    }
}

/// One preset, or one kind in every room that has it, in full.
///
/// # Errors
/// There is no such name; what was probably meant.
pub fn describe(name: &str) -> Result<String, Unknown> {
    if let Some(preset) = presets::find(name) {
        return Ok(describe_preset(preset));
    }
    let found = ROOMS.iter().flat_map(|room| {
        let place = room.kinds.iter().position(|kind| kind.name == name);
        place.map(|place| describe_kind(room, place))
    });
    let pages: Vec<String> = found.collect();
    if pages.is_empty() {
        let kinds = ROOMS.iter().flat_map(|room| room.kinds);
        let names = kinds.map(|kind| kind.name).chain(presets::names());
        return Err(Unknown::of(name, names));
    }
    Ok(pages.join("\n"))
}

fn describe_preset(preset: &Preset) -> String {
    let comment = preset.text.lines().take_while(|line| line.starts_with('#'));
    let comment = comment.map(|line| line.trim_start_matches('#').trim_start());
    let mut text = format!("preset {}\n\n", preset.name);
    let label = verified::label(preset.name);
    for line in comment.chain(["", label.as_str()]) {
        text.push_str(line);
        text.push('\n');
    }
    if let Some(scenario) = alone(preset) {
        let single = scenario.policies.iter().any(|(_, p)| p.route.most() == 1);
        text.push_str(if single { SINGLE } else { "" });
        let policy = scenario.resolved.split("\n[policy.").nth(1);
        let policy = policy.and_then(|text| text.split("\n\n").next());
        text.push_str(&format!(
            "\n[policy.{}\n",
            policy.unwrap_or_default().trim_end()
        ));
    }
    text
}

/// What is said of software that has no failover.
const SINGLE: &str = "\nWhere a scenario has several providers it asks the first alone, and never the others:\n\
     it has no failover. route.single = \"NAME\" names another, route = \"failover\" asks all\n\
     in order, and route.failover = [\"A\", \"B\"] those.\n";

/// A scenario with a preset and nothing else. A test holds that every preset can stand so.
fn alone(preset: &Preset) -> Option<Scenario> {
    let name = preset.name;
    let text = format!(
        "[run]\nduration = \"1m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\n\
         [provider.api]\n[policy.\"{name}\"]\npreset = \"{name}\"\n"
    );
    check_str(name, &text).ok()?.into_iter().next()
}

fn describe_kind(room: &Room, place: usize) -> String {
    let kind = &room.kinds[place];
    let mut text = format!("{} {}: {}\n", room.name, kind.name, kind.summary);
    let docs = room.sources.get(place).map(|source| {
        let lines = source.lines().take_while(|line| line.starts_with("//!"));
        lines.map(|line| line.trim_start_matches("//!").trim_start())
    });
    text.push('\n');
    for line in docs.into_iter().flatten() {
        text.push_str(line);
        text.push('\n');
    }
    // The test of a monitor stands below its name.
    let key = if room.name == monitor::ROOM {
        "test"
    } else {
        room.name
    };
    let written = format!("{key}.{}", kind.name);
    let examples = DEFAULT.lines().filter(|line| line.contains(&written));
    for (i, line) in examples.enumerate() {
        text.push_str(if i == 0 { "\nWritten:\n" } else { "" });
        text.push_str(&format!("  {}\n", line.trim_start_matches('#')));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_listed_can_be_explained() {
        for of in lists() {
            let all = list(&of.name).unwrap();
            assert!(!all.is_empty(), "{}", of.name);
            for entry in all {
                let text = describe(&entry.name).unwrap();
                assert!(text.contains(&entry.name), "{text}");
                assert!(!entry.summary.is_empty(), "{}", entry.name);
            }
        }
    }

    #[test]
    fn a_preset_is_explained_with_where_it_comes_from_and_what_it_sets() {
        let text = describe("openai-python-3").unwrap();
        assert!(
            text.contains("Read in the source of openai 3.0.0"),
            "{text}"
        );
        assert!(
            text.contains("[policy.openai-python-3]\nroute.single = {}\nretry.attempts = 3"),
            "{text}"
        );
        assert!(text.contains("it asks the first alone"), "{text}");
        let router = describe("litellm-router-1.109").unwrap();
        assert!(!router.contains("it asks the first alone"), "{router}");
        assert!(text.contains("too-long = \"fail\""), "{text}");
        assert_eq!(describe("openai-python"), describe("openai-python-3"));
    }

    #[test]
    fn every_preset_is_explained_with_its_settings() {
        for preset in presets::PRESETS {
            let text = describe(preset.name).unwrap();
            assert!(text.contains("[policy."), "{}", preset.name);
        }
    }

    #[test]
    fn a_kind_is_explained_by_its_own_documentation() {
        let text = describe("decorrelated-v2").unwrap();
        assert!(text.contains("Polly's decorrelated jitter v2"), "{text}");
        assert!(
            text.contains("Written:\n  retry.backoff.decorrelated-v2 = {"),
            "{text}"
        );
        // A name may be a kind of several rooms.
        let none = describe("none").unwrap();
        assert!(
            none.contains("backoff none:") && none.contains("breaker none:"),
            "{none}"
        );
    }

    #[test]
    fn an_unknown_name_is_told_the_nearest() {
        let nearest = |name| describe(name).unwrap_err().nearest;
        assert_eq!(nearest("exponental"), Some("exponential"));
        assert_eq!(nearest("openai-pyton-3"), Some("openai-python-3"));
        assert_eq!(list("bakoff").unwrap_err().nearest, Some("backoff"));
        assert_eq!(nearest("qqqqqqq"), None);
    }
}
