//! The trace a scenario names, read and checked line by line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::{Files, nearest_file};
use super::report::{Diagnostic, Report};
use super::source::{FileId, Span};
use super::typing::Typed;
use super::words::Unit;
use crate::workload::trace::{Trace, TraceErrors};
use crate::workload::{self, arrivals};

/// A larger trace is cut into shares first.
const MAX_BYTES: u64 = 256 << 20;

/// A trace and the bytes it was read from.
#[derive(Clone, Debug)]
pub(super) struct Loaded {
    /// The calls.
    pub trace: Arc<Trace>,
    /// The bytes, for the hash.
    pub bytes: Arc<Vec<u8>>,
}

/// The traces of one load: each is read and told of once, however many points name it.
#[derive(Clone, Debug, Default)]
pub(super) struct Traces {
    read: BTreeMap<PathBuf, Option<Loaded>>,
}

/// The keys of the trace's path.
const KEYS: [&str; 3] = ["arrivals", "trace", "file"];

impl Traces {
    /// Reads the trace of the arrivals, if they come from one.
    pub(super) fn load(
        &mut self,
        files: &dyn Files,
        root: &Path,
        workload: &Typed<workload::Config>,
        report: &mut Report,
    ) -> Option<Loaded> {
        let arrivals::Config::Trace(config) = &workload.value.as_ref()?.arrivals else {
            return None;
        };
        if !workload.knows(&KEYS.join(".")) {
            return None;
        }
        let path = root.join(&config.file);
        if let Some(known) = self.read.get(&path) {
            return known.clone();
        }
        let loaded = read(files, &path, &workload.unit, report);
        self.read.insert(path, loaded.clone());
        loaded
    }
}

fn read(files: &dyn Files, path: &Path, unit: &Unit, report: &mut Report) -> Option<Loaded> {
    let name = path.display().to_string();
    let node = unit.node.find(&KEYS.map(String::from))?;
    let bytes = match files.read(path, MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(why) => {
            let title = format!("cannot read the trace `{name}`");
            let near = nearest_file(files, path, &why);
            let mistake = Diagnostic::error(node.span, title, why).missing(near);
            unit.push(&KEYS, mistake, report);
            return None;
        }
    };
    match Trace::parse(&bytes) {
        Ok(trace) => Some(Loaded {
            trace: Arc::new(trace),
            bytes: Arc::new(bytes),
        }),
        Err(errors) => {
            wrong(&name, &bytes, &errors, unit, report);
            None
        }
    }
}

/// Points at the lines of the trace, and at the scenario that names it.
fn wrong(name: &str, bytes: &[u8], errors: &TraceErrors, unit: &Unit, report: &mut Report) {
    let help = "a trace is a CSV file with the header t_ms,in_tokens,out_tokens, sorted by time";
    for (i, error) in errors.first.iter().enumerate() {
        let mut mistake = match error.line {
            0 => {
                let title = format!("the trace `{name}` cannot be used");
                let why = error.wrong.first().map(|(_, why)| why.as_str());
                unit.mistake(&KEYS, title, why.unwrap_or_default(), report)
            }
            line => {
                let file = shown(name, bytes, line, report);
                let title = "a line of the trace cannot be used";
                let named = unit.mistake(&KEYS, "", "", report).place;
                let text = &report.sources.get(file).text;
                let mut labels = error.wrong.iter().map(|(at, why)| {
                    // What is shown may be cut off, and has other characters for what is no text.
                    let start = text.floor_char_boundary(at.start);
                    let end = text.ceil_char_boundary(at.end);
                    (Span { file, start, end }, why.clone())
                });
                let Some((first, why)) = labels.next() else {
                    continue;
                };
                let mut mistake = Diagnostic::error(first, title, why);
                mistake.also = labels.collect();
                let named = named.map(|at| (at, "the trace is named here".into()));
                mistake.also.extend(named);
                mistake
            }
        };
        if i + 1 == errors.first.len() && errors.more > 0 {
            mistake = mistake.note(format!("and {} more lines of this trace", errors.more));
        }
        unit.push(&KEYS, mistake.help(help), report);
    }
}

/// A line of a trace as a source of its own.
fn shown(name: &str, bytes: &[u8], line: usize, report: &mut Report) -> FileId {
    let text = bytes
        .split(|b| *b == b'\n')
        .nth(line - 1)
        .unwrap_or_default();
    let text = &text[..text.len().min(MAX_SHOWN)];
    let text = String::from_utf8_lossy(text).trim_end().to_string();
    report.sources.add_part(name, text, line, None)
}

/// A line of a trace is short; of a file that is none, this much is shown.
const MAX_SHOWN: usize = 100;
