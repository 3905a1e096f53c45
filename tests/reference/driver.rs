//! One case: the engine, the scripted endpoints, and the model that listens.

use std::collections::{BTreeMap, VecDeque};

use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;
use squall::base::draw::{Root, Stage};
use squall::base::wire::Priority;
use squall::base::{CallId, Draws, Duration, Instant, Request, Signal};
use squall::engine::{Call, Client, ClientFact, Fact, Notice, Output, Policy};
use squall::policy::{Config, quota};

use super::case;
use super::model::Model;
use crate::policies::{policy_text, rng};
use crate::settings::typed;

const NAMES: [&str; 3] = ["a", "b", "c"];

/// More facts than any case has.
const BOUND: usize = 20_000;

/// What was met in all cases together.
#[derive(Default)]
pub(crate) struct Seen(BTreeMap<String, u64>);

impl Seen {
    fn note(&mut self, output: &Output) {
        let word = match output {
            Output::Dispatch { origin, probe, .. } => format!("{origin} {probe}"),
            Output::Abort { reason, .. } => format!("{reason:?}"),
            Output::Ended { class, .. } => class.to_string(),
            Output::Finish { verdict, .. } => format!("{verdict:?}"),
            Output::Notice(Notice::Refused { refusal, .. }) => refusal.to_string(),
            Output::Notice(Notice::BreakerTripped { .. }) => "tripped".into(),
            Output::Notice(Notice::BreakerClosed { .. }) => "closed".into(),
            Output::Notice(Notice::Alert { .. }) => "alert".into(),
            Output::Notice(Notice::LimitReached { limit, .. }) => limit.to_string(),
            Output::Notice(Notice::HedgeWon) => "won".into(),
            Output::Notice(Notice::Guarded { guard, measure, .. }) => format!("{guard} {measure}"),
            Output::Notice(Notice::Judged { bad, .. }) => format!("judged {bad}"),
            Output::Judge { .. } => "judge".into(),
            Output::Notice(Notice::WouldSend { origin }) => format!("would {origin}"),
            Output::Notice(Notice::WouldWait) => "would wait".into(),
            Output::Notice(Notice::WouldTimeOut { timeout }) => format!("would {timeout}"),
            Output::Notice(Notice::WouldSteer { detour }) => format!("would {detour}"),
            Output::Notice(Notice::Degraded { by } | Notice::WouldDegrade { by }) => by.to_string(),
            Output::Defer { .. } | Output::Submit { .. } | Output::Forget { .. } => "later".into(),
            Output::Deliver { .. } => "deliver".into(),
            Output::Listen { .. } => "listen".into(),
            Output::Embed { .. } => "embed".into(),
            Output::Ready { .. } => "ready".into(),
        };
        *self.0.entry(word).or_insert(0) += 1;
    }

    pub(crate) fn assert_everything_was_met(&self) {
        let wanted = "first false,first true,retry false,retry true,failover false,failover true,\
            hedge false,hedge true,HedgeLost,FirstTokenTimeout,TotalTimeout,Deadline,Cancelled,ok,\
            rate-limited,quota-exhausted,overloaded,server-fault,transport,timed-out,truncated,\
            rejected,cancelled,Success,Degraded,Failed(Refused),Failed(Expired),Failed(Cancelled),\
            Failed(Exhausted),Failed(Truncated),breaker-open,budget-share,budget-time,quota-wait,\
            attempts-spent,not-retried,server-wait-too-long,past-deadline,no-endpoint,tripped,\
            closed,won,would retry,would failover,would hedge,deliver,ready";
        let rare: Vec<&str> = wanted
            .split(',')
            .map(str::trim)
            .filter(|word| self.0.get(*word).copied().unwrap_or(0) < 20)
            .collect();
        assert!(rare.is_empty(), "hardly ever met: {rare:?}");
    }
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Signal { attempt: u16, signal: Signal },
    Submit,
    Cancel,
    Early,
}

struct Case<'a> {
    policy: Policy,
    client: Client,
    calls: BTreeMap<usize, Call>,
    model: Model,
    events: BTreeMap<(u64, u8, u64), (usize, Event)>,
    ready: VecDeque<u32>,
    rng: Xoshiro256PlusPlus,
    now: Instant,
    pushed: u64,
    seen: &'a mut Seen,
    trace: Vec<String>,
}

