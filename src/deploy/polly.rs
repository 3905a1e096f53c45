//! Polly 8 under .NET: the section of `appsettings.json` that `Microsoft.Extensions.Http.Resilience` binds.
//!
//! `AddStandardResilienceHandler().Configure(section)` fills `HttpStandardResilienceOptions`, from the outside in:
//! a limiter, a time for all, retries, a breaker, a time for each attempt. All five are always there, so what a
//! policy does not have is set to what never happens: the largest counts, a day. What is handled, 408, 429, 5xx,
//! connections and timeouts, is code and no setting; a `ShouldHandle` of one's own changes it.
//!
//! Keys and checks are those of `HttpStandardResilienceOptions` and its validator (dotnet/extensions): an attempt's
//! time is not above the call's, sampling lasts two of them, all waits together fit the call's time. Ranges are those
//! of the options' attributes: durations from 10 ms to a day, two calls of least throughput, half a second of
//! sampling. .NET's reader of JSON passes over comments.

use super::conduct::{Conduct, normal};
use super::lost::{comments, lost};
use super::preset::preset;
use super::{Export, Subject, Target};
use crate::base::Duration;
use crate::policy::backoff;
use crate::policy::backoff::jitter::{Jitter, Plain, Proportional};
use crate::policy::breaker;
use crate::policy::config::Config;
use crate::policy::limiter;

/// This target.
pub const TARGET: Target = Target {
    name: "polly",
    summary: "appsettings.json of .NET's standard resilience handler, on Polly 8",
    write,
};

/// The longest time of a timeout, and of a wait.
const DAY: Duration = Duration::from_s(86_400);
/// The longest of an attempt.
const HALF_A_DAY: Duration = Duration::from_s(43_200);
/// The shortest.
const LEAST: Duration = Duration::from_ms(10);

fn write(subject: &Subject<'_>) -> Export {
    let plain = normal(subject.config, &subject.places);
    let base = preset("dotnet-standard-handler");
    let mut there = base.clone();
    there.route = crate::policy::route::Config::Single(Default::default());
    let times = Times::of(&plain);
    there.timeout.call = (times.call < DAY).then_some(times.call);
    there.timeout.total = (times.attempt < HALF_A_DAY).then_some(times.attempt);
    let sections = [
        ("RateLimiter", limiter(&plain, &mut there)),
        ("TotalRequestTimeout", vec![("Timeout", span(times.call))]),
        ("Retry", retry(&plain, &mut there)),
        ("CircuitBreaker", breaker(&plain, &base, &mut there)),
        ("AttemptTimeout", vec![("Timeout", span(times.attempt))]),
    ];
    let wanted = Conduct::of(subject.config, &subject.places);
    // It knows one address, the first of the route.
    let places = &subject.places[..subject.places.len().min(1)];
    if let crate::policy::route::Config::Single(kind) = &mut there.route {
        kind.endpoint = places.first().map(|place| place.name.clone());
    }
    let lost = lost(subject.config, &wanted, &Conduct::of(&there, places));
    let parts: Vec<String> = sections
        .iter()
        .map(|(name, entries)| section(name, entries))
        .collect();
    let mut text = format!(
        "// The policy {:?} of {:?} for .NET's standard resilience handler, written by `squall export`.\n\
         // services.AddHttpClient(…).AddStandardResilienceHandler()\n\
         //     .Configure(configuration.GetSection(\"HttpStandardResilience\"));\n//\n",
        subject.name, subject.file
    );
    text.push_str(&comments(&lost, "//", "It"));
    text.push_str(&format!(
        "{{\n  \"HttpStandardResilience\": {{\n{}\n  }}\n}}\n",
        parts.join(",\n")
    ));
    Export { text, lost }
}

