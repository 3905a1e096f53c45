//! A request reaches its provider: what becomes of it, in the order the module names.

use crate::base::wire::{Code, Ending, RetryAfter};
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
        match self.weather.verdict(&self.providers[provider].faults) {
            Verdict::Pass => {}
            Verdict::Respond { status, code } => {
                self.refuse(now, job, status, code, None, outputs);
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
        if let Err((code, retry_after)) = self.admit(now, job) {
            self.refuse(now, job, 429, code, retry_after, outputs);
            return;
        }
        if let Some((status, code)) = self.error_coin(now, job) {
            self.refuse(now, job, status, code, None, outputs);
            return;
        }
        let p = &mut self.providers[provider];
        if p.has_slot() {
            self.start(now, job);
        } else if p.has_room() {
            p.queue.push_back(job);
            p.queued += 1;
            self.jobs[job].phase = Phase::Queued;
        } else {
            let status = p.slots.as_ref().map_or(503, |slots| slots.full_status);
            self.refuse(now, job, status, Code::Overloaded, None, outputs);
        }
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

    /// Takes a request from all limits, or from none.
    ///
    /// # Errors
    /// The code of the 429 and the wait it states.
    fn admit(&mut self, now: Instant, job: u32) -> Result<(), (Code, Option<Duration>)> {
        let request = self.jobs[job].request;
        let p = &mut self.providers[self.jobs[job].provider()];
        let storm_ends = self.weather.storm(&p.faults).map(|(_, until)| until);
        let (prompt, max) = (
            u64::from(request.prompt_tokens),
            u64::from(request.max_tokens),
        );
        let mut wait = Some(Duration::ZERO);
        let mut refused = false;
        for limit in &mut p.limits.all {
            let wanted = limit.wanted(prompt, max);
            if wanted > limit.capacity {
                return Err((Code::RequestTooLarge, None));
            }
            if !limit.bucket.has(wanted, now) {
                refused = true;
                wait = wait
                    .zip(limit.wait(wanted, now, storm_ends))
                    .map(|(a, b)| a.max(b));
            }
        }
        if refused {
            return Err((Code::RateLimit, self.stated_wait(job, wait)));
        }
        for limit in &mut p.limits.all {
            let wanted = limit.wanted(prompt, max);
            limit.bucket.charge(wanted, now);
        }
        Ok(())
    }

    /// What a 429 says about waiting: the storm decides, if there is one.
    fn stated_wait(&self, job: u32, right: Option<Duration>) -> Option<Duration> {
        let p = &self.providers[self.jobs[job].provider()];
        let storm = self.weather.storm(&p.faults);
        match storm
            .and_then(|(stated, _)| stated)
            .unwrap_or(p.limits.retry_after)
        {
            RetryAfter::Missing => None,
            RetryAfter::Identical(stated) => Some(stated),
            RetryAfter::Right => right,
        }
    }

    /// Whether this try meets the error rate of its moment.
    fn error_coin(&mut self, now: Instant, job: u32) -> Option<(u16, Code)> {
        let (entity, ordinal) = try_key(&self.jobs[job].receipt);
        let on = &self.providers[self.jobs[job].provider()].faults;
        let draws = &self.draws;
        let u = || draws.unit(Purpose::ErrorCoin, entity, ordinal);
        self.weather.error(on, draws, now, u)
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
