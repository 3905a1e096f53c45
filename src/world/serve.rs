//! Service: a job in its slot, from its start to its bill.

use crate::base::wire::{Content, Ending};
use crate::base::{Duration, Instant, Purpose};
use crate::fault::effect::Break;

use super::job::{Phase, Service};
use super::state::{Output, World, sample, try_key};

impl<N> World<N> {
    /// Begins to answer a job; a slot is free.
    pub(super) fn start(&mut self, now: Instant, job: u32) {
        let factors = self.factors(now, job);
        let hit = !self.providers[self.jobs[job].provider()].faults.is_empty();
        if hit {
            self.jobs[job].lengthen(factors.length);
            self.break_off(now, job);
        }
        self.look_into_cache(now, job);
        let (first_s, rest_s) = self.service_s(now, job);
        let state = &mut self.jobs[job];
        let p = &mut self.providers[state.provider()];
        p.busy += 1;
        state.tariff = p.tariff_now;
        let (entity, ordinal) = try_key(&state.receipt);
        let u = |purpose| self.draws.unit(purpose, entity, ordinal);
        let worth = p.worth(self.tasks.of(state.receipt.call, &self.draws));
        state.shift = factors.shift as f32;
        let quality = worth.quality * factors.quality;
        let coin = match quality >= 1.0 {
            true => 0.0,
            false => u(Purpose::QualityCoin),
        };
        let good = quality >= 1.0 || coin < quality;
        // Of those that would be good without the drift, the share that it makes subtly bad.
        state.subtle = !good && coin < quality + factors.subtle * (worth.quality - quality);
        state.content = p.content(state, (worth.json, &factors), u);
        let able = !state.request.needs.meets(p.can.lacks());
        state.good = good && able && state.content != Content::BrokenJson;
        if state.breaks != Break::Never {
            state.spoil();
        }
        let duration = Duration::from_s_f64;
        if let Some(shared) = &mut p.shared {
            // What slows everybody slows the clock; what slows this answer alone is more to do for it.
            let own = factors.slowdown / p.factors.slowdown;
            let times = (duration(first_s * own), duration(rest_s * own));
            state.phase = Phase::Sharing(shared.begin(now, (job, p.busy), times));
            return;
        }
        // Of everybody and of this request alone: a fault that ends takes both back.
        let slowdown = factors.slowdown;
        let paced_at = now + duration(first_s * slowdown);
        let ends = paced_at + duration(rest_s * slowdown);
        let done = 0;
        state.phase = Phase::Serving(Service {
            ends,
            paced_at,
            done,
        });
        // A write that may be refused has no first token.
        if state.has_first_token() && p.row.is_none() {
            state.first_seen = paced_at + state.back;
        }
    }

    /// How much of the prompt of a job that begins now its provider's cache has.
    fn look_into_cache(&mut self, now: Instant, job: u32) {
        let state = &mut self.jobs[job];
        let p = &mut self.providers[state.provider()];
        if let Some(cache) = &mut p.cache {
            let ((entity, ordinal), draws) = (try_key(&state.receipt), &self.draws);
            let u = || draws.unit(Purpose::CacheCoin, entity, ordinal);
            if p.limits_look {
                // It was looked up when it was admitted.
                cache.keep(now, &state.request);
                return;
            }
            state.cached = cache.read(now, &state.request, u);
        }
    }

    /// Seconds to the first token of a job that begins now, and from there to its end, as they are without
    /// faults and without others that share the provider.
    fn service_s(&mut self, now: Instant, job: u32) -> (f64, f64) {
        let state = &self.jobs[job];
        let provider = state.provider();
        let p = &mut self.providers[provider];
        let (entity, ordinal) = try_key(&state.receipt);
        let draws = &self.draws;
        let u = |purpose| draws.unit(purpose, entity, ordinal);
        let moment = p.common.as_mut();
        let moment = moment.map(|common| common.moment(now, provider, draws));
        let noise = |purpose, which| match &moment {
            None => u(purpose),
            Some(moment) => {
                let of_call = || draws.lot(Purpose::CallNoise, entity, which);
                moment.unit(u(purpose), of_call)
            }
        };
        let level = moment.as_ref().map_or(1.0, |moment| moment.level);
        let law = &p.law;
        let factor = sample(&law.first_token_factor, || noise(Purpose::FirstToken, 0));
        let prompt = f64::from(state.request.prompt_tokens);
        let mut first_s = law.base_s + law.per_prompt_token_s * prompt;
        if law.per_uncached_token_s > 0.0 {
            first_s += law.per_uncached_token_s * f64::from(state.uncached_tokens());
        }
        first_s *= factor;
        let steps = f64::from(state.answer_tokens().saturating_sub(1));
        let per_token_s = if law.per_token_s == 0.0 || steps == 0.0 {
            0.0
        } else {
            law.per_token_s * sample(&law.decode_factor, || noise(Purpose::Decode, 1))
        };
        let mut rest_s = steps * per_token_s;
        if moment.is_some() {
            first_s *= level;
            rest_s *= level;
        }
        // Nothing for most providers.
        first_s += p.adds_s * f64::from(p.busy);
        if let Some(row) = &mut p.row {
            row.read(job);
            let back = sample(&p.back, || u(Purpose::ReadBack));
            first_s += back + sample(&p.out, || u(Purpose::WriteOut));
        }
        if let Some(cold) = &mut p.cold {
            first_s += cold.wait_s(now, p.busy, provider, draws, u);
        }
        (first_s, rest_s)
    }

