//! resilience4j under Spring Boot: `application.yml` with its retry, circuit breaker, bulkhead and time limiter.
//!
//! Keys are those of `CommonRetryConfigurationProperties` and its neighbours (resilience4j 2). What is an ending is an
//! exception there: those of Spring's `RestClient` stand for statuses, with a class of its own for most of them. The
//! parts are put around a call in Spring's own order: Retry ( CircuitBreaker ( TimeLimiter ( Bulkhead ( call )))), so
//! the breaker counts attempts, as it does here.

mod exceptions;

use super::conduct::{Conduct, Follows, Seen, fate, normal, tell};
use super::lost::{comments, lost};
use super::preset::preset;
use super::yaml::text;
use super::{Export, Subject, Target};
use crate::base::units::Ratio;
use crate::base::{Class, Duration};
use crate::policy::backoff::jitter::{Jitter, Plain, Proportional};
use crate::policy::backoff::{self, CapStage};
use crate::policy::breaker::readmit::{self, Verdict};
use crate::policy::breaker::window::{Slow, Threshold, TripsOn};
use crate::policy::breaker::{self, Counting, Counts};
use crate::policy::config::Config;
use crate::policy::{limiter, route};
use exceptions::Listed;

/// This target.
pub const TARGET: Target = Target {
    name: "resilience4j",
    summary: "application.yml of resilience4j 2 under Spring Boot",
    write,
};

fn write(subject: &Subject<'_>) -> Export {
    let plain = normal(subject.config, &subject.places);
    let mut there = preset("resilience4j-default");
    let retried = exceptions::listed(subject.config, |seen| {
        let alone = subject.places.len() == 1;
        fate(subject.config, seen, alone).follows != Follows::Nothing
    });
    let counting = |seen: Seen| fate(&plain, seen, true).counts;
    let failures = exceptions::listed(subject.config, |seen| {
        matches!(counting(seen), Counting::Failure | Counting::Trips)
    });
    let mut sections = Vec::new();
    sections.extend(retry(&plain, &retried, &mut there));
    sections.extend(breaker(&plain, &failures, &mut there));
    sections.extend(bulkhead(&plain, &mut there));
    there.timeout.total = plain.timeout.total;
    sections.extend(plain.timeout.total.map(|total| {
        let time = ("timeout-duration", time(total));
        (
            "timelimiter",
            vec![time, ("cancel-running-future", "true".into())],
        )
    }));
    tell(&mut there, subject.config, |seen| {
        let counts = match failures.contains(seen) {
            true => Counting::Failure,
            false => Counting::Success,
        };
        (retried.contains(seen), counts)
    });
    // It knows one client, that of the first of the route.
    let places = &subject.places[..subject.places.len().min(1)];
    there.route = route::Config::Single(route::single::Config {
        endpoint: places.first().map(|place| place.name.clone()),
    });
    let wanted = Conduct::of(subject.config, &subject.places);
    let lost = lost(subject.config, &wanted, &Conduct::of(&there, places));
    let mut file = format!(
        "# The policy {} of {} for resilience4j 2 under Spring Boot, written by `squall export`.\n\
         # Its exceptions are those of Spring's RestClient.\n#\n{}",
        text(subject.name),
        text(subject.file),
        comments(&lost, "#", "resilience4j")
    );
    file.push_str("\nresilience4j:\n");
    for (section, settings) in sections {
        let name = text(subject.name);
        file.push_str(&format!("  {section}:\n    instances:\n      {name}:\n"));
        for (key, value) in settings {
            file.push_str(&format!("        {key}: {value}\n"));
        }
    }
    Export { text: file, lost }
}

type Section = (&'static str, Vec<(&'static str, String)>);

/// A duration as Spring reads it, in the largest of its units that leaves nothing out.
fn time(time: Duration) -> String {
    match time.0 {
        ns if ns % 1_000_000 == 0 => format!("{}ms", ns / 1_000_000),
        ns if ns % 1000 == 0 => format!("{}us", ns / 1000),
        ns => format!("{ns}ns"),
    }
}

/// In whole milliseconds, one or more: resilience4j's waits and intervals have no parts of them.
fn whole(time: Duration) -> Duration {
    Duration((time.0 / 1_000_000).max(1) * 1_000_000)
}

fn retry(plain: &Config, retried: &Listed, there: &mut Config) -> Option<Section> {
    there.retry.attempts = plain.retry.attempts;
    if plain.retry.attempts == 1 {
        return None;
    }
    let mut all = vec![("max-attempts", plain.retry.attempts.to_string())];
    let waits = Waits::of(&plain.retry.backoff);
    there.retry.backoff = waits.carried();
    all.extend(waits.settings());
    all.extend(retried.setting("retry-exceptions"));
    Some(("retry", all))
}

