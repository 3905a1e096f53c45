//! The mechanisms that have kinds: where each stands in a file, what it is for, and the pages on it.

use super::super::manual::DEFAULT;
use super::super::verified;
use super::Entry;
use crate::base::registry::Kind;
use crate::fault::{hits, schedule};
use crate::policy::breaker::readmit;
use crate::policy::route::groups;
use crate::policy::{
    backoff, breaker, budget, fallback, guard, hedge, limiter, monitor, quota, route, throttle,
};
use crate::provider::{capacity, latency};
use crate::workload::{arrivals, shape, tokens};

/// A place in a file that has kinds.
pub(super) struct Mechanism {
    pub(super) name: &'static str,
    /// The table it stands in.
    pub(super) table: &'static str,
    /// The key in that table; a kind's is one more.
    pub(super) key: &'static str,
    /// What it decides or says.
    pub(super) about: &'static str,
    pub(super) kinds: &'static [Kind],
    /// The sources of the kinds, in their order; none where one file holds them all.
    sources: &'static [&'static str],
}

const POLICY: &str = "[policy.NAME]";
const PROVIDER: &str = "[provider.NAME]";
const FAULT: &str = "[[fault]]";
const WORKLOAD: &str = "[workload]";

macro_rules! mechanisms {
    ($($room:ident: $table:expr, $key:expr, $about:expr;)+) => {
        &[
            $(Mechanism {
                name: $room::ROOM,
                table: $table,
                key: $key,
                about: $about,
                kinds: $room::KINDS,
                sources: $room::SOURCES,
            },)+
            Mechanism {
                name: "effect",
                table: FAULT,
                key: "effect",
                about: "what a fault does to a provider",
                kinds: crate::fault::effect::KINDS,
                sources: crate::fault::effect::SOURCES,
            },
            Mechanism {
                name: "jitter",
                table: "a kind of retry.backoff",
                key: "jitter",
                about: "how chance changes a wait",
                kinds: backoff::jitter::JITTER_KINDS,
                sources: &[],
            },
        ]
    };
}

pub(super) const MECHANISMS: &[Mechanism] = mechanisms! {
    backoff: POLICY, "retry.backoff", "how long to wait before a retry";
    budget: POLICY, "budget", "how many attempts there may be beyond the first ones";
    breaker: POLICY, "breaker", "when an endpoint is not asked for a while";
    readmit: POLICY, "readmit", "how traffic comes back after a breaker was open";
    throttle: POLICY, "throttle", "what share of attempts is held back while many are refused";
    hedge: POLICY, "hedge", "when a second attempt is sent while the first is in flight";
    quota: POLICY, "quota", "how fast a process sends, of its own will";
    limiter: POLICY, "limiter", "how many attempts a process has in flight";
    route: POLICY, "route", "which endpoint is asked, and which after it";
    groups: POLICY, "groups", "which endpoints belong together, and when the next of these groups is asked";
    guard: POLICY, "guard", "which answers are not good enough";
    monitor: POLICY, "monitor.NAME.test", "when what is watched has changed";
    fallback: POLICY, "fallback", "what a caller is given when there is no answer";
    latency: PROVIDER, "latency", "how long answers take";
    capacity: PROVIDER, "capacity", "how many answers are worked on at once";
    schedule: FAULT, "schedule", "when in its time a fault is on";
    hits: FAULT, "hits", "which requests a fault hits while it is on";
    arrivals: WORKLOAD, "arrivals", "when calls come";
    shape: WORKLOAD, "shape", "how the rate changes by the hour and the day";
    tokens: WORKLOAD, "tokens", "how long prompts and answers are";
};

impl Mechanism {
    /// What there is to say of a name: it may be this, one of its kinds, or both.
    pub(super) fn pages(&self, name: &str) -> Vec<String> {
        let is_own = name == self.name || name == self.key;
        let mut pages = Vec::new();
        if is_own {
            pages.push(self.page());
        }
        let is_written = |kind: &Kind| match name.rsplit_once('.') {
            Some((above, last)) => last == kind.name && (above == self.name || above == self.key),
            None => name == kind.name,
        };
        let place = self.kinds.iter().position(is_written);
        pages.extend(place.map(|place| self.describe(place)));
        pages
    }

    fn page(&self) -> String {
        let Mechanism {
            table, key, about, ..
        } = self;
        let width = self.kinds.iter().map(|kind| kind.name.len()).max();
        let width = width.unwrap_or_default();
        let mut text = format!("{key} in {table}: {about}\n\n");
        for Entry { name, summary } in self.kinds.iter().map(Entry::of) {
            text.push_str(&format!("  {name:width$}  {summary}\n"));
        }
        text.push_str(&format!(
            "\n`squall explain {}.KIND` says more of one.\n",
            self.name
        ));
        text
    }

    fn describe(&self, place: usize) -> String {
        let kind = &self.kinds[place];
        let Mechanism { table, key, .. } = self;
        let mut text = format!("{key}.{} in {table}: {}\n", kind.name, kind.summary);
        if let Some(source) = self.sources.get(place) {
            let lines = source.lines().take_while(|line| line.starts_with("//!"));
            text.push('\n');
            for line in lines.map(|line| line.trim_start_matches("//!")) {
                text.push_str(line.strip_prefix(' ').unwrap_or(line));
                text.push('\n');
            }
        }
        if self.name == monitor::ROOM
            && let Some(against) = verified::against(kind.name)
        {
            text.push_str(&format!("\n{against}\n"));
        }
        text.push_str("\nWritten:\n");
        let examples = DEFAULT.lines().filter(|line| self.is_example(kind, line));
        let mut lines: Vec<String> = examples.map(example).collect();
        if lines.is_empty() {
            lines.extend(self.plain(kind));
        }
        for line in lines {
            text.push_str(&format!("  {line}\n"));
        }
        text
    }

    /// Whether a line of the manual writes this kind.
    fn is_example(&self, kind: &Kind, line: &str) -> bool {
        // The test of a monitor stands below its name.
        let last = self.key.rsplit('.').next().unwrap_or(self.key);
        let written = format!("{last}.{}", kind.name);
        let Some((before, after)) = line.split_once(&written) else {
            return false;
        };
        // In a comment it is only spoken of.
        let is_told = before.starts_with("# ") || before.trim_start_matches('#').contains('#');
        // Between quotes it is a path, and a longer name is another kind's.
        let in_quotes = before.matches('"').count() % 2 == 1;
        let goes_on = after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        !is_told && !in_quotes && !goes_on
    }

    /// How a kind that needs no settings is written, if the manual has no line for it.
    pub(super) fn plain(&self, kind: &Kind) -> Option<String> {
        let mut lines = DEFAULT.lines();
        let none = !lines.any(|line| self.is_example(kind, line));
        none.then(|| format!("{} = \"{}\"", self.key, kind.name))
    }
}

/// A line of the manual as it is written where it counts.
fn example(line: &str) -> String {
    line.trim_start_matches('#').into()
}
