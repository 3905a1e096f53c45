//! Faults as they come and go, and what they do to jobs in progress.

use crate::base::wire::{Advice, Code, Ending, RetryAfter};
use crate::base::{Draws, Instant};
use crate::fault::Config;
use crate::fault::effect::error_rate::Spells;
use crate::fault::effect::{Config as Effect, Factors, Verdict};
use crate::provider::billing::Rule;

use super::job::{Bill, Phase};
use super::state::{Output, World};

/// The faults of a scenario.
#[derive(Clone, Debug)]
pub(super) struct Weather {
    faults: Vec<Fault>,
}

#[derive(Clone, Debug)]
struct Fault {
    effect: Effect,
    until: Instant,
    /// Providers it hits.
    on: Vec<u16>,
    spells: Option<Spells>,
}

impl Weather {
    pub(super) fn new(faults: &[Config], names: &[&str]) -> Weather {
        let fault = |(i, config): (usize, &Config)| Fault {
            effect: config.effect.clone(),
            until: config.to(),
            on: (0..names.len() as u16)
                .filter(|&p| config.on.iter().any(|name| name == names[usize::from(p)]))
                .collect(),
            spells: match &config.effect {
                Effect::ErrorRate(rate) => Some(rate.spells(i as u64, config.from())),
                _ => None,
            },
        };
        Weather {
            faults: faults.iter().enumerate().map(fault).collect(),
        }
    }

    /// What the faults that are on make of a request: the first that does not pass counts.
    pub(super) fn verdict(&self, on: &[u16]) -> Verdict {
        let verdicts = on
            .iter()
            .map(|&i| match &self.faults[usize::from(i)].effect {
                Effect::Outage(outage) => outage.verdict(),
                Effect::Hang(_) => Verdict::Stall,
                Effect::Unreachable(_) => Verdict::Lose,
                Effect::RefusedConnections(_) => Verdict::Drop,
                Effect::Brownout(_)
                | Effect::ErrorRate(_)
                | Effect::RateLimit(_)
                | Effect::Drift(_) => Verdict::Pass,
            });
        let mut verdicts = verdicts.filter(|v| *v != Verdict::Pass);
        verdicts.next().unwrap_or(Verdict::Pass)
    }

    /// What the first 429 storm that is on says about waiting, and when the last of them ends.
    pub(super) fn storm(&self, on: &[u16]) -> Option<(Option<RetryAfter>, Instant)> {
        let storms = on.iter().filter_map(|&i| {
            let fault = &self.faults[usize::from(i)];
            match &fault.effect {
                Effect::RateLimit(limit) => Some((limit.retry_after, fault.until)),
                _ => None,
            }
        });
        storms.reduce(|(stated, until), (_, other)| (stated, until.max(other)))
    }

    /// The status of a try that meets an error rate now: 1 − Π(1 − p) over the rates that are on fail, each
    /// rate's part of them with its own status. `u` is the try's own coin, thrown if there is a rate.
    pub(super) fn error(
        &mut self,
        on: &[u16],
        draws: &Draws,
        now: Instant,
        u: impl FnOnce() -> f64,
    ) -> Option<(u16, Code)> {
        let (mut pass, mut u, mut coin) = (1.0, Some(u), 1.0);
        for &i in on {
            let fault = &mut self.faults[usize::from(i)];
            if let (Effect::ErrorRate(config), Some(spells)) = (&fault.effect, &mut fault.spells) {
                if let Some(u) = u.take() {
                    coin = u();
                }
                pass *= 1.0 - spells.rate(draws, now);
                if coin < 1.0 - pass {
                    return Some((config.status, config.code()));
                }
            }
        }
        None
    }

    fn factors(&self, on: &[u16]) -> Factors {
        on.iter()
            .map(|&i| self.faults[usize::from(i)].effect.factors())
            .fold(Factors::default(), Factors::and)
    }
}

