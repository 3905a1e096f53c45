//! What a tuning comes to, in sentences: whether the limits can be met, whether they are on weather that
//! nobody tuned for, and what it costs against the policies of the file.

use crate::experiment::words::amount;
use crate::record::metric::Metric;
use crate::record::results::{Estimate, Outcome};
use crate::record::tuning::{Certified, Miss, Tuned};

/// The sentences, the most important first: what the certificate says comes before how it was come by.
pub(super) fn sentences(tuned: &Tuned) -> Vec<String> {
    let mut all = Vec::new();
    if !tuned.feasible {
        all.push(nothing(tuned));
    }
    all.extend(certificate(tuned, &tuned.policy));
    if tuned.feasible {
        all.push(selection(tuned));
    }
    for policy in rivals(tuned) {
        all.extend(certificate(tuned, policy));
        all.extend(against(tuned, policy));
    }
    all.extend(binding(tuned));
    if !tuned.weathers.iter().any(|weather| weather.held_out) {
        let text = "No weather was held out (`held-out`): nothing here says how this does in weather of \
                    another kind or size.";
        all.push(text.to_owned());
    }
    all
}

/// Misses that a sentence can hold; the table has all.
const MOST_MISSES: usize = 3;

fn first_few(misses: &[String]) -> String {
    let told = misses[..misses.len().min(MOST_MISSES)].join("; ");
    match misses.len().saturating_sub(MOST_MISSES) {
        0 => told,
        more => format!("{told}; and {more} more"),
    }
}

/// The other policies, in order of the file.
fn rivals(tuned: &Tuned) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for row in &tuned.certificate {
        if row.policy != tuned.policy && !names.contains(&row.policy.as_str()) {
            names.push(&row.policy);
        }
    }
    names
}

fn selection(tuned: &Tuned) -> String {
    let weathers = many(suite(tuned), "weather");
    let fails = match tuned.holds() {
        true => "",
        false => " The certificate does not confirm that everywhere: it is no recommendation.",
    };
    match tuned.limits.len() {
        0 => format!(
            "There is no limit: `{}` is the best by the objective alone.",
            tuned.policy
        ),
        n => format!(
            "`{}` meets {} in {weathers} of the selection.{fails}",
            tuned.policy,
            many(n, "limit")
        ),
    }
}

fn suite(tuned: &Tuned) -> usize {
    let suite = tuned.weathers.iter().filter(|weather| !weather.held_out);
    suite.count()
}

/// Why nothing was selected: because what was found fails, or because nothing is shown of it.
fn nothing(tuned: &Tuned) -> String {
    let weathers = many(suite(tuned), "weather");
    let Some(first) = tuned
        .finalists
        .first()
        .filter(|first| first.objective.is_some())
    else {
        return "None of the settings in these ranges can be flown.".to_owned();
    };
    let nearest = "What stands below is the nearest; it is no recommendation.";
    let missed = |outcome: Outcome| -> Vec<String> {
        let misses = first.misses.iter().filter(|miss| miss.outcome == outcome);
        misses.map(|miss| of_miss(tuned, miss)).collect()
    };
    let failing = tuned
        .finalists
        .iter()
        .filter(|f| f.outcome == Outcome::Failed);
    if failing.count() == tuned.finalists.len() {
        return format!(
            "Nothing that was found in these ranges meets every limit in {weathers}: even the nearest is beyond \
             {}. {nearest}",
            first_few(&missed(Outcome::Failed))
        );
    }
    let unknown = tuned
        .finalists
        .iter()
        .find(|f| f.outcome == Outcome::NotShown);
    let misses = unknown.map_or(&[][..], |finalist| &finalist.misses);
    let told: Vec<String> = misses.iter().map(|miss| of_miss(tuned, miss)).collect();
    let needs = misses
        .iter()
        .map(|miss| miss.needs)
        .collect::<Option<Vec<u64>>>();
    let needs = needs.and_then(|all| all.into_iter().max()).map_or(String::new(), |needs| {
        let number = (tuned.finalists.len() * suite(tuned)) as f64;
        // A third of the budget is the selection's.
        let budget = format!("{:.1e}", needs as f64 * number / 0.33).parse::<f64>();
        format!(
            " If all stays as it was measured, {needs} runs of a candidate in each weather would show it: a \
             budget of about {:.0}.",
            budget.unwrap_or_default()
        )
    });
    format!(
        "Nothing that was found in these ranges is shown to meet every limit in {weathers}, and nothing shows that \
         none does. Not shown is {}.{needs} {nearest}",
        first_few(&told)
    )
}

fn of_miss(tuned: &Tuned, miss: &Miss) -> String {
    let metric = Metric::named(&miss.metric);
    let unit = metric.map_or("", |metric| metric.unit);
    let limit = tuned
        .limits
        .iter()
        .find(|limit| limit.metric == miss.metric);
    let limit = limit.map_or("", |limit| limit.text.as_str());
    let value = estimated(miss.estimate.as_ref(), miss.needs, unit);
    format!("{}: {} {value}, limit {limit}", miss.weather, miss.metric)
}

