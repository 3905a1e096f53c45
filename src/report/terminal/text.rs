//! Lines of a terminal: widths, colours, ASCII twins, and nothing a name could break out with.

use super::Style;

/// How a piece of text is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Bold,
    Dim,
    Good,
    Bad,
}

impl Paint {
    fn code(self) -> &'static str {
        match self {
            Paint::Plain => "",
            Paint::Bold => "\x1b[1m",
            Paint::Dim => "\x1b[2m",
            Paint::Good => "\x1b[34m",
            // 208 is orange where 256 colours exist: the reports' one colour for bad.
            Paint::Bad => "\x1b[38;5;208m",
        }
    }
}

/// A piece of a line.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) text: String,
    pub(super) paint: Paint,
}

impl Span {
    pub(super) fn new(text: impl Into<String>, paint: Paint) -> Span {
        Span {
            text: text.into(),
            paint,
        }
    }

    pub(super) fn plain(text: impl Into<String>) -> Span {
        Span::new(text, Paint::Plain)
    }
}

/// The output as it grows.
pub(super) struct Page {
    style: Style,
    out: String,
}

impl Page {
    pub(super) fn new(style: Style) -> Page {
        Page {
            style,
            out: String::new(),
        }
    }

    /// Columns of a line.
    pub(super) fn columns(&self) -> usize {
        self.style.columns()
    }

    /// A text as this terminal can show it: twins for signs, no control characters.
    pub(super) fn say(&self, text: &str) -> String {
        let mut out = String::new();
        for c in text.chars() {
            match c {
                // A name with an escape sequence must not drive the terminal.
                c if c.is_control() => out.push('?'),
                // Spaces that do not break have done their work when the line is made.
                '\u{202f}' | '\u{a0}' => out.push(' '),
                c if self.style.unicode || c.is_ascii() => out.push(c),
                c => out.push_str(twin(c)),
            }
        }
        out
    }

    /// How many columns a text takes here.
    pub(super) fn width(&self, text: &str) -> usize {
        width(&self.say(text))
    }

    /// One line; what would pass the last column is cut and marked.
    pub(super) fn line(&mut self, spans: &[Span]) {
        let columns = self.columns();
        let mut left = columns;
        let spans: Vec<(String, Paint)> = spans
            .iter()
            .map(|span| (self.say(&span.text), span.paint))
            .collect();
        let total: usize = spans.iter().map(|(text, _)| width(text)).sum();
        let mut line = String::new();
        for (text, paint) in spans {
            if left == 0 {
                break;
            }
            let text = if total > columns && width(&text) >= left {
                cut(&text, left, self.style.unicode)
            } else {
                text
            };
            left -= width(&text).min(left);
            if self.style.color && !paint.code().is_empty() && !text.trim().is_empty() {
                line.push_str(&format!("{}{text}\x1b[0m", paint.code()));
            } else {
                line.push_str(&text);
            }
        }
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// An empty line, unless there is one already.
    pub(super) fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// A text broken between words; the first line after `lead`, the others after `indent`.
    pub(super) fn wrapped(&mut self, lead: &str, indent: &str, text: &str, paint: Paint) {
        let mut start = lead.to_owned();
        let mut row = String::new();
        for word in text.split(' ') {
            let used = self.width(&start) + self.width(&row);
            if !row.is_empty() && used + 1 + self.width(word) > self.columns() {
                self.line(&[Span::new(start, paint), Span::plain(row)]);
                start = indent.to_owned();
                row = word.to_owned();
            } else {
                if !row.is_empty() {
                    row.push(' ');
                }
                row.push_str(word);
            }
        }
        self.line(&[Span::new(start, paint), Span::plain(row)]);
    }

    /// A text filled up with spaces on the right to a width, or cut to it.
    pub(super) fn left(&self, text: &str, columns: usize) -> String {
        let text = self.say(text);
        let text = if width(&text) > columns {
            cut(&text, columns, self.style.unicode)
        } else {
            text
        };
        let pad = " ".repeat(columns - width(&text).min(columns));
        format!("{text}{pad}")
    }

    /// A name filled up to a width; a long one loses its middle, as names differ at their ends.
    pub(super) fn name(&self, name: &str, columns: usize) -> String {
        self.left(&self.short_name(name, columns), columns)
    }

    /// A name in at most so many columns.
    pub(super) fn short_name(&self, name: &str, columns: usize) -> String {
        let name = self.say(name);
        let tail = columns * 2 / 5;
        if width(&name) <= columns || tail == 0 {
            return name;
        }
        let mut end = String::new();
        for c in name.chars().rev() {
            if width(&end) + width(&c.to_string()) > tail {
                break;
            }
            end.insert(0, c);
        }
        let head = cut(&name, columns - width(&end), self.style.unicode);
        format!("{head}{end}")
    }

    /// A text filled up with spaces on the left to a width.
    pub(super) fn right(&self, text: &str, columns: usize) -> String {
        let text = self.say(text);
        let pad = " ".repeat(columns.saturating_sub(width(&text)));
        format!("{pad}{text}")
    }

    /// Whether signs beyond ASCII may be used.
    pub(super) fn unicode(&self) -> bool {
        self.style.unicode
    }

    pub(super) fn finish(self) -> String {
        self.out
    }
}

/// The ASCII twin of a sign.
fn twin(c: char) -> &'static str {
    match c {
        '✓' => "ok",
        '✗' => "FAIL",
        '±' => "+/-",
        '−' | '–' => "-",
        '≥' => ">=",
        '≤' => "<=",
        '≈' => "~",
        '×' => "x",
        '÷' => "/",
        '→' => "->",
        '⚠' => "!",
        '·' => "|",
        '…' => "..",
        '∞' => "inf",
        '’' => "'",
        '“' | '”' => "\"",
        _ => "?",
    }
}

/// Columns a text takes: two for East Asian wide characters, none for combining marks.
fn width(text: &str) -> usize {
    text.chars()
        .map(|c| match u32::from(c) {
            0x300..=0x36f | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
            0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff => 2,
            0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1faff => 2,
            0x20000..=0x3fffd => 2,
            _ => 1,
        })
        .sum()
}

/// The beginning of a text and a mark that there was more, in so many columns.
fn cut(text: &str, columns: usize, unicode: bool) -> String {
    let mark = if unicode { "…" } else { ".." };
    let mut out = String::new();
    for c in text.chars() {
        let next = format!("{out}{c}");
        if width(&next) + width(mark) > columns {
            break;
        }
        out = next;
    }
    out.push_str(mark);
    if width(&out) > columns {
        out = ".".repeat(columns);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_letters_count_twice_and_cuts_are_marked() {
        assert_eq!(width("策略"), 4);
        assert_eq!(cut("breaker-failover", 8, true), "breaker…");
        assert_eq!(width(&cut("策略策略", 4, true)), 3);
    }

    #[test]
    fn a_name_cannot_drive_the_terminal() {
        let page = Page::new(Style {
            color: true,
            unicode: true,
            width: None,
        });
        assert_eq!(page.say("a\x1b[2Jb\n"), "a?[2Jb?");
    }
}
