//! The books a bystander keeps: of every call, attempt, breaker and budget.

use squall::base::wire::Code;
use squall::base::{Class, Ending, Failure, Instant, Origin, Receipt, Verdict};
use squall::engine::{AbortReason, Fact, Notice, Output};
use squall::policy::backoff;
use squall::policy::breaker::Counts;
use squall::policy::budget::share::Deposit;
use squall::policy::classify::FailOver;
use squall::policy::hedge::{self, fixed::To};
use squall::policy::route::failover::OnFailure;
use squall::policy::server_wait::TooLong;
use squall::policy::{Config, Mode, quota};

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
    hedges: u8,
    /// For a breaker that counts calls: (endpoint, trips before, failed).
    untold: Option<(u16, usize, bool)>,
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
            hedges: 0,
            untold: None,
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
        (self.ought.clear(), self.did.clear());
        self.noted = false;
        if fact == Fact::Submitted {
            self.budgets.on_deposit(s(now), Deposit::PerCall);
        }
        if let Fact::Signal { attempt, signal } = fact {
            let attempt = &mut self.calls[call].attempts[usize::from(attempt)];
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
            Output::Ready { .. } => {}
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
                Notice::BreakerTripped { endpoint, until } => {
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
                Notice::WouldSend { .. } => {
                    self.noted = true;
                    let observes = self.observes();
                    self.check(observes, now, call, "it says it would, and acts");
                }
                Notice::HedgeWon => {}
            },
        }
    }

    fn on_dispatch(
        &mut self,
        now: Instant,
        call: usize,
        receipt: Receipt,
        origin: Origin,
        probe: bool,
    ) {
        let endpoint = receipt.endpoint.0;
        self.tell_calls(call, Some(endpoint));
        let config = self.config.clone();
        let book = self.calls[call].clone();
        let made = book.attempts.len();
        let here = book
            .attempts
            .iter()
            .filter(|a| a.endpoint == endpoint)
            .count();
        let flying: Vec<&Attempt> = book.attempts.iter().filter(|a| a.ended.is_none()).collect();
        let per_endpoint = config.retry.attempts_per_endpoint.unwrap_or(u16::MAX);
        self.check(
            now < book.deadline,
            now,
            call,
            "sent at or after the deadline",
        );
        self.check(
            usize::from(receipt.attempt) == made,
            now,
            call,
            "attempts are not numbered in order",
        );
        self.check(
            usize::from(receipt.nth_at_endpoint) == here,
            now,
            call,
            "tries are not numbered",
        );
        self.check(
            made < usize::from(config.retry.attempts),
            now,
            call,
            "more attempts than allowed",
        );
        self.check(
            here < usize::from(per_endpoint),
            now,
            call,
            "more attempts here than allowed",
        );
        self.check(flying.len() < 4, now, call, "more than four in flight");
        self.check(
            book.delivered.is_none(),
            now,
            call,
            "sent after an answer was begun",
        );
        self.check(
            self.route.contains(&endpoint),
            now,
            call,
            "sent off the route",
        );
        self.check(
            !self.observes() || made == 0,
            now,
            call,
            "observing, it sent more than one",
        );
        let decided = book.decisive.map(|(_, i)| book.attempts[i].endpoint);
        let expected = match (made, flying.len()) {
            (0, _) => Origin::First,
            (_, 1..) => Origin::Hedge,
            _ if decided == Some(endpoint) => Origin::Retry,
            _ => Origin::Failover,
        };
        self.check(
            origin == expected,
            now,
            call,
            &format!("{origin} is a {expected}"),
        );
        let settings = naive::settings(&config.breaker);
        let answer = settings.map_or(Some(false), |(probes, ..)| {
            self.breakers[usize::from(endpoint)].lets_through(s(now), probes)
        });
        let passes = answer == Some(probe) || self.observes() && !probe;
        self.check(
            passes,
            now,
            call,
            &format!("its breaker says {answer:?}, it is a probe: {probe}"),
        );
        if made > 0 {
            let since = book.first_failed.map_or(0.0, |at| s(now) - s(at));
            let granted = self.budgets.grants(s(now), made as u32 - 1, since);
            self.check(granted, now, call, "no budget granted it");
        }
        match origin {
            Origin::First => {}
            Origin::Hedge => self.check_hedge(now, call, &book, &flying, endpoint),
            Origin::Retry | Origin::Failover => self.check_wait(now, call, &book, endpoint),
        }
        if probe {
            self.breakers[usize::from(endpoint)].on_probe();
        }
        let trips_before = self.breakers[usize::from(endpoint)].trips;
        let book = &mut self.calls[call];
        book.hedges += u8::from(origin == Origin::Hedge);
        book.attempts.push(Attempt {
            endpoint,
            sent: now,
            probe,
            trips_before,
            first_token: false,
            ended: None,
            aborted: None,
            ending: None,
        });
        self.sent.push(now);
    }

    fn check_hedge(
        &mut self,
        now: Instant,
        call: usize,
        book: &Book,
        flying: &[&Attempt],
        endpoint: u16,
    ) {
        let hedge::Config::Fixed(hedge) = self.config.hedge.clone() else {
            self.wrong.push(format!(
                "{} s, call {call}: a hedge nobody asked for",
                s(now)
            ));
            return;
        };
        let newest = book.attempts.last().expect("a hedge follows an attempt");
        self.check(
            now == newest.sent + hedge.after,
            now,
            call,
            "a hedge at another time than set",
        );
        self.check(book.hedges < hedge.max, now, call, "more hedges than set");
        let right = match hedge.to {
            To::Same => endpoint == newest.endpoint,
            To::Other => flying.iter().all(|a| a.endpoint != endpoint),
        };
        self.check(right, now, call, "a hedge to the wrong endpoint");
    }

    /// The waits that may lie between the failure that decided and an attempt at `endpoint`.
    fn check_wait(&mut self, now: Instant, call: usize, book: &Book, endpoint: u16) {
        let Some((failed_at, decisive)) = book.decisive else {
            self.wrong.push(format!(
                "{} s, call {call}: tried again without a failure",
                s(now)
            ));
            return;
        };
        let failed = &book.attempts[decisive];
        let class = failed.ended.expect("it failed");
        let retry = self.config.retry.clone();
        let rule = self.config.on.get(&class).cloned().unwrap_or_default();
        let retried = retry.on.contains(&class);
        let credit = matches!(class, Class::QuotaExhausted | Class::Unsuited);
        let fail_over = rule.fail_over.unwrap_or_default();
        let (here, elsewhere) = match fail_over {
            FailOver::AsRoute => (retried, retried || credit),
            FailOver::Now => (false, true),
            FailOver::Never => (retried, false),
        };
        let same = endpoint == failed.endpoint;
        let allowed = if same { here } else { elsewhere };
        self.check(
            allowed,
            now,
            call,
            &format!("after {class} endpoint {endpoint} is not to be tried"),
        );
        let so_far = book
            .attempts
            .iter()
            .filter(|a| a.ended == Some(class))
            .count();
        let within = so_far < usize::from(rule.attempts.unwrap_or(u16::MAX));
        self.check(
            within,
            now,
            call,
            &format!("{class} is not to be borne once more"),
        );
        let barred = book.attempts.iter().any(|a| {
            let credit = matches!(a.ended, Some(Class::QuotaExhausted | Class::Unsuited));
            credit && a.endpoint == endpoint
        });
        self.check(
            !barred,
            now,
            call,
            "asked again where waiting does not help",
        );
        let place = |endpoint| self.route.iter().position(|e| *e == endpoint).unwrap_or(0);
        let (target, from) = (place(endpoint), place(failed.endpoint));
        let gap = (now.0 - failed_at.0) as f64 / 1e9;
        let route_next = squall_route(&self.config) == OnFailure::Next;
        let lined_up = !self.config.quota.0.is_empty();
        let at_once = target > from && elsewhere;
        let mut ranges: Vec<(f64, f64)> = if at_once {
            vec![(0.0, 0.0)]
        } else {
            Vec::new()
        };
        for back in 0..=target {
            if back != from && !(route_next && elsewhere) {
                continue;
            }
            let tries = book
                .attempts
                .iter()
                .filter(|a| a.endpoint == self.route[back])
                .count();
            let schedule: &backoff::Config = rule.backoff.as_ref().unwrap_or(&retry.backoff);
            let k = (tries as u32).max(1);
            let previous = if lined_up { 1e9 } else { book.last_wait };
            ranges.push(naive::wait_range(schedule, k, previous));
            if let Some(stated) = stated(failed).filter(|_| back == from)
                && let Some(range) = self.stated_range(stated)
            {
                // What is stated replaces the schedule.
                ranges.pop();
                ranges.push(range);
            }
        }
        let fits = ranges
            .iter()
            .any(|(low, high)| gap > low - 2e-9 && (lined_up || gap < high + 2e-9));
        self.check(
            fits,
            now,
            call,
            &format!("a wait of {gap} s is not in {ranges:?}"),
        );
        if gap > 0.0 {
            self.calls[call].last_wait = gap;
        }
    }

    /// What a stated wait may become; None: the schedule decides.
    fn stated_range(&self, stated: f64) -> Option<(f64, f64)> {
        let rules = &self.config.retry.server_wait;
        let (floor, cap) = (rules.floor.as_s_f64(), rules.cap.as_s_f64());
        if stated == 0.0 {
            return None;
        }
        let wait = if stated <= cap {
            stated.max(floor)
        } else {
            match rules.too_long {
                TooLong::Ignore => return None,
                // Not here: nothing fits but another endpoint at once.
                TooLong::Fail => return Some((f64::INFINITY, f64::INFINITY)),
                TooLong::Clamp => cap,
                TooLong::Honour => stated,
            }
        };
        Some((wait, wait * (1.0 + rules.jitter)))
    }

    fn on_abort(
        &mut self,
        now: Instant,
        call: usize,
        fact: Fact,
        receipt: Receipt,
        reason: AbortReason,
    ) {
        let book = &self.calls[call];
        let attempt = &book.attempts[usize::from(receipt.attempt)];
        let timeout = self.config.timeout;
        let due = |limit: Option<squall::base::Duration>| {
            limit.is_some_and(|limit| now == attempt.sent + limit)
        };
        let right = match reason {
            AbortReason::HedgeLost => book
                .delivered
                .is_some_and(|i| i != usize::from(receipt.attempt)),
            AbortReason::FirstTokenTimeout => {
                book.stream && !attempt.first_token && due(timeout.first_token)
            }
            AbortReason::TotalTimeout => due(timeout.total),
            AbortReason::Deadline => now == book.deadline,
            AbortReason::Cancelled => fact == Fact::Cancelled,
        };
        let flying = attempt.ended.is_none() && attempt.aborted.is_none();
        self.check(right, now, call, &format!("aborted for no {reason:?}"));
        self.check(flying, now, call, "aborted what is not in flight");
        self.calls[call].attempts[usize::from(receipt.attempt)].aborted = Some(reason);
    }

    fn on_ended(&mut self, now: Instant, call: usize, receipt: Receipt, class: Class) {
        let index = usize::from(receipt.attempt);
        let attempt = self.calls[call].attempts[index].clone();
        self.check(attempt.ended.is_none(), now, call, "an attempt ends twice");
        let expected = match (attempt.aborted, attempt.ending) {
            (Some(AbortReason::HedgeLost | AbortReason::Cancelled), _) => Class::Cancelled,
            (Some(_), _) => Class::TimedOut,
            (None, Some(ending)) => self.class_of(ending, attempt.first_token),
            (None, None) => Class::Malformed,
        };
        self.check(
            class == expected,
            now,
            call,
            &format!("{class} ought to be {expected}"),
        );
        self.calls[call].attempts[index].ended = Some(class);
        if index > 0 {
            self.budgets
                .on_extra_end(s(now), (now.0 - attempt.sent.0) as f64 / 1e9);
        }
        let says = match class {
            Class::Ok => Some(false),
            Class::Cancelled => None,
            other => self.counts(other).then_some(true),
        };
        if let Some((probes, counts, limit)) = naive::settings(&self.config.breaker) {
            if counts == Counts::Attempts || attempt.probe {
                let at = (attempt.endpoint, attempt.trips_before, attempt.probe);
                self.tell(at, says, (probes, limit));
            } else if let Some(failed) = says {
                self.tell_calls(call, Some(attempt.endpoint));
                self.calls[call].untold = Some((attempt.endpoint, attempt.trips_before, failed));
            }
        }
        let book = &mut self.calls[call];
        let flying = book.attempts.iter().any(|a| a.ended.is_none());
        if !matches!(class, Class::Ok | Class::Cancelled) {
            book.first_failed.get_or_insert(now);
            if !flying {
                book.decisive = Some((now, index));
            }
        }
    }

    /// Tells a breaker that counts calls, unless the call stays at that endpoint.
    fn tell_calls(&mut self, call: usize, next: Option<u16>) {
        let Some((endpoint, trips, failed)) = self.calls[call].untold.take() else {
            return;
        };
        if let Some((probes, _, limit)) = naive::settings(&self.config.breaker)
            && next != Some(endpoint)
        {
            self.tell((endpoint, trips, false), Some(failed), (probes, limit));
        }
    }

    fn tell(
        &mut self,
        (endpoint, trips, probe): (u16, usize, bool),
        failed: Option<bool>,
        (probes, limit): (u32, Option<u32>),
    ) {
        let breaker = &mut self.breakers[usize::from(endpoint)];
        // The notice of what it does may come before this; what it did is applied with the notice.
        if let Some(trips) = breaker.on_end(trips, probe, failed, probes, limit) {
            self.ought.push((endpoint, trips));
        }
    }

    fn counts(&self, class: Class) -> bool {
        let broken = matches!(
            class,
            Class::Overloaded
                | Class::ServerFault
                | Class::Transport
                | Class::TimedOut
                | Class::Truncated
                | Class::Malformed
        );
        let own = self
            .config
            .on
            .get(&class)
            .and_then(|rule| rule.counts_for_breaker);
        own.unwrap_or(broken)
    }

    fn class_of(&self, ending: Ending, begun: bool) -> Class {
        match ending {
            Ending::Answer { .. } => Class::Ok,
            Ending::ConnectionLost if begun && self.calls[0].stream => Class::Truncated,
            Ending::ConnectionLost | Ending::ConnectionRefused => Class::Transport,
            Ending::Status {
                status: 429,
                code: Code::InsufficientQuota,
                ..
            } => Class::QuotaExhausted,
            Ending::Status { status: 429, .. } => Class::RateLimited,
            Ending::Status { status: 500, .. } if !self.config.classify.is_empty() => {
                Class::Overloaded
            }
            Ending::Status { status: 500, .. } => Class::ServerFault,
            Ending::Status { status: 503, .. } => Class::Overloaded,
            Ending::Status { .. } => Class::Rejected,
        }
    }

    fn on_finish(
        &mut self,
        now: Instant,
        call: usize,
        fact: Fact,
        verdict: Verdict,
        by: Option<Receipt>,
    ) {
        self.tell_calls(call, None);
        let book = self.calls[call].clone();
        let flying = book.attempts.iter().any(|a| a.ended.is_none());
        self.check(!flying, now, call, "finished with an attempt in flight");
        self.check(
            now <= book.deadline,
            now,
            call,
            "finished after its deadline",
        );
        let ok = book
            .attempts
            .iter()
            .position(|a| a.ended == Some(Class::Ok));
        let fallback = self.config.fallback.kind() == "answer" && !self.observes();
        let sent = !book.attempts.is_empty();
        let half = book.delivered.is_some();
        let right = match verdict {
            Verdict::Success => ok.is_some() && ok == book.delivered,
            Verdict::Degraded => fallback && !half && (self.noted || now == book.deadline),
            Verdict::Failed(Failure::Refused) => !sent && self.noted && !fallback,
            Verdict::Failed(Failure::Expired) => now == book.deadline && (!fallback || half),
            Verdict::Failed(Failure::Cancelled) => fact == Fact::Cancelled,
            Verdict::Failed(Failure::Exhausted) => sent && !half && self.noted && !fallback,
            Verdict::Failed(Failure::Truncated) => half && ok.is_none(),
        };
        self.check(
            right,
            now,
            call,
            &format!("{verdict:?} is not what happened: {book:?}"),
        );
        let named = by.map(|r| usize::from(r.attempt));
        let answered = ok.filter(|_| verdict == Verdict::Success);
        self.check(named == answered, now, call, "answered by somebody else");
        if verdict == Verdict::Success {
            self.budgets.on_deposit(s(now), Deposit::PerSuccess);
        }
        self.calls[call].finished = Some(verdict);
    }
}

fn squall_route(config: &Config) -> OnFailure {
    let squall::policy::route::Config::Failover(failover) = &config.route;
    failover.on_failure
}

fn stated(attempt: &Attempt) -> Option<f64> {
    match attempt.ending {
        Some(Ending::Status { retry_after, .. }) => retry_after.map(|d| d.as_s_f64()),
        _ => None,
    }
}
