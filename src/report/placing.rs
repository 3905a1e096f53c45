//! Where every policy stands that the first sentence is not about, each in one place, and how those
//! that are better anywhere compare with the one that is named first.

use super::measure::{Measure, labels};
use super::number::list;
use super::reading::{Finding, Reading, in_order};
use super::sentence::Sentence;
use super::told::delta;
use crate::record::Results;
use crate::record::results::{Difference, Judgement};

/// A sentence names so many policies, and counts the rest.
const MOST: usize = 6;
/// So many are held against the one that is named first; the table and the charts have all.
const FINALISTS: usize = 3;

/// What a policy's verdicts say together.
/// From the best to what says least, as they are told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Better,
    Mixed { better: String, worse: String },
    WorseOn(String),
    Worse,
    Same,
    Open,
}

/// One sentence for each place that any policy has, the best place first, names as in the table.
pub(super) fn others(results: &Results, reading: &Reading<'_>) -> Vec<Sentence> {
    if matches!(reading.finding, Finding::Alone | Finding::TooFew) {
        return Vec::new();
    }
    let base = results.compare.baseline.as_str();
    let mut groups: Vec<(Place, Vec<&str>)> = Vec::new();
    for policy in in_order(results) {
        let name = policy.name.as_str();
        if name == base || Some(name) == reading.named(results) {
            continue;
        }
        let place = place(results, reading, name);
        match groups.iter_mut().find(|(other, _)| *other == place) {
            Some((_, names)) => names.push(name),
            None => groups.push((place, vec![name])),
        }
    }
    // The first sentence may have said it of all of them.
    groups.retain(|(place, _)| match reading.finding {
        Finding::BaselineHolds => *place != Place::Worse,
        Finding::Equivalent => *place != Place::Same,
        Finding::NothingShown => !matches!(place, Place::Same | Place::Open),
        _ => true,
    });
    groups.sort_by(|a, b| a.0.cmp(&b.0));
    groups
        .iter()
        .map(|(place, names)| say(place, names, base))
        .collect()
}

fn place(results: &Results, reading: &Reading<'_>, name: &str) -> Place {
    let on = |wanted| labels(&reading.on(results, name, wanted));
    let (better, worse) = (on(Judgement::Better), on(Judgement::Worse));
    if results.better_overall(name) == Some(true) {
        Place::Better
    } else if reading.worse.contains(&name) {
        Place::Worse
    } else if !better.is_empty() {
        Place::Mixed { better, worse }
    } else if !worse.is_empty() {
        Place::WorseOn(worse)
    } else if reading.equivalent.contains(&name) {
        Place::Same
    } else {
        Place::Open
    }
}

fn say(place: &Place, names: &[&str], base: &str) -> Sentence {
    let start = Sentence::default();
    let listed = |start: Sentence, words: String| named(start.say(words), names).say(".");
    match place {
        Place::Better => listed(start, "Better overall too: ".into()),
        Place::Mixed { better, worse } if worse.is_empty() => listed(
            start,
            format!("Better on {better}, a loss elsewhere not excluded: "),
        ),
        Place::Mixed { better, worse } => {
            listed(start, format!("Better on {better}, worse on {worse}: "))
        }
        Place::WorseOn(worse) => listed(start, format!("Worse on {worse}: ")),
        Place::Worse => listed(start, "Worse: ".into()),
        Place::Open => listed(start, "No difference shown: ".into()),
        Place::Same => {
            // Each to the baseline: of each other nothing is said.
            let verb = if names.len() == 1 { " is" } else { " are" };
            named(start, names)
                .say(format!("{verb} equivalent to "))
                .name(base)
                .say(".")
        }
    }
}

/// "a, b and c", or "a, b, c, d, e and 4 others".
fn named(sentence: Sentence, names: &[&str]) -> Sentence {
    let shown = if names.len() > MOST {
        MOST - 1
    } else {
        names.len()
    };
    let rest = names.len() - shown;
    let mut sentence = sentence;
    for (i, name) in names[..shown].iter().enumerate() {
        let between = match i {
            0 => "",
            _ if i + 1 == shown && rest == 0 => " and ",
            _ => ", ",
        };
        sentence = sentence.say(between).name(name);
    }
    if rest > 0 {
        sentence = sentence.say(format!(" and {rest} others"));
    }
    sentence
}

