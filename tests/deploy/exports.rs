//! The files that real software has loaded: they are what is exported today, and it took what they say.
//!
//! `SQUALL_EXPORTS=write cargo test --test deploy exports` writes them anew; `tests/golden/record/run --write` has them
//! loaded by LiteLLM's Router and checked by Envoy.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use squall::deploy::litellm::import::router;
use squall::deploy::litellm::router::{Cooldown, EXCEPTIONS, Router};

use crate::common::{export, scenario};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The policies whose files are kept, by name.
fn kept() -> Vec<(&'static str, String)> {
    let preset = |name: &str| format!("preset = \"{name}\"\n");
    let all = "retry.attempts = 5\nretry.on = [\"rate-limited\", \"server-fault\", \"transport\", \"overloaded\"]\n\
               timeout = { call = \"90s\", total = \"20500ms\", first-token = \"4s\", inactivity = \"3s\", \
               connect = \"2s\" }\n\
               on.rate-limited.attempts = 2\nlimiter.fixed = { limit = 50, max-wait = \"0s\" }\n";
    let settings = format!(
        "preset = \"litellm-router-1.109\"\n{all}route.latency = {{ estimate = \"mean\", buffer = 0.5, choices = 0 }}\n\
                            breaker.max-fails = {{ failures = 3, span = \"30s\", open = \"30s\" }}\n"
    );
    let outlier = format!(
        "preset = \"envoy-outlier\"\n{all}breaker.outlier = {{ deviations = 2.5, in-a-row = 7, open = \"45s\" }}\n\
                           trip.panic = \"30%\"\ntrip.max-open = \"100%\"\nroute = \"round-robin\"\n\
                           retry.backoff.exponential = {{ base = \"250ms\", cap = \"8s\", jitter = \"full\" }}\n\
                           budget.concurrent = {{ share = \"25%\", min = 5 }}\n"
    );
    vec![
        ("litellm-router", preset("litellm-router-1.109")),
        (
            "litellm-allowed-fails",
            preset("litellm-allowed-fails-1.109"),
        ),
        (
            "litellm-list",
            "route.failover = [\"c\", \"a\"]\nretry.attempts = 3\n".into(),
        ),
        ("litellm-settings", settings),
        ("envoy-default", preset("envoy-default")),
        ("envoy-budget", preset("envoy-retry-budget")),
        ("envoy-outlier", preset("envoy-outlier")),
        ("envoy-istio", preset("istio-outlier")),
        ("envoy-priority", preset("envoy-priority")),
        ("envoy-hedge", preset("envoy-hedge-on-timeout")),
        ("envoy-server-wait", preset("openai-python-1.0")),
        ("envoy-settings", outlier),
    ]
}

fn text(name: &str, policy: &str) -> String {
    let to = name.split('-').next().unwrap();
    export(&scenario(&["a", "b", "c"], policy), to).text
}

#[test]
fn the_files_are_what_is_exported() {
    for (name, policy) in kept() {
        let path = folder().join(format!("exports/{name}.yaml"));
        let text = text(name, &policy);
        if std::env::var("SQUALL_EXPORTS").is_ok_and(|what| what == "write") {
            fs::write(&path, &text).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "{name}");
    }
}

fn recorded(stem: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder().join(format!("{stem}.json"))).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    json["cases"].as_array().unwrap().clone()
}

/// What LiteLLM's Router has taken, as it is read here.
fn taken(router: &Router) -> Value {
    let seconds = |time: Option<squall::base::Duration>| time.map(|t| t.as_s_f64());
    let policy = EXCEPTIONS.iter().zip(router.retry_policy);
    let policy = policy.filter_map(|((key, _), n)| Some((key.to_string(), json!(n?))));
    let (first, behind) = router.chain.split_first().unwrap();
    let deployments = router.deployments.iter().map(|d| {
        json!({ "id": d.id, "group": d.group, "model": d.model, "rpm": d.rpm, "tpm": d.tpm, "weight": d.weight })
    });
    json!({
        "num_retries": router.num_retries,
        "cooldown_time_s": router.cooldown_time.as_s_f64(),
        "allowed_fails": match router.cooldown { Cooldown::AllowedFails(n) => Some(n), _ => None },
        "disable_cooldowns": router.cooldown == Cooldown::Off,
        "timeout_s": seconds(router.timeout),
        "stream_timeout_s": seconds(router.stream_timeout),
        "max_fallbacks": router.max_fallbacks,
        "routing_strategy": router.strategy.name(),
        "retry_policy": policy.collect::<serde_json::Map<String, Value>>(),
        "fallbacks": if behind.is_empty() { json!([]) } else { json!([{ first.as_str(): behind }]) },
        "deployments": deployments.collect::<Vec<Value>>(),
    })
}

/// Numbers as floats: 5 and 5.0 are one to Python.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(n) => json!(n.as_f64()),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(entries) => entries.iter().map(|(k, v)| (k.clone(), plain(v))).collect(),
        value => value.clone(),
    }
}

#[test]
fn the_router_of_litellm_took_the_settings_that_stand_in_them() {
    let cases = recorded("exports-litellm-1.109.1");
    assert_eq!(
        cases.len(),
        kept()
            .iter()
            .filter(|(name, _)| name.starts_with("litellm"))
            .count()
    );
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let text = fs::read_to_string(folder().join("exports").join(name)).unwrap();
        let Value::Object(own) = taken(&router(&text).unwrap()) else {
            unreachable!()
        };
        for (key, value) in own {
            assert_eq!(plain(&case[&key]), plain(&value), "{name}: {key}");
        }
    }
}

#[test]
fn envoy_accepts_them() {
    let cases = recorded("exports-envoy-1.40.0");
    assert_eq!(
        cases.len(),
        kept()
            .iter()
            .filter(|(name, _)| name.starts_with("envoy"))
            .count()
    );
    assert!(cases.iter().all(|case| case["accepted"] == true));
}
