//! A tuning as a problem: candidates are policies, and their runs are those of the simulator.

use super::plan::{Plan, REFERENCE, Size};
use super::problem::{Combine, Flight, Held, Limit, Look, Problem, Reading, Subject};
use super::sense::most_moves;
use super::shown;
use super::space::{Candidate, Domain, Parameter, Space, Value};
use crate::base::Stop;
use crate::base::draw::Stage;
use crate::experiment::estimate::absent::Absent;
use crate::experiment::estimate::{CLOCKS, Samples, Setting};
use crate::experiment::results::{Frame, setting};
use crate::experiment::sample::{Sample, Spread};
use crate::record::metric::{Clock, Formula, Metric};
use crate::record::replication::Times;
use crate::record::results::Bound;
use crate::record::{Replication, Windows};
use crate::scenario::Tuning;
use crate::scenario::model::Scenario;
use crate::scenario::tune::{At, Moves};
use crate::scenario::tuning::{self, Who};
use crate::sim::{self, Setup};

/// Where runs that were flown before are found again, after an interruption.
pub trait Journal: Sync {
    /// A run that was kept, by its key.
    fn recall(&self, key: &str) -> Option<Replication>;
    /// Keeps a run. What cannot be kept is flown again next time.
    fn keep(&self, key: &str, run: &Replication);
}

/// A tuning, ready to fly.
pub struct Flights<'a> {
    /// The tuning.
    pub tuning: &'a Tuning<'a>,
    /// What moves.
    pub space: Space,
    /// How the budget is divided.
    pub plan: Plan,
    /// The objective, then what is held.
    metrics: Vec<&'static Metric>,
    /// By weather: the limits there.
    limits: Vec<Vec<Limit>>,
    /// By weather.
    pub(super) settings: Vec<Setting>,
    journal: Option<&'a dyn Journal>,
}

