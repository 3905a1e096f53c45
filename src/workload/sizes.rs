//! Recorded sizes of calls without their times: whom they came after does not matter, how long they were does.
//!
//! A CSV file with the header `in_tokens,out_tokens`, or a trace, whose times are left out. The n-th call of a run
//! has the sizes of one recorded call, both of the same: long prompts keep their short answers. One uniform chooses
//! among them in order of their prompts, so that the unlucky call is the long one.

use super::lines::{self, LineErrors, Whole};
use super::trace::{self, Trace};

/// Prompt and answer tokens of recorded calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// In order of prompts, then of answers.
    rows: Vec<(u32, u32)>,
}

/// The columns they must have.
const HEADER: &str = "in_tokens,out_tokens";

/// The columns, with the least and the most that can be meant.
const COLUMNS: [Whole; 2] = [
    ("in_tokens", 0, 100_000_000),
    ("out_tokens", 1, 100_000_000),
];

impl Sizes {
    /// Reads sizes, or those of a trace.
    ///
    /// # Errors
    /// Every line that is not as it should be.
    pub fn parse(bytes: &[u8]) -> Result<Sizes, LineErrors> {
        let first = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
        let mut rows: Vec<(u32, u32)> = Vec::new();
        if first.trim_ascii_end() == trace::HEADER.as_bytes() {
            let calls = Trace::parse(bytes)?.rows;
            rows.extend(calls.iter().map(|call| (call.input, call.output)));
        } else {
            lines::read(bytes, HEADER, "calls", |line| {
                let names = COLUMNS.map(|(name, ..)| name);
                let one = |i: usize, text: &str| lines::whole_number(text, COLUMNS[i]);
                let [input, output] = lines::cells(line, names, one)?;
                // Both are at most a hundred million.
                rows.push((input as u32, output as u32));
                Ok(())
            })?;
        }
        rows.sort_unstable();
        Ok(Sizes { rows })
    }

    /// How many calls were recorded.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing was recorded, as before the file is read.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Prompt and answer tokens of the call at `u` in (0, 1), in order of prompts; of one token if there are none.
    pub fn at(&self, u: f64) -> (u32, u32) {
        let place = (u * self.rows.len() as f64) as usize;
        let last = self.rows.len().saturating_sub(1);
        self.rows.get(place.min(last)).copied().unwrap_or((1, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_come_in_pairs_and_in_order_of_prompts() {
        let sizes = Sizes::parse(b"in_tokens,out_tokens\n50,2\n7,9\n50,1\n8,8\n").unwrap();
        let of = |u| sizes.at(u);
        assert_eq!(
            [of(1e-9), of(0.26), of(0.74), of(1.0 - 1e-12)],
            [(7, 9), (8, 8), (50, 1), (50, 2)]
        );
        let trace = b"t_ms,in_tokens,out_tokens\n0,50,2\n1,7,9\n1,50,1\n9,8,8\n";
        assert_eq!(Sizes::parse(trace).unwrap(), sizes, "times are left out");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let told = |text: &str| {
            let errors = Sizes::parse(text.as_bytes()).unwrap_err();
            let error = &errors.first[0];
            (
                error.line,
                error.wrong[0].0.clone(),
                error.wrong[0].1.clone(),
            )
        };
        let header = "the header is not `in_tokens,out_tokens`".to_owned();
        assert_eq!(told("a,b\n1,2\n"), (1, 0..3, header));
        let none = "an answer of no tokens".to_owned();
        assert_eq!(told("in_tokens,out_tokens\n1,0\n"), (2, 2..3, none));
        let more = "it has more than two cells".to_owned();
        assert_eq!(told("in_tokens,out_tokens\n1,2,3\n"), (2, 4..5, more));
        let calls = "it has a header and no calls".to_owned();
        assert_eq!(told("in_tokens,out_tokens\n"), (0, 0..0, calls));
    }
}
