//! From a path to checked scenarios, one for each point: the whole way in one place.

use std::path::Path;

use super::files::{Disk, Files, Memory};
use super::inherit::Inheritance;
use super::lacks::Lacks;
use super::model::{Run, Scenario};
use super::parts::Parts;
use super::points::{self, At, Point};
use super::report::{Diagnostic, Diagnostics, Report};
use super::scopes::{MAX_SCOPES, scopes};
use super::traces::Traces;
use super::tree::{Node, Value};
use super::vary::{self, Axes, Axis};
use super::{chains, compare, cross, document, expect, hash, labelled, replays, resolved, sense};
use crate::record::results::FaultTime;

/// The largest seed: TOML has no larger whole number, so no resolved scenario could hold it.
pub const MAX_SEED: u64 = i64::MAX as u64;

/// What the command line says instead of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Instead of `run.seed`; at most [`MAX_SEED`].
    pub seed: Option<u64>,
    /// Instead of `run.replications`.
    pub replications: Option<u32>,
}

/// Everything a load gives: scenarios unless there are mistakes, and all findings.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// One scenario for each point; empty if there is a mistake.
    pub scenarios: Vec<Scenario>,
    /// The mistakes and warnings.
    pub diagnostics: Diagnostics,
}

/// Loads a scenario file: one scenario, or one for each point of `[run] vary`.
///
/// # Errors
/// All mistakes of the file and of what it includes.
pub fn load(path: &Path, overrides: Overrides) -> Result<Vec<Scenario>, Diagnostics> {
    load_from(&Disk, path, overrides).into_result()
}

/// Loads the points of a sweep: the file with other keys varied than its own, as TOML says that would stand in
/// `[run.vary]`. What it expects goes, for that is expected of its own points.
///
/// # Errors
/// All mistakes of the file, of what it includes and of what is to vary.
pub fn load_varied(
    files: &dyn Files,
    path: &Path,
    overrides: Overrides,
    vary: Option<&str>,
) -> Result<Vec<Scenario>, Diagnostics> {
    load_points(files, path, overrides, Some(vary)).into_result()
}

/// Loads a scenario from a text; it can include nothing and name no trace.
///
/// # Errors
/// All mistakes of the text.
pub fn check_str(name: &str, text: &str) -> Result<Vec<Scenario>, Diagnostics> {
    let files = Memory::default().with(name, text);
    load_from(&files, Path::new(name), Overrides::default()).into_result()
}

impl Loaded {
    /// The scenarios, or what keeps them from being run.
    ///
    /// # Errors
    /// The findings, if one of them is a mistake.
    pub fn into_result(self) -> Result<Vec<Scenario>, Diagnostics> {
        if self.diagnostics.mistakes().next().is_some() {
            return Err(self.diagnostics);
        }
        Ok(self.scenarios)
    }
}

/// Loads a scenario from any source of files, with warnings beside the scenarios.
pub fn load_from(files: &dyn Files, path: &Path, overrides: Overrides) -> Loaded {
    load_points(files, path, overrides, None)
}

/// Loads all points; `sweep` is Some for those of a sweep, with what is to vary if not the file's own.
fn load_points(
    files: &dyn Files,
    path: &Path,
    overrides: Overrides,
    sweep: Option<Option<&str>>,
) -> Loaded {
    let mut report = Report::new(&path.display().to_string());
    let mut scenarios = Vec::new();
    check_overrides(overrides, &mut report);
    if let Some(document) = document::read(files, path, &mut report) {
        let mut tree = document.tree;
        // Only `squall tune` reads it; a file of both runs as it is.
        tree.cut(&["tune".into()]);
        let lacks = Lacks::of(&tree, document.whole);
        if sweep.is_some() {
            tree.cut(&["expect".into()]);
        }
        if let Some(Some(vary)) = sweep {
            vary::replace(&mut tree, vary, &mut report);
        }
        let axes = vary::take(&mut tree, lacks, &mut report);
        override_run(&mut tree, overrides);
        let mut loader = Loader {
            files,
            path,
            overrides,
            axes: &axes,
            lacks,
            inheritance: Inheritance::default(),
            traces: Traces::default(),
            report: &mut report,
        };
        for (i, point) in points::points(&axes.list).into_iter().enumerate() {
            loader.report.point = Some(i);
            scenarios.extend(loader.point(&tree, &point));
            if loader.report.is_full() {
                break;
            }
        }
    }
    points::tell_apart(&mut scenarios);
    if report.has_mistakes() {
        scenarios.clear();
    }
    let diagnostics = report.finish();
    // Without a mistake there is a scenario for each point.
    for (point, scenario) in scenarios.iter_mut().enumerate() {
        scenario.warnings = sentences(&diagnostics, point);
    }
    Loaded {
        scenarios,
        diagnostics,
    }
}

