//! One call of a policy along a script, with the engine's own decisions and the recorded uniforms.
//!
//! The engine draws by key and cannot be handed a uniform. So before it decides about a wait, the
//! policy's backoff is asked at the recorded uniform, and the engine is given a schedule that holds
//! the answer at that retry and an absurd wait at every other: everything but the draw is its own.

use serde_json::Value;
use squall::base::draw::{Root, Stage};
use squall::base::wire::{Priority, Request, Signal};
use squall::base::{CallId, Class, Draws, Duration, Ending, Instant, Verdict};
use squall::engine::{Call, Client, ClientFact, Fact, Output, Policy};
use squall::policy::backoff::{self, Step as Retry, schedule};
use squall::policy::server_wait::ServerWait;
use squall::policy::{Config, classify};

use crate::script::{Step, numbers, steps};

/// What a client did in a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Done {
    pub(crate) sent: usize,
    /// The waits in ns, those of nothing left out.
    pub(crate) waits: Vec<u64>,
    pub(crate) succeeded: bool,
}

/// What the recording says was done.
pub(crate) fn recorded(case: &Value) -> Done {
    let ns = |s: f64| Duration::from_s_f64(s.max(0.0)).0;
    let waits = numbers(case, "waits_s").into_iter().map(ns);
    Done {
        sent: case["sent"].as_u64().expect("a count") as usize,
        waits: waits.filter(|ns| *ns > 0).collect(),
        succeeded: case["ends"]["ok"] == true,
    }
}

/// The calls of a case: one, or those that a client makes one after the other.
pub(crate) fn calls(case: &Value) -> &[Value] {
    let steps = case["steps"].as_array();
    steps.map_or(std::slice::from_ref(case), Vec::as_slice)
}

/// What our policy does in each call of a case, and how long it took: each begins when the recording
/// says, or else when the one before has ended.
///
/// # Errors
/// What in the case cannot be expressed.
pub(crate) fn replayed(
    config: &Config,
    case: &Value,
    mirrored: bool,
) -> Result<Vec<(Done, Duration)>, &'static str> {
    let mut run = Run::new(config);
    let one = |call: &Value| {
        if let Some(at) = call["at_s"].as_f64() {
            run.now = run.now.max(Instant::ZERO + Duration::from_s_f64(at));
        }
        let began = run.now;
        run.call(&steps(call)?, call, mirrored);
        Ok((std::mem::take(&mut run.done), run.now.since(began)))
    };
    calls(case).iter().map(one).collect()
}

impl Run {
    /// One call along its script.
    fn call(&mut self, steps: &[Step], case: &Value, mirrored: bool) {
        let stops = case["ends"]["stopped_by_the_driver"] == true;
        let takes = Duration::from_s_f64(case["takes_s"].as_f64().unwrap_or(0.0));
        let mut uniforms = numbers(case, "uniforms");
        if mirrored {
            uniforms.iter_mut().for_each(|u| *u = 1.0 - *u);
        }
        self.uniforms = uniforms.into_iter();
        self.submit();
        let most = recorded(case).sent;
        while !self.over {
            let step = steps[(self.done.sent - 1).min(steps.len() - 1)];
            self.now = self.now + takes;
            if takes.is_zero() && self.done.sent > 1 {
                // A refusal in the very instant in which a stated wait ends would still be within it.
                self.now = self.now + Duration::from_ns(1);
            }
            if stops && self.done.sent == most {
                return;
            }
            self.ends(step);
            if self.done.sent > most + 3 {
                return;
            }
        }
    }
}

struct Run {
    config: Config,
    policy: Policy,
    client: Client,
    call: Call,
    calls: u64,
    now: Instant,
    uniforms: std::vec::IntoIter<f64>,
    done: Done,
    over: bool,
}

impl Run {
    fn new(config: &Config) -> Run {
        let mut config = config.clone();
        config.fallback = Config::default().fallback;
        let policy = Policy::new(&config, &["api"]).expect("a policy of one endpoint");
        let draws = Draws::new(Root::new(1, Stage::Run, 0));
        Run {
            client: Client::new(&policy, 1, draws),
            call: nth_call(0),
            calls: 0,
            config,
            policy,
            now: Instant::ZERO,
            uniforms: Vec::new().into_iter(),
            done: Done::default(),
            over: false,
        }
    }

    /// The next call arrives, and waits for its turn to send.
    fn submit(&mut self) {
        self.call = nth_call(self.calls);
        self.calls += 1;
        self.over = false;
        self.tell(Fact::Submitted);
        self.wait_until(|run| run.done.sent > 0);
    }

    /// Lets time pass until it is so, or the call is over.
    fn wait_until(&mut self, is_so: impl Fn(&Run) -> bool) {
        while !self.over && !is_so(self) {
            self.now = self.call.wake_at().min(self.client.wake_at());
            if self.client.wake_at() <= self.now {
                let mut outputs = Vec::new();
                let wake = ClientFact::Wake;
                self.client
                    .handle_own(&self.policy, self.now, wake, &mut outputs);
            }
            self.tell(Fact::Wake);
        }
    }

