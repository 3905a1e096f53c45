//! A log of calls, read line by line: nothing is skipped in silence.
//!
//! A line is one attempt. Every line that cannot be used is told with its place, up to a bound.

use std::collections::BTreeMap;

use super::cells::{self, Cell};
use super::columns::{self, Column, NAMES};
use super::values::Values;
use crate::scenario::WrongLine;

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// With an answer.
    Answered,
    /// With an error: its HTTP status; 504 stands for a timeout and 503 for a broken connection without one.
    Failed(u16),
}

/// One attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attempt {
    /// When it was sent, in seconds from the first; 0 in a log without times.
    pub at_s: f64,
    /// Its place in [`Log::endpoints`].
    pub endpoint: u16,
    /// How it ended.
    pub outcome: Outcome,
    /// Prompt tokens.
    pub input: Option<u32>,
    /// Of these, read from a cache.
    pub cached: Option<u32>,
    /// Answer tokens.
    pub output: Option<u32>,
    /// Of these, reasoning.
    pub reasoning: Option<u32>,
    /// Seconds to the first token.
    pub first_token_s: Option<f64>,
    /// Seconds to the last byte.
    pub took_s: Option<f64>,
    /// Whether it is the first of its call.
    pub first: bool,
    /// Its conversation, numbered from 1 as they come; 0: none.
    pub conversation: u32,
    /// Its user, likewise.
    pub user: u32,
}

/// Who served attempts, as the log says.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// Column `provider`.
    pub provider: String,
    /// Column `model`.
    pub model: String,
    /// Column `endpoint`.
    pub endpoint: String,
}

/// A whole log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    /// In order of time, if there are times.
    pub attempts: Vec<Attempt>,
    /// In order of their first attempts.
    pub endpoints: Vec<Endpoint>,
    /// Whether the log has times.
    pub timed: bool,
    /// Names of columns that say nothing known, as they were met.
    pub ignored: Vec<String>,
}

/// Everything that is wrong with a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogErrors {
    /// The first, in order of the file; at most [`MAX_ERRORS`].
    pub first: Vec<WrongLine>,
    /// How many more there are.
    pub more: usize,
}

/// Nobody reads more than these.
pub const MAX_ERRORS: usize = 20;

/// How a log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, with a header.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

impl Log {
    /// Reads a log.
    ///
    /// # Errors
    /// Every line that cannot be used.
    pub fn parse(text: &str, format: Format) -> Result<Log, LogErrors> {
        let mut reader = Reader::default();
        let mut lines = text.lines().enumerate().map(|(i, line)| (i + 1, line));
        match format {
            Format::Csv => reader.csv(&mut lines),
            Format::Jsonl => lines.for_each(|(n, line)| reader.json_line(n, line)),
        }
        reader.finish()
    }

    /// The attempts of one endpoint.
    pub fn of(&self, endpoint: u16) -> impl Iterator<Item = &Attempt> {
        let own = move |attempt: &&Attempt| attempt.endpoint == endpoint;
        self.attempts.iter().filter(own)
    }

    /// From the first attempt to the last, in seconds.
    pub fn span_s(&self) -> f64 {
        let ends = self.attempts.first().zip(self.attempts.last());
        ends.map_or(0.0, |(first, last)| last.at_s - first.at_s)
    }
}

/// Numbers for names, as they come.
#[derive(Debug, Default)]
struct Names(BTreeMap<String, u32>);

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        match name {
            "" => 0,
            name => {
                let next = self.0.len() as u32 + 1;
                *self.0.entry(name.to_string()).or_insert(next)
            }
        }
    }
}

#[derive(Debug, Default)]
struct Reader {
    log: Log,
    errors: LogErrors,
    endpoints: BTreeMap<Endpoint, u16>,
    conversations: Names,
    users: Names,
    untimed: Option<usize>,
}

/// The known cells of a line, by place in [`NAMES`]: the first name of a column counts.
pub(super) type Known<'a> = BTreeMap<Column, (usize, &'a Cell)>;

impl Reader {
    fn csv(&mut self, lines: &mut dyn Iterator<Item = (usize, &str)>) {
        let Some((_, header)) = lines.next() else {
            return;
        };
        let names = match cells::csv(header.trim_start_matches('\u{feff}')) {
            Ok(names) => names,
            Err((at, why)) => return self.wrong(1, header, at, why, ""),
        };
        let known: Vec<Option<usize>> = names.iter().map(|c| columns::known(&c.text)).collect();
        if known.iter().all(Option::is_none) {
            let why = "no column of this header is known".to_string();
            let help = "the first line names the columns; `squall fit --help` lists the names";
            return self.wrong(1, header, 0..header.len(), why, help);
        }
        let ignored = names
            .iter()
            .zip(&known)
            .filter(|(_, known)| known.is_none());
        self.log.ignored = ignored.map(|(cell, _)| cell.text.clone()).collect();
        for (n, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            match cells::csv(line) {
                Ok(cells) if cells.len() == names.len() => {
                    let mut found = Known::new();
                    for (cell, place) in cells.iter().zip(&known) {
                        place
                            .iter()
                            .for_each(|place| note(&mut found, *place, cell));
                    }
                    self.line(n, line, &found);
                }
                Ok(cells) => {
                    let why = format!("{} cells where the header has {}", cells.len(), names.len());
                    self.wrong(
                        n,
                        line,
                        0..line.len(),
                        why,
                        "a cell with a comma stands in quotes",
                    );
                }
                Err((at, why)) => self.wrong(n, line, at, why, ""),
            }
        }
    }

