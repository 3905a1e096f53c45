//! A file for `squall tune`: one policy that moves, others to be held against, and weathers.
//!
//! The weather and the traffic are those of the scenario files it names and, if it has a workload, its
//! own; the policies are its own everywhere. Each candidate is loaded as if its author had written it, so
//! everything that is checked in a scenario is checked of it too.

mod read;

use std::path::{Path, PathBuf};

use super::files::Files;
use super::inherit::Inheritance;
use super::lacks::Lacks;
use super::load::{Loader, Overrides};
use super::model::Scenario;
use super::points;
use super::report::{Diagnostic, Diagnostics, Report};
use super::resolved;
use super::source::SourceMap;
use super::traces::Traces;
use super::tree::{Node, Table, Value};
use super::tune::{Combine, Limit, Moves, Objective, Parameter};
use super::vary::Axes;

/// One weather with its traffic.
#[derive(Clone, Debug)]
pub struct Weather {
    /// The name of its file without the ending.
    pub name: String,
    /// Its file, as named.
    pub file: String,
    /// Whether only the certificate sees it.
    pub held_out: bool,
    path: PathBuf,
    tree: Node,
    lacks: Lacks,
    traces: Traces,
}

/// A tuning, checked.
#[derive(Clone)]
pub struct Tuning<'f> {
    /// The file's name without its ending.
    pub name: String,
    /// The file as the user gave it.
    pub file: String,
    /// The question.
    pub title: String,
    /// The seed.
    pub seed: u64,
    /// The policy that moves.
    pub policy: String,
    /// All other policies of the file.
    pub rivals: Vec<String>,
    /// The one that limits such as "1.1x" are multiples of: one of the rivals.
    pub baseline: Option<String>,
    /// What moves.
    pub parameters: Vec<Parameter>,
    /// What is to be reached.
    pub objective: Objective,
    /// What must hold.
    pub limits: Vec<Limit>,
    /// How the objectives of weathers become one.
    pub combine: Combine,
    /// Runs of the search and the selection.
    pub budget: u64,
    /// Replications of the certificate.
    pub certify: u32,
    /// The suite, then those held out.
    pub weathers: Vec<Weather>,
    files: &'f (dyn Files + Sync),
    sources: SourceMap,
}

/// A value of a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Setting {
    /// Within a range; durations in seconds.
    Number(f64),
    /// The place of a choice.
    Choice(usize),
}

/// Who flies.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// The policy that moves, with a setting for each parameter that applies.
    Tuned(&'a [Option<Setting>]),
    /// A policy of the file as written.
    Policy(&'a str),
}

/// Loads a file for `squall tune`.
///
/// # Errors
/// All mistakes of the file and of what it names.
pub fn load_tuning<'f>(
    files: &'f (dyn Files + Sync),
    path: &Path,
    overrides: Overrides,
) -> Result<Tuning<'f>, Diagnostics> {
    let mut report = Report::new(&path.display().to_string());
    let tuning = read::Reader {
        files,
        path,
        report: &mut report,
    }
    .tuning(overrides);
    match tuning {
        Some(tuning) if !report.has_mistakes() => Ok(tuning),
        _ => {
            if !report.has_mistakes() {
                report.push(Diagnostic::whole("this cannot be tuned"));
            }
            Err(report.finish())
        }
    }
}

