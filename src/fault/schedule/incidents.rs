//! Incidents drawn from a law: gaps between starts, durations, severities, hours and weekdays.
//!
//! Gaps are Weibull, P(gap > x) = exp(−(x/scale)^shape): below a shape of 1 incidents come in clusters,
//! as those of real providers do (0.77 and 0.82 were fitted). They pass in a time that runs as fast as
//! starts are frequent: the n-th begins at Λ⁻¹(G₁ + … + Gₙ), where Λ grows by the weight of its hour
//! and weekday and by 1 on average. The law has been at work long before the run begins, so the first
//! gap is as any other met by chance, and an incident may be on when the run begins. Where incidents
//! overlap, each hits its share of the requests that the others leave.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;

use super::{Occurrence, apart};
use crate::base::dist::{Dist, Sampler};
use crate::base::quantile;
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::base::{Check, Draws, Duration, Instant, Purpose};

/// This kind.
pub const INFO: Kind = Kind {
    name: "incidents",
    summary: "drawn from a law of gaps, durations and severities",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// From one start to the next.
    pub gap: Gap,
    /// How long one lasts.
    pub lasts: Dist<Duration>,
    /// What shares of requests they hit; empty: all of them.
    #[serde(default)]
    pub severity: BTreeMap<String, Severity>,
    /// How frequent starts are at each hour of the day, from 0:00 on; empty: all alike.
    #[serde(default)]
    pub hours: Vec<f64>,
    /// How frequent they are on each weekday; the run begins with the first. Empty: all alike.
    #[serde(default)]
    pub weekdays: Vec<f64>,
}

/// The Weibull law of the gaps.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// Below 1: clustered; 1: exponential, by chance alone; above: regular.
    pub shape: f64,
    /// 63 % of the gaps are shorter.
    pub scale: Duration,
}

/// How bad an incident is.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Severity {
    /// How frequent it is beside the others.
    pub weight: f64,
    /// The share of requests that it hits.
    pub share: Ratio,
}

const HOUR_NS: u64 = 3_600_000_000_000;
const WEEK_HOURS: usize = 168;
const WEEK_NS: u64 = WEEK_HOURS as u64 * HOUR_NS;

/// How long the law has been at work, in scales of its gap; in means where those are several scales.
const BEFORE: f64 = 50.0;

/// Below this shape the mean gap is more than two scales.
const CLUSTERED: f64 = 0.5;

/// Draws of one incident: its gap, its duration, its severity.
const DRAWS: u64 = 3;

/// More incidents than these in one run are no incidents.
const MAX_INCIDENTS: f64 = 1e6;

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if !(0.4..=20.0).contains(&self.gap.shape) {
            check
                .mistake(
                    "gap.shape",
                    "an absurd law of gaps",
                    "not between 0.4 and 20",
                )
                .help("real providers have 0.8: clustered; 1 is by chance alone");
        }
        if self.gap.scale < Duration::from_s(1) {
            let mistake = check.mistake("gap.scale", "incidents without a pause", "under 1s");
            mistake.value_alone();
        }
        check.at("lasts", |c| self.lasts.check(c));
        for (name, severity) in &self.severity {
            if !(severity.weight >= 0.0 && severity.weight.is_finite()) {
                let key = format!("severity.{name}.weight");
                let mistake = check.mistake(&key, "a weight is a number from 0 on", "below 0");
                mistake.value_alone();
            }
        }
        let weights: Vec<f64> = self.severity.values().map(|s| s.weight).collect();
        if !weights.is_empty() && weights.iter().sum::<f64>() <= 0.0 {
            check.mistake(
                "severity",
                "no incident has a severity",
                "all weights are 0",
            );
        }
        for (key, list, n) in [("hours", &self.hours, 24), ("weekdays", &self.weekdays, 7)] {
            let bad = |w: &f64| !(*w >= 0.0 && w.is_finite());
            let wrong = list.len() != n || list.iter().any(bad) || list.iter().sum::<f64>() <= 0.0;
            if !list.is_empty() && wrong {
                check
                    .mistake(key, "these weights cannot be used", "not usable")
                    .expected(format!("{n} numbers from 0 on, not all of them 0"));
            }
        }
    }

    /// Notes more incidents in a span than anyone can mean.
    pub(crate) fn check_span(&self, span: Duration, check: &mut Check) {
        if span.as_s_f64() / self.gap.mean_s() > MAX_INCIDENTS {
            check
                .mistake(
                    "schedule.incidents.gap",
                    "incidents without end",
                    "too short",
                )
                .help("a million incidents in a run are the most");
        }
    }

    pub(super) fn times(&self, span: Range<Instant>, fault: u64, draws: &Draws) -> Vec<Occurrence> {
        let calendar = Calendar::new(&self.hours, &self.weekdays);
        let severities = self.severities();
        let lasts = self.lasts.sampler();
        let before_ns = self.before_ns();
        let (mut at_h, mut all) = (0.0, Vec::new());
        for incident in 0u32.. {
            let u = |k: u64| draws.unit(Purpose::Incident, fault, DRAWS * u64::from(incident) + k);
            at_h += self.gap.quantile_s(u(0)) / 3600.0;
            let start_ns = calendar.when_h(at_h) * HOUR_NS as f64;
            if start_ns >= before_ns as f64 + span.end.0 as f64 {
                break;
            }
            let (start, length) = (start_ns as u64, duration(&lasts, || u(1)));
            let end = start.saturating_add(length.0);
            if end <= before_ns {
                continue;
            }
            all.push(Occurrence {
                from: Instant(start.saturating_sub(before_ns)),
                to: Instant(end - before_ns),
                share: severity(&severities, || u(2)),
                incident,
            });
        }
        apart(all, &span)
    }

    /// How long before the run the law begins: in whole weeks where hours and weekdays matter, so that
    /// they stay where they are.
    fn before_ns(&self) -> u64 {
        let before = match self.gap.shape < CLUSTERED {
            true => Duration::from_s_f64(BEFORE * self.gap.mean_s()).0,
            false => self.gap.scale.scale(BEFORE).0,
        };
        match self.hours.is_empty() && self.weekdays.is_empty() {
            true => before,
            false => before.div_ceil(WEEK_NS).saturating_mul(WEEK_NS),
        }
    }

    /// Shares with their cumulative weights, the least first: who has bad luck has worse incidents.
    fn severities(&self) -> Vec<(f64, f64)> {
        let mut all: Vec<(f64, f64)> = self
            .severity
            .values()
            .map(|severity| (severity.share.0, severity.weight))
            .collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total: f64 = all.iter().map(|(_, weight)| weight).sum();
        let mut sum = 0.0;
        for (_, weight) in &mut all {
            sum += *weight;
            *weight = sum / total;
        }
        all
    }

    pub(super) fn said(&self) -> String {
        let mean = Duration::from_s_f64(self.gap.mean_s().round());
        format!("incidents drawn anew in each run, one in {mean} on average")
    }
}

