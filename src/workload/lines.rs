//! Recorded files, line by line: a header, then lines of numbers between commas.
//!
//! Every line is checked and nothing is skipped in silence; all mistakes come at once, with their place.

use std::ops::Range;

/// A part of a line, in bytes, and what is wrong with it.
pub type Wrong = (Range<usize>, String);

/// What is wrong with a file, or with one of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineError {
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// Everything that is wrong there, in order, at least one thing.
    pub wrong: Vec<Wrong>,
}

/// Everything that is wrong with a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineErrors {
    /// The first bad lines, in order of the file; at most [`MAX_ERRORS`].
    pub first: Vec<LineError>,
    /// How many more bad lines there are.
    pub more: usize,
}

/// Nobody reads more bad lines than these.
pub const MAX_ERRORS: usize = 20;

impl LineErrors {
    /// One thing that is wrong with so many bytes from the start of a line.
    fn one(line: usize, bytes: usize, message: impl Into<String>) -> LineErrors {
        let mut errors = LineErrors::default();
        errors.push(line, vec![(0..bytes, message.into())]);
        errors
    }

    fn push(&mut self, line: usize, wrong: Vec<Wrong>) {
        if self.first.len() == MAX_ERRORS {
            self.more += 1;
            return;
        }
        self.first.push(LineError { line, wrong });
    }
}

/// Reads a file of lines below a header: each is given to `row` without its end.
///
/// # Errors
/// Every line that is not as it should be; a file without any.
pub(super) fn read(
    bytes: &[u8],
    header: &str,
    of_what: &str,
    mut row: impl FnMut(&str) -> Result<(), Vec<Wrong>>,
) -> Result<(), LineErrors> {
    let mut lines = bytes.split_inclusive(|b| *b == b'\n');
    match lines.next().map(<[u8]>::trim_ascii_end) {
        None | Some(b"") => return Err(LineErrors::one(0, 0, "it is empty")),
        // Without its header nothing is known of a file's lines.
        Some(found) if found != header.as_bytes() => {
            let why = format!("the header is not `{header}`");
            return Err(LineErrors::one(1, found.len(), why));
        }
        Some(_) => {}
    }
    let (mut errors, mut any) = (LineErrors::default(), false);
    for (i, line) in lines.enumerate() {
        any = true;
        if let Err(wrong) = whole(line).and_then(&mut row) {
            errors.push(i + 2, wrong);
        }
    }
    if !any {
        errors = LineErrors::one(0, 0, format!("it has a header and no {of_what}"));
    }
    match errors.first.is_empty() {
        true => Ok(()),
        false => Err(errors),
    }
}

/// A line as text, with its end cut off.
fn whole(line: &[u8]) -> Result<&str, Vec<Wrong>> {
    let text = std::str::from_utf8(line).map_err(|error| {
        let at = error.valid_up_to();
        vec![(at..at + 1, "it is not UTF-8 text".into())]
    })?;
    if !text.ends_with('\n') {
        let why = "the last line has no end: the file may be cut off";
        return Err(vec![(0..text.len(), why.into())]);
    }
    Ok(text.trim_end())
}

/// The cells of a line, read one by one; or everything that is wrong with it. `one` reads the text of a column.
pub(super) fn cells<T: Copy + Default, const N: usize>(
    line: &str,
    names: [&str; N],
    mut one: impl FnMut(usize, &str) -> Result<T, String>,
) -> Result<[T; N], Vec<Wrong>> {
    let (mut values, mut wrong) = ([T::default(); N], Vec::new());
    let mut start = 0;
    for (i, text) in line.split(',').enumerate() {
        let at = start..start + text.len();
        start = at.end + 1;
        let Some(value) = values.get_mut(i) else {
            let why = format!("it has more than {} cells", word(N));
            wrong.push((at.start..line.len(), why));
            break;
        };
        match one(i, text) {
            Ok(read) => *value = read,
            Err(why) => wrong.push((at, why)),
        }
    }
    if let Some(name) = names.get(line.split(',').count()) {
        wrong.push((line.len()..line.len(), format!("`{name}` is missing")));
    }
    match wrong.is_empty() {
        true => Ok(values),
        false => Err(wrong),
    }
}

fn word(n: usize) -> String {
    match n {
        2 => "two".into(),
        3 => "three".into(),
        5 => "five".into(),
        n => n.to_string(),
    }
}

/// A column of whole numbers: its name, and the least and the most that can be meant.
pub(super) type Whole = (&'static str, u64, u64);

/// A whole number of a column.
pub(super) fn whole_number(text: &str, (name, least, most): Whole) -> Result<u64, String> {
    match text.parse() {
        Err(_) => Err(format!("`{text}` is no whole number (`{name}`)")),
        Ok(value) if value > most => Err(format!("{value} is absurd for `{name}`")),
        Ok(value) if value < least => Err("an answer of no tokens".into()),
        Ok(value) => Ok(value),
    }
}
