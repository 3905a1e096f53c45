//! From a scenario and its runs to the whole of `results.json`.

use super::book::Book;
use super::compare::{differences, family, finals, headline};
use super::curve::curve;
use super::estimate::Setting;
use super::estimate::alerts::by_name;
use super::expect::expectations;
use super::layers;
use super::refusals;
use super::series::{Timeline, series};
use super::settle::Looks;
use super::stability::{lock_ups, stability};
use super::warnings::warnings;
use crate::base::Stop;
use crate::policy::{self, Mode, breaker};
use crate::record::metric::Metric;
use crate::record::recovery;
use crate::record::replication::Times;
use crate::record::results::{Compare, Estimate, FaultRecord, Meta, PolicyResults, Results};
use crate::record::{MODEL_VERSION, Replication, SCHEMA_VERSION};
use crate::scenario::model::default_min_effect;
use crate::scenario::{Scenario, scopes};

/// What the simulator knows about its records and the scenario does not say.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Width of the windows of [`crate::record::Windows`], ns.
    pub window_ns: u64,
}

/// Everything the runs of a scenario say: `runs` by policy in order of the file, then by
/// replication. Computed once, in that order, so the same runs give the same bytes.
///
/// # Panics
/// If there is not one list of runs per policy, or the lists differ in length: pairs would then be
/// of different weather.
pub fn results(scenario: &Scenario, runs: Vec<Vec<Replication>>, frame: Frame) -> Results {
    results_until(scenario, runs, (frame, None), &Stop::default()).expect("nobody says stop")
}

/// Looks at all replications so far, by policy; whether every verdict is settled. None if it was told to stop.
pub fn look(
    looks: &mut Looks,
    scenario: &Scenario,
    runs: &[Vec<Replication>],
    frame: Frame,
    stop: &Stop,
) -> Option<bool> {
    looks.look(scenario, runs, &setting(scenario, runs, frame), stop)
}

/// The same with the looks that were taken, if any were; None if it was told to stop before all was computed.
///
/// # Panics
/// As [`results`].
pub fn results_until(
    scenario: &Scenario,
    runs: Vec<Vec<Replication>>,
    (frame, looks): (Frame, Option<&Looks>),
    stop: &Stop,
) -> Option<Results> {
    assert_eq!(runs.len(), scenario.policies.len(), "one list per policy");
    let replications = runs.first().map_or(0, Vec::len);
    assert!(
        runs.iter().all(|list| list.len() == replications),
        "policies with different numbers of replications"
    );
    let setting = setting(scenario, &runs, frame);
    let names = scenario.policies.iter().map(|(name, _)| name.as_str());
    let book = Book::new(names.clone().collect(), &runs, &setting, stop)?;
    let headline = headline(&scenario.compare, &setting);
    let everywhere: Vec<_> = names
        .enumerate()
        .map(|(policy, name)| (name, book.samples(policy, 0)))
        .collect();
    let mut differences = differences(&everywhere, &scenario.compare, &setting, stop)?;
    let mut compare = compare(scenario, &headline);
    let settling = looks.map(|looks| looks.enter(&mut compare, &mut differences));
    let lock_ups = lock_ups(&book.policies, &runs, &compare.baseline);
    let expectations = expectations(scenario, &book, &runs, stop)?;
    let audits = layers::audits(scenario, &book, stop)?;
    let meta = meta(scenario, &runs);
    let policies = policies(scenario, runs, &book, stop)?;
    let warnings = warnings(&scenario.warnings, &headline, &policies, &book);
    let mut results = Results {
        schema_version: SCHEMA_VERSION,
        model_version: MODEL_VERSION,
        squall_version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        scenario_hash: scenario.hash.clone(),
        inputs_hash: scenario.inputs.clone(),
        seed: scenario.run.seed,
        meta,
        compare,
        lock_ups,
        settling,
        against: None,
        endpoints: scenario.providers.iter().map(|p| p.0.clone()).collect(),
        faults: scenario.faults.iter().map(fault).collect(),
        window_ns: frame.window_ns,
        policies,
        differences,
        expectations,
        warnings,
        scopes: setting.scopes.clone(),
        finals: Vec::new(),
        audits,
    };
    results.finals = finals(&results, &everywhere, stop)?;
    Some(results)
}

