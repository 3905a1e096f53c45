//! Fits to the traces that ship, and the shipped profiles against them.

use std::path::Path;

use squall::experiment::fit::against::{Row, against, names};
use squall::experiment::fit::distance::WITHIN;
use squall::experiment::fit::fit;
use squall::experiment::fit::log::{Format, Log};
use squall::workload::tokens::{self, Law, profile};

fn shipped(name: &str) -> Log {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("scenarios/traces")
        .join(name);
    let text = std::fs::read_to_string(path).expect("the trace ships");
    Log::parse(&text, Format::Csv).expect("a trace is a log")
}

#[test]
fn a_fit_to_the_conversations_of_azure_is_within_the_limits() {
    let found = fit(&shipped("azure2023_conv.csv"));
    for law in [&found.input, &found.output] {
        let law = law.as_ref().expect("it has tokens");
        assert!(
            law.distance.is_close(),
            "{}: {}",
            law.kind(),
            law.distance.told()
        );
    }
    // The published index of dispersion is 1.35 in a second and 15 in a minute: no Poisson process.
    let arrivals = found.arrivals.expect("it has times");
    assert!(!arrivals.are_independent(), "{}", arrivals.told());
}

/// Every quantile from p10 to p99 of every quantity of a trace is within a tenth in its profile.
fn agrees(trace: &str, profile: &str, quantities: usize) -> Vec<Row> {
    let rows = against(&shipped(trace), profile).expect("it is a profile");
    assert_eq!(rows.len(), quantities, "{profile}");
    for row in &rows {
        println!("{profile}, {}: {}", row.what, row.profile.told());
        let (worst, at) = row.profile.worst();
        assert!(worst <= WITHIN, "{profile}, {}: {worst} at {at}", row.what);
    }
    rows
}

#[test]
fn profiles_of_tokens_agree_with_the_traces_they_were_fitted_to() {
    for (trace, profile) in [
        ("azure2023_conv.csv", "chat"),
        ("azure2023_code.csv", "code"),
        ("ragpulse.csv", "rag"),
        ("sizes/arxiv_summ.csv", "summaries"),
    ] {
        for row in agrees(trace, profile, 2) {
            assert!(row.profile.is_close(), "{profile}: {}", row.profile.told());
            let own = row.own.expect("it can be fitted");
            assert!(own.distance.is_close(), "{}", own.distance.told());
        }
    }
}

#[test]
fn profiles_of_latency_agree_with_the_traces_that_ship() {
    for (trace, profile) in [
        ("answers/llmperf_hosts.csv", "oss-host-2023"),
        ("answers/llmperf_cold.csv", "cold-start-host"),
    ] {
        for row in agrees(trace, profile, 2) {
            let told = row.profile.told();
            assert!(row.profile.is_close(), "{profile}, {}: {told}", row.what);
        }
    }
}

/// Of ServeGen's `deepseek-r1` pool (alibaba/ServeGen on GitHub at `f891d118`, Apache-2.0) only the quantiles are at
/// hand, weighted by the rates of its clients.
#[test]
fn the_profile_of_reasoning_has_the_quantiles_of_its_source() {
    let tokens = tokens::Config::Profile(profile::Config {
        name: "reasoning-api".into(),
    });
    let Law::Drawn { input, output } = tokens.law() else {
        panic!("it is drawn")
    };
    let source: [(f64, f64, f64); 5] = [
        (0.1, 25.0, 296.0),
        (0.5, 260.0, 730.0),
        (0.9, 2349.0, 3465.0),
        (0.95, 7085.0, 5705.0),
        (0.99, 23612.0, 12584.0),
    ];
    for (p, prompt, answer) in source {
        for (law, value) in [(&input, prompt), (&output, answer)] {
            let got = f64::from(law.at(p));
            assert!(
                (got / value - 1.0).abs() <= WITHIN,
                "at {p}: {got} of {value}"
            );
        }
    }
}

#[test]
fn a_profile_says_nothing_of_what_a_trace_lacks() {
    let log = shipped("azure2023_conv.csv");
    assert_eq!(
        against(&log, "frontier-mid"),
        Some(Vec::new()),
        "a trace has no times of answers"
    );
    assert_eq!(against(&log, "nonsense"), None);
    assert!(names().contains(&"small-fast"));
}
