//! A policy with a section for batch calls, against two clients that know nothing of priorities: where
//! no section is written alike, they must do the very same, output for output.

use std::collections::{BTreeMap, VecDeque};

use rand::RngExt;
use squall::base::draw::{Root, Stage};
use squall::base::wire::{Advice, Code, Ending, Priority, Request, Signal, Usage};
use squall::base::{CallId, Draws, Duration, Instant, Receipt};
use squall::engine::{Call, Client, ClientFact, Fact, Output, Policy};
use squall::policy::{Config, breaker, limiter};

use crate::policies::{policy_text, rng};
use crate::settings::typed;

const NAMES: [&str; 3] = ["a", "b", "c"];

/// A policy with its client, and the same call as each side sees it.
struct Side {
    policy: Policy,
    client: Client,
}

impl Side {
    fn new(config: &Config, seed: u64) -> Side {
        let policy = Policy::new(config, &NAMES).expect("the route names a, b or c");
        let draws = Draws::new(Root::new(seed, Stage::Run, 0));
        let client = Client::new(&policy, NAMES.len(), draws);
        Side { policy, client }
    }

    fn tell(&mut self, call: &mut Call, now: Instant, fact: Fact) -> Vec<Output> {
        let mut outputs = Vec::new();
        self.client
            .handle(&self.policy, call, now, fact, &mut outputs);
        outputs
    }

    fn tell_client(&mut self, now: Instant, fact: ClientFact) -> Vec<Output> {
        let mut outputs = Vec::new();
        self.client
            .handle_own(&self.policy, now, fact, &mut outputs);
        outputs
    }
}

/// What will happen: in order of time, signals first.
#[derive(Clone, Copy, Debug)]
enum Event {
    Signal(u32, u16, Signal),
    Bill(Receipt, Usage),
    Submit,
}

/// Both sides, told the same.
struct Twins {
    seed: u64,
    together: Side,
    /// By lane: batch calls, and all others.
    apart: [Side; 2],
    calls: BTreeMap<u32, (Call, Call)>,
    events: BTreeMap<(Instant, u64), Event>,
    ready: VecDeque<u32>,
    listening: VecDeque<(u32, u16)>,
    submitted: u32,
    planned: u64,
    now: Instant,
    sent: u32,
}

fn lane(priority: Priority) -> usize {
    usize::from(priority != Priority::Batch)
}

impl Twins {
    fn new(seed: u64, rest: &Config, batch: &Config) -> Twins {
        let mut both = rest.clone();
        both.priority.insert(Priority::Batch, batch.clone());
        let mut twins = Twins {
            seed,
            together: Side::new(&both, seed),
            apart: [Side::new(batch, seed), Side::new(rest, seed)],
            calls: BTreeMap::new(),
            events: BTreeMap::new(),
            ready: VecDeque::new(),
            listening: VecDeque::new(),
            submitted: 0,
            planned: 0,
            now: Instant::ZERO,
            sent: 0,
        };
        let r = &mut rng(seed, 7);
        for _ in 0..60 {
            let at = Instant(r.random_range(0..15_000) * 1_000_000);
            twins.plan(at, Event::Submit);
        }
        twins
    }

    fn plan(&mut self, at: Instant, event: Event) {
        self.planned += 1;
        self.events.insert((at, self.planned), event);
    }

    fn submit(&mut self) {
        let number = self.submitted;
        self.submitted += 1;
        let r = &mut rng(self.seed, 1000 + u64::from(number));
        let request = Request {
            prompt_tokens: r.random_range(1..300),
            max_tokens: r.random_range(1..300),
            stream: r.random_bool(0.5),
            priority: Priority::ALL[r.random_range(0..3)],
            sender: squall::base::Sender::NOBODY,
            needs: squall::base::Capabilities::NONE,
        };
        let id = CallId::new(0, u64::from(number));
        let deadline = self.now + Duration::from_ms(r.random_range(1..8000));
        let call = || Call::new(id, number, request, deadline);
        self.calls.insert(number, (call(), call()));
        self.tell(number, Fact::Submitted);
    }

    fn tell(&mut self, number: u32, fact: Fact) {
        let (ours, theirs) = self.calls.get_mut(&number).expect("it is open");
        let priority = ours.request().priority;
        let side = &mut self.apart[lane(priority)];
        let said = self.together.tell(ours, self.now, fact);
        let expected = side.tell(theirs, self.now, fact);
        let seed = self.seed;
        assert_eq!(said, expected, "seed {seed}: {fact:?} of {number}");
        assert_eq!(ours.wake_at(), theirs.wake_at(), "seed {seed}");
        for output in said {
            self.obey(number, output);
        }
    }

    fn obey(&mut self, number: u32, output: Output) {
        match output {
            Output::Dispatch { receipt, .. } => self.answer(number, receipt),
            Output::Ready { slot } => self.ready.push_back(slot),
            Output::Listen { receipt } => self.listening.push_back((number, receipt.attempt)),
            Output::Finish { .. } => {
                self.calls.remove(&number);
            }
            _ => {}
        }
    }