type Entries = Vec<(&'static str, String)>;

fn section(name: &str, entries: &Entries) -> String {
    let entry = |(key, value): &(&str, String)| format!("      \"{key}\": {value}");
    let entries: Vec<String> = entries.iter().map(entry).collect();
    match name {
        "RateLimiter" => format!(
            "    \"{name}\": {{ \"DefaultRateLimiterOptions\": {{\n{}\n    }} }}",
            entries.join(",\n")
        ),
        _ => format!("    \"{name}\": {{\n{}\n    }}", entries.join(",\n")),
    }
}

/// A `TimeSpan`: days, hours, minutes, seconds and ticks of 100 ns.
fn span(time: Duration) -> String {
    let ticks = time.0 / 100;
    let (seconds, ticks) = (ticks / 10_000_000, ticks % 10_000_000);
    let (days, seconds) = (seconds / 86_400, seconds % 86_400);
    let clock = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    let days = if days > 0 {
        format!("{days}.")
    } else {
        String::new()
    };
    let ticks = if ticks > 0 {
        format!(".{ticks:07}")
    } else {
        String::new()
    };
    format!("\"{days}{clock}{ticks}\"")
}

/// A time as it can be set, cut to what a tick counts.
fn settable(time: Duration, least: Duration) -> Duration {
    Duration(time.clamp(least, DAY).0 / 100 * 100)
}

/// The two timeouts. An attempt may not last longer than half the breaker's sampling, nor than the whole, or the
/// options are refused when the program starts.
struct Times {
    call: Duration,
    attempt: Duration,
}

/// What stands for an attempt without a timeout where there is a breaker: what the SDKs have.
const SDK: Duration = Duration::from_s(600);

impl Times {
    fn of(plain: &Config) -> Times {
        let call = settable(plain.timeout.call.unwrap_or(DAY), LEAST);
        let usual = match plain.breaker {
            breaker::Config::None(_) => HALF_A_DAY,
            _ => SDK,
        };
        let attempt = settable(plain.timeout.total.unwrap_or(usual), LEAST);
        Times {
            call,
            attempt: attempt.min(HALF_A_DAY).min(call),
        }
    }
}

fn limiter(plain: &Config, there: &mut Config) -> Entries {
    let limit = match &plain.limiter {
        limiter::Config::Fixed(kind) => kind.limit.min(i32::MAX as u32),
        limiter::Config::None(_)
        | limiter::Config::Aimd(_)
        | limiter::Config::Vegas(_)
        | limiter::Config::Gradient2(_)
        | limiter::Config::Gradient(_) => i32::MAX as u32,
    };
    // Who has to wait is refused: a queue would be one without an end to its wait.
    there.limiter = match limit == i32::MAX as u32 {
        true => limiter::Config::default(),
        false => limiter::Config::Fixed(limiter::fixed::Config {
            limit,
            max_wait: Duration::ZERO,
        }),
    };
    vec![
        ("PermitLimit", limit.to_string()),
        ("QueueLimit", "0".into()),
    ]
}

fn retry(plain: &Config, there: &mut Config) -> Entries {
    // At least one retry: fewer cannot be set.
    let retries = plain.retry.attempts.saturating_sub(1).max(1);
    let (kind, delay, most, jitter) = waits(&plain.retry.backoff);
    let call = Times::of(plain).call;
    let delay = settable(delay, Duration::ZERO).min(Duration(call.0 / 2));
    let most = most.map(|most| settable(most, Duration::ZERO));
    let fits = |n: &u16| longest_sum(kind, *n, delay, most) <= call.as_s_f64();
    let retries = (1..=retries.min(1000)).rev().find(fits).unwrap_or(1);
    there.retry.attempts = retries + 1;
    there.retry.backoff = carried_backoff(kind, delay, most, jitter);
    let headers = plain.retry.server_wait.honour;
    if !headers {
        there.retry.server_wait.honour = false;
    }
    let mut entries = vec![
        ("MaxRetryAttempts", retries.to_string()),
        ("BackoffType", format!("\"{kind}\"")),
        ("UseJitter", jitter.to_string()),
        ("Delay", span(delay)),
        ("ShouldRetryAfterHeader", headers.to_string()),
    ];
    entries.extend(most.map(|most| ("MaxDelay", span(most))));
    entries
}

/// All waits together at their longest, in seconds: if that is more than the time of the call, the options are
/// refused when the program starts.
fn longest_sum(kind: &str, n: u16, delay: Duration, most: Option<Duration>) -> f64 {
    let (n, delay) = (f64::from(n), delay.as_s_f64());
    let sum = match kind {
        "Constant" => 1.25 * n * delay,
        "Linear" => 1.25 * delay * n * (n + 1.0) / 2.0,
        // 2^n - 1 without jitter, 2^n / 1.4 at the end of the curve with it.
        _ => libm::pow(2.0, n) * delay,
    };
    most.map_or(sum, |most| sum.min(1.25 * n * most.as_s_f64()))
}

/// The kind of waits, the first, the longest, whether they are spread: as near as Polly's three come.
fn waits(backoff: &backoff::Config) -> (&'static str, Duration, Option<Duration>, bool) {
    let spread = |jitter: &Jitter| !matches!(jitter, Jitter::None(_));
    match backoff {
        backoff::Config::None(_) => ("Constant", Duration::ZERO, None, false),
        backoff::Config::Constant(c) => ("Constant", c.wait, None, spread(&c.jitter)),
        backoff::Config::Linear(c) => ("Linear", c.base, c.cap, spread(&c.jitter)),
        backoff::Config::Exponential(c) => ("Exponential", c.base, c.cap, spread(&c.jitter)),
        backoff::Config::DecorrelatedV2(c) => ("Exponential", c.base, c.cap, true),
        backoff::Config::RandomWalk(c) => ("Exponential", c.base, c.cap, true),
        backoff::Config::Finagle(c) => ("Exponential", c.base, Some(c.cap), true),
        backoff::Config::Schedule(c) => {
            let first = c.waits.first().copied().unwrap_or(Duration::ZERO);
            (
                "Exponential",
                first,
                c.waits.iter().copied().max(),
                spread(&c.jitter),
            )
        }
    }
}

/// Polly's waits: jitter is ± 25 %, and with exponential ones a curve of its own.
fn carried_backoff(
    kind: &str,
    delay: Duration,
    most: Option<Duration>,
    jitter: bool,
) -> backoff::Config {
    let spread = match jitter {
        true => Jitter::Proportional(Proportional {
            low: 0.75,
            high: 1.25,
        }),
        false => Jitter::None(Plain {}),
    };
    if delay.is_zero() {
        return backoff::Config::None(backoff::none::Config {});
    }
    match kind {
        "Constant" => backoff::Config::Constant(backoff::constant::Config {
            wait: delay,
            jitter: spread,
        }),
        "Linear" => backoff::Config::Linear(backoff::linear::Config {
            base: delay,
            step: delay,
            cap: most,
            cap_stage: backoff::CapStage::AfterJitter,
            jitter: spread,
        }),
        _ if jitter => backoff::Config::DecorrelatedV2(backoff::decorrelated_v2::Config {
            base: delay,
            cap: most,
        }),
        _ => backoff::Config::Exponential(backoff::exponential::Config {
            base: delay,
            factor: 2.0,
            cap: most,
            cap_stage: backoff::CapStage::default(),
            origin: 0,
            floor: Duration::ZERO,
            first_wait_zero: false,
            jitter: spread,
        }),
    }
}

fn breaker(plain: &Config, base: &Config, there: &mut Config) -> Entries {
    let (ratio, volume, span_, open) = match &plain.breaker {
        breaker::Config::TimeWindow(c) => (c.failures.0, c.min_volume, c.span, c.open),
        breaker::Config::CountWindow(c) => {
            let volume = c.min_volume.unwrap_or(c.size);
            (c.failures.0, volume, Duration::from_s(30), c.open)
        }
        breaker::Config::Consecutive(c) => (1.0, c.failures, Duration::from_s(30), c.open),
        breaker::Config::MaxFails(c) => (1.0, c.failures, c.span, c.open),
        breaker::Config::Ema(c) => (0.1, 100, Duration::from_s(30), c.open),
        breaker::Config::Outlier(c) => (0.1, c.min_volume, c.every, c.open),
        breaker::Config::None(_) => {
            there.breaker = breaker::Config::default();
            (
                1.0,
                i32::MAX as u32,
                Duration::from_s(30),
                Duration::from_s(5),
            )
        }
    };
    let volume = volume.clamp(2, i32::MAX as u32);
    // The sampling must be at least twice the time of an attempt, or the options are refused at the start.
    let twice = Duration(Times::of(plain).attempt.0.saturating_mul(2));
    let sampling = settable(span_.max(twice), Duration::from_ms(500));
    let open = settable(open, Duration::from_ms(500));
    if let (false, breaker::Config::TimeWindow(own)) = (
        matches!(plain.breaker, breaker::Config::None(_)),
        &base.breaker,
    ) {
        there.breaker = breaker::Config::TimeWindow(breaker::time_window::Config {
            failures: crate::base::units::Ratio(ratio),
            min_volume: volume,
            span: sampling,
            open,
            ..own.clone()
        });
    }
    vec![
        ("FailureRatio", ratio.to_string()),
        ("MinimumThroughput", volume.to_string()),
        ("SamplingDuration", span(sampling)),
        ("BreakDuration", span(open)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_timespan() {
        // The formats of .NET's "c": [d.]hh:mm:ss[.fffffff].
        assert_eq!(span(Duration::from_s(30)), "\"00:00:30\"");
        assert_eq!(span(Duration::from_ms(250)), "\"00:00:00.2500000\"");
        assert_eq!(span(Duration::from_s(3 * 3600 + 61)), "\"03:01:01\"");
        assert_eq!(span(DAY), "\"1.00:00:00\"");
    }
}
