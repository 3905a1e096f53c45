//! A request and the limits of its provider: its own, and those of the pools it is of.
//!
//! All of them are asked before anything is taken of any. What binds is the limit that is waited
//! for longest; what it says about waiting is its own place's, or a storm's.

use crate::base::wire::{Code, RetryAfter};
use crate::base::{Dimension, Duration, Instant, Purpose};
use crate::provider::limits::admission::{Bound, Limits};

use super::state::{World, try_key};

/// How a request is refused for a limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct No {
    pub(super) status: u16,
    pub(super) code: Code,
    pub(super) wait: Option<Duration>,
    pub(super) dimension: Dimension,
}

/// Pools draw their paths from here on, providers before.
const POOLS: u64 = 1 << 32;

impl<N> World<N> {
    /// Takes a request from all limits, or from none.
    ///
    /// # Errors
    /// What it is refused with.
    pub(super) fn admit(&mut self, now: Instant, job: u32) -> Result<(), No> {
        let provider = self.jobs[job].provider();
        if self.providers[provider].limits_look {
            self.look_up(now, job);
        }
        if !self.providers[provider].has_plain_limits {
            return self.admit_everywhere(now, job);
        }
        let asked = self.jobs[job].asked();
        let p = &mut self.providers[provider];
        let storm_ends = self.weather.storm(&p.faults).map(|(_, until)| until);
        match p.limits.ask(asked, now, storm_ends) {
            Ok(()) => {
                p.limits.take(asked, now);
                if p.limits.remembers() {
                    self.admitted.insert(job, now);
                }
                Ok(())
            }
            Err(bound) => {
                let says = p.limits.retry_after;
                Err(self.no(provider, bound, says))
            }
        }
    }

    /// Looks up how much of a prompt its provider's cache has, before it is admitted.
    #[inline(never)]
    fn look_up(&mut self, now: Instant, job: u32) {
        let state = &mut self.jobs[job];
        if let Some(cache) = &mut self.providers[state.provider()].cache {
            let ((entity, ordinal), draws) = (try_key(&state.receipt), &self.draws);
            let u = || draws.unit(Purpose::CacheCoin, entity, ordinal);
            state.cached = cache.find(now, &state.request, u);
        }
    }

    /// The same where there is more to limits than that they are passed or not.
    fn admit_everywhere(&mut self, now: Instant, job: u32) -> Result<(), No> {
        let asked = self.jobs[job].asked();
        let provider = self.jobs[job].provider();
        self.advance_limits(now, provider);
        if let Some(status) = self.suspended(now, provider) {
            return Err(No {
                status,
                code: Code::None,
                wait: None,
                dimension: Dimension::Suspended,
            });
        }
        let p = &mut self.providers[provider];
        let storm_ends = self.weather.storm(&p.faults).map(|(_, until)| until);
        let own = p.limits.ask(asked, now, storm_ends).err();
        let mut binds = own.map(|bound| (bound, p.limits.retry_after));
        for &pool in &p.pools {
            let pool = &mut self.pools[usize::from(pool)];
            if let Err(mut bound) = pool.ask(asked, now, None) {
                bound.dimension = Dimension::Pool;
                let longer = binds.map(|(before, _)| before.or_longer(bound));
                if longer.is_none_or(|longer| longer == bound) {
                    binds = Some((bound, pool.retry_after));
                }
            }
        }
        let mut all = |each: &mut dyn FnMut(&mut Limits)| {
            each(&mut p.limits);
            for &pool in &p.pools {
                each(&mut self.pools[usize::from(pool)]);
            }
        };
        match binds {
            None => {
                let mut remembers = false;
                all(&mut |limits| {
                    limits.take(asked, now);
                    remembers |= limits.remembers();
                });
                if remembers {
                    self.admitted.insert(job, now);
                }
                Ok(())
            }
            Some((bound, says)) => {
                all(&mut |limits| limits.refuse(asked, now));
                Err(self.no(provider, bound, says))
            }
        }
    }

    /// Brings what other tenants leave of the limits up to now.
    fn advance_limits(&mut self, now: Instant, provider: usize) {
        let p = &mut self.providers[provider];
        p.limits.advance(now, &self.draws, provider as u64);
        for &pool in &p.pools {
            let limits = &mut self.pools[usize::from(pool)];
            limits.advance(now, &self.draws, POOLS + u64::from(pool));
        }
    }

    /// The status that a provider refuses everything with, if its client is shut out.
    fn suspended(&self, now: Instant, provider: usize) -> Option<u16> {
        let p = &self.providers[provider];
        let pools = p.pools.iter().map(|&pool| &self.pools[usize::from(pool)]);
        let mut all = std::iter::once(&p.limits).chain(pools);
        all.find_map(|limits| limits.suspended(now))
    }

    /// What a 429 says: about waiting a storm decides, if there is one, or else the place that refuses.
    fn no(&self, provider: usize, bound: Bound, says: RetryAfter) -> No {
        let p = &self.providers[provider];
        let storm = self.weather.storm(&p.faults);
        let stated = storm.and_then(|(stated, _)| stated).unwrap_or(says);
        let (code, wait) = match (bound.too_large, stated) {
            (true, _) => (Code::RequestTooLarge, None),
            (_, RetryAfter::Missing) => (Code::RateLimit, None),
            (_, RetryAfter::Identical(stated)) => (Code::RateLimit, Some(stated)),
            (_, RetryAfter::Right) => (Code::RateLimit, bound.wait),
        };
        No {
            status: 429,
            code,
            wait,
            dimension: bound.dimension,
        }
    }
}
