//! A request reaches its provider: what becomes of it, in the order the module names.

use crate::base::wire::{Code, Ending};
use crate::base::{Duration, Instant, Purpose};
use crate::fault::effect::Verdict;
use crate::provider::billing::Rule;
use crate::provider::can::Otherwise;

use super::job::{Bill, Phase};
use super::state::{Output, World, try_key};

impl<N> World<N> {
    /// A job's request reaches its provider.
    pub(super) fn arrive(&mut self, now: Instant, job: u32, outputs: &mut Vec<Output>) {
        let provider = self.jobs[job].provider();
        let state = &self.jobs[job];
        let of = (state.target(), state.request.stream);
        let on = &self.providers[provider].faults;
        match self.weather.verdict(on, of, &self.draws, now) {
            Verdict::Pass => {}
            Verdict::Respond { status, code } => {
                self.refuse(now, job, status, code, None, outputs);
                return;
            }
            Verdict::RespondInStream { code } => {
                self.refuse(now, job, 200, code, None, outputs);
                return;
            }
            Verdict::Stall => {
                self.stall(now, job, outputs);
                return;
            }
            Verdict::Lose => {
                self.jobs[job].phase = Phase::LOST;
                return;
            }
            Verdict::Drop => {
                self.end_early(now, job, Ending::ConnectionRefused, outputs);
                return;
            }
        }
        if self.is_too_long(job) {
            self.refuse(now, job, 400, Code::RequestTooLarge, None, outputs);
            return;
        }
        if self.is_beyond(job) {
            self.refuse(now, job, 400, Code::Unsupported, None, outputs);
            return;
        }
        if let Err(no) = self.admit(now, job) {
            self.jobs[job].refused_for = Some(no.dimension);
            self.refuse(now, job, no.status, no.code, no.wait, outputs);
            return;
        }
        if let Some((status, code)) = self.error_coin(now, job) {
            self.refuse(now, job, status, code, None, outputs);
            return;
        }
        let p = &mut self.providers[provider];
        if let Some(scaling) = &mut p.scaling {
            scaling.awake(now);
        }
        if p.has_slot() {
            self.start(now, job);
        } else if p.has_room() {
            p.queue.push_back(job);
            p.queued += 1;
            self.jobs[job].phase = Phase::Queued;
        } else if let Some(status) = p.room.map_or(Some(503), |room| room.full_status) {
            self.refuse(now, job, status, Code::Overloaded, None, outputs);
        } else {
            self.stall(now, job, outputs);
        }
        self.arm(now, provider, outputs);
    }

    /// Whether a request does not fit into the context window.
    fn is_too_long(&self, job: u32) -> bool {
        let job = &self.jobs[job];
        let most = self.providers[job.provider()].context_window;
        let tokens = u64::from(job.request.prompt_tokens) + u64::from(job.request.max_tokens);
        most.is_some_and(|most| tokens > u64::from(most))
    }

    /// Whether a request needs what its provider cannot do, and is refused for it.
    fn is_beyond(&self, job: u32) -> bool {
        let job = &self.jobs[job];
        let can = &self.providers[job.provider()].can;
        can.otherwise == Otherwise::Refuse && job.request.needs.meets(can.lacks())
    }

    /// Whether this try meets the error rate of its moment.
    fn error_coin(&mut self, now: Instant, job: u32) -> Option<(u16, Code)> {
        let (entity, ordinal) = try_key(&self.jobs[job].receipt);
        let on = &self.providers[self.jobs[job].provider()].faults;
        let (draws, of) = (&self.draws, self.jobs[job].target());
        let u = || draws.unit(Purpose::ErrorCoin, entity, ordinal);
        self.weather.error(on, of, (draws, u), now)
    }

    fn refuse(
        &mut self,
        now: Instant,
        job: u32,
        status: u16,
        code: Code,
        retry_after: Option<Duration>,
        outputs: &mut Vec<Output>,
    ) {
        let p = &self.providers[self.jobs[job].provider()];
        if p.tariff.on_status(status) == Rule::Prompt && !self.jobs[job].abandoned {
            self.jobs[job].bill = Bill::Answered(0);
        }
        let advice = &p.advice;
        let advice = advice.beside(status, code, retry_after);
        let ending = Ending::Status {
            status,
            code,
            advice,
        };
        self.end_early(now, job, ending, outputs);
    }
}
