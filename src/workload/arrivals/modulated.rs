//! A path of states in virtual time, each with a rate of its own; what `on-off` and `mmpp` share.
//!
//! The path is keyed by the number of the spell alone, so calls move along it with the rate and the same
//! bursts come at the same time under every policy.

use std::sync::Arc;

use crate::base::quantile::exponential;
use crate::base::{Draws, Instant, Purpose};

use super::after;

/// A state: calls per second while it lasts, and how long it lasts on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    pub(super) rate_per_s: f64,
    pub(super) mean_s: f64,
}

/// Calls per second over all states: each is visited equally often.
pub(super) fn mean_rate(states: &[State]) -> f64 {
    let calls: f64 = states.iter().map(|s| s.rate_per_s * s.mean_s).sum();
    let time: f64 = states.iter().map(|s| s.mean_s).sum();
    calls / time
}

/// The path so far.
#[derive(Clone, Debug)]
pub struct Path {
    states: Arc<[State]>,
    /// Which spell it is, in which state; None before the first.
    spell: Option<(u64, usize)>,
    from_s: f64,
    to_s: f64,
    /// Λ at the start of the spell.
    area: f64,
}

impl Path {
    /// Before the first spell. Some state has calls.
    pub(super) fn new(states: &[State]) -> Path {
        Path {
            states: states.into(),
            spell: None,
            from_s: 0.0,
            to_s: 0.0,
            area: 0.0,
        }
    }

    /// Λ⁻¹ of this path, at areas that never fall.
    pub(super) fn inverse(&mut self, area: f64, draws: &Draws) -> Instant {
        loop {
            if let Some((_, state)) = self.spell {
                let rate = self.states[state].rate_per_s;
                let spell = rate * (self.to_s - self.from_s);
                if area < self.area + spell {
                    return after(self.from_s + (area - self.area) / rate);
                }
                self.area += spell;
            }
            self.step(draws);
        }
    }

    /// The next spell: exponential, in another state at even chances; the first in a state by the share of
    /// time that each has, which leaves as long as any.
    fn step(&mut self, draws: &Draws) {
        let number = self.spell.map_or(0, |(number, _)| number + 1);
        let which = || draws.unit(Purpose::ArrivalState, number, 0);
        let others = self.states.len() - 1;
        let state = match self.spell {
            None => self.at_share(which()),
            Some((_, last)) if others == 1 => 1 - last,
            Some((_, last)) => {
                let other = ((which() * others as f64) as usize).min(others - 1);
                if other < last { other } else { other + 1 }
            }
        };
        let u = draws.unit(Purpose::ArrivalState, number, 1);
        self.spell = Some((number, state));
        self.from_s = self.to_s;
        self.to_s += self.states[state].mean_s * exponential(u);
    }

    fn at_share(&self, u: f64) -> usize {
        let time: f64 = self.states.iter().map(|s| s.mean_s).sum();
        let mut sum = 0.0;
        let is_here = |state: &State| {
            sum += state.mean_s / time;
            u < sum
        };
        let found = self.states.iter().position(is_here);
        found.unwrap_or(self.states.len() - 1)
    }
}