impl<'a> Flights<'a> {
    /// Makes a tuning ready: flies the policy that limits are multiples of, if there are such. None if
    /// it was told to stop.
    ///
    /// # Errors
    /// If a policy does not fit the providers of a weather, the budget is too small, or a limit cannot be
    /// shown: with its name and a remedy.
    pub fn new(
        tuning: &'a Tuning<'a>,
        journal: Option<&'a dyn Journal>,
        threads: usize,
        stop: &Stop,
    ) -> Result<Option<Flights<'a>>, String> {
        let limited = tuning.limits.iter().map(|limit| limit.metric);
        let space = space(tuning);
        let plan = plan(tuning, &space)?;
        let mut flights = Flights {
            tuning,
            space,
            plan,
            metrics: std::iter::once(tuning.objective.metric)
                .chain(limited)
                .collect(),
            limits: Vec::new(),
            settings: Vec::new(),
            journal,
        };
        let plain: Vec<Option<tuning::Setting>> = vec![None; tuning.parameters.len()];
        for weather in 0..tuning.weathers.len() {
            let name = &tuning.weathers[weather].name;
            let scenario = tuning
                .scenario(weather, Who::Tuned(&plain))
                .ok_or_else(|| format!("{name}: the policy `{}` cannot be flown", tuning.policy))?;
            let setup = Setup::new(&scenario)
                .map_err(|(policy, why)| format!("{name}: policy `{policy}`: {why:?}"))?;
            let frame = Frame {
                window_ns: setup.frame.window.0,
            };
            let mut setting = setting(&scenario, &[Vec::new()], frame);
            // Of one without a breaker they are zero, so that a limit on them can be met.
            setting.breakers = vec![true];
            shown::applies(tuning, weather, &setting, !scenario.faults.is_empty())?;
            flights.settings.push(setting);
        }
        shown::shares(&flights)?;
        let Some(limits) = flights.all_limits(threads, stop) else {
            return Ok(None);
        };
        flights.limits = limits;
        flights.check_limits()?;
        Ok(Some(flights))
    }

    /// Flies the policy as it is written once through each weather, beside the journal: what a run takes is seen
    /// from that. How many runs it were; None if it was told to stop.
    pub fn probe(&self, threads: usize, stop: &Stop) -> Option<u64> {
        let plain: Vec<Option<tuning::Setting>> = vec![None; self.tuning.parameters.len()];
        let each = |weather: usize| {
            let scenario = self.tuning.scenario(weather, Who::Tuned(&plain));
            let setup = scenario
                .as_ref()
                .and_then(|scenario| Setup::new(scenario).ok());
            let flown = setup.map(|setup| sim::run_until(&setup, 0, 0, stop));
            flown.map_or(Some(0), |outcome| outcome.map(|_| 1))
        };
        let flown = sim::parallel::map(self.tuning.weathers.len(), threads, stop, each, || ())?;
        Some(flown.into_iter().sum())
    }

    /// A multiple of what the baseline does not have is no limit.
    fn check_limits(&self) -> Result<(), String> {
        for (weather, limits) in self.tuning.weathers.iter().zip(&self.limits) {
            for (limit, there) in self.tuning.limits.iter().zip(limits) {
                if !there.at.is_finite() {
                    let of = self.tuning.baseline.as_deref().unwrap_or_default();
                    let why = match there.at.is_infinite() {
                        true => format!(
                            "of `{of}` lies at the horizon there, where it means \"at least\""
                        ),
                        false => format!("does not apply to `{of}` there"),
                    };
                    return Err(format!(
                        "{}: `{}` {why}, so no limit is a multiple of it\n  \
                         = help: write the limit as a number, or name another tune.baseline",
                        weather.name, limit.metric.name
                    ));
                }
            }
        }
        Ok(())
    }

    /// The policy that limits are multiples of, if any is.
    fn baseline(&self) -> Option<&str> {
        let baseline = self.tuning.baseline.as_deref();
        baseline.filter(|_| is_relative(self.tuning))
    }

    /// The limits in each weather, multiples as they are found beforehand; None if it was told to stop.
    fn all_limits(&self, threads: usize, stop: &Stop) -> Option<Vec<Vec<Limit>>> {
        let each = |weather: usize| {
            let scenario = |name| self.tuning.scenario(weather, Who::Policy(name));
            let samples = match self.baseline().and_then(scenario) {
                None => Vec::new(),
                Some(scenario) => {
                    let runs = self.runs(&scenario, Stage::Run, 0..REFERENCE, stop)?;
                    self.samples(weather, &runs, false)
                }
            };
            let limit = |(i, limit): (usize, &crate::scenario::tune::Limit)| {
                let at = match limit.at {
                    At::Value(x) => x,
                    At::Times(x) => match samples.get(i + 1) {
                        // Nothing is a multiple of "at least H".
                        Some(Ok(sample)) if sample.at_horizon() => f64::INFINITY,
                        Some(Ok(sample)) => x * sample.value,
                        _ => f64::NAN,
                    },
                };
                Limit {
                    side: limit.side,
                    at,
                    scale: scale(limit.metric, limit.side, at),
                }
            };
            Some(self.tuning.limits.iter().enumerate().map(limit).collect())
        };
        sim::parallel::map(self.tuning.weathers.len(), threads, stop, each, || ())
    }

    /// The settings of a candidate, as the scenario knows them.
    pub fn settings(candidate: &Candidate) -> Vec<Option<tuning::Setting>> {
        let one = |value: &Option<Value>| {
            value.map(|value| match value {
                Value::Real(x) => tuning::Setting::Number(x),
                Value::Integer(x) => tuning::Setting::Number(x as f64),
                Value::Choice(i) => tuning::Setting::Choice(i),
            })
        };
        candidate.iter().map(one).collect()
    }

    /// Flies one policy's scenario, or finds its runs in the journal; None if it was told to stop.
    fn runs(
        &self,
        scenario: &Scenario,
        stage: Stage,
        replications: std::ops::Range<u32>,
        stop: &Stop,
    ) -> Option<Vec<Replication>> {
        let Ok(setup) = Setup::new(scenario) else {
            return Some(Vec::new());
        };
        let setup = setup.of_stage(stage);
        let run = |replication: u32| {
            let name = scenario
                .policies
                .first()
                .map_or("", |(name, _)| name.as_str());
            let seed = scenario.run.seed;
            // What is kept of a run goes by the metrics.
            let kept: Vec<&str> = self.metrics.iter().map(|metric| metric.name).collect();
            let key = format!(
                "{}:{name}:{seed}:{}:{replication}:{}",
                scenario.hash,
                stage as u32,
                kept.join(",")
            );
            if let Some(known) = self.journal.and_then(|journal| journal.recall(&key)) {
                return Some(known);
            }
            let outcome = sim::run_until(&setup, 0, replication, stop)?;
            let run = self.stripped(outcome.replication);
            if let Some(journal) = self.journal {
                journal.keep(&key, &run);
            }
            Some(run)
        };
        replications.map(run).collect()
    }

    /// Without what no metric here needs: thousands of runs are kept at once.
    fn stripped(&self, mut run: Replication) -> Replication {
        run.scopes.truncate(1);
        for sums in &mut run.scopes {
            for clock in CLOCKS.into_iter().filter(|clock| !self.asks(*clock)) {
                *clock.of_mut(sums) = Times::default();
            }
        }
        let peak = |metric: &&'static Metric| matches!(metric.formula, Formula::AmplificationPeak);
        if !self.metrics.iter().any(peak) {
            run.windows = Windows::default();
        }
        run
    }

    /// Whether a metric is about a time.
    fn asks(&self, clock: Clock) -> bool {
        let about = |metric: &&'static Metric| match metric.formula {
            Formula::Mean(own) | Formula::Percentile(own, _) | Formula::Max(own) => own == clock,
            _ => false,
        };
        self.metrics.iter().any(about)
    }

    fn samples(
        &self,
        weather: usize,
        runs: &[Replication],
        few: bool,
    ) -> Vec<Result<Sample, Absent>> {
        let stop = Stop::default();
        let found = Samples::some(runs, &self.metrics, &self.settings[weather], few, &stop);
        found.unwrap_or_default()
    }

    /// A limit in a weather, with what is known of the metric it holds and of the baseline's.
    fn held(
        &self,
        (weather, place): (usize, usize),
        found: Option<&Result<Sample, Absent>>,
        of: Option<&Result<Sample, Absent>>,
    ) -> Held {
        let mut held = Held::new(self.limits[weather][place], None);
        match found {
            Some(Ok(sample)) => held.sample = Some(sample.clone()),
            Some(Err(Absent::TooFew { replications })) => held.few = Some(*replications),
            _ => (),
        }
        if let (At::Times(times), Some(Ok(of))) = (self.tuning.limits[place].at, of) {
            held.limit.at = times * of.value;
            held.of = Some((times, of.clone()));
        }
        held
    }
}

