//! Faults as they come and go, and what they do to jobs in progress.

use crate::base::wire::{Advice, Code, Ending};
use crate::base::{Duration, Instant, Purpose};
use crate::fault::effect::{Cut, Factors};
use crate::fault::hits::Target;
use crate::fault::schedule::Occurrence;
use crate::provider::billing::Rule;

use super::job::{Bill, Job, NewJob, Phase, Service};
use super::state::{Output, World, try_key};

impl<N> Job<N> {
    /// What a fault may hit.
    pub(super) fn target(&self) -> Target<'_> {
        Target {
            receipt: &self.receipt,
            sender: self.request.sender,
        }
    }
}

/// A service of which everything after an instant takes `factor` times as long; the instants are those of its
/// provider's clock.
fn stretched<N>(state: &Job<N>, mut service: Service, now: Instant, factor: f64) -> Service {
    if now > service.paced_at {
        service.done = state.progress(&service, now);
        service.paced_at = now;
    }
    let stretched = |at: Instant| match at > now {
        true => now + at.since(now).scale(factor),
        false => at,
    };
    service.paced_at = stretched(service.paced_at);
    service.ends = stretched(service.ends).max(service.paced_at);
    service
}

impl<N> World<N> {
    /// When each fault is on, in the order of the scenario: tell its beginnings and ends.
    pub fn faults(&self) -> impl Iterator<Item = &[Occurrence]> {
        self.weather.times()
    }

    /// How much later a request arrives that is sent into packet loss; None: never.
    #[inline(never)]
    pub(super) fn late(&mut self, now: Instant, new: &NewJob<N>) -> Option<Duration> {
        let of = Target {
            receipt: &new.receipt,
            sender: new.request.sender,
        };
        let on = &self.providers[usize::from(new.receipt.endpoint.0)].faults;
        let (entity, ordinal) = try_key(&new.receipt);
        let u = || self.draws.unit(Purpose::PacketLoss, entity, ordinal);
        self.weather.late(on, of, (&self.draws, u), now)
    }

    /// What the faults that are on make of a job, of all that goes by requests.
    pub(super) fn factors(&mut self, now: Instant, job: u32) -> Factors {
        let state = &self.jobs[job];
        let p = &self.providers[state.provider()];
        if !p.some_hit {
            return p.factors;
        }
        let of = state.target();
        let own = self.weather.own_factors(&p.faults, of, &self.draws, now);
        p.factors.and(own)
    }

    /// A fault begins or is over.
    pub(super) fn on_fault(
        &mut self,
        now: Instant,
        fault: u16,
        starts: bool,
        outputs: &mut Vec<Output>,
    ) {
        if starts {
            self.weather.begin(fault);
        }
        let on = self.weather.on(fault).to_vec();
        for provider in on {
            let p = &mut self.providers[usize::from(provider)];
            if starts {
                p.faults.push(fault);
                p.faults.sort_unstable();
            } else {
                p.faults.retain(|&f| f != fault);
            }
            let (before, (after, some_hit)) = (p.factors, self.weather.factors(&p.faults));
            (p.factors, p.some_hit) = (after, some_hit);
            p.change_price();
            if before.limits != after.limits {
                self.advance_limits(now, usize::from(provider));
                let limits = &mut self.providers[usize::from(provider)].limits;
                limits.scale(after.limits, now);
            }
            let p = &mut self.providers[usize::from(provider)];
            if let Some(shared) = &mut p.shared {
                shared.slow(now, after.slowdown, p.busy);
            } else if before.slowdown != after.slowdown {
                let jobs = self.jobs_of(provider);
                self.stretch(now, jobs, after.slowdown / before.slowdown, outputs);
            }
            let own = self.weather.own_slowdown(fault);
            if own != 1.0 {
                let jobs = self.hit_by(now, provider, fault);
                self.stretch(now, jobs, if starts { own } else { 1.0 / own }, outputs);
            }
            if starts && let Some(cut) = self.weather.cut(fault) {
                self.cut(now, provider, (fault, cut), outputs);
            }
            self.arm(now, usize::from(provider), outputs);
        }
    }

    /// Jobs of a provider, by slot.
    fn jobs_of(&self, provider: u16) -> Vec<u32> {
        self.jobs
            .iter()
            .filter(|(_, job)| job.receipt.endpoint.0 == provider)
            .map(|(i, _)| i)
            .collect()
    }

    /// Those of them that a fault hits.
    fn hit_by(&mut self, now: Instant, provider: u16, fault: u16) -> Vec<u32> {
        let mut jobs = self.jobs_of(provider);
        let World {
            weather,
            draws,
            jobs: all,
            ..
        } = self;
        jobs.retain(|&job| weather.strikes(fault, all[job].target(), draws, now));
        jobs
    }

