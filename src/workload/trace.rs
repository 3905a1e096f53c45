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

/// What is wrong with a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceError {
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// The columns a trace must have.
const HEADER: &str = "t_ms,in_tokens,out_tokens";

impl Trace {
    /// Reads a trace.
    ///
    /// # Errors
    /// The first line that is not as it should be.
    pub fn parse(bytes: &[u8]) -> Result<Trace, TraceError> {
        let wrong = |line: usize, message: String| TraceError { line, message };
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let line = 1 + bytes[..e.valid_up_to()]
                .iter()
                .filter(|&&b| b == b'\n')
                .count();
            wrong(line, "it is not UTF-8 text".into())
        })?;
        let mut lines = text.lines();
        match lines.next() {
            None | Some("") => return Err(wrong(0, "it is empty".into())),
            Some(header) if header.trim_end() != HEADER => {
                return Err(wrong(1, format!("the header is not `{HEADER}`")));
            }
            Some(_) => {}
        }
        if !text.ends_with('\n') {
            let last = text.lines().count();
            return Err(wrong(
                last,
                "the last line has no end: the file may be cut off".into(),
            ));
        }
        let mut rows: Vec<Row> = Vec::new();
        for (i, line) in lines.enumerate() {
            let row = parse_row(line.trim_end()).map_err(|message| wrong(i + 2, message))?;
            if rows.last().is_some_and(|last| last.at > row.at) {
                return Err(wrong(
                    i + 2,
                    "it comes before the line above it: not sorted".into(),
                ));
            }
            rows.push(row);
        }
        if rows.is_empty() {
            return Err(wrong(0, "it has a header and no calls".into()));
        }
        Ok(Trace { rows })
    }
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
        let e = Trace::parse(text.as_bytes()).unwrap_err();
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
                .line,
            2
        );
    }
}
