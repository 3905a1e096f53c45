//! Which preset stands for which recording, and what a case's settings are in a policy file.

use serde_json::Value;
use squall::policy::Config;
use squall::scenario::check_str;

use crate::script::text;

/// One preset and one recording.
pub(crate) struct Row {
    pub(crate) preset: &'static str,
    pub(crate) stem: &'static str,
    /// The keys that a case sets beside the preset's; none: the preset does not speak of the case.
    pub(crate) settings: fn(&Value) -> Option<String>,
    /// Whether it shortens by u where we shorten by 1 − u: the same distribution.
    pub(crate) mirrored: bool,
    /// To what it rounds its waits, in ns.
    pub(crate) grain: u64,
    /// Cases, by what their names begin with, in which the preset decides otherwise, and why.
    pub(crate) otherwise: &'static [(&'static str, &'static str)],
}

const fn row(
    preset: &'static str,
    stem: &'static str,
    settings: fn(&Value) -> Option<String>,
    otherwise: &'static [(&'static str, &'static str)],
) -> Row {
    Row {
        preset,
        stem,
        settings,
        mirrored: false,
        grain: 0,
        otherwise,
    }
}

impl Row {
    const fn mirrored(self) -> Row {
        Row {
            mirrored: true,
            ..self
        }
    }

    const fn whole_ms(self) -> Row {
        Row {
            grain: 1_000_000,
            ..self
        }
    }
}

const NONE: &[(&str, &str)] = &[];
const BREAKS: &str = "a connection that breaks is of one class with one that is not made";
const READ_ERROR: &[(&str, &str)] = &[("one read-error", BREAKS), ("read-error for ever", BREAKS)];
const COHERE: &[(&str, &str)] = &[
    ("one read-error", BREAKS),
    ("read-error for ever", BREAKS),
    (
        "x-ratelimit-reset in",
        "this header's wait has a jitter of its own",
    ),
];
const URLLIB3: &[(&str, &str)] = &[
    ("one read-error of a POST", BREAKS),
    ("one connect-timeout of a POST", CONNECTS),
];
const CONNECTS: &str = "a time-out while connecting is of one class with one while reading";
const CONNECT_TIMEOUT: &[(&str, &str)] = &[("one connect-timeout", CONNECTS)];
const ABOVE_504: &str = "a status that no LLM API is known to send";
const ASKS: &str = "only `retry-after` asks for a retry, milliseconds merely say the wait";
const AZURE: &[(&str, &str)] = &[
    ("one 505", ABOVE_504),
    ("one 506", ABOVE_504),
    ("one 599", ABOVE_504),
    ("retry-after-ms", ASKS),
    ("x-ms-retry-after-ms", ASKS),
];
const AWS_2020: &[(&str, &str)] = &[(
    "one 429",
    "a 429 without an error code, which no service of theirs sends",
)];
const SORTED: &[(&str, &str)] = &[
    (
        "fails for ever, {\"retries\":6,\"factor\":1}, uniforms 0 0.9",
        "the waits of a call are drawn beforehand and sorted",
    ),
    (
        "fails for ever, {\"retries\":3,\"minTimeout\":333,\"factor\":1.5}, uniforms 0 0.9",
        "the waits of a call are drawn beforehand and sorted",
    ),
];
const AS_OF: &str = "what the newest attempt took is not in the time";
const NEWEST: &[(&str, &str)] = &[
    ("expo, full jitter, {'max_time': 10}", AS_OF),
    ("expo, full jitter, {'max_time': 30}", AS_OF),
    ("expo without jitter in 10 s", AS_OF),
];
const RANGE: &str = "a timer that Node cannot hold, or a negative one, lasts a millisecond";
const TIMER: &[(&str, &str)] = &[
    ("retry-after '3000000'", RANGE),
    ("retry-after-ms '2147483648'", RANGE),
    ("retry-after as the date -", RANGE),
];
const AWS_2026: &[(&str, &str)] = &[(
    "one 429 ModelNotReadyException",
    "this 429 is transient and no throttling",
)];

