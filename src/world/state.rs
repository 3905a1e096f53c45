//! The entrance for facts, and the life of a job at the client's end of the network.

use std::collections::BTreeMap;

use crate::base::wire::Signal;
use crate::base::{Draws, Duration, EndpointId, Instant, Purpose, Receipt, Slab, Usage};
use crate::provider::limits::admission::Limits;
use crate::provider::limits::pool;
use crate::{fault, provider};

use super::faults::Faults;
use super::job::{Job, NewJob, Phase};
use super::provider::Provider;
use super::tasks::Tasks;

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A client closed the connection of a job.
    Abandoned {
        /// The job, as [`World::request`] named it.
        job: u32,
    },
    /// The time of a job's [`Output::Next`] has come.
    Wake {
        /// The job.
        job: u32,
    },
    /// A fault begins: the next of its times in [`World::faults`].
    FaultStarts {
        /// Its place in the scenario.
        fault: u16,
    },
    /// A fault is over.
    FaultStops {
        /// Its place in the scenario.
        fault: u16,
    },
    /// The time of a provider's [`Output::Tick`] has come.
    Tick {
        /// The provider.
        provider: u16,
    },
}

/// Something a driver must do or pass on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Wake this job then, and at no time named earlier for it.
    Next {
        /// The job.
        job: u32,
        /// When.
        at: Instant,
    },
    /// Wake this provider then.
    Tick {
        /// Its place in the scenario.
        provider: u16,
        /// When.
        at: Instant,
    },
    /// The client sees this, now.
    Signal {
        /// The job.
        job: u32,
        /// What it sees.
        signal: Signal,
        /// With a complete answer: whether it is truly good. No client sees that.
        good: bool,
    },
    /// The bill of a job. Once per job.
    Settled {
        /// The job.
        job: u32,
        /// Which attempt.
        receipt: Receipt,
        /// What it is billed for.
        usage: Usage,
    },
}

/// What all runs of a scenario share: providers and faults, made ready once. Fitted laws are tables
/// that take longer to make than a short run takes.
#[derive(Clone, Debug)]
pub struct Plan {
    providers: Vec<Provider>,
    pools: Vec<Limits>,
    weather: Faults,
    tasks: Tasks,
}

impl Plan {
    /// A plan of checked providers and faults; a fault names providers by their names here.
    pub fn new(providers: &[(String, provider::Config)], faults: &[fault::Config]) -> Plan {
        let names: Vec<&str> = providers.iter().map(|(name, _)| name.as_str()).collect();
        Plan {
            providers: providers
                .iter()
                .map(|(_, config)| Provider::new(config))
                .collect(),
            pools: Vec::new(),
            weather: Faults::new(faults, &names),
            tasks: Tasks::default(),
        }
    }

    /// The same where providers share limits; `providers` as they were given to [`Plan::new`].
    #[must_use]
    pub fn with_pools(
        mut self,
        pools: &[(String, pool::Config)],
        providers: &[(String, provider::Config)],
    ) -> Plan {
        for (place, (_, pool)) in (0u16..).zip(pools) {
            self.pools.push(Limits::new(&pool.limits));
            let both = self.providers.iter_mut().zip(providers);
            for (provider, _) in both.filter(|(_, (name, config))| pool.has(name, config)) {
                provider.pools.push(place);
                provider.has_plain_limits = false;
                provider.limits_look |=
                    provider.cache.is_some() && pool.limits.counts.looks_into_cache();
            }
        }
        self
    }

    /// The same where calls are about something: the tasks by name, with their shares; `providers` as they
    /// were given to [`Plan::new`].
    #[must_use]
    pub fn with_tasks<'a>(
        mut self,
        tasks: impl Iterator<Item = (&'a str, f64)> + Clone,
        providers: &[(String, provider::Config)],
    ) -> Plan {
        self.tasks = Tasks::new(tasks.clone().map(|(_, share)| share));
        for (provider, (_, config)) in self.providers.iter_mut().zip(providers) {
            provider.worths = Provider::worths(config, tasks.clone().map(|(name, _)| name));
        }
        self
    }

