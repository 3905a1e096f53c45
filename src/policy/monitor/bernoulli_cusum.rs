//! CUSUM of passes and failures: finds a share of failures that has risen.
//!
//! The chart of Reynolds and Stoumbos (1999) in whole numbers: with r₁ = −ln((1 − p₁)/(1 − p₀)) and
//! r₂ = ln(p₁(1 − p₀)/(p₀(1 − p₁))) and m = r₂/r₁ rounded, a failure adds m − 1, a pass takes 1, never
//! below 0, and H or more alarms. So it is a chain of H states, and its interval of false alarms is
//! exact. The threshold from `false-alarm-every` is the smallest with that interval or a longer one.

use serde::{Deserialize, Serialize};

use super::{Interval, Observation, check_threshold};
use crate::base::Check;
use crate::base::registry::Kind;
use crate::base::units::Ratio;

/// This kind.
pub const INFO: Kind = Kind {
    name: "bernoulli-cusum",
    summary: "a share of failures that has risen, with an exact interval of false alarms",
};

/// The largest threshold: it bounds the states of the chain that is solved.
const MAX: u64 = 10_000;

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The share of failures while nothing is wrong, p₀.
    pub usual: Ratio,
    /// The share that is to be found, p₁.
    pub risen: Ratio,
    /// Observations between false alarms; computes the threshold.
    pub false_alarm_every: Option<f64>,
    /// The sum that alarms, H: whole, 1 to 10000.
    pub threshold: Option<f64>,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        let (usual, risen) = (self.usual.0, self.risen.0);
        if !(0.001..=0.5).contains(&usual) {
            check
                .mistake(
                    "usual",
                    "no usual share of failures",
                    "not between 0.1% and 50%",
                )
                .expected("such as \"2%\"");
        }
        if !(risen >= usual * 1.1 && risen <= 0.95) {
            let path = check.path("usual");
            check
                .mistake(
                    "risen",
                    "this is no rise",
                    "not between 1.1 times `usual` and 95%",
                )
                .also(path, "the usual share");
        }
        check_threshold(check, self.false_alarm_every, self.threshold);
        let may_be = (0.001..=0.5).contains(&usual) && risen >= usual * 1.1 && risen <= 0.95;
        let every = self.false_alarm_every.filter(|_| may_be);
        if every.is_some_and(|every| self.delay(usual) < every) {
            check
                .mistake(
                    "false-alarm-every",
                    "no threshold has so long an interval of false alarms",
                    "needs a sum above 10000",
                )
                .help("look for a larger rise, or allow more false alarms");
        }
        let whole = |h: f64| h >= 1.0 && h <= MAX as f64 && h == libm::floor(h);
        if self.threshold.is_some_and(|h| !whole(h)) {
            check
                .mistake(
                    "threshold",
                    "the sum is a whole number",
                    "not 1, 2, … 10000",
                )
                .help("a failure adds m − 1 and a pass takes 1");
        }
    }

    /// What a failure adds: m − 1, at least 1.
    pub fn step(&self) -> u64 {
        let (p0, p1) = (self.usual.0, self.risen.0);
        let r1 = -libm::log((1.0 - p1) / (1.0 - p0));
        let r2 = libm::log(p1 * (1.0 - p0) / (p0 * (1.0 - p1)));
        (libm::round(r2 / r1) as u64).max(2) - 1
    }

    /// H.
    pub fn threshold(&self) -> u64 {
        if let Some(h) = self.threshold {
            return h as u64;
        }
        let every = self.false_alarm_every.unwrap_or_default();
        let enough = |h: u64| run_length(self.step(), h, self.usual.0) >= every;
        let (mut low, mut high) = (0, 1);
        while !enough(high) && high < MAX {
            (low, high) = (high, (high * 2).min(MAX));
        }
        while high - low > 1 {
            let middle = u64::midpoint(low, high);
            if enough(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
    }

    /// The mean number of observations to an alarm at this share of failures from the first on.
    pub fn delay(&self, share: f64) -> f64 {
        run_length(self.step(), self.threshold(), share)
    }

    pub(super) fn false_alarms(&self) -> Interval {
        Interval::Mean(self.delay(self.usual.0))
    }

    pub(super) fn start(&self) -> State {
        State {
            step: self.step(),
            threshold: self.threshold(),
            sum: 0,
        }
    }
}

/// The mean run length from 0: L(i) = 1 + p·L(i + step) + (1 − p)·L(max(i − 1, 0)), L = 0 from H on.
///
/// Elimination from below: each row has one entry left of the diagonal, so L(i) is known as
/// a linear function of L(i + 1) … L(i + step) and only a band is kept. No pivoting: the matrix is
/// an M-matrix, whose pivots stay positive.
fn run_length(step: u64, h: u64, p: f64) -> f64 {
    let (step, h) = (step as usize, h as usize);
    // `band[i][d]`: how much of L(i + 1 + d) is in L(i), and `own[i]` what is in it besides.
    let mut band: Vec<Vec<f64>> = Vec::with_capacity(h);
    let mut own: Vec<f64> = Vec::with_capacity(h);
    for i in 0..h {
        // i = 0: a pass stays.
        let (mut of, mut rest, mut pivot) = (vec![0.0; step], 1.0, p);
        if i > 0 {
            let before = &band[i - 1];
            pivot = 1.0 - (1.0 - p) * before[0];
            rest += (1.0 - p) * own[i - 1];
            for (d, of) in of.iter_mut().enumerate().take(step - 1) {
                *of = (1.0 - p) * before[d + 1];
            }
        }
        of[step - 1] += p;
        of.iter_mut().for_each(|of| *of /= pivot);
        band.push(of);
        own.push(rest / pivot);
    }
    let mut lengths = vec![0.0; h + step];
    for i in (0..h).rev() {
        let next = &lengths[i + 1..];
        let later: f64 = band[i].iter().zip(next).map(|(of, l)| of * l).sum();
        lengths[i] = own[i] + later;
    }
    lengths[0]
}

/// The sum.
#[derive(Clone, Debug)]
pub struct State {
    step: u64,
    threshold: u64,
    sum: u64,
}

impl State {
    pub(super) fn observe(&mut self, seen: Observation<'_>) -> bool {
        let Observation::Failed(failed) = seen else {
            return false;
        };
        self.sum = match failed {
            true => self.sum + self.step,
            false => self.sum.saturating_sub(1),
        };
        let alarm = self.sum >= self.threshold;
        if alarm {
            self.sum = 0;
        }
        alarm
    }
}
