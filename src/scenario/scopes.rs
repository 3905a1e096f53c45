//! Which parts of the calls are counted by themselves, in the order in which the simulator keeps their sums.

use super::model::Scenario;
use crate::record::results::{Calls, FaultTime, Scope};

/// A call is counted in each of these; which ones is one bit each of a word.
pub(super) const MAX_SCOPES: usize = 64;

/// Of more tenants than these only those that an expectation asks for are counted by themselves: each takes
/// time and memory of every run.
pub(super) const MAX_TENANTS: usize = 16;

/// All scopes: all calls, those that arrived during each fault, those of each priority if there are
/// several, those of each tenant if they are few, and those that expectations ask for beside.
pub fn scopes(scenario: &Scenario) -> Vec<Scope> {
    let span = (scenario.run.warm_up.0, scenario.run.duration.0);
    let faults: Vec<FaultTime<'_>> = scenario
        .faults
        .iter()
        .map(|fault| {
            let (from, to) = (fault.from().0, fault.to().0);
            (fault.name.as_str(), from, to, fault.schedule.is_drawn())
        })
        .collect();
    let times = faults.iter().map(|&(name, from, to, _)| (name, from, to));
    let mut all = Scope::list(span.0, span.1, times);
    for (scope, fault) in all[1..].iter_mut().zip(&scenario.faults) {
        scope.partly = !fault.schedule.is_once();
    }
    let asked = parts(scenario);
    all.extend(asked.iter().map(|calls| {
        let mut scope = Scope::of(calls, span, &faults);
        let fault = |fault: &&crate::fault::Config| Some(&fault.name) == calls.during.as_ref();
        let during = scenario.faults.iter().find(fault);
        scope.partly = during.is_some_and(|fault| !fault.schedule.is_once());
        scope
    }));
    all
}

/// The parts of the calls that are counted beside all of them and those of each fault.
fn parts(scenario: &Scenario) -> Vec<Calls> {
    let mut parts: Vec<Calls> = Vec::new();
    let priorities: Vec<_> = scenario.workload.priorities().collect();
    if priorities.len() > 1 {
        parts.extend(priorities.into_iter().map(|priority| Calls {
            priority: Some(priority),
            ..Calls::default()
        }));
    }
    let mut asked: Vec<Calls> = Vec::new();
    for expect in &scenario.expectations {
        let calls = &expect.calls;
        let is_fault = calls.name() == calls.during.clone().unwrap_or_default();
        if !calls.is_all() && !is_fault && !parts.contains(calls) && !asked.contains(calls) {
            asked.push(calls.clone());
        }
    }
    let tenants = &scenario.workload.tenant;
    let room = MAX_SCOPES.saturating_sub(1 + scenario.faults.len() + parts.len() + asked.len());
    if tenants.len() <= MAX_TENANTS.min(room) {
        parts.extend(tenants.keys().map(|tenant| Calls {
            tenant: Some(tenant.clone()),
            ..Calls::default()
        }));
    }
    let new = asked.into_iter().filter(|calls| !parts.contains(calls));
    let new: Vec<Calls> = new.collect();
    parts.extend(new);
    parts
}
