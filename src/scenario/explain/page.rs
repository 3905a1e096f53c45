//! Text for a terminal: paragraphs of 80 columns, numbers that are easily read.

/// `1 call`, `24 000 calls`.
pub(super) fn count(n: u64, one: &str, many: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        _ => format!("{} {many}", grouped(n)),
    }
}

/// A space that holds a number together until it is on its line.
const NO_BREAK: char = '\u{a0}';

/// 24000 as 24 000.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(NO_BREAK);
        }
        text.push(digit);
    }
    text
}

/// Lines of at most 80 columns with a word at the left.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The lines so far.
    pub text: String,
}

/// The width of a terminal.
const WIDTH: usize = 80;

impl Page {
    /// Adds a paragraph with a word at its left.
    pub(super) fn line(&mut self, head: &str, text: &str) {
        let indent = if head.is_empty() { 0 } else { 10 };
        let mut line = format!("{head:indent$}");
        let mut column = indent;
        let mut fresh = true;
        let words = text.split([' ', '\n', '\t', '\r']);
        for word in words.filter(|word| !word.is_empty()) {
            // A title may hold anything; a terminal must not obey it.
            let shown = |c: char| match c {
                NO_BREAK => ' ',
                c if c.is_control() => '?',
                c => c,
            };
            let mut rest: Vec<char> = word.chars().map(shown).collect();
            if !fresh && column + 1 + rest.len() > WIDTH {
                self.end(&mut line, indent);
                (column, fresh) = (indent, true);
            }
            if !fresh {
                line.push(' ');
                column += 1;
            }
            // A word longer than a line is broken where the line ends.
            while column + rest.len() > WIDTH {
                line.extend(rest.drain(..WIDTH - column));
                self.end(&mut line, indent);
                column = indent;
            }
            column += rest.len();
            line.extend(rest);
            fresh = false;
        }
        if !fresh {
            self.end(&mut line, 0);
        }
    }

    fn end(&mut self, line: &mut String, indent: usize) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
        line.clear();
        line.push_str(&" ".repeat(indent));
    }
}
