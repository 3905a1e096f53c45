//! The client's side, back: what an ending means and what follows from it.

use squall::base::{Class, Duration, Failure, Instant, Purpose, Refusal, Verdict};

use super::super::model::{ATTEMPTS, BACKOFF_BASE, BACKOFF_CAP};
use super::Loop;
use super::process::RETRY;
use super::provider::End;

/// The longest stated wait that is honoured, if nothing else is set.
const SERVER_WAIT_CAP: Duration = Duration::from_s(60);

impl Loop {
    /// The first token of an attempt: its answer is the call's, and the other attempt is stopped.
    pub(super) fn on_first_token(&mut self, now: Instant, job: u32) {
        let j = &mut self.jobs[job];
        j.begun = true;
        let call = j.call;
        let c = &mut self.calls[call];
        c.hedge_at = Instant::NEVER;
        c.answered = Some((j.sent, j.provider));
        c.first_token = now;
        for other in c.in_flight.into_iter().flatten() {
            if other != job {
                self.stop(now, other, Class::Cancelled);
            }
        }
    }

    /// The end of an attempt, as its client sees it.
    pub(super) fn on_end(&mut self, now: Instant, job: u32, end: End) {
        let j = &self.jobs[job];
        let (call, scopes, provider) = (j.call, j.scopes, j.provider);
        match end {
            End::Answer { good } => {
                self.sums.on_status(scopes, 200);
                self.end_attempt(now, job, Class::Ok);
                self.finish(now, call, Verdict::Success, good);
            }
            End::Status(status, wait) => {
                self.sums.on_status(scopes, status);
                let class = if status == 429 {
                    Class::RateLimited
                } else {
                    Class::Overloaded
                };
                self.end_attempt(now, job, class);
                self.after_failure(now, call, provider, false, wait);
                self.park(call);
            }
            End::Lost => {
                self.end_attempt(now, job, Class::Truncated);
                self.after_failure(now, call, provider, true, None);
            }
        }
    }

    /// Gives an attempt up.
    pub(super) fn stop(&mut self, now: Instant, job: u32, class: Class) {
        self.end_attempt(now, job, class);
        self.abandon(job);
    }

    fn end_attempt(&mut self, now: Instant, job: u32, class: Class) {
        let j = &mut self.jobs[job];
        j.class = Some(class);
        let c = &mut self.calls[j.call];
        let place = usize::from(c.in_flight[0] != Some(job));
        c.in_flight[place] = None;
        let failed = match class {
            Class::Ok => Some(false),
            Class::Cancelled | Class::RateLimited => None,
            _ => Some(true),
        };
        let breakers = &mut self.processes[c.process as usize].breakers;
        let opened = breakers[j.provider as usize].on_end(now, j.pass, failed);
        if opened {
            self.sums.on_trip(now);
        }
        self.file(job);
    }

    /// Fails over, waits for a retry, or gives up; an answer that had begun cannot be taken back.
    pub(super) fn after_failure(
        &mut self,
        now: Instant,
        call: u32,
        provider: u8,
        begun: bool,
        stated: Option<Duration>,
    ) {
        if begun {
            return self.finish(now, call, Verdict::Failed(Failure::Truncated), false);
        }
        let c = &mut self.calls[call];
        if let Some(wait) = stated {
            c.stated = (provider, now + wait);
        }
        if c.in_flight != [None; 2] {
            return;
        }
        c.hedge_at = Instant::NEVER;
        c.place = provider;
        if let Err(refusal) = self.go_on(now, call) {
            self.give_up(now, call, refusal);
        }
    }

    fn go_on(&mut self, now: Instant, call: u32) -> Result<(), Refusal> {
        let c = &self.calls[call];
        let (place, scopes) = (c.place, c.scopes);
        if c.made >= ATTEMPTS {
            return Err(Refusal::AttemptsSpent);
        }
        if !self.processes[c.process as usize].budget.has(RETRY, now) {
            self.sums.on_refused(scopes, Refusal::BudgetShare);
            return Err(Refusal::BudgetShare);
        }
        if place == 0 && self.try_from(now, call, 1).is_ok() {
            return Ok(());
        }
        let c = &mut self.calls[call];
        // What the second provider asked for says nothing about the first.
        let (who, until) = c.stated;
        let stated = (who == 0 && until > now).then(|| until.since(now));
        let stated = stated.filter(|w| *w <= SERVER_WAIT_CAP);
        let wait = stated.unwrap_or_else(|| {
            let doublings = c.tries[0].max(1) - 1;
            let most = BACKOFF_BASE.scale(f64::from(1 << doublings));
            let u = self.draws.unit(Purpose::Jitter, c.id, c.waits);
            most.min(BACKOFF_CAP).scale(u)
        });
        c.waits += 1;
        if wait.is_zero() {
            return self.try_from(now, call, 0);
        }
        if now + wait >= c.deadline() {
            return Err(Refusal::PastDeadline);
        }
        c.retry_at = now + wait;
        Ok(())
    }

    /// No attempt is made any more.
    pub(super) fn give_up(&mut self, now: Instant, call: u32, refusal: Refusal) {
        let c = &self.calls[call];
        if matches!(refusal, Refusal::AttemptsSpent | Refusal::PastDeadline) {
            self.sums.on_refused(c.scopes, refusal);
        }
        let failure = if c.made == 0 {
            Failure::Refused
        } else {
            Failure::Exhausted
        };
        self.finish(now, call, Verdict::Failed(failure), false);
    }

    pub(super) fn finish(&mut self, now: Instant, call: u32, verdict: Verdict, good: bool) {
        let c = self.calls.remove(call);
        self.open -= u64::from(c.scopes & 1);
        self.sums.on_finish(now, &c, verdict, good);
    }
}