/// Waits as resilience4j has them: the first, what it grows by, how much it is spread either way.
struct Waits {
    first: Duration,
    factor: Option<f64>,
    cap: Option<Duration>,
    spread: Option<f64>,
}

impl Waits {
    fn of(backoff: &backoff::Config) -> Waits {
        let spread = |jitter: &Jitter| match jitter {
            Jitter::None(_) => None,
            Jitter::Proportional(p) => Some(((p.high - p.low) / 2.0).clamp(0.0, 0.99)),
            Jitter::Full(_) | Jitter::Equal(_) | Jitter::Decorrelated(_) | Jitter::Additive(_) => {
                Some(0.5)
            }
        };
        let (first, factor, cap, spread) = match backoff {
            backoff::Config::None(_) => (Duration::from_ms(1), None, None, None),
            backoff::Config::Constant(c) => (c.wait, None, None, spread(&c.jitter)),
            backoff::Config::Linear(c) => (c.base, Some(1.5), c.cap, spread(&c.jitter)),
            backoff::Config::Exponential(c) => (c.base, Some(c.factor), c.cap, spread(&c.jitter)),
            backoff::Config::DecorrelatedV2(c) => (c.base, Some(2.0), c.cap, Some(0.5)),
            backoff::Config::RandomWalk(c) => (c.base, Some(2.0), c.cap, Some(0.5)),
            backoff::Config::Finagle(c) => (c.base, Some(2.0), Some(c.cap), Some(0.5)),
            backoff::Config::Schedule(c) => {
                let first = c.waits.iter().copied().find(|wait| !wait.is_zero());
                let first = first.unwrap_or(Duration::from_ms(1));
                (
                    first,
                    Some(2.0),
                    c.waits.iter().copied().max(),
                    spread(&c.jitter),
                )
            }
        };
        Waits {
            first: whole(first),
            factor: factor.filter(|factor| *factor > 1.0),
            cap: cap.map(whole),
            spread,
        }
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        let mut all = vec![("wait-duration", time(self.first))];
        if let Some(factor) = self.factor {
            all.push(("enable-exponential-backoff", "true".into()));
            all.push(("exponential-backoff-multiplier", factor.to_string()));
            let cap = self
                .cap
                .map(|cap| ("exponential-max-wait-duration", time(cap)));
            all.extend(cap);
        }
        if let Some(spread) = self.spread {
            all.push(("enable-randomized-wait", "true".into()));
            all.push(("randomized-wait-factor", spread.to_string()));
        }
        all
    }

    fn carried(&self) -> backoff::Config {
        let jitter = match self.spread {
            Some(spread) => Jitter::Proportional(Proportional {
                low: 1.0 - spread,
                high: 1.0 + spread,
            }),
            None => Jitter::None(Plain {}),
        };
        match self.factor {
            None => backoff::Config::Constant(backoff::constant::Config {
                wait: self.first,
                jitter,
            }),
            Some(factor) => backoff::Config::Exponential(backoff::exponential::Config {
                base: self.first,
                factor,
                cap: self.cap,
                cap_stage: CapStage::AfterJitter,
                origin: 0,
                floor: Duration::ZERO,
                first_wait_zero: false,
                jitter,
            }),
        }
    }
}

/// A rule of resilience4j's breaker.
struct Rule {
    failures: f64,
    window: Window,
    volume: u32,
    slow: Option<Slow>,
    open: Duration,
    probes: u32,
}

impl Rule {
    /// The rule that comes nearest; None: there is no breaker.
    fn of(breaker: &breaker::Config) -> Option<Rule> {
        let plain = |failures, window, volume, open, probes| Rule {
            failures,
            window,
            volume,
            slow: None,
            open: whole(open),
            probes,
        };
        Some(match breaker {
            breaker::Config::None(_) => return None,
            breaker::Config::CountWindow(c) => Rule {
                slow: c.slow,
                ..plain(
                    c.failures.0,
                    Window::Count(c.size),
                    c.min_volume.unwrap_or(c.size),
                    c.open,
                    c.probes,
                )
            },
            breaker::Config::TimeWindow(c) => Rule {
                slow: c.slow,
                ..plain(
                    c.failures.0,
                    Window::Time(c.span),
                    c.min_volume,
                    c.open,
                    c.probes,
                )
            },
            breaker::Config::Consecutive(c) => {
                plain(1.0, Window::Count(c.failures), c.failures, c.open, c.probes)
            }
            breaker::Config::MaxFails(c) => {
                let failures = c.failures.saturating_add(1);
                plain(1.0, Window::Time(c.span), failures, c.open, c.probes)
            }
            breaker::Config::Ema(c) => {
                plain(0.5, Window::Time(c.span), c.min_volume, c.open, c.probes)
            }
            breaker::Config::Outlier(c) => {
                plain(0.5, Window::Time(c.every), c.min_volume, c.open, c.probes)
            }
        })
    }
}

