//! A provider in motion: its buckets, slots, queue, and what faults make of it at the moment.

use std::collections::VecDeque;

use crate::base::Instant;
use crate::base::dist::Sampler;
use crate::fault::effect::Factors;
use crate::provider::capacity;
use crate::provider::capacity::room::Room;
use crate::provider::config::{Abandoned, Json, Judge};
use crate::provider::latency::Law;
use crate::provider::limits::admission::Limits;
use crate::provider::{Config, advice, can, status_page};

use super::billing::Tariff;
use super::cache::Cache;
use super::common::{Cold, Common};
use super::row::Row;
use super::scaling::Scaling;
use super::sharing::Shared;
use super::tasks::Worth;

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
    /// The worth of its answers by task; empty without tasks.
    pub(super) worths: Vec<Worth>,
    /// Whether its limits look at what its cache has.
    pub(super) limits_look: bool,
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
    /// Slots and queue, as they are now; None if every request is worked on at once.
    pub(super) room: Option<Room>,
    /// The clock of its answers, if they go the slower the more there are.
    pub(super) shared: Option<Box<Shared>>,
    /// What changes the number of its slots.
    pub(super) scaling: Option<Box<Scaling>>,
    /// What its tries have in common.
    pub(super) common: Option<Box<Common>>,
    /// Whether it is cold.
    pub(super) cold: Option<Box<Cold>>,
    /// The row that its requests read and write.
    pub(super) row: Option<Box<Row>>,
    /// Seconds that each answer in progress adds to one that begins.
    pub(super) adds_s: f64,
    /// When it wants to be woken itself, as was said last.
    pub(super) armed: Instant,
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
    /// Tariffs that faults have made of its own.
    pub(super) tariffs: Vec<Tariff>,
    /// The tariff of answers that begin now: 0 is its own, 1 the first of those.
    pub(super) tariff_now: u8,
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
            tariff: Tariff::new(config),
            cache: config.cache.map(Cache::new),
            quality: config.quality.0,
            json: config.json,
            worths: Vec::new(),
            limits_look: config.cache.is_some() && config.limits.counts.looks_into_cache(),
            json_when_needed: false,
            can: config.can,
            judge: config.judge,
            context_window: config.context_window,
            abandoned: config.abandoned,
            has_plain_limits: limits.is_plain(),
            limits,
            pools: Vec::new(),
            advice: config.advice,
            room: config.capacity.room(),
            shared: config
                .capacity
                .pace()
                .map(|pace| Box::new(Shared::new(pace))),
            scaling: match &config.capacity {
                capacity::Config::Autoscaled(scaled) => Some(Box::new(Scaling::new(scaled))),
                _ => None,
            },
            common: Common::new(config.variance, config.level),
            cold: config
                .cold_start
                .as_ref()
                .map(|cold| Box::new(Cold::new(cold))),
            row: match &config.capacity {
                capacity::Config::Optimistic(row) => Some(Box::new(Row::new(row.stale_status))),
                _ => None,
            },
            adds_s: match &config.capacity {
                capacity::Config::Concurrency(crowd) => crowd.adds.as_s_f64(),
                _ => 0.0,
            },
            armed: Instant::NEVER,
            busy: 0,
            queue: VecDeque::new(),
            queued: 0,
            page: config.status_page,
            factors: Factors::default(),
            some_hit: false,
            tariffs: Vec::new(),
            tariff_now: 0,
            faults: Vec::new(),
        }
    }

    /// Whether a slot is free.
    pub(super) fn has_slot(&self) -> bool {
        self.room.is_none_or(|room| self.busy < room.slots)
    }

    /// Whether the queue takes one more.
    pub(super) fn has_room(&self) -> bool {
        self.room.is_none_or(|room| self.queued < room.queue)
    }

    /// What the clock says that its answers go by: the time, unless they share it.
    #[inline]
    pub(super) fn clock(&self, now: Instant) -> Instant {
        match &self.shared {
            None => now,
            Some(shared) => shared.clock(now),
        }
    }
}
