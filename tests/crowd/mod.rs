//! A crowd: several processes of one client, the endpoints `a`, `b` and `c`, and virtual time.
//!
//! The test is the world and the driver: it says who submits, how attempts end, and when the
//! processes exchange what they know. What they say is kept as lines, `"<ms> <word> … @<process>"`.

use std::collections::BTreeMap;

use squall::base::draw::{Root, Stage};
use squall::base::wire::{Advice, Code, Priority};
use squall::base::{
    CallId, Draws, Duration, Ending, EndpointId, Instant, Receipt, Request, Sender, Signal, Usage,
};
use squall::engine::{Call, Client, ClientFact, Fact, Fleet, Notice, Opening, Output, Policy};
use squall::policy::Config;
use squall::policy::route::Endpoint;

use crate::settings::typed;

/// An answer.
pub(crate) const OK: Ending = Ending::text(100);
/// A failure that breakers count.
pub(crate) const FAILS: Ending = status(500);
/// A failure that they do not count.
pub(crate) const REFUSES: Ending = status(429);

const fn status(status: u16) -> Ending {
    Ending::Status {
        status,
        code: Code::None,
        advice: Advice::NONE,
    }
}

const NAMES: [&str; 3] = ["a", "b", "c"];

/// A call that is not over.
struct Open {
    call: Call,
    process: usize,
    /// Its attempts in flight, oldest first.
    attempts: Vec<Receipt>,
}

/// The processes, their calls, and what they said.
pub(crate) struct Crowd {
    policy: Policy,
    clients: Vec<Client>,
    fleet: Fleet,
    open: BTreeMap<usize, Open>,
    /// By call, whether anything was refused at its newest fact, and whether its newest attempt is a
    /// probe.
    refused: Vec<bool>,
    probes: Vec<bool>,
    log: Vec<String>,
    now: Instant,
    sent: usize,
    /// Trips that processes decided, and those of the breakers they share.
    decided: u64,
    trips: u64,
}

impl Crowd {
    /// So many processes with this policy.
    pub(crate) fn new(policy: &str, processes: usize) -> Crowd {
        Crowd::labelled(policy, processes, &[None; 3])
    }

    /// The same, where the endpoints belong to these accounts.
    pub(crate) fn labelled(policy: &str, processes: usize, accounts: &[Option<&str>; 3]) -> Crowd {
        let config: Config = typed(policy);
        let endpoint = |(name, account): (&'static str, &Option<&'static str>)| Endpoint {
            account: *account,
            ..Endpoint::named(name)
        };
        let accounts: Vec<Option<&'static str>> = accounts
            .iter()
            .map(|account| account.map(|name| if name == "x" { "x" } else { "y" }))
            .collect();
        let endpoints: Vec<Endpoint<'_>> = NAMES.into_iter().zip(&accounts).map(endpoint).collect();
        let policy = Policy::among(&config, &endpoints).expect("its route names a, b or c");
        let draws = || Draws::new(Root::new(1, Stage::Run, 0));
        Crowd {
            clients: (0..processes)
                .map(|_| Client::new(&policy, NAMES.len(), draws()))
                .collect(),
            fleet: Fleet::new(&policy, NAMES.len(), draws()),
            policy,
            open: BTreeMap::new(),
            refused: Vec::new(),
            probes: Vec::new(),
            log: Vec::new(),
            now: Instant::ZERO,
            sent: 0,
            decided: 0,
            trips: 0,
        }
    }

    /// A call of a process arrives; returns its number.
    pub(crate) fn submit(&mut self, process: usize) -> usize {
        self.submit_for(process, 0)
    }

    /// The same, for a user.
    pub(crate) fn submit_for(&mut self, process: usize, user: u32) -> usize {
        self.submit_and_hear(process, user);
        self.refused.len() - 1
    }

    /// The same; returns what is said of it. User 0 is nobody in particular.
    pub(crate) fn submit_and_hear(&mut self, process: usize, user: u32) -> Vec<Output> {
        let number = self.refused.len();
        let request = Request {
            prompt_tokens: 100,
            max_tokens: 100,
            stream: false,
            priority: Priority::Normal,
            sender: Sender {
                user,
                ..Sender::NOBODY
            },
            needs: squall::base::Capabilities::NONE,
        };
        let deadline = self.now + Duration::from_s(600);
        let id = CallId::new(0, number as u64);
        let call = Call::new(id, number as u32, request, deadline);
        let open = Open {
            call,
            process,
            attempts: Vec::new(),
        };
        self.open.insert(number, open);
        self.refused.push(false);
        self.probes.push(false);
        self.tell(number, Fact::Submitted)
    }

    /// The time of a call's wake-up has come; returns what is said of it.
    pub(crate) fn wake(&mut self, at: Instant, call: usize) -> Vec<Output> {
        self.now = at;
        self.tell(call, Fact::Wake)
    }

    /// How many attempts were sent.
    pub(crate) fn sent(&self) -> usize {
        self.sent
    }

