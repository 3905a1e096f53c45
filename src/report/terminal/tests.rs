use super::*;
use crate::record::results::Judgement;
use crate::report::fixture;

fn plain(unicode: bool) -> Style {
    Style {
        color: false,
        unicode,
        width: None,
    }
}

/// Columns of a line without wide characters.
fn columns(line: &str) -> usize {
    line.chars().count()
}

#[test]
fn no_line_passes_the_last_column() {
    for (name, mut results) in fixture::all() {
        for long in [false, true] {
            if long {
                let old = results.policies[0].name.clone();
                let new = format!("{old} with a very long name that goes on and on and on, and on");
                results.policies[0].name = new.clone();
                if results.compare.baseline == old {
                    results.compare.baseline = new.clone();
                }
                for d in &mut results.differences {
                    if d.policy == old {
                        d.policy = new.clone();
                    }
                    if d.baseline == old {
                        d.baseline = new.clone();
                    }
                }
            }
            for unicode in [true, false] {
                let text = summary(&results, plain(unicode));
                for line in text.lines() {
                    assert!(columns(line) <= 80, "{name}: {} {line}", columns(line));
                }
                assert!(!text.contains("\n\n\n"));
            }
        }
    }
}

#[test]
fn colour_changes_no_letter() {
    let results = fixture::outage();
    let coloured = summary(
        &results,
        Style {
            color: true,
            unicode: true,
            width: None,
        },
    );
    let mut stripped = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\x1b') {
        stripped.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    stripped.push_str(rest);
    let stripped: Vec<&str> = stripped.lines().map(str::trim_end).collect();
    let text = summary(&results, plain(true));
    assert_eq!(stripped, text.lines().collect::<Vec<_>>());
}

#[test]
fn without_unicode_there_is_only_ascii() {
    for (name, results) in fixture::all() {
        let text = summary(&results, plain(false));
        assert!(text.is_ascii(), "{name}: {text}");
    }
    assert!(summary(&fixture::outage(), plain(false)).contains("FAIL"));
}

#[test]
fn what_is_said_is_what_the_verdicts_say() {
    let text = summary(&fixture::outage(), plain(true));
    assert!(text.starts_with("breaker-failover is better than retry-only on all 3"));
    assert!(text.contains("27/32"));
    assert!(text.contains("≥ 60"));
    assert!(text.contains("Again   squall run scenarios/outage.toml --seed 1 --replications 32"));
    let text = summary(&fixture::many(), plain(true));
    assert!(text.starts_with("No difference shown between retry-only and the 15 other policies"));
    let text = summary(&fixture::burst(), plain(true));
    assert!(text.contains("no policy is better overall"), "{text}");
    let mut few = fixture::outage();
    few.meta.replications = 8;
    for d in &mut few.differences {
        d.verdict = None;
    }
    assert!(summary(&few, plain(true)).starts_with("No verdict under 16 replications"));
}

#[test]
fn a_file_name_with_spaces_is_quoted() {
    let mut results = fixture::lone();
    results.meta.file = "my scenarios/it's.toml".into();
    assert!(
        summary(&results, plain(true)).contains(r"squall run 'my scenarios/it'\''s.toml' --seed")
    );
}

#[test]
fn results_without_anything_are_said_to_be_so() {
    let text = summary(&Results::default(), plain(true));
    assert!(text.starts_with("No policy was run."), "{text}");
}

#[test]
fn of_many_faults_the_worst_are_told() {
    let mut results = fixture::outage();
    for i in 0..20u64 {
        let name = format!("hiccup {i}");
        let mut fault = results.faults[0].clone();
        fault.name.clone_from(&name);
        fault.from_ns += i * 1_000_000_000;
        results.faults.push(fault);
        for policy in &mut results.policies {
            let metrics = policy.during["outage"].clone();
            policy.during.insert(name.clone(), metrics);
        }
    }
    let text = summary(&results, plain(true));
    assert!(text.contains("16 more faults did no more harm"), "{text}");
    results.faults.drain(8..);
    let text = summary(&results, plain(true));
    assert!(text.contains("1 more fault did no more harm"), "{text}");
}

#[test]
fn of_many_policies_the_best_are_one_entry_that_claims_no_more_than_all() {
    let mut results = fixture::many();
    let text = summary(&results, plain(true)).replace("\n", " ");
    assert!(text.contains(" % or more"), "{text}");
    for policy in &mut results.policies {
        let during = policy.during.get_mut("outage").unwrap();
        during.get_mut("success_ratio").unwrap().value = 1.0;
    }
    results.faults.truncate(1);
    let text = summary(&results, plain(true));
    assert!(text.contains("11 others 100 %\n"), "{text}");
}

#[test]
fn the_headline_agrees_with_the_list_below_it() {
    let base = fixture::many();
    let judged = |change: &dyn Fn(&str, &str) -> Option<Judgement>| {
        let mut results = base.clone();
        for d in &mut results.differences {
            d.verdict = change(&d.policy, &d.metric).or(d.verdict);
        }
        summary(&results, plain(true)).replace("\n  ", " ")
    };
    let text = judged(&|policy, metric| {
        (policy == "naive" && metric == "success_ratio").then_some(Judgement::Worse)
    });
    let start = "No policy is shown to be better than retry-only.";
    assert!(text.starts_with(start), "{text}");
    assert!(text.contains("Worse on success: naive."), "{text}");
    let text = judged(&|policy, _| (policy == "naive").then_some(Judgement::Equivalent));
    let start = "No difference shown between retry-only and 14 others; naive is equivalent.";
    assert!(text.starts_with(start), "{text}");
}

