//! This run against an earlier one, in words: the same in the terminal, on the page and in `summary.md`.

use super::measure::Measure;
use super::number::{list, some};
use super::reading::word;
use super::told;
use crate::record::Results;
use crate::record::results::{Against, Judgement, Row};

/// One row of the table: what it is about, the values, the difference, the verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) policy: String,
    pub(super) label: String,
    /// "99.2 % → 99.4 %".
    pub(super) values: String,
    /// "+0.2 points [+0.1, +0.3]".
    pub(super) difference: String,
    pub(super) verdict: String,
    pub(super) judgement: Option<Judgement>,
}

/// The rows, in order.
pub(super) fn lines(results: &Results, against: &Against) -> Vec<Line> {
    let rows = against.rows.iter();
    rows.map(|row| line(results, row)).collect()
}

fn line(results: &Results, row: &Row) -> Line {
    let d = &row.difference;
    let measure = Measure::of(results, &d.metric);
    let both = row.before.at_horizon && row.now.at_horizon;
    let decimals = measure.delta_decimals(d.value, d.interval);
    let verdict = match d.verdict {
        _ if both => "at the deadline, as failures are".to_owned(),
        Some(Judgement::Equivalent) => {
            let within = told::within(results, &measure);
            format!("{}{within}", word(Judgement::Equivalent))
        }
        Some(Judgement::NoDifferenceShown) => {
            let open = told::open(results, &measure, d, row.before.value.abs());
            let open = open.map_or(String::new(), |open| format!(": {open}"));
            format!("{}{open}", word(Judgement::NoDifferenceShown))
        }
        Some(verdict) => word(verdict).to_owned(),
        None => "no verdict".to_owned(),
    };
    let (before, now) = (measure.value(&row.before), measure.value(&row.now));
    let difference = match both {
        true => String::new(),
        false => format!(
            "{}{} {}",
            measure.delta(d.value, decimals),
            measure.delta_suffix,
            measure.interval(d.interval, decimals)
        ),
    };
    Line {
        policy: d.policy.clone(),
        label: measure.label,
        values: format!("{before} → {now}"),
        difference,
        verdict,
        judgement: d.verdict.filter(|_| !both),
    }
}

/// What was paired with what.
pub(super) fn heading(against: &Against) -> String {
    let runs = match against.replications {
        1 => "1 replication".to_owned(),
        n => format!("{n} replications"),
    };
    format!(
        "Against {}: every policy against itself before, {runs} of the same weather.",
        against.file
    )
}

/// What is not the same, in sentences.
pub(super) fn notes(against: &Against) -> Vec<String> {
    let mut all = Vec::new();
    for changed in &against.changed {
        let settings = some(&changed.settings);
        all.push(format!("{} changed: {settings}.", changed.policy));
    }
    let same = "No policy's settings changed.".to_owned();
    all.extend(against.changed.is_empty().then_some(same));
    let only = |names: &[String], when: &str| {
        (!names.is_empty()).then(|| format!("Only {when}: {}.", list(names)))
    };
    all.extend(only(&against.only_before, "before"));
    all.extend(only(&against.only_now, "now"));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::results::{Changed, Difference, Estimate};
    use crate::report::fixture;
    use crate::report::terminal::{Style, summary};
    use crate::report::{markdown, page};

    fn estimate(value: f64) -> Estimate {
        Estimate {
            value,
            ci95: [Some(value - 0.001), Some(value + 0.001)],
            ..Estimate::default()
        }
    }

    fn row(policy: &str, interval: [f64; 2], verdict: Judgement) -> Row {
        Row {
            before: estimate(0.99),
            now: estimate(0.95),
            difference: Difference {
                policy: policy.into(),
                baseline: policy.into(),
                metric: "success_ratio".into(),
                value: -0.04,
                interval: interval.map(Some),
                verdict: Some(verdict),
                detectable: (verdict == Judgement::NoDifferenceShown).then_some(0.05),
                replications_needed: (verdict == Judgement::NoDifferenceShown).then_some(90),
                ..Difference::default()
            },
        }
    }

    #[test]
    fn every_row_is_told_everywhere_and_nothing_in_it_is_markup() {
        let mut results = fixture::outage();
        let evil = "<b>|evil`";
        results.against = Some(Against {
            file: format!("old/{evil}.json"),
            replications: 32,
            changed: vec![Changed {
                policy: evil.into(),
                settings: vec!["retry.attempts: 3 before, 4 now".into()],
            }],
            only_now: vec!["fresh".into()],
            rows: vec![
                row(evil, [-0.05, -0.03], Judgement::Worse),
                row("calm", [-0.09, 0.01], Judgement::NoDifferenceShown),
            ],
            ..Against::default()
        });
        let told = lines(&results, results.against.as_ref().unwrap());
        assert_eq!(told[0].values, "99.0\u{202f}% → 95.0\u{202f}%");
        assert_eq!(told[0].difference, "−4.0\u{a0}points [−5.0, −3.0]");
        assert_eq!(told[0].verdict, "worse");
        let open = "no difference shown: the smallest detectable is ±5.0\u{a0}points, try 90 \
                    replications";
        assert_eq!(told[1].verdict, open.replace("5.0", "5"));
        let (page, paste) = (page(&results), markdown(&results));
        assert!(!page.contains("<b>|evil") && page.contains("&lt;b&gt;|evil"));
        // In the command below it is a file name in quotes, and in a block of code.
        let prose = paste.split("```").next().unwrap_or_default();
        assert!(
            !prose.contains("<b>") && prose.contains("| **worse** |"),
            "{paste}"
        );
        let style = Style {
            unicode: true,
            ..Style::default()
        };
        let printed = summary(&results, style);
        for part in [
            "retry.attempts: 3 before, 4 now",
            "Only now: fresh.",
            "worse",
        ] {
            assert!(page.contains(part), "{part}");
            assert!(printed.contains(part), "{part}: {printed}");
        }
        assert!(
            printed.lines().all(|line| line.chars().count() <= 80),
            "{printed}"
        );
    }
}
