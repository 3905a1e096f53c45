//! The books a bystander keeps: of every call, attempt, breaker and budget.

use squall::base::{Class, Ending, Instant, Verdict};
use squall::engine::{AbortReason, Fact, Notice, Output};
use squall::policy::budget::share::Deposit;
use squall::policy::{Config, Mode, quota};

#[path = "dispatch.rs"]
mod dispatch;
#[path = "endings.rs"]
mod endings;

use super::naive::{self, Breaker, Budgets};

/// One attempt as heard of.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) endpoint: u16,
    sent: Instant,
    probe: bool,
    trips_before: usize,
    first_token: bool,
    pub(crate) ended: Option<Class>,
    aborted: Option<AbortReason>,
    ending: Option<Ending>,
}

/// One call as heard of.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    pub(crate) deadline: Instant,
    pub(crate) stream: bool,
    pub(crate) attempts: Vec<Attempt>,
    delivered: Option<usize>,
    pub(crate) finished: Option<Verdict>,
    first_failed: Option<Instant>,
    /// The attempt that failed last with nothing else in flight, and when.
    decisive: Option<(Instant, usize)>,
    last_wait: f64,
    /// Who asked last to wait, and until when.
    asked: Option<(u16, Instant)>,
    hedges: u8,
    /// For a breaker that counts calls: (endpoint, trips before, failed).
    untold: Option<(u16, usize, bool)>,
    /// Of one that observes: it would have been aborted, and is noted no more.
    left: bool,
}

/// All books.
pub(crate) struct Model {
    config: Config,
    route: Vec<u16>,
    pub(crate) calls: Vec<Book>,
    breakers: [Breaker; 3],
    budgets: Budgets,
    pub(crate) sent: Vec<Instant>,
    /// Breakers that ought to trip (true) or close within this fact, and those that did.
    ought: Vec<(u16, bool)>,
    did: Vec<(u16, bool)>,
    noted: bool,
    pub(crate) wrong: Vec<String>,
}

fn s(at: Instant) -> f64 {
    at.0 as f64 / 1e9
}

impl Model {
    pub(crate) fn new(config: &Config, route: &[u16]) -> Model {
        Model {
            config: config.clone(),
            route: route.to_vec(),
            calls: Vec::new(),
            breakers: std::array::from_fn(|_| Breaker::default()),
            budgets: Budgets::new(&config.budget.0),
            sent: Vec::new(),
            ought: Vec::new(),
            did: Vec::new(),
            noted: false,
            wrong: Vec::new(),
        }
    }

    pub(crate) fn open_book(&mut self, deadline: Instant, stream: bool) {
        self.calls.push(Book {
            deadline,
            stream,
            attempts: Vec::new(),
            delivered: None,
            finished: None,
            first_failed: None,
            decisive: None,
            last_wait: 0.0,
            asked: None,
            hedges: 0,
            untold: None,
            left: false,
        });
    }

    fn check(&mut self, holds: bool, now: Instant, call: usize, what: &str) {
        if !holds {
            self.wrong
                .push(format!("{} s, call {call}: {what}", s(now)));
        }
    }

    /// The quota that paces what is sent; an observer is not paced.
    pub(crate) fn quota(&self) -> Option<quota::Config> {
        let quota = self.config.quota.0.first().cloned();
        quota.filter(|_| !self.observes())
    }

    fn observes(&self) -> bool {
        self.config.mode == Mode::Observe
    }

    /// A fact is about to be told.
    pub(crate) fn before(&mut self, now: Instant, call: usize, fact: Fact) {
        self.ought.clear();
        self.did.clear();
        self.noted = false;
        if fact == Fact::Submitted {
            self.budgets.on_deposit(s(now), Deposit::PerCall);
        }
        if let Fact::Signal { attempt, signal } = fact {
            let book = &mut self.calls[call];
            let attempt = &mut book.attempts[usize::from(attempt)];
            if let squall::base::Signal::End(Ending::Status { advice, .. }) = signal
                && attempt.ended.is_none()
                && let Some(wait) = advice.meant()
            {
                book.asked = Some((attempt.endpoint, now + wait));
            }
            match signal {
                squall::base::Signal::FirstToken => attempt.first_token = true,
                squall::base::Signal::End(ending) => attempt.ending = Some(ending),
            }
        }
    }

