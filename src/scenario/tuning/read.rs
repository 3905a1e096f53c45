//! Reading a file for `squall tune` and the scenario files it names.

use std::path::Path;

use super::super::document;
use super::super::files::Files;
use super::super::lacks::{Lacks, ROOT};
use super::super::load::{Overrides, stem};
use super::super::phrases::with_names;
use super::super::report::{Diagnostic, Report};
use super::super::source::SourceMap;
use super::super::traces::Traces;
use super::super::tree::{Node, Value};
use super::super::tune::{At, Limit, Written, contradictions, parameters};
use super::super::typing::{Typed, typed};
use super::super::words::Unit;
use super::{Tuning, Weather};

/// What reads it.
pub(super) struct Reader<'f, 'r> {
    pub(super) files: &'f (dyn Files + Sync),
    pub(super) path: &'r Path,
    pub(super) report: &'r mut Report,
}

impl<'f> Reader<'f, '_> {
    /// All of it; None with mistakes that leave nothing to fly.
    pub(super) fn tuning(mut self, overrides: Overrides) -> Option<Tuning<'f>> {
        let document = document::read(self.files, self.path, self.report)?;
        let mut own = document.tree;
        let root = own.table_mut()?;
        let Some(mut table) = root.remove("tune") else {
            let mistake = Diagnostic::whole("the file has no [tune]");
            let help = "add [tune] with policy, vary, minimize and limits: `squall explain tune`";
            self.report.push(mistake.help(help));
            return None;
        };
        let policies = root.get("policy").cloned();
        let vary = table.table_mut().and_then(|table| table.remove("vary"));
        let mut unit = Unit::new(&["tune"], table);
        unit.other_keys = &["vary"];
        unit.incomplete = !document.whole;
        let mut typed: Typed<Written> = typed(unit, self.report);
        typed.examine(self.report, Written::check);
        let parameters = parameters(vary.as_ref(), self.report);
        if parameters.is_empty() && !self.report.has_mistakes() {
            let mistake = Diagnostic::whole("nothing may be moved");
            let example = "[tune.vary] with \"retry.attempts\" = { from = 1, to = 6 }";
            self.report.push(mistake.help(format!("add {example}")));
        }
        let written = typed.value.clone()?;
        let names: Vec<String> = policies
            .as_ref()
            .and_then(Node::table)
            .map(|table| table.keys().map(str::to_owned).collect())
            .unwrap_or_default();
        let rivals = self.rivals(&typed, &written, &names);
        let objective = written.objective(&typed, self.report);
        let limits = written.limits(&typed, self.report);
        contradictions(&limits, &typed, self.report);
        let baseline = self.baseline(&typed, &written, &rivals, &limits);
        if own.child("workload").is_none() {
            self.own_sections(&own, document.whole);
        }
        let said = self.said(&own);
        let weathers = self.weathers(own, policies, &written, &typed)?;
        let (title, seed) = self.question(said, weathers.first()?);
        let mut tuning = Tuning {
            name: stem(self.path),
            file: self.path.display().to_string(),
            title,
            seed: overrides.seed.unwrap_or(seed),
            policy: written.policy,
            rivals,
            baseline,
            parameters,
            objective: objective?,
            limits,
            combine: written.combine,
            budget: written.budget,
            certify: written.certify,
            weathers,
            files: self.files,
            sources: SourceMap::default(),
        };
        if !self.report.has_mistakes() {
            tuning.check_weathers(self.report);
        }
        if !self.report.has_mistakes() {
            tuning.check_parameters(self.report);
        }
        tuning.sources = self.report.sources.clone();
        Some(tuning)
    }

    /// The question and the seed: the file's own, or those of the first weather.
    fn question(&mut self, own: (Option<String>, Option<u64>), first: &Weather) -> (String, u64) {
        if let (Some(title), Some(seed)) = own {
            return (title, seed);
        }
        let (title, seed) = self.said(&first.tree);
        (
            own.0.or(title).unwrap_or_default(),
            own.1.or(seed).unwrap_or(1),
        )
    }

    /// A weather that is held out is none of those before it with another seed.
    fn differs(
        &mut self,
        all: &[Weather],
        found: &Weather,
        (typed, keys): (&Typed<Written>, &[&str]),
    ) {
        if let Some(same) = all.iter().find(|other| is_same(other, found)) {
            let title = format!("`{}` is the weather of `{}`", found.name, same.name);
            let label = "differs in the seed at most";
            let mistake = typed.unit.value_mistake(keys, title, label);
            let help =
                "a certificate that says anything is flown in weather of another kind or size";
            typed.unit.push(keys, mistake.help(help), self.report);
        }
    }

    /// What a file says of the question and the seed; wrong ones are mistakes.
    fn said(&mut self, tree: &Node) -> (Option<String>, Option<u64>) {
        let title = tree.find(&["meta", "title"].map(String::from));
        let seed = tree.find(&["run", "seed"].map(String::from));
        let text = title.and_then(Node::text).map(str::to_owned);
        let number = match seed.map(|node| &node.value) {
            Some(Value::Integer(seed)) => u64::try_from(*seed).ok(),
            _ => None,
        };
        if let Some(title) = title.filter(|_| text.is_none()) {
            let mistake = Diagnostic::error(title.span, "this is no title", "not a text");
            self.report.push(mistake.expected("a question in quotes"));
        }
        if let Some(seed) = seed.filter(|_| number.is_none()) {
            let mistake =
                Diagnostic::error(seed.span, "this is no seed", "not a whole number from 0");
            self.report.push(mistake.expected("seed = 1"));
        }
        (text, number)
    }

    /// A file without a workload is no weather, so nothing else would look at what else it says.
    fn own_sections(&mut self, own: &Node, whole: bool) {
        const KEYS: [&str; 3] = ["meta", "run", "policy"];
        let mut check = |node: &Node, known: &[&str], below: &str| {
            for (key, child) in node.table().into_iter().flat_map(|table| table.iter()) {
                if known.contains(&key) {
                    continue;
                }
                let title = match below == "the file" && ROOT.contains(&key) {
                    true => format!("`[{key}]` without a weather of its own"),
                    false => format!("unknown key `{key}`"),
                };
                let mistake = Diagnostic::error(child.key, title, "of no use here");
                let help = format!(
                    "a tuning without [workload] has its weather from tune.suite: {below} holds {} alone",
                    known.join(", ")
                );
                self.report.push(mistake.help(help));
            }
        };
        if !whole {
            return;
        }
        check(own, &KEYS, "the file");
        for (section, known) in [("meta", &["title", "why"][..]), ("run", &["seed"])] {
            if let Some(node) = own.child(section) {
                check(node, known, &format!("[{section}]"));
            }
        }
    }

    fn rivals(
        &mut self,
        typed: &Typed<Written>,
        written: &Written,
        names: &[String],
    ) -> Vec<String> {
        if !names.contains(&written.policy) {
            let title = format!("unknown policy `{}`", written.policy);
            let mistake = typed
                .unit
                .value_mistake(&["policy"], title, "no such policy");
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let mistake = with_names(mistake, &written.policy, &names);
            typed.unit.push(&["policy"], mistake, self.report);
        }
        let others = names.iter().filter(|name| **name != written.policy);
        others.cloned().collect()
    }

    fn baseline(
        &mut self,
        typed: &Typed<Written>,
        written: &Written,
        rivals: &[String],
        limits: &[Limit],
    ) -> Option<String> {
        let baseline = written.baseline.clone().or(rivals.first().cloned());
        let names: Vec<&str> = rivals.iter().map(String::as_str).collect();
        match &baseline {
            Some(name) if !rivals.contains(name) => {
                let title = format!("unknown policy `{name}`");
                let mistake = typed
                    .unit
                    .value_mistake(&["baseline"], title, "no other policy");
                typed.unit.push(
                    &["baseline"],
                    with_names(mistake, name, &names),
                    self.report,
                );
                None
            }
            None if limits.iter().any(|l| matches!(l.at, At::Times(_))) => {
                let title = "a multiple of nothing";
                let mistake = typed.unit.mistake(
                    &["limits"],
                    title,
                    "no policy to compare with",
                    self.report,
                );
                let help = "add the policy of today to the file; limits such as \"1.1x\" are of it";
                typed
                    .unit
                    .push(&["limits"], mistake.help(help), self.report);
                None
            }
            _ => baseline,
        }
    }

    /// The file's own weather if it has any, then the suite's, then those held out.
    fn weathers(
        &mut self,
        own: Node,
        policies: Option<Node>,
        written: &Written,
        typed: &Typed<Written>,
    ) -> Option<Vec<Weather>> {
        let mut all = Vec::new();
        let run = own.child("run").cloned();
        if own.child("workload").is_some() {
            all.push(weather(
                self.path,
                own,
                true,
                policies.clone(),
                None,
                false,
            )?);
        }
        let dir = self.path.parent().unwrap_or(Path::new("")).to_owned();
        let lists = [
            ("suite", &written.suite, false),
            ("held-out", &written.held_out, true),
        ];
        for (key, names, held_out) in lists {
            for (i, name) in names.iter().enumerate() {
                let place = i.to_string();
                let keys = [key, place.as_str()];
                let before = self.report.count();
                let path = dir.join(name);
                let read = document::read(self.files, &path, self.report);
                let found = read.and_then(|read| {
                    weather(
                        &path,
                        read.tree,
                        read.whole,
                        policies.clone(),
                        run.as_ref(),
                        held_out,
                    )
                });
                if found.is_none() && self.report.count() == before {
                    let mistake = typed
                        .unit
                        .value_mistake(&keys, "no scenario", "cannot be read");
                    typed.unit.push(&keys, mistake, self.report);
                }
                let Some(found) = found else { continue };
                if all.iter().any(|other: &Weather| other.name == found.name) {
                    let title = format!("two weathers are called `{}`", found.name);
                    let mistake = typed.unit.value_mistake(&keys, title, "again here");
                    let mistake = mistake.help("rename one of the files");
                    typed.unit.push(&keys, mistake, self.report);
                }
                if held_out {
                    self.differs(&all, &found, (typed, &keys));
                }
                all.push(found);
            }
        }
        if all.iter().all(|weather| weather.held_out) && !self.report.has_mistakes() {
            let mistake = Diagnostic::whole("there is no weather to tune in");
            let help = "name scenario files in tune.suite, or add [workload] and [provider.NAME]";
            self.report.push(mistake.help(help));
        }
        Some(all)
    }
}

