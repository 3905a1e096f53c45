//! `layers`: policies that are chains of others, and what of them is compared.
//!
//! A layer is named by its policy. A preset that is named and that no policy of the file is called after
//! becomes a policy of the file, so that all that is said and checked of policies holds for it too.

use super::by_priority;
use super::parts::Parts;
use super::phrases::with_names;
use super::presets;
use super::report::{Report, Severity};
use super::tree::{Node, Table, Value};
use super::typing::Typed;
use crate::policy::layers::{Layer, MAX_LAYERS};
use crate::policy::monitor::watch::Subject;
use crate::policy::retry;
use crate::policy::{Config, fallback};

/// The keys that a policy with layers has, and no other.
const KEYS: [&str; 3] = ["layers", "layer", "layers-audit"];

/// The policies that are compared, in order.
#[derive(Debug)]
pub(super) struct Compared {
    /// Their names.
    pub names: Vec<String>,
    /// With their settings, chains whole; None if one of them could not be read.
    pub policies: Option<Vec<(String, Config)>>,
}

/// Makes the presets that are named as layers policies of the tree, after all others.
pub(super) fn adopt_presets(tree: &mut Node) {
    let Some(policies) = tree.table_mut().and_then(|root| root.get_mut("policy")) else {
        return;
    };
    let Some(table) = policies.table_mut() else {
        return;
    };
    let named = |(_, node): (&str, &Node)| {
        let layers = node.child("layers").and_then(Node::array);
        layers.map(<[Node]>::to_vec).unwrap_or_default()
    };
    let layers: Vec<Node> = table.iter().flat_map(named).collect();
    for layer in layers {
        let Some(name) = layer.text() else { continue };
        if table.get(name).is_some() || presets::find(name).is_none() {
            continue;
        }
        let mut policy = Table::default();
        policy.push("preset", layer.clone());
        let node = Node::new(layer.span, layer.span, Value::Table(policy));
        table.push(name, node);
    }
}

/// Puts chains together from their layers and says which policies are compared: all but those that are
/// layers, unless `compare.also` names them.
pub(super) fn compared(parts: &Parts, tree: &Node, report: &mut Report) -> Compared {
    let also = parts
        .compare
        .value
        .as_ref()
        .map(|written| &written.also[..]);
    let also = also.unwrap_or_default();
    let layers: Vec<&String> = parts
        .policies
        .iter()
        .filter_map(|(_, policy)| policy.value.as_ref())
        .flat_map(|config| &config.layers)
        .collect();
    check_also(parts, &layers, report);
    let mut names = Vec::new();
    let mut policies = Some(Vec::new());
    for (name, policy) in &parts.policies {
        check_emptiness(policy, report);
        if layers.contains(&name) && !also.contains(name) {
            // Not compared, and so not put together; chains that name each other would all vanish.
            if let Some(config) = policy.value.as_ref().filter(|config| config.is_chain()) {
                check(parts, tree, (name, policy), config, report);
            }
            continue;
        }
        let whole = match &policy.value {
            Some(config) if config.is_chain() => chain(parts, tree, (name, policy), report),
            config => config.clone(),
        };
        names.push(name.clone());
        let audited = whole.as_ref().filter(|config| config.layers_audit);
        let others = audited
            .map(|config| without(name, config))
            .unwrap_or_default();
        match (&mut policies, whole) {
            (Some(all), Some(config)) => all.push((name.clone(), config)),
            (all, _) => *all = None,
        }
        for (other, config) in others {
            if parts.policies.iter().any(|(name, _)| *name == other) {
                continue;
            }
            names.push(other.clone());
            if let Some(all) = &mut policies {
                all.push((other, config));
            }
        }
    }
    Compared { names, policies }
}

