//! What can be shown at all: a metric that cannot apply in a weather, or a limit that no certificate of this
//! size could meet, is a mistake before the first run.

use super::flights::Flights;
use super::problem::Problem;
use super::search::FINALISTS;
use super::select::confidence;
use crate::experiment::estimate::Setting;
use crate::record::metric::{Formula, Metric};
use crate::record::results::Bound;
use crate::scenario::Tuning;
use crate::scenario::tune::{At, Limit};

/// Whether the objective and what is held can apply in a weather.
pub(super) fn applies(
    tuning: &Tuning<'_>,
    weather: usize,
    setting: &Setting,
    faults: bool,
) -> Result<(), String> {
    let never = |metric: &Metric| {
        let recovers = matches!(
            metric.formula,
            Formula::Recovery | Formula::RecoveryMedian | Formula::RecoveredRatio
        );
        let locks_up = matches!(metric.formula, Formula::LockUpShare);
        if metric.unit == "usd" && !setting.priced {
            Some(("no provider has a price", "give one a `price`"))
        } else if metric.name == "throughput_per_s" && !setting.closed {
            Some((
                "open traffic has the throughput of its arrivals",
                "take goodput_per_s",
            ))
        } else if recovers && !faults {
            Some(("there is no fault to recover from", "add a [[fault]]"))
        } else if locks_up && setting.last_fault.is_none() {
            let why = "there is no fault at a time of its own to recover from";
            Some((why, "add a [[fault]] with `at` and `for`"))
        } else {
            None
        }
    };
    let limited = tuning.limits.iter().map(|limit| limit.metric);
    for metric in std::iter::once(tuning.objective.metric).chain(limited) {
        if let Some((why, remedy)) = never(metric) {
            return Err(format!(
                "{}: `{}` does not apply there: {why}\n  = help: {remedy} in {}, or take another metric",
                tuning.weathers[weather].name, metric.name, tuning.weathers[weather].file
            ));
        }
    }
    Ok(())
}

/// Whether the selection and the certificate have as many runs as limits on shares of runs take if none of
/// them is on the wrong side.
pub(super) fn shares(flights: &Flights<'_>) -> Result<(), String> {
    let (tuning, plan) = (flights.tuning, &flights.plan);
    let beside = usize::from(flights.reference().is_some());
    let selects = (FINALISTS + beside) as u64 * tuning.suite() as u64;
    for limit in &tuning.limits {
        // Of incidents that are drawn a run has many: their share is a ratio, not one of runs.
        let drawn = flights.settings.iter().any(|s| s.last_fault.is_none());
        let Some(wrong) = allowed(limit).filter(|_| !drawn) else {
            continue;
        };
        let needed = |confidence: f64| clean_runs(wrong, confidence);
        let (certify, select) = (needed(0.95), needed(confidence(flights)));
        let name = limit.metric.name;
        if certify.is_infinite() {
            return Err(format!(
                "no number of runs shows that `{name}` is within {wrong}\n  \
                 = help: say a share that is small enough, such as 1 %"
            ));
        }
        if certify > f64::from(tuning.certify) {
            return Err(format!(
                "`{name}` within {wrong} takes {certify} clean runs to be shown, and the certificate has {}\n  \
                 = help: raise tune.certify to {certify}, or the limit",
                tuning.certify
            ));
        }
        let pays = plan.select / selects.max(1);
        if select > pays as f64 {
            let budget = (select * selects as f64 / 0.33).ceil();
            return Err(format!(
                "`{name}` within {wrong} takes {select} clean runs of each finalist to be selected, and the \
                 budget leaves {pays}\n  = help: raise tune.budget to about {budget}, or the limit"
            ));
        }
    }
    Ok(())
}

/// The share of runs that a limit allows to be on the wrong side; None of a limit that is of another kind.
fn allowed(limit: &Limit) -> Option<f64> {
    let At::Value(at) = limit.at else { return None };
    match (limit.metric.formula, limit.side) {
        (Formula::LockUpShare, Bound::AtMost) => Some(at),
        (Formula::RecoveredRatio, Bound::AtLeast) => Some(1.0 - at),
        _ => None,
    }
}

/// Runs without a hit that show a share to be at most this: (1 − share)ⁿ ≤ 1 − confidence.
fn clean_runs(share: f64, confidence: f64) -> f64 {
    (libm::log(1.0 - confidence) / libm::log1p(-share)).ceil()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::distributions::share_upper;

    #[test]
    fn clean_runs_are_those_of_the_exact_bound() {
        assert_eq!(clean_runs(0.01, 0.95), 299.0);
        assert_eq!(clean_runs(0.05, 0.95), 59.0);
        for (share, confidence) in [(0.01, 0.95), (0.05, 0.999), (0.2, 0.9987)] {
            let n = clean_runs(share, confidence) as u64;
            assert!(share_upper(0, n, confidence) <= share);
            assert!(share_upper(0, n - 1, confidence) > share);
        }
        assert!(clean_runs(0.0, 0.95).is_infinite());
    }
}
