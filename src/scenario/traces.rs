//! The recorded files a workload names, read and checked line by line: a trace, clients, sizes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::{Files, nearest_file};
use super::report::{Diagnostic, Report};
use super::source::{FileId, Span};
use super::tree::{Node, Table};
use super::typing::Typed;
use super::words::Unit;
use crate::workload::lines::{LineError, LineErrors};
use crate::workload::sizes::Sizes;
use crate::workload::trace::Trace;
use crate::workload::windows::Windows;
use crate::workload::{self, arrivals, tokens};

/// A larger file is cut into shares first.
const MAX_BYTES: u64 = 256 << 20;

/// What was read from a file and the bytes it was read from.
#[derive(Debug)]
pub(super) struct Loaded<T> {
    /// What it says.
    pub said: Arc<T>,
    /// The bytes, for the hash.
    pub bytes: Arc<Vec<u8>>,
}

impl<T> Clone for Loaded<T> {
    fn clone(&self) -> Loaded<T> {
        Loaded {
            said: Arc::clone(&self.said),
            bytes: Arc::clone(&self.bytes),
        }
    }
}

/// A kind of recorded file.
trait Recorded: Sized {
    /// What it is called.
    const WHAT: &'static str;
    /// How it is written.
    const HELP: &'static str;
    fn parse(bytes: &[u8]) -> Result<Self, LineErrors>;
}

impl Recorded for Trace {
    const WHAT: &'static str = "trace";
    const HELP: &'static str =
        "a trace is a CSV file with the header t_ms,in_tokens,out_tokens, sorted by time";
    fn parse(bytes: &[u8]) -> Result<Trace, LineErrors> {
        Trace::parse(bytes)
    }
}

impl Recorded for Windows {
    const WHAT: &'static str = "recording of clients";
    const HELP: &'static str =
        "clients come in a CSV file with the header client,t_s,rate_rps,cv,dist";
    fn parse(bytes: &[u8]) -> Result<Windows, LineErrors> {
        Windows::parse(bytes)
    }
}

impl Recorded for Sizes {
    const WHAT: &'static str = "recording of sizes";
    const HELP: &'static str =
        "sizes come in a CSV file with the header in_tokens,out_tokens, or in a trace";
    fn parse(bytes: &[u8]) -> Result<Sizes, LineErrors> {
        Sizes::parse(bytes)
    }
}

/// The files of one kind: each is read and told of once, however many points name it.
#[derive(Clone, Debug)]
struct Known<T>(BTreeMap<PathBuf, Option<Loaded<T>>>);

impl<T> Default for Known<T> {
    fn default() -> Known<T> {
        Known(BTreeMap::new())
    }
}

/// The recorded files of one load.
#[derive(Clone, Debug, Default)]
pub(super) struct Traces {
    traces: Known<Trace>,
    clients: Known<Windows>,
    sizes: Known<Sizes>,
}

/// Where files are, and what is to be told of them.
struct Shelf<'a> {
    files: &'a dyn Files,
    root: &'a Path,
    report: &'a mut Report,
}

impl Traces {
    /// Reads every file that the workload names: what clients and sizes say is put where they are named. The trace
    /// of the arrivals, if they come from one, and the bytes of the other files, for the hash.
    pub(super) fn load(
        &mut self,
        files: &dyn Files,
        root: &Path,
        workload: &mut Typed<workload::Config>,
        report: &mut Report,
    ) -> (Option<Loaded<Trace>>, Vec<u8>) {
        let mut others = Vec::new();
        let Some(mut config) = workload.value.take() else {
            return (None, others);
        };
        let mut shelf = Shelf {
            files,
            root,
            report,
        };
        let unit = &workload.unit;
        let mut trace = None;
        match &mut config.arrivals {
            arrivals::Config::Trace(of) => {
                let keys = ["arrivals", "trace", "file"];
                trace = self.traces.load(&mut shelf, &of.file, (unit, &keys));
            }
            arrivals::Config::Clients(of) => {
                let keys = ["arrivals", "clients", "file"];
                if let Some(read) = self.clients.load(&mut shelf, &of.file, (unit, &keys)) {
                    of.windows = read.said;
                    others.extend_from_slice(&read.bytes);
                }
            }
            _ => {}
        }
        let mut of_tokens = |tokens: &mut tokens::Config, keys: &[&str]| {
            let tokens::Config::Sample(of) = tokens else {
                return;
            };
            if let Some(read) = self.sizes.load(&mut shelf, &of.file, (unit, keys)) {
                of.sizes = read.said;
                others.extend_from_slice(&read.bytes);
            }
        };
        of_tokens(&mut config.tokens, &["tokens", "sample", "file"]);
        for (name, tenant) in &mut config.tenant {
            if let Some(tokens) = &mut tenant.tokens {
                of_tokens(tokens, &["tenant", name, "tokens", "sample", "file"]);
            }
        }
        workload.value = Some(config);
        (trace, others)
    }
}