/// Notes a chain of nothing.
fn check_emptiness(policy: &Typed<Config>, report: &mut Report) {
    let written = policy.unit.node.child("layers").and_then(Node::array);
    if written.is_some_and(<[Node]>::is_empty) {
        let unit = &policy.unit;
        let mistake = unit.value_mistake(&["layers"], "a chain without layers", "is empty");
        let help = "name the policies it is made of, the outermost first, or leave `layers` out";
        unit.push(&["layers"], mistake.help(help), report);
    }
}

/// A chain with its layers; None if one of them is not there.
fn chain(
    parts: &Parts,
    tree: &Node,
    (name, policy): (&str, &Typed<Config>),
    report: &mut Report,
) -> Option<Config> {
    let config = policy.value.as_ref()?;
    check(parts, tree, (name, policy), config, report);
    let layer = |name: &String| {
        let (_, policy) = parts.policies.iter().find(|(other, _)| other == name)?;
        Some(Layer {
            name: name.clone(),
            config: policy.value.clone().filter(|config| !config.is_chain())?,
            place: config.layer.get(name).copied().unwrap_or_default(),
        })
    };
    let whole = Config {
        chain: config.layers.iter().map(layer).collect::<Option<_>>()?,
        ..config.clone()
    };
    check_tries(policy, &whole, report);
    Some(whole)
}

/// Notes more tries of one call than have a number. Of layers that retry without end time is the bound.
fn check_tries(policy: &Typed<Config>, whole: &Config, report: &mut Report) {
    let attempts = whole.chain.iter().map(|layer| layer.config.most_attempts());
    let bounded = attempts.filter(|n| *n != retry::UNLIMITED);
    let most = bounded.fold(1u64, |all, n| all.saturating_mul(u64::from(n)));
    if most > u64::from(u16::MAX) {
        let (title, path) = ("more tries of one call than are counted", ["layers"]);
        let label = format!("{most} in an outage");
        let mistake = policy.unit.value_mistake(&path, title, &label);
        let help = "a chain tries a call at most 65 535 times: let fewer of its layers retry";
        policy.unit.push(&path, mistake.help(help), report);
    }
}

/// The same chain without each of its layers that retry: that layer passes every call on once.
fn without(name: &str, config: &Config) -> Vec<(String, Config)> {
    let retrying = config.chain.iter().enumerate();
    let retrying = retrying.filter(|(_, layer)| layer.config.most_attempts() > 1);
    let one = |(place, layer): (usize, &Layer)| {
        let mut other = config.clone();
        other.layers_audit = false;
        other.chain[place].config = layer.config.passing_on();
        (config.name_without(name, place), other)
    };
    retrying.map(one).collect()
}

/// Notes what cannot be a chain, and what of it does nothing.
fn check(
    parts: &Parts,
    tree: &Node,
    (name, policy): (&str, &Typed<Config>),
    config: &Config,
    report: &mut Report,
) {
    let unit = &policy.unit;
    let keys = unit.node.table().into_iter().flat_map(Table::keys);
    let mut others: Vec<&str> = keys.filter(|key| !KEYS.contains(key)).collect();
    if by_priority::differs_in(tree, name) {
        others.push(by_priority::KEY);
    }
    for key in others {
        let title = "a policy with `layers` has no settings of its own";
        let mistake = unit.key_mistake(&[key], title, "no layer's setting", report);
        let help =
            format!("write `{key}` for one of its layers: [policy.NAME], and NAME in `layers`");
        unit.push(&[key], mistake.help(help), report);
    }
    if let Some(place) = (config.layers.len() > MAX_LAYERS).then(|| MAX_LAYERS.to_string()) {
        let path = ["layers", place.as_str()];
        let title = format!("a chain of more than {MAX_LAYERS} layers");
        let mistake = unit.value_mistake(&path, title, "one too many");
        unit.push(&path, mistake.help("name those that retry or wait"), report);
    }
    let known: Vec<&str> = parts.policies.iter().map(|(n, _)| n.as_str()).collect();
    for (place, layer) in config.layers.iter().enumerate() {
        let number = place.to_string();
        let path = ["layers", number.as_str()];
        let found = parts.policies.iter().find(|(other, _)| other == layer);
        let Some((_, found)) = found else {
            if !parts.lacks.policies {
                let title = format!("unknown layer `{layer}`");
                let mistake = unit.value_mistake(&path, title, "no such policy, and no preset");
                let names: Vec<&str> = known.iter().copied().chain(presets::names()).collect();
                unit.push(&path, with_names(mistake, layer, &names), report);
            }
            continue;
        };
        let Some(inner) = &found.value else { continue };
        if inner.is_chain() {
            let mistake = unit.value_mistake(&path, "a chain within a chain", "has layers itself");
            let help = format!("write the layers of `{layer}` here");
            unit.push(&path, mistake.help(help), report);
        }
        let of = Of {
            place,
            last: place + 1 == config.layers.len(),
        };
        of.check(inner, layer, policy, report);
    }
    routes(parts, policy, config, report);
    unused(policy, config, report);
    multiplies(parts, policy, config, report);
}

