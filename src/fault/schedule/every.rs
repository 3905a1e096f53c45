//! Flapping: on for a while, off for a while, again and again; on first.
//!
//! What flaps faster than a breaker opens, or slower than it closes, is met anew each time. The same
//! requests or users are hit each time, where a fault hits only some.

use std::ops::Range;

use serde::Deserialize;

use super::Occurrence;
use crate::base::registry::Kind;
use crate::base::{Check, Duration, Instant};

/// This kind.
pub const INFO: Kind = Kind {
    name: "every",
    summary: "on and off in turn: flapping",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How long it is on each time.
    pub on: Duration,
    /// How long it is off in between.
    pub off: Duration,
}

/// More turns than these are no weather that a policy could tell from noise, and each is an event.
const MAX_TURNS: u64 = 1_000_000;

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        for (key, value) in [("on", self.on), ("off", self.off)] {
            if value < Duration::from_ms(1) {
                let mistake = check.mistake(key, "a fault cannot flap that fast", "under 1ms");
                mistake.value_alone();
            }
        }
    }

    /// Notes more turns in a span than anyone can mean.
    pub(crate) fn check_span(&self, span: Duration, check: &mut Check) {
        let turn = (self.on + self.off).0.max(1);
        if span.0 / turn > MAX_TURNS {
            check
                .mistake(
                    "schedule.every",
                    "a fault that flaps without end",
                    "too often",
                )
                .help("a million turns are the most");
        }
    }

    pub(super) fn times(&self, span: Range<Instant>) -> Vec<Occurrence> {
        let turn = self.on + self.off;
        let starts = (0..).map(|i| Instant(span.start.0.saturating_add(turn.0.saturating_mul(i))));
        starts
            .take_while(|from| *from < span.end)
            .map(|from| Occurrence {
                from,
                to: (from + self.on).min(span.end),
                share: 1.0,
                incident: 0,
            })
            .collect()
    }

    pub(super) fn said(&self) -> String {
        format!("on for {} and off for {} in turn", self.on, self.off)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_on_first_and_cut_off_by_its_end() {
        let every = Config {
            on: Duration(10),
            off: Duration(20),
        };
        let times = every.times(Instant(100)..Instant(165));
        let spans: Vec<(u64, u64)> = times.iter().map(|t| (t.from.0, t.to.0)).collect();
        assert_eq!(spans, [(100, 110), (130, 140), (160, 165)]);
    }
}
