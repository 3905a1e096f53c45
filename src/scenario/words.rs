//! Typing errors and findings of checks in words, with the places they lie at.

use crate::base::Mistake;

use super::gaps::Gap;
use super::nearest;
use super::phrases::{custom, mismatch, unknown_name, with_names};
use super::renamed;
use super::report::{Diagnostic, Report, Severity};
use super::shape;
use super::source::{SourceMap, Span};
use super::tree::{Node, Value};
use super::type_error::{TypeError, What};

/// One part of the scenario that is typed for itself: where it stands and its tree.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    /// The keys from the root.
    pub path: Vec<String>,
    /// The tree.
    pub node: Node,
    /// Keys the typed settings do not have because something else reads them.
    pub other_keys: &'static [&'static str],
    /// Whether something it inherits or is merged with could not be found: then nothing can be said
    /// to be missing.
    pub incomplete: bool,
    /// What is not known because of mistakes in it.
    pub gaps: Vec<Gap>,
}

impl Unit {
    /// A unit at some keys.
    pub(super) fn new(path: &[&str], node: Node) -> Unit {
        Unit {
            path: path.iter().map(|key| key.to_string()).collect(),
            node,
            other_keys: &[],
            incomplete: false,
            gaps: Vec::new(),
        }
    }

    fn full(&self, below: &[String]) -> Vec<String> {
        self.path.iter().chain(below).cloned().collect()
    }

    /// The last key that somebody wrote: a shorthand's own keys stand where its value stands.
    fn key_name(&self, below: &[String]) -> String {
        let mut name = last_name(&self.path);
        let mut node = &self.node;
        for key in below {
            match node.child(key) {
                Some(child) => node = child,
                None => return key.clone(),
            }
            if node.key != node.span {
                name.clone_from(key);
            }
        }
        name
    }