    /// A fact has been handled completely.
    pub(crate) fn after(&mut self, now: Instant, call: usize) {
        self.ought.sort_unstable();
        self.did.sort_unstable();
        let same = self.ought == self.did;
        let text = format!("breakers ought to {:?} and did {:?}", self.ought, self.did);
        self.check(same, now, call, &text);
    }

    pub(crate) fn hear(&mut self, now: Instant, call: usize, fact: Fact, output: &Output) {
        let open = self.calls[call].finished.is_none();
        self.check(open, now, call, "something is said after the end");
        match *output {
            Output::Dispatch {
                receipt,
                origin,
                probe,
            } => {
                self.on_dispatch(now, call, receipt, origin, probe);
            }
            Output::Abort { receipt, reason } => self.on_abort(now, call, fact, receipt, reason),
            Output::Deliver { receipt } => {
                let book = &mut self.calls[call];
                let first = book.delivered.is_none();
                let whole = !book.stream;
                let attempt = &book.attempts[usize::from(receipt.attempt)];
                let right = if whole {
                    matches!(attempt.ending, Some(Ending::Answer { .. }))
                } else {
                    attempt.first_token || attempt.ending.is_some()
                };
                book.delivered = Some(usize::from(receipt.attempt));
                self.check(first, now, call, "two attempts are delivered");
                self.check(right, now, call, "nothing is there to deliver");
            }
            Output::Listen { .. }
            | Output::Ready { .. }
            | Output::Judge { .. }
            | Output::Embed { .. } => {}
            // No policy here puts calls off.
            Output::Defer { .. } | Output::Submit { .. } | Output::Forget { .. } => {
                self.check(false, now, call, "a call is put off");
            }
            Output::Ended { receipt, class } => self.on_ended(now, call, receipt, class),
            Output::Finish {
                verdict,
                answered_by,
            } => {
                self.on_finish(now, call, fact, verdict, answered_by);
            }
            Output::Notice(notice) => match notice {
                // What a call leaves behind is told just before it goes elsewhere or ends.
                Notice::BreakerTripped { endpoint, .. } | Notice::BreakerClosed { endpoint }
                    if self.calls[call]
                        .untold
                        .is_some_and(|(at, ..)| at == endpoint.0) =>
                {
                    self.tell_calls(call, None);
                    self.hear(now, call, fact, output);
                }
                Notice::BreakerTripped {
                    endpoint, until, ..
                } => {
                    self.did.push((endpoint.0, true));
                    let unmodelled =
                        matches!(naive::settings(&self.config.breaker), Some((.., None)));
                    if unmodelled && !self.ought.contains(&(endpoint.0, true)) {
                        self.ought.push((endpoint.0, true));
                    }
                    self.breakers[usize::from(endpoint.0)].trip(s(until));
                }
                Notice::BreakerClosed { endpoint } => {
                    self.did.push((endpoint.0, false));
                    self.breakers[usize::from(endpoint.0)].close();
                }
                Notice::Refused { .. } => self.noted = true,
                Notice::WouldTimeOut { .. } => {
                    let first = self.observes() && !self.calls[call].left;
                    self.check(first, now, call, "it would have been aborted already");
                    self.calls[call].left = true;
                }
                Notice::WouldSend { .. } => {
                    self.noted = true;
                    let observes = self.observes();
                    self.check(observes, now, call, "it says it would, and acts");
                }
                Notice::HedgeWon
                | Notice::WouldWait
                | Notice::WouldSteer { .. }
                | Notice::Alert { .. }
                | Notice::LimitReached { .. }
                | Notice::Guarded { .. }
                | Notice::Judged { .. }
                | Notice::Degraded { .. }
                | Notice::WouldDegrade { .. } => {}
            },
        }
    }
}
