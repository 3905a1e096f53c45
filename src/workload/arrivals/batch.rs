//! Many calls at one instant, again and again: an evaluation every hour, a nightly job.
//!
//! The calls of a batch are known by the batch and their place in it, so that another law of sizes adds or
//! takes away calls at the end of each batch and changes no other.

use serde::Deserialize;

use crate::base::dist::{Dist, Sampler};
use crate::base::registry::Kind;
use crate::base::{Check, Draws, Duration, Instant, Purpose};
use crate::workload::trace::Trace;

/// This kind.
pub const INFO: Kind = Kind {
    name: "batch",
    summary: "many calls at one instant, again and again",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The time from one batch to the next.
    pub every: Duration,
    /// Calls of a batch, at most a million; rounded.
    pub size: Dist<u32>,
    /// When the first one comes.
    #[serde(default)]
    pub at: Duration,
}

/// More calls no batch has.
const MOST: u64 = 1_000_000;

/// Room for the place within a batch, in bits.
const PLACE_BITS: u32 = 20;

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.every < Duration::from_ms(1) {
            check.mistake("every", "batches without an end", "under a millisecond");
        }
        check.at("size", |c| self.size.check(c));
        if self.mean_size() > MOST as f64 {
            check.mistake("size", "an absurd number of calls", "more than a million");
        }
        if self.mean_size() <= 0.0 {
            check.mistake("size", "batches of nothing", "is zero");
        }
    }

    pub(super) fn mean_size(&self) -> f64 {
        self.size.sampler().mean()
    }

    pub(super) fn expected(&self, duration: Duration, _: Option<&Trace>) -> f64 {
        let batches = match duration <= self.at {
            true => 0,
            false => 1 + ((duration - self.at).0 - 1) / self.every.0.max(1),
        };
        batches as f64 * self.mean_size()
    }

    /// Calls expected in any time of this length at most.
    pub fn expected_within(&self, time: Duration) -> f64 {
        (1 + time.0 / self.every.0.max(1)) as f64 * self.mean_size()
    }

    pub(super) fn top_rate(&self) -> Option<f64> {
        None
    }

    pub(super) fn batches(&self) -> Batches {
        Batches {
            every: self.every,
            at: self.at,
            size: self.size.sampler(),
            batch: 0,
            place: 0,
            of: None,
        }
    }
}

/// The batches so far.
#[derive(Clone, Debug)]
pub struct Batches {
    every: Duration,
    at: Duration,
    size: Sampler,
    batch: u64,
    place: u64,
    /// The size of this batch, once it was drawn.
    of: Option<u64>,
}

impl Batches {
    /// The number of the next call and when it comes; None at the end of time.
    pub(super) fn next(&mut self, draws: &Draws) -> Option<(u64, Instant)> {
        loop {
            let of = *self.of.get_or_insert_with(|| match &self.size {
                Sampler::Constant(size) => *size as u64,
                law => {
                    let u = draws.unit(Purpose::BatchSize, self.batch, 0);
                    ((law.at(u) + 0.5) as u64).min(MOST)
                }
            });
            if self.place < of {
                let since = self.every.0.checked_mul(self.batch)?;
                let at = self.at.0.checked_add(since)?;
                self.place += 1;
                let number = self.batch << PLACE_BITS | (self.place - 1);
                return Some((number, Instant(at)));
            }
            (self.batch, self.place, self.of) = (self.batch + 1, 0, None);
        }
    }
}
