//! `[meta]`, `[run]` and `[compare]`: the frame, as written and as meant.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::expect::Names;
use super::metric_names::unknown_metric;
use super::model::{Compare, default_min_effect};
use super::phrases::with_names;
use super::quantity::Quantity;
use super::report::Report;
use super::typing::Typed;
use super::words::Unit;
use crate::base::{Check, Duration};
use crate::record::metric::Metric;
use crate::record::results::MinEffect;

/// `[meta]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct Meta {
    /// The question.
    pub title: String,
    /// Why it matters.
    pub why: String,
}

/// `[run]`, without `vary`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Run {
    /// Length of the run, warm-up included.
    pub duration: Duration,
    /// Its first part, whose calls do not count.
    #[serde(default)]
    pub warm_up: Duration,
    /// Runs per policy.
    #[serde(default = "thirty_two")]
    pub replications: u32,
    /// The seed.
    #[serde(default = "one")]
    pub seed: u64,
}

fn thirty_two() -> u32 {
    32
}

fn one() -> u64 {
    1
}

/// The most replications of a run.
pub const MAX_REPLICATIONS: u32 = 100_000;

/// Ten years of virtual time.
const MAX_DURATION: Duration = Duration::from_s(10 * 366 * 86_400);

impl Run {
    /// Notes what makes no sense.
    pub(super) fn check(&self, check: &mut Check) {
        if self.duration.is_zero() || self.duration > MAX_DURATION {
            check
                .mistake(
                    "duration",
                    "an absurd length of a run",
                    "not between 0 and 10 years",
                )
                .help("minutes to hours show most effects; raise `replications` for precision");
        } else if self.warm_up >= self.duration {
            let path = check.path("duration");
            check
                .mistake(
                    "warm-up",
                    "nothing is left after the warm-up",
                    "not shorter than the run",
                )
                .also(path, format!("the run lasts {}", self.duration))
                .help("the warm-up is a part of `duration`");
        }
        if !(1..=MAX_REPLICATIONS).contains(&self.replications) {
            check
                .mistake(
                    "replications",
                    "an absurd number of replications",
                    "not 1 to 100 000",
                )
                .value_alone()
                .help("32 is the default; 60 and more show small effects");
        }
    }
}

/// `[compare]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct Written {
    baseline: Option<String>,
    /// Layers of chains that are compared by themselves too.
    pub(super) also: Vec<String>,
    metrics: Option<Vec<String>>,
    min_effect: BTreeMap<String, Quantity>,
}

/// What gets verdicts if the file does not say; the last only where something has a price.
const DEFAULT_METRICS: [&str; 3] = [
    "success_ratio",
    "latency_good_ms_p99",
    "cost_usd_per_success",
];

/// What a comparison means; every mistake in it is reported.
pub(super) fn meant(
    typed: &Typed<Written>,
    names: &Names<'_>,
    has_prices: bool,
    report: &mut Report,
) -> Option<Compare> {
    let written = typed.value.as_ref()?;
    let unit = &typed.unit;
    if let Some(name) = &written.baseline
        && !names.policies.contains(&name.as_str())
        && !names.lacks.policies
    {
        let title = format!("unknown policy `{name}`");
        let mistake = unit.value_mistake(&["baseline"], title, "no such policy");
        unit.push(
            &["baseline"],
            with_names(mistake, name, &names.policies),
            report,
        );
    }
    let metrics = metrics(written, unit, has_prices, report);
    let mut min_effect: BTreeMap<String, MinEffect> = metrics
        .iter()
        .map(|metric| (metric.name.to_string(), default_min_effect(metric)))
        .collect();
    let named = written.metrics.as_ref().map_or(metrics.len(), Vec::len);
    let knows_metrics = typed.knows("metrics") && named == metrics.len();
    for (name, quantity) in &written.min_effect {
        let path = &["min-effect", name.as_str()][..];
        let Some(metric) = Metric::named(name) else {
            let mistake = unknown_metric(unit, path, name, report);
            unit.push(path, mistake, report);
            continue;
        };
        if !min_effect.contains_key(name) && knows_metrics {
            let title = "a least effect that decides nothing";
            let mistake = unit.mistake(path, title, "this metric is not compared", report);
            let list: Vec<&str> = metrics.iter().map(|metric| metric.name).collect();
            let help = if list.is_empty() {
                "name metrics in `compare.metrics`: none of those there can be compared".to_owned()
            } else {
                format!("compared are {}: see `metrics`", list.join(", "))
            };
            unit.push(path, mistake.help(help), report);
        }
        if let Some(effect) = effect(unit, path, metric, quantity, report) {
            min_effect.insert(name.clone(), effect);
        }
    }
    let first = names.policies.first().map(|name| name.to_string());
    Some(Compare {
        baseline: written.baseline.clone().or(first)?,
        metrics,
        min_effect,
    })
}

fn metrics(
    written: &Written,
    unit: &Unit,
    has_prices: bool,
    report: &mut Report,
) -> Vec<&'static Metric> {
    let Some(names) = &written.metrics else {
        let wanted = |name: &&str| has_prices || !name.starts_with("cost");
        return DEFAULT_METRICS
            .iter()
            .copied()
            .filter(wanted)
            .filter_map(Metric::named)
            .collect();
    };
    if names.is_empty() && unit.knows_key("metrics") {
        let mistake = unit.mistake(&["metrics"], "a comparison of nothing", "empty", report);
        unit.push(&["metrics"], mistake.expected("names of metrics"), report);
    }
    let mut metrics: Vec<&'static Metric> = Vec::new();
    for (i, name) in names.iter().enumerate() {
        let place = i.to_string();
        let path = &["metrics", place.as_str()][..];
        match Metric::named(name) {
            Some(metric) if metrics.iter().any(|m| m.name == metric.name) => {
                let mistake = unit.mistake(path, "a metric named twice", "again here", report);
                unit.push(path, mistake, report);
            }
            Some(metric) => metrics.push(metric),
            None => {
                let mistake = unknown_metric(unit, path, name, report);
                unit.push(path, mistake, report);
            }
        }
    }
    metrics
}

/// A least effect: a percentage is of the baseline's value, anything else in the metric's unit.
pub(super) fn effect(
    unit: &Unit,
    path: &[&str],
    metric: &'static Metric,
    written: &Quantity,
    report: &mut Report,
) -> Option<MinEffect> {
    let (size, effect) = match written.percent() {
        Some(share) => (share, MinEffect::Relative(share)),
        None => {
            let size = quantity(unit, path, metric, written, report)?;
            (size, MinEffect::Absolute(size))
        }
    };
    if size > 0.0 {
        return Some(effect);
    }
    let mistake = unit.mistake(path, "a least effect of nothing", "not more than 0", report);
    let example = "a percentage of the baseline's value such as \"2%\", or a number in the \
                   metric's unit";
    unit.push(path, mistake.expected(example), report);
    None
}

/// A quantity in the metric's unit, or a mistake.
pub(super) fn quantity(
    unit: &Unit,
    path: &[&str],
    metric: &'static Metric,
    written: &Quantity,
    report: &mut Report,
) -> Option<f64> {
    match written.of(metric) {
        Ok(value) => Some(value),
        Err(wrong) => {
            let title = format!("this is no value of `{}`", metric.name);
            let mistake = unit.mistake(path, title, wrong.wrong, report);
            unit.push(path, mistake.expected(wrong.expected), report);
            None
        }
    }
}