impl<N> World<N> {
    /// A fault begins or is over.
    pub(super) fn on_fault(
        &mut self,
        now: Instant,
        fault: u16,
        starts: bool,
        outputs: &mut Vec<Output>,
    ) {
        let on = self.weather.faults[usize::from(fault)].on.clone();
        for provider in on {
            let p = &mut self.providers[usize::from(provider)];
            if starts {
                p.faults.push(fault);
                p.faults.sort_unstable();
            } else {
                p.faults.retain(|&f| f != fault);
            }
            let (before, after) = (p.factors, self.weather.factors(&p.faults));
            p.factors = after;
            if before.limits != after.limits {
                for limit in &mut p.limits.all {
                    limit.scale(after.limits, now);
                }
            }
            if before.slowdown != after.slowdown {
                self.stretch(now, provider, after.slowdown / before.slowdown, outputs);
            }
            if starts {
                self.cut(now, provider, fault, outputs);
            }
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

    /// What is left of every answer in progress takes `factor` times as long.
    fn stretch(&mut self, now: Instant, provider: u16, factor: f64, outputs: &mut Vec<Output>) {
        for job in self.jobs_of(provider) {
            let state = &mut self.jobs[job];
            let Phase::Serving(mut service) = state.phase else {
                continue;
            };
            if now > service.paced_at {
                service.done = state.progress(&service, now);
                service.paced_at = now;
            }
            let stretched = |at: Instant| {
                if at > now {
                    now + at.since(now).scale(factor)
                } else {
                    at
                }
            };
            service.paced_at = stretched(service.paced_at);
            service.ends = stretched(service.ends).max(service.paced_at);
            state.phase = Phase::Serving(service);
            // The first token is still to come.
            if service.paced_at > now && state.first_seen != Instant::NEVER {
                state.first_seen = service.paced_at + state.back;
            }
            self.plan(job, outputs);
        }
    }

    /// What a fault that begins does to queued jobs and answers in progress.
    fn cut(&mut self, now: Instant, provider: u16, fault: u16, outputs: &mut Vec<Output>) {
        let (ending, stalls) = match &self.weather.faults[usize::from(fault)].effect {
            Effect::Outage(outage) if outage.cuts_answers => (
                Ending::Status {
                    status: outage.status,
                    code: Code::None,
                    advice: Advice::NONE,
                },
                false,
            ),
            Effect::RefusedConnections(_) => (Ending::ConnectionLost, false),
            Effect::Hang(_) | Effect::Unreachable(_) => (Ending::ConnectionLost, true),
            Effect::Outage(_)
            | Effect::Brownout(_)
            | Effect::ErrorRate(_)
            | Effect::RateLimit(_)
            | Effect::Drift(_) => return,
        };
        for job in self.jobs_of(provider) {
            let phase = self.jobs[job].phase;
            let service = match phase {
                Phase::Serving(service) => Some(service),
                Phase::Queued => None,
                Phase::Outbound { .. }
                | Phase::Stalled { .. }
                | Phase::Returning(_)
                | Phase::Dropped => {
                    continue;
                }
            };
            if stalls {
                self.stall(now, job, outputs);
            } else {
                // An answer of which something is on its way cannot become a status any more.
                let begun =
                    self.jobs[job].request.stream && service.is_some_and(|s| s.paced_at <= now);
                let ending = if begun {
                    Ending::ConnectionLost
                } else {
                    ending
                };
                self.charge_cut(now, job, begun, ending);
                self.end_early(now, job, ending, outputs);
                if !begun {
                    self.jobs[job].first_seen = Instant::NEVER;
                }
            }
            self.plan(job, outputs);
        }
        let p = &mut self.providers[usize::from(provider)];
        p.busy = 0;
        p.queued = 0;
        let left: Vec<u32> = p.queue.drain(..).collect();
        for job in left {
            if self
                .jobs
                .get(job)
                .is_some_and(|j| j.phase == Phase::Dropped)
            {
                self.jobs[job].phase = Phase::Returning(None);
                self.plan(job, outputs);
            }
        }
    }

    /// A job is cut: by default an error status is not billed, and an answer that broke off is as far as it came.
    fn charge_cut(&mut self, now: Instant, job: u32, begun: bool, ending: Ending) {
        let state = &mut self.jobs[job];
        let tariff = &self.providers[state.provider()].tariff;
        if state.bill != Bill::Open {
            return;
        }
        state.bill = match ending {
            _ if begun => state.charged(tariff.truncated, now),
            Ending::Status { status, .. } if tariff.on_status(status) == Rule::Prompt => {
                Bill::Answered(0)
            }
            _ => Bill::Nothing,
        };
    }

    /// It will never be answered. Its bill waits for the client to give up, if it has not.
    pub(super) fn stall(&mut self, now: Instant, job: u32, outputs: &mut Vec<Output>) {
        let state = &mut self.jobs[job];
        state.bill = state.bill_by(now);
        let newest = match state.phase {
            Phase::Serving(service) => state.newest_token(&service, now),
            _ => None,
        };
        state.phase = Phase::Stalled {
            newest: newest.unwrap_or(Instant::ZERO),
        };
        if state.first_seen > now + state.back {
            state.first_seen = Instant::NEVER;
        }
        if state.abandoned {
            self.settle(now, job, outputs);
        }
    }
}