    /// Decides what becomes of an attempt, by itself alone.
    fn answer(&mut self, number: u32, receipt: Receipt) {
        self.sent += 1;
        let key = u64::from(number) << 8 | u64::from(receipt.attempt);
        let r = &mut rng(self.seed, 1 << 20 | key);
        let begin = self.now + Duration::from_ms(r.random_range(1..1500));
        let end = begin + Duration::from_ms(r.random_range(0..1500));
        let stated = r.random_bool(0.5).then_some(Duration::from_ms(400));
        let ending = match r.random_range(0..5) {
            0 | 1 => Ending::text(100),
            2 => Ending::ConnectionLost,
            i => Ending::Status {
                status: if i == 3 { 429 } else { 503 },
                code: Code::None,
                advice: Advice::stated(stated, squall::base::wire::Forms::EXACT),
            },
        };
        if matches!(ending, Ending::Answer { .. }) {
            self.plan(
                begin,
                Event::Signal(number, receipt.attempt, Signal::FirstToken),
            );
        }
        self.plan(
            end,
            Event::Signal(number, receipt.attempt, Signal::End(ending)),
        );
        let usage = Usage {
            input_tokens: r.random_range(0..300),
            output_tokens: r.random_range(0..300),
            pico_usd: 5,
        };
        self.plan(end + Duration::from_ms(1), Event::Bill(receipt, usage));
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Submit => self.submit(),
            Event::Signal(number, attempt, signal) => {
                if self.calls.contains_key(&number) {
                    self.tell(number, Fact::Signal { attempt, signal });
                }
            }
            Event::Bill(receipt, usage) => {
                let fact = ClientFact::Settled { receipt, usage };
                let side = &mut self.apart[lane(receipt.priority)];
                let expected = side.tell_client(self.now, fact);
                let said = self.together.tell_client(self.now, fact);
                assert_eq!(said, expected, "seed {}", self.seed);
                said.into_iter().for_each(|output| self.obey(0, output));
            }
        }
    }

    fn wake_clients(&mut self) {
        if self.together.client.wake_at() > self.now {
            return;
        }
        let said = self.together.tell_client(self.now, ClientFact::Wake);
        let mut expected = Vec::new();
        for side in &mut self.apart {
            if side.client.wake_at() <= self.now {
                expected.extend(side.tell_client(self.now, ClientFact::Wake));
            }
        }
        assert_eq!(said, expected, "seed {}", self.seed);
        said.into_iter().for_each(|output| self.obey(0, output));
    }

    fn serve(&mut self) {
        loop {
            while let Some((number, attempt)) = self.listening.pop_front() {
                let at = Some(self.now);
                self.tell(number, Fact::Heard { attempt, at });
            }
            let Some(number) = self.ready.pop_front() else {
                return;
            };
            self.tell(number, Fact::Wake);
        }
    }

    /// The next instant at which anything happens, all of it; false after the last.
    fn step(&mut self) -> bool {
        let calls = self.calls.values().map(|(call, _)| call.wake_at());
        let clients = self.apart.iter().map(|side| side.client.wake_at());
        let client = clients.min().expect("two clients");
        assert_eq!(self.together.client.wake_at(), client, "seed {}", self.seed);
        let event = self.events.keys().next().map(|(at, _)| *at);
        let next = calls.chain(event).chain([client]).min();
        let Some(next) = next.filter(|at| *at != Instant::NEVER) else {
            return false;
        };
        self.now = next;
        if event == Some(next) {
            let (_, event) = self.events.pop_first().expect("one is due");
            self.happen(event);
            self.serve();
            return true;
        }
        let due: Vec<u32> = (self.calls.iter())
            .filter(|(_, (call, _))| call.wake_at() <= next)
            .map(|(number, _)| *number)
            .collect();
        for number in due {
            if self.calls.contains_key(&number) {
                self.tell(number, Fact::Wake);
                self.serve();
            }
        }
        self.wake_clients();
        self.serve();
        true
    }
}

/// Whether two policies share something that remembers.
fn share(a: &Config, b: &Config) -> bool {
    let paces = !a.quota.0.is_empty() || !matches!(a.limiter, limiter::Config::None(_));
    a.budget == b.budget && !a.budget.0.is_empty()
        || a.breaker == b.breaker && !matches!(a.breaker, breaker::Config::None(_))
        || paces && a.quota == b.quota && a.limiter == b.limiter && a.line == b.line
}

#[test]
fn priorities_that_share_nothing_are_as_clients_of_their_own() {
    let (mut cases, mut sent) = (0, 0);
    for seed in 0..400 {
        let line = "line = { max = 3, when-full = \"shed-lowest\" }\n";
        let rest: Config = typed(&(policy_text(seed) + line));
        let batch: Config = typed(&policy_text(seed + 100_000));
        if share(&rest, &batch) {
            continue;
        }
        let mut twins = Twins::new(seed, &rest, &batch);
        while twins.step() {}
        assert!(twins.calls.is_empty(), "seed {seed}: all calls end");
        assert_eq!(
            twins.together.client.spent_pico_usd(),
            u128::from(twins.sent) * 5,
            "seed {seed}"
        );
        cases += 1;
        sent += twins.sent;
    }
    assert!(
        cases > 300 && sent > 20_000,
        "{cases} cases, {sent} attempts"
    );
}