/// What estimates must know beside the runs of a scenario, by policy.
pub fn setting(scenario: &Scenario, runs: &[Vec<Replication>], frame: Frame) -> Setting {
    // Incidents that are drawn are told of one by one: they end when chance wills it.
    let (places, faults): (Vec<usize>, Vec<(u64, u64)>) = scenario
        .faults
        .iter()
        .enumerate()
        .filter(|(_, fault)| !fault.schedule.is_drawn())
        .map(|(place, fault)| (place, (fault.from().0, fault.to().0)))
        .unzip();
    let priced = scenario.providers.iter().any(|(_, provider)| {
        provider.price.input.pico_per_token > 0 || provider.price.output.pico_per_token > 0
    });
    let breaks = |policy: &policy::Config| !matches!(policy.breaker, breaker::Config::None(_));
    let has_breaker = |((_, policy), runs): (&(String, policy::Config), &Vec<Replication>)| {
        let active = runs.iter().any(|run| run.breaker_trips > 0);
        active || breaks(policy) || policy.chain.iter().any(|layer| breaks(&layer.config))
    };
    Setting {
        scopes: scopes(scenario),
        window_ns: frame.window_ns,
        horizon_ns: scenario.workload.horizon().0,
        last_fault: recovery::last_fault(&faults).map(|last| places[last]),
        priced,
        breakers: scenario
            .policies
            .iter()
            .zip(runs)
            .map(has_breaker)
            .collect(),
        alerts: scenario
            .policies
            .iter()
            .map(|(_, policy)| policy.alarms())
            .collect(),
        closed: scenario.workload.is_closed(),
    }
}

fn meta(scenario: &Scenario, runs: &[Vec<Replication>]) -> Meta {
    let replications = runs.first().map_or(0, Vec::len);
    Meta {
        title: scenario.title.clone(),
        why: scenario.why.clone(),
        file: scenario.file.clone(),
        duration_ns: scenario.run.duration.0,
        warm_up_ns: scenario.run.warm_up.0,
        horizon_ns: scenario.workload.horizon().0,
        replications: u32::try_from(replications).unwrap_or(u32::MAX),
        processes: scenario.workload.processes,
        simulated_calls: runs.iter().flatten().map(|run| run.submitted).sum(),
        resolved: scenario.resolved.clone(),
    }
}

fn compare(scenario: &Scenario, headline: &[&'static Metric]) -> Compare {
    let (family, level) = family(scenario.policies.len(), headline.len());
    let effect = |metric: &&'static Metric| {
        let written = scenario.compare.min_effect.get(metric.name).copied();
        let effect = written.unwrap_or_else(|| default_min_effect(metric));
        (metric.name.to_owned(), effect)
    };
    Compare {
        baseline: scenario.compare.baseline.clone(),
        metrics: headline.iter().map(|m| m.name.to_owned()).collect(),
        min_effect: headline.iter().map(effect).collect(),
        level,
        family,
    }
}

fn fault(fault: &crate::fault::Config) -> FaultRecord {
    FaultRecord {
        name: fault.name.clone(),
        effect: fault.effect.kind().to_owned(),
        total: fault.is_total(),
        on: fault.on.names.clone(),
        from_ns: fault.from().0,
        to_ns: fault.to().0,
        drawn: fault.schedule.is_drawn(),
    }
}

fn policies(
    scenario: &Scenario,
    runs: Vec<Vec<Replication>>,
    book: &Book<'_>,
    stop: &Stop,
) -> Option<Vec<PolicyResults>> {
    let timeline = Timeline {
        window_ns: book.setting.window_ns,
        warm_up_ns: scenario.run.warm_up.0,
        duration_ns: scenario.run.duration.0,
        processes: scenario.workload.processes,
    };
    let scopes = &book.setting.scopes;
    let each = runs.into_iter().enumerate();
    let one = |(place, runs): (usize, Vec<Replication>)| {
        stop.check()?;
        let config = &scenario.policies[place].1;
        let observes = config.mode == Mode::Observe;
        let timeline = Timeline {
            processes: layers::watched_processes(scenario, config),
            ..timeline
        };
        Some(PolicyResults {
            observes,
            layers: layers::results(config, &runs, scopes),
            refused: refusals::refused(&runs),
            limited: refusals::limited(&runs),
            would: refusals::would(&runs, observes),
            ..policy(place, runs, book, &timeline)
        })
    };
    each.map(one).collect()
}

/// One policy's figures; its replications move in.
fn policy(
    place: usize,
    runs: Vec<Replication>,
    book: &Book<'_>,
    timeline: &Timeline,
) -> PolicyResults {
    let metrics = |scope: usize| {
        let present = book.samples(place, scope).present();
        let entry = |(metric, sample): (&'static Metric, &super::Sample)| {
            let estimate: Estimate = sample.estimate(metric.unit);
            (metric.name.to_owned(), estimate)
        };
        present.map(entry).collect()
    };
    let faults = book.setting.scopes.iter().enumerate().skip(1);
    let good: Vec<&Times> = runs
        .iter()
        .filter_map(|run| Some(&run.scopes.first()?.latency_good))
        .collect();
    PolicyResults {
        name: book.policies[place].to_owned(),
        observes: false,
        refused: Vec::new(),
        limited: Vec::new(),
        would: Vec::new(),
        metrics: metrics(0),
        layers: Vec::new(),
        alerts: by_name(&runs, &book.setting.scopes),
        during: faults
            .map(|(scope, s)| (s.name.clone(), metrics(scope)))
            .collect(),
        stability: stability(&runs, book.setting.last_fault),
        stability_verdict: None,
        series: series(&runs, timeline),
        latency_curve: curve(&good),
        replications: runs,
    }
}

#[cfg(test)]
mod tests;