/// Whether two weathers say the same but for their seed, their question and how often they are run.
fn is_same(a: &Weather, b: &Weather) -> bool {
    let bare = |weather: &Weather| {
        let mut tree = weather.tree.clone();
        for key in [&["meta"][..], &["run", "seed"], &["run", "replications"]] {
            let path: Vec<String> = key.iter().map(|key| key.to_string()).collect();
            tree.cut(&path);
        }
        tree
    };
    bare(a).value.same(&bare(b).value)
}

/// A weather from a scenario's tree: its policies and what is expected of them go, those of the tuning
/// come, and the seed is the tuning's.
fn weather(
    path: &Path,
    mut tree: Node,
    whole: bool,
    policies: Option<Node>,
    run: Option<&Node>,
    held_out: bool,
) -> Option<Weather> {
    for key in ["policy", "expect", "compare", "tune"] {
        tree.cut(&[key.to_owned()]);
    }
    tree.cut(&["run", "vary"].map(String::from));
    if let Some(policies) = policies {
        tree.table_mut()?.insert("policy", policies);
    }
    if let (Some(seed), Some(own)) = (
        run.and_then(|run| run.child("seed")),
        tree.table_mut().and_then(|root| root.get_mut("run")),
    ) {
        own.table_mut()?.insert("seed", seed.clone());
    }
    Some(Weather {
        name: stem(path),
        file: path.display().to_string(),
        held_out,
        path: path.to_owned(),
        lacks: Lacks::of(&tree, whole),
        tree,
        traces: Traces::default(),
    })
}
