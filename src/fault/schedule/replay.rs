//! A list of incidents from a file: a provider's own history, flown again.
//!
//! A CSV file with the header `start_min,duration_min,impact`, in order of time: when each began, in
//! minutes from `at`; how long it lasted; and what it did, as the share of requests that failed (0.1) or
//! as the impact that a status page gave it (none, minor, major, critical: 0.3 %, 2 %, 10 % and 50 % of
//! requests). Fractions of minutes are fine.

use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;

use super::profile::IMPACTS;
use super::{Occurrence, apart};
use crate::base::registry::Kind;
use crate::base::{Check, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "replay",
    summary: "incidents from a file",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The file, relative to the scenario's.
    pub file: String,
    /// What was read from it.
    #[serde(skip)]
    pub incidents: Arc<Vec<Incident>>,
}

/// One line of the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Incident {
    /// When it began, from the fault's start.
    pub start: Duration,
    /// How long it lasted.
    pub lasts: Duration,
    /// The share of requests that it hit.
    pub share: f64,
}

/// The header.
pub const HEADER: &str = "start_min,duration_min,impact";

/// More minutes than ten years have.
const MOST_MINUTES: f64 = 10.0 * 366.0 * 1440.0;

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.file.is_empty() {
            check.mistake("file", "a file needs a name", "empty");
        }
    }

    pub(super) fn times(&self, span: Range<Instant>) -> Vec<Occurrence> {
        let each = self.incidents.iter().zip(0u32..);
        let all = each.map(|(incident, number)| {
            let from = span.start + incident.start;
            Occurrence {
                from,
                to: from + incident.lasts,
                share: incident.share,
                incident: number,
            }
        });
        apart(all.collect(), &span)
    }

    pub(super) fn said(&self) -> String {
        format!("{} incidents of {}", self.incidents.len(), self.file)
    }
}

/// Reads a file of incidents.
///
/// # Errors
/// The first line that cannot be used, counted from 1, and why.
pub fn parse(text: &str) -> Result<Vec<Incident>, (usize, String)> {
    let mut lines = text.lines().zip(1..);
    let (header, _) = lines.next().unwrap_or_default();
    if header.trim() != HEADER {
        return Err((1, format!("its header is not `{HEADER}`")));
    }
    let mut incidents: Vec<Incident> = Vec::new();
    for (line, number) in lines.filter(|(line, _)| !line.trim().is_empty()) {
        let incident = parse_line(line).map_err(|why| (number, why))?;
        if incidents
            .last()
            .is_some_and(|last| last.start > incident.start)
        {
            return Err((
                number,
                "it comes before the line above it: not sorted".into(),
            ));
        }
        incidents.push(incident);
    }
    if incidents.is_empty() {
        return Err((1, "it has a header and no incidents".into()));
    }
    Ok(incidents)
}

fn parse_line(line: &str) -> Result<Incident, String> {
    let columns: Vec<&str> = line.split(',').map(str::trim).collect();
    let &[start, lasts, impact] = &columns[..] else {
        return Err(format!("it has {} columns and not 3", columns.len()));
    };
    let minutes = |name: &str, text: &str| match text.parse::<f64>() {
        Ok(minutes) if (0.0..=MOST_MINUTES).contains(&minutes) => {
            Ok(Duration::from_s_f64(minutes * 60.0))
        }
        _ => Err(format!("`{text}` is no {name} in minutes, 0 or more")),
    };
    let known = IMPACTS.iter().find(|(name, _)| *name == impact);
    let share = match (known, impact.parse::<f64>()) {
        (Some((_, share)), _) => *share,
        (None, Ok(share)) if (0.0..=1.0).contains(&share) => share,
        _ => {
            let impacts = "none, minor, major or critical";
            return Err(format!("`{impact}` is no share from 0 to 1, nor {impacts}"));
        }
    };
    Ok(Incident {
        start: minutes("start", start)?,
        lasts: minutes("duration", lasts)?,
        share,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_when_how_long_and_how_bad() {
        let text = "start_min,duration_min,impact\n0,10,critical\n30.5,1,0.25\n";
        let incidents = parse(text).unwrap();
        assert_eq!(incidents.len(), 2);
        assert_eq!(incidents[0].share, 0.5);
        assert_eq!(incidents[1].start, Duration::from_s(1830));
        assert_eq!(incidents[1].share, 0.25);
    }

    #[test]
    fn the_first_wrong_line_is_named() {
        let wrong = |text: &str| parse(text).unwrap_err();
        assert_eq!(wrong("a,b\n").0, 1);
        assert_eq!(wrong("start_min,duration_min,impact\n").0, 1);
        assert_eq!(
            wrong("start_min,duration_min,impact\n1,2,minor\n0,2,minor\n").0,
            3
        );
        assert!(
            wrong("start_min,duration_min,impact\n1,2,huge\n")
                .1
                .contains("huge")
        );
        assert!(
            wrong("start_min,duration_min,impact\n1,-2,1\n")
                .1
                .contains("duration")
        );
    }
}