    /// What the table at some keys below is called.
    fn name_of(&self, below: &[String]) -> String {
        let path = self.full(below);
        match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => "a scenario".into(),
            ["policy", _] => "a policy".into(),
            ["provider", _] => "a provider".into(),
            ["pool", _] => "a pool".into(),
            ["fault", _] => "a fault".into(),
            ["expect", _] => "an expectation".into(),
            [.., name] => format!("`{name}`"),
        }
    }

    /// A mistake about the setting at some keys below; to be completed and pushed.
    pub(super) fn mistake(
        &self,
        path: &[&str],
        title: impl Into<String>,
        label: impl Into<String>,
        report: &Report,
    ) -> Diagnostic {
        let place = setting(&report.sources, self.deepest(path));
        Diagnostic::error(place, title, label)
    }

    /// A mistake about a value that is wrong by itself, whatever its key.
    pub(super) fn value_mistake(
        &self,
        path: &[&str],
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::error(self.deepest(path).span, title, label)
    }

    /// A mistake about a name: the key of a table, or a name in a list.
    pub(super) fn key_mistake(
        &self,
        path: &[&str],
        title: impl Into<String>,
        label: impl Into<String>,
        report: &Report,
    ) -> Diagnostic {
        let node = self.deepest(path);
        let mut mistake = self.mistake(path, title, label, report);
        mistake.place = Some(node.key);
        mistake
    }

    /// Reports a mistake about what lies at some keys below, with labels at the heir and at the
    /// `include`; none about what is not known.
    pub(super) fn push(&self, path: &[&str], mistake: Diagnostic, report: &mut Report) {
        let path: Vec<String> = path.iter().map(|key| key.to_string()).collect();
        if !self.in_gap(&path) {
            self.finish(self.node.deepest(&path).0, mistake, report);
        }
    }

    fn deepest(&self, path: &[&str]) -> &Node {
        let path: Vec<String> = path.iter().map(|key| key.to_string()).collect();
        self.node.deepest(&path).0
    }

    /// A finding about what lies at some keys below, with labels at the heir and the includer.
    fn finish(&self, node: &Node, mut mistake: Diagnostic, report: &mut Report) {
        if let (Some(via), [_, heir, ..]) = (node.via, &self.path[..]) {
            let text = format!("`{heir}` inherits it here");
            mistake.also.push((via, text));
        }
        let file = mistake.place.map(|place| place.file);
        if let Some(at) = file.and_then(|file| report.sources.get(file).included_at) {
            mistake.also.push((at, "included here".into()));
        }
        report.push(mistake);
    }

    /// Says what a typing error means.
    pub(super) fn type_error(&self, error: &TypeError, report: &mut Report) {
        let (node, _) = self.node.deepest(&error.path);
        let key = self.key_name(&error.path);
        let place = if error.at_key || matches!(error.what, What::Missing(_)) {
            node.key
        } else {
            node.span
        };
        let mistake = match &error.what {
            What::Unknown { .. } => self.unknown(error, place),
            What::Missing(name) => {
                let needs = self.name_of(&error.path);
                let mistake = Diagnostic::error(
                    place,
                    format!("`{name}` is missing"),
                    format!("{needs} needs `{name}`"),
                );
                match &self.path[..] {
                    [p, _] if p == "policy" || p == "provider" => mistake.help(format!(
                        "write `{name}` here, or inherit it with `extends` or `preset`"
                    )),
                    _ => mistake,
                }
            }
            What::Custom(text) => custom(&key, text, place),
            What::Mismatch { found, expected } => mismatch(&key, found, expected, node, place),
            What::NoKind(kinds) => {
                let title = format!("`{key}` names no kind");
                Diagnostic::error(place, title, "empty").expected(nearest::list("", kinds))
            }
            What::NotAKind { found, kinds } => {
                let title = format!("`{key}` cannot be {found}");
                Diagnostic::error(place, title, "not a kind").expected(nearest::list("", kinds))
            }
            What::TwoKinds { first } => self.two_kinds(error, first, place),
        };
        self.finish(node, mistake, report);
    }

    fn unknown(&self, error: &TypeError, place: Span) -> Diagnostic {
        let What::Unknown {
            name,
            expected,
            field,
        } = &error.what
        else {
            return Diagnostic::whole("unknown name");
        };
        let above = match error.at_key {
            true => &error.path[..error.path.len().saturating_sub(1)],
            false => &error.path[..],
        };
        let full = self.full(above);
        let mut names = expected.clone();
        let (title, label) = if let Some(choice) = shape::place(&full).filter(|_| !field) {
            let room = choice.room;
            (
                format!("unknown kind of {room} `{name}`"),
                format!("not a kind of {room}"),
            )
        } else if *field {
            if above.is_empty() {
                names.extend(self.other_keys);
            }
            let table = self.name_of(above);
            (
                format!("unknown key `{name}`"),
                format!("not a key of {table}"),
            )
        } else if is_class(&full) {
            (format!("unknown class `{name}`"), "not a class".into())
        } else {
            let key = last_name(&full);
            (
                format!("unknown value `{name}`"),
                format!("not a value of `{key}`"),
            )
        };
        let mistake = Diagnostic::error(place, title, label);
        match renamed::to(&full, name) {
            Some(new) => mistake.help(format!("it is called `{new}` now")),
            None => with_names(mistake, name, &names),
        }
    }

    fn two_kinds(&self, error: &TypeError, first: &str, place: Span) -> Diagnostic {
        let above = &error.path[..error.path.len().saturating_sub(1)];
        let full = self.full(above);
        let room = shape::place(&full).map_or_else(|| last_name(&full), |p| p.room.into());
        let mut mistake = Diagnostic::error(
            place,
            format!("two kinds of {room} in one place"),
            "a second kind",
        );
        if let Some(node) = self.node.find(&[above, &[first.into()]].concat()) {
            mistake = mistake.also(node.key, "the first");
        }
        mistake.help("keep one: a choice has one kind")
    }

    /// Says what a check found, unless it looked at what is not known.
    pub(super) fn finding(&self, found: &Mistake, report: &mut Report) {
        if !self.knows(&found.path) || !found.also.iter().all(|(path, _)| self.knows(path)) {
            return;
        }
        let (node, _) = self.node.deepest(&found.path);
        if report.unread.contains(&node.span) {
            return;
        }
        let place = match found.value_alone {
            true => node.span,
            false => setting(&report.sources, node),
        };
        let mut mistake = Diagnostic::error(place, &*found.title, &*found.label);
        if found.warning {
            mistake.severity = Severity::Warning;
        }
        for (path, text) in &found.also {
            match self.node.find(path) {
                Some(other) => {
                    mistake = mistake.also(setting(&report.sources, other), text);
                    if let (Some(via), [_, heir, ..], None) = (other.via, &self.path[..], node.via)
                    {
                        mistake = mistake.also(via, format!("`{heir}` inherits it here"));
                    }
                }
                None => {
                    let key = last_name(path);
                    mistake = mistake.note(format!("{text}: the default of `{key}`"));
                }
            }
        }
        mistake.expected = found.expected.clone();
        mistake.help = found.help.clone();
        if let Some((wrong, names)) = unknown_name(found) {
            mistake = with_names(mistake, wrong, &names);
        }
        self.finish(node, mistake, report);
    }
}

/// A whole setting, `key = value`, if it stands on one line; else its key.
pub(super) fn setting(sources: &SourceMap, node: &Node) -> Span {
    let whole = node.key.to(node.span);
    let is_table = matches!(node.value, Value::Table(_));
    if !is_table && node.key.file == node.span.file && sources.on_one_line(whole) {
        whole
    } else {
        node.key
    }
}

fn is_class(path: &[String]) -> bool {
    ["policy.*.on", "policy.*.retry.on.*", "policy.*.classify.*"]
        .iter()
        .any(|pattern| shape::matches(pattern, path))
}

/// The last key that is not a place in an array.
fn last_name(path: &[String]) -> String {
    let is_name = |key: &&String| key.parse::<usize>().is_err();
    let name = path.iter().rev().find(is_name);
    name.map_or_else(|| "the scenario".into(), String::clone)
}
