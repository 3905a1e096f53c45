//! How soon alerts met faults.

use super::absent::Absent;
use super::{View, ratio};
use crate::experiment::sample::Sample;
use crate::record::alert::Met;
use crate::record::metric::{Formula, Metric};
use crate::record::replication::Replication;

/// Whether a metric is about alerts: a policy without monitors does not have it.
pub(super) fn is_about(metric: &Metric) -> bool {
    matches!(metric.formula, Formula::AlertDelay | Formula::AlertedRatio)
        || matches!(metric.name, "alerts" | "false_alerts")
}

impl View<'_> {
    /// What a run says of the fault of this scope, or of all faults.
    fn met<'r>(&self, run: &'r Replication) -> impl Iterator<Item = Met> + Clone + use<'r> {
        let faults = &run.alerts.faults;
        let (from, to) = match self.scope {
            0 => (0, faults.len()),
            scope => (scope - 1, scope.min(faults.len())),
        };
        faults
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .flatten()
            .copied()
    }

    /// Σ of the delays ÷ how many faults were met. One that was missed has no delay: it counts in
    /// [`View::alerted`] alone, and `n` is the number of those that were met.
    pub(super) fn alert_delay(&self) -> Result<Sample, Absent> {
        let each = self.runs.iter().map(|run| {
            let delays = self.met(run).filter_map(|met| met.after_ns);
            let sum: u128 = delays.clone().map(u128::from).sum();
            (sum, delays.count() as u128)
        });
        let (y, x): (Vec<u128>, Vec<u128>) = each.unzip();
        let sample = match ratio::ratio(&y, &x, 1e-9) {
            Some(sample) => sample,
            None if self.runs.iter().any(|run| self.met(run).count() > 0) => {
                return Err(Absent::NotAlerted);
            }
            None => return Err(Absent::NoRecovery),
        };
        let met: u128 = x.iter().sum();
        Ok(Sample {
            n: u64::try_from(met).unwrap_or(u64::MAX),
            ..sample
        })
    }

    /// Faults that were met ÷ faults; of one fault the share of runs, with its exact interval.
    pub(super) fn alerted(&self) -> Result<Sample, Absent> {
        let is_met = |met: Met| met.after_ns.is_some();
        let faults = |run| self.met(run).count();
        if self.runs.iter().all(|run| faults(run) <= 1) {
            let answers = self.runs.iter().map(|run| self.met(run).map(is_met).next());
            return Sample::share(answers.collect()).ok_or(Absent::NoRecovery);
        }
        let each = self.runs.iter().map(|run| {
            let met = self.met(run).filter(|&met| is_met(met)).count();
            (met as u128, faults(run) as u128)
        });
        let (y, x): (Vec<u128>, Vec<u128>) = each.unzip();
        ratio::ratio(&y, &x, 1.0).ok_or(Absent::NoRecovery)
    }
}