    /// The oldest attempt of a call in flight ends, and its bill comes; returns what is said of it.
    pub(crate) fn end(&mut self, call: usize, ending: Ending) -> Vec<Output> {
        let open = &self.open[&call];
        let (receipt, process) = (open.attempts[0], open.process);
        let signal = Signal::End(ending);
        let attempt = receipt.attempt;
        let said = self.tell(call, Fact::Signal { attempt, signal });
        let usage = Usage {
            input_tokens: 100,
            output_tokens: if ending == OK { 70 } else { 0 },
            pico_usd: 1_000_000 + if ending == OK { 2_000_000 } else { 0 },
        };
        let mut outputs = Vec::new();
        let bill = ClientFact::Settled { receipt, usage };
        let client = &mut self.clients[process];
        client.handle_own(&self.policy, self.now, bill, &mut outputs);
        self.carry(process);
        said
    }

    /// Time passes up to this instant; calls that want to be woken are.
    pub(crate) fn reach(&mut self, ms: u64) {
        let until = Instant(ms * 1_000_000);
        while let Some((at, call)) = self.next().filter(|(at, _)| *at <= until) {
            self.now = at;
            self.tell(call, Fact::Wake);
        }
        self.now = until;
    }

    /// The next wake-up, and whose it is.
    pub(crate) fn next(&self) -> Option<(Instant, usize)> {
        let wakes = self.open.iter().map(|(n, open)| (open.call.wake_at(), *n));
        wakes.min()
    }

    /// The processes exchange what they know.
    pub(crate) fn exchange(&mut self) {
        self.fleet.meet(self.clients.iter().map(Client::busy).sum());
        for process in 0..self.clients.len() {
            let mut outputs = Vec::new();
            let member = process as u32;
            let client = &mut self.clients[process];
            client.adopt(&self.policy, &self.fleet, member, self.now, &mut outputs);
            for output in outputs {
                self.note(process, output);
            }
        }
    }

    /// Trips that processes decided, each by itself.
    pub(crate) fn decided(&self) -> u64 {
        self.decided
    }

    /// Trips of the breakers that all processes share.
    pub(crate) fn trips(&self) -> u64 {
        self.trips
    }

    /// Whether anything was refused at the newest fact of a call.
    pub(crate) fn is_refused(&self, call: usize) -> bool {
        self.refused[call]
    }

    /// Whether the newest attempt of a call is a probe.
    pub(crate) fn is_probe(&self, call: usize) -> bool {
        self.probes[call]
    }

    /// Calls with an attempt in flight.
    pub(crate) fn busy(&self) -> Vec<usize> {
        let busy = self.open.iter().filter(|(_, o)| !o.attempts.is_empty());
        busy.map(|(number, _)| *number).collect()
    }

    /// All lines with this word.
    pub(crate) fn told(&self, word: &str) -> Vec<&str> {
        let has = |line: &&str| line.split(' ').nth(1) == Some(word);
        self.log.iter().map(String::as_str).filter(has).collect()
    }

    /// Tells a call a fact; returns what is said of it.
    pub(crate) fn tell(&mut self, number: usize, fact: Fact) -> Vec<Output> {
        let mut outputs = Vec::new();
        let Open { call, process, .. } = self.open.get_mut(&number).expect("the call is open");
        let process = *process;
        let client = &mut self.clients[process];
        client.handle(&self.policy, call, self.now, fact, &mut outputs);
        self.carry(process);
        self.refused[number] = false;
        for &output in &outputs {
            let Some(open) = self.open.get_mut(&number) else {
                continue;
            };
            match output {
                Output::Dispatch { receipt, probe, .. } => {
                    self.sent += 1;
                    open.attempts.push(receipt);
                    self.probes[number] = probe;
                }
                Output::Ended { receipt, .. } => open.attempts.retain(|r| *r != receipt),
                Output::Finish { .. } => {
                    self.open.remove(&number);
                }
                Output::Notice(Notice::Refused { .. }) => self.refused[number] = true,
                _ => {}
            }
            self.note(process, output);
        }
        outputs
    }

    /// Carries a process's news to the fleet.
    fn carry(&mut self, process: usize) {
        for news in self.clients[process].news() {
            self.fleet.hear(&self.policy, self.now, news);
        }
        self.trips += self.fleet.trips();
    }

    fn note(&mut self, process: usize, output: Output) {
        let name = |id: EndpointId| NAMES[usize::from(id.0)];
        let line = match output {
            Output::Notice(Notice::BreakerTripped {
                endpoint,
                until,
                opening,
            }) => {
                self.decided += u64::from(opening == Opening::Decided);
                format!("trip {} until {}", name(endpoint), until.0 / 1_000_000)
            }
            Output::Notice(Notice::BreakerClosed { endpoint }) => {
                format!("close {}", name(endpoint))
            }
            Output::Notice(Notice::Refused { refusal, .. }) => format!("refused {refusal}"),
            Output::Finish {
                verdict,
                answered_by,
            } => {
                let by = answered_by.map_or("nobody", |receipt| name(receipt.endpoint));
                format!("finish {verdict:?} by {by}")
            }
            _ => return,
        };
        let ms = self.now.0 / 1_000_000;
        self.log.push(format!("{ms} {line} @{process}"));
    }
}
