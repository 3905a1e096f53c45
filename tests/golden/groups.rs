//! LiteLLM's groups of deployments, call by call: which deployments it reaches in which order, how it ends, and
//! how long it waits in all.
//!
//! The router picks among the healthy at random; these cases are recorded at the uniform 0, which is the first of
//! them: a route in order that begins anew each time.

use serde_json::Value;
use squall::base::draw::{Root, Stage};
use squall::base::wire::{Priority, Request, Signal};
use squall::base::{CallId, Draws, Duration, EndpointId, Instant, Receipt, Sender, Verdict};
use squall::engine::{Call, Client, Fact, Output, Policy};
use squall::policy::Config;
use squall::policy::route::Endpoint;

use crate::cooldowns::{Row, timed_out};
use crate::script::{Step, numbers, steps};

/// What a call came to.
#[derive(Debug, PartialEq)]
pub(crate) struct Done {
    hits: Vec<String>,
    succeeded: bool,
    waited: Duration,
}

/// What the recording says.
pub(crate) fn recorded(case: &Value) -> Done {
    let hits = case["hits"].as_array().expect("a list");
    Done {
        hits: hits
            .iter()
            .filter_map(Value::as_str)
            .map(String::from)
            .collect(),
        succeeded: case["ends"]["ok"] == true,
        waited: Duration::from_s_f64(without_jitter(case)),
    }
}

/// How long it waits in all without the jitter, which is up to 0.75 s at the recorded uniform.
fn without_jitter(case: &Value) -> f64 {
    let waits = numbers(case, "waits_s").into_iter().filter(|s| *s > 0.0);
    let uniforms = numbers(case, "uniforms").into_iter();
    waits.zip(uniforms).map(|(s, u)| s - 0.75 * u).sum()
}

/// The deployments of a case, each with the group it is in.
fn deployments(case: &Value) -> Vec<(&str, &str)> {
    let groups = case["settings"]["groups"].as_object();
    let list = case["settings"]["deployments"].as_array().expect("a list");
    let names = list.iter().filter_map(Value::as_str);
    let of = |name| groups.and_then(|groups| groups[name].as_str());
    names
        .map(|name| (name, of(name).unwrap_or("group")))
        .collect()
}

/// What our policy does.
///
/// # Errors
/// What in the case no simulated endpoint does.
pub(crate) fn replayed(config: &Config, case: &Value) -> Result<Done, &'static str> {
    let deployments = deployments(case);
    let script = |name: &str| match &case["attempts"] {
        Value::Object(own) => steps(&serde_json::json!({ "attempts": own[name] })),
        _ => steps(case),
    };
    let scripts: Vec<Vec<Step>> = deployments
        .iter()
        .map(|(name, _)| script(name))
        .collect::<Result<_, _>>()?;
    let endpoints: Vec<Endpoint<'_>> = deployments
        .iter()
        .map(|(name, group)| Endpoint {
            group: Some(group),
            ..Endpoint::named(name)
        })
        .collect();
    let policy = Policy::among(config, &endpoints).expect("a route of these");
    let mut run = Run {
        client: Client::new(
            &policy,
            endpoints.len(),
            Draws::new(Root::new(1, Stage::Run, 0)),
        ),
        call: call(),
        policy,
        now: Instant::ZERO,
        sent: Vec::new(),
        succeeded: None,
    };
    run.tell(Fact::Submitted);
    let mut answered = 0;
    while run.succeeded.is_none() {
        let Some(receipt) = run.sent.get(answered).copied() else {
            run.now = run.call.wake_at();
            run.tell(Fact::Wake);
            continue;
        };
        answered += 1;
        let script = &scripts[usize::from(receipt.endpoint.0)];
        let nth = usize::from(receipt.nth_at_endpoint).min(script.len() - 1);
        let ending = match script[nth] {
            Step::Ends(ending) => ending,
            Step::TimesOut => timed_out(),
        };
        let (attempt, signal) = (receipt.attempt, Signal::End(ending));
        run.tell(Fact::Signal { attempt, signal });
    }
    let name = |endpoint: EndpointId| deployments[usize::from(endpoint.0)].0.to_string();
    Ok(Done {
        hits: run
            .sent
            .iter()
            .map(|receipt| name(receipt.endpoint))
            .collect(),
        succeeded: run.succeeded == Some(true),
        waited: run.now.since(Instant::ZERO),
    })
}

struct Run {
    client: Client,
    call: Call,
    policy: Policy,
    now: Instant,
    sent: Vec<Receipt>,
    succeeded: Option<bool>,
}

impl Run {
    fn tell(&mut self, fact: Fact) {
        let mut outputs = Vec::new();
        self.client
            .handle(&self.policy, &mut self.call, self.now, fact, &mut outputs);
        for output in outputs {
            match output {
                Output::Dispatch { receipt, .. } => self.sent.push(receipt),
                Output::Finish { verdict, .. } => {
                    self.succeeded = Some(verdict == Verdict::Success);
                }
                _ => {}
            }
        }
    }
}

fn call() -> Call {
    let request = Request {
        prompt_tokens: 1,
        max_tokens: 1,
        stream: false,
        priority: Priority::Normal,
        sender: Sender::NOBODY,
        needs: squall::base::Capabilities::NONE,
    };
    let far = Instant::ZERO + Duration::from_s(400_000_000);
    Call::new(CallId::new(0, 0), 0, request, far)
}

pub(crate) const GROUPS: &[Row] = &[Row {
    preset: "litellm-router-1.109",
    stem: "litellm-router-1.109.1",
    settings: group,
    otherwise: &[(
        "403",
        "a deployment that forbids is left out of the next try, and of no other",
    )],
}];

/// Cases of groups with several deployments, or of several groups.
fn group(case: &Value) -> Option<String> {
    let settings = case["settings"].as_object()?;
    let known = ["deployments", "num_retries", "groups", "fallbacks"];
    let several = settings["deployments"].as_array()?.len() > 1;
    if !case["steps"].is_null()
        || !several
        || settings.keys().any(|key| !known.contains(&key.as_str()))
    {
        return None;
    }
    let retries = settings.get("num_retries").and_then(Value::as_u64);
    let attempts = retries.unwrap_or(2) + 1;
    Some(format!(
        "retry.attempts = {attempts}\nroute.failover.on-failure = \"exhaust-then-next\"\n\
         retry.backoff.exponential.jitter = \"none\"\n"
    ))
}
