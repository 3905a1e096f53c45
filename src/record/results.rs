//! What `results.json` holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod against;
mod difference;
mod expectation;
mod resilience;
mod scope;
mod settling;
mod stability;

pub use self::against::{Against, Changed, Row};
pub use self::difference::{Difference, Judgement};
pub use self::expectation::{Bound, Expectation, Outcome, Severity};
pub use self::resilience::{Colour, Flown, Law, Smallest, StabilityVerdict, Trigger, WorstLoad};
pub use self::scope::{Calls, FaultTime, Scope, after};
pub use self::settling::Settling;
pub use self::stability::{LockUps, Stability};
pub use super::layers::{LayerAudit, LayerResults, Without};
use super::refusals::{Limited, Refused, Would};
use super::replication::Replication;

/// Everything one command found out about one scenario.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// See [`super::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// See [`super::MODEL_VERSION`].
    pub model_version: u32,
    /// The version of Squall that wrote it.
    pub squall_version: String,
    /// Name of the scenario: its file's name without the ending.
    pub scenario: String,
    /// Hash of the scenario as merged and typed, and of the traces it names; 16 hex digits.
    pub scenario_hash: String,
    /// Hash of the bytes of the trace and of replayed incidents alone; 16 hex digits. Absent: it names none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub inputs_hash: String,
    /// The seed.
    pub seed: u64,
    /// What the scenario is about.
    pub meta: Meta,
    /// What was compared with what.
    pub compare: Compare,
    /// Names of the endpoints, by id.
    pub endpoints: Vec<String>,
    /// The faults, in order of the file.
    pub faults: Vec<FaultRecord>,
    /// The scopes of sums and metrics: first `all`, then one per fault, by name, then one per priority
    /// if there are several and one per tenant if they are few, then those that expectations ask for.
    pub scopes: Vec<Scope>,
    /// Width of the windows of [`super::Windows`], in ns.
    pub window_ns: u64,
    /// One entry per policy, in order of the file.
    pub policies: Vec<PolicyResults>,
    /// Every policy against the baseline, metric by metric.
    pub differences: Vec<Difference>,
    /// The other policies that are better than the baseline anywhere against the one that is named
    /// first ([`Results::leader`]), by headline metric: plain 95 % intervals, no verdicts.
    pub finals: Vec<Difference>,
    /// Which layer to switch off, for each chain that asks; absent if none does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audits: Vec<LayerAudit>,
    /// How often policies locked up where the baseline did not, and the other way round; absent where no
    /// run tells them apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lock_ups: Vec<LockUps>,
    /// How the looks went, where replications were added until the verdicts were settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settling: Option<Settling>,
    /// This run against an earlier one, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
    /// The expectations of the file, in order.
    pub expectations: Vec<Expectation>,
    /// What a reader should know before trusting the numbers, in sentences.
    pub warnings: Vec<String>,
}

/// What the scenario says about itself, and its frame.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    /// The question.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// Path of the file as the user gave it, for the line that runs it again.
    pub file: String,
    /// Length of the run, ns.
    pub duration_ns: u64,
    /// Part of it that does not count, ns.
    pub warm_up_ns: u64,
    /// H: what a failure costs in the time to a good answer, ns (the deadline).
    pub horizon_ns: u64,
    /// How many replications of each policy.
    pub replications: u32,
    /// How many client processes.
    pub processes: u32,
    /// Calls submitted over all runs.
    pub simulated_calls: u64,
    /// The scenario as merged, in TOML.
    pub resolved: String,
}

/// The comparison's frame.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Compare {
    /// Name of the baseline policy.
    pub baseline: String,
    /// Headline metrics: they alone get verdicts.
    pub metrics: Vec<String>,
    /// The least effect that matters, by headline metric.
    pub min_effect: BTreeMap<String, MinEffect>,
    /// Level of the intervals that carry verdicts: 1 − 0.05 / family.
    pub level: f64,
    /// (policies − 1) × headline metrics.
    pub family: u32,
}

/// The least effect that matters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MinEffect {
    /// In the metric's own unit.
    Absolute(f64),
    /// As a share of the baseline's value.
    Relative(f64),
}

/// A fault as scheduled.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FaultRecord {
    /// Its name.
    pub name: String,
    /// Kind of its effect.
    pub effect: String,
    /// Whether nothing gets through (an outage) or service is merely worse.
    pub total: bool,
    /// Names of the endpoints it hits.
    pub on: Vec<String>,
    /// Start, ns.
    pub from_ns: u64,
    /// End, ns.
    pub to_ns: u64,
    /// Whether its incidents are drawn anew in each run: then recovery and alerts are told of each incident.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drawn: bool,
}

