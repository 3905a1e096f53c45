//! Cooldowns of LiteLLM's router along a recorded timeline: which deployment each request reaches, and how
//! long each is left out afterwards.
//!
//! The router picks among the deployments that are not cooled down at random; the recording says at which
//! uniform. At 0 that is the first of them, at 0.999 the last: a route in that order.

use std::collections::BTreeMap;

use serde_json::Value;
use squall::base::draw::{Root, Stage};
use squall::base::wire::{Priority, Request, Signal};
use squall::base::{CallId, Draws, Duration, Instant};
use squall::engine::{Call, Client, Fact, Notice, Output, Policy};
use squall::policy::Config;
use squall::policy::route::{self, failover};

use crate::script::{Step, steps};

/// One preset and the recording it is held to.
pub(crate) struct Row {
    pub(crate) preset: &'static str,
    pub(crate) stem: &'static str,
    /// The keys that a case sets beside the preset's; none: the preset does not speak of the case.
    pub(crate) settings: fn(&Value) -> Option<String>,
    /// Cases, by what their names contain, in which the preset decides otherwise, and why.
    pub(crate) otherwise: &'static [(&'static str, &'static str)],
}

/// What one request came to.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen {
    /// The deployments it reached, in order.
    pub(crate) hits: Vec<String>,
    /// Who is left out afterwards, and for how long, in µs.
    pub(crate) cooled: BTreeMap<String, u64>,
}

/// What the recording says of a step.
pub(crate) fn recorded(step: &Value) -> Seen {
    let hits = step["hits"].as_array().expect("a list");
    let cooled = step["cooled_for_s"].as_object().expect("a map");
    let micros = |s: &Value| (s.as_f64().expect("seconds") * 1e6).round() as u64;
    Seen {
        hits: hits
            .iter()
            .filter_map(Value::as_str)
            .map(String::from)
            .collect(),
        cooled: cooled
            .iter()
            .map(|(name, s)| (name.clone(), micros(s)))
            .collect(),
    }
}

pub(crate) struct Group {
    names: Vec<String>,
    /// In the order of the file, and in the opposite one.
    policies: [Policy; 2],
    client: Client,
    cooled_until: BTreeMap<usize, Instant>,
    calls: u64,
}

impl Group {
    pub(crate) fn new(config: &Config, case: &Value) -> Group {
        let list = case["settings"]["deployments"].as_array().expect("a list");
        let names: Vec<String> = list
            .iter()
            .filter_map(Value::as_str)
            .map(String::from)
            .collect();
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        let policy = |backwards: bool| {
            let mut config = config.clone();
            let mut order = names.clone();
            if backwards {
                order.reverse();
            }
            config.retry.attempts = 1;
            config.route = route::Config::Failover(failover::Config {
                endpoints: order,
                on_failure: route::OnFailure::Next,
            });
            Policy::new(&config, &all).expect("a route of these")
        };
        let policies = [policy(false), policy(true)];
        let draws = Draws::new(Root::new(1, Stage::Run, 0));
        Group {
            client: Client::new(&policies[0], names.len(), draws),
            policies,
            names,
            cooled_until: BTreeMap::new(),
            calls: 0,
        }
    }