pub(crate) const RETRIES: &[Row] = &[
    row("openai-python-1.0", "openai-python-1.0.0", sdk, NONE).mirrored(),
    row("openai-python-1", "openai-python-1.109.1", sdk, NONE).mirrored(),
    row("openai-python-2", "openai-python-2.8.0", sdk, NONE).mirrored(),
    row("openai-python-3", "openai-python-3.52.0", sdk, NONE).mirrored(),
    row("anthropic-python-0", "anthropic-python-0.40.0", sdk, NONE).mirrored(),
    row("anthropic-python-0", "anthropic-python-0.75.0", sdk, NONE).mirrored(),
    row("anthropic-python-1", "anthropic-python-1.0.0", sdk, NONE).mirrored(),
    row("anthropic-python-2", "anthropic-python-2.11.0", sdk, NONE).mirrored(),
    row("groq-python-1.7", "groq-python-1.7.0", sdk, NONE).mirrored(),
    row("cohere-python-7.3", "cohere-python-7.3.1", sdk, COHERE),
    row("openai-node-4", "openai-node-4.104.0", sdk, NONE).mirrored(),
    row("openai-node-6", "openai-node-6.20.0", sdk, NONE).mirrored(),
    row("openai-node-6.49", "openai-node-6.49.0", sdk, TIMER).mirrored(),
    row("anthropic-node-0", "anthropic-node-0.70.0", sdk, NONE).mirrored(),
    row("anthropic-node-1", "anthropic-node-1.11.0", sdk, NONE).mirrored(),
    row("google-genai-3.4", "google-genai-3.4.0", genai_plain, NONE),
    row(
        "google-genai-opts-3.4",
        "google-genai-3.4.0",
        genai,
        READ_ERROR,
    ),
    row("azure-core-1.41", "azure-core-1.41.0", post, AZURE),
    row("urllib3-2.8", "urllib3-2.8.0", post, URLLIB3),
    row("aws-legacy-1.44", "botocore-legacy-1.44.5", aws, NONE),
    row(
        "aws-standard-2020",
        "botocore-standard-1.40.0",
        aws,
        AWS_2020,
    ),
    row(
        "aws-standard-2026",
        "botocore-standard-1.44.5",
        aws,
        AWS_2026,
    ),
    row(
        "aws-adaptive-2020",
        "botocore-adaptive-1.40.0",
        aws,
        AWS_2020,
    ),
    row(
        "aws-adaptive-2026",
        "botocore-adaptive-1.44.5",
        aws,
        AWS_2026,
    ),
    row(
        "google-api-core-2.44",
        "google-api-core-2.44.0",
        api_core,
        CONNECT_TIMEOUT,
    ),
    row("tenacity-bare-9.2", "tenacity-9.2.1", tenacity, NONE),
    row(
        "openai-cookbook-tenacity",
        "tenacity-9.2.1",
        cookbook_tenacity,
        NONE,
    ),
    row(
        "openai-cookbook-backoff",
        "backoff-2.2.1",
        cookbook_backoff,
        NEWEST,
    ),
    row("stamina-26.1", "stamina-26.1.0", stamina, NONE),
    row("p-retry-7.1", "p-retry-7.1.1", node_retry, NONE).whole_ms(),
    row("async-retry-1.3", "async-retry-1.3.3", node_retry, SORTED).whole_ms(),
    row(
        "litellm-router-1.109",
        "litellm-router-1.109.1",
        litellm,
        NONE,
    ),
];

/// A preset with a case's own settings.
pub(crate) fn policy(preset: &str, settings: &str) -> Config {
    let text = format!(
        "[run]\nduration = \"1m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\n[provider.p]\n\
         [policy.p]\npreset = \"{preset}\"\n{settings}\n"
    );
    let scenarios = check_str("s.toml", &text).unwrap_or_else(|why| panic!("{why:?}\n{text}"));
    let mut scenario = scenarios.into_iter().next().expect("one scenario");
    scenario.policies.remove(0).1
}

fn none_but(settings: &Value, keys: &[&str]) -> bool {
    let known =
        |map: &serde_json::Map<String, Value>| map.keys().all(|key| keys.contains(&key.as_str()));
    settings.as_object().is_none_or(known)
}

fn sdk(case: &Value) -> Option<String> {
    let retries = case["max_retries"].as_u64();
    Some(retries.map_or(String::new(), |n| format!("retry.attempts = {}", n + 1)))
}

fn genai_plain(case: &Value) -> Option<String> {
    case["settings"]["retry_options"]
        .is_null()
        .then(String::new)
}

fn genai(case: &Value) -> Option<String> {
    let options = case["settings"]["retry_options"].as_object()?;
    if !none_but(
        &case["settings"]["retry_options"],
        &[
            "attempts",
            "initial_delay",
            "exp_base",
            "max_delay",
            "jitter",
        ],
    ) {
        return None;
    }
    let number = |key: &str, default: f64| options.get(key).map_or(Some(default), Value::as_f64);
    // A first wait of nothing or no attempt is what no policy file says.
    let (base, attempts) = (number("initial_delay", 1.0)?, number("attempts", 5.0)?);
    if base == 0.0 || attempts == 0.0 {
        return None;
    }
    let jitter = match number("jitter", 1.0)? {
        0.0 => "jitter = \"none\"".into(),
        max => format!("jitter.additive.max = \"{max}s\""),
    };
    Some(format!(
        "retry.attempts = {attempts}\nretry.backoff.exponential = {{ base = \"{base}s\", factor = {}, cap = \"{}s\", \
         cap-stage = \"after-jitter\", {jitter} }}",
        number("exp_base", 2.0)?,
        number("max_delay", 60.0)?
    ))
}

