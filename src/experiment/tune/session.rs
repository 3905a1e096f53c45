//! `tune ask` and `tune tell`: the problem of a tuning in JSON lines, for an optimiser of somebody else's.
//!
//! One line says what may be moved. Then each line that comes in names a candidate, and one line that goes out says
//! how it did in each weather of the suite, on replications of the search: what the same candidate, replications and
//! seed say is always the same, and candidates that name the same replications have met the same weather. Weather that
//! is held out is never told, so whoever searches cannot tune to the certificate.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::crew::Crew;
use super::flights::Flights;
use super::problem::{Problem, Reading, Subject};
use super::score::objective;
use super::space::{Candidate, Domain, Value};
use super::told;
use crate::base::Stop;
use crate::base::draw::Stage;
use crate::record::results::{Estimate, Outcome};
use crate::scenario::tune::Moves;

/// The longest line that is read, in bytes.
pub const LONGEST_LINE: usize = 1 << 16;
/// The most replications of one line.
const MOST: u32 = 10_000;

/// A problem to whoever asks.
pub struct Session<'a> {
    flights: &'a Flights<'a>,
    threads: usize,
    stop: &'a Stop,
}

/// A line that came in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Given back as it is.
    #[serde(default)]
    id: Json,
    settings: BTreeMap<String, Json>,
    #[serde(default = "four")]
    replications: u32,
    /// The first replication.
    #[serde(default)]
    from: u32,
}

fn four() -> u32 {
    4
}

/// What may be moved, as a line.
#[derive(Serialize)]
struct Asked<'a> {
    parameters: Vec<Moving<'a>>,
    objective: &'a str,
    minimize: bool,
    combine: &'a str,
    limits: Vec<String>,
    weathers: Vec<&'a str>,
    budget: u64,
    seed: u64,
}

#[derive(Serialize)]
struct Moving<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    choices: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    whole: Option<bool>,
    /// By parameter: it applies if that has one of these choices.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    when: BTreeMap<&'a str, Vec<&'a str>>,
}

/// How a candidate did, as a line.
#[derive(Serialize)]
struct Told {
    id: Json,
    /// As it was flown; null where a parameter does not apply.
    settings: BTreeMap<String, Option<String>>,
    from: u32,
    replications: u32,
    /// Over all weathers; null if it does not apply in one.
    objective: Option<f64>,
    /// How far the values are beyond the limits, in their scales; 0: all are met.
    excess: Option<f64>,
    weathers: Vec<Weather>,
}

#[derive(Serialize)]
struct Weather {
    weather: String,
    objective: Option<Estimate>,
    limits: Vec<Limited>,
    locked: u64,
    of: u64,
}

#[derive(Serialize)]
struct Limited {
    metric: String,
    limit: f64,
    estimate: Option<Estimate>,
    outcome: Outcome,
}

#[derive(Serialize)]
struct Refused {
    id: Json,
    error: String,
}

/// The line of a mistake.
pub fn refused(id: Json, error: String) -> String {
    line(&Refused { id, error })
}

fn line(what: &impl Serialize) -> String {
    // Plain data with text for keys is always JSON; a number that is none becomes null.
    serde_json::to_string(what).unwrap_or_default()
}

