//! What a policy refused and why, over all its calls and replications; and what one that only observes
//! would have done.
//!
//! Counts of the first scope, all calls, are added up; the other scopes stand in the replications.

use crate::base::{Detour, Dimension, Fallback, Guard, Measure, Origin, Refusal, Timeout};
use crate::record::refusals::{Act, Limited, Refused, Would, section, steerer};
use crate::record::{Replication, Sums};

/// What was refused: by section and reason, in the order of [`Refusal::ALL`], guards last.
pub fn refused(runs: &[Replication]) -> Vec<Refused> {
    let by_policy = Refusal::ALL.iter().map(|&refusal| {
        let count = total(runs, |sums| sums.refusals.get(refusal.name()));
        row(runs, section(refusal), refusal.name(), count)
    });
    let all = by_policy.chain(by_guards(runs, Measure::Refused));
    all.filter(|row| row.count > 0).collect()
}

/// What attempts were refused for by limits of providers, in the order of [`Dimension::ALL`].
pub fn limited(runs: &[Replication]) -> Vec<Limited> {
    let all = Dimension::ALL.iter().map(|&dimension| {
        let count = total(runs, |sums| sums.limited.get(dimension.name()));
        let Refused {
            reason,
            count,
            per_1000_calls,
            ..
        } = row(runs, "", dimension.name(), count);
        Limited {
            dimension: reason,
            count,
            per_1000_calls,
        }
    });
    all.filter(|row| row.count > 0).collect()
}

/// What would have been done; `observes` is whether all of the policy only observes, so that its breakers
/// held nobody back.
pub fn would(runs: &[Replication], observes: bool) -> Vec<Would> {
    let refused = Refusal::ALL.iter().map(|&refusal| {
        let count = total(runs, |sums| sums.observed.refused.get(refusal.name()));
        row(runs, section(refusal), refusal.name(), count)
    });
    let refused = refused.chain(by_guards(runs, Measure::WouldRefuse));
    let waited = total(runs, |sums| Some(&sums.observed.waited));
    let sent = Origin::ALL.iter().map(|&origin| {
        let count = total(runs, |sums| sums.observed.sent.get(origin.name()));
        row(runs, sender(origin), origin.name(), count)
    });
    let timed_out = Timeout::ALL.iter().map(|&timeout| {
        let count = total(runs, |sums| sums.observed.timed_out.get(timeout.name()));
        row(runs, "timeout", timeout.name(), count)
    });
    let steered = Detour::ALL.iter().map(|&detour| {
        let count = total(runs, |sums| sums.observed.steered.get(detour.name()));
        row(runs, steerer(detour), detour.name(), count)
    });
    let trips = runs.iter().map(|run| run.breaker_trips).sum();
    let tripped = observes.then(|| row(runs, "breaker", "tripped", trips));
    let degraded = Fallback::ALL.iter().map(|&by| {
        let count = total(runs, |sums| sums.observed.degraded.get(by.name()));
        row(runs, "fallback", by.name(), count)
    });
    let act = |act| move |row: Refused| with(act, row);
    let waited = [row(runs, "line", "waited", waited)];
    refused
        .map(act(Act::Refused))
        .chain(waited.into_iter().map(act(Act::Waited)))
        .chain(sent.map(act(Act::Sent)))
        .chain(timed_out.map(act(Act::TimedOut)))
        .chain(steered.map(act(Act::Steered)))
        .chain(tripped.into_iter().map(act(Act::Tripped)))
        .chain(degraded.map(act(Act::Degraded)))
        .filter(|would| would.count > 0)
        .collect()
}

fn by_guards(runs: &[Replication], measure: Measure) -> impl Iterator<Item = Refused> {
    Guard::ALL.iter().map(move |guard| {
        let key = format!("{guard} {measure}");
        let count = total(runs, |sums| sums.guarding.measures.get(&key));
        row(runs, "guard", guard.name(), count)
    })
}

/// The section that sends attempts of an origin.
fn sender(origin: Origin) -> &'static str {
    match origin {
        Origin::First | Origin::Failover => "route",
        Origin::Retry => "retry",
        Origin::Hedge => "hedge",
    }
}

