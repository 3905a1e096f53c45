//! A share of requests that changes in the course of the fault: points, and straight lines between them.
//!
//! A bug that spreads as servers are rolled over, or a slow decay. Times count from the fault's `at`; before
//! the first point its share holds, and after the last the last's.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::By;
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::{Check, Duration};

/// This kind.
pub const INFO: Kind = Kind {
    name: "path",
    summary: "a share of requests that changes with time",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Times from the fault's beginning, each with the share at that time.
    pub points: BTreeMap<Duration, Ratio>,
    /// Whose lot decides.
    #[serde(default)]
    pub by: By,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.points.is_empty() {
            check
                .mistake("points", "a path without points", "empty")
                .expected("times and shares such as { \"0s\" = \"1%\", \"2h\" = \"16%\" }");
        } else if self.points.values().all(|share| share.0 == 0.0) {
            check.mistake("points", "a fault that hits nobody", "all shares are zero");
        }
    }

    /// The share so long after the beginning.
    pub fn at(&self, since: Duration) -> f64 {
        let point = |(time, share): (&Duration, &Ratio)| (time.as_s_f64(), share.0);
        let before = self.points.range(..=since).next_back().map(point);
        let after = self.points.range(since..).next().map(point);
        match (before, after) {
            (Some((t0, a)), Some((t1, b))) if t1 > t0 => {
                a + (b - a) * (since.as_s_f64() - t0) / (t1 - t0)
            }
            (Some((_, share)), _) | (None, Some((_, share))) => share,
            (None, None) => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_points_the_share_grows_evenly() {
        let points = [(10, 0.0), (20, 0.5), (21, 0.1)];
        let path = Config {
            points: points
                .map(|(s, share)| (Duration::from_s(s), Ratio(share)))
                .into(),
            by: By::Try,
        };
        let at = |s| path.at(Duration::from_s_f64(s));
        assert_eq!(
            [at(0.0), at(10.0), at(14.0), at(20.0)],
            [0.0, 0.0, 0.2, 0.5]
        );
        assert!((at(20.5) - 0.3).abs() < 1e-12);
        assert_eq!(at(99.0), 0.1);
    }
}
