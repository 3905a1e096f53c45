//! `squall fit`: from a log of calls to the traffic and the providers it tells of.
//!
//! `log` reads, `arrivals`, `law`, `latency` and `spells` each fit one thing, `incidents` says when bad spells were,
//! `toml` and `recorded` write the scenario, `predict` fits the first half of a log and says what the second should
//! have been.

pub mod against;
pub mod arrivals;
mod cells;
pub mod columns;
pub mod distance;
mod drawn;
mod failure;
pub mod incidents;
pub mod latency;
pub mod law;
mod line;
pub mod log;
mod moment;
pub mod predict;
pub mod recorded;
pub mod spells;
pub mod toml;
mod values;

use arrivals::Arrivals;
use incidents::Incident;
use latency::Latency;
use law::{Fitted, Unit};
use log::{Endpoint, Log, Outcome};
use spells::Spells;

pub use distance::Distance;

/// Everything that was found in a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Attempts in the log.
    pub attempts: usize,
    /// From the first to the last, in seconds; None in a log without times.
    pub span_s: Option<f64>,
    /// When calls came; None if the log does not say.
    pub arrivals: Option<Arrivals>,
    /// Prompt tokens.
    pub input: Option<Fitted>,
    /// Answer tokens.
    pub output: Option<Fitted>,
    /// Spearman's rank correlation of the two, which are drawn apart.
    pub tokens_rank: f64,
    /// The longest answer; 0: the log does not say.
    pub longest_answer: u32,
    /// Whether answers were read token by token.
    pub streamed: bool,
    /// How many users there are; 0: the log does not say.
    pub users: usize,
    /// How many conversations there are; 0: the log does not say.
    pub conversations: usize,
    /// How many calls have a conversation.
    pub in_conversations: usize,
    /// Those who served.
    pub providers: Vec<Provider>,
    /// Names of columns that were not known.
    pub ignored: Vec<String>,
}

/// One provider of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Provider {
    /// Its name in a scenario.
    pub name: String,
    /// Who it is, as the log says.
    pub endpoint: Endpoint,
    /// How many attempts it was sent.
    pub attempts: usize,
    /// How many of them were answered.
    pub answered: usize,
    /// Its service times, if enough answers say how long they took.
    pub latency: Option<Latency>,
    /// Its errors, by the status that stands for them.
    pub errors: Vec<Errors>,
    /// Prompt tokens read from a cache; None: the log does not say, or none were.
    pub cached: Option<Shares>,
    /// Answer tokens spent on reasoning, likewise.
    pub reasoning: Option<Shares>,
}

/// A part of all tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shares {
    /// Of the calls, those with any of the part.
    pub calls: f64,
    /// Of the tokens of these calls, the part.
    pub of_theirs: f64,
    /// Of all tokens, the part.
    pub of_all: f64,
}

impl Shares {
    /// Of pairs of part and whole; None if there is no part.
    fn of(pairs: impl Iterator<Item = (u32, u32)>) -> Option<Shares> {
        let (mut n, mut with) = (0.0, 0.0);
        let (mut all, mut theirs, mut parts) = (0.0, 0.0, 0.0);
        for (part, whole) in pairs {
            n += 1.0;
            all += f64::from(whole);
            if part > 0 {
                with += 1.0;
                theirs += f64::from(whole);
                parts += f64::from(part);
            }
        }
        (parts > 0.0).then(|| Shares {
            calls: with / n,
            of_theirs: parts / theirs,
            of_all: parts / all,
        })
    }
}

/// Errors of one status.
#[derive(Clone, Debug, PartialEq)]
pub struct Errors {
    /// 429, or the most frequent status of all others.
    pub status: u16,
    /// How many.
    pub n: usize,
    /// When they come.
    pub spells: Spells,
    /// When bad spells were in this log; none if they came at any time.
    pub incidents: Vec<Incident>,
}

impl Errors {
    /// The share that fails between incidents.
    pub fn between_incidents(&self) -> f64 {
        match self.incidents.is_empty() {
            true => self.spells.mean(),
            false => self.spells.good,
        }
    }
}

