//! `suspend`: who is refused too often is shut out for a while, with 403 or 401.
//!
//! That keys are suspended for hammering is told by providers' terms; how many refusals it takes
//! is not published, so there is no default.

use serde::Deserialize;

use crate::base::meter::{MICRO, Meter, Method};
use crate::base::units::Rate;
use crate::base::{Check, Duration, Instant, check};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// So many requests refused for a limit …
    pub after: u64,
    /// … within any time of this length …
    pub within: Duration,
    /// … and every request is refused for so long.
    pub r#for: Duration,
    /// The status they are refused with.
    #[serde(default = "forbidden")]
    pub status: u16,
}

fn forbidden() -> u16 {
    403
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if !(1..=1_000_000).contains(&self.after) {
            let label = "not between 1 and 1 000 000";
            check.mistake("after", "an absurd number of refusals", label);
        }
        for (key, time) in [("within", self.within), ("for", self.r#for)] {
            if time.is_zero() {
                check.mistake(key, "this must be more than nothing", "is zero");
            }
        }
        check::status(check, "status", self.status);
    }
}

/// Who is shut out, and until when.
#[derive(Clone, Debug)]
pub(super) struct Suspension {
    config: Config,
    refused: Meter,
    until: Instant,
}

impl Suspension {
    pub(super) fn new(config: Config) -> Suspension {
        Suspension {
            config,
            refused: counter(config),
            until: Instant::ZERO,
        }
    }

    /// The status everything is refused with now, if it is.
    pub(super) fn status(&self, now: Instant) -> Option<u16> {
        (now < self.until).then_some(self.config.status)
    }

    /// A request was refused for a limit.
    pub(super) fn on_refused(&mut self, now: Instant) {
        if self.status(now).is_some() {
            return;
        }
        self.refused.take(1, now);
        if !self.refused.has(1, now) {
            self.until = now + self.config.r#for;
            self.refused = counter(self.config);
        }
    }
}

/// As many pass in any time as may be refused before it is too much.
fn counter(config: Config) -> Meter {
    let rate = Rate {
        micro: config.after.saturating_mul(MICRO),
        per: config.within,
    };
    Meter::new(Method::SlidingLog, rate, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_refused_too_often_is_shut_out_and_comes_back_with_a_clean_slate() {
        let at = |s: u64| Instant::ZERO + Duration::from_s(s);
        let mut suspension = Suspension::new(Config {
            after: 3,
            within: Duration::from_s(10),
            r#for: Duration::from_s(60),
            status: 403,
        });
        // Three, but not within ten seconds.
        for s in [0, 5, 10] {
            suspension.on_refused(at(s));
            assert_eq!(suspension.status(at(s)), None, "{s}");
        }
        suspension.on_refused(at(14));
        assert_eq!(suspension.status(at(14)), Some(403));
        // What is refused meanwhile does not prolong it.
        suspension.on_refused(at(70));
        assert_eq!(suspension.status(at(73)), Some(403));
        assert_eq!(suspension.status(at(74)), None);
        suspension.on_refused(at(75));
        suspension.on_refused(at(76));
        assert_eq!(suspension.status(at(76)), None);
    }
}