/// As it comes, of a POST.
fn post(case: &Value) -> Option<String> {
    let settings = &case["settings"];
    (text(settings, "method") == "POST" && none_but(settings, &["method"])).then(String::new)
}

fn aws(case: &Value) -> Option<String> {
    let settings = &case["settings"];
    none_but(settings, &["max_attempts"]).then(|| match settings["max_attempts"].as_u64() {
        Some(n) => format!("retry.attempts = {n}"),
        None => String::new(),
    })
}

fn api_core(case: &Value) -> Option<String> {
    let settings = &case["settings"];
    if settings.get("timeout").is_some_and(Value::is_null)
        || text(&case["attempts"][0], "raises") == "error"
    {
        return None;
    }
    let number = |key: &str, default: f64| settings[key].as_f64().unwrap_or(default);
    let (base, cap) = (number("initial", 1.0), number("maximum", 60.0));
    if base > cap {
        return None;
    }
    Some(format!(
        "retry.backoff.exponential = {{ base = \"{base}s\", factor = {}, cap = \"{cap}s\", jitter = \"full\" }}\n\
         budget.time.limit = \"{}s\"",
        number("multiplier", 2.0),
        number("timeout", 120.0)
    ))
}

fn tenacity(case: &Value) -> Option<String> {
    let settings = &case["settings"];
    let backoff = match text(settings, "wait") {
        "" => "\"none\"",
        "wait_exponential()" => {
            "{ exponential = { base = \"1s\", factor = 2, jitter = \"none\" } }"
        }
        "wait_exponential(multiplier=0.5, max=8, exp_base=3)" => {
            "{ exponential = { base = \"500ms\", factor = 3, cap = \"8s\", jitter = \"none\" } }"
        }
        "wait_random_exponential()" => {
            "{ exponential = { base = \"1s\", factor = 2, jitter = \"full\" } }"
        }
        "wait_random_exponential(multiplier=0.5, max=60)" => {
            "{ exponential = { base = \"500ms\", factor = 2, cap = \"60s\", jitter = \"full\" } }"
        }
        "wait_exponential_jitter()" => {
            "{ exponential = { base = \"1s\", factor = 2, cap-stage = \"after-jitter\", \
            jitter.additive.max = \"1s\" } }"
        }
        "wait_exponential_jitter(initial=1, max=10, exp_base=2, jitter=3)" => {
            "{ exponential = { base = \"1s\", factor = 2, cap = \"10s\", \
            cap-stage = \"after-jitter\", jitter.additive.max = \"3s\" } }"
        }
        "wait_fixed(3)" => "{ constant = { wait = \"3s\", jitter = \"none\" } }",
        "wait_fixed(3) + wait_random(0, 2)" => {
            "{ constant = { wait = \"3s\", jitter.additive.max = \"2s\" } }"
        }
        "wait_random(1, 3)" => "{ constant = { wait = \"1s\", jitter.additive.max = \"2s\" } }",
        "wait_incrementing(start=1, increment=2, max=8)" => {
            "{ schedule = { waits = [\"1s\", \"3s\", \"5s\", \"7s\", \"8s\"] } }"
        }
        "wait_chain(1, 1, 5)" => "{ schedule = { waits = [\"1s\", \"1s\", \"5s\"] } }",
        "wait_none()" => "\"none\"",
        _ => return None,
    };
    Some(format!(
        "retry.backoff = {backoff}\n{}",
        tenacity_stop(settings)?
    ))
}

fn tenacity_stop(settings: &Value) -> Option<String> {
    let time = |seconds: &str, asked: &str| {
        format!(
            "budget.time = {{ limit = \"{seconds}s\", from = \"first-attempt\", asked = \"{asked}\" }}"
        )
    };
    Some(match text(settings, "stop") {
        "" if settings["reraise"].is_null() => String::new(),
        "stop_after_attempt(1)" => "retry.attempts = 1".into(),
        "stop_after_attempt(6)" => "retry.attempts = 6".into(),
        "stop_after_attempt(10)" => "retry.attempts = 10".into(),
        "stop_after_delay(10)" => time("10", "at-failure"),
        "stop_after_delay(15)" => time("15", "at-failure"),
        "stop_before_delay(10)" => time("10", "before-wait"),
        "stop_before_delay(15)" => time("15", "before-wait"),
        "stop_after_delay(10) | stop_after_attempt(3)" => {
            format!("retry.attempts = 3\n{}", time("10", "at-failure"))
        }
        _ => return None,
    })
}