    /// A job's answer is complete at the provider.
    pub(super) fn serve_end(&mut self, now: Instant, job: u32, outputs: &mut Vec<Output>) {
        let state = &mut self.jobs[job];
        if state.breaks != Break::Never {
            let p = &self.providers[state.provider()];
            state.charge_broken(p.tariff.truncated, p.clock(now));
        }
        if state.falls_silent() {
            self.go_silent(now, job, outputs);
            return;
        }
        let answered = (now + state.back, state.said());
        let said = self.stale(now, job).unwrap_or(answered);
        self.leave_slot(now, job, Some(said), outputs);
    }

    /// Settles the bill of a job that is being served, and gives its slot to the next in the queue.
    pub(super) fn leave_slot(
        &mut self,
        now: Instant,
        job: u32,
        said: Option<(Instant, Ending)>,
        outputs: &mut Vec<Output>,
    ) {
        self.settle(now, job, outputs);
        let state = &mut self.jobs[job];
        let provider = state.provider();
        let phase = std::mem::replace(&mut state.phase, Phase::Returning(said));
        self.free_slot(now, job, phase);
        self.start_queued(now, provider, outputs);
    }

    /// A job that was in this phase is served no more.
    pub(super) fn free_slot(&mut self, now: Instant, job: u32, phase: Phase) {
        let p = &mut self.providers[self.jobs[job].provider()];
        p.busy -= 1;
        if let (Phase::Sharing(service), Some(shared)) = (phase, &mut p.shared) {
            shared.leave(now, job, &service, p.busy);
        }
        if let Some(row) = &mut p.row {
            row.forget(job);
        }
        if let Some(cold) = &mut p.cold {
            cold.worked = Some(now);
        }
    }

    /// Starts queued jobs as long as slots are free.
    pub(super) fn start_queued(
        &mut self,
        now: Instant,
        provider: usize,
        outputs: &mut Vec<Output>,
    ) {
        loop {
            let p = &mut self.providers[provider];
            if !p.has_slot() {
                return;
            }
            let Some(job) = p.queue.pop_front() else {
                return;
            };
            if self.jobs[job].phase == Phase::Dropped {
                self.jobs[job].phase = Phase::Returning(None);
                self.plan(job, outputs);
                continue;
            }
            p.queued -= 1;
            self.start(now, job);
            self.plan(job, outputs);
        }
    }

    /// Lets go of dropped jobs once they outnumber those that wait: the queue holds at most twice
    /// its bound, however many come and give up while it does not move.
    pub(super) fn compact(&mut self, provider: usize, outputs: &mut Vec<Output>) {
        let World {
            providers, jobs, ..
        } = self;
        let p = &mut providers[provider];
        if p.queue.len() <= 2 * p.queued as usize {
            return;
        }
        let mut dropped = Vec::new();
        p.queue.retain(|&job| {
            let waits = jobs[job].phase != Phase::Dropped;
            if !waits {
                dropped.push(job);
            }
            waits
        });
        for job in dropped {
            self.jobs[job].phase = Phase::Returning(None);
            self.plan(job, outputs);
        }
    }

    /// Ends a job that is not, or no longer, in a slot: what the client sees, and the bill.
    pub(super) fn end_early(
        &mut self,
        now: Instant,
        job: u32,
        ending: Ending,
        outputs: &mut Vec<Output>,
    ) {
        self.settle(now, job, outputs);
        let state = &mut self.jobs[job];
        state.phase = Phase::Returning(Some((now + state.back, ending)));
    }

    /// Sends a job's bill, once.
    pub(super) fn settle(&mut self, now: Instant, job: u32, outputs: &mut Vec<Output>) {
        let state = &mut self.jobs[job];
        if state.settled {
            return;
        }
        state.settled = true;
        let p = &mut self.providers[state.provider()];
        let clock = p.clock(now);
        state.bill = state.bill_by(clock);
        outputs.push(Output::Settled {
            job,
            receipt: state.receipt,
            usage: state.usage(p.price_of(state.tariff)),
        });
        if state.reserved {
            self.settle_limits(now, job);
        }
    }
}
