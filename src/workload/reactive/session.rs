//! One session: a user, a conversation, or a caller with his reloads.

use super::super::arrivals::{Config as ArrivalsConfig, closed::LEAST_PAUSE};
use super::super::conversations::{AfterFailure, Context, Conversations};
use super::super::traffic::{Plan, Submission};
use super::{MOST_STEPS, Output, call_id};
use crate::base::wire::Sender;
use crate::base::{CallId, Draws, Duration, Instant, Purpose, Verdict};

/// A session that is to begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    /// Its number.
    pub(super) number: u32,
    /// When.
    pub(super) at: Instant,
    /// The number of the arrival: the row of a trace.
    pub(super) n: u64,
}

/// The state of a session.
#[derive(Clone, Debug)]
pub(super) struct Session {
    /// When it is to be woken by the timer that is set.
    pub(super) armed: Instant,
    /// When the next step begins; [`Instant::NEVER`] while calls of this one are open.
    next_at: Instant,
    /// Steps begun so far, and of this conversation.
    steps: u32,
    step_of_conversation: u32,
    /// On whose behalf; `turn` is the number of the next call.
    sender: Sender,
    /// Which conversation of the session it is.
    conversation: u32,
    /// Tokens that were said so far in this conversation.
    said: u32,
    runaway: bool,
    /// Whose mix of calls it has.
    tenant: usize,
    /// The arrival that began it, where sizes come from a trace.
    row: u64,
    /// The calls of this step that have no answer yet.
    open: Vec<Branch>,
    /// Whether any call of this step was answered, and tokens said in it.
    answered: bool,
    said_now: u32,
}

/// One of the calls of a step.
#[derive(Clone, Copy, Debug)]
struct Branch {
    place: u16,
    reload: u16,
    asks: Submission,
    /// Tokens it brings that were not said before.
    own: u32,
    /// When the caller gives up the open call, or asks again.
    at: Instant,
    is_open: bool,
}

impl Session {
    /// A user of a closed loop, who begins within one think time.
    pub(super) fn of_user(plan: &Plan, user: u32, draws: &Draws) -> Session {
        let mut session = Session::new(plan, (user, 0), draws);
        session.sender.user = user + 1;
        let key = call_id(user, 0, 0, 0).word();
        let within = draws.unit(Purpose::Think, key, 1);
        let think = plan.laws().between(|| draws.unit(Purpose::Think, key, 0));
        session.next_at = Instant::ZERO + think.scale(within).max(LEAST_PAUSE);
        session.begin(plan, user, draws);
        session
    }

    /// What an arrival begins.
    pub(super) fn of_start(plan: &Plan, start: Start, draws: &Draws) -> Session {
        let mut session = Session::new(plan, (start.number, start.n), draws);
        session.next_at = start.at;
        session.begin(plan, start.number, draws);
        session
    }

    fn new(plan: &Plan, (number, row): (u32, u64), draws: &Draws) -> Session {
        Session {
            tenant: plan.tenant(draws, call_id(number, 0, 0, 0).word()),
            armed: Instant::NEVER,
            next_at: Instant::NEVER,
            steps: 0,
            step_of_conversation: 0,
            sender: Sender::NOBODY,
            conversation: 0,
            said: 0,
            runaway: false,
            row,
            open: Vec::new(),
            answered: false,
            said_now: 0,
        }
    }

    /// A conversation begins, if there are any.
    fn begin(&mut self, plan: &Plan, number: u32, draws: &Draws) {
        (self.step_of_conversation, self.said, self.sender.turn) = (0, 0, 0);
        let Some(conversations) = &plan.config().conversations else {
            return;
        };
        let sessions = match &plan.config().arrivals {
            ArrivalsConfig::Closed(closed) => closed.users,
            _ => 1,
        };
        // From 1, each its own, the later the higher.
        let before = self.conversation.saturating_mul(sessions);
        self.sender.conversation = before.saturating_add(number).saturating_add(1);
        self.conversation += 1;
        let share = conversations.runaway.0;
        let key = call_id(number, self.steps, 0, 0).word();
        let coin = || draws.unit(Purpose::Conversation, key, 0);
        self.runaway = share >= 1.0 || share > 0.0 && coin() < share;
    }

    /// When it wants to be woken.
    pub(super) fn wake_at(&self) -> Instant {
        let open = self.open.iter().map(|branch| branch.at);
        open.fold(self.next_at, Instant::min)
    }

    /// Whether nothing more is to come of it.
    pub(super) fn is_over(&self) -> bool {
        self.next_at == Instant::NEVER && self.open.is_empty()
    }

    /// Does what is due.
    pub(super) fn wake(
        &mut self,
        plan: &Plan,
        number: u32,
        now: Instant,
        draws: &Draws,
        outputs: &mut Vec<Output>,
    ) {
        if self.next_at <= now {
            self.step(plan, number, now, draws, outputs);
        }
        for branch in self.open.iter_mut().filter(|branch| branch.at <= now) {
            if branch.is_open {
                branch.at = Instant::NEVER;
                let call = branch.asks.id;
                outputs.push(Output::Cancel { call });
            } else {
                branch.reload += 1;
                branch.is_open = true;
                let step = self.steps - 1;
                let id = call_id(number, step, branch.place, branch.reload);
                branch.asks = Submission {
                    id,
                    at: now,
                    ..branch.asks
                };
                branch.asks.request.sender.turn = self.sender.turn;
                branch.asks.request.sender.repeats = branch.asks.request.prompt_tokens;
                self.sender.turn = self.sender.turn.saturating_add(1);
                branch.at = patience(plan, id, now, draws);
                outputs.push(Output::Submit(branch.asks));
            }
        }
    }

