//! The route: its time, its retries, its waits.

use super::Retried;
use crate::base::Duration;
use crate::base::advice::Form;
use crate::deploy::settings::Value;
use crate::deploy::writer::decimal;
use crate::policy::backoff::jitter::{Jitter, Plain};
use crate::policy::backoff::{self, CapStage};
use crate::policy::config::Config;
use crate::policy::hedge;
use crate::policy::server_wait::{self, TooLong};

/// Envoy's default first wait, and how many of it are its longest.
const BASE: Duration = Duration::from_ms(25);
const CAP_OF_BASE: u64 = 10;

/// A duration as protobuf's JSON has it.
pub(super) fn time(time: Duration) -> String {
    format!("{}s", decimal(time.0, 9))
}

/// Writes the route's settings, and what they do into the policy.
pub(super) fn route(plain: &Config, retried: &mut Retried, there: &mut Config, into: &mut String) {
    let mut line = |line: String| {
        into.push_str("                  ");
        into.push_str(&line);
        into.push('\n');
    };
    // 0 is none; Envoy's own is 15 s.
    line(format!(
        "timeout: {}",
        plain.timeout.call.map_or("0s".into(), time)
    ));
    there.timeout.call = plain.timeout.call;
    there.retry.attempts = plain.retry.attempts;
    let per_try = per_try(plain, there);
    let idle = plain.timeout.inactivity;
    // It runs from the sending on, and so to the headers as well.
    there.timeout.inactivity = idle;
    there.timeout.headers = idle;
    let retries = plain.retry.attempts > 1;
    if retries || per_try.is_some() || idle.is_some() {
        line("retry_policy:".into());
        for setting in policy(plain, retried, there, per_try, idle) {
            line(format!("  {setting}"));
        }
    }
    if !matches!(there.hedge, hedge::Config::None(_)) {
        line("hedge_policy: {hedge_on_per_try_timeout: true}".into());
    }
}

/// The time of one try: after it the try is given up, or another goes out beside it.
fn per_try(plain: &Config, there: &mut Config) -> Option<Duration> {
    let hedge = match &plain.hedge {
        hedge::Config::Fixed(kind) if plain.timeout.total.is_none() => Some(kind.after),
        _ => None,
    };
    if let Some(after) = hedge.filter(|after| !after.is_zero()) {
        there.hedge = hedge::Config::Fixed(hedge::fixed::Config {
            after,
            to: hedge::To::Same,
            max: 1,
        });
        there.hedging.first = hedge::rules::First::Acceptable;
        return Some(after);
    }
    there.timeout.total = plain.timeout.total;
    plain.timeout.total
}

fn policy(
    plain: &Config,
    retried: &mut Retried,
    there: &mut Config,
    per_try: Option<Duration>,
    idle: Option<Duration>,
) -> Vec<String> {
    let mut on = Vec::new();
    let tries_end = per_try.is_some() || idle.is_some();
    if retried.connections {
        on.extend(["connect-failure", "refused-stream"]);
        // `reset` means a try that took too long as well.
        on.push(match retried.timeouts || !tries_end {
            true => "reset",
            false => "reset-before-request",
        });
    } else if retried.timeouts && tries_end {
        on.push("reset");
        retried.connections = true;
    }
    if !retried.statuses.is_empty() {
        on.push("retriable-status-codes");
    }
    let retries = plain.retry.attempts.saturating_sub(1);
    let mut all = Vec::new();
    if !on.is_empty() && retries > 0 {
        all.push(format!("retry_on: \"{}\"", on.join(",")));
    }
    if retries > 0 {
        let list: Vec<Value> = retried
            .statuses
            .iter()
            .map(|status| Value::Plain(status.to_string()))
            .collect();
        all.push(format!(
            "retriable_status_codes: {}",
            Value::List(list).inline()
        ));
    }
    all.push(format!("num_retries: {retries}"));
    all.extend(per_try.map(|t| format!("per_try_timeout: {}", time(t))));
    all.extend(idle.map(|t| format!("per_try_idle_timeout: {}", time(t))));
    if retries > 0 {
        all.extend(back_off(plain, there));
        all.extend(rate_limited(plain, there));
    }
    all
}

/// U(0, min(base·2^k, cap)): what Envoy's code does.
fn back_off(plain: &Config, there: &mut Config) -> Option<String> {
    let (base, cap) = match &plain.retry.backoff {
        backoff::Config::Exponential(c) => (c.base, c.cap),
        backoff::Config::Constant(c) => (c.wait, Some(c.wait)),
        backoff::Config::Linear(c) => (c.base, c.cap),
        backoff::Config::DecorrelatedV2(c) => (c.base, c.cap),
        backoff::Config::RandomWalk(c) => (c.base, c.cap),
        backoff::Config::Finagle(c) => (c.base, Some(c.cap)),
        backoff::Config::Schedule(c) => {
            let first = c.waits.iter().copied().find(|wait| !wait.is_zero());
            (first.unwrap_or(BASE), c.waits.iter().copied().max())
        }
        backoff::Config::None(_) => (Duration::from_ms(1), Some(Duration::from_ms(1))),
    };
    // Intervals are whole milliseconds, and the longest is not below the first.
    let whole = |time: Duration| Duration((time.0 / 1_000_000).max(1) * 1_000_000);
    let base = whole(base);
    let cap = cap
        .map_or(Duration(base.0.saturating_mul(1000)), whole)
        .max(base);
    there.retry.backoff = backoff::Config::Exponential(backoff::exponential::Config {
        base,
        factor: 2.0,
        cap: Some(cap),
        cap_stage: CapStage::default(),
        origin: 0,
        floor: Duration::ZERO,
        first_wait_zero: false,
        jitter: Jitter::Full(Plain {}),
    });
    let is_default = base == BASE && cap.0 == CAP_OF_BASE * base.0;
    (!is_default).then(|| {
        let (base, cap) = (time(base), time(cap));
        format!("retry_back_off: {{base_interval: {base}, max_interval: {cap}}}")
    })
}

/// `rate_limited_retry_back_off`: a wait that is stated, and up to half as much more.
fn rate_limited(plain: &Config, there: &mut Config) -> Option<String> {
    let own = &plain.retry.server_wait;
    if !own.honour {
        return None;
    }
    let known = own.headers.iter().filter_map(|form| match form {
        Form::RetryAfter => Some((*form, "{name: retry-after, format: SECONDS}")),
        Form::XRatelimitReset => Some((*form, "{name: x-ratelimit-reset, format: UNIX_TIMESTAMP}")),
        _ => None,
    });
    let (forms, headers): (Vec<Form>, Vec<&str>) = known.unzip();
    if forms.is_empty() {
        return None;
    }
    let cap = match own.too_long {
        TooLong::Honour => Duration::from_s(86_400),
        TooLong::Ignore | TooLong::Clamp | TooLong::Fail => own.cap,
    };
    there.retry.server_wait = server_wait::Config {
        honour: true,
        headers: forms,
        cap,
        jitter: 0.5,
        ..server_wait::Config::default()
    };
    let headers = headers.join(", ");
    Some(format!(
        "rate_limited_retry_back_off: {{reset_headers: [{headers}], max_interval: {}}}",
        time(cap)
    ))
}
