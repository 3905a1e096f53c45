//! Distance of embeddings from a reference: finds answers that speak of something else.
//!
//! The first `baseline` vectors are the reference: their mean, and one deviation over all dimensions.
//! Then every `window` vectors their mean is held against it: F = ‖x̄ − μ̂‖²/(d·s²·(1/n + 1/m)), n the
//! window, m the baseline, d the dimensions. Where the coordinates of a vector are independent and
//! normal with one deviation, F has exactly the F distribution with d and d·(m − 1) degrees of freedom
//! while nothing changes, so one window alarms with the chance a = window/false-alarm-every. Windows
//! share their reference, which only spreads how often one alarms: the mean interval is
//! window/a or more (Jensen). Coordinates of real embeddings hang together, which makes false alarms
//! more frequent than stated: whiten them first. Euclidean distance; of vectors scaled to length 1,
//! cosine distance is half its square.

use serde::{Deserialize, Serialize};

use super::{Interval, Observation, check_threshold};
use crate::base::Check;
use crate::base::quantile::invert;
use crate::base::registry::Kind;

/// This kind.
pub const INFO: Kind = Kind {
    name: "embedding",
    summary: "the distance of embeddings from a reference taken at the start",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Numbers in a vector, d: even, 8 to 4096.
    pub dimensions: u32,
    /// Vectors of the reference, m, 2 to 100000.
    #[serde(default = "hundred")]
    pub baseline: u32,
    /// Vectors of a window, n, 1 to 100000.
    #[serde(default = "fifty")]
    pub window: u32,
    /// At least so many vectors between false alarms, those of the reference not counted; computes
    /// the threshold.
    pub false_alarm_every: Option<f64>,
    /// The F that alarms.
    pub threshold: Option<f64>,
}

fn hundred() -> u32 {
    100
}

fn fifty() -> u32 {
    50
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if !(8..=4096).contains(&self.dimensions) || self.dimensions % 2 == 1 {
            check
                .mistake(
                    "dimensions",
                    "no such embedding",
                    "not an even number from 8 to 4096",
                )
                .help("leave out the last number of a vector of an odd size");
        }
        for (key, count, least) in [("baseline", self.baseline, 2), ("window", self.window, 1)] {
            if !(least..=100_000).contains(&count) {
                let label = format!("not between {least} and 100000");
                check.mistake(key, "an absurd number of vectors", label);
            }
        }
        check_threshold(check, self.false_alarm_every, self.threshold);
        if self
            .false_alarm_every
            .is_some_and(|every| every <= f64::from(self.window))
        {
            let window = check.path("window");
            check
                .mistake(
                    "false-alarm-every",
                    "more than one alarm in a window",
                    "not longer than `window`",
                )
                .also(window, "alarms once at most");
        }
        if self.threshold.is_some_and(|f| !(f > 0.0 && f.is_finite())) {
            check.mistake("threshold", "it would always alarm", "not above 0");
        }
    }

    /// The F that alarms.
    pub fn threshold(&self) -> f64 {
        self.threshold.unwrap_or_else(|| {
            let every = self.false_alarm_every.unwrap_or_default();
            let below = 1.0 - f64::from(self.window) / every;
            let cdf = |f| 1.0 - above(f, self.dimensions, self.baseline);
            invert(cdf, 0.0, 1e6, below)
        })
    }

    pub(super) fn false_alarms(&self) -> Interval {
        let chance = above(self.threshold(), self.dimensions, self.baseline);
        Interval::AtLeast(f64::from(self.window) / chance)
    }

    pub(super) fn start(&self) -> State {
        let zeros = vec![0.0; self.dimensions as usize];
        State {
            threshold: self.threshold(),
            config: self.clone(),
            reference: zeros.clone(),
            squares: 0.0,
            referred: 0,
            sum: zeros,
            counted: 0,
        }
    }
}

/// The chance that an F of d and d·(m − 1) degrees of freedom is above f, for an even d: that fewer
/// than d/2 of a negative binomial's failures come before ν/2 successes,
/// Σ_{j < d/2} Γ(ν/2 + j)/(Γ(ν/2)·j!)·xʲ·(1 − x)^{ν/2}, x = d·f/(d·f + ν).
///
/// In logarithms: the first term alone underflows for real embeddings.
fn above(f: f64, dimensions: u32, baseline: u32) -> f64 {
    let d = f64::from(dimensions);
    let half = d * (f64::from(baseline) - 1.0) / 2.0;
    // d·f/(d·f + 2·half)
    let x = d * f / (d * f + 2.0 * half);
    if x <= 0.0 {
        return 1.0;
    }
    let (log_x, mut term) = (libm::log(x), half * libm::log1p(-x));
    let mut sum = 0.0;
    for j in 0..dimensions / 2 {
        sum += libm::exp(term);
        let j = f64::from(j);
        term += libm::log((half + j) / (j + 1.0)) + log_x;
    }
    sum.min(1.0)
}

/// The reference and the window.
#[derive(Clone, Debug)]
pub struct State {
    config: Config,
    threshold: f64,
    reference: Vec<f64>,
    /// Σ over vectors and dimensions of squares around the reference.
    squares: f64,
    referred: u32,
    sum: Vec<f64>,
    counted: u32,
}

impl State {
    pub(super) fn observe(&mut self, seen: Observation<'_>) -> bool {
        let Observation::Vector(x) = seen else {
            return false;
        };
        if x.len() != self.reference.len() || !x.iter().all(|x| x.is_finite()) {
            return false;
        }
        if self.referred < self.config.baseline {
            self.refer(x);
            return false;
        }
        self.sum.iter_mut().zip(x).for_each(|(sum, x)| *sum += x);
        self.counted += 1;
        if self.counted < self.config.window {
            return false;
        }
        let alarm = self.distance() > self.threshold;
        self.sum.fill(0.0);
        self.counted = 0;
        alarm
    }

    /// Takes a vector into the reference: Welford's mean and squares.
    fn refer(&mut self, x: &[f64]) {
        self.referred += 1;
        let count = f64::from(self.referred);
        for (mean, x) in self.reference.iter_mut().zip(x) {
            let off = x - *mean;
            *mean += off / count;
            self.squares += off * (x - *mean);
        }
    }

    /// F of a full window; infinite if the reference has no spread and the window left it.
    fn distance(&self) -> f64 {
        let (n, m) = (f64::from(self.counted), f64::from(self.referred));
        let d = self.reference.len() as f64;
        let off = |(sum, mean): (&f64, &f64)| (sum / n - mean) * (sum / n - mean);
        let apart: f64 = self.sum.iter().zip(&self.reference).map(off).sum();
        let variance = self.squares / (d * (m - 1.0));
        match apart == 0.0 {
            true => 0.0,
            false => apart / (d * variance * (1.0 / n + 1.0 / m)),
        }
    }
}
