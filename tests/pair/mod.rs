//! A pair: one client and the endpoints it talks to, in virtual time.
//!
//! The test is the world: it says when an endpoint answers or fails, and `drive` jumps from wake-up
//! to wake-up until the engine does something. Everything the engine says is kept as a line of
//! text, `"<ms> <word> …"`, so a story reads: submit, fail, drive, compare.

mod log;
mod world;

use std::collections::{BTreeMap, VecDeque};

use squall::base::draw::{Root, Stage};
use squall::base::wire::{Code, Content, Priority};
use squall::base::{
    CallId, Capabilities, DeferralId, Draws, Duration, EndpointId, Instant, Receipt, Request,
    Sender, Signal,
};
use squall::engine::{Call, Client, ClientFact, Fact, Policy};
use squall::policy::Config;
use squall::policy::route::Endpoint;

use crate::settings::typed;

/// The first endpoint.
pub(crate) const A: u16 = 0;
/// The second endpoint.
pub(crate) const B: u16 = 1;
/// The third endpoint.
pub(crate) const C: u16 = 2;

/// As many as a test has use for, of which a pair takes the first few.
pub(crate) const NAMES: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

/// More steps than any story takes: an engine that is not idle by then never will be.
const BOUND: usize = 1000;

/// A judge that has not said what it thinks of an answer.
struct Judgement {
    number: u32,
    answer: Receipt,
    inline: bool,
}

/// One client, its calls and what it said.
pub(crate) struct Pair {
    policy: Policy,
    client: Client,
    calls: BTreeMap<u32, Call>,
    /// Attempts in flight, in order of sending.
    open: Vec<(u32, Receipt)>,
    /// Judgements under way, in order of asking.
    judged: VecDeque<Judgement>,
    ready: VecDeque<u32>,
    /// What was put off and is to be submitted now.
    again: VecDeque<(DeferralId, Request)>,
    /// Who listens: a call and its attempt.
    listening: VecDeque<(u32, u16)>,
    /// Answers whose embedding was asked for.
    answers: Vec<Receipt>,
    /// When the newest token came, of whatever answer.
    heard: Instant,
    /// Whether attempts that are asked after are connected.
    connects: bool,
    log: Vec<String>,
    now: Instant,
    submitted: u32,
    /// The attempt that was sent last.
    newest: Receipt,
    deadline: Duration,
    stream: bool,
    /// Tokens of the prompt, and of the longest answer.
    size: (u32, u32),
    /// Attempts that have ended and are not billed yet, in order of their ends.
    unbilled: VecDeque<Receipt>,
    priority: Priority,
    sender: Sender,
    needs: Capabilities,
}

impl Pair {
    /// A client of the endpoints `a`, `b` and `c`; calls are streamed and have ten minutes.
    pub(crate) fn new(text: &str) -> Pair {
        Pair::seeded(text, 1)
    }

    /// The same under another seed, for draws.
    pub(crate) fn seeded(text: &str, seed: u64) -> Pair {
        Pair::of(&typed(text), 3, seed)
    }

    /// A client of the first few endpoints under a policy that has been read already.
    pub(crate) fn of(config: &Config, endpoints: usize, seed: u64) -> Pair {
        let names = &NAMES[..endpoints];
        let policy = Policy::new(config, names).expect("the story's route names its endpoints");
        Pair::with(policy, endpoints, seed)
    }

