//! `advice`: how a provider's refusals speak of trying again.
//!
//! How long to wait is decided elsewhere (`limits.retry-after`, a 429 storm); here is said in which
//! headers, what a 503 or 529 says, and whether `x-should-retry` comes with it. As it stands every
//! client reads every wait to the letter; a real provider's headers show what its clients miss.

use serde::Deserialize;

use crate::base::wire::{Advice, Code, Form, Forms};
use crate::base::{Check, Duration};

/// Settings of `advice`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The headers a stated wait stands in, all at once.
    pub headers: Forms,
    /// The wait that every 503 and 529 states; absent: none.
    pub overloaded: Option<Duration>,
    /// What `x-should-retry` says.
    pub should_retry: ShouldRetry,
}

/// What `x-should-retry` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShouldRetry {
    /// It is not sent.
    #[default]
    Missing,
    /// Yes where waiting may help, no where it cannot: quota used up, request too large, 4xx but
    /// for 408, 409 and 429.
    Right,
    /// Yes, whatever the status.
    Always,
    /// No, whatever the status.
    Never,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            headers: Forms::EXACT,
            overloaded: None,
            should_retry: ShouldRetry::Missing,
        }
    }
}

impl Config {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if self.headers.is_empty() {
            check
                .mistake("headers", "waits that stand in no header", "is empty")
                .help("for 429s without a wait write `limits.retry-after = \"missing\"`");
        }
        let exact: Forms = [Form::Exact].into_iter().collect();
        if self.headers.contains(Form::Exact) && self.headers != exact {
            check
                .mistake(
                    "headers",
                    "`exact` leaves nothing to other headers",
                    "not alone",
                )
                .help("every client reads `exact`, whatever else is sent");
        }
    }

    /// What a refusal with this status says, given the wait that a limit states.
    pub fn beside(&self, status: u16, code: Code, wait: Option<Duration>) -> Advice {
        let overloaded = self.overloaded.filter(|_| matches!(status, 503 | 529));
        Advice::stated(wait.or(overloaded), self.headers).should_retry(match self.should_retry {
            ShouldRetry::Missing => None,
            ShouldRetry::Always => Some(true),
            ShouldRetry::Never => Some(false),
            ShouldRetry::Right => Some(match (status, code) {
                (_, Code::InsufficientQuota | Code::RequestTooLarge) => false,
                (408 | 409 | 429, _) => true,
                (status, _) => status >= 500,
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_it_stands_a_refusal_says_its_wait_and_nothing_else() {
        let config = Config::default();
        let wait = Duration::from_s(20);
        let told = config.beside(429, Code::RateLimit, Some(wait));
        assert_eq!(told, Advice::wait(wait));
        assert_eq!(config.beside(503, Code::Overloaded, None), Advice::NONE);
    }

    #[test]
    fn an_overload_may_state_a_wait_of_its_own() {
        let config = Config {
            overloaded: Some(Duration::from_s(30)),
            ..Config::default()
        };
        let meant = |status| config.beside(status, Code::None, None).meant();
        assert_eq!(meant(503), Some(Duration::from_s(30)));
        assert_eq!(meant(529), Some(Duration::from_s(30)));
        assert_eq!(meant(500), None);
    }

    #[test]
    fn a_right_veto_forbids_what_waiting_cannot_mend() {
        let config = Config {
            should_retry: ShouldRetry::Right,
            ..Config::default()
        };
        let says = |status, code| config.beside(status, code, None).should_retry;
        assert_eq!(says(429, Code::RateLimit), Some(true));
        assert_eq!(says(429, Code::InsufficientQuota), Some(false));
        assert_eq!(says(400, Code::None), Some(false));
        assert_eq!(says(500, Code::ServerError), Some(true));
    }
}