    /// The same where some calls ask for JSON: the answers to all others are text.
    #[must_use]
    pub fn json_when_needed(mut self, only_then: bool) -> Plan {
        for provider in &mut self.providers {
            provider.json_when_needed = only_then;
        }
        self
    }

    /// A quiet world of this plan.
    pub fn world<N>(&self, draws: Draws) -> World<N> {
        let Plan {
            providers,
            pools,
            mut weather,
            tasks,
        } = self.clone();
        weather.lay_down(&draws);
        World {
            draws,
            providers,
            pools,
            weather,
            tasks,
            jobs: Slab::new(),
            let_in: BTreeMap::new(),
        }
    }
}

/// All providers, their faults and the jobs they have, with a note `N` of the driver's at each.
#[derive(Debug)]
pub struct World<N> {
    pub(super) draws: Draws,
    pub(super) providers: Vec<Provider>,
    pub(super) pools: Vec<Limits>,
    pub(super) weather: Faults,
    pub(super) tasks: Tasks,
    pub(super) jobs: Slab<Job<N>>,
    /// When jobs were let in whose limits ask for it at their end.
    pub(super) let_in: BTreeMap<u32, Instant>,
}

impl<N> World<N> {
    /// How many jobs it keeps.
    pub fn jobs(&self) -> usize {
        self.jobs.len()
    }

    /// When this job wants to be woken; None if it is gone.
    pub fn next(&self, job: u32) -> Option<Instant> {
        self.jobs.get(job).map(|job| job.next)
    }

    /// Handles one fact. `outputs` is empty before and drained after.
    pub fn handle(&mut self, now: Instant, fact: Fact, outputs: &mut Vec<Output>) {
        debug_assert!(
            outputs.is_empty(),
            "outputs are drained before the next fact"
        );
        match fact {
            Fact::Abandoned { job } => self.on_abandoned(now, job, outputs),
            Fact::Wake { job } => self.on_wake(now, job, outputs),
            Fact::FaultStarts { fault } => self.on_fault(now, fault, true, outputs),
            Fact::FaultStops { fault } => self.on_fault(now, fault, false, outputs),
            Fact::Tick { provider } => self.on_tick(now, provider, outputs),
        }
    }

    /// Ends the world: every bill that is still open is settled as it stands, and no client hears
    /// anything more. What is left to the driver is to release its notes.
    pub fn settle_all(&mut self, now: Instant, outputs: &mut Vec<Output>) {
        for job in self.numbers() {
            self.settle(now, job, outputs);
            let state = &mut self.jobs[job];
            state.abandoned = true;
            state.phase = Phase::Returning(None);
            self.plan(job, outputs);
        }
    }

    /// A client sent an attempt: its number, and when it wants to be woken first.
    #[inline(always)]
    pub fn request(&mut self, now: Instant, new: NewJob<N>) -> (u32, Instant) {
        let EndpointId(provider) = new.receipt.endpoint;
        let p = &self.providers[usize::from(provider)];
        let (entity, ordinal) = try_key(&new.receipt);
        let draw = |sampler: &crate::base::dist::Sampler, purpose| {
            let u = || self.draws.unit(purpose, entity, ordinal);
            Duration::from_s_f64(sample(sampler, u))
        };
        let out = draw(&p.out, Purpose::NetworkOut);
        let back = draw(&p.back, Purpose::NetworkBack);
        let hit = !p.faults.is_empty();
        let mut arrives = now + out;
        let mut connecting = false;
        if hit {
            let late = self.late(now, &new);
            connecting = late != Some(Duration::ZERO);
            arrives = late.map_or(Instant::NEVER, |late| arrives + late);
        }
        let mut new = Job::new(new, arrives, back);
        new.connecting = connecting;
        let job = self.jobs.insert_with(|_| new);
        (job, arrives)
    }

    /// The client of a job gives up connecting: told before it goes away, nothing of the request was ever sent.
    pub fn give_up_connecting(&mut self, job: u32) {
        if let Some(job) = self.jobs.get_mut(job) {
            job.connecting = true;
        }
    }

