//! Problems made of formulas, with noise that two candidates share in part, as weather is.

use squall::base::Stop;
use squall::experiment::Sample;
use squall::experiment::tune::lots::Lots;
use squall::experiment::tune::{
    Candidate, Combine, Flight, Held, Limit, Look, Problem, Reading, Space, Subject, Value,
};

/// A problem made of a formula.
pub(crate) struct Made {
    /// What may be moved.
    pub space: Space,
    /// The objective and the metrics with limits, without noise, in a weather.
    pub truth: fn(&Candidate, usize) -> (f64, Vec<f64>),
    /// Its limits.
    pub limits: Vec<Limit>,
    /// Weathers of the suite.
    pub weathers: usize,
    /// Standard deviation of the noise of one run, half of its variance common to all candidates.
    pub noise: f64,
    /// The seed of its noise.
    pub seed: u64,
}

impl Problem for Made {
    type Run = Vec<f64>;

    fn weathers(&self) -> (usize, usize) {
        (self.weathers, 0)
    }

    fn limits(&self) -> usize {
        self.limits.len()
    }

    fn combine(&self) -> Combine {
        Combine::Mean
    }

    fn fly(&self, flight: &Flight<'_>, _: &Stop) -> Option<Option<Vec<Vec<f64>>>> {
        let Subject::Candidate(candidate) = flight.subject else {
            return Some(None);
        };
        let (objective, limited) = (self.truth)(candidate, flight.weather);
        let values = [&[objective], &limited[..]].concat();
        let run = |replication: u32| {
            let key = (flight.stage as u64) << 40 | (flight.weather as u64) << 32;
            let common = key | u64::from(replication);
            let own = common ^ hash(candidate) << 1;
            let mut common = Lots::new(self.seed, common);
            let mut own = Lots::new(!self.seed, own);
            let noisy =
                |value: &f64| value + self.noise * 0.5f64.sqrt() * (common.normal() + own.normal());
            values.iter().map(noisy).collect()
        };
        Some(Some(flight.replications.clone().map(run).collect()))
    }

    fn read(&self, _: usize, runs: &[Vec<f64>], _: Look<'_, Vec<f64>>) -> Reading {
        let of = |i: usize| {
            let values: Vec<f64> = runs.iter().map(|run| run[i]).collect();
            Sample::mean(&values)
        };
        let held = |(i, limit): (usize, &Limit)| Held::new(*limit, of(i + 1));
        Reading {
            objective: of(0),
            held: self.limits.iter().enumerate().map(held).collect(),
            locked: (0, 0),
        }
    }
}

impl Made {
    /// The objective over all weathers without noise; None if a limit is not met in one.
    pub(crate) fn worth(&self, candidate: &Candidate) -> Option<f64> {
        let mut sum = 0.0;
        for weather in 0..self.weathers {
            let (objective, limited) = (self.truth)(candidate, weather);
            let meets = |(limit, value): (&Limit, f64)| limit.excess(value) == 0.0;
            if !self.limits.iter().zip(limited).all(meets) {
                return None;
            }
            sum += objective;
        }
        Some(sum / self.weathers as f64)
    }
}

fn hash(candidate: &Candidate) -> u64 {
    let word = |value: &Option<Value>| match value {
        None => 1,
        Some(Value::Real(x)) => x.to_bits(),
        Some(Value::Integer(x)) => *x as u64 ^ 0x55,
        Some(Value::Choice(x)) => *x as u64 ^ 0xaa00,
    };
    candidate.iter().fold(0xcbf2_9ce4_8422_2325, |sum, value| {
        (sum ^ word(value))
            .wrapping_mul(0x0000_0100_0000_01b3)
            .rotate_left(23)
    })
}

pub(crate) fn real(candidate: &Candidate, place: usize) -> f64 {
    match candidate[place] {
        Some(Value::Real(x)) => x,
        Some(Value::Integer(x)) => x as f64,
        other => panic!("{other:?} is no number"),
    }
}
