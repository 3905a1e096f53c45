//! A crowd: one client, calls that arrive at random, and endpoints that fail at random, in virtual time.
//! What was sent and how it ended is kept in order, for laws that add up by themselves.

use std::collections::{BTreeMap, VecDeque};

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use squall::base::draw::{Root, Stage};
use squall::base::wire::{Advice, Code, Forms, Priority, Request, Signal};
use squall::base::{
    CallId, Class, DeferralId, Draws, Duration, Ending, Fallback, Instant, Origin, Receipt,
    Refusal, Usage, Verdict,
};
use squall::engine::{Call, Client, ClientFact, Fact, Notice, Output, Policy};
use squall::policy::Config;

use crate::settings::typed;

/// The endpoints there are.
pub(crate) const NAMES: [&str; 3] = ["a", "b", "c"];

/// Something that happened, in order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum What {
    Arrived,
    Sent {
        receipt: Receipt,
        origin: Origin,
        tokens: u64,
    },
    Ended {
        receipt: Receipt,
        class: Class,
    },
    Billed {
        receipt: Receipt,
        usage: Usage,
    },
    Refused {
        refusal: Refusal,
    },
    Degraded {
        by: Fallback,
    },
    PutOff,
    Forgotten,
    Tripped {
        endpoint: u16,
        until: Instant,
    },
    Over {
        call: CallId,
        success: bool,
    },
}

/// Tokens of every request: its prompt and its max-tokens.
pub(crate) const PROMPT: u32 = 100;
/// See [`PROMPT`].
pub(crate) const MAX_TOKENS: u32 = 200;

/// The number of the first call that is submitted once more.
const AGAIN: u32 = 1 << 20;

/// How much of it, and how bad.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crowd {
    pub(crate) seed: u64,
    pub(crate) calls: u32,
    /// The mean time between two calls.
    pub(crate) gap_ms: f64,
    /// The share of attempts that fail, in each third of the calls.
    pub(crate) failing: [f64; 3],
}

impl Crowd {
    pub(crate) fn of(seed: u64) -> Crowd {
        Crowd {
            seed,
            calls: 900,
            gap_ms: 40.0,
            failing: [0.05, 0.9, 0.1],
        }
    }
}

/// What there was, and what the client kept of it in the end.
pub(crate) struct Flown {
    pub(crate) log: Vec<(Instant, What)>,
    /// The length of all its state, written out.
    pub(crate) kept: usize,
}

#[derive(Clone, Copy, Debug)]
enum Due {
    Arrives,
    Ends { call: u32, receipt: Receipt },
    Bill { receipt: Receipt },
}

struct Run {
    crowd: Crowd,
    rng: Xoshiro256PlusPlus,
    policy: Policy,
    client: Client,
    calls: BTreeMap<u32, Call>,
    /// What is to come, by instant and then in order of planning.
    due: BTreeMap<(Instant, u64), Due>,
    planned: u64,
    ready: VecDeque<u32>,
    /// Calls that were put off and are to be submitted once more.
    again: VecDeque<(DeferralId, Request)>,
    resubmitted: u32,
    aborted: Vec<Receipt>,
    submitted: u32,
    now: Instant,
    log: Vec<(Instant, What)>,
}

/// Flies a crowd under a policy, to the end of its last call and bill.
pub(crate) fn fly(text: &str, crowd: Crowd) -> Flown {
    let config: Config = typed(text);
    let policy = Policy::new(&config, &NAMES).expect("a route of a, b and c");
    let draws = Draws::new(Root::new(crowd.seed, Stage::Run, 0));
    let mut run = Run {
        crowd,
        rng: Xoshiro256PlusPlus::seed_from_u64(crowd.seed),
        client: Client::new(&policy, NAMES.len(), draws),
        policy,
        calls: BTreeMap::new(),
        due: BTreeMap::new(),
        planned: 0,
        ready: VecDeque::new(),
        again: VecDeque::new(),
        resubmitted: 0,
        aborted: Vec::new(),
        submitted: 0,
        now: Instant::ZERO,
        log: Vec::new(),
    };
    run.plan(0.0, Due::Arrives);
    while run.step() {}
    assert!(run.calls.is_empty(), "every call ends: {text}");
    Flown {
        kept: kept(&run.client),
        log: run.log,
    }
}

/// The length of a client's state, written out, but for the draws that debug builds remember to find
/// one made twice.
fn kept(client: &Client) -> usize {
    let text = format!("{client:?}");
    let Some((before, drawn)) = text.split_once("seen: RefCell { value: {") else {
        return text.len();
    };
    let after = drawn.split_once('}').map_or(0, |(_, after)| after.len());
    before.len() + after
}

impl Run {
    fn plan(&mut self, ms: f64, due: Due) {
        let at = self.now + Duration::from_s_f64(ms / 1e3);
        self.due.insert((at, self.planned), due);
        self.planned += 1;
    }

    /// What comes next in time; whether there was anything.
    fn step(&mut self) -> bool {
        let planned = self.due.first_key_value().map(|((at, _), _)| *at);
        let waking = self.calls.values().map(Call::wake_at).min();
        let waking = waking.unwrap_or(Instant::NEVER).min(self.client.wake_at());
        match planned {
            Some(at) if at <= waking => {
                let ((at, _), due) = self.due.pop_first().expect("it is there");
                self.now = at;
                self.happens(due);
            }
            _ if waking < Instant::NEVER => {
                self.now = waking;
                self.wake();
            }
            _ => return false,
        }
        while let Some(call) = self.ready.pop_front() {
            self.tell(call, Fact::Wake);
        }
        while let Some((id, request)) = self.again.pop_front() {
            self.submit_again(id, request);
        }
        true
    }