/// A value as a sentence says it.
fn estimated(estimate: Option<&Estimate>, needs: Option<u64>, unit: &str) -> String {
    match (estimate, needs) {
        (None, Some(needs)) => format!("stands on too few calls (it takes {needs} runs)"),
        (None, None) => "does not apply".to_owned(),
        (Some(estimate), _) => {
            let least = if estimate.at_horizon { "≥ " } else { "" };
            format!("{least}{}", rough(estimate.value, unit))
        }
    }
}

fn many(n: usize, what: &str) -> String {
    match n {
        1 => format!("its one {what}"),
        n => format!("all {n} {what}s"),
    }
}

/// Where a policy meets its limits and where not, on the certificate's replications.
fn certificate(tuned: &Tuned, policy: &str) -> Option<String> {
    let rows = rows(tuned, policy);
    let misses: Vec<String> = rows.iter().flat_map(|row| misses(tuned, row)).collect();
    let locked: u64 = rows.iter().map(|row| row.locked).sum();
    let first = rows.first()?;
    let held_out = tuned.weathers.iter().any(|weather| weather.held_out);
    let beside = match held_out {
        true => ", weather it was not tuned in included",
        false => "",
    };
    let lock = match locked {
        0 => String::new(),
        1 => " One run locked up.".to_owned(),
        n => format!(" {n} runs locked up."),
    };
    let all = rows.len();
    let lower = match first.share_upper95 {
        Some(_) if locked == 0 => {
            let most = rows
                .iter()
                .filter_map(|row| row.share_upper95)
                .fold(0.0, f64::max);
            format!(
                " No run locked up: under {} in any weather.",
                rough(most, "ratio")
            )
        }
        _ => String::new(),
    };
    let lock = format!("{lock}{lower}");
    Some(match misses.is_empty() {
        true if tuned.limits.is_empty() => format!(
            "Certified on {} fresh runs in each of {all} weathers{beside}; there is no limit to meet.{lock}",
            first.replications
        ),
        true => format!(
            "Certified on {} fresh runs in each of {all} weathers{beside}: `{policy}` meets every \
             limit.{lock}",
            first.replications
        ),
        false => format!(
            "`{policy}` is not within every limit: {}.{lock}",
            first_few(&misses)
        ),
    })
}

fn rows<'t>(tuned: &'t Tuned, policy: &str) -> Vec<&'t Certified> {
    let rows = tuned.certificate.iter();
    rows.filter(|row| row.policy == policy).collect()
}

/// What of a row is beyond a limit, or not shown to be within.
fn misses(tuned: &Tuned, row: &Certified) -> Vec<String> {
    let weather = tuned
        .weathers
        .iter()
        .find(|weather| weather.name == row.weather);
    let place = match weather.is_some_and(|weather| weather.held_out) {
        true => format!("{} (held out)", row.weather),
        false => row.weather.clone(),
    };
    let limits = tuned.limits.iter().zip(&row.held);
    let miss = |(limit, held): (&crate::record::tuning::Limit, &crate::record::tuning::Held)| {
        let unit = Metric::named(&held.metric).map_or("", |metric| metric.unit);
        let shown = match held.outcome {
            Outcome::Passed => return None,
            Outcome::Failed => "",
            Outcome::NotShown => " (not shown)",
        };
        let value = estimated(held.estimate.as_ref(), held.needs, unit);
        Some(format!(
            "{place}: {} {value}, limit {}{shown}",
            held.metric, limit.text
        ))
    };
    limits.filter_map(miss).collect()
}

/// To four digits.
fn rough(value: f64, unit: &str) -> String {
    let value = format!("{value:.3e}").parse().unwrap_or(value);
    amount(value, unit)
}

/// The objective of what was found against another policy's, over the suite.
fn against(tuned: &Tuned, policy: &str) -> Option<String> {
    let mean = |policy: &str| {
        let suite = tuned.weathers.iter().filter(|weather| !weather.held_out);
        let values: Option<Vec<f64>> = suite
            .map(|weather| {
                let row = tuned.certificate.iter();
                let mut row = row.filter(|r| r.policy == policy && r.weather == weather.name);
                Some(row.next()?.objective.as_ref()?.value)
            })
            .collect();
        let values = values?;
        match tuned.objective.combine.as_str() {
            "worst" if tuned.objective.minimize => values.into_iter().reduce(f64::max),
            "worst" => values.into_iter().reduce(f64::min),
            _ => Some(values.iter().sum::<f64>() / values.len().max(1) as f64),
        }
    };
    let (own, other) = (mean(&tuned.policy)?, mean(policy)?);
    let unit = &tuned.objective.unit;
    let over = match tuned.objective.combine.as_str() {
        "worst" => "in the worst weather of the suite",
        _ => "on average over the suite",
    };
    Some(format!(
        "{} {over}: {} against {} of `{policy}`.",
        tuned.objective.metric,
        rough(own, unit),
        rough(other, unit)
    ))
}

fn binding(tuned: &Tuned) -> Option<String> {
    let binding: Vec<String> = tuned
        .limits
        .iter()
        .filter(|limit| limit.binds)
        .map(|limit| format!("{} {}", limit.metric, limit.text))
        .collect();
    match binding.is_empty() {
        true => (!tuned.limits.is_empty()).then(|| "No limit binds.".to_owned()),
        false => Some(format!("What binds: {}.", binding.join("; "))),
    }
}
