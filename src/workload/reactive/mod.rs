//! Traffic that reacts: users of a closed loop, conversations, agents, and callers who lose patience.
//!
//! A machine like the engine and the world: told `Wake` and `Finished`, it says `Submit` and `Cancel`, and
//! `wake_at` is when it wants to be woken. It acts only when it is woken: after `Finished` that may be in the same
//! instant.
//!
//! It is made of sessions. Each user of a closed loop is one, for the whole run; else every arrival begins
//! one, which ends with its last call, so the memory is that of the calls in flight and of those who think.
//! A call is known by (session, step, branch, reload), and its traits are drawn from that: what the k-th
//! call of a user asks for is the same under every policy, and whoever asks again asks the same.

mod session;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::arrivals::Config as ArrivalsConfig;
use super::traffic::{Plan, Starts, Submission};
use crate::base::{CallId, Draws, Instant, Verdict};
use session::Session;

/// What the traffic is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// It wanted to be woken by now.
    Wake,
    /// A call of it is over.
    Finished {
        /// Which.
        call: CallId,
        /// How it ended.
        verdict: Verdict,
    },
}

/// What it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// A call arrives now.
    Submit(Submission),
    /// The caller of an open call went away.
    Cancel {
        /// Which.
        call: CallId,
    },
}

/// The traffic of one run that reacts.
#[derive(Debug)]
pub struct Reactive<'a> {
    plan: &'a Plan,
    /// What begins sessions; None in a closed loop.
    starts: Option<Starts<'a>>,
    /// The next to begin.
    next: Option<session::Start>,
    begun: u32,
    sessions: BTreeMap<u32, Session>,
    /// When sessions want to be woken; entries that no longer count are left until they come.
    timers: BinaryHeap<Reverse<(Instant, u32)>>,
}

/// Sessions that have a number: of a run, those that an arrival begins, or users.
pub const MOST_SESSIONS: u32 = 1 << 24;

/// Calls of a session that have a number.
const MOST_STEPS: u32 = 1 << 24;

/// What a call of a session is known by.
fn call_id(session: u32, step: u32, branch: u16, reload: u16) -> CallId {
    CallId::new(
        1 + (branch | reload << 4),
        u64::from(session) << 24 | u64::from(step),
    )
}

/// The session a call belongs to; None if it is none of these.
fn session_of(call: CallId) -> Option<u32> {
    let is_ours = (1..=256).contains(&call.source());
    is_ours.then_some((call.n() >> 24) as u32)
}

impl<'a> Reactive<'a> {
    /// From the start of a run; None if the traffic does not react.
    pub fn new(plan: &'a Plan, draws: &Draws) -> Option<Reactive<'a>> {
        if !plan.config().reacts() {
            return None;
        }
        let mut reactive = Reactive {
            plan,
            starts: None,
            next: None,
            begun: 0,
            sessions: BTreeMap::new(),
            timers: BinaryHeap::new(),
        };
        if let ArrivalsConfig::Closed(closed) = &plan.config().arrivals {
            for user in 0..closed.users {
                let session = Session::of_user(plan, user, draws);
                reactive.keep(user, session);
            }
        } else {
            reactive.starts = Some(plan.starts());
            reactive.plan_start(draws);
        }
        Some(reactive)
    }

    /// When it wants to be woken.
    pub fn wake_at(&self) -> Instant {
        let start = self.next.map_or(Instant::NEVER, |next| next.at);
        let timer = self.timers.peek();
        start.min(timer.map_or(Instant::NEVER, |Reverse((at, _))| *at))
    }

    /// Handles a fact.
    pub fn handle(&mut self, now: Instant, fact: Fact, draws: &Draws, outputs: &mut Vec<Output>) {
        match fact {
            Fact::Wake => self.wake(now, draws, outputs),
            Fact::Finished { call, verdict } => {
                let plan = self.plan;
                if let Some(number) = session_of(call) {
                    self.tell(number, |session| {
                        session.on_finished(plan, (number, call), verdict, now, draws);
                    });
                }
            }
        }
    }

    /// Tells a session something, and keeps a timer for it if it is not over.
    fn tell(&mut self, number: u32, fact: impl FnOnce(&mut Session)) {
        let Some(session) = self.sessions.get_mut(&number) else {
            return;
        };
        fact(session);
        if session.is_over() {
            self.sessions.remove(&number);
            return;
        }
        let at = session.wake_at();
        if at < session.armed {
            session.armed = at;
            self.timers.push(Reverse((at, number)));
        }
    }

    fn wake(&mut self, now: Instant, draws: &Draws, outputs: &mut Vec<Output>) {
        while let Some(start) = self.next.filter(|next| next.at <= now) {
            let session = Session::of_start(self.plan, start, draws);
            self.keep(start.number, session);
            self.plan_start(draws);
        }
        while let Some(&Reverse((at, number))) = self.timers.peek() {
            if at > now {
                return;
            }
            self.timers.pop();
            let plan = self.plan;
            self.tell(number, |session| {
                if session.armed == at {
                    session.armed = Instant::NEVER;
                    session.wake(plan, number, now, draws, outputs);
                }
            });
        }
    }

    /// A session begins.
    fn keep(&mut self, number: u32, session: Session) {
        self.sessions.insert(number, session);
        self.tell(number, |_| {});
    }

    fn plan_start(&mut self, draws: &Draws) {
        let starts = self.starts.as_mut();
        let next = starts.and_then(|starts| starts.next(draws));
        self.next = next
            .filter(|_| self.begun < MOST_SESSIONS)
            .map(|(n, at)| session::Start {
                number: self.begun,
                at,
                n,
            });
        self.begun += 1;
    }

    /// Sessions that are not over.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }
}