/// The others that are better anywhere, against the one that is named first; and why it is first.
pub(super) fn finals(results: &Results, reading: &Reading<'_>) -> Option<Sentence> {
    let leader = reading
        .named(results)
        .filter(|_| !results.finals.is_empty())?;
    let first = reading.headline.first()?;
    let mut sentence = Sentence::default()
        .say("Against ")
        .name(leader)
        .say(format!(", named first as the best on {}: ", first.label));
    let policies = in_order(results);
    let others = policies
        .iter()
        .filter(|p| results.finals.iter().any(|d| d.policy == p.name));
    for (i, policy) in others.take(FINALISTS).enumerate() {
        let between = if i > 0 { "; " } else { "" };
        sentence = sentence.say(between).name(&policy.name);
        sentence = sentence.say(format!(" ({})", against(results, reading, &policy.name)));
    }
    Some(sentence.say("."))
}

/// "p99 to a good answer −8.2 s [−8.6, −7.8] and cost …", or that nothing is shown.
fn against(results: &Results, reading: &Reading<'_>, name: &str) -> String {
    let shown = |measure: &Measure| {
        let d = results
            .finals
            .iter()
            .find(|d| d.policy == name && d.metric == measure.name)?;
        let decimals = measure.delta_decimals(d.value, d.interval);
        matters(d).then(|| {
            format!(
                "{} {} {}",
                measure.label,
                delta(results, measure, d),
                measure.interval(d.interval, decimals)
            )
        })
    };
    let parts: Vec<String> = reading.headline.iter().filter_map(shown).collect();
    if parts.is_empty() {
        "no difference that matters is shown".to_owned()
    } else {
        list(&parts)
    }
}

/// Whether an interval excludes zero and reaches beyond the least effect.
fn matters(d: &Difference) -> bool {
    let least = d.min_effect.unwrap_or(0.0);
    let above = d.interval[0].is_some_and(|lo| lo > 0.0);
    let below = d.interval[1].is_some_and(|hi| hi < 0.0);
    (above && d.interval[1].is_none_or(|hi| hi > least))
        || (below && d.interval[0].is_none_or(|lo| lo < -least))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::report::reading::read;

    fn texts(results: &Results) -> Vec<String> {
        let reading = read(results);
        others(results, &reading)
            .iter()
            .map(Sentence::text)
            .collect()
    }

    #[test]
    fn every_policy_has_one_place() {
        for (name, results) in fixture::all() {
            let reading = read(&results);
            let first = crate::report::sentence::headline(&results, &reading).text();
            let told = format!("{first} {}", texts(&results).join(" "));
            let counted = told.contains("other");
            for policy in &results.policies {
                assert!(counted || told.contains(&policy.name), "{name}: {told}");
            }
        }
    }

    #[test]
    fn better_here_and_worse_there_is_said_with_the_metrics() {
        let mut results = fixture::outage();
        for d in &mut results.differences {
            if d.policy == "breaker" && d.metric == "cost_usd_per_success" {
                d.verdict = Some(Judgement::Worse);
                d.interval = [Some(0.001), Some(0.002)];
            }
        }
        let texts = texts(&results);
        let wanted = "Better on success, worse on cost per 1\u{202f}000 successes: breaker.";
        assert!(texts.contains(&wanted.to_owned()), "{texts:?}");
    }

    #[test]
    fn finalists_are_told_by_what_the_interval_shows() {
        let mut results = fixture::outage();
        let d = |metric: &str, value: f64, half: f64| Difference {
            policy: "hedged </script><b>".into(),
            baseline: "breaker-failover".into(),
            metric: metric.into(),
            value,
            interval: [Some(value - half), Some(value + half)],
            min_effect: Some(0.0005),
            ..Difference::default()
        };
        results.finals = vec![
            d("latency_good_ms_p99", -8200.0, 400.0),
            d("success_ratio", 0.0001, 0.0002),
        ];
        let told = finals(&results, &read(&results)).unwrap().text();
        assert_eq!(
            told,
            "Against breaker-failover, named first as the best on success: hedged </script><b> \
             (p99 to a good answer −8.2\u{a0}s [−8.6, −7.8])."
        );
    }
}
