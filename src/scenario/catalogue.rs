//! What there is to choose from, for `squall list` and `squall explain`: read from the registries
//! and the presets' files, so that it says what the documentation says.

mod mechanism;
mod provider;
mod section;

use super::presets::{self, PRESETS, PROVIDERS, Preset};
use super::{Scenario, check_str, nearest, verified};
use crate::base::registry::Kind;
use mechanism::MECHANISMS;

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
    let kinds = MECHANISMS.iter().map(|of| Entry {
        name: of.name.into(),
        summary: format!("{}: {} kinds", of.about, of.kinds.len()),
    });
    let presets = Entry {
        name: "presets".into(),
        summary: format!("{} policies that ship with Squall", PRESETS.len()),
    };
    let of_providers = Entry {
        name: OF_PROVIDERS.into(),
        summary: format!(
            "{} providers as their limits are published",
            PROVIDERS.len()
        ),
    };
    [presets, of_providers]
        .into_iter()
        .chain(kinds)
        .chain(section::entries())
        .collect()
}

/// Everything of one sort.
///
/// # Errors
/// There is no such sort; what was probably meant.
pub fn list(what: &str) -> Result<Vec<Entry>, Unknown> {
    let entry = |preset: &Preset| Entry {
        name: preset.name.into(),
        summary: preset.summary().into(),
    };
    match what {
        "preset" | "presets" => return Ok(PRESETS.iter().map(entry).collect()),
        OF_PROVIDERS => return Ok(PROVIDERS.iter().map(entry).collect()),
        _ => {}
    }
    let found = MECHANISMS.iter().find(|of| of.name == what);
    let names = MECHANISMS
        .iter()
        .map(|of| of.name)
        .chain(["presets", OF_PROVIDERS]);
    found
        .map(|of| of.kinds.iter().map(Entry::of).collect())
        .or_else(|| section::settings(what))
        .ok_or_else(|| Unknown::of(what, names.chain(section::names())))
}

/// A name that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The name.
    pub name: String,
    /// What was probably meant.
    pub nearest: Option<&'static str>,
    /// If nothing is near: what begins with it or has it in its name.
    pub with_it: Vec<&'static str>,
}

impl Unknown {
    fn of(name: &str, names: impl Iterator<Item = &'static str>) -> Unknown {
        let names: Vec<&'static str> = names.collect();
        let with_it = nearest::with_it(name, &names);
        let nearest = nearest::nearest(name, names).filter(|_| with_it.is_empty());
        Unknown {
            name: name.into(),
            nearest,
            with_it,
        }
    }
}

/// One preset, or a mechanism, one kind of every mechanism that has it, or a section without kinds, in full; or
/// else where the manual sets a key. A kind may be written with the key it stands under: `breaker.none`.
///
/// # Errors
/// There is no such name; what was probably meant.
pub fn describe(name: &str) -> Result<String, Unknown> {
    if let Some(preset) = presets::find(name) {
        return Ok(describe_preset(preset));
    }
    if let Some(preset) = presets::find_in(PROVIDERS, name) {
        return Ok(provider::describe(preset));
    }
    let kinds = MECHANISMS.iter().flat_map(|of| of.pages(name));
    let mut pages: Vec<String> = kinds.chain(section::pages(name)).collect();
    if pages.is_empty() {
        pages.extend(section::key(name));
    }
    if pages.is_empty() {
        let of_kinds = MECHANISMS
            .iter()
            .flat_map(|of| of.kinds)
            .map(|kind| kind.name);
        let names = MECHANISMS
            .iter()
            .map(|of| of.name)
            .chain(section::names())
            .chain(of_kinds)
            .chain(presets::names())
            .chain(presets::names_of(PROVIDERS));
        return Err(Unknown::of(name, names));
    }
    Ok(pages.join("\n"))
}

/// What can be listed under no name of a file.
const OF_PROVIDERS: &str = "provider-presets";

/// The comment that begins the file of a preset.
fn comment(preset: &Preset) -> impl Iterator<Item = &'static str> {
    let comment = preset.text.lines().take_while(|line| line.starts_with('#'));
    comment.map(|line| line.trim_start_matches('#').trim_start())
}

