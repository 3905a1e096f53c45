//! Whether an overload would outlive its trigger: what the law says of a policy, the smallest trigger that locks it
//! up in half the runs, and a verdict from both.
//!
//! The law is that of metastable failures (N. Bronson et al., HotOS'21; L. Huang et al., OSDI'22): work that comes
//! too late is done for nobody and asked for again, so a provider that is behind stays behind as long as
//! λ·(1 + R) is more than it can do. Search and law are apart, since each sees what the other does not: the law
//! knows no breaker, and a search only the triggers it tried.

pub mod alone;
pub mod law;
pub mod search;
pub mod trigger;

pub use self::search::{Halt, Plan};

use self::search::{Fly, Found};
use self::trigger::Grows;
use super::stability::stability;
use crate::base::Stop;
use crate::record::Replication;
use crate::record::results::{Colour, Law, StabilityVerdict, Trigger};
use crate::scenario::Scenario;
use crate::sim::{self, Setup, parallel};

/// A load up to this share of what can be done is safe by the law.
const SAFE: f64 = 0.9;
/// From this share on it stays down by the law.
const FATAL: f64 = 1.1;

/// How to fly.
#[derive(Clone, Copy)]
pub struct Crew<'a> {
    /// How many threads; the result does not depend on it.
    pub threads: usize,
    /// A wish to stop.
    pub stop: &'a Stop,
    /// Told after each run, from any thread.
    pub done: &'a (dyn Fn() + Sync),
}

/// The verdict on every policy, in order of the file.
///
/// # Errors
/// If it was told to stop, or a policy does not fit the providers; a checked scenario's do.
pub fn verdicts(
    scenario: &Scenario,
    plan: &Plan,
    crew: Crew<'_>,
) -> Result<Vec<StabilityVerdict>, Halt> {
    let alone = alone::measure(scenario, crew)?;
    let grows = Grows::of(scenario);
    let mut all = Vec::new();
    for (place, (_, policy)) in scenario.policies.iter().enumerate() {
        let law = law::of(scenario, policy, &alone);
        let found = match &grows {
            None => Found::default(),
            Some(grows) => {
                let flights = Flights {
                    scenario,
                    place,
                    grows,
                    crew,
                };
                search::search(grows, plan, &flights)?
            }
        };
        all.push(verdict(law, grows.as_ref(), found, plan));
    }
    Ok(all)
}

/// Flies one policy under triggers of any size, through the same weather each time.
struct Flights<'a> {
    scenario: &'a Scenario,
    /// The policy.
    place: usize,
    grows: &'a Grows,
    crew: Crew<'a>,
}

impl Fly for Flights<'_> {
    fn fly(&self, size: f64, runs: u32) -> Result<search::Runs, Halt> {
        let mut scenario = self.grows.at(self.scenario, size);
        scenario.policies = vec![self.scenario.policies[self.place].clone()];
        scenario.expectations = Vec::new();
        let runs = fly(&scenario, runs, self.crew)?;
        let told = stability(&runs, Some(self.grows.fault(&scenario)));
        Ok(
            told.map_or_else(search::Runs::default, |told| search::Runs {
                locked: told.locked,
                of: told.of,
                recovery_median_s: told.recovery_median_s,
            }),
        )
    }
}

/// So many replications of the first policy of a scenario.
fn fly(scenario: &Scenario, runs: u32, crew: Crew<'_>) -> Result<Vec<Replication>, Halt> {
    let setup = Setup::new(scenario).map_err(|(policy, why)| {
        Halt::Failed(format!("{}: policy `{policy}`: {why:?}", scenario.file))
    })?;
    let one = |i: usize| Some(sim::run_until(&setup, 0, i as u32, crew.stop)?.replication);
    let done = || (crew.done)();
    parallel::map(runs as usize, crew.threads, crew.stop, one, done).ok_or(Halt::Stopped)
}

/// The verdict from law and search.
fn verdict(law: Law, grows: Option<&Grows>, found: Found, plan: &Plan) -> StabilityVerdict {
    let (colour, reason) = colour(&law, grows, &found);
    let trigger = grows.map(|grows| Trigger {
        what: grows.what(),
        unit: grows.unit().to_owned(),
        shipped: grows.shipped(),
        largest: grows.size(plan.up()),
    });
    StabilityVerdict {
        colour,
        reason,
        law,
        trigger,
        flown: found.flown,
        smallest: found.smallest,
        recovery_median_s: found.recovery_median_s,
    }
}

/// The colour, and why.
fn colour(law: &Law, grows: Option<&Grows>, found: &Found) -> (Colour, String) {
    let locked: u64 = found.flown.iter().map(|flown| flown.locked).sum();
    let shipped = found
        .flown
        .iter()
        .find(|flown| Some(flown.size) == grows.map(Grows::shipped));
    let half = shipped.filter(|flown| flown.of > 0 && 2 * flown.locked >= flown.of);
    let (load, unless) = match law {
        Law::Load(worst) => (Some(worst.load), worst.unless.as_deref()),
        Law::Unbounded => (Some(0.0), None),
        Law::None(_) => (None, None),
    };
    let said = said(law);
    if let Some(flown) = half {
        let (locked, of) = (flown.locked, flown.of);
        return (
            Colour::Red,
            format!("the trigger of the file locks it up in {locked} of {of} runs; {said}"),
        );
    }
    if load.is_some_and(|load| load >= FATAL) && unless.is_none() {
        return (
            Colour::Red,
            format!("{said}, so a trigger that is large enough keeps it down for good"),
        );
    }
    let watched = found.flown.iter().any(|flown| flown.of > 0);
    let searched = match (grows, watched, locked) {
        (None, ..) => "nothing in the file begins an overload, so none was tried".to_owned(),
        (_, false, _) => "after no trigger could be told whether it recovered".to_owned(),
        (Some(_), true, 0) => "no trigger that was tried locked it up".to_owned(),
        (Some(_), true, n) => format!("larger triggers than the file's locked up {n} runs"),
    };
    let green = watched && locked == 0 && load.is_some_and(|load| load <= SAFE);
    let but = match unless.filter(|_| load.is_some_and(|load| load > SAFE)) {
        Some(why) => format!(" (which need not keep itself up: {why})"),
        None => String::new(),
    };
    match green {
        true => (Colour::Green, format!("{said}, and {searched}")),
        false => (Colour::Amber, format!("{said}{but}, and {searched}")),
    }
}

/// What the law says.
fn said(law: &Law) -> String {
    match law {
        Law::Load(worst) => format!(
            "with all the attempts it may take the load is at most {:.2} of what {} can do",
            worst.load, worst.bound
        ),
        Law::Unbounded => "no provider of its route has a bound".to_owned(),
        Law::None(why) => format!("there is no closed form ({why})"),
    }
}

#[cfg(test)]
mod tests;