    /// The calls of the next step.
    fn step(
        &mut self,
        plan: &Plan,
        number: u32,
        now: Instant,
        draws: &Draws,
        outputs: &mut Vec<Output>,
    ) {
        let conversations = plan.config().conversations.as_ref();
        let follows = conversations.filter(|c| c.follows());
        self.next_at = Instant::NEVER;
        (self.answered, self.said_now) = (false, 0);
        for place in 0..follows.map_or(1, |c| c.parallel) {
            let id = call_id(number, self.steps, place, 0);
            let mut asks = plan.submission(id, now, (self.tenant, self.row), self.sender, draws);
            if self.steps == 0 && self.sender.user == 0 {
                self.sender.user = asks.request.sender.user;
            }
            let own = match follows.and_then(|c| c.agents) {
                Some(agents) if self.step_of_conversation >= u32::from(agents) => 0,
                _ => asks.request.prompt_tokens,
            };
            let repeated = self.repeated(follows);
            asks.request.prompt_tokens = own.saturating_add(repeated).max(1);
            // Where the oldest is left out nothing begins as it did before.
            asks.request.sender.repeats = if repeated == self.said { repeated } else { 0 };
            self.sender.turn = self.sender.turn.saturating_add(1);
            self.open.push(Branch {
                place,
                reload: 0,
                asks,
                own,
                at: patience(plan, id, now, draws),
                is_open: true,
            });
            outputs.push(Output::Submit(asks));
        }
        self.steps += 1;
        self.step_of_conversation += 1;
    }

    /// Tokens that a call repeats.
    fn repeated(&self, follows: Option<&Conversations>) -> u32 {
        match follows {
            Some(c) if c.context == Context::Grows => {
                self.said.min(c.most_context.unwrap_or(u32::MAX))
            }
            _ => 0,
        }
    }

    /// A call of it is over.
    pub(super) fn on_finished(
        &mut self,
        plan: &Plan,
        (number, call): (u32, CallId),
        verdict: Verdict,
        now: Instant,
        draws: &Draws,
    ) {
        let is_it = |branch: &Branch| branch.is_open && branch.asks.id == call;
        let Some(place) = self.open.iter().position(is_it) else {
            return;
        };
        let failed = matches!(verdict, Verdict::Failed(_));
        let branch = &mut self.open[place];
        if failed && let Some(pause) = asks_again(plan, call, branch.reload, draws) {
            (branch.is_open, branch.at) = (false, now + pause);
            return;
        }
        let answer = match verdict {
            Verdict::Success => branch
                .asks
                .answer_tokens
                .min(branch.asks.request.max_tokens),
            _ => 0,
        };
        let said = if failed {
            0
        } else {
            branch.own.saturating_add(answer)
        };
        self.said_now = self.said_now.saturating_add(said);
        self.answered |= !failed;
        self.open.remove(place);
        if self.open.is_empty() {
            self.said = self.said.saturating_add(self.said_now);
            self.plan_next(plan, number, now, draws);
        }
    }

    /// All calls of a step are over: when the next one begins, if one does.
    fn plan_next(&mut self, plan: &Plan, number: u32, now: Instant, draws: &Draws) {
        if self.steps == MOST_STEPS {
            return;
        }
        let key = call_id(number, self.steps, 0, 0).word();
        let think = || draws.unit(Purpose::Think, key, 0);
        let conversations = plan.config().conversations.as_ref();
        let closed = matches!(plan.config().arrivals, ArrivalsConfig::Closed(_));
        let goes_on = match conversations {
            Some(c) if c.follows() => self.next_of(c),
            // The calls of a user as they come.
            Some(c) if self.step_of_conversation < u32::from(c.turns) => Next::OfUser,
            _ => Next::None,
        };
        let pause = match goes_on {
            Next::Turn => plan.laws().think(think),
            Next::Step => plan.laws().gap(think),
            Next::OfUser if closed => plan.laws().between(think),
            Next::None if closed => {
                let pause = plan.laws().between(think);
                self.begin(plan, number, draws);
                pause
            }
            Next::OfUser | Next::None => return,
        };
        self.next_at = now + pause.max(LEAST_PAUSE);
    }

    fn next_of(&self, c: &Conversations) -> Next {
        let steps = u32::from(c.steps);
        let is_over = self.step_of_conversation >= u32::from(c.turns) * steps;
        if !self.answered && c.after_failure == AfterFailure::End || is_over && !self.runaway {
            Next::None
        } else if self.step_of_conversation.is_multiple_of(steps) {
            Next::Turn
        } else {
            Next::Step
        }
    }
}

/// What follows a step.
enum Next {
    /// The next turn of the conversation.
    Turn,
    /// The next step of the turn.
    Step,
    /// The next call of a user whose calls are grouped as they come.
    OfUser,
    /// Nothing of this conversation.
    None,
}

/// When the caller of a call gives up.
fn patience(plan: &Plan, call: CallId, now: Instant, draws: &Draws) -> Instant {
    let u = || draws.unit(Purpose::Patience, call.word(), 0);
    plan.laws()
        .patience(u)
        .map_or(Instant::NEVER, |after| now + after)
}

/// How long until a caller without an answer asks again, if he does.
fn asks_again(plan: &Plan, call: CallId, reload: u16, draws: &Draws) -> Option<Duration> {
    let impatience = plan.config().impatience.as_ref()?;
    let share = impatience.reload.0;
    if reload >= impatience.reloads || share <= 0.0 {
        return None;
    }
    let unit = |ordinal| draws.unit(Purpose::Patience, call.word(), ordinal);
    if share < 1.0 && unit(1) >= share {
        return None;
    }
    Some(plan.laws().pause(|| unit(2)).max(LEAST_PAUSE))
}
