//! Alerts of drift monitors, of guards on answers and of limits, as data.

use serde::{Deserialize, Serialize};

/// So many alerts of the monitors of a run are kept one by one; all are counted.
pub const MOST_ALERTS: usize = 200;

/// Who raised alerts in a run from the end of the warm-up to `duration`, over all processes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Alerts {
    /// The first [`MOST_ALERTS`] of monitors, and the first of each guard and each limit, for those raise
    /// one for every bad answer and every call; in order of time.
    pub list: Vec<Alert>,
    /// How many are not in the list.
    pub left_out: u64,
    /// Those that were wrong: of a drift monitor, about an endpoint that no fault was on at; of a guard, about
    /// an answer that was good. Limits and `costly-fallback` count what was spent, and are never wrong.
    pub false_alerts: u64,
    /// How each fault was met by drift monitors, in order of the faults: once, and of incidents that are drawn
    /// each by itself; not at all where it is on outside of that time only. Guards and limits do not look for
    /// faults: they raise an alert for every bad answer and every call, and one that falls into a fault says
    /// nothing of it.
    pub faults: Vec<Vec<Met>>,
    /// The same by who raises them, whether or not they did; monitors first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_name: Vec<ByName>,
}

/// The alerts of one monitor, guard or limit in a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByName {
    /// Name of the monitor, `costly-fallback`, or the guard or limit as it is written, such as
    /// `guard.schema`.
    pub name: String,
    /// How many.
    pub count: u64,
    /// Of how many occasions, whatever the priority: answers that came whole, verdicts of judges, or calls;
    /// absent for monitors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// See [`Alerts::false_alerts`]; absent for what is never wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub false_alerts: Option<u64>,
    /// When the first was raised, in ns of virtual time; None: never.
    pub first_ns: Option<u64>,
    /// See [`Alerts::faults`]; empty for what is no drift monitor.
    pub faults: Vec<Vec<Met>>,
}

impl Alerts {
    /// All alerts.
    pub fn count(&self) -> u64 {
        self.list.len() as u64 + self.left_out
    }

    /// Faults that were met by an alert, and faults that could be.
    pub fn met(&self) -> (u64, u64) {
        let all = self.faults.iter().flatten();
        let met = all.clone().filter(|met| met.after_ns.is_some());
        (met.count() as u64, all.count() as u64)
    }
}

/// One alert.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// When, in ns of virtual time.
    pub at_ns: u64,
    /// Who raised it: see [`ByName::name`].
    pub monitor: String,
    /// Name of the endpoint it is about.
    pub endpoint: String,
    /// Which of the processes, from zero.
    pub process: u32,
}

/// How a fault was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    /// From its start to the first alert of a monitor of any process about an endpoint it is on at, while it is on.
    pub after_ns: Option<u64>,
    /// How long it was on.
    pub lasted_ns: u64,
}
