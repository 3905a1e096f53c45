//! What a tuner may move: parameters with their ranges, and which of them apply under which choice.
//!
//! A numeric parameter is moved in the unit interval, linear or logarithmic; whoever flies a
//! candidate never sees units, so every optimiser works in a cube. Choices span *arms*: each
//! combination of them has a cube of its own, with the parameters that apply under it.

use crate::scenario::range::rounded;

/// What values a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Domain {
    /// A number from `from` to `to`, rounded to as few digits as its range is worth: what is found is what is
    /// written down.
    Real {
        /// The least.
        from: f64,
        /// The largest.
        to: f64,
        /// Whether equal steps are equal factors.
        log: bool,
    },
    /// A whole number from `from` to `to`, both included.
    Integer {
        /// The least.
        from: i64,
        /// The largest.
        to: i64,
        /// Whether equal steps are equal factors.
        log: bool,
    },
    /// One of so many.
    Choice(usize),
}

/// One parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name: the key below the policy.
    pub name: String,
    /// What values it takes.
    pub domain: Domain,
    /// It applies if each of these parameters, which come before it, has one of these choices.
    pub when: Vec<(usize, Vec<usize>)>,
}

/// A value of a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// Of [`Domain::Real`].
    Real(f64),
    /// Of [`Domain::Integer`].
    Integer(i64),
    /// Of [`Domain::Choice`]: its place.
    Choice(usize),
}

/// A value for each parameter of a space; None where it does not apply.
pub type Candidate = Vec<Option<Value>>;

/// Everything that may be moved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Space {
    /// In order of the file.
    pub parameters: Vec<Parameter>,
}

/// One combination of choices, and the numeric parameters that apply under it.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// By parameter: its choice, where it is one and applies.
    pub choices: Vec<Option<usize>>,
    /// Places of the numeric parameters that apply: the axes of the arm's cube.
    pub axes: Vec<usize>,
}

impl Space {
    /// Every combination of choices, in order, the last choice turning fastest.
    pub fn arms(&self) -> Vec<Arm> {
        let mut open: Vec<Vec<Option<usize>>> = vec![Vec::new()];
        for parameter in &self.parameters {
            let mut longer = Vec::new();
            for before in open {
                let applies = applies(parameter, &before);
                match parameter.domain {
                    Domain::Choice(n) if applies => {
                        longer.extend((0..n).map(|i| [&before[..], &[Some(i)]].concat()));
                    }
                    _ => longer.push([&before[..], &[None]].concat()),
                }
            }
            open = longer;
        }
        let arm = |choices: Vec<Option<usize>>| {
            let numeric = |(i, parameter): (usize, &Parameter)| {
                let number = !matches!(parameter.domain, Domain::Choice(_));
                (number && applies(parameter, &choices)).then_some(i)
            };
            let axes = self.parameters.iter().enumerate().filter_map(numeric);
            Arm {
                axes: axes.collect(),
                choices,
            }
        };
        open.into_iter().map(arm).collect()
    }

    /// Whether a parameter applies under the choices of a candidate, those before it being made.
    pub fn applies(&self, place: usize, candidate: &Candidate) -> bool {
        let choice = |value: &Option<Value>| match value {
            Some(Value::Choice(i)) => Some(*i),
            _ => None,
        };
        let choices: Vec<Option<usize>> = candidate.iter().map(choice).collect();
        applies(&self.parameters[place], &choices)
    }

    /// The candidate at a point of an arm's cube; what lies outside is moved to its side.
    pub fn at(&self, arm: &Arm, point: &[f64]) -> Candidate {
        let choice = |choice: &Option<usize>| choice.map(Value::Choice);
        let mut candidate: Candidate = arm.choices.iter().map(choice).collect();
        for (&axis, &u) in arm.axes.iter().zip(point) {
            candidate[axis] = Some(self.parameters[axis].domain.at(u));
        }
        candidate
    }

    /// The point of an arm's cube at which a candidate of it lies.
    pub fn point(&self, arm: &Arm, candidate: &Candidate) -> Vec<f64> {
        let unit = |&axis: &usize| {
            let domain = self.parameters[axis].domain;
            candidate[axis].map_or(0.5, |value| domain.unit(value))
        };
        arm.axes.iter().map(unit).collect()
    }
}

/// Whether a parameter applies under the choices made before it.
fn applies(parameter: &Parameter, choices: &[Option<usize>]) -> bool {
    let made = |(place, under): &(usize, Vec<usize>)| {
        let choice = choices.get(*place).copied().flatten();
        choice.is_some_and(|choice| under.contains(&choice))
    };
    parameter.when.iter().all(made)
}

