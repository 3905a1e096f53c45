//! `timeout`: how long a client waits, for one attempt and for the whole call.
//!
//! A stack has up to six clocks and seldom says which it means. Here each has a key: to the connection,
//! to the headers, to the first token, between two tokens, for the whole attempt, for the whole call. Attempts beyond
//! the first may have limits of their own, usually shorter ones. The call's deadline, which is the
//! traffic's, stands above all: a timeout longer than what is left of it never fires.

use serde::{Deserialize, Serialize};

use crate::base::{Check, Duration};

/// Settings of `timeout`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// From the arrival of the call to its end, with all attempts and waits; absent: its deadline.
    pub call: Option<Duration>,
    /// From sending an attempt until its provider has been reached; absent: never. It ends as transport
    /// and not as timed-out: nothing was asked, so nothing can have been done or billed.
    pub connect: Option<Duration>,
    /// From sending an attempt to the end of its answer; absent: never.
    pub total: Option<Duration>,
    /// From sending to the headers of the answer, which come with the first token of a streamed
    /// answer and with the end of a whole one; absent: never.
    pub headers: Option<Duration>,
    /// From sending to the first token of a streamed answer; absent: never.
    pub first_token: Option<Duration>,
    /// Between two tokens of a streamed answer, once it has begun; absent: never.
    pub inactivity: Option<Duration>,
    /// What differs for attempts beyond the first.
    pub retry: Retry,
}

/// Limits of attempts beyond the first; absent: those of the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Retry {
    /// As [`Config::total`].
    pub total: Option<Duration>,
    /// As [`Config::headers`].
    pub headers: Option<Duration>,
    /// As [`Config::first_token`].
    pub first_token: Option<Duration>,
}

/// The limits of one attempt, from its sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until something of its answer has come.
    pub begin: Option<Duration>,
    /// Until its answer is complete.
    pub total: Option<Duration>,
}

impl Config {
    /// The limits of an attempt: the first of its call or a later one, streamed or whole.
    pub fn limits(&self, first: bool, streamed: bool) -> Limits {
        let own = |of_retry: Option<Duration>, of_first: Option<Duration>| match first {
            true => of_first,
            false => of_retry.or(of_first),
        };
        let total = own(self.retry.total, self.total);
        let headers = own(self.retry.headers, self.headers);
        let first_token = own(self.retry.first_token, self.first_token);
        match streamed {
            true => Limits {
                begin: shorter(headers, first_token),
                total,
            },
            // The headers of a whole answer come with it.
            false => Limits {
                begin: None,
                total: shorter(headers, total),
            },
        }
    }

    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        let own = [
            ("call", self.call),
            ("connect", self.connect),
            ("total", self.total),
            ("headers", self.headers),
            ("first-token", self.first_token),
            ("inactivity", self.inactivity),
            ("retry.total", self.retry.total),
            ("retry.headers", self.retry.headers),
            ("retry.first-token", self.retry.first_token),
        ];
        for (key, value) in own {
            if value.is_some_and(Duration::is_zero) {
                check.mistake(
                    key,
                    "a timeout of no time",
                    "nothing can be answered at once",
                );
            }
        }
        let total = ("total", self.total);
        let retry_total = match self.retry.total {
            Some(_) => ("retry.total", self.retry.total),
            None => total,
        };
        never_fires(("connect", self.connect), total, check);
        never_fires(("headers", self.headers), total, check);
        never_fires(("first-token", self.first_token), total, check);
        never_fires(("inactivity", self.inactivity), total, check);
        never_fires(("retry.headers", self.retry.headers), retry_total, check);
        let first_token = ("retry.first-token", self.retry.first_token);
        never_fires(first_token, retry_total, check);
        never_fires(total, ("call", self.call), check);
        never_fires(
            ("retry.total", self.retry.total),
            ("call", self.call),
            check,
        );
    }
}

fn shorter(a: Option<Duration>, b: Option<Duration>) -> Option<Duration> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

/// Warns of a limit that is longer than one which ends the same thing earlier: a preset's may well be, under
/// the user's own.
fn never_fires(
    (key, limit): (&str, Option<Duration>),
    (other, outer): (&str, Option<Duration>),
    check: &mut Check,
) {
    if let (Some(limit), Some(outer)) = (limit, outer)
        && limit > outer
    {
        let path = check.path(other);
        check
            .warning(
                key,
                "this timeout never fires",
                format!("longer than `{other}`"),
            )
            .also(path, format!("it is over after {outer}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: u64) -> Option<Duration> {
        Some(Duration::from_s(seconds))
    }

    #[test]
    fn what_must_come_first_depends_on_how_the_answer_comes() {
        let config = Config {
            total: s(30),
            headers: s(10),
            first_token: s(5),
            ..Config::default()
        };
        let streamed = config.limits(true, true);
        assert_eq!((streamed.begin, streamed.total), (s(5), s(30)));
        let whole = config.limits(true, false);
        assert_eq!((whole.begin, whole.total), (None, s(10)));
    }

    #[test]
    fn later_attempts_have_their_own_limits_where_they_are_written() {
        let config = Config {
            total: s(30),
            first_token: s(5),
            retry: Retry {
                total: s(8),
                ..Retry::default()
            },
            ..Config::default()
        };
        let later = config.limits(false, true);
        assert_eq!((later.begin, later.total), (s(5), s(8)));
        assert_eq!(config.limits(true, true).total, s(30));
    }
}
