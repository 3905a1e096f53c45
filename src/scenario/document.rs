//! From files to one tree: a file's own keys on top of what it includes.
//!
//! A file is read once however often it is included; the files of `include` are merged in their
//! order, below the including file's own keys.

use std::path::{Path, PathBuf};

use super::files::{Files, nearest_file, plain};
use super::merge::merge;
use super::report::{Diagnostic, Report};
use super::source::{FileId, Span};
use super::tree::{Node, Table, Value};
use super::{parse, shorthand, traces};

/// Larger scenario files are mistakes: nobody writes a mebibyte by hand.
const MAX_BYTES: u64 = 1 << 20;

/// Deeper or wider includes are mistakes.
const MAX_FILES: usize = 100;

/// A scenario and all it includes that could be read.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// The files, merged.
    pub tree: Node,
    /// Whether no file is missing.
    pub whole: bool,
}

/// Reads a scenario and all it includes into one tree; None if the scenario itself is not even
/// TOML.
pub(super) fn read(files: &dyn Files, path: &Path, report: &mut Report) -> Option<Document> {
    let mut reader = Reader {
        files,
        root: path.parent().unwrap_or(Path::new("")).into(),
        open: Vec::new(),
        done: Vec::new(),
        whole: true,
        report,
    };
    let tree = reader.file(path, None)?;
    Some(Document {
        tree,
        whole: reader.whole,
    })
}

struct Reader<'r> {
    files: &'r dyn Files,
    /// The directory of the scenario: all paths in the tree are relative to it.
    root: PathBuf,
    /// The files being read, each inside the one before.
    open: Vec<PathBuf>,
    done: Vec<PathBuf>,
    whole: bool,
    report: &'r mut Report,
}

