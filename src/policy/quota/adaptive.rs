//! A rate of attempts that adapts to being throttled, as the AWS SDKs' adaptive mode does.
//!
//! Off until the first refusal for a limit; from then on every attempt, first ones included, takes a
//! token and waits for it. A refusal sets the rate to a share of what was sent, every other ending lets
//! it grow along CUBIC (Ha, Rhee and Xu, 2008; RFC 8312): back to where it was refused, slowly around
//! there, and on. It is never above a multiple of the rate that was really sent.
//!
//! Source: read in botocore 1.44.5, `botocore/retries/{adaptive,bucket,throttling}.py`.

use serde::{Deserialize, Serialize};

use super::meter::Meter;
use crate::base::registry::Kind;
use crate::base::units::{Rate, Ratio};
use crate::base::{Check, Class, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "adaptive",
    summary: "attempts per second, less after each refusal for a limit, and more again by CUBIC",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The lowest rate.
    pub floor: Rate,
    /// What the rate is multiplied with at a refusal (β of CUBIC); above 0, below 1.
    pub backoff: Ratio,
    /// How fast it grows again (C of CUBIC), in attempts per second per second³; above 0.
    pub growth: Ratio,
    /// The most it may be, in multiples of the rate that was measured; 1 or more.
    pub ceiling: f64,
    /// How long the sent rate is measured before it is smoothed.
    pub span: Duration,
    /// The newest measurement's weight; above 0, at most 1.
    pub smoothing: Ratio,
    /// The longest wait in line; an attempt that would wait longer is not made.
    pub max_wait: Duration,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            floor: Rate {
                micro: 500_000,
                per: Duration::from_s(1),
            },
            backoff: Ratio(0.7),
            growth: Ratio(0.4),
            ceiling: 2.0,
            span: Duration::from_ms(500),
            smoothing: Ratio(0.8),
            max_wait: super::minute(),
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        let share = |r: Ratio| r.0 > 0.0 && r.0 < 1.0;
        if !share(self.backoff) {
            let expected = "above 0 and below 1";
            check
                .mistake("backoff", "an absurd decrease", "not a part of the rate")
                .expected(expected);
        }
        for (key, ratio) in [("growth", self.growth), ("smoothing", self.smoothing)] {
            if ratio.0 <= 0.0 || ratio.0 > 1.0 {
                check
                    .mistake(key, "the rate would not follow", "out of range")
                    .expected("above 0, at most 1");
            }
        }
        if !(1.0..=1000.0).contains(&self.ceiling) {
            check
                .mistake("ceiling", "the rate could only fall", "out of range")
                .expected("1 to 1000");
        }
        if self.span.is_zero() {
            check
                .mistake("span", "nothing could be measured", "is zero")
                .expected("some time, such as \"500ms\"");
        }
    }

    pub(super) fn meter(&self) -> Meter {
        Meter::Adaptive(Box::new(Adaptive::new(self)))
    }

    /// What an ending says: a refusal for a limit or not; None: nothing.
    pub fn throttled(class: Class) -> Option<bool> {
        match class {
            Class::RateLimited => Some(true),
            Class::Cancelled => None,
            Class::Ok
            | Class::QuotaExhausted
            | Class::Overloaded
            | Class::ServerFault
            | Class::Transport
            | Class::TimedOut
            | Class::Truncated
            | Class::Malformed
            | Class::BadAnswer
            | Class::Unsuited
            | Class::Rejected => Some(false),
        }
    }
}

/// The rate and its tokens. Rates are attempts per second.
#[derive(Clone, Debug)]
pub struct Adaptive {
    on: bool,
    /// The rate tokens come at, how many there can be, and how many there are.
    rate: f64,
    capacity: f64,
    tokens: f64,
    filled_at: Instant,
    /// The rate that was refused last; when; and how long after it the rate is as high again, in s.
    peak: f64,
    refused_at: Instant,
    zero_after_s: f64,
    sent: Sent,
}

/// The rate that was sent, smoothed.
#[derive(Clone, Debug)]
struct Sent {
    span: Duration,
    /// The number of the span counted in.
    span_number: u64,
    count: u64,
    rate: f64,
}

impl Sent {
    /// One more ending; the rate as of now.
    fn record(&mut self, smoothing: f64, now: Instant) -> f64 {
        self.count += 1;
        let number = now.0 / self.span.0;
        if number > self.span_number {
            let took_s = (number - self.span_number) as f64 * self.span.as_s_f64();
            let newest = self.count as f64 / took_s;
            self.rate = newest * smoothing + self.rate * (1.0 - smoothing);
            self.count = 0;
            self.span_number = number;
        }
        self.rate
    }
}

impl Adaptive {
    /// As it begins: off, and one token a second is saved up to one.
    pub fn new(config: &Config) -> Adaptive {
        Adaptive {
            on: false,
            rate: config.floor.per_s().max(1.0),
            capacity: 1.0,
            tokens: 0.0,
            filled_at: Instant::ZERO,
            peak: 0.0,
            refused_at: Instant::ZERO,
            zero_after_s: 0.0,
            sent: Sent {
                span: config.span,
                span_number: 0,
                count: 0,
                rate: 0.0,
            },
        }
    }

    /// Whether it holds anything back yet.
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// Tokens per second.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// The rate that was sent, smoothed, per second.
    pub fn sent_rate(&self) -> f64 {
        self.sent.rate
    }

    /// An attempt ended, refused for a limit or not.
    pub fn on_end(&mut self, config: &Config, throttled: bool, now: Instant) {
        let sent = self.sent.record(config.smoothing.0, now);
        let wanted = if throttled {
            let refused = if self.on { sent.min(self.rate) } else { sent };
            (self.peak, self.refused_at) = (refused, now);
            // W(t) = C·(t − K)³ + W_max with W(0) = β·W_max: K = ∛(W_max·(1 − β)/C).
            let cube = refused * (1.0 - config.backoff.0) / config.growth.0;
            self.zero_after_s = libm::pow(cube, 1.0 / 3.0);
            self.on = true;
            refused * config.backoff.0
        } else {
            let t = now.since(self.refused_at).as_s_f64() - self.zero_after_s;
            config.growth.0 * t * t * t + self.peak
        };
        self.set_rate(config, wanted.min(config.ceiling * sent), now);
    }

    fn set_rate(&mut self, config: &Config, rate: f64, now: Instant) {
        self.refill(now);
        self.rate = rate.max(config.floor.per_s());
        self.capacity = rate.max(1.0);
        self.tokens = self.tokens.min(self.capacity);
    }

    fn refill(&mut self, now: Instant) {
        let gained = now.since(self.filled_at).as_s_f64() * self.rate;
        self.filled_at = now;
        self.tokens = self.capacity.min(self.tokens + gained);
    }

    /// Takes `n` tokens, whether they are there or not.
    pub fn take(&mut self, n: u64, now: Instant) {
        self.refill(now);
        if self.on {
            self.tokens -= n as f64;
        }
    }

    /// How long until `n` tokens have come behind `ahead`, at the rate of now.
    pub fn wait(&mut self, n: u64, ahead: u64, now: Instant) -> Duration {
        self.refill(now);
        let missing = n.saturating_add(ahead) as f64 - self.tokens;
        if !self.on || missing <= 0.0 {
            return Duration::ZERO;
        }
        // A nanosecond at least passes: what is missing may be a rounding.
        Duration::from_s_f64(missing / self.rate).max(Duration(1))
    }
}