impl Tuning<'_> {
    /// How many weathers the suite has; those held out come after them.
    pub fn suite(&self) -> usize {
        self.weathers
            .iter()
            .filter(|weather| !weather.held_out)
            .count()
    }

    /// A scenario of one weather and one policy; None if that policy cannot be flown there: its settings
    /// contradict each other.
    pub fn scenario(&self, weather: usize, who: Who<'_>) -> Option<Scenario> {
        let mut report = self.silent();
        let weather = &self.weathers[weather];
        let tree = self.tree(weather, who);
        let mut scenario = self
            .load(weather, &tree, weather.traces.clone(), &mut report)?
            .0;
        let name = match who {
            Who::Tuned(_) => &self.policy,
            Who::Policy(name) => name,
        };
        scenario.policies.retain(|(other, _)| other == name);
        (!report.has_mistakes()).then_some(scenario)
    }

    /// The tuned policy with everything it inherits, as a policy file.
    pub fn policy_file(&self, settings: &[Option<Setting>]) -> String {
        let mut report = self.silent();
        let Some(weather) = self.weathers.first() else {
            return String::new();
        };
        let mut tree = self.tree(weather, Who::Tuned(settings));
        Inheritance::default().resolve(&mut tree, weather.lacks, &mut report);
        let mut root = Node::new(tree.span, tree.span, Value::Table(Table::default()));
        let keys = ["policy", self.policy.as_str()].map(String::from);
        if let (Some(policy), Some(table)) = (tree.find(&keys), root.table_mut()) {
            let mut own = policy.clone();
            own.cut(&["extends".to_owned()]);
            own.cut(&["preset".to_owned()]);
            let mut policies = Table::default();
            policies.push(self.policy.clone(), own);
            let at = policy.key;
            table.push("policy", Node::new(at, at, Value::Table(policies)));
        }
        resolved::print(&root)
    }

    /// A setting as it is written.
    pub fn text(&self, parameter: usize, setting: Setting) -> String {
        match (&self.parameters[parameter].moves, setting) {
            (Moves::Range(range), Setting::Number(x)) => range.text(x),
            (Moves::Choice(labels), Setting::Choice(i)) => labels[i].clone(),
            (Moves::Range(_), Setting::Choice(i)) => i.to_string(),
            (Moves::Choice(_), Setting::Number(x)) => x.to_string(),
        }
    }

    /// A report that knows every text and is shown to nobody.
    fn silent(&self) -> Report {
        let mut report = Report::new(&self.file);
        report.sources = self.sources.clone();
        report
    }

    /// The tree of a weather with somebody's settings in it.
    fn tree(&self, weather: &Weather, who: Who<'_>) -> Node {
        let mut tree = weather.tree.clone();
        let Who::Tuned(settings) = who else {
            return tree;
        };
        for (parameter, setting) in self.parameters.iter().zip(settings) {
            let leaf = match (setting, &parameter.moves, &parameter.node.value) {
                (Some(Setting::Number(x)), Moves::Range(range), _) => {
                    range.node(*x, &parameter.node)
                }
                (Some(Setting::Choice(i)), _, Value::Array(choices)) => Node {
                    key: parameter.node.key,
                    ..choices[*i].clone()
                },
                _ => continue,
            };
            let above = ["policy".to_owned(), self.policy.clone()];
            points::put(&mut tree, &[&above[..], &parameter.path].concat(), leaf);
        }
        tree
    }

    fn load(
        &self,
        weather: &Weather,
        tree: &Node,
        traces: Traces,
        report: &mut Report,
    ) -> Option<(Scenario, Traces)> {
        let axes = Axes::default();
        let overrides = Overrides {
            seed: Some(self.seed),
            replications: None,
        };
        let mut loader = Loader {
            files: self.files,
            path: &weather.path,
            overrides,
            axes: &axes,
            lacks: weather.lacks,
            inheritance: Inheritance::default(),
            traces,
            report,
        };
        let scenario = loader.point(tree, &Vec::new())?;
        Some((scenario, loader.traces))
    }

    /// Loads each weather with all policies as written; its trace is kept.
    fn check_weathers(&mut self, report: &mut Report) {
        for place in 0..self.weathers.len() {
            let weather = &self.weathers[place];
            let loaded = self.load(weather, &weather.tree, Traces::default(), report);
            if let Some((_, traces)) = loaded {
                self.weathers[place].traces = traces;
            }
        }
    }

    /// Puts each parameter to both its ends and the middle, or to each choice, all others as they have
    /// to be for it to apply. If none of its values can be flown, says why the first cannot.
    fn check_parameters(&mut self, report: &mut Report) {
        self.sources = report.sources.clone();
        let weather = &self.weathers[0];
        for (place, parameter) in self.parameters.iter().enumerate() {
            let values: Vec<Setting> = match &parameter.moves {
                Moves::Choice(labels) => (0..labels.len()).map(Setting::Choice).collect(),
                Moves::Range(range) => {
                    let middle = range.from + (range.to - range.from) / 2.0;
                    let middle = if range.is_whole() {
                        middle.round()
                    } else {
                        middle
                    };
                    [range.from, range.to, middle].map(Setting::Number).to_vec()
                }
            };
            let is_choice = matches!(parameter.moves, Moves::Choice(_));
            let mut first: Option<Report> = None;
            let mut refused = 0;
            for value in &values {
                let mut settings: Vec<Option<Setting>> = vec![None; self.parameters.len()];
                self.require(place, &mut settings);
                settings[place] = Some(*value);
                let mut probe = self.silent();
                let tree = self.tree(weather, Who::Tuned(&settings));
                self.load(weather, &tree, weather.traces.clone(), &mut probe);
                if probe.has_mistakes() {
                    refused += 1;
                    first.get_or_insert(probe);
                }
            }
            // A choice that cannot be flown at all is a mistake by itself.
            if let Some(probe) = first.filter(|_| is_choice || refused == values.len()) {
                report.absorb(probe);
            }
        }
    }

    /// The choices under which a parameter applies.
    fn require(&self, place: usize, settings: &mut [Option<Setting>]) {
        for (choice, under) in &self.parameters[place].when {
            settings[*choice] = under.first().map(|&i| Setting::Choice(i));
            self.require(*choice, settings);
        }
    }
}