    /// One step: a request, or several in equal distances, of which the last is seen.
    ///
    /// # Errors
    /// What in it no simulated endpoint does.
    pub(crate) fn step(&mut self, step: &Value) -> Result<Seen, &'static str> {
        let script = serde_json::json!({ "attempts": [step["answer"]] });
        let answer = steps(&script)?[0];
        let at = |s: f64| Instant::ZERO + Duration::from_s_f64(s);
        let begins = step["at_s"].as_f64().expect("seconds");
        let backwards = step["pick"].as_f64().is_some_and(|u| u > 0.5);
        let every = step["every_s"].as_f64().unwrap_or(0.0);
        let mut hits = Vec::new();
        let mut now = at(begins);
        for nth in 0..step["repeat"].as_u64().unwrap_or(1) {
            now = at(begins + nth as f64 * every);
            hits = self.request(answer, backwards, now);
        }
        let left = |(place, until): (&usize, &Instant)| {
            (
                self.names[*place].clone(),
                until.since(now).0.div_ceil(1000),
            )
        };
        let open = self.cooled_until.iter().filter(|(_, until)| **until > now);
        let cooled = open.map(left).collect();
        Ok(Seen { hits, cooled })
    }

    fn request(&mut self, answer: Step, backwards: bool, now: Instant) -> Vec<String> {
        let request = Request {
            prompt_tokens: 1,
            max_tokens: 1,
            stream: false,
            priority: Priority::Normal,
            sender: squall::base::Sender::NOBODY,
            needs: squall::base::Capabilities::NONE,
        };
        let far = now + Duration::from_s(400_000_000);
        let mut call = Call::new(CallId::new(0, self.calls), 0, request, far);
        self.calls += 1;
        let signal = match answer {
            Step::Ends(ending) => Fact::Signal {
                attempt: 0,
                signal: Signal::End(ending),
            },
            // Its own time-out ends an attempt as a 408 would.
            Step::TimesOut => Fact::Signal {
                attempt: 0,
                signal: Signal::End(timed_out()),
            },
        };
        let mut hits = Vec::new();
        for fact in [Fact::Submitted, signal] {
            if call.is_finished() {
                break;
            }
            let mut outputs = Vec::new();
            let policy = &self.policies[usize::from(backwards)];
            self.client
                .handle(policy, &mut call, now, fact, &mut outputs);
            for output in outputs {
                match output {
                    Output::Dispatch { receipt, .. } => {
                        hits.push(self.names[usize::from(receipt.endpoint.0)].clone());
                    }
                    Output::Notice(Notice::BreakerTripped {
                        endpoint, until, ..
                    }) => {
                        self.cooled_until.insert(usize::from(endpoint.0), until);
                    }
                    _ => {}
                }
            }
        }
        hits
    }
}

pub(crate) fn timed_out() -> squall::base::Ending {
    squall::base::Ending::Status {
        status: 408,
        code: squall::base::wire::Code::None,
        advice: squall::base::wire::Advice::NONE,
    }
}

const ALONE: &[(&str, &str)] = &[(
    "one 402 of a single deployment",
    "out of credit leaves a group at once, but not one that stands alone",
)];

pub(crate) const COOLDOWNS: &[Row] = &[
    Row {
        preset: "litellm-cooldown-1.109",
        stem: "litellm-router-1.109.1",
        settings: cooldown,
        otherwise: ALONE,
    },
    Row {
        preset: "litellm-allowed-fails-1.109",
        stem: "litellm-router-1.109.1",
        settings: allowed_fails,
        otherwise: &[],
    },
];

/// What every cooldown case is: one attempt a request, and no keys but these.
fn known(case: &Value, keys: &[&str]) -> Option<()> {
    let settings = case["settings"].as_object()?;
    let own =
        |key: &String| key == "deployments" || key == "num_retries" || keys.contains(&key.as_str());
    (case["steps"].is_array() && settings.keys().all(own)).then_some(())
}

fn cooldown(case: &Value) -> Option<String> {
    known(case, &["cooldown_time"])?;
    let settings = &case["settings"];
    let mut text = String::new();
    // Nothing at all would be the default again.
    if let Some(s) = settings["cooldown_time"].as_f64().filter(|s| *s > 0.0) {
        text += &format!("breaker.time-window.open = \"{s}s\"\n");
    }
    // A single deployment is left out if a thousand requests of the minute all failed.
    if settings["deployments"].as_array()?.len() == 1 {
        text += "breaker.time-window.failures = \"100%\"\nbreaker.time-window.threshold = \"at-least\"\n\
                 breaker.time-window.min-volume = 1000\non.rate-limited.counts-for-breaker = true\n";
    }
    Some(text)
}

fn allowed_fails(case: &Value) -> Option<String> {
    known(case, &["cooldown_time", "allowed_fails"])?;
    let settings = &case["settings"];
    let allowed = settings["allowed_fails"].as_u64()?;
    let s = settings["cooldown_time"].as_f64().unwrap_or(5.0);
    // A single deployment is never left out.
    (settings["deployments"].as_array()?.len() > 1).then(|| {
        format!(
            "breaker.max-fails.failures = {allowed}\nbreaker.max-fails.span = \"{s}s\"\n\
             breaker.max-fails.open = \"{s}s\"\n"
        )
    })
}