    fn on_wake(&mut self, now: Instant, job: u32, outputs: &mut Vec<Output>) {
        let Some(state) = self.jobs.get_mut(job) else {
            return;
        };
        if now < state.next {
            return;
        }
        // This wake-up is used up: what is due in the same instant needs another.
        state.next = Instant::NEVER;
        match state.phase {
            Phase::Outbound { arrives } if now >= arrives => self.arrive(now, job, outputs),
            Phase::Serving(service) if now >= service.ends => self.serve_end(now, job, outputs),
            Phase::Outbound { .. }
            | Phase::Serving(_)
            | Phase::Sharing(_)
            | Phase::Queued
            | Phase::Stalled { .. }
            | Phase::Returning(_)
            | Phase::Dropped => {}
        }
        self.pass_on(now, job, outputs);
        self.plan(job, outputs);
    }

    /// Passes on what the client sees by now.
    pub(super) fn pass_on(&mut self, now: Instant, job: u32, outputs: &mut Vec<Output>) {
        let state = &mut self.jobs[job];
        if state.abandoned {
            return;
        }
        if now >= state.first_seen {
            state.first_seen = Instant::NEVER;
            outputs.push(Output::Signal {
                job,
                signal: Signal::FirstToken,
                good: false,
            });
        }
        if let Phase::Returning(Some((at, ending))) = state.phase
            && now >= at
        {
            state.phase = Phase::Returning(None);
            let good = state.good;
            outputs.push(Output::Signal {
                job,
                signal: Signal::End(ending),
                good,
            });
        }
    }

    fn on_abandoned(&mut self, now: Instant, job: u32, outputs: &mut Vec<Output>) {
        let Some(state) = self.jobs.get_mut(job) else {
            return;
        };
        state.abandoned = true;
        let phase = state.phase;
        let provider = state.provider();
        let rules = self.providers[provider].abandoned;
        self.charge_abandoned(now, job);
        let state = &mut self.jobs[job];
        match phase {
            // Nobody has it, so nobody goes on with it; nor sends again what was lost of it.
            Phase::LOST => state.phase = Phase::Returning(None),
            Phase::Outbound { .. } if state.connecting => state.phase = Phase::Returning(None),
            // What is on its way or in progress goes on, if the provider works for nobody.
            Phase::Outbound { .. } | Phase::Queued | Phase::Serving(_) | Phase::Sharing(_)
                if rules.keeps_slot => {}
            Phase::Outbound { .. } => state.phase = Phase::Returning(None),
            Phase::Queued => {
                state.phase = Phase::Dropped;
                self.providers[provider].queued -= 1;
            }
            Phase::Serving(_) | Phase::Sharing(_) => {
                self.leave_slot(now, job, None, outputs);
                self.arm(now, provider, outputs);
            }
            Phase::Stalled { .. } | Phase::Returning(_) | Phase::Dropped => {}
        }
        let over = !matches!(
            self.jobs[job].phase,
            Phase::Outbound { .. } | Phase::Queued | Phase::Serving(_) | Phase::Sharing(_)
        );
        if over {
            self.settle(now, job, outputs);
        }
        self.plan(job, outputs);
        self.compact(provider, outputs);
    }

    /// Says when the job wants to be woken next, or lets it go.
    pub(super) fn plan(&mut self, job: u32, outputs: &mut Vec<Output>) {
        let Some(state) = self.jobs.get_mut(job) else {
            return;
        };
        if state.is_done() {
            state.next = Instant::NEVER;
            if state.released {
                self.jobs.discard(job);
            }
            return;
        }
        let at = state.next_instant();
        if at != state.next {
            state.next = at;
            if at != Instant::NEVER {
                outputs.push(Output::Next { job, at });
            }
        }
    }
}

/// The key of a try's draws: (call, (endpoint, n-th try at that endpoint)).
pub(super) fn try_key(receipt: &Receipt) -> (u64, u64) {
    let ordinal = u64::from(receipt.endpoint.0) << 16 | u64::from(receipt.nth_at_endpoint);
    (receipt.call.word(), ordinal)
}

/// A value of a sampler; a constant needs no draw.
pub(super) fn sample(sampler: &crate::base::dist::Sampler, u: impl FnOnce() -> f64) -> f64 {
    match sampler {
        crate::base::dist::Sampler::Constant(value) => *value,
        drawn => drawn.at(u()),
    }
}