#[test]
fn degraded_answers_have_a_column_where_there_are_any() {
    let text = summary(&fixture::degraded(), plain(true));
    let row = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(row("policy").contains("degraded %"), "{text}");
    assert!(row("breaker ").contains(" 17.6 "), "{text}");
    assert!(text.contains("breaker 2.0 % (degraded 17.6 %)"), "{text}");
    assert!(!summary(&fixture::outage(), plain(true)).contains("degraded"));
}

#[test]
fn what_was_held_back_has_a_line_where_it_matters() {
    let text = summary(&fixture::outage(), plain(true));
    assert!(
        text.contains("Refused   per 1000 calls, and why\n"),
        "{text}"
    );
    let lines = text
        .lines()
        .skip_while(|line| !line.starts_with("Refused "));
    let mut words = lines.map(|line| line.split_whitespace().collect::<Vec<_>>());
    assert!(
        words.any(|words| words == ["breaker", "breaker-open", "176"]),
        "{text}"
    );
    // The end of attempts is no refusal anybody decided on.
    assert!(!text.contains("attempts-spent"), "{text}");
    assert!(!text.contains("Would have"), "{text}");
    let mut little = fixture::outage();
    for policy in &mut little.policies {
        for row in &mut policy.refused {
            row.per_1000_calls = 0.2;
        }
    }
    assert!(!summary(&little, plain(true)).contains("Refused"));
}

#[test]
fn what_only_observes_says_what_it_would_have_done() {
    let text = summary(&fixture::watched(), plain(true));
    assert!(text.contains("\nnaive ^ "), "{text}");
    assert!(text.contains("* baseline   ^ only observes"), "{text}");
    let wanted =
        "  naive  refused breaker-open 176, sent hedge 30.2, fallen back to message 4.00, 1 more\n";
    let unbroken: String = text.replace("\n         ", " ");
    assert!(unbroken.contains(wanted), "{text}");
}

#[test]
fn the_end_of_attempts_is_no_more_a_refusal_of_one_that_only_observes() {
    let mut results = fixture::watched();
    let would = &mut results.policies[0].would;
    for reason in ["attempts-spent", "not-retried", "no-endpoint"] {
        let mut row = would[0].clone();
        row.reason = reason.into();
        row.per_1000_calls = 900.0;
        would.push(row);
    }
    let text = summary(&results, plain(true));
    assert_eq!(text, summary(&fixture::watched(), plain(true)));
}

#[test]
fn calls_of_each_priority_have_a_row_the_most_important_first() {
    let text = summary(&fixture::watched(), plain(true));
    let lines = text.lines().skip_while(|l| !l.starts_with("By priority "));
    let rows: Vec<Vec<&str>> = lines.map(|l| l.split_whitespace().collect()).collect();
    assert_eq!(rows[1][..4], ["policy", "calls", "success", "%"], "{text}");
    assert!(text.contains("never sent %"), "{text}");
    assert_eq!(rows[2][1], "critical", "{text}");
    assert_eq!(rows[3][0], "batch", "{text}");
    assert_eq!(rows[3][rows[3].len() - 2..], ["10.0", "%"], "{text}");
    assert_eq!(rows[2][rows[2].len() - 2..], ["0.0", "%"], "{text}");
    assert_eq!(rows[12], [""; 0], "five policies of two priorities: {text}");
    assert!(!summary(&fixture::outage(), plain(true)).contains("By priority"));
}

#[test]
fn one_of_several_summaries_says_which_it_is() {
    let text = heading(&fixture::burst(), plain(true));
    assert_eq!(
        text,
        "== burst  How do the retries of a thousand clients come back?\n\n"
    );
}

#[test]
fn a_number_with_its_thousands_apart_stays_on_one_line() {
    let mut results = fixture::outage();
    results.compare.metrics[2] = "cost_usd_per_good_answer".into();
    for d in &mut results.differences {
        if d.metric == "cost_usd_per_success" {
            d.metric = "cost_usd_per_good_answer".into();
            d.verdict = Some(Judgement::NoDifferenceShown);
        }
    }
    for policy in &mut results.policies {
        let cost = policy.metrics["cost_usd_per_success"].clone();
        policy
            .metrics
            .insert("cost_usd_per_good_answer".into(), cost);
    }
    let text = summary(&results, plain(true));
    assert!(!text.contains(" 1\n"), "{text}");
    assert!(!text.lines().any(|line| line.contains("…od")), "{text}");
    assert!(text.contains("cost per 1 000 good answers  −"), "{text}");
    let crowded = results.differences.iter_mut();
    for d in crowded.filter(|d| d.metric == "cost_usd_per_good_answer") {
        d.value = -0.000_000_349;
        d.interval = [Some(-0.000_000_4), Some(-0.000_000_3)];
    }
    let text = summary(&results, plain(true));
    assert!(text.contains("$/1000 good "), "{text}");
}

#[test]
#[ignore = "prints the output for a person to look at"]
fn look() {
    for (_, results) in fixture::all() {
        println!(
            "{}\n------",
            summary_at(&results, plain(true), Path::new("reports/outage"))
        );
    }
    println!("{}", summary(&fixture::outage(), plain(false)));
}