/// Attempts of one call that nobody means.
const ABSURD_ATTEMPTS: u64 = 10_000;

/// Warns of layers whose attempts come to more than anybody means, if every one of them fails.
fn multiplies(parts: &Parts, policy: &Typed<Config>, config: &Config, report: &mut Report) {
    let of = |layer: &String| {
        let (_, found) = parts.policies.iter().find(|(name, _)| name == layer)?;
        // Without an end is a matter of deadlines and budgets, and of no product.
        let most = u64::from(found.value.as_ref()?.most_attempts());
        (most < u64::from(u16::MAX)).then_some(most)
    };
    let product = |all: u64, layer| all.saturating_mul(of(layer).unwrap_or(1));
    let most = config.layers.iter().fold(1, product);
    if most > ABSURD_ATTEMPTS {
        let unit = &policy.unit;
        let label = format!("up to {most} attempts of one call");
        let title = "retries of layers multiply";
        let mut warning = unit.value_mistake(&["layers"], title, label);
        warning.severity = Severity::Warning;
        let help =
            "let one layer retry, or give it a budget; `layers-audit = true` shows which matters";
        unit.push(&["layers"], warning.help(help), report);
    }
}

/// Where in its chain a layer stands.
struct Of {
    place: usize,
    last: bool,
}

impl Of {
    /// Notes what a layer cannot do where it stands.
    fn check(&self, inner: &Config, name: &str, policy: &Typed<Config>, report: &mut Report) {
        let unit = &policy.unit;
        let number = self.place.to_string();
        let path = ["layers", number.as_str()];
        let defers = |config: &Config| {
            let mut kinds = config.fallback.0.iter();
            kinds.any(|kind| matches!(kind, fallback::Config::Defer(_)))
        };
        if self.place > 0 && (defers(inner) || inner.priority.values().any(defers)) {
            let title = "only the outermost layer can put calls off";
            let mistake = unit.value_mistake(&path, title, "has `fallback.defer`");
            let help = "take `fallback.defer` out of it, or give it to the first of `layers`";
            unit.push(&path, mistake.help(help), report);
        }
        let embeds = |config: &Config| {
            let mut watches = config.monitor.values();
            watches.any(|watch| watch.watch == Subject::Embedding)
        };
        if !self.last && (embeds(inner) || inner.priority.values().any(embeds)) {
            let title = "only the innermost layer can watch embeddings";
            let mistake = unit.value_mistake(&path, title, "has a monitor of embeddings");
            let help =
                "give the monitor to the last of `layers`, which sees the provider's answers";
            unit.push(&path, mistake.help(help), report);
        }
        if self.place == 0 {
            let path = ["layer", name, "processes"];
            if unit.node.find(&path.map(String::from)).is_some() {
                let title = "the processes of the outermost layer are the workload's";
                let mistake = unit.mistake(&path, title, "counted twice", report);
                let help = "set `workload.processes`, and leave this out";
                unit.push(&path, mistake.help(help), report);
            }
        }
    }
}