    /// A client of endpoints of which more is known; three of them.
    pub(crate) fn among(text: &str, endpoints: &[Endpoint<'_>]) -> Pair {
        let config: Config = typed(text);
        let policy = Policy::among(&config, endpoints).expect("the story's route names a, b or c");
        Pair::with(policy, endpoints.len(), 1)
    }

    fn with(policy: Policy, endpoints: usize, seed: u64) -> Pair {
        let draws = Draws::new(Root::new(seed, Stage::Run, 0));
        let client = Client::new(&policy, endpoints, draws);
        Pair {
            policy,
            client,
            calls: BTreeMap::new(),
            open: Vec::new(),
            judged: VecDeque::new(),
            ready: VecDeque::new(),
            again: VecDeque::new(),
            listening: VecDeque::new(),
            answers: Vec::new(),
            heard: Instant::ZERO,
            connects: true,
            log: Vec::new(),
            now: Instant::ZERO,
            submitted: 0,
            newest: Receipt {
                call: CallId::new(0, 0),
                endpoint: EndpointId(A),
                attempt: 0,
                nth_at_endpoint: 0,
                priority: Priority::Normal,
            },
            deadline: Duration::from_s(600),
            stream: true,
            size: (100, 100),
            unbilled: VecDeque::new(),
            priority: Priority::Normal,
            sender: Sender::NOBODY,
            needs: Capabilities::NONE,
        }
    }

    /// Calls from now on have this long.
    pub(crate) fn deadline(mut self, ms: u64) -> Pair {
        self.deadline = Duration::from_ms(ms);
        self
    }

    /// Nothing can be connected from now on.
    pub(crate) fn unreachable(&mut self) {
        self.connects = false;
    }

    /// Calls from now on are not streamed.
    pub(crate) fn whole(mut self) -> Pair {
        self.stream = false;
        self
    }

    /// Calls from now on have prompts of so many tokens and ask for so many.
    pub(crate) fn size(&mut self, prompt: u32, max_tokens: u32) {
        self.size = (prompt, max_tokens);
    }

    /// Calls from now on need these.
    pub(crate) fn needing(&mut self, needs: Capabilities) {
        self.needs = needs;
    }

    /// Calls from now on are made on this behalf.
    pub(crate) fn from(&mut self, user: u32, conversation: u32, turn: u16) {
        self.sender = Sender {
            user,
            conversation,
            turn,
            ..Sender::NOBODY
        };
    }

    /// A call of a priority arrives; returns its number.
    pub(crate) fn submit_as(&mut self, priority: Priority) -> u32 {
        let usual = std::mem::replace(&mut self.priority, priority);
        let number = self.submit();
        self.priority = usual;
        number
    }

    /// A call arrives; returns its number.
    pub(crate) fn submit(&mut self) -> u32 {
        let number = self.submitted;
        self.submitted += 1;
        let (prompt_tokens, max_tokens) = self.size;
        let request = Request {
            prompt_tokens,
            max_tokens,
            stream: self.stream,
            priority: self.priority,
            sender: self.sender,
            needs: self.needs,
        };
        let id = CallId::new(0, u64::from(number));
        let call = Call::new(id, number, request, self.now + self.deadline);
        self.calls.insert(number, call);
        self.tell(number, Fact::Submitted);
        number
    }

    /// The caller goes away.
    pub(crate) fn cancel(&mut self, call: u32) {
        self.tell(call, Fact::Cancelled);
    }

    /// Tells a call `Wake` though its time has not come.
    pub(crate) fn wake_early(&mut self, call: u32) {
        self.tell(call, Fact::Wake);
    }

    /// Time passes; whoever wants to be woken is.
    pub(crate) fn pass(&mut self, ms: u64) {
        let until = self.now + Duration::from_ms(ms);
        let mut steps = 0;
        while self.next() <= until {
            self.step();
            steps += 1;
            assert!(
                steps < BOUND,
                "the engine wants to be woken without end:\n{:#?}",
                self.log
            );
        }
        self.now = until;
    }

    /// Time passes up to this instant, whose own wake-ups are still to come: signals are first.
    pub(crate) fn reach(&mut self, ms: u64) {
        let until = Instant(ms * 1_000_000);
        self.pass(ms - 1 - self.now.0 / 1_000_000);
        assert!(self.next() >= until, "something is due before the instant");
        self.now = until;
    }

    /// Jumps from wake-up to wake-up until an attempt is sent or a call ends.
    pub(crate) fn drive(&mut self) {
        let before = (self.told("send").len(), self.told("finish").len());
        for _ in 0..BOUND {
            if self.next() == Instant::NEVER {
                return;
            }
            self.step();
            if before != (self.told("send").len(), self.told("finish").len()) {
                return;
            }
        }
        panic!("the engine wants to be woken without end:\n{:#?}", self.log);
    }

    /// All lines with this word: `told("send")`.
    pub(crate) fn told(&self, word: &str) -> Vec<&str> {
        let has = |line: &&str| line.split(' ').nth(1) == Some(word);
        self.log.iter().map(String::as_str).filter(has).collect()
    }

    /// All lines.
    pub(crate) fn log(&self) -> Vec<&str> {
        self.log.iter().map(String::as_str).collect()
    }

    /// When the engine wants to be woken next.
    pub(crate) fn next(&self) -> Instant {
        let calls = self.calls.values().map(Call::wake_at).min();
        calls.unwrap_or(Instant::NEVER).min(self.client.wake_at())
    }

    /// The present.
    pub(crate) fn now(&self) -> Instant {
        self.now
    }

    /// Where the newest attempt in flight of a call is; None if it has none.
    pub(crate) fn place(&self, call: u32) -> Option<u16> {
        let mut all = self.open.iter().rev();
        let found = all.find(|(number, _)| *number == call)?;
        Some(found.1.endpoint.0)
    }

    /// How long an open call stood in line until it was sent, in ms.
    pub(crate) fn stood_in_line(&self, call: u32) -> u64 {
        self.calls[&call].queue_wait().0 / 1_000_000
    }

    /// One instant: wakes every call that is due, then the client.
    fn step(&mut self) {
        let at = self.next();
        assert!(
            at >= self.now,
            "a wake-up at {} ns lies in the past of {} ns",
            at.0,
            self.now.0
        );
        self.now = at;
        let due: Vec<u32> = self
            .calls
            .iter()
            .filter(|(_, c)| c.wake_at() <= at)
            .map(|(n, _)| *n)
            .collect();
        for number in due {
            if self.calls.contains_key(&number) {
                self.tell(number, Fact::Wake);
            }
        }
        if self.client.wake_at() <= at {
            let mut outputs = Vec::new();
            self.client
                .handle_own(&self.policy, at, ClientFact::Wake, &mut outputs);
            outputs.into_iter().for_each(|output| self.note(0, output));
            self.serve();
        }
    }

    fn signal(&mut self, endpoint: u16, signal: Signal) {
        let found = self
            .open
            .iter()
            .find(|(_, r)| r.endpoint == EndpointId(endpoint));
        let (number, receipt) = *found.unwrap_or_else(|| {
            panic!(
                "nothing is in flight at {}:\n{:#?}",
                NAMES[usize::from(endpoint)],
                self.log
            )
        });
        self.tell(
            number,
            Fact::Signal {
                attempt: receipt.attempt,
                signal,
            },
        );
    }

    fn tell(&mut self, number: u32, fact: Fact) {
        self.handle(number, fact);
        self.serve();
    }

    fn serve(&mut self) {
        loop {
            while let Some((number, attempt)) = self.listening.pop_front() {
                let at = self.connects.then_some(self.heard);
                self.handle(number, Fact::Heard { attempt, at });
            }
            if let Some(number) = self.ready.pop_front() {
                self.handle(number, Fact::Wake);
            } else if let Some((id, request)) = self.again.pop_front() {
                let number = self.submitted;
                self.submitted += 1;
                let call = CallId::new(CallId::DEFERRED, u64::from(number));
                let call = Call::again(call, number, request, self.now + self.deadline, id);
                self.calls.insert(number, call);
                self.handle(number, Fact::Submitted);
            } else {
                return;
            }
        }
    }

    fn handle(&mut self, number: u32, fact: Fact) {
        let mut outputs = Vec::new();
        let call = self
            .calls
            .get_mut(&number)
            .expect("a call that is over is told nothing more");
        self.client
            .handle(&self.policy, call, self.now, fact, &mut outputs);
        outputs
            .into_iter()
            .for_each(|output| self.note(number, output));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every word of the harness once, so that each test binary that includes it uses all of it.
    #[test]
    fn the_pair_does_what_it_says() {
        let mut pair = Pair::new("retry.attempts = 2").whole().deadline(5000);
        pair.needing(Capabilities::NONE);
        let call = pair.submit();
        pair.pass(10);
        pair.fail(A, 500);
        pair.wake_early(call);
        assert_eq!(pair.next(), Instant(5_010_000_000 - 10_000_000));
        assert_eq!(pair.stood_in_line(call), 0);
        assert_eq!(pair.asks_for(call), 100);
        pair.cancel(call);
        let log = [
            "0 send a first",
            "10 end a server-fault",
            "10 send b failover",
        ];
        assert_eq!(pair.log()[..3], log);
        let mut pair = Pair::among("", &NAMES.map(Endpoint::named));
        pair.submit();
        assert_eq!(pair.told("send"), ["0 send a first"]);
        let mut pair = Pair::seeded("retry.attempts = 4", 2);
        pair.submit();
        pair.break_off(A);
        pair.fail_with(B, 429, Code::RateLimit, Some(1000));
        pair.fail(C, 500);
        pair.first_token(A);
        pair.token();
        pair.reach(2);
        pair.answer_call(0);
        pair.submit_as(Priority::Batch);
        pair.cancel(1);
        pair.drive();
        assert_eq!(pair.told("finish")[0], "2 finish success by a");
        assert_eq!((pair.now(), pair.place(0)), (Instant(2_000_000), None));
        pair.size(10, 20);
        pair.from(1, 1, 0);
        pair.unreachable();
        let call = pair.submit();
        assert_eq!(pair.place(call), Some(A));
        pair.fail_call(call, 400);
        // The first to end was that at `a`, of which nothing came.
        pair.bill(0, 0);
        let mut pair = Pair::new("guard.judge = { endpoint = \"c\" }");
        pair.submit();
        pair.answer_with(A, Content::Text, false);
        pair.judge(Some(false));
        assert_eq!(pair.told("finish"), ["0 finish success by a"]);
        let watched = "monitor.e = { watch = \"embedding\", test.embedding = { dimensions = 8, threshold = 1 } }";
        let mut pair = Pair::new(watched);
        pair.submit();
        pair.answer(A);
        assert_eq!(pair.told("embed"), ["0 embed a 8"]);
        pair.embedded(&[0.0; 8]);
        pair.bill_newest(A, 1, 1);
        pair.verdict(true);
        assert!(pair.told("alert").is_empty());
    }
}
