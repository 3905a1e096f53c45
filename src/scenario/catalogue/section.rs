//! The settings that have no kinds: what each section decides, and its part of the manual.
//!
//! What is said of one is the documentation of its source, and its lines of the manual with the comments
//! above them; so no word stands here but the line for lists.

use super::super::manual::DEFAULT;
use super::Entry;
use super::mechanism::MECHANISMS;

/// A key of a table that has settings, and no kinds of its own.
struct Section {
    name: &'static str,
    table: &'static str,
    /// What it decides.
    about: &'static str,
    /// The file that begins with what it is; empty: the manual says it all.
    source: &'static str,
}

macro_rules! sections {
    ($($name:literal in $table:literal: $about:literal $(, $source:literal)?;)+) => {
        &[$(Section {
            name: $name,
            table: $table,
            about: $about,
            source: concat!($(include_str!(concat!("../../", $source)))?),
        },)+]
    };
}

const SECTIONS: &[Section] = sections! {
    "mode" in "[policy.NAME]": "whether a policy acts, or only says what it would do";
    "steering" in "[policy.NAME]": "which endpoints are preferred, whatever the route", "policy/route/steering.rs";
    "retry" in "[policy.NAME]": "what is tried again, how often, and after what wait", "policy/retry.rs";
    "fleet" in "[policy.NAME]": "what processes know of each other, and how late", "policy/fleet.rs";
    "trip" in "[policy.NAME]": "what goes with the trip of a breaker", "policy/breaker/trip.rs";
    "hedging" in "[policy.NAME]": "what goes with a hedge", "policy/hedge/rules.rs";
    "line" in "[policy.NAME]": "who waits for quotas and limiter, and who goes first", "policy/line.rs";
    "timeout" in "[policy.NAME]": "how long is waited for an attempt and for a call", "policy/timeout.rs";
    "limit" in "[policy.NAME]": "what a call or a conversation may cost", "policy/limit.rs";
    "costly-fallback" in "[policy.NAME]": "whether dear endpoints have answered for long", "policy/costly_fallback.rs";
    "classify" in "[policy.NAME]": "what a status and a provider's code mean", "policy/classify.rs";
    "on" in "[policy.NAME]": "what is done about one class of failures";
    "priority" in "[policy.NAME]": "what differs for the calls of one priority";
    "layers" in "[policy.NAME]": "which services a call passes", "policy/layers.rs";
    "limits" in "[provider.NAME]": "what a provider allows per minute and per day", "provider/limits/mod.rs";
    "advice" in "[provider.NAME]": "how its refusals speak of trying again", "provider/advice.rs";
    "status-page" in "[provider.NAME]": "what a provider says of itself, and when", "provider/status_page.rs";
    "can" in "[provider.NAME]": "what a provider is able to do", "provider/can.rs";
    "needs" in "[workload]": "which calls need JSON or tools", "workload/needs.rs";
    "conversations" in "[workload]": "how calls belong together", "workload/conversations.rs";
    "tenant" in "[workload]": "who shares the service", "workload/tenants.rs";
    "task" in "[workload]": "what calls are about", "workload/tasks.rs";
    "task" in "[provider.NAME]": "how good answers to the calls of one task are", "provider/task.rs";
    "impatience" in "[workload]": "how long callers wait, and whether they ask again", "workload/impatience.rs";
    "cut-answers" in "[workload]": "what a text is worth that stops at max-tokens";
};

/// A setting of the manual.
struct Line {
    table: String,
    /// The comments right above it.
    comments: Vec<&'static str>,
    key: &'static str,
    /// All of it, uncommented.
    text: &'static str,
}

impl Line {
    fn section(&self) -> &str {
        self.key.split('.').next().unwrap_or(self.key)
    }

    fn is_in(&self, section: &Section) -> bool {
        self.table == section.table && self.section() == section.name && !self.has_kind()
    }

