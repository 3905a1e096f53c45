//! A scenario after merging, typing and checking: everything the upper floors need, nothing of how
//! it was written.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::Duration;
use crate::provider::limits::pool;
use crate::record::metric::Metric;
use crate::record::results::{Calls, MinEffect, Severity};
use crate::workload::trace::Trace;
use crate::{fault, policy, provider, workload};

/// One scenario, checked. A file with `[run] vary` makes one for each point.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file's name without its ending; with `vary`, followed by the point.
    pub name: String,
    /// The file as the user gave it.
    pub file: String,
    /// Hash of the merged tables and of the traces they name; 16 hex digits. The title, the seed
    /// and the number of replications do not enter it.
    pub hash: String,
    /// Hash of the bytes of recorded traffic and of replayed incidents alone; empty if it names none.
    pub inputs: String,
    /// The merged tables, in TOML.
    pub resolved: String,
    /// The question.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// The frame in time.
    pub run: Run,
    /// The frame of the comparison.
    pub compare: Compare,
    /// The traffic.
    pub workload: workload::Config,
    /// The providers, in order of the file: the place is the endpoint's id.
    pub providers: Vec<(String, provider::Config)>,
    /// Limits that several providers have together, in order of the file.
    pub pools: Vec<(String, pool::Config)>,
    /// The faults, in order of the file.
    pub faults: Vec<fault::Config>,
    /// The policies, in order of the file.
    pub policies: Vec<(String, policy::Config)>,
    /// The expectations of this point, in order of the file.
    pub expectations: Vec<Expect>,
    /// The trace of the arrivals, if there is one.
    pub trace: Option<Arc<Trace>>,
    /// The varied keys and their values at this point, in order; empty without `vary`.
    pub point: Vec<(String, String)>,
    /// Things allowed at this point but probably not meant, one sentence each.
    pub warnings: Vec<String>,
}

/// `[run]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    /// Length of the run in virtual time, warm-up included.
    pub duration: Duration,
    /// Its first part, whose calls do not count.
    pub warm_up: Duration,
    /// Runs per policy.
    pub replications: u32,
    /// The seed.
    pub seed: u64,
}

/// `[compare]`.
#[derive(Clone, Debug)]
pub struct Compare {
    /// The policy others are compared with.
    pub baseline: String,
    /// The metrics that get verdicts.
    pub metrics: Vec<&'static Metric>,
    /// The least effect that matters, for each of them by name.
    pub min_effect: BTreeMap<String, MinEffect>,
}

/// One `[[expect]]`.
#[derive(Clone, Debug)]
pub struct Expect {
    /// The policy it is about; None: `order` and `same` name their own, `metric` means every one.
    pub policy: Option<String>,
    /// The calls it is about.
    pub calls: Calls,
    /// The layer it is about, of chains that have it; None: the whole.
    pub layer: Option<String>,
    /// What decides.
    pub gate: Gate,
    /// What it means if it does not hold.
    pub severity: Severity,
    /// What must hold, each for itself.
    pub conditions: Vec<Condition>,
}

impl Expect {
    /// The name of the scope it is about; None: all calls.
    pub fn scope(&self) -> Option<String> {
        (!self.calls.is_all()).then(|| self.calls.name())
    }
}

/// What decides about `min` and `max`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Gate {
    /// The one-sided 95 % bound lies inside the limit.
    #[default]
    Bound,
    /// The mean lies inside the limit.
    Mean,
    /// This share of runs, above 0 and below 1, each meets the limit: by the exact one-sided 95 % bound of the
    /// share.
    Runs(f64),
}

impl Gate {
    /// How many runs, each of which meets the limit, show that a share of them does: the first n with
    /// shareⁿ ≤ 0.05, which is the bound of Clopper and Pearson where all n meet it.
    pub fn clean_runs(share: f64) -> u64 {
        let n = libm::log(0.05) / libm::log(share);
        // What rounding adds to a whole number is no run more.
        (n * (1.0 - 1e-12)).ceil().clamp(1.0, u32::MAX as f64) as u64
    }
}

/// A law ([`Condition::Within`]) is judged from this many replications: fewer know their own
/// variance too badly. One about a maximum, which has none, is judged by the value of any number.
pub const LAW_REPLICATIONS: u64 = 50;

/// One condition. Limits are in the metric's own unit (ms, ratio, usd …).
#[derive(Clone, Debug)]
pub enum Condition {
    /// The metric is at least this.
    Min(&'static Metric, f64),
    /// The metric is at most this.
    Max(&'static Metric, f64),
    /// |estimate − value| ≤ within and se ≤ within ÷ 4: the rule for laws.
    Within {
        /// The metric.
        metric: &'static Metric,
        /// What the law says.
        value: f64,
        /// The tolerance, in the metric's unit.
        within: f64,
    },
    /// Each policy is below the next, shown by the paired interval.
    Order(&'static Metric, Vec<String>),
    /// The paired intervals lie within ± the least effect of the metric.
    Same(&'static Metric, Vec<String>, MinEffect),
}

/// The least effect of a metric when the file does not say: 0.1 point for ratios, 2 % for others.
pub fn default_min_effect(metric: &Metric) -> MinEffect {
    if metric.unit == "ratio" {
        MinEffect::Absolute(0.001)
    } else {
        MinEffect::Relative(0.02)
    }
}
