//! `squall tune FILE ask` and `tell`: JSON lines on stdin and stdout.

use std::io::{self, BufRead, Read, Write};

use crate::base::Stop;
use crate::experiment::tune::session::{LONGEST_LINE, refused};
use crate::experiment::tune::{Flights, Session};
use crate::scenario::Tuning;

use super::Exit;
use super::args::{Tune, TuneSession};
use super::run::cores;
use super::terminal::{complain, print};

/// Prints the problem, or answers line by line until there is no more.
pub(super) fn hold(args: &Tune, tuning: &Tuning<'_>, kind: TuneSession) -> Exit {
    let stop = Stop::default();
    let threads = args.jobs.map_or_else(cores, usize::from);
    let flights = match Flights::new(tuning, None, threads, &stop) {
        Ok(Some(flights)) => flights,
        Ok(None) => return Exit::Interrupted,
        Err(why) => {
            complain(&format!("error: {why}\n"));
            return Exit::BadInput;
        }
    };
    let session = Session::new(&flights, threads, &stop);
    match kind {
        TuneSession::Ask => match print(&format!("{}\n", session.asked())) {
            true => Exit::Done,
            false => Exit::BadInput,
        },
        TuneSession::Tell => tell(&session),
    }
}

/// A closed pipe is the end, as is the end of the input; a line that was wrong makes the whole wrong.
fn tell(session: &Session<'_>) -> Exit {
    let (mut input, mut exit) = (io::stdin().lock(), Exit::Done);
    loop {
        let line = match read(&mut input) {
            Ok(Some(line)) => line,
            Ok(None) => return exit,
            Err(why) => {
                complain(&format!("error: stdin cannot be read: {why}\n"));
                return Exit::BadInput;
            }
        };
        let told = match line {
            Ok(line) if line.trim().is_empty() => continue,
            Ok(line) => session.told(&line),
            Err(why) => Err(refused(serde_json::Value::Null, why)),
        };
        let answer = told.unwrap_or_else(|answer| {
            exit = Exit::BadInput;
            answer
        });
        let mut out = io::stdout().lock();
        if writeln!(out, "{answer}")
            .and_then(|()| out.flush())
            .is_err()
        {
            return exit;
        }
    }
}

/// The next line, without its break, or why it is none; None at the end.
fn read(input: &mut impl BufRead) -> io::Result<Option<Result<String, String>>> {
    let mut bytes = Vec::new();
    let most = LONGEST_LINE as u64 + 1;
    if input.by_ref().take(most).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    if bytes.last() != Some(&b'\n') && bytes.len() as u64 == most {
        skip(input)?;
        return Ok(Some(Err(format!(
            "a line of more than {LONGEST_LINE} bytes"
        ))));
    }
    let text = String::from_utf8(bytes);
    Ok(Some(text.map_err(|_| "a line that is no UTF-8".to_owned())))
}

/// Past the end of a line, whatever its length.
fn skip(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|b| *b == b'\n');
        let used = end.map_or(buffer.len(), |place| place + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_bounded_and_what_is_too_long_is_skipped() {
        let long = "x".repeat(3 * LONGEST_LINE);
        let text = format!("one\n{long}\ntwo\n\u{ff}");
        let mut input = io::BufReader::with_capacity(100, text.as_bytes());
        let mut next = || read(&mut input).unwrap();
        assert_eq!(next().unwrap().unwrap(), "one\n");
        assert!(next().unwrap().unwrap_err().contains("65536 bytes"));
        assert_eq!(next().unwrap().unwrap(), "two\n");
        assert_eq!(next().unwrap().unwrap(), "\u{ff}");
        assert!(next().is_none());
        let mut bad = &b"\xff\xfe\n"[..];
        assert!(read(&mut bad).unwrap().unwrap().is_err());
    }
}