    /// Whether it writes a kind of a mechanism, which is explained with that.
    fn has_kind(&self) -> bool {
        let below = |key: &str| {
            let rest = self.key.strip_prefix(key);
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        MECHANISMS
            .iter()
            .any(|of| of.table == self.table && below(of.key))
    }

    /// Whether it sets a key of this name, at any depth.
    fn sets(&self, name: &str) -> bool {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '"' | '/');
        let setting = self.text.split("  #").next().unwrap_or(self.text);
        setting.match_indices(name).any(|(at, _)| {
            let (before, after) = (&setting[..at], &setting[at + name.len()..]);
            !before.ends_with(is_part)
                && (after.starts_with(" =") || after.starts_with('.'))
                && before.matches('"').count() % 2 == 0
        })
    }
}

/// The settings of the manual, in its order.
fn manual() -> Vec<Line> {
    let (mut table, mut comments, mut lines) = (String::new(), Vec::new(), Vec::new());
    for line in DEFAULT.lines() {
        if line.starts_with('[') {
            let header = line.split("  #").next().unwrap_or(line);
            table = header.replace(".default]", ".NAME]");
            comments.clear();
        } else if line == "#" || line.starts_with("# ") {
            comments.push(line);
        } else if let (text, Some((key, _))) = (line.trim_start_matches('#'), line.split_once('='))
        {
            lines.push(Line {
                table: table.clone(),
                comments: std::mem::take(&mut comments),
                key: key.trim_start_matches('#').trim(),
                text,
            });
        } else {
            comments.clear();
        }
    }
    lines
}

/// The names of all sections.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SECTIONS.iter().map(|of| of.name)
}

/// One line for each section.
pub(super) fn entries() -> impl Iterator<Item = Entry> {
    SECTIONS.iter().map(|of| Entry {
        name: of.name.into(),
        summary: format!("{}: settings in {}", of.about, of.table),
    })
}

/// The settings of a section, each with its first value in the manual; None: there is no such section.
pub(super) fn settings(name: &str) -> Option<Vec<Entry>> {
    let of = SECTIONS.iter().find(|of| of.name == name)?;
    let mut entries: Vec<Entry> = Vec::new();
    for line in manual().iter().filter(|line| line.is_in(of)) {
        if !entries.iter().any(|known| known.name == line.key) {
            let value = line.text.split_once('=').map_or("", |(_, value)| value);
            entries.push(Entry {
                name: line.key.into(),
                summary: value.trim().into(),
            });
        }
    }
    Some(entries)
}

/// What there is to say of a section.
pub(super) fn pages(name: &str) -> Vec<String> {
    let lines = manual();
    let found = SECTIONS.iter().filter(|of| of.name == name);
    let page = |of: &Section| {
        let mut text = format!("{} in {}: {}\n", of.name, of.table, of.about);
        let docs = of.source.lines().take_while(|line| line.starts_with("//!"));
        for (i, line) in docs.map(|line| line.trim_start_matches("//!")).enumerate() {
            text.push_str(if i == 0 { "\n" } else { "" });
            text.push_str(line.strip_prefix(' ').unwrap_or(line));
            text.push('\n');
        }
        text.push_str("\nWritten:\n");
        text.push_str(&excerpt(&lines, &|line| line.is_in(of), name));
        text
    };
    found.map(page).collect()
}

