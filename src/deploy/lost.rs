//! What gets lost: the lines in which a policy and what a target makes of it differ.

use std::fmt;

use super::conduct::{Conduct, Fate};
use super::settings::{Difference, differences};
use crate::policy::breaker::Counting;
use crate::policy::config::Config;

/// A setting that a target does not have, or has otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// What it is: a dotted key, or an ending.
    pub what: String,
    /// What the policy says; None: nothing.
    pub wanted: Option<String>,
    /// What the target does; None: nothing.
    pub there: Option<String>,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = &self.what;
        match (&self.wanted, &self.there) {
            (Some(wanted), Some(there)) => write!(f, "{what} = {wanted}: {there} there"),
            (Some(wanted), None) => write!(f, "{what} = {wanted}: not there"),
            (None, Some(there)) => write!(f, "{what}: not set here, {there} there"),
            (None, None) => f.write_str(what),
        }
    }
}

/// Everything that is lost between two.
pub(super) fn lost(config: &Config, wanted: &Conduct, there: &Conduct) -> Vec<Lost> {
    let settings = differences(&wanted.settings, &there.settings).into_iter();
    let settings = settings.map(|Difference { key, wanted, there }| Lost {
        what: key,
        wanted,
        there,
    });
    let mut all: Vec<Lost> = settings.collect();
    let fates = wanted.fates.iter().filter_map(|(seen, own)| {
        let other = there.fates.get(seen)?;
        Some((seen.told(), own, other))
    });
    let fates: Vec<(String, &Fate, &Fate)> = fates.collect();
    let follows = |fate: &Fate| fate.follows.told().to_string();
    all.extend(by_ending("is", &fates, follows));
    let most = |fate: &Fate| match fate.most {
        Some(n) => format!("at most {n} times"),
        None => "as often as attempts are left".into(),
    };
    all.extend(by_ending("ends a call", &fates, most));
    let wait = |fate: &Fate| fate.backoff.clone().unwrap_or("the usual wait".into());
    all.extend(by_ending("waits", &fates, wait));
    let counts = |fate: &Fate| counted(fate.counts).to_string();
    all.extend(by_ending("is for the breaker", &fates, counts));
    let of_priorities = config.priority.keys().map(|priority| Lost {
        what: format!("priority.{priority:?}").to_lowercase(),
        wanted: Some("a policy of its own".into()),
        there: None,
    });
    all.extend(of_priorities);
    all
}

fn counted(counting: Counting) -> &'static str {
    match counting {
        Counting::Failure => "a failure",
        Counting::Ignored => "nothing",
        Counting::Success => "a success",
        Counting::Trips => "a failure that trips at once",
    }
}

/// Endings that differ in the same way, in one line.
fn by_ending(
    what: &str,
    fates: &[(String, &Fate, &Fate)],
    told: impl Fn(&Fate) -> String,
) -> Vec<Lost> {
    let mut all: Vec<(Vec<&str>, String, String)> = Vec::new();
    for (ending, own, other) in fates {
        let (own, other) = (told(own), told(other));
        if own == other {
            continue;
        }
        match all.iter_mut().find(|(_, a, b)| *a == own && *b == other) {
            Some((endings, ..)) => endings.push(ending),
            None => all.push((vec![ending], own, other)),
        }
    }
    let line = |(endings, wanted, there): (Vec<&str>, String, String)| Lost {
        what: format!("{} {what}", endings.join(", ")),
        wanted: Some(wanted),
        there: Some(there),
    };
    all.into_iter().map(line).collect()
}

/// The list as comments of a file.
pub(super) fn comments(lost: &[Lost], mark: &str, whose: &str) -> String {
    if lost.is_empty() {
        return format!("{mark} {whose} does all that this policy does.\n");
    }
    let mut text = format!("{mark} What {whose} does otherwise than this policy, or not at all:\n");
    for line in lost {
        let line = line.to_string();
        // A comment ends with its line, whatever a name contains.
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        text.push_str(&format!("{mark} - {line}\n"));
    }
    text
}
