//! A provider in motion: its buckets, slots, queue, and what faults make of it at the moment.

use std::collections::VecDeque;

use crate::base::bucket::Bucket;
use crate::base::dist::Sampler;
use crate::base::wire::RetryAfter;
use crate::base::{Duration, Instant};
use crate::fault::effect::Factors;
use crate::provider::capacity::{self, slots};
use crate::provider::config::{Abandoned, Json, Judge};
use crate::provider::latency::Law;
use crate::provider::limits::{self, Settle};
use crate::provider::{Config, advice, can};

use super::billing::Tariff;
use super::cache::Cache;

/// One provider in motion.
#[derive(Clone, Debug)]
pub(super) struct Provider {
    pub(super) out: Sampler,
    pub(super) back: Sampler,
    pub(super) law: Law,
    pub(super) tariff: Tariff,
    pub(super) cache: Option<Cache>,
    pub(super) quality: f64,
    pub(super) json: Option<Json>,
    /// Whether only answers are JSON that are asked to be.
    pub(super) json_when_needed: bool,
    pub(super) can: can::Config,
    pub(super) judge: Judge,
    pub(super) context_window: Option<u32>,
    pub(super) abandoned: Abandoned,
    pub(super) limits: Limits,
    pub(super) advice: advice::Config,
    pub(super) slots: Option<slots::Config>,
    pub(super) busy: u32,
    /// Jobs in order of arrival; some may be dropped already.
    pub(super) queue: VecDeque<u32>,
    /// Jobs in the queue that are not dropped.
    pub(super) queued: u32,
    /// All faults that are on, multiplied.
    pub(super) factors: Factors,
    /// Numbers of the faults that are on, in order of the file.
    pub(super) faults: Vec<u16>,
}

/// The buckets that there are.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) all: Vec<Limit>,
    pub(super) settle: Settle,
    pub(super) retry_after: RetryAfter,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counted {
    Requests,
    /// Prompt tokens and the reserved answer together.
    Tokens,
    Prompt,
    Answer,
}

/// One bucket and what it is without faults.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    counted: Counted,
    pub(super) bucket: Bucket,
    pub(super) capacity: u64,
    pub(super) per_minute: u64,
}

const MINUTE: Duration = Duration::from_s(60);

impl Limit {
    fn new(counted: Counted, per_minute: u64, slice: Duration) -> Limit {
        let scaled = u128::from(per_minute) * u128::from(slice.0) / u128::from(MINUTE.0);
        let capacity = u64::try_from(scaled).unwrap_or(u64::MAX).max(1);
        Limit {
            counted,
            bucket: Bucket::new(capacity, per_minute, MINUTE),
            capacity,
            per_minute,
        }
    }

    /// What it takes for one request.
    #[inline]
    pub(super) fn wanted(&self, prompt: u64, max: u64) -> u64 {
        match self.counted {
            Counted::Requests => 1,
            Counted::Tokens => prompt + max,
            Counted::Prompt => prompt,
            Counted::Answer => max,
        }
    }

    /// Whether it counts what an answer has, of which less may come than was reserved.
    pub(super) fn counts_answers(&self) -> bool {
        matches!(self.counted, Counted::Tokens | Counted::Answer)
    }

    /// Shrinks or restores it. What is left of a limit passes something, if only one at a time.
    pub(super) fn scale(&mut self, factor: f64, now: Instant) {
        let least = u64::from(factor > 0.0);
        let scaled = |n: u64| ((n as f64 * factor + 0.5) as u64).max(least);
        self.bucket
            .resize(scaled(self.capacity), scaled(self.per_minute), now);
    }

    /// How long until `wanted` is there if nobody else asks. What a storm has not let in by its end
    /// comes at the full refill after it, from the level that the storm leaves.
    pub(super) fn wait(
        &mut self,
        wanted: u64,
        now: Instant,
        storm_ends: Option<Instant>,
    ) -> Option<Duration> {
        let shrunken = self.bucket.wait(wanted, now);
        let Some(end) = storm_ends else {
            return shrunken;
        };
        if shrunken.is_some_and(|wait| now + wait <= end) {
            return shrunken;
        }
        let mut after = self.bucket.clone();
        after.resize(self.capacity, self.per_minute, end);
        after.wait(wanted, end).map(|wait| end.since(now) + wait)
    }
}

impl Limits {
    fn new(config: &limits::Config) -> Limits {
        let all = [
            (Counted::Requests, config.rpm, config.slice),
            (Counted::Tokens, config.tpm, MINUTE),
            (Counted::Prompt, config.input_tpm, MINUTE),
            (Counted::Answer, config.output_tpm, MINUTE),
        ];
        let limit = |(counted, n, slice): (Counted, Option<u64>, Duration)| {
            n.map(|n| Limit::new(counted, n, slice))
        };
        Limits {
            all: all.into_iter().filter_map(limit).collect(),
            settle: config.settle,
            retry_after: config.retry_after,
        }
    }
}

impl Provider {
    pub(super) fn new(config: &Config) -> Provider {
        Provider {
            out: config.network.out.sampler(),
            back: config.network.back.sampler(),
            law: config.latency.law(),
            tariff: Tariff::new(config),
            cache: config.cache.map(Cache::new),
            quality: config.quality.0,
            json: config.json,
            json_when_needed: false,
            can: config.can,
            judge: config.judge,
            context_window: config.context_window,
            abandoned: config.abandoned,
            limits: Limits::new(&config.limits),
            advice: config.advice,
            slots: match &config.capacity {
                capacity::Config::Unlimited(_) => None,
                capacity::Config::Slots(slots) => Some(slots.clone()),
            },
            busy: 0,
            queue: VecDeque::new(),
            queued: 0,
            factors: Factors::default(),
            faults: Vec::new(),
        }
    }

    /// Whether a slot is free.
    pub(super) fn has_slot(&self) -> bool {
        self.slots
            .as_ref()
            .is_none_or(|slots| self.busy < slots.count)
    }

    /// Whether the queue takes one more.
    pub(super) fn has_room(&self) -> bool {
        let limit = |slots: &slots::Config| slots.queue.unwrap_or(LONGEST_QUEUE);
        self.slots
            .as_ref()
            .is_none_or(|slots| self.queued < limit(slots))
    }
}

/// Every queue is bounded, also one that was not given a bound.
const LONGEST_QUEUE: u32 = 10_000_000;
