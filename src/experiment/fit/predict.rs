//! A fit put to the proof: fitted on the first half of a log, it predicts the second.
//!
//! The second half's traffic is replayed as it came; the weather is drawn from what was fitted on the first, or its
//! incidents come when they were recorded.
//! The interval is that of a prediction, m ± t(1 − 0.01/2k)·s·√(2 + 1/R) for each of k figures: once for the half
//! that is predicted, once for the fitted one, which is as long and tells as much, and for the R runs.

use std::path::Path;

use super::distance::quantile;
use super::log::{Log, Outcome};
use super::spells::Spells;
use super::toml::{Traffic, scenario, trace};
use super::{Errors, Fit, fit, recorded};
use crate::base::Stop;
use crate::experiment::distributions::student_t;
use crate::record::Replication;
use crate::scenario::files::Memory;
use crate::scenario::{self, Diagnostics, Overrides, Scenario};
use crate::sim::{self, Setup};

/// One figure of the second half.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it is.
    pub name: &'static str,
    /// Its unit, after a number.
    pub unit: &'static str,
    /// Whether it is a share and shown as a percentage.
    pub is_share: bool,
    /// As the log has it.
    pub recorded: f64,
    /// The mean of the runs.
    pub predicted: f64,
    /// Where the recorded one should lie.
    pub interval: [f64; 2],
}

impl Figure {
    /// Whether the recorded figure lies where it should.
    pub fn holds(&self) -> bool {
        (self.interval[0]..=self.interval[1]).contains(&self.recorded)
    }
}

/// Why nothing can be predicted.
#[derive(Clone, Debug)]
pub enum NoPrediction {
    /// The log does not tell enough.
    Log(&'static str),
    /// The fitted scenario cannot be run.
    Scenario(Box<Diagnostics>),
}

/// Where the bad spells of the second half come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incidents {
    /// Drawn from the law that was fitted to the first.
    Fitted,
    /// They come when they were recorded and are as bad, and the rest is predicted: what fails between them, and how
    /// long answers take.
    Recorded,
}

/// The halves of a log are at least so many attempts.
const FEWEST: usize = 100;

/// Cuts a log in the middle of its attempts; each half begins at its own time 0.
///
/// # Errors
/// What the log lacks.
pub fn halves(log: &Log) -> Result<(Log, Log), NoPrediction> {
    if !log.timed {
        return Err(NoPrediction::Log(
            "the log has no times, so it has no second half",
        ));
    }
    if log.attempts.len() < 2 * FEWEST {
        return Err(NoPrediction::Log(
            "a half of the log has fewer than 100 attempts",
        ));
    }
    let (before, after) = log.attempts.split_at(log.attempts.len() / 2);
    let half = |attempts: &[super::log::Attempt]| {
        let mut half = Log {
            attempts: attempts.to_vec(),
            ..log.clone()
        };
        let start = half.attempts[0].at_s;
        half.attempts.iter_mut().for_each(|a| a.at_s -= start);
        half
    };
    Ok((half(before), half(after)))
}

/// Fits the first half of a log and predicts the second with so many runs on so many threads.
///
/// # Errors
/// If the log does not tell enough.
pub fn predict(
    log: &Log,
    incidents: Incidents,
    runs: u32,
    threads: usize,
) -> Result<(Fit, Vec<Figure>), NoPrediction> {
    let (before, after) = halves(log)?;
    let mut fitted = fit(&before);
    if incidents == Incidents::Recorded {
        take_over(&mut fitted, fit(&after));
    }
    let of_second = |i: usize| after.of(i as u16).count();
    for (i, provider) in fitted.providers.iter_mut().enumerate() {
        // Who is asked is the client's decision, and so part of the traffic.
        provider.attempts = of_second(i);
    }
    let replayed = scenario(
        &Fit {
            span_s: Some(after.span_s()),
            longest_answer: longest(&after).max(fitted.longest_answer),
            arrivals: super::Arrivals::of(
                &after.attempts.iter().map(|a| a.at_s).collect::<Vec<_>>(),
            ),
            ..fitted.clone()
        },
        "the first half",
        match incidents {
            Incidents::Fitted => Traffic::Replayed("second-half.csv"),
            Incidents::Recorded => Traffic::Recorded {
                trace: "second-half.csv",
                stem: "second-half",
            },
        },
    );
    let mut files = Memory::default()
        .with("fitted.toml", replayed)
        .with("second-half.csv", trace(&after, true));
    if incidents == Incidents::Recorded {
        for (name, text) in recorded::files(&fitted, "second-half") {
            files = files.with(&name, text);
        }
    }
    let overrides = Overrides {
        replications: Some(runs),
        ..Overrides::default()
    };
    let loaded = scenario::load_from(&files, Path::new("fitted.toml"), overrides);
    let scenarios = loaded
        .into_result()
        .map_err(|d| NoPrediction::Scenario(Box::new(d)))?;
    let replications = fly(&scenarios[0], runs, threads);
    Ok((fitted, figures(&after, &replications)))
}

