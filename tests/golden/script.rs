//! A recording, read: what the endpoint did in each case, and what the package made of it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use squall::base::wire::{Advice, Code, Form};
use squall::base::{Duration, Ending};

/// 2030-01-01T00:00:00Z: when every case begins.
const EPOCH_S: i64 = 1_893_456_000;

/// How an attempt ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Ends(Ending),
    /// The client's own time-out ends it.
    TimesOut,
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// A whole recording by its stem.
pub(crate) fn recording(stem: &str) -> Value {
    let path = folder().join(format!("{stem}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

pub(crate) fn cases(recording: &Value) -> &[Value] {
    recording["cases"].as_array().expect("a list of cases")
}

pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

pub(crate) fn numbers(value: &Value, key: &str) -> Vec<f64> {
    let list = value[key].as_array();
    let number = |v: &Value| v.as_f64().expect("a number");
    list.map(|l| l.iter().map(number).collect())
        .unwrap_or_default()
}

/// What the endpoint does in a case, the last step again and again.
///
/// # Errors
/// What in it no simulated endpoint does.
pub(crate) fn steps(case: &Value) -> Result<Vec<Step>, &'static str> {
    let list = case["attempts"]
        .as_array()
        .ok_or("a script by deployment")?;
    list.iter().map(step).collect()
}

fn step(step: &Value) -> Result<Step, &'static str> {
    let status = |status, code, advice| {
        Step::Ends(Ending::Status {
            status,
            code,
            advice,
        })
    };
    match text(step, "raises") {
        "" => {}
        "connect-error" => return Ok(Step::Ends(Ending::ConnectionRefused)),
        "read-error" => return Ok(Step::Ends(Ending::ConnectionLost)),
        "connect-timeout" | "read-timeout" => return Ok(Step::TimesOut),
        // Helpers that know no statuses: any exception.
        "error" => return Ok(status(500, Code::None, Advice::NONE)),
        _ => return Err("an exception of the language, not of the wire"),
    }
    let number = step["status"].as_u64().unwrap_or_default() as u16;
    if number == 200 && step["headers"].is_null() {
        return Ok(Step::Ends(Ending::text(100)));
    }
    if !(400..600).contains(&number) {
        return Err("a status that is no failure");
    }
    match (number, text(step, "code")) {
        (_, "" | "ValidationException") => {}
        (400, _) | (_, "SlowDown" | "EC2ThrottledException") => {
            return Err("an error code of one provider");
        }
        _ => {}
    }
    Ok(status(number, code(step), advice(&step["headers"])?))
}

fn code(step: &Value) -> Code {
    let error = &step["body"]["error"];
    match (text(error, "code"), text(error, "type")) {
        ("insufficient_quota", _) => Code::InsufficientQuota,
        ("rate_limit_exceeded", _) => Code::RateLimit,
        (_, "overloaded_error") => Code::Overloaded,
        _ => Code::None,
    }
}

/// The headers as one advice: a wait in one header, or none, and `x-should-retry`.
fn advice(headers: &Value) -> Result<Advice, &'static str> {
    let Some(headers) = headers.as_object() else {
        return Ok(Advice::NONE);
    };
    let (mut stated, mut should_retry) = (None, None);
    for (name, value) in headers {
        let value = value.as_str().unwrap_or_default();
        if name == "x-should-retry" {
            should_retry = Some(match value {
                "true" => true,
                "false" => false,
                _ => return Err("a header that no server writes so"),
            });
            continue;
        }
        let read = wait(name, value).ok_or("a header that no server writes so")?;
        if stated.replace(read).is_some() {
            return Err("two headers that contradict each other");
        }
    }
    let advice = stated.map_or(Advice::NONE, |(form, wait)| {
        Advice::stated(Some(wait), [form].into_iter().collect())
    });
    Ok(advice.should_retry(should_retry))
}

/// A wait as a server writes it; none for garbage.
fn wait(name: &str, value: &str) -> Option<(Form, Duration)> {
    let whole = || value.parse().ok();
    let ms = |form| Some((form, Duration::from_ms(whole()?)));
    match name {
        "retry-after-ms" => ms(Form::RetryAfterMs),
        "x-ms-retry-after-ms" => ms(Form::XMsRetryAfterMs),
        "x-amz-retry-after" => ms(Form::XAmzRetryAfter),
        "x-ratelimit-reset" => {
            let wait = value.parse::<i64>().ok()? - EPOCH_S;
            let wait = Duration::from_s(wait.max(0).unsigned_abs());
            Some((Form::XRatelimitReset, wait))
        }
        "retry-after" if value.ends_with(" GMT") => {
            let wait = Duration::from_s(seconds_after_epoch(value)?.max(0).unsigned_abs());
            Some((Form::RetryAfterDate, wait))
        }
        "retry-after" if value.contains('.') => {
            let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
            let seconds = value.split('.').all(digits).then(|| value.parse().ok())??;
            Some((Form::RetryAfterFloat, Duration::from_s_f64(seconds)))
        }
        "retry-after" => Some((Form::RetryAfter, Duration::from_s(whole()?))),
        _ => None,
    }
}

/// The dates of the recordings lie within a day or so of the epoch: `Tue, 01 Jan 2030 00:00:30 GMT`.
fn seconds_after_epoch(date: &str) -> Option<i64> {
    let mut parts = date.split(' ').skip(1);
    let day: i64 = parts.next()?.parse().ok()?;
    let day = match (parts.next()?, parts.next()?) {
        ("Jan", "2030") => day - 1,
        ("Dec", "2029") => day - 32,
        _ => return None,
    };
    let mut time = parts.next()?.split(':').map(|n| n.parse::<i64>().ok());
    let mut next = || time.next().flatten();
    Some(day * 86_400 + next()? * 3600 + next()? * 60 + next()?)
}
