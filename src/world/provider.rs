//! A provider in motion: its buckets, slots, queue, and what faults make of it at the moment.

use std::collections::VecDeque;

use crate::base::dist::Sampler;
use crate::fault::effect::Factors;
use crate::provider::capacity::{self, slots};
use crate::provider::config::{Abandoned, Json, Judge, PriceConfig};
use crate::provider::latency::Law;
use crate::provider::limits::admission::Limits;
use crate::provider::{Config, advice, can, status_page};

/// One provider in motion.
#[derive(Clone, Debug)]
pub(super) struct Provider {
    pub(super) out: Sampler,
    pub(super) back: Sampler,
    pub(super) law: Law,
    pub(super) price: PriceConfig,
    pub(super) quality: f64,
    pub(super) json: Option<Json>,
    /// Whether only answers are JSON that are asked to be.
    pub(super) json_when_needed: bool,
    pub(super) can: can::Config,
    pub(super) judge: Judge,
    pub(super) context_window: Option<u32>,
    pub(super) abandoned: Abandoned,
    pub(super) limits: Limits,
    /// The pools it is of, by their places.
    pub(super) pools: Vec<u16>,
    /// Whether a request passes its limits or does not, and there is nothing else to it.
    pub(super) has_plain_limits: bool,
    pub(super) advice: advice::Config,
    pub(super) slots: Option<slots::Config>,
    pub(super) busy: u32,
    /// Jobs in order of arrival; some may be dropped already.
    pub(super) queue: VecDeque<u32>,
    /// Jobs in the queue that are not dropped.
    pub(super) queued: u32,
    /// What it says of itself.
    pub(super) page: Option<status_page::Config>,
    /// All faults that are on and hit everybody, multiplied.
    pub(super) factors: Factors,
    /// Whether one that hits only some requests changes what they get.
    pub(super) some_hit: bool,
    /// Prices that faults have made, the first in tariff 1; its own are tariff 0.
    pub(super) tariffs: Vec<PriceConfig>,
    /// The tariff of answers that begin now.
    pub(super) tariff: u8,
    /// Numbers of the faults that are on, in order of the file.
    pub(super) faults: Vec<u16>,
}

impl Provider {
    pub(super) fn new(config: &Config) -> Provider {
        let limits = Limits::new(&config.limits);
        Provider {
            out: config.network.out.sampler(),
            back: config.network.back.sampler(),
            law: config.latency.law(),
            price: config.price,
            quality: config.quality.0,
            json: config.json,
            json_when_needed: false,
            can: config.can,
            judge: config.judge,
            context_window: config.context_window,
            abandoned: config.abandoned,
            has_plain_limits: limits.is_plain(),
            limits,
            pools: Vec::new(),
            advice: config.advice,
            slots: match &config.capacity {
                capacity::Config::Unlimited(_) => None,
                capacity::Config::Slots(slots) => Some(slots.clone()),
            },
            busy: 0,
            queue: VecDeque::new(),
            queued: 0,
            page: config.status_page,
            factors: Factors::default(),
            some_hit: false,
            tariffs: Vec::new(),
            tariff: 0,
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