/// Gives the fit of the first half the incidents of the second; what fails between them stays what it was.
fn take_over(fitted: &mut Fit, second: Fit) {
    for (provider, theirs) in fitted.providers.iter_mut().zip(second.providers) {
        for errors in &mut provider.errors {
            errors.spells = Spells {
                bad: errors.between_incidents(),
                good: errors.between_incidents(),
                lengths: None,
            };
            errors.incidents.clear();
        }
        for theirs in theirs
            .errors
            .into_iter()
            .filter(|e| !e.incidents.is_empty())
        {
            let limits = theirs.status == 429;
            let own = provider
                .errors
                .iter_mut()
                .find(|e| (e.status == 429) == limits);
            match own {
                Some(own) => own.incidents = theirs.incidents,
                // Nothing of the kind had happened: nothing is expected between incidents.
                None => provider.errors.push(Errors {
                    spells: Spells {
                        good: 0.0,
                        ..theirs.spells
                    },
                    ..theirs
                }),
            }
        }
    }
}

fn longest(log: &Log) -> u32 {
    log.attempts
        .iter()
        .filter_map(|a| a.output)
        .max()
        .unwrap_or(1)
}

fn fly(scenario: &Scenario, runs: u32, threads: usize) -> Vec<Replication> {
    let setup = Setup::new(scenario).expect("a checked scenario can be run");
    let one = |i: usize| Some(sim::run(&setup, 0, i as u32).replication);
    let all = sim::parallel::map(runs as usize, threads, &Stop::default(), one, || ());
    all.expect("nobody says stop")
}

/// What a figure is called, its unit, whether it is a share, and what the log has of it.
type Recorded = (&'static str, &'static str, bool, f64);

fn figures(after: &Log, runs: &[Replication]) -> Vec<Figure> {
    let all = of_log(after);
    let level = 1.0 - 0.01 / all.len() as f64;
    let figure = |recorded| predicted(recorded, runs, level);
    all.into_iter().map(figure).collect()
}

fn of_log(after: &Log) -> Vec<Recorded> {
    let count = |outcome: Outcome| after.attempts.iter().filter(move |a| a.outcome == outcome);
    let answered = count(Outcome::Answered).count() as f64;
    let limited = count(Outcome::Failed(429)).count() as f64;
    let times = count(Outcome::Answered).filter_map(|a| a.took_s);
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    let share = answered / after.attempts.len() as f64;
    let mut all = vec![("attempts answered", "", true, share)];
    if times.len() >= FEWEST {
        let at = |p| quantile(&times, p);
        all.push(("time to the whole answer, p50", "s", false, at(0.5)));
        all.push(("time to the whole answer, p99", "s", false, at(0.99)));
    }
    all.push(("answers of 429", "", false, limited));
    all
}

/// The figure of this name in one run.
fn of_run(name: &str, run: &Replication) -> f64 {
    let Some(sums) = run.scopes.first() else {
        return 0.0;
    };
    let seconds = |p| sums.latency_success.histogram.quantile(p).unwrap_or(0) as f64 / 1e6;
    match name {
        "attempts answered" => sums.success as f64 / sums.calls.max(1) as f64,
        "answers of 429" => sums.statuses.get(&429).copied().unwrap_or(0) as f64,
        "time to the whole answer, p50" => seconds(0.5),
        _ => seconds(0.99),
    }
}

fn predicted(recorded: Recorded, runs: &[Replication], level: f64) -> Figure {
    let (name, unit, is_share, recorded) = recorded;
    let values: Vec<f64> = runs.iter().map(|run| of_run(name, run)).collect();
    let r = values.len() as f64;
    let mean = values.iter().sum::<f64>() / r;
    let off = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>();
    let variance = off / (r - 1.0).max(1.0);
    let t = student_t(level, runs.len().saturating_sub(1).max(1) as u64);
    let half = t * (variance * (2.0 + 1.0 / r)).sqrt();
    let most = if is_share { 1.0 } else { f64::INFINITY };
    Figure {
        name,
        unit,
        is_share,
        recorded,
        predicted: mean,
        // None of them is below nothing, and no share above all.
        interval: [(mean - half).max(0.0), (mean + half).min(most)],
    }
}