impl<T: Recorded> Known<T> {
    /// What the file of a key says; None if it cannot be read, or the key is not as its author meant it.
    fn load(
        &mut self,
        shelf: &mut Shelf<'_>,
        file: &str,
        (unit, keys): (&Unit, &[&str]),
    ) -> Option<Loaded<T>> {
        let place: Vec<String> = keys.iter().map(|key| key.to_string()).collect();
        if file.is_empty() || !unit.knows(&place) {
            return None;
        }
        let path = shelf.root.join(file);
        if let Some(known) = self.0.get(&path) {
            return known.clone();
        }
        let loaded = read(shelf, &path, (unit, keys));
        self.0.insert(path, loaded.clone());
        loaded
    }
}

fn read<T: Recorded>(
    shelf: &mut Shelf<'_>,
    path: &Path,
    (unit, keys): (&Unit, &[&str]),
) -> Option<Loaded<T>> {
    let name = path.display().to_string();
    let place: Vec<String> = keys.iter().map(|key| key.to_string()).collect();
    let node = unit.node.find(&place)?;
    let bytes = match shelf.files.read(path, MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(why) => {
            let title = format!("cannot read the {} `{name}`", T::WHAT);
            let near = nearest_file(shelf.files, path, &why);
            let mistake = Diagnostic::error(node.span, title, why).missing(near);
            unit.push(keys, mistake, shelf.report);
            return None;
        }
    };
    match T::parse(&bytes) {
        Ok(said) => Some(Loaded {
            said: Arc::new(said),
            bytes: Arc::new(bytes),
        }),
        Err(errors) => {
            wrong::<T>((&name, &bytes), &errors, (unit, keys), shelf.report);
            None
        }
    }
}

/// Points at the lines of the file, and at the scenario that names it.
fn wrong<T: Recorded>(
    (name, bytes): (&str, &[u8]),
    errors: &LineErrors,
    (unit, keys): (&Unit, &[&str]),
    report: &mut Report,
) {
    for (i, error) in errors.first.iter().enumerate() {
        let mut mistake = match error.line {
            0 => {
                let title = format!("the {} `{name}` cannot be used", T::WHAT);
                let why = error.wrong.first().map(|(_, why)| why.as_str());
                unit.mistake(keys, title, why.unwrap_or_default(), report)
            }
            line => {
                let file = shown(name, bytes, line, report);
                let named = unit.mistake(keys, "", "", report).place;
                let Some(mistake) = of_line::<T>(file, error, named, report) else {
                    continue;
                };
                mistake
            }
        };
        if i + 1 == errors.first.len() && errors.more > 0 {
            let note = format!("and {} more lines of this {}", errors.more, T::WHAT);
            mistake = mistake.note(note);
        }
        unit.push(keys, mistake.help(T::HELP), report);
    }
}

/// Everything that is wrong with one line.
fn of_line<T: Recorded>(
    file: FileId,
    error: &LineError,
    named: Option<Span>,
    report: &Report,
) -> Option<Diagnostic> {
    let text = &report.sources.get(file).text;
    let mut labels = error.wrong.iter().map(|(at, why)| {
        // What is shown may be cut off, and has other characters for what is no text.
        let start = text.floor_char_boundary(at.start);
        let end = text.ceil_char_boundary(at.end);
        (Span { file, start, end }, why.clone())
    });
    let (first, why) = labels.next()?;
    let title = format!("a line of the {} cannot be used", T::WHAT);
    let mut mistake = Diagnostic::error(first, title, why);
    mistake.also = labels.collect();
    let told = format!("the {} is named here", T::WHAT);
    mistake.also.extend(named.map(|at| (at, told)));
    Some(mistake)
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

/// Where the workload of a tree names recorded files: the path from the root to each `file`, or to the text that
/// stands for it.
pub(super) fn places(root: &Node) -> Vec<Vec<String>> {
    let keys = |path: &[&str]| path.iter().map(|key| key.to_string()).collect::<Vec<_>>();
    let tenants = root.find(&keys(&["workload", "tenant"]));
    let names = tenants
        .and_then(Node::table)
        .into_iter()
        .flat_map(Table::keys);
    let of_tenants = names.map(|name| keys(&["workload", "tenant", name, "tokens", "sample"]));
    let fixed = [
        keys(&["workload", "arrivals", "trace"]),
        keys(&["workload", "arrivals", "clients"]),
        keys(&["workload", "tokens", "sample"]),
    ];
    let all = fixed.into_iter().chain(of_tenants);
    let named = all.filter_map(|mut path| {
        let node = root.find(&path)?;
        if node.table().is_some() {
            path.push("file".into());
            root.find(&path)?;
        }
        Some(path)
    });
    named.collect()
}

/// Whether a setting of the resolved scenario names such a file.
pub(super) fn is_place(setting: &str) -> bool {
    let bare = setting.strip_suffix(".file").unwrap_or(setting);
    let Some(rest) = bare.strip_prefix("workload.") else {
        return false;
    };
    matches!(
        rest,
        "arrivals.trace" | "arrivals.clients" | "tokens.sample"
    ) || rest.starts_with("tenant.") && rest.ends_with(".tokens.sample")
}
