//! Recorded traces: when calls came and how large they were.
//!
//! A trace is a CSV file with the header `t_ms,in_tokens,out_tokens`, sorted by time. Every line is
//! checked; nothing is skipped in silence.

use crate::base::Instant;

/// One recorded call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// When it came.
    pub at: Instant,
    /// Prompt tokens.
    pub input: u32,
    /// Answer tokens.
    pub output: u32,
}

/// A whole trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// In order of time.
    pub rows: Vec<Row>,
}

/// What is wrong with a trace, or with one of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceError {
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Everything that is wrong with a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceErrors {
    /// The first of them, in order of the file; at most [`MAX_ERRORS`].
    pub first: Vec<TraceError>,
    /// How many more there are.
    pub more: usize,
}

/// Nobody reads more bad lines than these.
pub const MAX_ERRORS: usize = 20;

impl TraceErrors {
    fn one(line: usize, message: impl Into<String>) -> TraceErrors {
        let mut errors = TraceErrors::default();
        errors.push(line, message);
        errors
    }

    fn push(&mut self, line: usize, message: impl Into<String>) {
        if self.first.len() == MAX_ERRORS {
            self.more += 1;
            return;
        }
        let message = message.into();
        self.first.push(TraceError { line, message });
    }
}

/// The columns a trace must have.
const HEADER: &str = "t_ms,in_tokens,out_tokens";

impl Trace {
    /// Reads a trace.
    ///
    /// # Errors
    /// Every line that is not as it should be.
    pub fn parse(bytes: &[u8]) -> Result<Trace, TraceErrors> {
        let mut lines = bytes.split_inclusive(|b| *b == b'\n');
        match lines.next().map(<[u8]>::trim_ascii_end) {
            None | Some(b"") => return Err(TraceErrors::one(0, "it is empty")),
            // Without its header a file is no trace, and nothing is known of its lines.
            Some(header) if header != HEADER.as_bytes() => {
                return Err(TraceErrors::one(1, format!("the header is not `{HEADER}`")));
            }
            Some(_) => {}
        }
        let mut errors = TraceErrors::default();
        let mut rows: Vec<Row> = Vec::new();
        let mut last = Instant::ZERO;
        for (i, line) in lines.enumerate() {
            match parse_line(line) {
                Ok(row) => {
                    if last > row.at {
                        let why = "it comes before the line above it: not sorted";
                        errors.push(i + 2, why);
                    }
                    last = row.at;
                    rows.push(row);
                }
                Err(why) => errors.push(i + 2, why),
            }
        }
        if rows.is_empty() && errors.first.is_empty() {
            errors.push(0, "it has a header and no calls");
        }
        match errors.first.is_empty() {
            true => Ok(Trace { rows }),
            false => Err(errors),
        }
    }
}

/// A line with its end.
fn parse_line(line: &[u8]) -> Result<Row, String> {
    let text = std::str::from_utf8(line).map_err(|_| "it is not UTF-8 text")?;
    if !text.ends_with('\n') {
        return Err("the last line has no end: the file may be cut off".into());
    }
    parse_row(text.trim_end())
}

fn parse_row(line: &str) -> Result<Row, String> {
    let mut cells = line.split(',');
    let mut cell = |name: &str, max: u64| {
        let text = cells.next().ok_or_else(|| format!("`{name}` is missing"))?;
        let value: u64 = text
            .parse()
            .map_err(|_| format!("`{text}` is no whole number (`{name}`)"))?;
        if value > max {
            Err(format!("{value} is absurd for `{name}`"))
        } else {
            Ok(value)
        }
    };
    let at = Instant(cell("t_ms", 366 * 86_400_000)? * 1_000_000);
    let input = cell("in_tokens", 100_000_000)? as u32;
    let output = cell("out_tokens", 100_000_000)? as u32;
    if output == 0 {
        return Err("an answer of no tokens".into());
    }
    match cells.next() {
        Some(_) => Err("it has more than three cells".into()),
        None => Ok(Row { at, input, output }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> (usize, String) {
        let mut all = Trace::parse(text.as_bytes()).unwrap_err();
        assert_eq!((all.first.len(), all.more), (1, 0), "{all:?}");
        let e = all.first.remove(0);
        (e.line, e.message)
    }

    #[test]
    fn a_trace_is_read_in_full() {
        let t = Trace::parse(b"t_ms,in_tokens,out_tokens\n0,374,44\n4315,396,109\n").unwrap();
        assert_eq!(t.rows.len(), 2);
        assert_eq!(
            t.rows[1],
            Row {
                at: Instant(4_315_000_000),
                input: 396,
                output: 109
            }
        );
    }

    #[test]
    fn every_fault_is_named_with_its_line() {
        let header = "t_ms,in_tokens,out_tokens\n";
        assert_eq!(error("").0, 0);
        assert_eq!(error(header).1, "it has a header and no calls");
        assert_eq!(error("a,b\n").0, 1);
        assert_eq!(error(&format!("{header}0,1,2\n5,x,2\n")).0, 3);
        assert_eq!(
            error(&format!("{header}0,1\n")).1,
            "`out_tokens` is missing"
        );
        assert_eq!(error(&format!("{header}0,1,2\n5,1,2")).0, 3);
        assert!(
            error(&format!("{header}9,1,2\n5,1,2\n"))
                .1
                .contains("not sorted")
        );
        assert_eq!(
            Trace::parse(b"t_ms,in_tokens,out_tokens\n1,\xff,2\n")
                .unwrap_err()
                .first[0]
                .line,
            2
        );
    }

    #[test]
    fn all_bad_lines_come_at_once_and_a_bad_time_only_once() {
        let text = "t_ms,in_tokens,out_tokens\n1,2,3\n2,x,3\n900,1,1\n3,1,1\n4,1,0\n5,1,1,1\n6,1";
        let all = Trace::parse(text.as_bytes()).unwrap_err();
        let lines: Vec<usize> = all.first.iter().map(|e| e.line).collect();
        // 900 is out of place; the line after it is the one that comes too early.
        assert_eq!(lines, [3, 5, 6, 7, 8]);
        assert_eq!(all.more, 0);
        let many = format!("{HEADER}\n{}", "x,1,1\n".repeat(50));
        let all = Trace::parse(many.as_bytes()).unwrap_err();
        assert_eq!((all.first.len(), all.more), (MAX_ERRORS, 30));
    }
}