/// Where the manual sets a key, which may be written with those above it; None: nowhere.
pub(super) fn key(name: &str) -> Option<String> {
    let lines = manual();
    let is_key = !name.is_empty() && !name.starts_with('.') && !name.ends_with('.');
    let below = |line: &Line| {
        let rest = line.key.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let (above, last) = name.rsplit_once('.').unwrap_or(("", name));
    let within = |line: &Line| {
        let stands =
            above.is_empty() || line.key == above || line.key.starts_with(&format!("{above}."));
        stands && line.sets(last)
    };
    let exact = name.contains('.') && lines.iter().any(below);
    let fits = |line: &Line| if exact { below(line) } else { within(line) };
    if !is_key || !lines.iter().any(fits) {
        return None;
    }
    let mut text = format!("{name}: a key of these settings\n");
    let mut tables: Vec<&str> = lines
        .iter()
        .filter(|line| fits(line))
        .map(|line| line.table.as_str())
        .collect();
    tables.dedup();
    for table in tables {
        text.push_str(&format!("\n{table}\n"));
        text.push_str(&excerpt(
            &lines,
            &|line| line.table == table && fits(line),
            last,
        ));
    }
    Some(text)
}

/// Lines of the manual with the comments that speak of them: those right above, those above the
/// settings of the same section before it, and those there that say `name:`.
fn excerpt(lines: &[Line], fits: &dyn Fn(&Line) -> bool, name: &str) -> String {
    let mut text = String::new();
    let mut told = vec![false; lines.len()];
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| fits(line)) {
        let same = |other: &&Line| other.table == line.table && other.section() == line.section();
        let stretch = lines[..=at].iter().rev().take_while(same).count();
        let from = at + 1 - stretch;
        let above = (from..=at).rev().find(|&i| !lines[i].comments.is_empty());
        let speaks = |i: usize| {
            let all = lines[i].comments.join(" ");
            all.contains(&format!(" {name}: "))
        };
        for i in from..=at {
            if !told[i] && (Some(i) == above || speaks(i)) {
                told[i] = true;
                for comment in &lines[i].comments {
                    text.push_str(&format!("  {comment}\n"));
                }
            }
        }
        text.push_str(&format!("  {}\n", line.text));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::describe;
    use super::*;

    #[test]
    fn a_section_is_explained_by_its_source_and_its_part_of_the_manual() {
        let text = describe("timeout").unwrap();
        assert!(
            text.starts_with("timeout in [policy.NAME]: how long"),
            "{text}"
        );
        assert!(text.contains("A stack has up to six clocks"), "{text}");
        assert!(
            text.contains("\n  # How long is waited; none by default."),
            "{text}"
        );
        assert!(
            text.contains("\n  timeout.retry.first-token = \"5s\""),
            "{text}"
        );
        assert!(!text.contains("guard"), "{text}");
        let text = describe("can").unwrap();
        assert!(
            text.contains("ignore (an answer without JSON or tools"),
            "{text}"
        );
        // The kinds of a mechanism have pages of their own.
        let text = describe("retry").unwrap();
        assert!(text.contains("  retry.backoff = \"none\""), "{text}");
        assert!(!text.contains("retry.backoff.exponential ="), "{text}");
    }

    /// The keys of the manual's tables: whoever reads one in a file may ask what it is.
    #[test]
    fn every_key_of_the_manual_can_be_explained() {
        for line in manual() {
            for name in [line.section(), line.key] {
                let text = describe(name).unwrap_or_else(|_| panic!("{name}"));
                assert!(text.contains(name), "{name}\n{text}");
            }
        }
        for of in SECTIONS {
            assert!(manual().iter().any(|line| line.is_in(of)), "{}", of.name);
            let docs = of.source.is_empty() || of.source.starts_with("//!");
            assert!(docs, "{}", of.name);
        }
    }

    #[test]
    fn a_key_is_shown_wherever_it_is_set_with_what_is_said_of_it() {
        let text = describe("fits").unwrap();
        assert!(text.contains("[policy.NAME]\n"), "{text}");
        assert!(text.contains("fits: only endpoints are asked"), "{text}");
        assert!(text.contains("  steering.fits = true"), "{text}");
        let text = describe("then").unwrap();
        assert!(text.contains("then: refuse; alert, which"), "{text}");
        for of in [
            "guard.schema",
            "limit.then",
            "costly-fallback",
            "monitor.latency",
        ] {
            assert!(text.contains(&format!("  {of}")), "{of}\n{text}");
        }
        assert_eq!(key("n"), None, "part of a word");
        assert_eq!(key(""), None);
    }
}
