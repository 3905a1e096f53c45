//! What both sides must agree on, to the last nanosecond and pico-dollar.

use squall::record::replication::Sums;
use squall::sim::{Outcome, Setup, run};

use super::model::Model;

/// The totals of one run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Totals {
    /// Sums and histograms over all calls, then over those that arrived in the outage.
    pub(crate) scopes: Vec<Sums>,
    pub(crate) submitted: u64,
    pub(crate) retries_peak_per_100ms: u64,
    pub(crate) breaker_trips: u64,
    pub(crate) end_ns: u64,
}

impl From<Outcome> for Totals {
    fn from(outcome: Outcome) -> Totals {
        let mut replication = outcome.replication;
        // The loop by hand counts statuses, and not which limit a 429 was for.
        for scope in &mut replication.scopes {
            scope.limited.clear();
        }
        Totals {
            scopes: replication.scopes,
            submitted: replication.submitted,
            retries_peak_per_100ms: replication.retries_peak_per_100ms,
            breaker_trips: replication.breaker_trips,
            end_ns: replication.end_ns,
        }
    }
}

/// The simulator's run of a model.
pub(crate) fn simulated(model: &Model) -> Outcome {
    let scenario = model.scenario();
    let setup = Setup::new(&scenario).expect("the policy fits its providers");
    run(&setup, 0, 0)
}