/// How much beyond a limit counts like how much beyond another: the limit itself, and of a share that
/// is to be nearly one what is left to one.
fn scale(metric: &Metric, side: Bound, at: f64) -> f64 {
    let size = match (metric.unit, side) {
        ("ratio", Bound::AtLeast) => 1.0 - at,
        _ => at.abs(),
    };
    if size > 1e-3 { size } else { 1e-3 }
}

/// Whether any limit is a multiple of a baseline's figure.
fn is_relative(tuning: &Tuning<'_>) -> bool {
    let times = |limit: &crate::scenario::tune::Limit| matches!(limit.at, At::Times(_));
    tuning.limits.iter().any(times)
}

/// How the budget is divided.
fn plan(tuning: &Tuning<'_>, space: &Space) -> Result<Plan, String> {
    let size = Size {
        arms: space.arms().len() as u64,
        weathers: tuning.suite() as u64,
        held_out: (tuning.weathers.len() - tuning.suite()) as u64,
        moves: most_moves(space),
        reference: is_relative(tuning),
    };
    Plan::of(tuning.budget, size).map_err(|least| {
        format!(
            "a budget of {} runs is too small: {} combinations of choices in {} weathers with {} moves of \
             one parameter at a time take {least} at least\n  = help: raise tune.budget or --budget; \
             ten times the least finds good settings",
            tuning.budget, size.arms, size.weathers, size.moves
        )
    })
}