/// One count of all calls, over the replications.
fn total(runs: &[Replication], count: impl Fn(&Sums) -> Option<&u64>) -> u64 {
    let all = runs.iter().filter_map(|run| run.scopes.first());
    all.filter_map(count).sum()
}

fn row(runs: &[Replication], section: &str, reason: &str, count: u64) -> Refused {
    let calls = total(runs, |sums| Some(&sums.calls));
    Refused {
        section: section.to_owned(),
        reason: reason.to_owned(),
        count,
        per_1000_calls: 1000.0 * count as f64 / calls.max(1) as f64,
    }
}

fn with(act: Act, row: Refused) -> Would {
    let Refused {
        section,
        reason,
        count,
        per_1000_calls,
    } = row;
    Would {
        act,
        section,
        reason,
        count,
        per_1000_calls,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::refusals::Observed;

    fn run(sums: Sums) -> Replication {
        Replication {
            scopes: vec![sums, Sums::default()],
            breaker_trips: 2,
            ..Replication::default()
        }
    }

    fn counts<const N: usize>(all: [(&str, u64); N]) -> std::collections::BTreeMap<String, u64> {
        all.map(|(name, n)| (name.to_owned(), n)).into()
    }

    #[test]
    fn refusals_are_added_up_and_stand_in_the_order_of_the_taxonomy() {
        let mut sums = Sums {
            calls: 500,
            refusals: counts([("throttled", 1), ("breaker-open", 7), ("not-retried", 2)]),
            ..Sums::default()
        };
        sums.guarding.measures = counts([("schema refused", 3), ("schema alerted", 9)]);
        let runs = [run(sums.clone()), run(sums)];
        let rows = refused(&runs);
        let told: Vec<_> = rows
            .iter()
            .map(|row| (&*row.section, &*row.reason, row.count, row.per_1000_calls))
            .collect();
        assert_eq!(
            told,
            [
                ("breaker", "breaker-open", 14, 14.0),
                ("throttle", "throttled", 2, 2.0),
                ("retry", "not-retried", 4, 4.0),
                ("guard", "schema", 6, 6.0),
            ]
        );
        assert_eq!(would(&runs, false), []);
    }

    #[test]
    fn what_would_have_been_done_stands_apart() {
        let sums = Sums {
            calls: 1000,
            observed: Observed {
                refused: counts([("budget-share", 5)]),
                waited: 4,
                sent: counts([("hedge", 3)]),
                timed_out: counts([("total", 6), ("call", 1)]),
                steered: counts([("guard", 7), ("fits", 8)]),
                degraded: counts([("message", 2)]),
            },
            ..Sums::default()
        };
        let runs = [run(sums)];
        assert_eq!(refused(&runs), []);
        let told: Vec<_> = would(&runs, true)
            .into_iter()
            .map(|row| (row.act, row.section, row.reason, row.count))
            .collect();
        let row = |act, section: &str, reason: &str, n| (act, section.into(), reason.into(), n);
        assert_eq!(
            told,
            [
                row(Act::Refused, "budget", "budget-share", 5),
                row(Act::Waited, "line", "waited", 4),
                row(Act::Sent, "hedge", "hedge", 3),
                row(Act::TimedOut, "timeout", "total", 6),
                row(Act::TimedOut, "timeout", "call", 1),
                row(Act::Steered, "steering", "fits", 8),
                row(Act::Steered, "guard", "guard", 7),
                row(Act::Tripped, "breaker", "tripped", 2),
                row(Act::Degraded, "fallback", "message", 2),
            ]
        );
    }

    #[test]
    fn every_refusal_has_a_section_that_a_policy_can_have() {
        use crate::policy::Config;
        for &refusal in Refusal::ALL {
            let section = section(refusal);
            // Whatever is no section of a policy ends a call without one.
            let known = serde_json::from_value::<Config>(serde_json::json!({ section: 0 }));
            let is_key = !known.unwrap_err().to_string().contains("unknown field");
            assert_eq!(is_key, section != "deadline", "{section}");
        }
    }
}
