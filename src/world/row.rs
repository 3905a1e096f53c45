//! The row that requests of a provider with optimistic contention read and write.

use std::collections::BTreeMap;

use crate::base::Instant;
use crate::base::wire::{Code, Ending};
use crate::provider::billing::Rule;

use super::job::Bill;
use super::state::{Output, World};

/// One row.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The status of a write whose version is stale.
    pub(super) stale_status: u16,
    version: u64,
    /// The version that each request in progress has read.
    read: BTreeMap<u32, u64>,
}

impl Row {
    pub(super) fn new(stale_status: u16) -> Row {
        Row {
            stale_status,
            version: 0,
            read: BTreeMap::new(),
        }
    }

    /// A request reads the row.
    pub(super) fn read(&mut self, job: u32) {
        self.read.insert(job, self.version);
    }

    /// A request writes what it has read; whether nobody else has meanwhile.
    pub(super) fn write(&mut self, job: u32) -> bool {
        let current = self.read.remove(&job) == Some(self.version);
        self.version += u64::from(current);
        current
    }

    /// A request gave up between the two.
    pub(super) fn forget(&mut self, job: u32) {
        self.read.remove(&job);
    }
}

impl<N> World<N> {
    /// A write reaches its row: None if it is no write or a good one, else how it is refused.
    pub(super) fn stale(&mut self, now: Instant, job: u32) -> Option<(Instant, Ending)> {
        let state = &mut self.jobs[job];
        let p = &mut self.providers[state.provider()];
        let row = p.row.as_mut()?;
        if row.write(job) {
            return None;
        }
        let status = row.stale_status;
        state.bill = match p.tariff.on_status(status) {
            Rule::Prompt => Bill::Answered(0),
            Rule::Nothing | Rule::SoFar | Rule::ToEnd => Bill::Nothing,
        };
        let advice = p.advice.beside(status, Code::None, None);
        let ending = Ending::Status {
            status,
            code: Code::None,
            advice,
        };
        Some((now + state.back, ending))
    }

    /// Wakes a provider when the next of its own instants comes: an answer that shares it is due, or its
    /// autoscaler has something to do.
    pub(super) fn arm(&mut self, now: Instant, provider: usize, outputs: &mut Vec<Output>) {
        let p = &mut self.providers[provider];
        if p.shared.is_none() & p.scaling.is_none() {
            return;
        }
        let shared = p.shared.as_ref().map(|shared| shared.next(now));
        let scaled = p.scaling.as_ref().map(|scaling| scaling.next());
        let at = shared
            .into_iter()
            .chain(scaled)
            .min()
            .unwrap_or(Instant::NEVER);
        // Woken too early it arms itself anew; so one wake-up is parked, not one per change.
        if at < p.armed {
            p.armed = at;
            let provider = provider as u16;
            outputs.push(Output::Tick { provider, at });
        }
    }

    /// The time of a provider's own instant has come.
    pub(super) fn on_tick(&mut self, now: Instant, provider: u16, outputs: &mut Vec<Output>) {
        let provider = usize::from(provider);
        let p = &mut self.providers[provider];
        if now < p.armed {
            return;
        }
        p.armed = Instant::NEVER;
        self.scale(now, provider, outputs);
        self.serve_shared(now, provider, outputs);
        self.arm(now, provider, outputs);
    }
}
