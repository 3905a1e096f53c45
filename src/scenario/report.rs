//! What a load found wrong: diagnostics with places, gathered in one report.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::source::{SourceMap, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is run.
    Mistake,
    /// Allowed, but probably not meant.
    Warning,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one line without the place.
    pub title: String,
    /// Where; None: the file as a whole.
    pub place: Option<Span>,
    /// What is said there.
    pub label: String,
    /// Other places that matter, and what is said there.
    pub also: Vec<(Span, String)>,
    /// What would have been accepted.
    pub expected: Option<String>,
    /// What else to know, one line each.
    pub notes: Vec<String>,
    /// How to mend it.
    pub help: Option<String>,
    /// The places of the points it was found at; none: it is about all of them.
    pub points: Vec<usize>,
}

impl Diagnostic {
    /// A mistake at a place.
    pub(super) fn error(
        place: Span,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            place: Some(place),
            label: label.into(),
            ..Diagnostic::whole(title)
        }
    }

    /// A mistake of the file as a whole.
    pub(super) fn whole(title: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Mistake,
            title: title.into(),
            place: None,
            label: String::new(),
            also: Vec::new(),
            expected: None,
            notes: Vec::new(),
            help: None,
            points: Vec::new(),
        }
    }

    /// With what would have been accepted.
    pub(super) fn expected(mut self, text: impl Into<String>) -> Diagnostic {
        self.expected = Some(text.into());
        self
    }

    /// With how to mend it.
    pub(super) fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }

    /// With one more thing to know.
    pub(super) fn note(mut self, text: impl Into<String>) -> Diagnostic {
        self.notes.push(text.into());
        self
    }

    /// With how to mend the name of a file that is not there: the nearest that is, if there is one.
    pub(super) fn missing(self, near: Option<PathBuf>) -> Diagnostic {
        const RELATIVE: &str = "paths are relative to the file that names them";
        let near = near.as_deref().and_then(Path::file_name);
        match near {
            None => self.help(RELATIVE),
            Some(name) => {
                let name = name.to_string_lossy();
                let there = format!("did you mean `{name}` in that directory?");
                self.note(RELATIVE).help(there)
            }
        }
    }

    /// With a second place.
    pub(super) fn also(mut self, place: Span, text: impl Into<String>) -> Diagnostic {
        self.also.push((place, text.into()));
        self
    }
}

/// The collector of one load.
#[derive(Debug)]
pub(super) struct Report {
    /// The file the user named.
    pub file: String,
    /// Every text read so far.
    pub sources: SourceMap,
    /// The place of the point that is being looked at; None before the first.
    pub point: Option<usize>,
    /// Numbers that no type holds: what stands in their place is nobody's.
    pub unread: Vec<Span>,
    list: Vec<Diagnostic>,
    /// Whether something was left out.
    more: bool,
}

/// Nobody reads more findings than these.
const MAX_FINDINGS: usize = 200;

/// Places beside the main one that a reader can still take in.
const MAX_LABELS: usize = 4;

impl Report {
    /// An empty report about a file.
    pub(super) fn new(file: &str) -> Report {
        Report {
            file: file.into(),
            sources: SourceMap::default(),
            point: None,
            unread: Vec::new(),
            list: Vec::new(),
            more: false,
        }
    }

    /// Notes a finding. The same finding at the same place (of an heir, of another point) only
    /// adds its labels and its point.
    pub(super) fn push(&mut self, mut new: Diagnostic) {
        new.points = self.point.into_iter().collect();
        let same = |old: &&mut Diagnostic| {
            old.place == new.place && old.title == new.title && old.severity == new.severity
        };
        let full = self.list.len() >= MAX_FINDINGS;
        let Some(old) = self.list.iter_mut().find(same) else {
            match full {
                true => self.more = true,
                false => self.list.push(new),
            }
            return;
        };
        if !old.points.is_empty() {
            new.points.retain(|point| !old.points.contains(point));
            old.points.extend(new.points);
        }
        for (place, text) in new.also {
            if old.also.len() < MAX_LABELS && !old.also.iter().any(|(p, _)| *p == place) {
                old.also.push((place, text));
            }
        }
    }

    /// Takes over what another report about the same texts found.
    pub(super) fn absorb(&mut self, other: Report) {
        self.sources = other.sources;
        self.list.extend(other.list);
    }

    /// Whether there is a mistake so far.
    pub(super) fn has_mistakes(&self) -> bool {
        self.list.iter().any(|d| d.severity == Severity::Mistake)
    }

    /// How many findings there are so far.
    pub(super) fn count(&self) -> usize {
        self.list.len()
    }

    /// Notes that there is more than is told.
    pub(super) fn leave_out(&mut self) {
        self.more = true;
    }

    /// Whether it takes no more findings.
    pub(super) fn is_full(&self) -> bool {
        self.more
    }

    /// The findings, in order of place.
    pub(super) fn finish(mut self) -> Diagnostics {
        self.list.sort_by_key(|d| (d.severity, d.place));
        Diagnostics {
            file: self.file,
            sources: Arc::new(self.sources),
            list: self.list,
            more: self.more,
        }
    }
}

/// Everything a load found wrong, ready to be shown.
#[derive(Clone, Debug)]
pub struct Diagnostics {
    /// The file the user named.
    pub file: String,
    /// The texts the places lie in.
    pub sources: Arc<SourceMap>,
    list: Vec<Diagnostic>,
    more: bool,
}

impl Diagnostics {
    /// Whether there were more findings than are kept.
    pub fn has_more(&self) -> bool {
        self.more
    }

    /// Everything found: mistakes first, each group in order of place.
    pub fn all(&self) -> &[Diagnostic] {
        &self.list
    }

    /// What keeps the scenario from being run.
    pub fn mistakes(&self) -> impl Iterator<Item = &Diagnostic> {
        let is_mistake = |d: &&Diagnostic| d.severity == Severity::Mistake;
        self.list.iter().filter(is_mistake)
    }

    /// What is allowed but probably not meant.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        let is_warning = |d: &&Diagnostic| d.severity == Severity::Warning;
        self.list.iter().filter(is_warning)
    }

    /// A place as `file:line:column`; for None the file.
    pub fn place(&self, place: Option<Span>) -> String {
        match place {
            None => self.file.clone(),
            Some(span) => {
                let (line, column) = self.sources.position(span);
                format!("{}:{line}:{column}", self.sources.get(span.file).name)
            }
        }
    }
}
