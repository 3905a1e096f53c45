//! Which preset of a breaker stands for which recording, and what a case's settings are in a policy file.

use serde_json::Value;

/// One preset and one recording of a breaker.
pub(crate) struct Row {
    pub(crate) preset: &'static str,
    pub(crate) stem: &'static str,
    /// The keys that a case sets beside the preset's; none: the preset does not speak of the case.
    pub(crate) settings: fn(&Value) -> Option<String>,
    /// Whether a cancelled call is one that raised an error; else the caller went away.
    pub(crate) cancel_fails: bool,
    /// Cases, by what their names contain, in which the preset decides otherwise, and why.
    pub(crate) otherwise: &'static [(&'static str, &'static str)],
}

/// 418 is what the user told the package not to count.
const TEAPOT: &str = "classify = { \"418\" = \"unsuited\" }\non.unsuited.counts-for-breaker";

const BEGAN: &str = "an ending counts in the state in which its call began";
const AIOBREAKER: &[(&str, &str)] = &[
    ("three probes at once that end ok, fail", BEGAN),
    ("three probes at once that end fail, ok", BEGAN),
    ("a stale ok in half-open", BEGAN),
    ("a stale fail in half-open", BEGAN),
    ("a stale ignored in half-open", BEGAN),
];
const LOCK: &[(&str, &str)] = &[(
    "a call waits for a",
    "who comes during a probe waits for the lock and is not refused",
)];
const OPOSSUM: &[(&str, &str)] = &[
    (
        "stale failures after the instant of re-opening",
        "a timer makes it half-open, not the first who asks",
    ),
    (
        "by default: a call that",
        "a call that times out as the window ends is a failure of none that were fired: an infinite share",
    ),
    (
        "capacity 2: many calls at once",
        "who is refused for want of capacity counts as a failure",
    ),
];
const WAIT: &str = "who comes during a probe waits for it and is not refused";
const WAITERS: &[(&str, &str)] = &[
    ("three probes at once", WAIT),
    ("a probe that never returns", WAIT),
    ("a probe that hangs", WAIT),
    (
        "a probe that ends ignored",
        "it closes, and its count of failures is kept",
    ),
    (
        "in half-open",
        "a late success only counts, and who comes during a probe waits",
    ),
];
const FIRST: &str = "the probe's success is the first call of the new window";
const COUNTED: &[(&str, &str)] = &[
    ("three probes at once", WAIT),
    ("a probe that never returns", WAIT),
    ("a probe that ends ignored", WAITERS[3].1),
    ("in half-open", WAITERS[4].1),
    ("refused calls and the window after closing", FIRST),
    (
        "a probe that fails opens it again for the whole time",
        FIRST,
    ),
    ("after it closed again", FIRST),
];
const SILENCE: &str = "an event ends one window of a second at most: silence keeps the others";
const WINDOWS: &[(&str, &str)] = &[
    ("good calls that leave the window", SILENCE),
    ("failures apart by most of the window", SILENCE),
    ("failures that leave the window", SILENCE),
    ("refused calls and the window after closing", SILENCE),
];

pub(crate) const BREAKERS: &[Row] = &[
    Row {
        preset: "pybreaker-1.4",
        stem: "pybreaker-1.4.1",
        settings: pybreaker,
        cancel_fails: false,
        otherwise: LOCK,
    },
    Row {
        preset: "aiobreaker-1.2",
        stem: "aiobreaker-1.2.0",
        settings: aiobreaker,
        cancel_fails: false,
        otherwise: AIOBREAKER,
    },
    Row {
        preset: "opossum-9",
        stem: "opossum-9.0.0",
        settings: opossum,
        cancel_fails: true,
        otherwise: OPOSSUM,
    },
    Row {
        preset: "cockatiel-consecutive-3.2",
        stem: "cockatiel-3.2.1",
        settings: cockatiel_consecutive,
        cancel_fails: true,
        otherwise: WAITERS,
    },
    Row {
        preset: "cockatiel-count-3.2",
        stem: "cockatiel-3.2.1",
        settings: cockatiel_count,
        cancel_fails: true,
        otherwise: COUNTED,
    },
    Row {
        preset: "cockatiel-sampling-3.2",
        stem: "cockatiel-3.2.1",
        settings: cockatiel_sampling,
        cancel_fails: true,
        otherwise: WINDOWS,
    },
];

