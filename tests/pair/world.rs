//! What the world does to attempts, and what it tells a client of them.

use squall::base::wire::{Advice, Code, Content, Finish, Forms};
use squall::base::{Duration, Ending, EndpointId, Receipt, Signal, Usage};
use squall::engine::{ClientFact, Fact};
use squall::policy::monitor::watch::Seen;

use super::Pair;

impl Pair {
    /// The oldest attempt in flight at an endpoint is answered.
    pub(crate) fn answer(&mut self, endpoint: u16) {
        let answer = Ending::text(100);
        self.signal(endpoint, Signal::End(answer));
    }

    /// It is answered with something of this content, by itself or cut at max-tokens.
    pub(crate) fn answer_with(&mut self, endpoint: u16, content: Content, cut: bool) {
        let answer = Ending::Answer {
            finish: if cut { Finish::Length } else { Finish::Stop },
            tokens: 100,
            content,
        };
        self.signal(endpoint, Signal::End(answer));
    }

    /// The oldest judgement under way ends with a verdict, or without one.
    pub(crate) fn judge(&mut self, flags: Option<bool>) {
        let judged = self.judged.pop_front().expect("a judge was asked");
        let verdict = |content| Ending::Answer {
            finish: Finish::Stop,
            tokens: 20,
            content,
        };
        let ending = match flags {
            Some(true) => verdict(Content::Flagged),
            Some(false) => verdict(Content::Passed),
            None => Ending::ConnectionRefused,
        };
        let answer = judged.answer;
        if judged.inline {
            let attempt = answer.attempt;
            return self.tell(judged.number, Fact::Judged { attempt, ending });
        }
        let fact = ClientFact::Judged { answer, ending };
        let mut outputs = Vec::new();
        self.client
            .handle_own(&self.policy, self.now, fact, &mut outputs);
        outputs.into_iter().for_each(|output| self.note(0, output));
    }

    /// The longest answer that an open call asks for now, in tokens.
    pub(crate) fn asks_for(&self, call: u32) -> u32 {
        self.calls[&call].request().max_tokens
    }

    /// Its first token comes.
    pub(crate) fn first_token(&mut self, endpoint: u16) {
        self.heard = self.now;
        self.signal(endpoint, Signal::FirstToken);
    }

    /// Another token comes, of whatever answer is in progress.
    pub(crate) fn token(&mut self) {
        self.heard = self.now;
    }

    /// It is answered with a status.
    pub(crate) fn fail(&mut self, endpoint: u16, status: u16) {
        self.fail_with(endpoint, status, Code::None, None);
    }

    /// It is answered with a status, a code and a wait in ms.
    pub(crate) fn fail_with(&mut self, endpoint: u16, status: u16, code: Code, wait: Option<u64>) {
        let advice = Advice::stated(wait.map(Duration::from_ms), Forms::EXACT);
        self.refuse(endpoint, status, code, advice);
    }

    /// It is answered with a status, a code and whatever it says about trying again.
    pub(crate) fn refuse(&mut self, endpoint: u16, status: u16, code: Code, advice: Advice) {
        self.signal(
            endpoint,
            Signal::End(Ending::Status {
                status,
                code,
                advice,
            }),
        );
    }

    /// The newest answer whose embedding was asked for has this one.
    pub(crate) fn embedded(&mut self, vector: &[f64]) {
        let receipt = self.answers.pop().expect("an embedding was asked for");
        self.observe(receipt, Seen::Embedded(vector));
    }

    /// The bill of the newest attempt comes: so many tokens and pico-dollars.
    pub(crate) fn bill_newest(&mut self, endpoint: u16, output_tokens: u64, pico_usd: u64) {
        let usage = Usage {
            input_tokens: 100,
            output_tokens,
            pico_usd,
        };
        let receipt = Receipt {
            endpoint: EndpointId(endpoint),
            ..self.newest
        };
        let fact = ClientFact::Settled { receipt, usage };
        let mut outputs = Vec::new();
        self.client
            .handle_own(&self.policy, self.now, fact, &mut outputs);
        outputs.into_iter().for_each(|output| self.note(0, output));
    }

    /// A judge passes or refuses the answer of the newest attempt.
    pub(crate) fn verdict(&mut self, passed: bool) {
        self.observe(self.newest, Seen::Judged { passed });
    }

    fn observe(&mut self, receipt: Receipt, seen: Seen<'_>) {
        let mut outputs = Vec::new();
        self.client
            .observe(&self.policy, receipt, seen, self.now, &mut outputs);
        outputs.into_iter().for_each(|output| self.note(0, output));
    }

    /// Its connection breaks.
    pub(crate) fn break_off(&mut self, endpoint: u16) {
        self.signal(endpoint, Signal::End(Ending::ConnectionLost));
    }

    /// An attempt of this call is answered.
    pub(crate) fn answer_call(&mut self, call: u32) {
        let found = self.open.iter().find(|(number, _)| *number == call);
        let (_, receipt) = *found.expect("the call has an attempt in flight");
        let (attempt, signal) = (receipt.attempt, Signal::End(Ending::text(100)));
        self.tell(call, Fact::Signal { attempt, signal });
    }

    /// An attempt of this call is answered with a status.
    pub(crate) fn fail_call(&mut self, call: u32, status: u16) {
        let found = self.open.iter().find(|(number, _)| *number == call);
        let (_, receipt) = *found.expect("the call has an attempt in flight");
        let signal = Signal::End(Ending::Status {
            status,
            code: Code::None,
            advice: Advice::NONE,
        });
        let attempt = receipt.attempt;
        self.tell(call, Fact::Signal { attempt, signal });
    }

    /// The bill of the attempt that ended first of those not billed yet, in tokens.
    pub(crate) fn bill(&mut self, input_tokens: u64, output_tokens: u64) {
        let receipt = self.unbilled.pop_front().expect("an attempt has ended");
        let usage = Usage {
            input_tokens,
            output_tokens,
            pico_usd: 0,
        };
        let mut outputs = Vec::new();
        let fact = ClientFact::Settled { receipt, usage };
        let now = self.now;
        self.client
            .handle_own(&self.policy, now, fact, &mut outputs);
        outputs.into_iter().for_each(|output| self.note(0, output));
        self.serve();
    }
}
