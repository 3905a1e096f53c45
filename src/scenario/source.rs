//! The source map: every text of one load, so that a mistake in an included file, a preset or a
//! trace points at the line that wrote it.

/// One text of a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileId(u32);

/// A range of bytes in one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// From the start of one span to the end of another of the same text; spans of two texts
    /// cannot be joined, and the second alone is kept.
    pub fn to(self, end: Span) -> Span {
        if self.file != end.file {
            return end;
        }
        Span {
            file: self.file,
            start: self.start.min(end.start),
            end: self.end.max(end.end),
        }
    }
}

/// One text and what it is called.
#[derive(Clone, Debug)]
pub struct Source {
    /// As the user would write it: a path, or the name of a preset.
    pub name: String,
    /// The text, or the part of it that is shown.
    pub text: String,
    /// The number of its first line: a large trace is kept only around the mistake.
    pub first_line: usize,
    /// Where another file included it.
    pub included_at: Option<Span>,
}

/// All texts of one load.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
}

impl SourceMap {
    /// Adds a whole text.
    pub fn add(&mut self, name: &str, text: String, included_at: Option<Span>) -> FileId {
        self.add_part(name, text, 1, included_at)
    }

    /// Adds a part of a text that begins at `first_line`.
    pub fn add_part(
        &mut self,
        name: &str,
        text: String,
        first_line: usize,
        included_at: Option<Span>,
    ) -> FileId {
        // A load reads at most some hundred texts.
        let id = FileId(self.sources.len() as u32);
        self.sources.push(Source {
            name: name.into(),
            text,
            first_line,
            included_at,
        });
        id
    }

    /// The text of an id this map gave out.
    pub fn get(&self, file: FileId) -> &Source {
        &self.sources[file.0 as usize]
    }

    /// Line and column of the start of a span, both from 1, the column in characters.
    pub fn position(&self, span: Span) -> (usize, usize) {
        let source = self.get(span.file);
        let before = source.text.get(..span.start).unwrap_or(&source.text);
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let line = before.matches('\n').count() + source.first_line;
        (line, before[line_start..].chars().count() + 1)
    }

    /// Whether a span stays on one line.
    pub fn on_one_line(&self, span: Span) -> bool {
        let text = &self.get(span.file).text;
        text.get(span.start..span.end)
            .is_some_and(|part| !part.contains('\n'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_not_bytes() {
        let mut map = SourceMap::default();
        let file = map.add("a.toml", "x = 1\né = 2\n".into(), None);
        let span = |start, end| Span { file, start, end };
        assert_eq!(map.position(span(0, 1)), (1, 1));
        assert_eq!(map.position(span(11, 12)), (2, 5));
        assert!(map.on_one_line(span(0, 5)));
        assert!(!map.on_one_line(span(0, 7)));
    }
}
