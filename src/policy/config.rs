//! `[policy.NAME]`: everything a client decides, as written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Alarms, breaker, budget, classify, costly_fallback, fallback, fleet, guard, hedge, layers,
    limit, limiter, line, monitor, quota, retry, route, throttle, timeout,
};
use crate::base::wire::Priority;
use crate::base::{Check, Class};

/// One policy's settings.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Whether it acts or only says what it would do.
    pub mode: Mode,
    /// Which endpoint next.
    pub route: route::Config,
    /// Which endpoints serve one another's calls.
    pub groups: route::groups::Config,
    /// What is preferred whatever the route.
    pub steering: route::steering::Config,
    /// Whether and when to try again.
    pub retry: retry::Config,
    /// How much trying again is allowed: any number of kinds, all must agree.
    pub budget: budget::Set,
    /// When to stop asking an endpoint.
    pub breaker: breaker::Config,
    /// What goes with a breaker's trip.
    pub trip: breaker::trip::Config,
    /// How a breaker lets traffic back.
    pub readmit: breaker::readmit::Config,
    /// What to hold back of everything, first attempts included.
    pub throttle: throttle::Config,
    /// When to ask twice at once.
    pub hedge: hedge::Config,
    /// What goes with a hedge.
    pub hedging: hedge::rules::Config,
    /// How fast to send: any number of kinds, all must agree.
    pub quota: quota::Set,
    /// How many attempts to have in flight.
    pub limiter: limiter::Config,
    /// The line in front of quotas and limiter.
    pub line: line::Config,
    /// How long to wait for an attempt.
    pub timeout: timeout::Config,
    /// What is watched for drift, by name.
    pub monitor: BTreeMap<String, monitor::Watch>,
    /// What one call may cost.
    pub limit: limit::Config,
    /// Whether dear answers may go on for ever; absent: they may.
    pub costly_fallback: Option<costly_fallback::Config>,
    /// What to look at before an answer is taken for one: any number of kinds.
    pub guard: guard::Set,
    /// What to say in the end if nothing worked: any number of kinds, the best that can is given.
    pub fallback: fallback::Set,
    /// How late the processes know of each other, as far as they share anything.
    pub fleet: fleet::Config,
    /// Which status and code mean what: `"429"` or `"429/insufficient-quota"`.
    pub classify: BTreeMap<classify::Pattern, Class>,
    /// What to do about each class, where it differs from `retry`.
    pub on: BTreeMap<Class, classify::RuleConfig>,
    /// A chain: the policies or presets a call passes, the outermost first. Then these three keys are all
    /// it has.
    pub layers: Vec<String>,
    /// Where those stand, by their names.
    pub layer: BTreeMap<String, layers::Place>,
    /// Whether the chain is compared with itself without each of its layers that retry.
    pub layers_audit: bool,
    /// The layers, each whole, in the order of `layers`: by whoever reads the file.
    #[serde(skip)]
    pub chain: Vec<layers::Layer>,
    /// The policies of the priorities that differ, each whole: what is written under
    /// `priority.NAME`, laid on all the rest by whoever reads the file. None of these has any itself.
    #[serde(skip)]
    pub priority: BTreeMap<Priority, Config>,
}

/// Whether a policy acts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It acts.
    #[default]
    Act,
    /// It decides and records, and sends one plain attempt per call.
    Observe,
}

impl Config {
    /// What of it raises alerts, for whatever priority.
    pub fn alarms(&self) -> Alarms {
        let own = Alarms {
            monitors: !self.monitor.is_empty(),
            guards: self.guard.alarms().next().is_some(),
            counts: self.costly_fallback.is_some() || self.limit.alerts(),
        };
        let chain = self.chain.iter().map(|layer| &layer.config);
        self.priority
            .values()
            .chain(chain)
            .fold(own, |all, config| {
                let of = config.alarms();
                Alarms {
                    monitors: all.monitors || of.monitors,
                    guards: all.guards || of.guards,
                    counts: all.counts || of.counts,
                }
            })
    }

    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        check.at("route", |c| self.route.check(c));
        check.at("groups", |c| self.groups.check(c));
        check.at("steering", |c| self.steering.check(c));
        check.at("retry", |c| self.retry.check(c));
        check.at("budget", |c| self.budget.check(c));
        check.at("breaker", |c| self.breaker.check(c));
        check.at("trip", |c| self.trip.check(c));
        check.at("readmit", |c| self.readmit.check(c));
        check.at("throttle", |c| self.throttle.check(c));
        check.at("hedge", |c| self.hedge.check(c));
        check.at("hedging", |c| self.hedging.check(c));
        check.at("quota", |c| self.quota.check(c));
        check.at("limiter", |c| self.limiter.check(c));
        check.at("line", |c| self.line.check(c));
        let paced = !self.quota.0.is_empty() || self.limiter.limits();
        if self.line != line::Config::default() && !paced {
            check
                .warning("line", "nobody stands in this line", "nothing to wait for")
                .help("calls wait in line for a `quota` or a `limiter`");
        }
        check.at("timeout", |c| self.timeout.check(c));
        check.at("guard", |c| self.guard.check(c));
        check.at("monitor", |c| monitor::watch::check_all(&self.monitor, c));
        check.at("limit", |c| self.limit.check(c));
        if let Some(costly) = &self.costly_fallback {
            check.at("costly-fallback", |c| costly.check(c));
        }
        check.at("fallback", |c| self.fallback.check(c));
        check.at("fleet", |c| self.fleet.check(c));
        for (name, place) in &self.layer {
            check.at("layer", |c| c.at(name, |c| place.check(c)));
        }
        for (pattern, class) in &self.classify {
            check.at("classify", |c| pattern.check(c, *class));
        }
        for (class, rule) in &self.on {
            check.at("on", |c| c.at(class.name(), |c| rule.check(c)));
            if rule.fail_over == Some(classify::FailOver::NextGroup) && !self.groups.has_next() {
                let title = "there is no next group";
                check
                    .warning(
                        &format!("on.{class}.fail-over"),
                        title,
                        "the next endpoint is asked",
                    )
                    .help("set `groups = \"fallback\"`, or write \"now\"");
            }
        }
        if !matches!(self.hedge, hedge::Config::None(_)) && self.retry.attempts < 2 {
            let attempts = check.path("retry.attempts");
            // A hedge stays in the group of its attempt.
            let label = match self.groups.has_next() {
                false => "one attempt per call is allowed",
                true => "one attempt per group is allowed",
            };
            check
                .warning("hedge", "this hedge is never sent", label)
                .also(attempts, "one attempt")
                .help("a hedge is an attempt: raise `retry.attempts` to 2 or more");
        }
    }
}
