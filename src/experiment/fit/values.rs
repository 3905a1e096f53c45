//! The cells of one line of a log as numbers, with what is wrong with them.

use super::columns::{Column, NAMES, Unit};
use super::log::{Attempt, Known, Outcome};
use super::{failure, moment};

/// Where in the line, what is wrong, and how to mend it.
pub(super) type Complaint = (std::ops::Range<usize>, String, &'static str);

/// The cells of a line as numbers, with what is wrong with them.
pub(super) struct Values<'a, 'b> {
    pub(super) found: &'b Known<'a>,
    pub(super) wrong: &'b mut Vec<Complaint>,
}

impl<'a> Values<'a, '_> {
    pub(super) fn text(&self, column: Column) -> &'a str {
        self.found
            .get(&column)
            .map_or("", |(_, cell)| cell.text.trim())
    }

    fn unit(&self, column: Column) -> Unit {
        self.found
            .get(&column)
            .and_then(|(place, _)| NAMES[*place].unit)
    }

    /// Notes that a cell is not what it should be.
    fn no(&mut self, column: Column, what: &str, help: &'static str) {
        if let Some((place, cell)) = self.found.get(&column) {
            let why = format!("`{}` is no {what} (`{}`)", cell.text, NAMES[*place].name);
            self.wrong.push((cell.at.clone(), why, help));
        }
    }

    pub(super) fn moment(&mut self, column: Column) -> Option<f64> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let unit = self.unit(column);
        let found = match unit {
            Some(unit) => text
                .parse()
                .ok()
                .filter(|n: &f64| *n >= 0.0 && n.is_finite())
                .map(|n| n * unit),
            None => moment::seconds(text),
        };
        if found.is_none() {
            self.no(
                column,
                "point in time",
                "write 2026-05-01T12:30:00.25Z, or seconds since 1970",
            );
        }
        found
    }

    pub(super) fn span(&mut self, column: Column) -> Option<f64> {
        let text = self.text(column);
        let unit = self.unit(column).unwrap_or(1.0);
        let number: Option<f64> = text.parse().ok();
        let found = number
            .map(|n| n * unit)
            .filter(|s| (0.0..=86_400.0).contains(s));
        if found.is_none() && !text.is_empty() {
            self.no(
                column,
                "length of time",
                "a number, 0 to one day; leave the cell empty if it is not known",
            );
        }
        found
    }

    pub(super) fn whole(&mut self, column: Column) -> Option<u32> {
        let text = self.text(column);
        // Data frames write whole numbers as floats where some are missing.
        let found = text.strip_suffix(".0").unwrap_or(text).parse().ok();
        let found = found.filter(|n| *n <= 100_000_000);
        if found.is_none() && !text.is_empty() {
            self.no(
                column,
                "whole number",
                "leave the cell empty if it is not known",
            );
        }
        found
    }

    pub(super) fn outcome(&mut self) -> Outcome {
        let status = self.text(Column::Status);
        let error = failure::of_words(self.text(Column::Error));
        match status.strip_suffix(".0").unwrap_or(status).parse::<u16>() {
            Ok(200..=299) => error.map_or(Outcome::Answered, Outcome::Failed),
            Ok(status @ 400..=599) => Outcome::Failed(status),
            // OpenTelemetry's span status: unset, ok, error.
            Err(_) if ["", "ok", "unset"].contains(&status.to_ascii_lowercase().as_str()) => {
                error.map_or(Outcome::Answered, Outcome::Failed)
            }
            Err(_) if status.eq_ignore_ascii_case("error") => Outcome::Failed(error.unwrap_or(500)),
            Ok(0) => Outcome::Failed(error.unwrap_or(503)),
            _ => {
                self.no(
                    Column::Status,
                    "HTTP status",
                    "200 to 299, or 400 to 599; empty: see the error",
                );
                Outcome::Answered
            }
        }
    }

    /// Notes what cannot be together.
    pub(super) fn agree(&mut self, attempt: &Attempt) {
        let pairs = [
            (
                Column::Cached,
                attempt.cached,
                attempt.input,
                "more than all prompt tokens",
            ),
            (
                Column::Reasoning,
                attempt.reasoning,
                attempt.output,
                "more than all answer tokens",
            ),
        ];
        for (column, part, all, why) in pairs {
            if let (Some(part), Some(all), Some((_, cell))) = (part, all, self.found.get(&column))
                && part > all
            {
                let why = format!("{part} are {why}, {all}");
                self.wrong
                    .push((cell.at.clone(), why, "the whole count includes this part"));
            }
        }
        let late = attempt
            .first_token_s
            .zip(attempt.took_s)
            .is_some_and(|(f, t)| f > t + 0.001);
        let column = [Column::Duration, Column::End].map(|c| self.found.get(&c));
        if let (true, Some((_, cell))) = (
            late || attempt.took_s.is_some_and(|t| t < 0.0),
            column[0].or(column[1]),
        ) {
            let why = "it ended before it began, or before its first token";
            self.wrong.push((
                cell.at.clone(),
                why.into(),
                "look at the units of the columns: …_ms, …_s",
            ));
        }
    }
}