    /// What is left of answers in progress takes `factor` times as long.
    fn stretch(&mut self, now: Instant, jobs: Vec<u32>, factor: f64, outputs: &mut Vec<Output>) {
        for job in jobs {
            let state = &mut self.jobs[job];
            match state.phase {
                Phase::Serving(service) => {
                    let service = stretched(state, service, now, factor);
                    state.phase = Phase::Serving(service);
                    // The first token is still to come.
                    if service.paced_at > now && state.first_seen != Instant::NEVER {
                        state.first_seen = service.paced_at + state.back;
                    }
                }
                Phase::Sharing(was) => {
                    let p = &mut self.providers[state.provider()];
                    let service = stretched(state, was, p.clock(now), factor);
                    state.phase = Phase::Sharing(service);
                    if let Some(shared) = &mut p.shared {
                        shared.move_to(job, &was, &service);
                    }
                }
                _ => continue,
            }
            self.plan(job, outputs);
        }
    }

    /// What a fault that begins does to the queued jobs and answers in progress that it hits.
    fn cut(
        &mut self,
        now: Instant,
        provider: u16,
        (fault, cut): (u16, Cut),
        outputs: &mut Vec<Output>,
    ) {
        let mut left = Vec::new();
        for job in self.hit_by(now, provider, fault) {
            let phase = self.jobs[job].phase;
            let p = &mut self.providers[usize::from(provider)];
            let service = match phase {
                Phase::Serving(service) | Phase::Sharing(service) => Some(service),
                Phase::Queued => {
                    p.queued -= 1;
                    left.push(job);
                    None
                }
                Phase::Outbound { .. }
                | Phase::Stalled { .. }
                | Phase::Returning(_)
                | Phase::Dropped => {
                    continue;
                }
            };
            match cut {
                Cut::Stall => self.stall(now, job, outputs),
                Cut::Status(_) | Cut::Lose => {
                    // An answer of which something is on its way cannot become a status any more.
                    let clock = self.providers[usize::from(provider)].clock(now);
                    let begun = self.jobs[job].request.stream
                        && service.is_some_and(|s| s.paced_at <= clock);
                    let ending = match cut {
                        Cut::Status(status) if !begun => Ending::Status {
                            status,
                            code: Code::None,
                            advice: Advice::NONE,
                        },
                        _ => Ending::ConnectionLost,
                    };
                    self.charge_cut(now, job, begun, ending);
                    self.end_early(now, job, ending, outputs);
                    if !begun {
                        self.jobs[job].first_seen = Instant::NEVER;
                    }
                }
            }
            if service.is_some() {
                self.free_slot(now, job, phase);
            }
            self.plan(job, outputs);
        }
        self.leave_queue(provider, &left, outputs);
        self.start_queued(now, usize::from(provider), outputs);
    }

    /// Takes jobs out of a provider's queue, in order of their numbers, and whatever was dropped there.
    fn leave_queue(&mut self, provider: u16, left: &[u32], outputs: &mut Vec<Output>) {
        let World {
            providers, jobs, ..
        } = self;
        let mut dropped = Vec::new();
        providers[usize::from(provider)].queue.retain(|&job| {
            // One that is gone was taken out before it was let go.
            let is_dropped = jobs.get(job).is_some_and(|j| j.phase == Phase::Dropped);
            dropped.extend(is_dropped.then_some(job));
            !is_dropped && left.binary_search(&job).is_err()
        });
        for job in dropped {
            self.jobs[job].phase = Phase::Returning(None);
            self.plan(job, outputs);
        }
    }

    /// A job is cut: by default an error status is not billed, and an answer that broke off is as far as it came.
    fn charge_cut(&mut self, now: Instant, job: u32, begun: bool, ending: Ending) {
        let state = &mut self.jobs[job];
        let p = &self.providers[state.provider()];
        let (tariff, clock) = (&p.tariff, p.clock(now));
        if state.bill != Bill::Open {
            return;
        }
        state.bill = match ending {
            _ if begun => state.charged(tariff.truncated, clock),
            Ending::Status { status, .. } if tariff.on_status(status) == Rule::Prompt => {
                Bill::Answered(0)
            }
            _ => Bill::Nothing,
        };
    }

    /// It will never be answered. Its bill waits for the client to give up, if it has not.
    pub(super) fn stall(&mut self, now: Instant, job: u32, outputs: &mut Vec<Output>) {
        let state = &self.jobs[job];
        let newest = match state.phase {
            Phase::Serving(service) => state.newest_token(&service, now),
            Phase::Sharing(service) => self.newest_shared(job, &service, now),
            _ => None,
        };
        let clock = self.providers[state.provider()].clock(now);
        let state = &mut self.jobs[job];
        state.bill = state.bill_by(clock);
        let produced = match state.phase {
            Phase::Serving(service) | Phase::Sharing(service) => state.produced(&service, clock),
            _ => 0,
        };
        state.phase = Phase::Stalled {
            newest: newest.unwrap_or(Instant::ZERO),
            produced,
        };
        if state.first_seen > now + state.back {
            state.first_seen = Instant::NEVER;
        }
        if state.abandoned {
            self.settle(now, job, outputs);
        }
    }
}