    fn wake(&mut self) {
        if self.client.wake_at() <= self.now {
            self.tell_client(ClientFact::Wake);
        }
        let due = self
            .calls
            .iter()
            .find(|(_, call)| call.wake_at() <= self.now);
        if let Some(call) = due.map(|(number, _)| *number) {
            self.tell(call, Fact::Wake);
        }
    }

    fn happens(&mut self, due: Due) {
        match due {
            Due::Arrives => self.arrives(),
            Due::Ends { call, receipt } => {
                if self.calls.contains_key(&call) && !self.aborted.contains(&receipt) {
                    let signal = Signal::End(self.ending());
                    let attempt = receipt.attempt;
                    self.tell(call, Fact::Signal { attempt, signal });
                }
            }
            Due::Bill { receipt } => {
                let usage = Usage {
                    input_tokens: 100,
                    output_tokens: self.rng.random_range(0..200),
                    pico_usd: self.rng.random_range(0..5_000_000_000),
                };
                self.log.push((self.now, What::Billed { receipt, usage }));
                self.tell_client(ClientFact::Settled { receipt, usage });
            }
        }
    }

    fn arrives(&mut self) {
        let number = self.submitted;
        self.submitted += 1;
        let request = Request {
            prompt_tokens: PROMPT,
            max_tokens: MAX_TOKENS,
            stream: false,
            priority: Priority::Normal,
            sender: squall::base::Sender::NOBODY,
            needs: squall::base::Capabilities::NONE,
        };
        let id = CallId::new(0, u64::from(number));
        let deadline = self.now + Duration::from_s(30);
        self.calls
            .insert(number, Call::new(id, number, request, deadline));
        self.log.push((self.now, What::Arrived));
        self.tell(number, Fact::Submitted);
        if self.submitted < self.crowd.calls {
            let gap = self.rng.random_range(0.0..2.0 * self.crowd.gap_ms);
            self.plan(gap, Due::Arrives);
        }
    }

    /// A call that was put off is submitted once more. Its arrival and its end are nobody's.
    fn submit_again(&mut self, deferral: DeferralId, request: Request) {
        let number = AGAIN + self.resubmitted;
        let id = CallId::new(CallId::DEFERRED, u64::from(self.resubmitted));
        self.resubmitted += 1;
        let deadline = self.now + Duration::from_s(30);
        let call = Call::again(id, number, request, deadline, deferral);
        self.calls.insert(number, call);
        self.tell(number, Fact::Submitted);
    }

    /// How an attempt ends that ends now.
    fn ending(&mut self) -> Ending {
        let third = (self.submitted * 3 / (self.crowd.calls + 1)) as usize;
        if !self.rng.random_bool(self.crowd.failing[third]) {
            return Ending::text(100);
        }
        let status = [429, 429, 500, 503][self.rng.random_range(0..4)];
        let waits = (status == 429).then(|| Duration::from_ms(self.rng.random_range(100..3000)));
        Ending::Status {
            status,
            code: Code::None,
            advice: Advice::stated(waits, Forms::EXACT),
        }
    }

    fn tell_client(&mut self, fact: ClientFact) {
        let mut outputs = Vec::new();
        self.client
            .handle_own(&self.policy, self.now, fact, &mut outputs);
        for output in outputs {
            self.obey(u32::MAX, output);
        }
    }

    fn tell(&mut self, number: u32, fact: Fact) {
        let Some(call) = self.calls.get_mut(&number) else {
            return;
        };
        let mut outputs = Vec::new();
        self.client
            .handle(&self.policy, call, self.now, fact, &mut outputs);
        for output in outputs {
            self.obey(number, output);
        }
    }

    fn obey(&mut self, call: u32, output: Output) {
        let what = match output {
            Output::Dispatch {
                receipt, origin, ..
            } => {
                let ms = self.rng.random_range(50.0..950.0);
                self.plan(ms, Due::Ends { call, receipt });
                What::Sent {
                    receipt,
                    origin,
                    tokens: u64::from(PROMPT + MAX_TOKENS),
                }
            }
            Output::Ended { receipt, class } => {
                let late = self.rng.random_range(0.0..300.0);
                self.plan(late, Due::Bill { receipt });
                What::Ended { receipt, class }
            }
            Output::Abort { receipt, .. } => {
                self.aborted.push(receipt);
                return;
            }
            Output::Ready { slot } => {
                self.ready.push_back(slot);
                return;
            }
            Output::Submit { id, request } => return self.again.push_back((id, request)),
            Output::Defer { .. } => What::PutOff,
            Output::Forget { .. } => What::Forgotten,
            Output::Notice(Notice::Degraded { by }) => What::Degraded { by },
            Output::Finish { verdict, .. } => {
                self.calls.remove(&call);
                if call >= AGAIN {
                    return;
                }
                What::Over {
                    call: CallId::new(0, u64::from(call)),
                    success: verdict == Verdict::Success,
                }
            }
            Output::Notice(Notice::Refused { refusal, .. }) => What::Refused { refusal },
            Output::Notice(Notice::BreakerTripped {
                endpoint, until, ..
            }) => What::Tripped {
                endpoint: endpoint.0,
                until,
            },
            _ => return,
        };
        self.log.push((self.now, what));
    }
}