fn pybreaker(case: &Value) -> Option<String> {
    let settings = &case["settings"];
    if !settings["success_threshold"].is_null() {
        return None;
    }
    let name = case["name"].as_str()?;
    // Blocks hold no lock and so are another breaker as soon as they overlap.
    let overlap = ["stale", "at once", "never returns"];
    if name.starts_with("with blocks") && overlap.iter().any(|word| name.contains(word)) {
        return None;
    }
    Some(format!(
        "{}{TEAPOT} = \"success\"",
        consecutive(settings, "reset_timeout")
    ))
}

fn aiobreaker(case: &Value) -> Option<String> {
    let settings = &case["settings"];
    Some(format!(
        "{}{TEAPOT} = \"success\"",
        consecutive(settings, "timeout_duration_s")
    ))
}

fn consecutive(settings: &Value, open: &str) -> String {
    let mut text = String::new();
    if let Some(n) = settings["fail_max"].as_u64() {
        text += &format!("breaker.consecutive.failures = {n}\n");
    }
    if let Some(s) = settings[open].as_f64() {
        text += &format!("breaker.consecutive.open = \"{s}s\"\n");
    }
    text
}

fn opossum(case: &Value) -> Option<String> {
    let settings = case["settings"].as_object()?;
    let mut text = format!("{TEAPOT} = \"success\"\n");
    for (key, value) in settings {
        text += &match key.as_str() {
            "volumeThreshold" => format!("breaker.time-window.min-volume = {value}\n"),
            "resetTimeout" => format!("breaker.time-window.open = \"{value}ms\"\n"),
            "errorThresholdPercentage" => format!("breaker.time-window.failures = \"{value}%\"\n"),
            // Longer than any timeline: off.
            "timeout" if value == false => "timeout.total = \"200000s\"\n".into(),
            "timeout" => format!("timeout.total = \"{value}ms\"\n"),
            "capacity" => format!("limiter.fixed = {{ limit = {value}, max-wait = \"0s\" }}\n"),
            _ => return None,
        };
    }
    Some(text)
}

fn cockatiel_consecutive(case: &Value) -> Option<String> {
    let settings = &case["settings"];
    let n = settings["breaker"]["consecutive"].as_u64()?;
    let open = settings["halfOpenAfter"].as_u64()?;
    Some(format!(
        "breaker.consecutive.failures = {n}\nbreaker.consecutive.open = \"{open}ms\"\n{TEAPOT} = false"
    ))
}

fn cockatiel_count(case: &Value) -> Option<String> {
    let settings = &case["settings"];
    let given = settings["breaker"]["count"].as_object()?;
    let open = settings["halfOpenAfter"].as_u64()?;
    let (size, threshold) = (given["size"].as_u64()?, given["threshold"].as_f64()?);
    let least = given.get("minimumNumberOfCalls").and_then(Value::as_u64);
    Some(format!(
        "breaker.count-window = {{ failures = \"{}%\", size = {size}, min-volume = {}, open = \"{open}ms\" }}\n\
         {TEAPOT} = false",
        threshold * 100.0,
        least.unwrap_or(size)
    ))
}

fn cockatiel_sampling(case: &Value) -> Option<String> {
    let settings = &case["settings"];
    let given = settings["breaker"]["sampling"].as_object()?;
    let open = settings["halfOpenAfter"].as_u64()?;
    let threshold = given["threshold"].as_f64()?;
    let span = given["duration"].as_f64()?;
    let rps = given
        .get("minimumRps")
        .and_then(Value::as_f64)
        .unwrap_or(5.0 / threshold);
    Some(format!(
        "breaker.time-window = {{ failures = \"{}%\", span = \"{span}ms\", buckets = {}, \
        min-volume = {}, open = \"{open}ms\" }}\n\
         {TEAPOT} = \"success\"",
        threshold * 100.0,
        (span / 1000.0) as u32,
        (rps * span / 1000.0) as u32
    ))
}
