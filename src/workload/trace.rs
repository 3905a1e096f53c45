//! Recorded traces: when calls came and how large they were.
//!
//! A trace is a CSV file with the header `t_ms,in_tokens,out_tokens`, sorted by time. Every line is
//! checked; nothing is skipped in silence.

use std::ops::Range;

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

/// A part of a line, in bytes, and what is wrong with it.
pub type Wrong = (Range<usize>, String);

/// What is wrong with a trace, or with one of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceError {
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// Everything that is wrong there, in order, at least one thing.
    pub wrong: Vec<Wrong>,
}

/// Everything that is wrong with a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceErrors {
    /// The first bad lines, in order of the file; at most [`MAX_ERRORS`].
    pub first: Vec<TraceError>,
    /// How many more bad lines there are.
    pub more: usize,
}

/// Nobody reads more bad lines than these.
pub const MAX_ERRORS: usize = 20;

impl TraceErrors {
    /// One thing that is wrong with so many bytes from the start of a line.
    fn one(line: usize, bytes: usize, message: impl Into<String>) -> TraceErrors {
        let mut errors = TraceErrors::default();
        errors.push(line, vec![(0..bytes, message.into())]);
        errors
    }

    fn push(&mut self, line: usize, wrong: Vec<Wrong>) {
        if self.first.len() == MAX_ERRORS {
            self.more += 1;
            return;
        }
        self.first.push(TraceError { line, wrong });
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
            None | Some(b"") => return Err(TraceErrors::one(0, 0, "it is empty")),
            // Without its header a file is no trace, and nothing is known of its lines.
            Some(header) if header != HEADER.as_bytes() => {
                let why = format!("the header is not `{HEADER}`");
                return Err(TraceErrors::one(1, header.len(), why));
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
                        let time = line.split(|b| *b == b',').next().unwrap_or_default();
                        let why = "it comes before the line above it: not sorted";
                        errors.push(i + 2, vec![(0..time.len(), why.into())]);
                    }
                    last = row.at;
                    rows.push(row);
                }
                Err(wrong) => errors.push(i + 2, wrong),
            }
        }
        if rows.is_empty() && errors.first.is_empty() {
            errors = TraceErrors::one(0, 0, "it has a header and no calls");
        }
        match errors.first.is_empty() {
            true => Ok(Trace { rows }),
            false => Err(errors),
        }
    }
}

/// A line with its end; or everything that is wrong with it.
fn parse_line(line: &[u8]) -> Result<Row, Vec<Wrong>> {
    let text = std::str::from_utf8(line).map_err(|error| {
        let at = error.valid_up_to();
        vec![(at..at + 1, "it is not UTF-8 text".into())]
    })?;
    if !text.ends_with('\n') {
        let why = "the last line has no end: the file may be cut off";
        return Err(vec![(0..text.len(), why.into())]);
    }
    parse_row(text.trim_end())
}

/// The columns, with the least and the most that can be meant.
const COLUMNS: [(&str, u64, u64); 3] = [
    ("t_ms", 0, 366 * 86_400_000),
    ("in_tokens", 0, 100_000_000),
    ("out_tokens", 1, 100_000_000),
];

fn parse_row(line: &str) -> Result<Row, Vec<Wrong>> {
    let (mut values, mut wrong) = ([0; COLUMNS.len()], Vec::new());
    let mut start = 0;
    for (i, text) in line.split(',').enumerate() {
        let at = start..start + text.len();
        start = at.end + 1;
        let Some(column) = COLUMNS.get(i) else {
            wrong.push((at.start..line.len(), "it has more than three cells".into()));
            break;
        };
        match parse_cell(text, *column) {
            Ok(value) => values[i] = value,
            Err(why) => wrong.push((at, why)),
        }
    }
    if let Some((name, ..)) = COLUMNS.get(line.split(',').count()) {
        wrong.push((line.len()..line.len(), format!("`{name}` is missing")));
    }
    match wrong.is_empty() {
        true => Ok(Row {
            at: Instant(values[0] * 1_000_000),
            // Both are at most a hundred million.
            input: values[1] as u32,
            output: values[2] as u32,
        }),
        false => Err(wrong),
    }
}

fn parse_cell(text: &str, (name, least, most): (&str, u64, u64)) -> Result<u64, String> {
    match text.parse() {
        Err(_) => Err(format!("`{text}` is no whole number (`{name}`)")),
        Ok(value) if value > most => Err(format!("{value} is absurd for `{name}`")),
        Ok(value) if value < least => Err("an answer of no tokens".into()),
        Ok(value) => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> (usize, String) {
        let mut all = Trace::parse(text.as_bytes()).unwrap_err();
        assert_eq!((all.first.len(), all.more), (1, 0), "{all:?}");
        let mut e = all.first.remove(0);
        assert_eq!(e.wrong.len(), 1, "{e:?}");
        (e.line, e.wrong.remove(0).1)
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
    fn every_bad_cell_of_a_line_is_told_with_its_place() {
        let all = Trace::parse(b"t_ms,in_tokens,out_tokens\n1.5,22,0,7\nx,\n").unwrap_err();
        let told = |line: usize| -> Vec<(Range<usize>, &str)> {
            let wrong = all.first[line].wrong.iter();
            wrong.map(|(at, why)| (at.clone(), why.as_str())).collect()
        };
        let first = [
            (0..3, "`1.5` is no whole number (`t_ms`)"),
            (7..8, "an answer of no tokens"),
            (9..10, "it has more than three cells"),
        ];
        assert_eq!(told(0), first);
        let second = [
            (0..1, "`x` is no whole number (`t_ms`)"),
            (2..2, "`` is no whole number (`in_tokens`)"),
            (2..2, "`out_tokens` is missing"),
        ];
        assert_eq!(told(1), second);
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