impl Gap {
    /// The gap below which a share u of all gaps is: scale · (−ln(1 − u))^(1/shape).
    fn quantile_s(self, u: f64) -> f64 {
        self.scale.as_s_f64() * libm::pow(quantile::exponential(u), 1.0 / self.shape)
    }

    /// scale · Γ(1 + 1/shape).
    fn mean_s(self) -> f64 {
        self.scale.as_s_f64() * libm::tgamma(1.0 + 1.0 / self.shape)
    }
}

fn duration(law: &Sampler, u: impl FnOnce() -> f64) -> Duration {
    match law {
        Sampler::Constant(s) => Duration::from_s_f64(*s),
        law => Duration::from_s_f64(law.at(u())),
    }
}

fn severity(all: &[(f64, f64)], u: impl FnOnce() -> f64) -> f64 {
    match all {
        [] => 1.0,
        [(share, _)] => *share,
        all => {
            let u = u();
            let place = all.iter().position(|(_, below)| u < *below);
            all[place.unwrap_or(all.len() - 1)].0
        }
    }
}

/// How fast the time of a law runs, by hour of the week.
struct Calendar {
    /// Λ at the end of each hour of the week; the last is 168.
    until: Vec<f64>,
}

impl Calendar {
    fn new(hours: &[f64], weekdays: &[f64]) -> Calendar {
        let weight = |list: &[f64], i: usize| list.get(i).copied().unwrap_or(1.0);
        let rate = |i: usize| weight(hours, i % 24) * weight(weekdays, i / 24);
        let total: f64 = (0..WEEK_HOURS).map(rate).sum();
        let mut sum = 0.0;
        let until = (0..WEEK_HOURS).map(|i| {
            sum += rate(i) * WEEK_HOURS as f64 / total;
            sum
        });
        Calendar {
            until: until.collect(),
        }
    }

    /// Λ⁻¹, in hours: the first time at which so much of the law's time has passed.
    fn when_h(&self, passed: f64) -> f64 {
        let week = WEEK_HOURS as f64;
        let weeks = (passed / week).floor();
        let rest = passed - weeks * week;
        let hour = self.until.partition_point(|&until| until < rest);
        let hour = hour.min(WEEK_HOURS - 1);
        let from = if hour == 0 { 0.0 } else { self.until[hour - 1] };
        let length = self.until[hour] - from;
        let part = if length > 0.0 {
            (rest - from) / length
        } else {
            0.0
        };
        weeks * week + hour as f64 + part.clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests;
