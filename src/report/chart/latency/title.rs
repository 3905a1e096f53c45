//! The title: whose p99 is shorter or longer than that of the baseline.

use super::P99;
use crate::record::results::Judgement;
use crate::report::chart::Scene;
use crate::report::measure::Measure;
use crate::report::number::{list, some};
use crate::report::reading::judgement;

/// What the p99s of all policies are shown to be beside the one of the baseline.
pub(super) fn write(scene: &Scene<'_>) -> String {
    let results = scene.results;
    let names = |wanted: Judgement| -> Vec<&str> {
        let names = scene.looks.iter().map(|look| look.policy.name.as_str());
        names
            .filter(|name| judgement(results, name, P99) == Some(wanted))
            .collect()
    };
    let judged = scene
        .looks
        .iter()
        .any(|look| judgement(results, &look.policy.name, P99).is_some());
    let (better, worse) = (names(Judgement::Better), names(Judgement::Worse));
    let base = &results.compare.baseline;
    let verb = |names: &[&str], one: &str, many: &str| {
        format!(
            "{} {}",
            some(names),
            if names.len() == 1 { one } else { many }
        )
    };
    match (better.as_slice(), worse.as_slice()) {
        ([], []) if judged => format!("No p99 is shown to differ from that of {base}"),
        ([], []) => figures(scene),
        (better, []) => verb(better, "has", "have") + &format!(" a shorter p99 than {base}"),
        ([], worse) => verb(worse, "has", "have") + &format!(" a longer p99 than {base}"),
        (better, worse) => {
            let shorter = verb(better, "has", "have");
            format!(
                "{shorter} a shorter p99 than {base}, {} a longer one",
                some(worse)
            )
        }
    }
}

/// The p99s as they are, where no verdict is to be had.
fn figures(scene: &Scene<'_>) -> String {
    let measure = Measure::of(scene.results, P99);
    let values: Vec<String> = scene
        .looks
        .iter()
        .filter_map(|look| {
            let estimate = look.policy.metrics.get(P99)?;
            Some(format!(
                "{} ({})",
                measure.value(estimate),
                look.policy.name
            ))
        })
        .collect();
    match values.as_slice() {
        [] => "Time to a good answer".to_owned(),
        few @ ([_] | [_, _] | [_, _, _]) => format!("p99 to a good answer: {}", list(few)),
        _ => "Time to a good answer, policy by policy".to_owned(),
    }
}