    /// The attempt in flight ends, and the client waits as long as it likes.
    fn ends(&mut self, step: Step) {
        let (sent, began) = (self.done.sent, self.now);
        let attempt = (sent - 1) as u16;
        let extra = match step {
            Step::Ends(ending) => {
                let extra = self.prepare(ending);
                let signal = Signal::End(ending);
                self.tell(Fact::Signal { attempt, signal });
                extra
            }
            Step::TimesOut => {
                self.prepare_class(Class::TimedOut, None);
                self.now = self.now + Duration::from_ns(1);
                self.tell(Fact::Wake);
                Duration::ZERO
            }
        };
        let end = match step {
            Step::Ends(_) => began,
            Step::TimesOut => began + Duration::from_ns(1),
        };
        self.wait_until(|run| run.done.sent > sent);
        let wait = self.now.since(end);
        if !wait.is_zero() {
            self.done.waits.push((wait + extra).0);
            self.now = self.now + extra;
        }
    }

    /// Hands the engine the wait it would draw; what jitter adds to a stated wait is returned.
    fn prepare(&mut self, ending: Ending) -> Duration {
        let class = self.class(ending);
        let Ending::Status { status, advice, .. } = ending else {
            return self.prepare_class(class, None);
        };
        let stated = self.config.retry.server_wait.read(status, advice, self.now);
        self.prepare_class(class, stated)
    }

    fn class(&self, ending: Ending) -> Class {
        if let Ending::Status { status, code, .. } = ending {
            let mut own: Vec<_> = self.config.classify.iter().collect();
            own.sort_by_key(|(pattern, _)| pattern.code.is_none());
            let matches =
                |p: &classify::Pattern| p.status == status && p.code.is_none_or(|c| c == code);
            if let Some((_, class)) = own.into_iter().find(|(p, _)| matches(p)) {
                return *class;
            }
        }
        classify::class(ending, false)
    }

    fn prepare_class(&mut self, class: Class, stated: Option<Duration>) -> Duration {
        let retry = self.done.sent as u32;
        let own_backoff = self
            .config
            .on
            .get(&class)
            .and_then(|rule| rule.backoff.clone());
        let backoff = own_backoff.unwrap_or(self.config.retry.backoff.clone());
        let rules = &self.config.retry.server_wait;
        // Nothing is drawn for a wait that the server decides alone.
        let alone = rules.decide(stated, Duration::ZERO, None, || 0.0);
        let mut own = Duration::ZERO;
        if alone == ServerWait::Backoff || rules.asks_own() {
            let uniforms = &mut self.uniforms;
            own = backoff.wait(Retry::at(retry), || uniforms.next().unwrap_or(0.5));
        }
        let mut extra = Duration::ZERO;
        if let ServerWait::Wait(plain) = alone
            && !rules.jitter_max.is_zero()
        {
            let uniforms = &mut self.uniforms;
            let jittered = rules.decide(stated, own, None, || uniforms.next().unwrap_or(0.5));
            if let ServerWait::Wait(jittered) = jittered {
                extra = jittered - plain;
            }
        }
        let mut waits = vec![Duration::from_s(86_399); retry as usize];
        waits[retry as usize - 1] = own;
        waits.push(Duration::from_s(86_398));
        let schedule = backoff::Config::Schedule(schedule::Config {
            waits,
            jitter: backoff::jitter::Jitter::default(),
        });
        self.policy = self.policy_with(|config| {
            config.retry.backoff = schedule.clone();
            config.retry.server_wait.jitter_max = Duration::ZERO;
            for rule in config.on.values_mut() {
                rule.backoff = rule.backoff.as_ref().map(|_| schedule.clone());
            }
            if class == Class::TimedOut && stated.is_none() {
                config.timeout.total = Some(Duration::from_ns(1));
            }
        });
        extra
    }

    fn policy_with(&self, change: impl FnOnce(&mut Config)) -> Policy {
        let mut config = self.config.clone();
        change(&mut config);
        Policy::new(&config, &["api"]).expect("a policy of one endpoint")
    }

    fn tell(&mut self, fact: Fact) {
        let mut outputs = Vec::new();
        self.client
            .handle(&self.policy, &mut self.call, self.now, fact, &mut outputs);
        for output in outputs {
            match output {
                Output::Dispatch { .. } => self.done.sent += 1,
                Output::Finish { verdict, .. } => {
                    self.over = true;
                    self.done.succeeded = verdict == Verdict::Success;
                }
                _ => {}
            }
        }
    }
}

fn nth_call(n: u64) -> Call {
    let request = Request {
        prompt_tokens: 1,
        max_tokens: 1,
        stream: false,
        priority: Priority::Normal,
        sender: squall::base::Sender::NOBODY,
        needs: squall::base::Capabilities::NONE,
    };
    let far = Instant::ZERO + Duration::from_s(400_000_000);
    Call::new(CallId::new(0, n), 0, request, far)
}
