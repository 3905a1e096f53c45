//! The trace a scenario names, read and checked line by line.

use std::path::Path;
use std::sync::Arc;

use super::files::Files;
use super::report::{Diagnostic, Report};
use super::source::Span;
use super::typing::Typed;
use super::words::setting;
use crate::workload::trace::{Trace, TraceError};
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

/// Reads the trace of the arrivals, if they come from one.
pub(super) fn load(
    files: &dyn Files,
    root: &Path,
    workload: &Typed<workload::Config>,
    report: &mut Report,
) -> Option<Loaded> {
    let arrivals::Config::Trace(config) = &workload.value.as_ref()?.arrivals else {
        return None;
    };
    let path = root.join(&config.file);
    let name = path.display().to_string();
    let keys = ["arrivals", "trace", "file"];
    let node = workload.unit.node.find(&keys.map(String::from))?;
    let place = node.span;
    match files.read(&path, MAX_BYTES) {
        Err(why) => {
            let mistake = Diagnostic::error(place, format!("cannot read the trace `{name}`"), why)
                .help("paths are relative to the file that names them");
            workload.unit.push(&keys, mistake, report);
            None
        }
        Ok(bytes) => match Trace::parse(&bytes) {
            Ok(trace) => Some(Loaded {
                trace: Arc::new(trace),
                bytes: Arc::new(bytes),
            }),
            Err(error) => {
                let named = setting(&report.sources, node);
                let mistake = wrong(&name, &bytes, &error, place, named, report);
                workload.unit.push(&keys, mistake, report);
                None
            }
        },
    }
}

/// Points at the line of the trace, and at the scenario that names it.
fn wrong(
    name: &str,
    bytes: &[u8],
    error: &TraceError,
    place: Span,
    named: Span,
    report: &mut Report,
) -> Diagnostic {
    let help = "a trace is a CSV file with the header t_ms,in_tokens,out_tokens, sorted by time";
    if error.line == 0 {
        let title = format!("the trace `{name}` cannot be used");
        return Diagnostic::error(place, title, &*error.message).help(help);
    }
    let line = bytes
        .split(|b| *b == b'\n')
        .nth(error.line - 1)
        .unwrap_or_default();
    let shown = &line[..line.len().min(MAX_SHOWN)];
    let text = String::from_utf8_lossy(shown).trim_end().to_string();
    let end = text.len();
    let file = report.sources.add_part(name, text, error.line, None);
    let line = Span {
        file,
        start: 0,
        end,
    };
    Diagnostic::error(line, "a line of the trace cannot be used", &*error.message)
        .also(named, "the trace is named here")
        .help(help)
}

/// A line of a trace is short; of a file that is none, this much is shown.
const MAX_SHOWN: usize = 100;