/// One policy's figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PolicyResults {
    /// Its name.
    pub name: String,
    /// Whether it only observes: it decides and records, and sends one plain attempt per call.
    pub observes: bool,
    /// Over all calls, by metric; a metric that does not apply is absent (as those of breakers
    /// are for a policy without one).
    pub metrics: BTreeMap<String, Estimate>,
    /// By name of the scope (a fault, `critical calls` …), then by metric.
    pub during: BTreeMap<String, BTreeMap<String, Estimate>>,
    /// What it refused, by section of the policy and reason, over all calls and replications; of one that
    /// observes nothing is here, for it refuses nothing: see `would`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Refused>,
    /// What its attempts were refused for by providers' limits, over all calls and replications.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limited: Vec<Limited>,
    /// What it would have done, where it only observes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub would: Vec<Would>,
    /// Its alerts by who raises them; absent where nobody does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<NamedAlerts>,
    /// Its layers, the outermost first; absent if it is no chain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<LayerResults>,
    /// Recovery and lock-up.
    pub stability: Option<Stability>,
    /// Whether an overload would outlive its trigger, where that was asked for (`--stability`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stability_verdict: Option<StabilityVerdict>,
    /// For the charts: by window, over replications.
    pub series: Series,
    /// For the charts: points of the distribution of the time to a good answer.
    pub latency_curve: Vec<CurvePoint>,
    /// Everything, replication by replication.
    pub replications: Vec<Replication>,
}

/// A value with its interval.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The point estimate.
    pub value: f64,
    /// The 95 % interval; a bound that does not exist is null, as both of a maximum are.
    pub ci95: [Option<f64>; 2],
    /// Standard error, where one is defined.
    pub se: Option<f64>,
    /// The unit.
    pub unit: String,
    /// Replications (or pooled calls, for a maximum) it stands on.
    pub n: u64,
    /// Whether the value lies at H and should be printed "≥ H".
    pub at_horizon: bool,
}

/// The alerts of one monitor, guard or limit of a policy, over replications.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NamedAlerts {
    /// Name of the monitor, `costly-fallback`, or the guard or limit as it is written, such as
    /// `guard.schema`.
    pub name: String,
    /// How many in one run.
    pub alerts: Estimate,
    /// Of those: wrong, see [`super::alert::Alerts::false_alerts`]; absent for limits and `costly-fallback`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub false_alerts: Option<Estimate>,
    /// Of how many answers, verdicts or calls, of all priorities, one was raised; absent for monitors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<Estimate>,
    /// Mean time of the first of a run that has any, in s from the start of the run.
    pub first_s: Option<Estimate>,
    /// By name of the fault: the share of runs in which it was met by an alert, and the mean time from its
    /// start to that over the runs in which it was. Of drift monitors only.
    pub faults: BTreeMap<String, FaultMet>,
}

/// How the alerts of one name met a fault.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FaultMet {
    /// Share of runs in which it was met.
    pub alerted_ratio: Estimate,
    /// Mean time to the first alert, in s, over the runs in which it was met; absent if it was in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_delay_s: Option<Estimate>,
}

/// What the timeline charts draw. All lists have one entry per window; rates are per second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Calls arriving per second, mean over replications.
    pub offered: Vec<f64>,
    /// Good answers per second: 10th percentile, median, 90th percentile over replications.
    pub good: [Vec<f64>; 3],
    /// Fallback answers per second: 10th percentile, median, 90th percentile.
    pub degraded: [Vec<f64>; 3],
    /// Failed calls per second: 10th percentile, median, 90th percentile.
    pub failed: [Vec<f64>; 3],
    /// Attempts per second by origin (first, retry, failover, hedge), mean over replications.
    pub attempts: [Vec<f64>; 4],
    /// The most attempts other than first ones in any 100 ms of the window, mean over replications.
    pub retries_peak: Vec<f64>,
    /// Σ attempts ÷ Σ arrivals of the 10 s that the window lies in, the same 10 s that
    /// `amplification_peak` is the largest of; None under 100 summed calls, and outside of them.
    pub amplification: Vec<Option<f64>>,
    /// By endpoint: share of (processes × window) its breakers were open, mean over replications.
    pub breaker_open: Vec<Vec<f64>>,
    /// By replication: success ratio of the whole cohort.
    pub success_by_replication: Vec<f64>,
}

/// One point of a distribution: a share `p` of calls took at most `ms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Share of calls.
    pub p: f64,
    /// Milliseconds.
    pub ms: f64,
}