impl Reader<'_> {
    fn file(&mut self, path: &Path, included_at: Option<Span>) -> Option<Node> {
        let file = self.source(path, included_at)?;
        let mut own = parse::parse(file, self.report)?;
        self.open.push(plain(path));
        let includes = own.table_mut().and_then(|table| table.remove("include"));
        let dir = path.parent().unwrap_or(Path::new(""));
        self.trace_path(dir, &mut own);
        shorthand::write_out(&mut Vec::new(), &mut own);
        let below = includes.and_then(|node| self.includes(&node, dir));
        if let Some(path) = self.open.pop() {
            self.done.push(path);
        }
        Some(match below {
            Some(below) => merge(&mut Vec::new(), &below, &own),
            None => own,
        })
    }

    /// All included files that can be read, merged; None if there are none.
    fn includes(&mut self, node: &Node, dir: &Path) -> Option<Node> {
        let list = match &node.value {
            Value::Array(list) => list.as_slice(),
            Value::String(_) => std::slice::from_ref(node),
            other => {
                let title = format!("`include` cannot be {}", other.what());
                let mistake = Diagnostic::error(node.span, title, "not a list of files");
                let example = "include = [\"providers.toml\"], relative to this file";
                self.report.push(mistake.expected(example));
                self.whole = false;
                return None;
            }
        };
        let mut merged: Option<Node> = None;
        for entry in list {
            let Some(name) = entry.text() else {
                let title = format!("`include` cannot hold {}", entry.value.what());
                let mistake = Diagnostic::error(entry.span, title, "not a file name");
                self.report.push(mistake);
                self.whole = false;
                continue;
            };
            let path = dir.join(name);
            if self.done.contains(&plain(&path)) {
                continue;
            }
            let tree = match self.refused(&path, entry.span) {
                true => None,
                false => self.file(&path, Some(entry.span)),
            };
            match (tree, &merged) {
                (Some(tree), Some(below)) => merged = Some(merge(&mut Vec::new(), below, &tree)),
                (Some(tree), None) => merged = Some(tree),
                (None, _) => self.whole = false,
            }
        }
        merged
    }

    /// Whether a file includes itself, or far too much.
    fn refused(&mut self, path: &Path, at: Span) -> bool {
        let path = plain(path);
        if let Some(first) = self.open.iter().position(|open| *open == path) {
            let names = self.open[first..].iter().chain([&path]);
            let chain: Vec<String> = names.map(|p| p.display().to_string()).collect();
            let mistake = Diagnostic::error(at, "a file that includes itself", "round in a circle")
                .note(chain.join(" includes "))
                .help("remove one of the includes of the circle");
            self.report.push(mistake);
            return true;
        }
        if self.open.len() + self.done.len() >= MAX_FILES {
            let title = format!("more than {MAX_FILES} files");
            self.report
                .push(Diagnostic::error(at, title, "one too many"));
            return true;
        }
        false
    }

    /// Reads a file into the source map.
    fn source(&mut self, path: &Path, included_at: Option<Span>) -> Option<FileId> {
        let name = path.display().to_string();
        let bytes = match self.files.read(path, MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(why) => {
                self.unreadable(&name, &why, included_at);
                return None;
            }
        };
        match String::from_utf8(bytes) {
            Ok(text) if text.trim_start_matches('\u{feff}').trim().is_empty() => {
                let file = self.report.sources.add(&name, text, included_at);
                if included_at.is_none() {
                    let help = "a scenario has at least [run], [workload], one [provider.NAME] and \
                                one [policy.NAME]";
                    let empty = Diagnostic::whole("the scenario file is empty").help(help);
                    self.report.push(empty);
                    return None;
                }
                Some(file)
            }
            Ok(text) => Some(self.report.sources.add(&name, text, included_at)),
            Err(error) => {
                self.not_utf8(
                    &name,
                    error.as_bytes(),
                    error.utf8_error().valid_up_to(),
                    included_at,
                );
                None
            }
        }
    }

    fn unreadable(&mut self, name: &str, why: &str, included_at: Option<Span>) {
        let title = format!("cannot read `{name}`");
        let near = nearest_file(self.files, Path::new(name), why);
        let mistake = match (included_at, near) {
            (Some(at), near) => Diagnostic::error(at, title, why).missing(near),
            (None, Some(near)) => Diagnostic::whole(title)
                .note(why)
                .help(format!("did you mean `{}`?", near.display())),
            (None, None) => Diagnostic::whole(title)
                .note(why)
                .help("give the path of a scenario file"),
        };
        self.report.push(mistake);
    }

    /// Shows the line with the first byte that is no text.
    fn not_utf8(&mut self, name: &str, bytes: &[u8], valid: usize, included_at: Option<Span>) {
        let start = bytes[..valid]
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |i| i + 1);
        let rest = &bytes[start..];
        let line = rest.split(|b| *b == b'\n').next().unwrap_or(rest);
        let number = 1 + bytes[..start].iter().filter(|b| **b == b'\n').count();
        let text = String::from_utf8_lossy(line).into_owned();
        let column = valid - start;
        let sources = &mut self.report.sources;
        let file = sources.add_part(name, text, number, included_at);
        let place = Span {
            file,
            start: column,
            end: column + '\u{fffd}'.len_utf8(),
        };
        let byte = bytes.get(valid).copied().unwrap_or_default();
        let mistake =
            Diagnostic::error(place, "this is not UTF-8 text", format!("byte {byte:#04x}"))
                .help("save the file as UTF-8");
        self.report.push(mistake);
    }

    /// Makes the paths of recorded traffic relative to the scenario and not to the file that names it.
    fn trace_path(&self, dir: &Path, own: &mut Node) {
        if dir == self.root {
            return;
        }
        for place in traces::places(own) {
            let Some(node) = own.find(&place).filter(|node| node.text().is_some()) else {
                continue;
            };
            let mut node = node.clone();
            if let Value::String(text) = &mut node.value {
                let from_root = dir.strip_prefix(&self.root).unwrap_or(dir);
                *text = plain(&from_root.join(&*text)).display().to_string();
            }
            own.put(&place, node);
        }
    }
}

/// An empty tree in a file.
pub(super) fn empty(span: Span) -> Node {
    Node::new(span, span, Value::Table(Table::default()))
}