/// Runs a case and says what it did wrong.
pub(crate) fn run(seed: u64, seen: &mut Seen) -> Vec<String> {
    let mut case = Case::new(seed, seen);
    case.drive();
    case.close();
    case.model.wrong
}

/// What was said in a case.
pub(crate) fn trace(seed: u64) -> Vec<String> {
    let mut seen = Seen::default();
    let mut case = Case::new(seed, &mut seen);
    case.drive();
    case.trace
}

impl Case<'_> {
    fn new(seed: u64, seen: &mut Seen) -> Case<'_> {
        let config: Config = typed(&policy_text(seed));
        let policy = Policy::new(&config, &NAMES).expect("the route names a, b and c");
        let route: Vec<u16> = policy.route().iter().map(|id| id.0).collect();
        let draws = Draws::new(Root::new(seed, Stage::Run, 0));
        let mut case = Case {
            client: Client::new(&policy, NAMES.len(), draws),
            model: Model::new(&config, &route),
            policy,
            calls: BTreeMap::new(),
            events: BTreeMap::new(),
            ready: VecDeque::new(),
            rng: rng(seed, 1),
            now: Instant::ZERO,
            pushed: 0,
            seen,
            trace: Vec::new(),
        };
        let stream = case.rng.random_bool(0.6);
        for call in 0..case.rng.random_range(1..20) {
            let at = 100 * case.rng.random_range(0..60u64);
            let patience = 100 * case.rng.random_range(1..60u64);
            let deadline = Instant::ZERO + Duration::from_ms(at + patience);
            case.model.open_book(deadline, stream);
            case.push(at, 2, call, Event::Submit);
            if case.rng.random_bool(0.1) {
                let when = at + case.rng.random_range(0..patience);
                case.push(when, 1, call, Event::Cancel);
            }
            if case.rng.random_bool(0.3) {
                let when = at + case.rng.random_range(0..patience);
                case.push(when, 1, call, Event::Early);
            }
        }
        case
    }

    fn push(&mut self, ms: u64, rank: u8, call: usize, event: Event) {
        self.pushed += 1;
        self.events
            .insert((ms * 1_000_000, rank, self.pushed), (call, event));
    }

    fn drive(&mut self) {
        for _ in 0..BOUND {
            let event = self.events.first_key_value().map(|(key, _)| *key);
            let wake = self.calls.values().map(Call::wake_at).min();
            let wake = wake.unwrap_or(Instant::NEVER).min(self.client.wake_at());
            let due = event.map_or(u64::MAX, |(at, ..)| at);
            if due == u64::MAX && wake == Instant::NEVER {
                return;
            }
            // Of one instant: signals, then wake-ups, then submissions.
            let event_first =
                event.is_some_and(|(at, rank, _)| at < wake.0 || at == wake.0 && rank == 0);
            let at = Instant(due.min(wake.0));
            if at < self.now {
                self.model
                    .wrong
                    .push(format!("woken at {at:?} at {:?}", self.now));
                return;
            }
            self.now = at;
            if event_first {
                let (_, (call, event)) = self.events.pop_first().expect("it was just looked at");
                self.on_event(call, event);
            } else {
                self.on_wakes();
            }
        }
        self.model.wrong.push("it never comes to an end".into());
    }

    fn on_wakes(&mut self) {
        let now = self.now;
        if let Some(call) = self
            .calls
            .iter()
            .find(|(_, c)| c.wake_at() <= now)
            .map(|(n, _)| *n)
        {
            self.tell(call, Fact::Wake);
        } else {
            let mut outputs = Vec::new();
            self.client
                .handle_own(&self.policy, now, ClientFact::Wake, &mut outputs);
            for output in outputs {
                if let Output::Ready { slot } = output {
                    self.ready.push_back(slot);
                }
            }
            if self.client.wake_at() <= now {
                self.model
                    .wrong
                    .push(format!("the client wants to be woken again at {now:?}"));
                self.events.clear();
            }
            self.serve();
        }
    }

    fn on_event(&mut self, call: usize, event: Event) {
        if let Event::Submit = event {
            let book = &self.model.calls[call];
            let request = Request {
                prompt_tokens: 10,
                max_tokens: 10,
                stream: book.stream,
                priority: Priority::Normal,
                sender: squall::base::Sender::NOBODY,
                needs: squall::base::Capabilities::NONE,
            };
            let id = CallId::new(0, call as u64);
            self.calls
                .insert(call, Call::new(id, call as u32, request, book.deadline));
            self.tell(call, Fact::Submitted);
            return;
        }
        if !self.calls.contains_key(&call) {
            return;
        }
        match event {
            Event::Submit => {}
            Event::Cancel => self.tell(call, Fact::Cancelled),
            Event::Early => self.tell(call, Fact::Wake),
            Event::Signal { attempt, signal } => {
                let over = self.model.calls[call].attempts[usize::from(attempt)]
                    .ended
                    .is_some();
                if !over {
                    self.tell(call, Fact::Signal { attempt, signal });
                } else if self.rng.random_bool(0.5) {
                    // A late word of an attempt that was aborted: nobody listens.
                    self.tell(call, Fact::Signal { attempt, signal });
                }
            }
        }
    }

    fn tell(&mut self, call: usize, fact: Fact) {
        self.handle(call, fact);
        self.serve();
    }

    fn serve(&mut self) {
        while let Some(slot) = self.ready.pop_front() {
            self.handle(slot as usize, Fact::Wake);
        }
    }

    fn handle(&mut self, number: usize, fact: Fact) {
        let now = self.now;
        let Some(call) = self.calls.get_mut(&number) else {
            self.model
                .wrong
                .push(format!("call {number} is over and ready"));
            return;
        };
        let mut outputs = Vec::new();
        let spoken = !matches!(fact, Fact::Signal { attempt, .. }
            if self.model.calls[number].attempts[usize::from(attempt)].ended.is_some());
        if spoken {
            self.model.before(now, number, fact);
        }
        self.client
            .handle(&self.policy, call, now, fact, &mut outputs);
        let (wake, over) = (call.wake_at(), call.is_finished());
        let early = matches!(fact, Fact::Signal { .. }) && wake == now;
        if !over && wake <= now && !early {
            self.model
                .wrong
                .push(format!("call {number}: a wake-up at {wake:?} at {now:?}"));
        }
        for output in &outputs {
            self.seen.note(output);
            self.trace.push(format!("{} {number} {output:?}", now.0));
            if !spoken && !matches!(output, Output::Ready { .. }) {
                self.model
                    .wrong
                    .push(format!("call {number}: a late signal did {output:?}"));
            }
            self.obey(number, fact, output);
        }
        if spoken {
            self.model.after(now, number);
        }
        if over {
            self.calls.remove(&number);
        }
    }

    fn obey(&mut self, number: usize, fact: Fact, output: &Output) {
        if let Output::Ready { slot } = output {
            self.ready.push_back(*slot);
            return;
        }
        self.model.hear(self.now, number, fact, output);
        if let Output::Dispatch { receipt, .. } = output {
            let script = case::script(&mut self.rng, self.model.calls[number].stream);
            // Retries come at odd nanoseconds; the grid is for what falls due together.
            let from = self.now.0.div_ceil(1_000_000);
            let attempt = receipt.attempt;
            if let Some(after) = script.first_token {
                let signal = Signal::FirstToken;
                self.push(from + after, 0, number, Event::Signal { attempt, signal });
            }
            if let Some((after, ending)) = script.end {
                let signal = Signal::End(ending);
                self.push(from + after, 0, number, Event::Signal { attempt, signal });
            }
        }
    }

    fn close(&mut self) {
        let unfinished = self
            .model
            .calls
            .iter()
            .position(|book| book.finished.is_none());
        if let Some(call) = unfinished {
            self.model.wrong.push(format!("call {call} never finished"));
        }
        if self.client.in_flight() > 0 {
            self.model
                .wrong
                .push("attempts are in flight for ever".into());
        }
        self.check_pace();
    }

    /// At most burst + rate × T pass in any window T.
    fn check_pace(&mut self) {
        let Some(quota::Config::Requests(quota)) = self.model.quota() else {
            return;
        };
        let (burst, rate) = (f64::from(quota.burst.unwrap_or(1)), quota.rate.per_s());
        let sent = self.model.sent.clone();
        for (i, start) in sent.iter().enumerate() {
            for (n, end) in sent[i..].iter().enumerate() {
                let most = burst + rate * end.since(*start).as_s_f64();
                if (n + 1) as f64 > most + 1e-6 {
                    self.model
                        .wrong
                        .push(format!("{} sent from {start:?} to {end:?}", n + 1));
                    return;
                }
            }
        }
    }
}
