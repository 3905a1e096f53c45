//! Gradient: compares the latency of now with the least there is, which it measures by itself.
//!
//! As in Envoy's adaptive concurrency: gradient = clamp(least·(1 + buffer)/now, 0.5, 2), new limit =
//! L·gradient + √(L·gradient), once in every sampling window. The least latency is measured with only `min`
//! in flight, over so many attempts sent since then, at the start, again after `every` and its jitter, and
//! after five windows in a row at `min`. Windows and measurements end with the first attempt that ends after
//! their time. What was refused or timed out is not sampled.
//!
//! Source: read in Envoy's gradient_controller c35f67f.

use serde::{Deserialize, Serialize};

use super::Sample;
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::{Check, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "gradient",
    summary: "compares attempts with the least latency, which it measures by itself, as Envoy does",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The lowest limit; it begins there, and the least latency is measured there.
    pub min: u32,
    /// The highest limit.
    pub max: u32,
    /// How often the limit moves.
    pub sample: Duration,
    /// Which percentile of a window stands for it; above 0.
    pub percentile: Ratio,
    /// How much longer than the least is still no sign of load.
    pub buffer: Ratio,
    /// How long a measurement of the least latency holds.
    pub every: Duration,
    /// It holds up to this share longer, at random.
    pub jitter: Ratio,
    /// Attempts the least latency is measured over, 1 to 1000.
    pub probes: u32,
    /// The longest wait in line for a place.
    pub max_wait: Duration,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            min: 3,
            max: 1000,
            sample: Duration::from_ms(100),
            percentile: Ratio(0.5),
            buffer: Ratio(0.25),
            every: Duration::from_s(60),
            jitter: Ratio(0.15),
            probes: 50,
            max_wait: super::minute(),
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        super::bounds(check, self.min, self.min, self.max);
        if !(1..=MOST as u32).contains(&self.probes) {
            check
                .mistake("probes", "no such measurement", "out of range")
                .expected(format!("1 to {MOST}"));
        }
        if self.percentile.0 <= 0.0 {
            check.mistake("percentile", "the percentile of nothing", "is zero");
        }
        for (key, time) in [("sample", self.sample), ("every", self.every)] {
            if time.is_zero() {
                check.mistake(key, "the limit would never rest", "is zero");
            }
        }
    }
}

/// Samples of one window that are kept; the newest of a fuller one.
const MOST: usize = 1000;

/// Windows in a row at the lowest limit after which the least latency is measured anew.
const STUCK: u32 = 5;

/// The limit and what it is measured by.
#[derive(Clone, Debug)]
pub struct State {
    limit: f64,
    /// The least latency, ns.
    least: f64,
    /// Whether that is being measured, and since when.
    measuring: Option<Instant>,
    /// The limit to go back to afterwards.
    before: f64,
    /// When it is to be measured anew.
    measure_at: Instant,
    window_ends: Instant,
    samples: Vec<u64>,
    at_lowest: u32,
}

impl State {
    /// As it begins: it measures.
    pub fn new(config: &Config) -> State {
        State {
            limit: f64::from(config.min),
            least: 0.0,
            measuring: Some(Instant::ZERO),
            before: f64::from(config.min),
            measure_at: Instant::NEVER,
            window_ends: Instant::ZERO + config.sample,
            samples: Vec::new(),
            at_lowest: 0,
        }
    }

    /// How many attempts may be in flight.
    pub fn limit(&self) -> u32 {
        self.limit as u32
    }

    /// An attempt ended.
    pub fn on_end(&mut self, config: &Config, sample: Sample) {
        let now = sample.now;
        if let Some(since) = self.measuring {
            if !sample.dropped && now.since(since) >= sample.took {
                self.keep(sample.took);
            }
            if self.samples.len() >= config.probes as usize {
                self.measured(config, sample);
            }
            return;
        }
        if !sample.dropped {
            self.keep(sample.took);
        }
        if now >= self.window_ends {
            self.move_limit(config);
            self.window_ends = now + config.sample;
        }
        if now >= self.measure_at || self.at_lowest >= STUCK {
            self.measuring = Some(now);
            (self.before, self.limit) = (self.limit, f64::from(config.min));
            self.samples.clear();
        }
    }

    fn keep(&mut self, took: Duration) {
        if self.samples.len() == MOST {
            self.samples.remove(0);
        }
        self.samples.push(took.0.max(1));
    }

    /// The percentile of what was sampled, ns, by nearest rank; what was sampled is forgotten.
    fn percentile(&mut self, config: &Config) -> Option<f64> {
        let n = self.samples.len();
        let rank = libm::ceil(config.percentile.0 * n as f64) as usize;
        let (_, at_rank, _) = (n > 0).then(|| {
            let place = rank.clamp(1, n) - 1;
            self.samples.select_nth_unstable(place)
        })?;
        let percentile = *at_rank as f64;
        self.samples.clear();
        Some(percentile)
    }

    fn measured(&mut self, config: &Config, sample: Sample) {
        self.least = self.percentile(config).unwrap_or(self.least);
        self.limit = self.before;
        self.measuring = None;
        self.at_lowest = 0;
        let longer = 1.0 + config.jitter.0 * sample.u;
        self.measure_at = sample.now + config.every.scale(longer);
        self.window_ends = sample.now + config.sample;
    }

    fn move_limit(&mut self, config: &Config) {
        let Some(now) = self.percentile(config) else {
            return;
        };
        let gradient = (self.least * (1.0 + config.buffer.0) / now).clamp(0.5, 2.0);
        let scaled = self.limit * gradient;
        let new = scaled + scaled.sqrt();
        self.limit = new.clamp(f64::from(config.min), f64::from(config.max));
        let lowest = self.limit() == config.min;
        self.at_lowest = if lowest { self.at_lowest + 1 } else { 0 };
    }
}