fn describe_preset(preset: &Preset) -> String {
    let mut text = format!("preset {}\n\n", preset.name);
    for line in comment(preset) {
        text.push_str(line);
        text.push('\n');
    }
    let label = verified::label(preset.name);
    text.push_str(&format!("\n{label}\n"));
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
        // A name may be a kind of several mechanisms.
        let none = describe("none").unwrap();
        assert!(
            none.contains("  retry.backoff = \"none\"") && none.contains("  breaker = \"none\""),
            "{none}"
        );
        let one = describe("breaker.none").unwrap();
        assert!(
            one.starts_with("breaker.none in [policy.NAME]: sends everything"),
            "{one}"
        );
        assert!(!one.contains("backoff"), "{one}");
        assert_eq!(describe("retry.backoff.none"), describe("backoff.none"));
    }

    #[test]
    fn a_mechanism_is_explained_by_its_place_and_its_kinds() {
        let text = describe("breaker").unwrap();
        let first = "breaker in [policy.NAME]: when an endpoint is not asked for a while\n";
        assert!(text.starts_with(first), "{text}");
        assert!(
            text.contains("\n  consecutive   opens after n failures in a row\n"),
            "{text}"
        );
        // So is one that a kind of another has its name from.
        let text = describe("latency").unwrap();
        assert!(text.contains("latency in [provider.NAME]:"), "{text}");
        assert!(text.contains("route.latency in [policy.NAME]:"), "{text}");
    }

    #[test]
    fn of_a_kind_no_line_of_another_is_shown() {
        let text = describe("guard.schema").unwrap();
        let (_, written) = text.split_once("\nWritten:\n").unwrap();
        let mut lines = written.lines();
        assert!(
            lines.all(|line| line.starts_with("  guard.schema = ")),
            "{text}"
        );
        let text = describe("gradient").unwrap();
        assert!(!text.contains("limiter.gradient2 ="), "{text}");
        let text = describe("poisson").unwrap();
        assert!(!text.contains("vary"), "{text}");
    }

    /// Every kind says how it is written, and whoever writes it so is understood.
    #[test]
    fn every_kind_says_how_it_is_written() {
        for of in MECHANISMS {
            for kind in of.kinds {
                let text = describe(&format!("{}.{}", of.name, kind.name)).unwrap();
                assert!(text.contains("\nWritten:\n  "), "{text}");
                assert!(!text.contains("\n\n\n"), "{text}");
            }
        }
        for of in MECHANISMS {
            for line in of.kinds.iter().filter_map(|kind| of.plain(kind)) {
                let (mut policy, mut provider, mut effect, mut fault) =
                    (String::new(), "", "effect.hang = {}", "");
                let mut workload = "";
                match (of.name, of.table) {
                    ("jitter", _) => {
                        policy = format!("retry.backoff.exponential = {{ base = \"1s\", {line} }}");
                    }
                    ("readmit", _) => {
                        let breaker = "breaker.consecutive = { failures = 5, open = \"30s\" }";
                        policy = format!("{breaker}\n{line}");
                    }
                    (_, "[provider.NAME]") => provider = &line,
                    ("effect", _) => effect = &line,
                    (_, "[[fault]]") => fault = &line,
                    // The sizes of a trace, which would have to be there.
                    ("tokens", _) => continue,
                    (_, "[workload]") => workload = &line,
                    _ => policy = line,
                }
                let text = format!(
                    "[run]\nduration = \"1m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\n\
                     {workload}\n[provider.api]\n{provider}\n[[fault]]\nname = \"f\"\non = [\"api\"]\n\
                     at = \"1s\"\nfor = \"1s\"\n{effect}\n{fault}\n[policy.p]\n{policy}\n"
                );
                let told = check_str("s.toml", &text);
                assert!(told.is_ok(), "{told:?}\n{text}");
            }
        }
    }

    #[test]
    fn profiles_are_named() {
        let text = describe("profile").unwrap();
        let latency = crate::provider::profiles::LATENCY.iter().map(|p| p.name);
        let tokens = crate::workload::profiles::TOKENS.iter().map(|p| p.name);
        for name in latency.chain(tokens) {
            assert!(text.contains(name), "{name}\n{text}");
        }
    }

    #[test]
    fn an_unknown_name_is_told_the_nearest() {
        let nearest = |name| describe(name).unwrap_err().nearest;
        assert_eq!(nearest("exponental"), Some("exponential"));
        assert_eq!(nearest("openai-pyton-3"), Some("openai-python-3"));
        assert_eq!(list("bakoff").unwrap_err().nearest, Some("backoff"));
        assert_eq!(nearest("qqqqqqq"), None);
        // Half a name is no slip of the finger.
        let unknown = describe("litellm").unwrap_err();
        assert!(
            unknown.with_it.contains(&"litellm-router-1.109"),
            "{unknown:?}"
        );
        assert!(
            unknown
                .with_it
                .iter()
                .all(|name| name.starts_with("litellm"))
        );
        assert_eq!(unknown.nearest, None);
    }
}