impl<'a> Session<'a> {
    /// A session over a problem.
    pub fn new(flights: &'a Flights<'a>, threads: usize, stop: &'a Stop) -> Session<'a> {
        Session {
            flights,
            threads,
            stop,
        }
    }

    /// The problem, as a line.
    pub fn asked(&self) -> String {
        let tuning = self.flights.tuning;
        let labels = |place: usize| match &tuning.parameters[place].moves {
            Moves::Choice(labels) => &labels[..],
            Moves::Range(_) => &[],
        };
        let moving = |(place, parameter): (usize, &'a crate::scenario::tune::Parameter)| {
            let range = match &parameter.moves {
                Moves::Range(range) => Some(range),
                Moves::Choice(_) => None,
            };
            let when = parameter.when.iter().map(|(choice, under)| {
                let under = under.iter().map(|&i| labels(*choice)[i].as_str());
                (tuning.parameters[*choice].name.as_str(), under.collect())
            });
            Moving {
                name: &parameter.name,
                choices: range.is_none().then(|| labels(place)),
                from: range.map(|range| unquoted(&range.text(range.from))),
                to: range.map(|range| unquoted(&range.text(range.to))),
                log: range.map(|range| range.log),
                whole: range.map(|range| range.is_whole()),
                when: when.collect(),
            }
        };
        let limits = tuning
            .limits
            .iter()
            .map(|limit| format!("{} {}", limit.metric.name, told::limit_text(tuning, limit)));
        let suite = tuning.weathers.iter().filter(|weather| !weather.held_out);
        line(&Asked {
            parameters: tuning.parameters.iter().enumerate().map(moving).collect(),
            objective: tuning.objective.metric.name,
            minimize: tuning.objective.minimize,
            combine: told::combine_name(tuning.combine),
            limits: limits.collect(),
            weathers: suite.map(|weather| weather.name.as_str()).collect(),
            budget: tuning.budget,
            seed: tuning.seed,
        })
    }

    /// How the candidate of a line did, or what is wrong with the line.
    ///
    /// # Errors
    /// The line to be answered to a line that is none.
    pub fn told(&self, text: &str) -> Result<String, String> {
        let wanted: Wanted = match serde_json::from_str(text) {
            Ok(wanted) => wanted,
            Err(why) => {
                let help =
                    r#"expected {"settings":{"NAME":VALUE},"replications":4,"from":0,"id":any}"#;
                return Err(refused(Json::Null, format!("{why}; {help}")));
            }
        };
        self.fly(&wanted)
            .map_err(|why| refused(wanted.id.clone(), why))
    }

    fn fly(&self, wanted: &Wanted) -> Result<String, String> {
        let last = wanted.from.checked_add(wanted.replications);
        let Some(last) = last.filter(|_| (1..=MOST).contains(&wanted.replications)) else {
            return Err(format!(
                "`replications` are 1 to {MOST}, and `from` leaves room for them"
            ));
        };
        let candidate = self.candidate(&wanted.settings)?;
        let crew = Crew::new(self.flights, self.threads, self.stop, &|_| ());
        let suite = self.flights.weathers().0;
        let reference = self.flights.reference();
        let subjects = [Some(Subject::Candidate(candidate.clone())), reference];
        let subjects: Vec<Subject> = subjects.into_iter().flatten().collect();
        let range = wanted.from..last;
        let flown = crew.fly(&subjects, 0..suite, Stage::Search, range);
        let flown = flown.ok_or("interrupted")?;
        let judged = crew.judge(&flown[0], flown.get(1));
        let readings: Option<Vec<Reading>> = judged.into_iter().collect();
        let readings =
            readings.ok_or("these settings contradict each other and cannot be flown")?;
        Ok(line(&self.told_of(wanted, &candidate, &readings)))
    }

    fn told_of(&self, wanted: &Wanted, candidate: &Candidate, readings: &[Reading]) -> Told {
        let tuning = self.flights.tuning;
        let settings = Flights::settings(candidate);
        let setting = |(place, parameter): (usize, &crate::scenario::tune::Parameter)| {
            let text = settings[place].map(|setting| unquoted(&tuning.text(place, setting)));
            (parameter.name.clone(), text)
        };
        let excess = |place: usize| {
            let each = readings.iter().map(|reading| reading.held[place].excess());
            each.reduce(|a, b| Some(a?.max(b?))).flatten()
        };
        let all = objective(readings, tuning.combine);
        let sign = if tuning.objective.minimize { 1.0 } else { -1.0 };
        Told {
            id: wanted.id.clone(),
            settings: tuning.parameters.iter().enumerate().map(setting).collect(),
            from: wanted.from,
            replications: wanted.replications,
            objective: Some(sign * all).filter(|x| x.is_finite()),
            excess: (0..tuning.limits.len()).map(excess).sum(),
            weathers: readings
                .iter()
                .enumerate()
                .map(|(i, r)| self.weather(i, r))
                .collect(),
        }
    }

    fn weather(&self, place: usize, reading: &Reading) -> Weather {
        let tuning = self.flights.tuning;
        let limits = tuning
            .limits
            .iter()
            .zip(&reading.held)
            .map(|(limit, held)| {
                let unit = limit.metric.unit;
                Limited {
                    metric: limit.metric.name.to_owned(),
                    limit: held.limit.at,
                    estimate: held.sample.as_ref().map(|sample| sample.estimate(unit)),
                    outcome: held.outcome(told::CONFIDENCE),
                }
            });
        Weather {
            weather: tuning.weathers[place].name.clone(),
            objective: told::objective_estimate(tuning, reading),
            limits: limits.collect(),
            locked: reading.locked.0,
            of: reading.locked.1,
        }
    }

    /// The candidate that settings say. Those that do not apply under the choices made are left out, so that an
    /// optimiser may move all of them always.
    fn candidate(&self, settings: &BTreeMap<String, Json>) -> Result<Candidate, String> {
        let tuning = self.flights.tuning;
        let names: Vec<&str> = tuning.parameters.iter().map(|p| p.name.as_str()).collect();
        if let Some(name) = settings.keys().find(|name| !names.contains(&name.as_str())) {
            return Err(format!(
                "unknown parameter `{name}`; there are {}",
                names.join(", ")
            ));
        }
        let mut candidate: Candidate = vec![None; names.len()];
        for (place, name) in names.iter().enumerate() {
            if !self.flights.space.applies(place, &candidate) {
                continue;
            }
            let Some(given) = settings.get(*name) else {
                return Err(format!("`{name}` is missing"));
            };
            candidate[place] = Some(self.value(place, given)?);
        }
        Ok(candidate)
    }

    fn value(&self, place: usize, given: &Json) -> Result<Value, String> {
        let parameter = &self.flights.tuning.parameters[place];
        let name = &parameter.name;
        let range = match &parameter.moves {
            Moves::Choice(labels) => {
                let by_name = |text: &str| labels.iter().position(|label| label == text);
                let by_place = |i: u64| usize::try_from(i).ok().filter(|i| *i < labels.len());
                let choice = match given {
                    Json::String(text) => by_name(text),
                    given => given.as_u64().and_then(by_place),
                };
                return choice.map(Value::Choice).ok_or_else(|| {
                    format!(
                        "`{name}` is one of {}, or its place from 0",
                        labels.join(", ")
                    )
                });
            }
            Moves::Range(range) => range,
        };
        let number = match given {
            Json::String(text) => range.value(text),
            given => given.as_f64(),
        };
        let inside = number.filter(|x| *x >= range.from && *x <= range.to);
        let wrong = || {
            let (from, to) = (range.text(range.from), range.text(range.to));
            format!(
                "`{name}` is {from} to {to}, as it is written there or as a number of it (of seconds)"
            )
        };
        let x = inside.ok_or_else(wrong)?;
        match self.flights.space.parameters[place].domain {
            Domain::Integer { .. } if x.fract() != 0.0 => Err(wrong()),
            Domain::Integer { .. } => Ok(Value::Integer(x as i64)),
            _ => Ok(Value::Real(x)),
        }
    }
}

/// Without the quotes that TOML has around it.
fn unquoted(text: &str) -> String {
    text.trim_matches('"').to_owned()
}
