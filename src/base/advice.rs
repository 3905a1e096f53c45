//! What a refusal says about trying again: how long to wait, in which headers, and whether at all.
//!
//! A client reads some headers and not others, in an order of its own, and each header writes time
//! in its own units: that, and not the wait, is why two clients make different things of one 429.

use serde::{Deserialize, Deserializer, Serialize};

use super::ending::names;
use super::time::{Duration, Instant};

names! {
    /// A header that states a wait, and how its value is written.
    Form {
        /// In whatever header a client reads, with all its digits: no loss on the way.
        Exact = "exact",
        /// `retry-after-ms`: milliseconds (OpenAI, Azure).
        RetryAfterMs = "retry-after-ms",
        /// `retry-after: 20`: whole seconds, rounded up.
        RetryAfter = "retry-after",
        /// `retry-after: 20.5`: seconds with a fraction, which some parsers refuse.
        RetryAfterFloat = "retry-after-float",
        /// `retry-after: Sat, 21 Nov 2026 …`: the first whole second when the wait is over.
        RetryAfterDate = "retry-after-date",
        /// `x-ms-retry-after-ms`: milliseconds (Azure).
        XMsRetryAfterMs = "x-ms-retry-after-ms",
        /// `x-amz-retry-after`: milliseconds (AWS, 2026).
        XAmzRetryAfter = "x-amz-retry-after",
        /// `grpc-retry-pushback-ms`: milliseconds.
        GrpcRetryPushbackMs = "grpc-retry-pushback-ms",
        /// `x-ratelimit-reset`: a Unix time in whole seconds, rounded up.
        XRatelimitReset = "x-ratelimit-reset",
    }
}

impl Form {
    /// The wait that can be read from the header at `now`. Who rounds, rounds up: the server, or its
    /// limit would refuse who comes back as told. Dates count seconds from the start of the run.
    pub fn read(self, wait: Duration, now: Instant) -> Duration {
        const MS: u64 = 1_000_000;
        const S: u64 = 1_000_000_000;
        match self {
            Form::Exact => wait,
            Form::RetryAfter => Duration(up(wait.0, S)),
            Form::RetryAfterMs
            | Form::RetryAfterFloat
            | Form::XMsRetryAfterMs
            | Form::XAmzRetryAfter
            | Form::GrpcRetryPushbackMs => Duration(up(wait.0, MS)),
            Form::RetryAfterDate | Form::XRatelimitReset => {
                Instant(up((now + wait).0, S)).since(now)
            }
        }
    }
}

/// The next multiple of `unit`, or the largest there is.
fn up(ns: u64, unit: u64) -> u64 {
    ns.checked_next_multiple_of(unit).unwrap_or(u64::MAX)
}

/// A set of headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forms(u16);

impl Forms {
    /// No header.
    pub const NONE: Forms = Forms(0);
    /// Whatever a client reads.
    pub const EXACT: Forms = Forms(1);

    /// Whether a header is in it.
    pub fn contains(self, form: Form) -> bool {
        self.0 >> form.index() & 1 == 1
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Form> for Forms {
    fn from_iter<I: IntoIterator<Item = Form>>(forms: I) -> Forms {
        Forms(
            forms
                .into_iter()
                .fold(0, |all, form| all | 1 << form.index()),
        )
    }
}

impl<'de> Deserialize<'de> for Forms {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Vec::<Form>::deserialize(d)?.into_iter().collect())
    }
}

/// What a refusal says about trying again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Advice {
    wait: Duration,
    headers: Forms,
    /// `x-should-retry`, if it is sent.
    pub should_retry: Option<bool>,
}

impl Advice {
    /// Nothing is said.
    pub const NONE: Advice = Advice {
        wait: Duration::ZERO,
        headers: Forms::NONE,
        should_retry: None,
    };

    /// Says to wait this long, so that every client understands it to the letter.
    pub const fn wait(wait: Duration) -> Advice {
        Advice {
            wait,
            headers: Forms::EXACT,
            should_retry: None,
        }
    }

    /// Says to wait this long, if at all, in these headers.
    pub fn stated(wait: Option<Duration>, headers: Forms) -> Advice {
        match wait {
            Some(wait) if !headers.is_empty() => Advice {
                wait,
                headers,
                should_retry: None,
            },
            _ => Advice::NONE,
        }
    }

    /// The same with an `x-should-retry`, if one is sent.
    pub fn should_retry(self, should_retry: Option<bool>) -> Advice {
        Advice {
            should_retry,
            ..self
        }
    }

    /// The wait that is meant, whoever can read it.
    pub fn meant(self) -> Option<Duration> {
        (!self.headers.is_empty()).then_some(self.wait)
    }

    /// What a client reads at `now` that looks into these headers in this order.
    pub fn read(self, order: &[Form], now: Instant) -> Option<Duration> {
        if self.headers.contains(Form::Exact) {
            return Some(self.wait);
        }
        let form = order.iter().find(|form| self.headers.contains(**form))?;
        Some(form.read(self.wait, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_header_says_the_wait_in_its_own_units() {
        let now = Instant(300_000_000);
        let wait = Duration(1_200_500_000);
        let read = |form: Form| form.read(wait, now).0;
        assert_eq!(read(Form::Exact), 1_200_500_000);
        assert_eq!(read(Form::RetryAfter), 2_000_000_000);
        assert_eq!(read(Form::RetryAfterFloat), 1_201_000_000);
        assert_eq!(read(Form::RetryAfterMs), 1_201_000_000);
        assert_eq!(read(Form::RetryAfterDate), 1_700_000_000, "2.0 s − 0.3 s");
        assert_eq!(Form::RetryAfter.read(Duration::MAX, now), Duration::MAX);
    }

    #[test]
    fn a_client_reads_the_first_of_its_headers_that_is_sent() {
        let both: Forms = [Form::RetryAfter, Form::RetryAfterMs].into_iter().collect();
        let advice = Advice::stated(Some(Duration::from_ms(1200)), both);
        let read = |order: &[Form]| advice.read(order, Instant::ZERO).map(|d| d.0 / 1_000_000);
        assert_eq!(read(&[Form::RetryAfterMs, Form::RetryAfter]), Some(1200));
        assert_eq!(read(&[Form::RetryAfter, Form::RetryAfterMs]), Some(2000));
        assert_eq!(read(&[Form::XAmzRetryAfter]), None);
        assert_eq!(
            Advice::wait(Duration::ZERO).read(&[], Instant::ZERO),
            Some(Duration::ZERO)
        );
        assert_eq!(Advice::NONE.read(&[Form::RetryAfter], Instant::ZERO), None);
    }

    #[test]
    fn an_ending_stays_small() {
        assert!(size_of::<crate::base::Ending>() <= 24);
    }
}
