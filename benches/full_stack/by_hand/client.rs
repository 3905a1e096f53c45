//! The client's side, forth: route, budget, breaker, hedge, timeouts, deadline.

use squall::base::{Class, Failure, Instant, Origin, Refusal, Verdict};

use super::super::model::{
    ATTEMPTS, BUDGET_RATIO, DEADLINE, FIRST_TOKEN_TIMEOUT, HEDGE_AFTER, TOTAL_TIMEOUT,
};
use super::process::RETRY;
use super::{ABOUT_CALL, Loop, WAKE};

/// One call.
pub(super) struct Call {
    pub(super) id: u64,
    pub(super) prompt: u32,
    pub(super) answer: u32,
    pub(super) scopes: u8,
    /// Tries by provider.
    pub(super) tries: [u16; 2],
    /// A hedge and what it hedges: never more.
    pub(super) in_flight: [Option<u32>; 2],
    pub(super) arrived: Instant,
    /// The first attempt, and the one that answered: when it was sent, and where to.
    pub(super) first: Option<(Instant, u8)>,
    pub(super) answered: Option<(Instant, u8)>,
    pub(super) first_token: Instant,
    pub(super) process: u32,
    pub(super) made: u16,
    hedged: bool,
    /// The provider of the newest attempt; after a failure, of the one that decided.
    pub(super) place: u8,
    pub(super) retry_at: Instant,
    pub(super) hedge_at: Instant,
    /// Who asked last to wait, and until when.
    pub(super) stated: (u8, Instant),
    pub(super) waits: u64,
    parked: Instant,
}

impl Call {
    pub(super) fn new(
        id: u64,
        now: Instant,
        process: u32,
        prompt: u32,
        answer: u32,
        scopes: u8,
    ) -> Call {
        Call {
            id,
            prompt,
            answer,
            scopes,
            tries: [0; 2],
            in_flight: [None; 2],
            arrived: now,
            first: None,
            answered: None,
            first_token: now,
            process,
            made: 0,
            hedged: false,
            place: 0,
            retry_at: Instant::NEVER,
            hedge_at: Instant::NEVER,
            stated: (0, Instant::ZERO),
            waits: 0,
            parked: Instant::NEVER,
        }
    }

    pub(super) fn deadline(&self) -> Instant {
        self.arrived + DEADLINE
    }
}

impl Loop {
    /// A call arrives.
    pub(super) fn begin(&mut self, now: Instant, call: u32) {
        let process = &mut self.processes[self.calls[call].process as usize];
        process
            .budget
            .put((BUDGET_RATIO * RETRY as f64) as u64, now);
        if let Err(refusal) = self.try_from(now, call, 0) {
            self.give_up(now, call, refusal);
        }
        self.park(call);
    }

    /// Parks a call's timer, earlier if need be.
    pub(super) fn park(&mut self, call: u32) {
        let Some(c) = self.calls.get(call) else {
            return;
        };
        let mut at = c.deadline().min(c.retry_at).min(c.hedge_at);
        for job in c.in_flight.into_iter().flatten() {
            let j = &self.jobs[job];
            let limit = if j.begun {
                TOTAL_TIMEOUT
            } else {
                FIRST_TOKEN_TIMEOUT
            };
            at = at.min(j.sent + limit);
        }
        if at < c.parked {
            self.calls[call].parked = at;
            self.queue.push(at, WAKE, call << 2 | ABOUT_CALL);
        }
    }

    pub(super) fn wake_call(&mut self, now: Instant, call: u32) {
        let Some(c) = self.calls.get_mut(call) else {
            return;
        };
        if c.parked != now {
            return;
        }
        c.parked = Instant::NEVER;
        if now >= c.deadline() {
            for job in c.in_flight.into_iter().flatten() {
                self.stop(now, job, Class::TimedOut);
            }
            return self.finish(now, call, Verdict::Failed(Failure::Expired), false);
        }
        self.check_timeouts(now, call);
        if let Some(c) = self.calls.get_mut(call)
            && now >= c.retry_at
        {
            c.retry_at = Instant::NEVER;
            if let Err(refusal) = self.try_from(now, call, 0) {
                self.give_up(now, call, refusal);
            }
        }
        if self.calls.get(call).is_some_and(|c| now >= c.hedge_at) {
            self.hedge(now, call);
        }
        self.park(call);
    }

