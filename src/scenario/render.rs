//! Diagnostics as text, drawn as rustc draws its own.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::report::{Diagnostic, Diagnostics, Severity};
use super::source::{FileId, SourceMap, Span};

/// How diagnostics are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// With ANSI colors.
    pub color: bool,
    /// With characters beyond ASCII.
    pub unicode: bool,
}

impl Style {
    /// Neither color nor anything beyond ASCII: for logs and tests.
    pub const PLAIN: Style = Style {
        color: false,
        unicode: false,
    };
}

impl Diagnostics {
    /// Every finding with its lines, and the count at the end.
    pub fn render(&self, style: Style) -> String {
        let renderer = if style.color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let mut text = String::new();
        for diagnostic in self.all() {
            let group = group(&self.file, &self.sources, diagnostic);
            let drawn = renderer.render(&[group]);
            match diagnostic.place {
                Some(_) => text.push_str(&drawn),
                // What has no lines has no gutter; the arrow stands where it always does.
                None => text.push_str(&drawn.replace('\n', "\n ")),
            }
            text.push_str("\n\n");
        }
        text.push_str(&self.summary());
        text.push('\n');
        if style.unicode { text } else { ascii(&text) }
    }

    /// `FILE: 2 mistakes, nothing was run`.
    pub fn summary(&self) -> String {
        let count = |n: usize, one: &str| match n {
            1 => format!("1 {one}"),
            n => format!("{n} {one}s"),
        };
        let (mistakes, warnings) = (self.mistakes().count(), self.warnings().count());
        let mut parts = Vec::new();
        if mistakes > 0 {
            parts.push(count(mistakes, "mistake"));
        }
        if warnings > 0 {
            parts.push(count(warnings, "warning"));
        }
        if self.has_more() {
            parts.push("and more".into());
        }
        match (mistakes, parts.is_empty()) {
            (_, true) => format!("{}: no mistakes", self.file),
            (0, _) => format!("{}: {}", self.file, parts.join(", ")),
            _ => format!("{}: {}, nothing was run", self.file, parts.join(", ")),
        }
    }
}

fn group<'a>(file: &'a str, sources: &'a SourceMap, diagnostic: &'a Diagnostic) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Mistake => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(&*diagnostic.title));
    match diagnostic.place {
        None => group = group.element(Origin::path(file)),
        Some(place) => {
            let mut files: Vec<FileId> = vec![place.file];
            for (span, _) in &diagnostic.also {
                if !files.contains(&span.file) {
                    files.push(span.file);
                }
            }
            for file in files {
                group = group.element(snippet(sources, file, place, diagnostic));
            }
        }
    }
    if let Some(expected) = &diagnostic.expected {
        let level = Level::NOTE.with_name("expected");
        group = group.element(level.message(&**expected));
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(&**note));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(&**help));
    }
    group
}

fn snippet<'a>(
    sources: &'a SourceMap,
    file: FileId,
    place: Span,
    diagnostic: &'a Diagnostic,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let source = sources.get(file);
    let mut snippet = Snippet::source(&*source.text)
        .path(&*source.name)
        .line_start(source.first_line);
    let range = |span: Span| {
        // Nothing can be underlined past the end: the last character stands for it.
        let end = source.text.len();
        span.start.min(end)..span.end.min(end)
    };
    if place.file == file {
        let annotation = AnnotationKind::Primary.span(range(place));
        snippet = snippet.annotation(annotation.label(&*diagnostic.label));
    }
    for (span, text) in diagnostic.also.iter().filter(|(span, _)| span.file == file) {
        let annotation = AnnotationKind::Context.span(range(*span));
        snippet = snippet.annotation(annotation.label(&**text));
    }
    snippet
}

/// The nearest text in ASCII; what has none becomes `?`, so that columns stay.
fn ascii(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '≤' => result.push_str("<="),
            '≥' => result.push_str(">="),
            '…' => result.push_str("..."),
            '×' | '·' => result.push('*'),
            '–' | '−' | '—' => result.push('-'),
            'µ' | 'μ' => result.push('u'),
            '\u{a0}' => result.push(' '),
            c if c.is_ascii() => result.push(c),
            _ => result.push('?'),
        }
    }
    result
}
