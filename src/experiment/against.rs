//! A run against an earlier one: every policy against itself as it was, replication by replication.
//!
//! The same seed lays down the same weather and traffic for a changed policy as for the old one, so the two are
//! pairs as two policies of one run are, with the same intervals and verdicts. The family is every verdict given.

use super::compare::{difference, headline};
use super::estimate::Samples;
use super::results::{Frame, setting};
use super::settle::{self, Looks};
use crate::base::Stop;
use crate::record::metric::Metric;
use crate::record::results::{Against, Changed, Estimate, MinEffect, PolicyResults, Results, Row};
use crate::record::{MODEL_VERSION, Replication, SCHEMA_VERSION};
use crate::scenario::Scenario;
use crate::scenario::alike::{Change, changes};
use crate::scenario::model::default_min_effect;

/// Earlier results that may be paired with runs of a scenario.
#[derive(Clone, Debug)]
pub struct Earlier {
    results: Results,
    file: String,
    changed: Vec<Changed>,
}

/// Of settings that differ so many are told.
const MOST: usize = 12;

impl Earlier {
    /// Earlier results from a file of this name, if runs of the scenario are pairs of theirs: the same model,
    /// seed, weather and traffic, and a policy of the same name.
    ///
    /// # Errors
    /// Why they are none, one line each, with the settings that differ.
    pub fn new(
        results: Results,
        file: String,
        scenario: &Scenario,
    ) -> Result<Earlier, Vec<String>> {
        let mut wrong = versions(&results);
        if results.seed != scenario.run.seed {
            wrong.push(format!(
                "seed {} before, {} now: run with --seed {0}",
                results.seed, scenario.run.seed
            ));
        }
        if results.inputs_hash != scenario.inputs {
            wrong.push(
                "the trace or the incidents that it reads from files have other contents now"
                    .to_owned(),
            );
        }
        let changes = changes(&results.meta.resolved, &scenario.resolved);
        let (world, policies) = match changes {
            Some(changes) => (changes.world, changes.policies),
            None => {
                wrong.push("`meta.resolved`, its scenario, cannot be read".to_owned());
                Default::default()
            }
        };
        let more = world.len().saturating_sub(MOST);
        wrong.extend(world.iter().take(MOST).map(Change::said));
        wrong.extend((more > 0).then(|| format!("and {more} more settings")));
        let common = |policy: &&PolicyResults| {
            let mut names = scenario.policies.iter().map(|(name, _)| name);
            names.any(|name| *name == policy.name)
        };
        let common: Vec<&PolicyResults> = results.policies.iter().filter(common).collect();
        if common.is_empty() {
            wrong.push("no policy is in both".to_owned());
        }
        wrong.extend(common.into_iter().filter_map(broken));
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let said = |(policy, list): (String, Vec<Change>)| Changed {
            policy,
            settings: list.iter().map(Change::said).collect(),
        };
        Ok(Earlier {
            changed: policies.into_iter().map(said).collect(),
            results,
            file,
        })
    }
}

/// Versions of what is in the file that are not ours.
fn versions(results: &Results) -> Vec<String> {
    let one = |what: &str, theirs: u32, ours: u32| {
        (theirs != ours).then(|| {
            format!(
                "{what} version {theirs} before (squall {}), {ours} now: run the earlier scenario \
                 again with this squall",
                results.squall_version
            )
        })
    };
    let schema = one("schema", results.schema_version, SCHEMA_VERSION);
    let model = one("model", results.model_version, MODEL_VERSION);
    schema.into_iter().chain(model).collect()
}

/// Why the replications of a policy cannot be paired.
fn broken(policy: &PolicyResults) -> Option<String> {
    let runs = &policy.replications;
    let in_order = runs.iter().enumerate();
    let whole = in_order.fold(true, |whole, (place, run)| {
        whole && run.index as usize == place && !run.scopes.is_empty()
    });
    (runs.is_empty() || !whole)
        .then(|| format!("the replications of `{}` in it are not whole", policy.name))
}

/// Every policy that both have against itself as it was, by headline metric; `runs` by policy of the scenario.
/// Where looks decided how many there are, intervals hold over all that might have been taken. None if it was told
/// to stop.
pub fn against(
    scenario: &Scenario,
    runs: &[Vec<Replication>],
    (frame, looks): (Frame, Option<&Looks>),
    earlier: &Earlier,
    stop: &Stop,
) -> Option<Against> {
    let before = &earlier.results;
    let setting = setting(scenario, runs, frame);
    let headline = headline(&scenario.compare, &setting);
    let named = |name: &str| before.policies.iter().find(|policy| policy.name == name);
    let names = scenario.policies.iter().map(|(name, _)| name);
    let both: Vec<_> = names
        .zip(runs)
        .enumerate()
        .filter_map(|(place, (name, runs))| Some((place, name, runs, named(name)?)))
        .collect();
    let family = both.len() * headline.len();
    let m = u32::try_from(family).unwrap_or(u32::MAX);
    let level = settle::level(looks.map_or(1, Looks::count), m);
    let (mut rows, mut replications) = (Vec::new(), u32::MAX);
    for (place, name, runs, old) in &both {
        let n = runs.len().min(old.replications.len());
        replications = replications.min(u32::try_from(n).unwrap_or(u32::MAX));
        let of = |list: &[Replication]| Samples::of(&list[..n], (*place, 0), &setting, stop);
        let (now, before) = (of(runs)?, of(&old.replications)?);
        for metric in &headline {
            let effect = scenario.compare.min_effect.get(metric.name).copied();
            let effect = effect.unwrap_or_else(|| default_min_effect(metric));
            rows.extend(row(metric, name, (&now, &before), (level, effect)));
        }
    }
    let only = |of: Vec<&String>, others: Vec<&String>| -> Vec<String> {
        let alone = of.into_iter().filter(|name| !others.contains(name));
        alone.cloned().collect()
    };
    let old_names = || before.policies.iter().map(|policy| &policy.name).collect();
    let new_names = || scenario.policies.iter().map(|(name, _)| name).collect();
    Some(Against {
        file: earlier.file.clone(),
        squall_version: before.squall_version.clone(),
        scenario_hash: before.scenario_hash.clone(),
        replications,
        level,
        family: m,
        fail_on_worse: false,
        changed: earlier.changed.clone(),
        only_before: only(old_names(), new_names()),
        only_now: only(new_names(), old_names()),
        rows,
    })
}

/// One policy in one metric; None where it does not apply before or now.
fn row(
    metric: &'static Metric,
    name: &str,
    (now, before): (&Samples, &Samples),
    (level, effect): (f64, MinEffect),
) -> Option<Row> {
    let (now, before) = (now.of_metric(metric).ok()?, before.of_metric(metric).ok()?);
    let estimate = |sample: &super::Sample| -> Estimate { sample.estimate(metric.unit) };
    Some(Row {
        before: estimate(before),
        now: estimate(now),
        difference: difference(
            metric,
            (name, now),
            (name, before),
            Some((level, Some(effect))),
        ),
    })
}

#[cfg(test)]
mod tests;