/// Warns about routes that choose nothing.
fn routes(parts: &Parts, policy: &Typed<Config>, config: &Config, report: &mut Report) {
    let asked = |name: &String| {
        let (_, found) = parts.policies.iter().find(|(other, _)| other == name)?;
        let config = found.value.as_ref()?;
        Some((parts.asked_by(config).len(), config.route.endpoints().len()))
    };
    let all: Vec<_> = config.layers.iter().map(asked).collect();
    let chooser = all
        .iter()
        .rposition(|asked| asked.is_some_and(|(n, _)| n > 1));
    let Some(chooser) = chooser else { return };
    for (place, asked) in all.iter().enumerate() {
        let (title, label) = match asked {
            Some((_, named)) if place < chooser && *named > 1 => (
                "this layer chooses nothing",
                format!(
                    "`{}`, behind it, chooses the provider",
                    config.layers[chooser]
                ),
            ),
            Some((_, 1)) if place > chooser => (
                "this layer asks one provider whatever it is asked for",
                format!(
                    "`{}`, before it, chooses among several",
                    config.layers[chooser]
                ),
            ),
            _ => continue,
        };
        let number = place.to_string();
        let path = ["layers", number.as_str()];
        let mut warning = policy.unit.value_mistake(&path, title, label);
        warning.severity = Severity::Warning;
        warning = warning.help(match place < chooser {
            true => "what it routes to is one service: name no endpoints in its `route`",
            false => "leave the name out of its `route.single`, and it asks what it is asked for",
        });
        policy.unit.push(&path, warning, report);
    }
}

/// Warns about what is written of layers and does nothing.
fn unused(policy: &Typed<Config>, config: &Config, report: &mut Report) {
    let unit = &policy.unit;
    let mut warn = |path: &[&str], title: &str, label: &str, help: &str| {
        let mut warning = unit.mistake(path, title, label, report).help(help);
        warning.severity = Severity::Warning;
        unit.push(path, warning, report);
    };
    let written = |name: &str, key: &str| {
        let path = ["layer", name, key].map(String::from);
        unit.node.find(&path).is_some()
    };
    for name in config.layer.keys() {
        if !config.layers.contains(name) {
            let title = "settings of a layer that is not there";
            warn(
                &["layer", name],
                title,
                "in no `layers`",
                "add its name to `layers`",
            );
            continue;
        }
        let only = |place: Option<&String>| {
            place == Some(name) && config.layers.iter().filter(|n| *n == name).count() == 1
        };
        if only(config.layers.last()) && written(name, "network") {
            let help = "the way to a provider is its own: `provider.NAME.network`";
            let title = "there is no next layer";
            warn(&["layer", name, "network"], title, "leads nowhere", help);
        }
        if only(config.layers.first()) && written(name, "abort") {
            let help = "it is about callers that go away: set it for a layer behind this one";
            let title = "nobody calls the outermost layer and goes away";
            warn(&["layer", name, "abort"], title, "never happens", help);
        }
    }
    let audits = config.layers_audit && config.layers.len() < 2;
    if audits {
        let title = "there is nothing to audit";
        let help = "an audit tells which of several layers to switch off";
        warn(&["layers-audit"], title, "one layer", help);
    }
}

/// Notes names in `compare.also` that are no layers.
fn check_also(parts: &Parts, layers: &[&String], report: &mut Report) {
    let Some(written) = &parts.compare.value else {
        return;
    };
    let unit = &parts.compare.unit;
    for (place, name) in written.also.iter().enumerate() {
        if layers.contains(&name) || parts.lacks.policies {
            continue;
        }
        let number = place.to_string();
        let path = ["also", number.as_str()];
        let title = format!("`{name}` is no layer");
        let mistake = unit.value_mistake(&path, title, "in no `layers`");
        let help = "every other policy is compared anyhow: leave it out";
        unit.push(&path, mistake.help(help), report);
    }
}

#[cfg(test)]
mod tests;
