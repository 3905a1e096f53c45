//! A breaker of one endpoint along a recorded timeline: who is let in, who is refused, and whether it is
//! closed afterwards. Between open and half-open a library may change by a timer or when it is asked:
//! that shows in who is let in.

use std::collections::BTreeMap;

use serde_json::Value;
use squall::base::draw::{Root, Stage};
use squall::base::wire::{Advice, Code, Priority, Request, Signal};
use squall::base::{CallId, Draws, Duration, Ending, Instant};
use squall::engine::{Call, Client, Fact, Notice, Output, Policy};
use squall::policy::Config;

use crate::script::text;

/// What one step came to.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) entered: Vec<String>,
    pub(crate) refused: Vec<String>,
    pub(crate) closed: bool,
}

/// What the recording says of a step.
pub(crate) fn recorded(step: &Value) -> Seen {
    let names = |key: &str| {
        let list = step[key].as_array().into_iter().flatten();
        list.filter_map(Value::as_str).map(String::from).collect()
    };
    Seen {
        entered: names("entered"),
        refused: names("refused"),
        closed: text(step, "state") == "closed",
    }
}

pub(crate) struct Timeline {
    policy: Policy,
    client: Client,
    calls: BTreeMap<String, (u32, Call)>,
    names: Vec<String>,
    now: Instant,
    closed: bool,
    seen: Seen,
}

impl Timeline {
    pub(crate) fn new(config: &Config) -> Timeline {
        let mut config = config.clone();
        config.retry.attempts = 1;
        let policy = Policy::new(&config, &["api"]).expect("a policy of one endpoint");
        let draws = Draws::new(Root::new(1, Stage::Run, 0));
        Timeline {
            client: Client::new(&policy, 1, draws),
            policy,
            calls: BTreeMap::new(),
            names: Vec::new(),
            now: Instant::ZERO,
            closed: true,
            seen: Seen::default(),
        }
    }

    /// One step. What the package was told to ignore is a 418 here.
    pub(crate) fn step(&mut self, step: &Value, cancel_fails: bool) -> Seen {
        let at = Instant::ZERO + Duration::from_s_f64(step["at_s"].as_f64().unwrap_or(0.0));
        self.time_outs(at);
        self.now = at;
        self.seen = Seen::default();
        if let Some(name) = step["start"].as_str() {
            self.start(name);
        } else if let Some(name) = step["end"].as_str() {
            let status = |status| Fact::Signal {
                attempt: 0,
                signal: Signal::End(Ending::Status {
                    status,
                    code: Code::None,
                    advice: Advice::NONE,
                }),
            };
            let fact = match text(step, "as") {
                "ok" => Fact::Signal {
                    attempt: 0,
                    signal: Signal::End(Ending::text(100)),
                },
                "fail" => status(500),
                "cancel" if cancel_fails => status(500),
                "ignored" => status(418),
                _ => Fact::Cancelled,
            };
            self.tell(name, fact);
        }
        self.seen.closed = self.closed;
        std::mem::take(&mut self.seen)
    }

    /// What its calls want to be woken for, up to and with this instant.
    fn time_outs(&mut self, until: Instant) {
        let due = |calls: &BTreeMap<String, (u32, Call)>| {
            let due = calls
                .iter()
                .map(|(name, (_, call))| (call.wake_at(), name.clone()));
            due.min().filter(|(at, _)| *at <= until)
        };
        while let Some((at, name)) = due(&self.calls) {
            self.now = at;
            self.tell(&name, Fact::Wake);
        }
    }

    fn start(&mut self, name: &str) {
        let number = self.names.len() as u32;
        self.names.push(name.into());
        let request = Request {
            prompt_tokens: 1,
            max_tokens: 1,
            stream: false,
            priority: Priority::Normal,
            sender: squall::base::Sender::NOBODY,
            needs: squall::base::Capabilities::NONE,
        };
        let far = Instant::ZERO + Duration::from_s(400_000_000);
        let call = Call::new(CallId::new(0, u64::from(number)), number, request, far);
        self.calls.insert(name.into(), (number, call));
        self.tell(name, Fact::Submitted);
    }

    fn tell(&mut self, name: &str, fact: Fact) {
        let Some((_, call)) = self.calls.get_mut(name) else {
            return;
        };
        let mut outputs = Vec::new();
        self.client
            .handle(&self.policy, call, self.now, fact, &mut outputs);
        let mut ready = Vec::new();
        let mut sent = false;
        for output in outputs {
            match output {
                Output::Dispatch { .. } => sent = true,
                Output::Ready { slot } => ready.push(self.names[slot as usize].clone()),
                Output::Notice(Notice::BreakerTripped { .. }) => self.closed = false,
                Output::Notice(Notice::BreakerClosed { .. }) => self.closed = true,
                Output::Finish { .. } => {
                    self.calls.remove(name);
                    if !sent && !matches!(fact, Fact::Signal { .. } | Fact::Cancelled) {
                        self.seen.refused.push(name.into());
                    }
                }
                _ => {}
            }
        }
        if sent {
            self.seen.entered.push(name.into());
        }
        for name in ready {
            self.tell(&name, Fact::Wake);
        }
    }
}
