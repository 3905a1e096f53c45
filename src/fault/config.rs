//! One `[[fault]]`: a schedule, its targets, the requests it hits, an effect.

use serde::Deserialize;

use super::schedule::Occurrence;
use super::targets::Targets;
use super::{effect, hits, schedule};
use crate::base::{Check, Draws, Duration, Instant};

/// One fault's settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// What it is called in expectations and reports.
    pub name: String,
    /// The providers it hits, all at once.
    pub on: Targets,
    /// When it begins, from the start of the run.
    pub at: Duration,
    /// How long it lasts.
    #[serde(rename = "for")]
    pub lasts: Duration,
    /// When in that time it is on.
    #[serde(default)]
    pub schedule: schedule::Config,
    /// Which requests it hits while it is on.
    #[serde(default)]
    pub hits: hits::Config,
    /// What it does.
    pub effect: effect::Config,
}

impl Config {
    /// When it begins.
    pub fn from(&self) -> Instant {
        Instant::ZERO + self.at
    }

    /// When it is over.
    pub fn to(&self) -> Instant {
        self.from() + self.lasts
    }

    /// Whether nothing gets through while it is on: what reports paint as an outage.
    pub fn is_total(&self) -> bool {
        self.effect.effect().is_total() && self.hits.is_all() && self.schedule.is_whole()
    }

    /// The times in which it is on in a run with these draws, as the fault of this place in the scenario.
    pub fn times(&self, place: usize, draws: &Draws) -> Vec<Occurrence> {
        let span = self.from()..self.to();
        self.schedule.times(span, place as u64, draws)
    }

    /// Notes what makes no sense by itself; names and the run's length are checked with the rest.
    pub fn check(&self, check: &mut Check) {
        if self.name.is_empty() || self.name == "all" {
            check
                .mistake("name", "a fault needs a name of its own", "not usable")
                .expected("a name other than `all`");
        }
        if self.on == Targets::default() {
            check
                .mistake("on", "a fault that hits nobody", "empty")
                .expected("names of providers");
        }
        if self.lasts.is_zero() {
            let mistake = check.mistake("for", "a fault of no time", "is zero");
            mistake.value_alone();
        }
        check.at("effect", |c| self.effect.check(c));
        check.at("schedule", |c| self.schedule.check(c));
        check.at("hits", |c| self.hits.check(c));
        match &self.schedule {
            schedule::Config::Every(every) => every.check_span(self.lasts, check),
            schedule::Config::Incidents(law) => law.check_span(self.lasts, check),
            schedule::Config::Once(_)
            | schedule::Config::Profile(_)
            | schedule::Config::Replay(_) => {}
        }
        if let hits::Config::Path(path) = &self.hits
            && path.points.keys().next_back() > Some(&self.lasts)
        {
            check
                .warning(
                    "hits.path.points",
                    "the path goes on beyond the fault",
                    "its last point is after `for`",
                )
                .help("times count from the fault's `at`");
        }
        self.check_reach(check);
    }

    /// Notes an effect that cannot be had by some requests alone.
    fn check_reach(&self, check: &mut Check) {
        let some = !self.hits.is_all() || !self.schedule.is_whole();
        let why = match self.effect.effect().reach() {
            effect::Reach::Requests => return,
            effect::Reach::Provider if some => "it is the provider's own, and meets all requests",
            effect::Reach::Course if self.hits.changes() => {
                "it stretches answers in progress, and who is hit must not change meanwhile"
            }
            effect::Reach::Provider | effect::Reach::Course => return,
        };
        let kind = self.effect.kind();
        let place = if self.hits.is_all() {
            "schedule"
        } else {
            "hits"
        };
        let other = check.path(place);
        check
            .mistake("effect", format!("`{kind}` cannot hit so"), why)
            .also(other, "hits some requests alone");
    }
}
