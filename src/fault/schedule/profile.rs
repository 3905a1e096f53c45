//! Incidents as a real provider had them: openai-api, anthropic-api.
//!
//! Fitted on the histories of two status pages (FAILS, Chu et al., ICPE 2025): 218 incidents of
//! OpenAI's API from January 2023 to January 2025 and 123 of Anthropic's from March 2024 on. An
//! incident lasts from its start until it was mitigated. The share of requests that fails in one is
//! assumed: 0.3 %, 2 %, 10 % and 50 % for an impact of none, minor, major and critical, with which
//! OpenAI's come to the 99.8 % of availability that was published. Starts follow the hours and
//! weekdays of the pages, in UTC, where a run begins on a Monday at midnight.

use serde::Deserialize;

use super::incidents::{self, Gap, Severity};
use crate::base::dist::{Dist, LogNormal};
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::{Check, Duration, check};

/// This kind.
pub const INFO: Kind = Kind {
    name: "profile",
    summary: "incidents as a real provider had them",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// openai-api or anthropic-api.
    pub name: String,
}

/// One fitted law: Weibull gap (shape, scale in hours), duration (mean and deviation of the logarithm of
/// minutes), and how many of a thousand incidents have an impact of none, minor, major, critical.
struct Fitted {
    name: &'static str,
    gap: (f64, f64),
    lasts: (f64, f64),
    impact: [f64; 4],
}

const FITTED: [Fitted; 2] = [
    Fitted {
        name: "openai-api",
        gap: (0.774, 69.8),
        lasts: (3.82, 1.31),
        impact: [124.0, 431.0, 330.0, 115.0],
    },
    Fitted {
        name: "anthropic-api",
        gap: (0.818, 55.2),
        lasts: (3.85, 1.39),
        impact: [106.0, 382.0, 488.0, 24.0],
    },
];

/// Impacts as status pages name them, with the share of requests that fails.
pub(super) const IMPACTS: [(&str, f64); 4] = [
    ("none", 0.003),
    ("minor", 0.02),
    ("major", 0.1),
    ("critical", 0.5),
];

/// Starts by hour of the day, UTC, of both pages together.
const HOURS: [f64; 24] = [
    14., 17., 12., 9., 5., 3., 6., 5., 9., 4., 7., 5., 14., 17., 17., 20., 18., 22., 23., 38., 26.,
    19., 22., 15.,
];

/// Starts by day of the week, from Monday on.
const WEEKDAYS: [f64; 7] = [45., 71., 74., 70., 55., 16., 10.];

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        check::profile(check, "incident", &self.name, FITTED.iter().map(|f| f.name));
    }

    /// The law; of a name that nobody knows the first.
    pub(super) fn law(&self) -> incidents::Config {
        let of = FITTED.iter().find(|fitted| fitted.name == self.name);
        let of = of.unwrap_or(&FITTED[0]);
        let severity = IMPACTS
            .iter()
            .zip(of.impact)
            .map(|(&(name, share), weight)| {
                let share = Ratio(share);
                (name.to_owned(), Severity { weight, share })
            });
        incidents::Config {
            gap: Gap {
                shape: of.gap.0,
                scale: Duration::from_s_f64(of.gap.1 * 3600.0),
            },
            lasts: Dist::LogNormal(LogNormal {
                median: Duration::from_s_f64(libm::exp(of.lasts.0) * 60.0),
                sigma: of.lasts.1,
            }),
            severity: severity.collect(),
            hours: HOURS.to_vec(),
            weekdays: WEEKDAYS.to_vec(),
        }
    }

    pub(super) fn said(&self) -> String {
        format!("incidents as {} had them", self.name)
    }
}
