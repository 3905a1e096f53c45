//! Service: a job in its slot, from its start to its bill.

use crate::base::wire::{Content, Ending};
use crate::base::{Duration, Instant, Purpose};
use crate::provider::limits::Settle;

use super::job::{Phase, Service};
use super::state::{Output, World, sample, try_key};

impl<N> World<N> {
    /// Begins to answer a job; a slot is free.
    pub(super) fn start(&mut self, now: Instant, job: u32) {
        let state = &mut self.jobs[job];
        let p = &mut self.providers[state.provider()];
        p.busy += 1;
        let (entity, ordinal) = try_key(&state.receipt);
        let u = |purpose| self.draws.unit(purpose, entity, ordinal);
        let law = &p.law;
        let factor = sample(&law.first_token_factor, || u(Purpose::FirstToken));
        let prompt = f64::from(state.request.prompt_tokens);
        let first_s = (law.base_s + law.per_prompt_token_s * prompt) * factor;
        let steps = f64::from(state.answer_tokens().saturating_sub(1));
        let per_token_s = if law.per_token_s == 0.0 || steps == 0.0 {
            0.0
        } else {
            law.per_token_s * sample(&law.decode_factor, || u(Purpose::Decode))
        };
        if let Some(cache) = &mut p.cache {
            state.cached = cache.read(now, &state.request, || u(Purpose::CacheCoin));
        }
        let slowdown = p.factors.slowdown;
        let first_token = now + Duration::from_s_f64(first_s * slowdown);
        let ends = first_token + Duration::from_s_f64(steps * per_token_s * slowdown);
        let quality = p.quality * p.factors.quality;
        let good = quality >= 1.0 || u(Purpose::QualityCoin) < quality;
        state.content = p.content(state, u);
        let able = !state.request.needs.meets(p.can.lacks());
        state.good = good && able && state.content != Content::BrokenJson;
        state.phase = Phase::Serving(Service {
            ends,
            paced_at: first_token,
            done: 0,
        });
        if state.request.stream {
            state.first_seen = first_token + state.back;
        }
    }

    /// A job's answer is complete at the provider.
    pub(super) fn serve_end(&mut self, now: Instant, job: u32, outputs: &mut Vec<Output>) {
        let state = &mut self.jobs[job];
        let cut = state.is_cut();
        let ending = Ending::Answer {
            cut_by_max_tokens: cut,
            tokens: state.answer_tokens(),
            content: state.content,
        };
        let seen = now + state.back;
        self.leave_slot(now, job, Some((seen, ending)), outputs);
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
        state.phase = Phase::Returning(said);
        let provider = state.provider();
        self.providers[provider].busy -= 1;
        self.start_queued(now, provider, outputs);
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
        state.bill = state.bill_by(now);
        let p = &mut self.providers[state.provider()];
        outputs.push(Output::Settled {
            job,
            receipt: state.receipt,
            usage: state.usage(&p.tariff),
        });
        let limits = &mut p.limits;
        if let (Settle::Actual, Phase::Serving(service)) = (limits.settle, state.phase) {
            // What was produced has used the limit, whether it is billed or not.
            let produced = state.produced(&service, now);
            let unused = u64::from(state.request.max_tokens.saturating_sub(produced));
            for limit in limits.all.iter_mut().filter(|limit| limit.counts_answers()) {
                limit.bucket.put(unused, now);
            }
        }
    }
}