fn space(tuning: &Tuning<'_>) -> Space {
    let one = |parameter: &crate::scenario::tune::Parameter| Parameter {
        name: parameter.name.clone(),
        domain: match &parameter.moves {
            Moves::Choice(labels) => Domain::Choice(labels.len()),
            Moves::Range(range) if range.is_whole() => Domain::Integer {
                from: range.from as i64,
                to: range.to as i64,
                log: range.log,
            },
            Moves::Range(range) => Domain::Real {
                from: range.from,
                to: range.to,
                log: range.log,
            },
        },
        when: parameter.when.clone(),
    };
    Space {
        parameters: tuning.parameters.iter().map(one).collect(),
    }
}

impl Problem for Flights<'_> {
    type Run = Replication;

    fn weathers(&self) -> (usize, usize) {
        let suite = self.tuning.suite();
        (suite, self.tuning.weathers.len() - suite)
    }

    fn limits(&self) -> usize {
        self.tuning.limits.len()
    }

    fn combine(&self) -> Combine {
        self.tuning.combine
    }

    fn reference(&self) -> Option<Subject> {
        let baseline = self.baseline()?;
        let place = self
            .tuning
            .rivals
            .iter()
            .position(|rival| rival == baseline)?;
        Some(Subject::Rival(place))
    }

    fn fly(&self, flight: &Flight<'_>, stop: &Stop) -> Option<Option<Vec<Replication>>> {
        let scenario = match flight.subject {
            Subject::Candidate(candidate) => {
                let settings = Flights::settings(candidate);
                self.tuning.scenario(flight.weather, Who::Tuned(&settings))
            }
            Subject::Rival(place) => {
                let name = &self.tuning.rivals[*place];
                self.tuning.scenario(flight.weather, Who::Policy(name))
            }
        };
        let Some(scenario) = scenario else {
            return Some(None);
        };
        let runs = self.runs(&scenario, flight.stage, flight.replications.clone(), stop)?;
        Some((!runs.is_empty()).then_some(runs))
    }

    fn read(&self, weather: usize, runs: &[Replication], look: Look<'_, Replication>) -> Reading {
        let few = matches!(look, Look::Rough);
        let samples = self.samples(weather, runs, few);
        let objective = samples
            .first()
            .and_then(|found| found.as_ref().ok().cloned());
        let of = match look {
            Look::Strict(Some(runs)) => self.samples(weather, runs, false),
            _ => Vec::new(),
        };
        let held = |place| self.held((weather, place), samples.get(place + 1), of.get(place + 1));
        let lock_ups: Vec<Option<bool>> = runs.iter().map(|run| run.lock_up).collect();
        Reading {
            objective: match self.tuning.objective.minimize {
                true => objective,
                false => objective.map(negative),
            },
            held: (0..self.tuning.limits.len()).map(held).collect(),
            locked: crate::experiment::sample::hits(&lock_ups),
        }
    }
}

/// The same the other way round, so that less is better.
fn negative(sample: Sample) -> Sample {
    let spread = match sample.spread {
        Spread::Linear(e) => Spread::Linear(e.into_iter().map(|e| -e).collect()),
        // Its interval is not needed where it is an objective.
        _ => Spread::None,
    };
    Sample {
        value: -sample.value,
        horizon_ms: None,
        spread,
        ..sample
    }
}