fn check_overrides(overrides: Overrides, report: &mut Report) {
    if let Some(seed) = overrides.seed.filter(|seed| *seed > MAX_SEED) {
        let mistake = Diagnostic::whole(format!("the seed {seed} is too large"));
        report.push(mistake.expected(format!("0 to {MAX_SEED}, as in a file")));
    }
    let most = compare::MAX_REPLICATIONS;
    if let Some(n) = overrides.replications.filter(|n| !(1..=most).contains(n)) {
        let mistake = Diagnostic::whole(format!("{n} is an absurd number of replications"));
        report.push(mistake.expected("1 to 100 000"));
    }
}

/// Writes the overrides into the tree, so that what is printed as resolved runs the same.
fn override_run(tree: &mut Node, overrides: Overrides) {
    let Some(run) = tree.table_mut().and_then(|root| root.get_mut("run")) else {
        return;
    };
    let at = run.key;
    let Some(table) = run.table_mut() else { return };
    let seed = overrides.seed.and_then(|seed| i64::try_from(seed).ok());
    let replications = overrides.replications.map(i64::from);
    for (key, value) in [("replications", replications), ("seed", seed)] {
        if let Some(value) = value {
            table.insert(key, Node::new(at, at, Value::Integer(value)));
        }
    }
}

/// What loads one point after another.
pub(super) struct Loader<'l> {
    pub(super) files: &'l dyn Files,
    pub(super) path: &'l Path,
    pub(super) overrides: Overrides,
    pub(super) axes: &'l Axes,
    pub(super) lacks: Lacks,
    pub(super) inheritance: Inheritance,
    pub(super) traces: Traces,
    pub(super) report: &'l mut Report,
}

impl Loader<'_> {
    /// The scenario of a point; None with a mistake that leaves nothing to run.
    pub(super) fn point(&mut self, tree: &Node, point: &Point<'_>) -> Option<Scenario> {
        let mut tree = points::apply(tree, point);
        let lacks = self.lacks;
        chains::adopt_presets(&mut tree);
        let incomplete = self.inheritance.resolve(&mut tree, lacks, self.report);
        let mut parts = Parts::new(&tree, lacks, &incomplete, self.report);
        labelled::resolve(&mut parts, self.report);
        let root = self.path.parent().unwrap_or(Path::new(""));
        let replayed = replays::load(self.files, root, &mut parts.faults, self.report);
        let (trace, recorded) =
            self.traces
                .load(self.files, root, &mut parts.workload, self.report);
        let calls = trace.as_ref().map(|t| &t.said);
        cross::check(&parts, calls, self.report);
        sense::check(&parts, calls.map(|calls| &**calls), self.report);
        let compared = chains::compared(&parts, &tree, self.report);
        let names = names(&parts, &compared);
        let has_prices = parts.providers.iter().any(|(_, provider)| {
            let price = provider.value.as_ref().map(|config| config.price);
            !provider.knows("price") || price.is_some_and(|price| price != Default::default())
        });
        let compare = compare::meant(&parts.compare, &names, has_prices, self.report);
        let expectations = self.expectations(&mut tree, point, (&parts, &names));
        let bytes = trace.as_ref().map(|t| t.bytes.as_slice());
        let bytes = [bytes.unwrap_or_default(), &replayed, &recorded].concat();
        let text = |(axis, value): &(&Axis, &Node)| (axis.text.clone(), points::plain(value));
        let name = stem(self.path);
        let run = parts.run.value?;
        let meta = parts.meta.value?;
        let scenario = Scenario {
            name: format!("{name}{}", points::suffix(point)),
            file: self.path.display().to_string(),
            hash: hash::hash(&tree, &bytes),
            inputs: hash::bytes(&bytes),
            resolved: resolved::print(&tree),
            title: if meta.title.is_empty() {
                name
            } else {
                meta.title
            },
            why: meta.why,
            run: Run {
                duration: run.duration,
                warm_up: run.warm_up,
                replications: run.replications,
                seed: self.overrides.seed.unwrap_or(run.seed),
            },
            compare: compare?,
            workload: parts.workload.value?,
            providers: named(parts.providers)?,
            pools: named(parts.pools)?,
            faults: parts
                .faults
                .into_iter()
                .map(|fault| fault.value)
                .collect::<Option<_>>()?,
            policies: compared.policies?,
            expectations,
            trace: trace.map(|t| t.said),
            point: point.iter().map(text).collect(),
            warnings: Vec::new(),
        };
        too_many_scopes(&scenario, self.report);
        Some(scenario)
    }

    /// The expectations that are about a point.
    fn expectations(
        &mut self,
        tree: &mut Node,
        point: &Point<'_>,
        (parts, names): (&Parts, &expect::Names<'_>),
    ) -> Vec<super::model::Expect> {
        let mut at = At {
            axes: self.axes,
            report: self.report,
        };
        let here = at.expectations(tree, point);
        let mut expectations = Vec::new();
        for (typed, here) in parts.expectations.iter().zip(here) {
            let meant = expect::meant(typed, names, self.report);
            expectations.extend(meant.filter(|_| here));
        }
        expectations
    }
}

