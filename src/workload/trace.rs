//! Recorded traces: when calls came and how large they were.
//!
//! A trace is a CSV file with the header `t_ms,in_tokens,out_tokens`, sorted by time. Every line is
//! checked; nothing is skipped in silence.

use super::lines::{self, LineErrors, Whole};
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

/// The columns a trace must have.
pub(super) const HEADER: &str = "t_ms,in_tokens,out_tokens";

impl Trace {
    /// Reads a trace.
    ///
    /// # Errors
    /// Every line that is not as it should be.
    pub fn parse(bytes: &[u8]) -> Result<Trace, LineErrors> {
        let mut rows: Vec<Row> = Vec::new();
        let mut last = Instant::ZERO;
        lines::read(bytes, HEADER, "calls", |line| {
            let names = COLUMNS.map(|(name, ..)| name);
            let one = |i: usize, text: &str| lines::whole_number(text, COLUMNS[i]);
            let values = lines::cells(line, names, one)?;
            let row = Row {
                at: Instant(values[0] * 1_000_000),
                // Both are at most a hundred million.
                input: values[1] as u32,
                output: values[2] as u32,
            };
            let is_early = last > row.at;
            last = row.at;
            rows.push(row);
            if is_early {
                let time = line.split(',').next().unwrap_or_default();
                let why = "it comes before the line above it: not sorted";
                return Err(vec![(0..time.len(), why.into())]);
            }
            Ok(())
        })?;
        Ok(Trace { rows })
    }
}

/// The columns, with the least and the most that can be meant.
const COLUMNS: [Whole; 3] = [
    ("t_ms", 0, 366 * 86_400_000),
    ("in_tokens", 0, 100_000_000),
    ("out_tokens", 1, 100_000_000),
];

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::workload::lines::MAX_ERRORS;

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