impl Domain {
    /// The value at a share of the range.
    pub fn at(&self, u: f64) -> Value {
        let u = u.clamp(0.0, 1.0);
        match *self {
            Domain::Real { from, to, log } => {
                Value::Real(rounded(between(from, to, log, u), from, to))
            }
            Domain::Integer { from, to, log } => {
                // Each whole number has a stretch of its own, half of it on either side.
                let (low, high) = (from as f64 - 0.5, to as f64 + 0.5);
                let x = match log {
                    true => between(from as f64, to as f64, true, u),
                    false => low + u * (high - low),
                };
                Value::Integer((x.round() as i64).clamp(from, to))
            }
            Domain::Choice(n) => Value::Choice(((u * n as f64) as usize).min(n.saturating_sub(1))),
        }
    }

    /// The share of the range at which a value lies.
    pub fn unit(&self, value: Value) -> f64 {
        let (from, to, log) = match *self {
            Domain::Real { from, to, log } => (from, to, log),
            Domain::Integer {
                from,
                to,
                log: true,
            } => (from as f64, to as f64, true),
            Domain::Integer { from, to, .. } => (from as f64 - 0.5, to as f64 + 0.5, false),
            Domain::Choice(n) => (-0.5, n as f64 - 0.5, false),
        };
        let x = match value {
            Value::Real(x) => x,
            Value::Integer(x) => x as f64,
            Value::Choice(x) => x as f64,
        };
        let share = match log {
            true => libm::log(x / from) / libm::log(to / from),
            false => (x - from) / (to - from),
        };
        share.clamp(0.0, 1.0)
    }

    /// The distance of a value's neighbours on its axis, about a share of it; 0 of real numbers.
    pub fn step(&self, u: f64) -> f64 {
        match *self {
            Domain::Real { .. } => 0.0,
            Domain::Choice(n) => 1.0 / n.max(1) as f64,
            Domain::Integer {
                from,
                to,
                log: true,
            } => {
                let (from, to) = (from as f64, to as f64);
                let x = between(from, to, true, u);
                libm::log1p(1.0 / x) / libm::log(to / from)
            }
            Domain::Integer { from, to, .. } => 1.0 / (to as f64 - from as f64 + 1.0),
        }
    }

    /// How many values it has, if it is not a real number.
    pub fn levels(&self) -> Option<u64> {
        match *self {
            Domain::Real { .. } => None,
            Domain::Integer { from, to, .. } => Some(from.abs_diff(to).saturating_add(1)),
            Domain::Choice(n) => Some(n as u64),
        }
    }
}

fn between(from: f64, to: f64, log: bool, u: f64) -> f64 {
    match log {
        true => from * libm::exp(u * libm::log(to / from)),
        false => from + u * (to - from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space() -> Space {
        let one = |name: &str, domain, when: &[(usize, usize)]| Parameter {
            name: name.into(),
            domain,
            when: when
                .iter()
                .map(|&(place, choice)| (place, vec![choice]))
                .collect(),
        };
        let wait = Domain::Real {
            from: 0.1,
            to: 10.0,
            log: true,
        };
        let attempts = Domain::Integer {
            from: 1,
            to: 4,
            log: false,
        };
        Space {
            parameters: vec![
                one("attempts", attempts, &[]),
                one("breaker", Domain::Choice(2), &[]),
                one("breaker.kind", Domain::Choice(3), &[(1, 1)]),
                one("breaker.wait", wait, &[(1, 1), (2, 2)]),
            ],
        }
    }

    #[test]
    fn each_combination_of_choices_is_an_arm_with_the_parameters_that_apply() {
        let arms = space().arms();
        let found: Vec<_> = arms
            .iter()
            .map(|arm| (arm.choices[1], arm.choices[2], arm.axes.clone()))
            .collect();
        assert_eq!(
            found,
            [
                (Some(0), None, vec![0]),
                (Some(1), Some(0), vec![0]),
                (Some(1), Some(1), vec![0]),
                (Some(1), Some(2), vec![0, 3]),
            ]
        );
    }

    #[test]
    fn a_candidate_lies_at_the_point_it_was_made_from() {
        let space = space();
        let arm = &space.arms()[3];
        let candidate = space.at(arm, &[0.30, 0.5]);
        assert_eq!(candidate[0], Some(Value::Integer(2)));
        assert_eq!(candidate[3], Some(Value::Real(1.0)));
        assert_eq!(space.point(arm, &candidate), [0.375, 0.5]);
        assert_eq!(
            space.at(&space.arms()[0], &[7.0])[0],
            Some(Value::Integer(4))
        );
    }

    #[test]
    fn every_whole_number_has_the_same_share_of_a_linear_range() {
        let domain = Domain::Integer {
            from: 3,
            to: 7,
            log: false,
        };
        for i in 0..5 {
            for part in [0.01, 0.5, 0.99] {
                let u = (f64::from(i) + part) / 5.0;
                assert_eq!(domain.at(u), Value::Integer(3 + i64::from(i)));
            }
        }
    }
}
