//! A tuning as one self-contained page: what is certified, what moved, what binds, how the search went.

use std::fmt::Write as _;

use super::{Table, certificate, command, parameters, spent};
use crate::record::results::Estimate;
use crate::record::tuning::Tuned;
use crate::report::chart::{Drawing, svg, tuned as charts};
use crate::report::halves::with_interval;
use crate::report::html::{escape, shell};

const HOW_CERTIFIED: &str = "\
    Fresh replications, flown once, in every weather; those held out had no part in the search. ✓ the one-sided \
    95 % bound is within the limit; ✗ shown to be beyond; ? neither.";
const HOW_FLAT: &str = "\
    As good: values at which a candidate meets every limit and is shown to be worse by at most 2 %, on \
    replications that had no part in finding it.";

/// The page.
pub fn page(tuned: &Tuned) -> String {
    let mut body = header(tuned);
    card(&mut body, tuned);
    let moved = charts::moved(tuned);
    let moved = moved.map(|drawing| Section {
        id: "moves",
        question: "How sensitive is each parameter?",
        title: sensitive(tuned),
        how: charts::HOW_MOVED,
        inner: chart(&drawing, "moves"),
    });
    let sections = [
        Some(Section {
            id: "certificate",
            question: "Does it hold, and what does it cost against the others?",
            title: certified(tuned),
            how: HOW_CERTIFIED,
            inner: table(&certificate(tuned), tuned),
        }),
        Some(Section {
            id: "parameters",
            question: "What moved?",
            title: binding(tuned),
            how: HOW_FLAT,
            inner: table(&parameters(tuned), tuned),
        }),
        moved,
        Some(Section {
            id: "search",
            question: "How did the search go?",
            title: format!(
                "The search as {} of its trials tell it",
                tuned.progress.len()
            ),
            how: charts::HOW_SEARCHED,
            inner: chart(&charts::searched(tuned), "search"),
        }),
        Some(Section {
            id: "again",
            question: "Run it again, or deploy it",
            title: "The same bytes on any number of threads".to_owned(),
            how: "",
            inner: again(tuned),
        }),
    ];
    for (i, section) in sections.into_iter().flatten().enumerate() {
        let _ = write!(
            body,
            "<section id=\"{}\"><p class=\"q\"><span>{}</span>{}</p><h2>{}</h2><p class=\"how\">{}</p>{}</section>",
            section.id,
            i + 1,
            escape(section.question),
            escape(&section.title),
            escape(section.how),
            section.inner
        );
    }
    shell(&format!("{} (tuning)", tuned.name), &body)
}

/// A question with what answers it.
struct Section {
    id: &'static str,
    question: &'static str,
    title: String,
    how: &'static str,
    inner: String,
}

fn header(tuned: &Tuned) -> String {
    let title = match tuned.title.is_empty() {
        true => &tuned.name,
        false => &tuned.title,
    };
    let held_out = tuned.weathers.iter().filter(|weather| weather.held_out);
    format!(
        "<header><p class=\"brand\">Squall <span>tuning</span></p><h1>{}</h1><p class=\"meta\">{} · policy \
         <b>{}</b> · {} weathers, {} held out · seed {}</p></header>",
        escape(title),
        escape(&tuned.file),
        escape(&tuned.policy),
        tuned.weathers.len(),
        held_out.count(),
        tuned.seed
    )
}

fn again(tuned: &Tuned) -> String {
    format!(
        "<pre><code>{}</code></pre><p class=\"u\">{}</p><p class=\"u\">Beside this page: \
         <a href=\"policy.toml\">policy.toml</a> · <a href=\"tuning.json\">tuning.json</a> · \
         <a href=\"summary.md\">summary.md</a></p><details open><summary>policy.toml</summary><pre><code>{}\
         </code></pre></details>",
        escape(&command(tuned)),
        escape(&spent(tuned)),
        escape(&tuned.policy_file)
    )
}

/// The verdict with the figures of what was found.
fn card(out: &mut String, tuned: &Tuned) {
    let plain = |text: &str| escape(&text.replace('`', ""));
    let verdict = tuned
        .sentences
        .first()
        .map_or(String::new(), |first| plain(first));
    let _ = write!(
        out,
        "<div class=\"card\"><p class=\"verdict\">{verdict}</p><dl class=\"hl\">"
    );
    let figure = |out: &mut String, name: &str, value: String, note: &str| {
        let _ = write!(
            out,
            "<div><dt>{}</dt><dd>{}<br><small>{}</small></dd></div>",
            escape(name),
            escape(&value),
            escape(note)
        );
    };
    let mut own = tuned
        .certificate
        .iter()
        .filter(|row| row.policy == tuned.policy);
    let rows: Vec<_> = own.by_ref().collect();
    for (i, limit) in tuned.limits.iter().enumerate().take(4) {
        let side = if limit.text.starts_with('≥') {
            f64::min
        } else {
            f64::max
        };
        let estimates = rows
            .iter()
            .filter_map(|row| Some((row, row.held.get(i)?.estimate.as_ref()?)));
        let worst = estimates.reduce(|a, b| {
            if side(a.1.value, b.1.value) == a.1.value {
                a
            } else {
                b
            }
        });
        if let Some((row, estimate)) = worst {
            let note = format!("limit {}, worst in {}", limit.text, row.weather);
            figure(out, &limit.metric, bare(estimate, &limit.metric), &note);
        }
    }
    out.push_str("</dl>");
    for sentence in tuned.sentences.iter().skip(1) {
        let _ = write!(out, "<p class=\"also\">{}</p>", plain(sentence));
    }
    out.push_str("</div>");
}