/// Notes more parts of the calls than can be counted by themselves.
fn too_many_scopes(scenario: &Scenario, report: &mut Report) {
    let counted = scopes(scenario).len();
    if counted > MAX_SCOPES {
        let title = format!("{counted} parts of the calls are counted by themselves");
        let help = format!(
            "{MAX_SCOPES} are the most: faults, priorities, and what expectations ask for with \
             `after`, `tenant` or several of these; ask for fewer"
        );
        report.push(Diagnostic::whole(title).help(help));
    }
}

fn names<'a>(parts: &'a Parts, compared: &'a chains::Compared) -> expect::Names<'a> {
    let mut lacks = parts.lacks;
    let mut faults: Vec<&str> = Vec::new();
    for fault in &parts.faults {
        // A fault with a mistake elsewhere still has its name.
        let name = fault.unit.written("name").and_then(Node::text);
        lacks.faults |= name.is_none();
        faults.extend(name.filter(|name| !faults.contains(name)));
    }
    let run = parts.run.value.as_ref();
    let run = run.filter(|_| parts.run.knows("replications"));
    let workload = parts.workload.value.as_ref();
    let priorities = workload.filter(|_| parts.workload.knows("priority"));
    let priorities = priorities.map(|workload| workload.priorities().collect());
    let workload = workload.filter(|_| parts.workload.knows("deadline"));
    let times = faults_times(parts);
    let chains = compared.policies.as_ref();
    let chains = chains.map(|policies| policies.iter().map(layers).collect());
    let tenants = parts.workload.value.as_ref();
    let tenants = tenants.filter(|_| parts.workload.knows("tenant"));
    let tenants = tenants.map(|workload| workload.tenant.keys().map(String::as_str).collect());
    expect::Names {
        policies: compared.names.iter().map(String::as_str).collect(),
        faults,
        times,
        tenants,
        chains,
        priorities,
        replications: run.map(|run| run.replications),
        deadline: workload.and_then(|workload| workload.deadline),
        lacks,
    }
}

/// A policy and the layers it has, if it is a chain.
fn layers((name, config): &(String, crate::policy::Config)) -> (&str, Vec<&str>) {
    let layers = config.chain.iter().map(|layer| layer.name.as_str());
    (name, layers.collect())
}

/// When each fault is on, and the length of the run; None if anything of that is not known.
fn faults_times(parts: &Parts) -> Option<(Vec<FaultTime<'_>>, u64)> {
    let run = parts.run.value.as_ref();
    let run = run.filter(|_| parts.run.knows("duration"))?;
    let known = |fault: &super::typing::Typed<crate::fault::Config>| {
        ["name", "at", "for", "schedule"]
            .iter()
            .all(|key| fault.unit.knows_key(key))
    };
    let time = |fault| {
        let fault: &super::typing::Typed<crate::fault::Config> = fault;
        let config = fault.value.as_ref().filter(|_| known(fault))?;
        let (from, to) = (config.from().0, config.to().0);
        Some((config.name.as_str(), from, to, config.schedule.is_drawn()))
    };
    let times = parts.faults.iter().map(time).collect::<Option<Vec<_>>>()?;
    Some((times, run.duration.0))
}

fn named<T>(members: Vec<(String, super::typing::Typed<T>)>) -> Option<Vec<(String, T)>> {
    let value = |(name, typed): (String, super::typing::Typed<T>)| Some((name, typed.value?));
    members.into_iter().map(value).collect()
}

/// The file's name without its ending, safe as the name of a directory.
pub(super) fn stem(path: &Path) -> String {
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    let safe = points::safe(&stem.unwrap_or_default());
    match safe.trim_start_matches('.') {
        "" => "scenario".into(),
        safe => safe.into(),
    }
}

/// The warnings about a point.
fn sentences(diagnostics: &Diagnostics, point: usize) -> Vec<String> {
    let sentence = |d: &Diagnostic| {
        let place = diagnostics.place(d.place);
        format!("{}: {} ({place})", d.title, d.label)
    };
    let about = |d: &&Diagnostic| d.points.is_empty() || d.points.contains(&point);
    let warnings = diagnostics.warnings().filter(about);
    warnings.map(sentence).collect()
}