fn cookbook_tenacity(case: &Value) -> Option<String> {
    let settings = &case["settings"];
    let its = text(settings, "wait") == "wait_random_exponential(min=1, max=60)";
    its.then(|| tenacity_stop(settings)).flatten()
}

fn cookbook_backoff(case: &Value) -> Option<String> {
    let settings = &case["settings"];
    let jitter = match text(settings, "jitter") {
        "full jitter" => "jitter = \"full\"",
        "random jitter" => "jitter.additive.max = \"1s\"",
        _ => "jitter = \"none\"",
    };
    let kind = match text(settings, "wait") {
        "expo" => format!("exponential = {{ base = \"1s\", factor = 2, {jitter} }}"),
        "expo max 8" => {
            format!("exponential = {{ base = \"1s\", factor = 2, cap = \"8s\", {jitter} }}")
        }
        "expo base 3 factor 0.5 max 20" => {
            format!("exponential = {{ base = \"500ms\", factor = 3, cap = \"20s\", {jitter} }}")
        }
        "constant 2" => format!("constant = {{ wait = \"2s\", {jitter} }}"),
        "fibo max 10" => format!(
            "schedule = {{ waits = [\"1s\", \"1s\", \"2s\", \"3s\", \"5s\", \"8s\", \"10s\"], {jitter} }}"
        ),
        _ => return None,
    };
    let attempts = settings["max_tries"].as_u64();
    let attempts = attempts.map_or("\"unlimited\"".into(), |n| n.to_string());
    let time = settings["max_time"].as_u64().unwrap_or(86_400);
    Some(format!(
        "retry.on = [\"server-fault\"]\nretry.backoff = {{ {kind} }}\nretry.attempts = {attempts}\n\
         budget.time.limit = \"{time}s\""
    ))
}

fn stamina(case: &Value) -> Option<String> {
    let settings = &case["settings"];
    let or = |key: &str, default: f64| match settings.get(key) {
        None => Some(default),
        Some(value) => value.as_f64(),
    };
    let attempts = or("attempts", 10.0).map_or("\"unlimited\"".into(), |n| n.to_string());
    let time = or("timeout", 45.0).unwrap_or(86_400.0);
    let number = |key: &str, default: f64| or(key, default).unwrap_or(default);
    let jitter = match number("wait_jitter", 1.0) {
        0.0 => "jitter = \"none\"".into(),
        max => format!("jitter.additive.max = \"{max}s\""),
    };
    Some(format!(
        "retry.attempts = {attempts}\nretry.backoff.exponential = {{ base = \"{}s\", factor = {}, cap = \"{}s\", \
         cap-stage = \"after-jitter\", {jitter} }}\nbudget.time.limit = \"{time}s\"",
        number("wait_initial", 0.1),
        number("wait_exp_base", 2.0),
        number("wait_max", 5.0),
    ))
}

fn node_retry(case: &Value) -> Option<String> {
    let options = &case["options"];
    if !none_but(
        options,
        &["retries", "minTimeout", "factor", "maxTimeout", "randomize"],
    ) {
        return None;
    }
    let number = |key: &str, default: f64| options[key].as_f64().unwrap_or(default);
    let base = number("minTimeout", 1000.0);
    if base == 0.0 {
        return None;
    }
    let mut lines = vec![
        format!("retry.attempts = {}", number("retries", 10.0) + 1.0),
        format!("retry.backoff.exponential.base = \"{base}ms\""),
        format!(
            "retry.backoff.exponential.factor = {}",
            number("factor", 2.0)
        ),
    ];
    if let Some(cap) = options["maxTimeout"].as_f64() {
        lines.push(format!("retry.backoff.exponential.cap = \"{cap}ms\""));
        lines.push("retry.backoff.exponential.cap-stage = \"after-jitter\"".into());
    }
    match options["randomize"].as_bool() {
        Some(true) => lines
            .push("retry.backoff.exponential.jitter.proportional = { low = 1, high = 2 }".into()),
        Some(false) => lines.push("retry.backoff.exponential.jitter = \"none\"".into()),
        None => {}
    }
    Some(lines.join("\n"))
}

fn litellm(case: &Value) -> Option<String> {
    let settings = &case["settings"];
    let one = settings["deployments"]
        .as_array()
        .is_some_and(|all| all.len() == 1);
    let retry =
        case["steps"].is_null() && one && none_but(settings, &["deployments", "num_retries"]);
    retry.then(|| match settings["num_retries"].as_u64() {
        Some(n) => format!("retry.attempts = {}", n + 1),
        None => String::new(),
    })
}