fn bare(estimate: &Estimate, metric: &str) -> String {
    let mut bare = estimate.clone();
    bare.ci95 = [None, None];
    with_interval(&bare, metric)
}

fn certified(tuned: &Tuned) -> String {
    match tuned.holds() {
        true => format!("{} meets every limit in every weather", tuned.policy),
        false => format!("{} is not shown to meet every limit", tuned.policy),
    }
}

fn binding(tuned: &Tuned) -> String {
    let binding = tuned.limits.iter().filter(|limit| limit.binds);
    let names: Vec<String> = binding
        .map(|limit| format!("{} {}", limit.metric, limit.text))
        .collect();
    match names.is_empty() {
        true => "No limit binds".to_owned(),
        false => format!("What binds: {}", names.join("; ")),
    }
}

/// The parameters whose move is shown to change something.
fn sensitive(tuned: &Tuned) -> String {
    let shown = |nudge: &crate::record::tuning::Nudge| {
        let [low, high] = nudge.ci95;
        low.is_some_and(|low| low > 0.0)
            || high.is_some_and(|high| high < 0.0)
            || !nudge.beyond.is_empty()
    };
    let parameters = tuned
        .parameters
        .iter()
        .filter(|p| p.nudges.iter().any(shown));
    let names: Vec<&str> = parameters.map(|p| p.name.as_str()).collect();
    match names.is_empty() {
        true => "No move of one parameter is shown to change anything".to_owned(),
        false => format!("What matters around here: {}", names.join(", ")),
    }
}

fn chart(drawing: &Drawing, id: &str) -> String {
    format!(
        "<div class=\"scroll\">{}</div>",
        svg(drawing, id, &drawing.description)
    )
}

/// A table whose rows of the tuned policy stand out.
fn table(table: &Table, tuned: &Tuned) -> String {
    let mut out = String::from("<div class=\"scroll\"><table class=\"main why\"><thead><tr>");
    for title in &table.titles {
        let _ = write!(out, "<th>{}</th>", escape(title));
    }
    out.push_str("</tr></thead><tbody>");
    for row in &table.rows {
        let pick = row.first() == Some(&tuned.policy);
        out.push_str(if pick { "<tr class=\"pick\">" } else { "<tr>" });
        for (i, cell) in row.iter().enumerate() {
            let class = match cell.chars().next() {
                Some('✗') => " class=\"bad\"",
                _ => "",
            };
            let (tag, class) = if i == 0 { ("th", "") } else { ("td", class) };
            let _ = write!(out, "<{tag}{class}>{}</{tag}>", escape(cell));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::results::Outcome;
    use crate::record::tuning::{Certified, Held, Limit, Nudge, Parameter, Step, Weather};

    #[test]
    fn names_are_escaped_and_the_charts_are_there() {
        let tuned = Tuned {
            name: "t".into(),
            title: "<b>Which?</b>".into(),
            policy: "a|b\n<i>".into(),
            limits: vec![Limit {
                metric: "success_ratio".into(),
                text: "≥ 99 %".into(),
                binds: true,
            }],
            weathers: vec![Weather {
                name: "calm".into(),
                ..Weather::default()
            }],
            parameters: vec![Parameter {
                name: "retry.attempts".into(),
                nudges: vec![Nudge {
                    to: "3".into(),
                    change: 0.2,
                    ci95: [Some(0.1), Some(0.3)],
                    beyond: vec!["success_ratio".into()],
                }],
                ..Parameter::default()
            }],
            progress: vec![Step {
                trial: 1,
                excess: Some(0.0),
                objective: Some(2.0),
            }],
            certificate: vec![Certified {
                policy: "a|b\n<i>".into(),
                weather: "calm".into(),
                held: vec![Held {
                    metric: "success_ratio".into(),
                    outcome: Outcome::Failed,
                    ..Held::default()
                }],
                ..Certified::default()
            }],
            sentences: vec!["`a|b\n<i>` is not within every limit.".into()],
            ..Tuned::default()
        };
        let page = page(&tuned);
        assert!(
            page.contains("&lt;b&gt;Which?") && !page.contains("<i>"),
            "{page}"
        );
        assert!(page.contains("What matters around here: retry.attempts"));
        assert_eq!(page.matches("<svg").count(), 2);
        let markdown = super::super::markdown(&tuned);
        let rows: Vec<&str> = markdown
            .lines()
            .filter(|line| line.starts_with('|'))
            .collect();
        let bars = |row: &&str| row.replace("\\|", "").matches('|').count();
        assert_eq!(
            bars(&rows[rows.len() - 1]),
            bars(&rows[rows.len() - 2]),
            "{markdown}"
        );
        assert!(!markdown.contains("<b>"), "{markdown}");
    }
}