/// Fits all of a log.
pub fn fit(log: &Log) -> Fit {
    let first: Vec<&log::Attempt> = log.attempts.iter().filter(|a| a.first).collect();
    let times: Vec<f64> = first.iter().map(|a| a.at_s).collect();
    let answered = || {
        log.attempts
            .iter()
            .filter(|a| a.outcome == Outcome::Answered)
    };
    let both = answered().filter_map(|a| Some((f64::from(a.input?), f64::from(a.output?))));
    let (inputs, outputs): (Vec<f64>, Vec<f64>) = both.unzip();
    let tokens_rank = latency::rank_correlation(&inputs, &outputs);
    let highest = |number: fn(&log::Attempt) -> u32| log.attempts.iter().map(number).max();
    let names = names(&log.endpoints);
    Fit {
        attempts: log.attempts.len(),
        span_s: log.timed.then(|| log.span_s()),
        arrivals: Arrivals::of(&times).filter(|_| log.timed),
        longest_answer: answered().filter_map(|a| a.output).max().unwrap_or(0),
        input: Fitted::of(inputs, Unit::Tokens),
        output: Fitted::of(outputs, Unit::Tokens),
        tokens_rank,
        streamed: answered().any(|a| a.first_token_s.is_some()),
        users: highest(|a| a.user).unwrap_or(0) as usize,
        conversations: highest(|a| a.conversation).unwrap_or(0) as usize,
        in_conversations: first.iter().filter(|a| a.conversation > 0).count(),
        providers: names
            .into_iter()
            .enumerate()
            .map(|(i, name)| provider(log, i, name))
            .collect(),
        ignored: log.ignored.clone(),
    }
}

fn provider(log: &Log, i: usize, name: String) -> Provider {
    // There are at most sixteen.
    let own = || log.of(i as u16);
    let answered = || own().filter(|a| a.outcome == Outcome::Answered);
    let shares = |part: fn(&log::Attempt) -> Option<u32>, all: fn(&log::Attempt) -> Option<u32>| {
        Shares::of(answered().filter_map(|a| Some((part(a)?, all(a)?))))
    };
    Provider {
        name,
        endpoint: log.endpoints[i].clone(),
        attempts: own().count(),
        answered: answered().count(),
        latency: latency::fit(own()),
        errors: errors(log, i as u16),
        cached: shares(|a| a.cached, |a| a.input),
        reasoning: shares(|a| a.reasoning, |a| a.output),
    }
}

/// 429s by themselves, for what is done about them differs; all others together.
fn errors(log: &Log, endpoint: u16) -> Vec<Errors> {
    let status = |a: &log::Attempt| match a.outcome {
        Outcome::Answered => None,
        Outcome::Failed(status) => Some(status),
    };
    let mut counts: std::collections::BTreeMap<u16, usize> = std::collections::BTreeMap::new();
    for status in log.of(endpoint).filter_map(status) {
        *counts.entry(status).or_default() += 1;
    }
    let limited = counts.remove(&429).map(|n| (429, n));
    let others: usize = counts.values().sum();
    let most = counts
        .iter()
        .max_by_key(|(status, n)| (**n, u16::MAX - **status));
    let others = most.map(|(status, _)| (*status, others));
    let fitted = |(of, n): (u16, usize)| {
        let meant = |a: &log::Attempt| status(a).is_some_and(|s| (s == 429) == (of == 429));
        // Each is a share of the attempts that the other let pass, as the world has it.
        let asked = log
            .of(endpoint)
            .filter(|a| of == 429 || status(a) != Some(429));
        let coins: Vec<spells::Coin> = asked.map(|a| (a.at_s, meant(a))).collect();
        let spells = spells::fit(&coins)?;
        Some(Errors {
            status: of,
            n,
            spells,
            incidents: incidents::of(&coins, &spells),
        })
    };
    limited
        .into_iter()
        .chain(others)
        .filter_map(fitted)
        .collect()
}

/// Names that tell the endpoints apart, of what differs between them.
fn names(endpoints: &[Endpoint]) -> Vec<String> {
    let parts: [fn(&Endpoint) -> &str; 3] = [|e| &e.provider, |e| &e.model, |e| &e.endpoint];
    let differs =
        |part: fn(&Endpoint) -> &str| endpoints.iter().any(|e| part(e) != part(&endpoints[0]));
    let wanted: Vec<fn(&Endpoint) -> &str> = match endpoints.len() {
        1 => parts
            .into_iter()
            .find(|part| !part(&endpoints[0]).is_empty())
            .into_iter()
            .collect(),
        _ => parts.into_iter().filter(|part| differs(*part)).collect(),
    };
    let mut names: Vec<String> = Vec::new();
    for endpoint in endpoints {
        let words: Vec<String> = wanted.iter().map(|part| slug(part(endpoint))).collect();
        let words: Vec<&str> = words
            .iter()
            .map(String::as_str)
            .filter(|w| !w.is_empty())
            .collect();
        let name = match words.join("-") {
            name if name.is_empty() => "logged".to_string(),
            name => name,
        };
        let taken = |n: &String| names.contains(n);
        let numbered = (2..).map(|k| format!("{name}-{k}"));
        let free = std::iter::once(name.clone())
            .chain(numbered)
            .find(|n| !taken(n));
        names.extend(free);
    }
    names
}

/// Letters and digits in lower case, everything else as one `-`.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().take(60) {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => slug.push(c),
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    slug.trim_end_matches('-').to_string()
}

#[cfg(test)]
mod tests;