    fn check_timeouts(&mut self, now: Instant, call: u32) {
        for i in 0..2 {
            let Some(job) = self.calls.get(call).and_then(|c| c.in_flight[i]) else {
                continue;
            };
            let j = &self.jobs[job];
            let limit = if j.begun {
                TOTAL_TIMEOUT
            } else {
                FIRST_TOKEN_TIMEOUT
            };
            if now >= j.sent + limit {
                let (begun, provider) = (j.begun, j.provider);
                self.stop(now, job, Class::TimedOut);
                self.after_failure(now, call, provider, begun, None);
            }
        }
    }

    /// Sends an attempt to the first provider from `from` on that nobody refuses.
    pub(super) fn try_from(&mut self, now: Instant, call: u32, from: u8) -> Result<(), Refusal> {
        let c = &self.calls[call];
        if now >= c.deadline() {
            return Err(Refusal::PastDeadline);
        }
        if c.made >= ATTEMPTS {
            return Err(Refusal::AttemptsSpent);
        }
        let mut last = Refusal::NoEndpoint;
        for provider in from..2 {
            match self.ask(now, call, provider) {
                Ok(probe) => {
                    self.dispatch(now, call, provider, probe);
                    return Ok(());
                }
                Err(refusal) => {
                    self.sums.on_refused(self.calls[call].scopes, refusal);
                    last = refusal;
                }
            }
        }
        Err(last)
    }

    /// Asks the budget, if this is not the first attempt, and the breaker.
    fn ask(&mut self, now: Instant, call: u32, provider: u8) -> Result<bool, Refusal> {
        let c = &self.calls[call];
        let process = &mut self.processes[c.process as usize];
        if c.made > 0 && !process.budget.has(RETRY, now) {
            return Err(Refusal::BudgetShare);
        }
        let answer = process.breakers[provider as usize].ask(now);
        answer.ok_or(Refusal::BreakerOpen)
    }

    fn dispatch(&mut self, now: Instant, call: u32, provider: u8, probe: bool) {
        let c = &self.calls[call];
        let process = &mut self.processes[c.process as usize];
        let origin = match c.made {
            0 => Origin::First,
            _ if c.in_flight != [None; 2] => Origin::Hedge,
            _ if provider == c.place => Origin::Retry,
            _ => Origin::Failover,
        };
        if c.made > 0 {
            process.budget.charge(RETRY, now);
        }
        let pass = process.breakers[provider as usize].pass(probe);
        let job = self.send(now, call, provider, pass);
        let c = &mut self.calls[call];
        let fresh = c.first.is_none();
        c.first.get_or_insert((now, provider));
        let free = usize::from(c.in_flight[0].is_some());
        c.in_flight[free] = Some(job);
        c.made += 1;
        c.tries[provider as usize] += 1;
        c.place = provider;
        c.hedged |= origin == Origin::Hedge;
        c.hedge_at = if c.hedged {
            Instant::NEVER
        } else {
            now + HEDGE_AFTER
        };
        self.sums.on_attempt(now, c.scopes, origin, probe, fresh);
    }

    /// The newest attempt was silent for too long: the other provider is asked as well.
    fn hedge(&mut self, now: Instant, call: u32) {
        let c = &mut self.calls[call];
        c.hedge_at = Instant::NEVER;
        let other = 1 - c.place;
        let refusal = if c.made >= ATTEMPTS {
            Refusal::AttemptsSpent
        } else {
            match self.ask(now, call, other) {
                Ok(probe) => return self.dispatch(now, call, other, probe),
                Err(refusal) => refusal,
            }
        };
        self.sums.on_refused(self.calls[call].scopes, refusal);
    }
}