fn breaker(plain: &Config, failures: &Listed, there: &mut Config) -> Option<Section> {
    let rule = Rule::of(&plain.breaker)?;
    there.breaker = rule.carried();
    there.trip = preset("resilience4j-cb").trip;
    let longest = match &plain.readmit {
        readmit::Config::Probes(kind) => kind.max_wait,
        _ => None,
    };
    there.readmit = readmit::Config::Probes(readmit::probes::Config {
        verdict: Verdict::Thresholds,
        max_wait: longest,
    });
    let percent = |share: f64| (share * 100.0).to_string();
    let mut all = rule.window.settings();
    all.push(("minimum-number-of-calls", rule.volume.to_string()));
    all.push(("failure-rate-threshold", percent(rule.failures)));
    if let Some(slow) = rule.slow {
        all.push(("slow-call-duration-threshold", time(slow.after)));
        all.push(("slow-call-rate-threshold", percent(slow.share.0)));
    }
    all.push(("wait-duration-in-open-state", time(rule.open)));
    all.push((
        "permitted-number-of-calls-in-half-open-state",
        rule.probes.to_string(),
    ));
    all.extend(longest.map(|most| ("max-wait-duration-in-half-open-state", time(most))));
    all.extend(failures.setting("record-exceptions"));
    Some(("circuitbreaker", all))
}

/// Over what failures are a share.
enum Window {
    Count(u32),
    Time(Duration),
}

impl Window {
    fn settings(&self) -> Vec<(&'static str, String)> {
        let (kind, size) = match self {
            Window::Count(size) => ("COUNT_BASED", u64::from(*size)),
            Window::Time(span) => ("TIME_BASED", seconds(*span)),
        };
        vec![
            ("sliding-window-type", kind.into()),
            ("sliding-window-size", size.to_string()),
        ]
    }
}

impl Rule {
    fn carried(&self) -> breaker::Config {
        let failures = Ratio(self.failures);
        let &Rule {
            volume,
            slow,
            open,
            probes,
            ..
        } = self;
        let (counts, threshold) = (Counts::Attempts, Threshold::AtLeast);
        match &self.window {
            Window::Count(size) => breaker::Config::CountWindow(breaker::count_window::Config {
                failures,
                slow,
                threshold,
                size: *size,
                min_volume: Some(volume),
                trips_on: TripsOn::AnyEnding,
                open,
                probes,
                counts,
            }),
            // Buckets of a second at whole seconds.
            Window::Time(span) => breaker::Config::TimeWindow(breaker::time_window::Config {
                failures,
                slow,
                threshold,
                span: Duration::from_s(seconds(*span)),
                buckets: u32::try_from(seconds(*span)).unwrap_or(u32::MAX),
                anchor: breaker::time_window::Anchor::Epoch,
                min_volume: volume,
                volume: breaker::time_window::Volume::default(),
                trips_on: TripsOn::AnyEnding,
                open,
                probes,
                counts,
            }),
        }
    }
}

/// A time window is of whole seconds.
fn seconds(span: Duration) -> u64 {
    (span.0 / 1_000_000_000).max(1)
}

fn bulkhead(plain: &Config, there: &mut Config) -> Option<Section> {
    let limiter::Config::Fixed(kind) = &plain.limiter else {
        return None;
    };
    there.limiter = limiter::Config::Fixed(limiter::fixed::Config {
        limit: kind.limit,
        max_wait: Duration(kind.max_wait.0 / 1_000_000 * 1_000_000),
    });
    let all = vec![
        ("max-concurrent-calls", kind.limit.to_string()),
        ("max-wait-duration", time(kind.max_wait)),
    ];
    Some(("bulkhead", all))
}

/// Whether an ending is one without a status.
fn is_connection(seen: Seen) -> bool {
    matches!(
        seen,
        Seen::Other(Class::Transport | Class::TimedOut | Class::Truncated)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_duration_is_left_out() {
        let said = [1_500_000_000, 1_500_000, 1_000_001, 0].map(|ns| time(Duration(ns)));
        assert_eq!(said, ["1500ms", "1500us", "1000001ns", "0ms"]);
        assert_eq!(whole(Duration(1_700_000)), Duration::from_ms(1));
        assert_eq!(whole(Duration(3)), Duration::from_ms(1));
    }
}
