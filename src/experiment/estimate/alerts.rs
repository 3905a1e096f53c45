//! How many alerts there were, and how soon they met faults.

use super::absent::Absent;
use super::{View, ratio};
use crate::experiment::sample::Sample;
use crate::policy::Alarms;
use crate::record::alert::{ByName, Met};
use crate::record::metric::{Formula, Metric};
use crate::record::replication::Replication;
use crate::record::results::{FaultMet, NamedAlerts, Scope};

/// Whether a metric is about alerts: a policy that raises none does not have it.
pub(super) fn is_about(metric: &Metric) -> bool {
    matches!(metric.formula, Formula::AlertDelay | Formula::AlertedRatio)
        || matches!(metric.name, "alerts" | "false_alerts")
}

/// Whether a policy with such alarms has a metric about alerts.
pub(super) fn applies(metric: &Metric, alarms: Alarms) -> Result<(), Absent> {
    let of_faults = matches!(metric.formula, Formula::AlertDelay | Formula::AlertedRatio);
    match alarms {
        alarms if alarms == Alarms::default() => Err(Absent::NoAlerts),
        alarms if of_faults && !alarms.monitors => Err(Absent::NoMonitor),
        alarms if metric.name == "false_alerts" && !alarms.monitors && !alarms.guards => {
            Err(Absent::NeverWrong)
        }
        _ => Ok(()),
    }
}

impl View<'_> {
    /// What a run says of the fault of this scope, or of all faults.
    fn met<'r>(&self, run: &'r Replication) -> impl Iterator<Item = Met> + Clone + use<'r> {
        let faults = &run.alerts.faults;
        let whole = self.setting.scopes[self.scope].is_whole();
        let (from, to) = match self.scope {
            0 => (0, faults.len()),
            scope if whole => (scope - 1, scope.min(faults.len())),
            _ => (0, 0),
        };
        let faults = faults.get(from..to).unwrap_or_default();
        faults.iter().flatten().copied()
    }

    /// Σ of the delays ÷ how many faults were met. One that was missed has no delay: it counts in
    /// [`View::alerted`] alone, and `n` is the number of those that were met.
    pub(super) fn alert_delay(&self) -> Result<Sample, Absent> {
        let has_faults = self.runs.iter().any(|run| self.met(run).count() > 0);
        let absent = match has_faults {
            true => Absent::NotAlerted,
            false => Absent::NoRecovery,
        };
        delay(self.runs.iter().map(|run| self.met(run))).ok_or(absent)
    }

    /// Faults that were met ÷ faults; of one fault the share of runs, with its exact interval.
    pub(super) fn alerted(&self) -> Result<Sample, Absent> {
        let each = self.runs.iter().map(|run| self.met(run));
        share(each).ok_or(Absent::NoRecovery)
    }
}

fn is_met(met: Met) -> bool {
    met.after_ns.is_some()
}

/// Mean delay of the faults that were met, in s, of which there were `n`; None where there were none.
fn delay(runs: impl Iterator<Item = impl Iterator<Item = Met>>) -> Option<Sample> {
    let each = runs.map(|met| {
        let delays = met.filter_map(|met| met.after_ns).map(u128::from);
        delays.fold((0, 0), |(sum, n), delay| (sum + delay, n + 1))
    });
    let (y, x): (Vec<u128>, Vec<u128>) = each.unzip();
    let sample = ratio::ratio(&y, &x, 1e-9)?;
    let met = x.iter().sum::<u128>();
    Some(Sample {
        n: u64::try_from(met).unwrap_or(u64::MAX),
        ..sample
    })
}

/// Share of the faults that were met; where no run has several, of the runs that have one, with its exact
/// interval. None where none has.
fn share<M>(runs: impl Iterator<Item = M> + Clone) -> Option<Sample>
where
    M: Iterator<Item = Met> + Clone,
{
    if runs.clone().all(|met| met.count() <= 1) {
        let each = runs.map(|mut met| met.next().map(is_met));
        return Sample::share(each.collect());
    }
    let each = runs.map(|met| {
        let of = met.clone().count();
        (met.filter(|&met| is_met(met)).count() as u128, of as u128)
    });
    let (y, x): (Vec<u128>, Vec<u128>) = each.unzip();
    ratio::ratio(&y, &x, 1.0)
}

/// The alerts of a policy by who raises them. `scopes` are those of the results.
pub fn by_name(runs: &[Replication], scopes: &[Scope]) -> Vec<NamedAlerts> {
    let names = runs.first().map_or(0, |run| run.alerts.by_name.len());
    let of_place = |place: usize| {
        let each = runs.iter().map(|run| run.alerts.by_name.get(place));
        named(&each.collect::<Option<Vec<_>>>()?, scopes)
    };
    (0..names).filter_map(of_place).collect()
}

/// Those of one name, run by run.
fn named(runs: &[&ByName], scopes: &[Scope]) -> Option<NamedAlerts> {
    let each = |part: fn(&ByName) -> u64| -> Vec<u128> {
        runs.iter().map(|run| u128::from(part(run))).collect()
    };
    let alerts = ratio::mean(&each(|run| run.count), 1.0, 1.0)?;
    let may_be_wrong = runs.iter().all(|run| run.false_alerts.is_some());
    let wrong = may_be_wrong.then(|| each(|run| run.false_alerts.unwrap_or_default()));
    let wrong = wrong.and_then(|wrong| ratio::mean(&wrong, 1.0, 1.0));
    let of = each(|run| run.of.unwrap_or_default());
    let raised = ratio::ratio(&each(|run| run.count), &of, 1.0);
    let first = ratio::ratio(
        &each(|run| run.first_ns.unwrap_or_default()),
        &each(|run| u64::from(run.first_ns.is_some())),
        1e-9,
    );
    let faults = scopes.iter().skip(1).filter(|s| s.is_whole());
    let faults = faults.enumerate().filter_map(|(fault, scope)| {
        let of_run = |run: &&ByName| run.faults.get(fault).cloned().unwrap_or_default();
        let each: Vec<Vec<Met>> = runs.iter().map(of_run).collect();
        let each = each.iter().map(|met| met.iter().copied());
        let met = FaultMet {
            alerted_ratio: share(each.clone())?.estimate("ratio"),
            alert_delay_s: delay(each).map(|delay| delay.estimate("s")),
        };
        Some((scope.name.clone(), met))
    });
    Some(NamedAlerts {
        name: runs.first()?.name.clone(),
        alerts: alerts.estimate("count"),
        false_alerts: wrong.map(|sample| sample.estimate("count")),
        ratio: raised.map(|sample| sample.estimate("ratio")),
        first_s: first.map(|sample| sample.estimate("s")),
        faults: faults.collect(),
    })
}
