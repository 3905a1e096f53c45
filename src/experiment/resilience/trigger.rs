//! What begins an overload, and how it grows: the fault that ends last, by its length, or a spike of arrivals, by
//! how many times the usual load it brings.

use crate::base::Duration;
use crate::base::units::{Rate, Ratio};
use crate::fault;
use crate::fault::effect::{self, drift};
use crate::fault::targets::Targets;
use crate::record::recovery;
use crate::scenario::Scenario;
use crate::workload::arrivals;

/// What grows.
#[derive(Clone, Debug, PartialEq)]
pub enum Grows {
    /// A fault lasts longer.
    Fault {
        /// Its place in the file.
        place: usize,
        /// Its name.
        name: String,
        /// How long it lasts there, s.
        shipped: f64,
    },
    /// A spike is higher.
    Spike {
        /// Its rate in the file, as a multiple of the rate before and after.
        shipped: f64,
    },
}

impl Grows {
    /// What grows in a scenario: the spike of its arrivals, unless a fault that does anything ends last; else the
    /// fault that ends last. Of drawn faults none, for they end when chance wills it.
    pub fn of(scenario: &Scenario) -> Option<Grows> {
        let last = last(scenario);
        let harmful = last.filter(|&place| !is_harmless(&scenario.faults[place].effect));
        match (&scenario.workload.arrivals, harmful) {
            (arrivals::Config::Spike(spike), None) if spike.peak.per_s() > spike.rate.per_s() => {
                Some(Grows::Spike {
                    shipped: spike.peak.per_s() / spike.rate.per_s(),
                })
            }
            _ => harmful.map(|place| Grows::Fault {
                place,
                name: scenario.faults[place].name.clone(),
                shipped: scenario.faults[place].lasts.as_s_f64(),
            }),
        }
    }

    /// The size in the file.
    pub fn shipped(&self) -> f64 {
        match self {
            Grows::Fault { shipped, .. } | Grows::Spike { shipped } => *shipped,
        }
    }

    /// The size of so many times the shipped trigger; of a spike its part above the usual load.
    pub fn size(&self, factor: f64) -> f64 {
        match self {
            Grows::Fault { shipped, .. } => shipped * factor,
            Grows::Spike { shipped } => 1.0 + (shipped - 1.0) * factor,
        }
    }

    /// What the size is, in words.
    pub fn what(&self) -> String {
        match self {
            Grows::Fault { name, .. } => format!("how long the fault `{name}` lasts"),
            Grows::Spike { .. } => "how many times the usual load the spike brings".to_owned(),
        }
    }

    /// The unit of its sizes.
    pub fn unit(&self) -> &'static str {
        match self {
            Grows::Fault { .. } => "s",
            Grows::Spike { .. } => "ratio",
        }
    }

    /// The scenario with a trigger of this size. A longer fault makes the run longer, so that it is watched as
    /// long; where a spike has no fault that says from when to watch, one that does nothing is put there.
    pub fn at(&self, scenario: &Scenario, size: f64) -> Scenario {
        let mut scenario = scenario.clone();
        match self {
            Grows::Fault { place, .. } => {
                let fault = &mut scenario.faults[*place];
                let before = fault.lasts;
                fault.lasts = Duration::from_s_f64(size);
                let duration = scenario.run.duration.0 + fault.lasts.0;
                scenario.run.duration = Duration(duration.saturating_sub(before.0));
            }
            Grows::Spike { .. } => {
                if let arrivals::Config::Spike(spike) = &mut scenario.workload.arrivals {
                    let micro = libm::round(spike.rate.micro as f64 * size).max(1.0) as u64;
                    spike.peak = Rate {
                        micro,
                        per: spike.rate.per,
                    };
                    let (at, lasts) = (spike.at, spike.lasts);
                    if last(&scenario).is_none() {
                        scenario.faults.push(harmless(&scenario, at, lasts));
                    }
                }
            }
        }
        scenario
    }

    /// The place of the fault after which recovery is watched, in a scenario of [`Self::at`].
    pub fn fault(&self, scenario: &Scenario) -> usize {
        match self {
            Grows::Fault { place, .. } => *place,
            Grows::Spike { .. } => last(scenario).unwrap_or_default(),
        }
    }

    /// The scenario's arrivals without the trigger.
    pub fn without(scenario: &Scenario) -> arrivals::Config {
        let mut arrivals = scenario.workload.arrivals.clone();
        if let arrivals::Config::Spike(spike) = &mut arrivals {
            spike.peak = spike.rate;
        }
        arrivals
    }
}

/// The place of the scheduled fault that ends last.
fn last(scenario: &Scenario) -> Option<usize> {
    let scheduled = scenario.faults.iter().enumerate();
    let scheduled = scheduled.filter(|(_, fault)| !fault.schedule.is_drawn());
    let (places, spans): (Vec<usize>, Vec<(u64, u64)>) = scheduled
        .map(|(place, fault)| (place, (fault.from().0, fault.to().0)))
        .unzip();
    recovery::last_fault(&spans).map(|last| places[last])
}

/// A fault that only says from when on recovery is watched.
fn is_harmless(effect: &effect::Config) -> bool {
    *effect == effect::Config::Drift(nothing())
}

fn nothing() -> drift::Config {
    drift::Config {
        factor: 1.0,
        broken: Ratio(0.0),
        fenced: Ratio(0.0),
        shift: 0.0,
        length: 1.0,
        subtle: Ratio(0.0),
    }
}

fn harmless(scenario: &Scenario, at: Duration, lasts: Duration) -> fault::Config {
    let names = scenario.providers.iter().take(1);
    fault::Config {
        name: "spike".to_owned(),
        on: Targets {
            names: names.map(|(name, _)| name.clone()).collect(),
            ..Targets::default()
        },
        at,
        lasts,
        schedule: fault::schedule::Config::default(),
        hits: fault::hits::Config::default(),
        effect: effect::Config::Drift(nothing()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A fault of so many seconds.
    pub(in super::super) fn of_seconds(shipped: f64) -> Grows {
        Grows::Fault {
            place: 0,
            name: "brownout".to_owned(),
            shipped,
        }
    }
}
