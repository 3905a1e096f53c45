//! Lines and left-aligned tables as wide as they are, for what is no run: sweeps and tunings.

use super::Style;
use super::text::Page;

/// What makes them safe for a terminal.
pub(in crate::report) struct Plain(Page);

impl Plain {
    /// For a terminal with signs beyond ASCII, or without.
    pub(in crate::report) fn new(unicode: bool) -> Plain {
        Plain(Page::new(Style {
            unicode,
            ..Style::default()
        }))
    }

    /// A line, with its break.
    pub(in crate::report) fn line(&self, text: &str) -> String {
        self.0.say(text) + "\n"
    }

    /// Rows of as many cells each, every column as wide as its widest.
    pub(in crate::report) fn table<'a>(
        &self,
        rows: impl Iterator<Item = &'a Vec<String>> + Clone,
    ) -> String {
        let columns = rows.clone().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = rows.clone().filter_map(|row| row.get(column));
            cells
                .map(|cell| self.0.width(cell))
                .max()
                .unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths);
            let cells = cells.map(|(cell, &width)| format!("  {}", self.0.left(cell, width)));
            cells.collect::<String>().trim_end().to_owned() + "\n"
        };
        rows.map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_no_name_drives_the_terminal() {
        let rows: Vec<Vec<String>> = [["a", "≥ 1"], ["long \u{1b}[2J", "✗ 2"]]
            .map(|row| row.map(String::from).to_vec())
            .to_vec();
        let told = Plain::new(false).table(rows.iter());
        assert_eq!(told, "  a          >= 1\n  long ?[2J  FAIL 2\n");
        assert_eq!(Plain::new(true).line("\u{1b}[2J ≥"), "?[2J ≥\n");
    }
}