    fn json_line(&mut self, n: usize, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        let cells = match cells::json(line) {
            Ok(cells) => cells,
            Err((at, why)) => {
                return self.wrong(n, line, at, why, "each line is one JSON object");
            }
        };
        let mut found = Known::new();
        for (name, cell) in &cells {
            match columns::known(name) {
                Some(place) => note(&mut found, place, cell),
                None if self.log.ignored.len() < 100 && !self.log.ignored.contains(name) => {
                    self.log.ignored.push(name.clone());
                }
                None => {}
            }
        }
        if found.is_empty() {
            let help = "`squall fit --help` lists the names that are known";
            return self.wrong(n, line, 0..line.len(), "no key of it is known".into(), help);
        }
        self.line(n, line, &found);
    }

    /// Reads the known cells of a line.
    fn line(&mut self, n: usize, line: &str, found: &Known<'_>) {
        let mut wrong = Vec::new();
        let mut values = Values {
            found,
            wrong: &mut wrong,
        };
        let start = values.moment(Column::Start);
        let end = values.moment(Column::End);
        let took = values.span(Column::Duration);
        let outcome = values.outcome();
        let attempt = Attempt {
            at_s: start.unwrap_or(0.0),
            endpoint: 0,
            outcome,
            input: values.whole(Column::Input),
            cached: values.whole(Column::Cached),
            output: values.whole(Column::Output),
            reasoning: values.whole(Column::Reasoning),
            first_token_s: values.span(Column::FirstToken),
            took_s: took.or_else(|| Some(end? - start?)),
            first: match values.whole(Column::Attempt) {
                Some(attempt) => attempt <= 1,
                None => values.whole(Column::Resend).unwrap_or(0) == 0,
            },
            conversation: self.conversations.number(values.text(Column::Conversation)),
            user: self.users.number(values.text(Column::User)),
        };
        values.agree(&attempt);
        let endpoint = Endpoint {
            provider: values.text(Column::Provider).to_string(),
            model: values.text(Column::Model).to_string(),
            endpoint: values.text(Column::Endpoint).to_string(),
        };
        if start.is_none() && wrong.is_empty() {
            self.untimed = self.untimed.or(Some(n));
        }
        self.log.timed |= start.is_some();
        for (at, why, help) in wrong {
            self.wrong(n, line, at, why, help);
        }
        let endpoint = self.endpoint(n, line, endpoint);
        self.log.attempts.push(Attempt {
            endpoint,
            ..attempt
        });
    }

    fn endpoint(&mut self, n: usize, line: &str, endpoint: Endpoint) -> u16 {
        if let Some(known) = self.endpoints.get(&endpoint) {
            return *known;
        }
        let next = self.endpoints.len() as u16;
        if usize::from(next) == MOST_ENDPOINTS {
            let why = format!("more than {MOST_ENDPOINTS} providers, models and endpoints");
            let help = "fit a log of those that matter: a policy routes to at most sixteen";
            self.wrong(n, line, 0..line.len(), why, help);
        }
        if usize::from(next) >= MOST_ENDPOINTS {
            return 0;
        }
        self.endpoints.insert(endpoint.clone(), next);
        self.log.endpoints.push(endpoint);
        next
    }

    fn wrong(&mut self, n: usize, line: &str, at: std::ops::Range<usize>, why: String, help: &str) {
        if self.errors.first.len() == MAX_ERRORS {
            self.errors.more += 1;
            return;
        }
        let title = match n {
            0 => why.clone(),
            _ => "a line of the log cannot be used".into(),
        };
        self.errors.first.push(WrongLine {
            line: n,
            text: line.to_string(),
            at,
            title,
            label: why,
            help: help.to_string(),
        });
    }

    fn finish(mut self) -> Result<Log, LogErrors> {
        if let Some(n) = self.untimed.filter(|_| self.log.timed) {
            let help = "every line says when it was sent, or none does";
            self.wrong(
                n,
                "",
                0..0,
                "it has no start time, and others have one".into(),
                help,
            );
        }
        if self.log.attempts.is_empty() && self.errors.first.is_empty() {
            let help = "a CSV file with a header, or a file of JSON objects, one a line";
            self.wrong(0, "", 0..0, "there are no calls in it".into(), help);
        }
        if !self.errors.first.is_empty() {
            return Err(self.errors);
        }
        let attempts = &mut self.log.attempts;
        // Spans are often exported in order of their ends.
        attempts.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
        let first = attempts.first().map_or(0.0, |attempt| attempt.at_s);
        attempts
            .iter_mut()
            .for_each(|attempt| attempt.at_s -= first);
        Ok(self.log)
    }
}

/// As many as a policy may route to.
const MOST_ENDPOINTS: usize = 16;

fn note<'a>(found: &mut Known<'a>, place: usize, cell: &'a Cell) {
    let empty = cell.text.trim().is_empty();
    let column = NAMES[place].column;
    let better = found.get(&column).is_none_or(|(other, _)| place < *other);
    if !empty && better {
        found.insert(column, (place, cell));
    }
}
