//! A log made by the simulated world from settings that are known: what is fitted is what was set.

use std::fmt::Write;

use squall::base::draw::{Root, Stage};
use squall::base::quantile::{exponential, normal};
use squall::base::wire::Ending;
use squall::base::{Draws, Instant, Purpose};
use squall::experiment::fit::latency::Law;
use squall::experiment::fit::log::{Format, Log};
use squall::experiment::fit::predict::{Figure, Incidents, predict};
use squall::experiment::fit::{fit, law, toml};
use squall::scenario::check_str;

use crate::street::Street;

const SEED: u64 = 21;
const CALLS: u64 = 12_000;

/// Five calls a second; prompts log-normal (median 600, σ 0.8), answers (200, 0.6).
fn log() -> String {
    let provider = "latency.linear = { base = \"800ms\", per-1k-prompt-tokens = \"400ms\", sigma = 0.3, \
                    per-token = \"10ms\", per-token-sigma = 0.2 }";
    let limited = "at = \"0s\"\nfor = \"1h\"\n\
                   effect.error-rate = { bad = 0.6, good = 0.005, bad-for = \"15s\", \
                   good-for = \"60s\", status = 429 }";
    let broken = "at = \"0s\"\nfor = \"1h\"\neffect.error-rate = { bad = 0.01, status = 500 }";
    let mut street = Street::seeded(provider, &[limited, broken], SEED);
    let draws = Draws::new(Root::new(SEED, Stage::Run, 7));
    let u = |n: u64, which: u64| draws.unit(Purpose::Probe, n, which);
    let size = |u: f64, median: f64, sigma: f64| (median * libm::exp(sigma * normal(u))) as u32 + 1;
    let (mut at_s, mut sizes) = (0.0, Vec::new());
    for n in 0..CALLS {
        at_s += exponential(u(n, 0)) / 5.0;
        street.reach(Instant((at_s * 1e9) as u64));
        let (prompt, answer) = (size(u(n, 1), 600.0, 0.8), size(u(n, 2), 200.0, 0.6));
        street.send_sized(prompt, 100_000, answer);
        sizes.push((prompt, answer));
    }
    street.pass(600_000);
    let mut text = String::from("t_ms,model,status,in_tokens,out_tokens,ttft_ms,duration_ms\n");
    for (fate, (prompt, answer)) in street.fates.iter().zip(sizes) {
        let ms = |at: Instant| at.since(fate.sent).0 as f64 / 1e6;
        let sent = fate.sent.0 as f64 / 1e6;
        let (end, ending) = fate.end.expect("everything ended");
        let line = match (ending, fate.first) {
            (Ending::Answer { .. }, Some(first)) => {
                format!("200,{prompt},{answer},{:.1},{:.1}", ms(first), ms(end))
            }
            (Ending::Status { status, .. }, _) => format!("{status},{prompt},,,"),
            other => panic!("{other:?}"),
        };
        writeln!(text, "{sent:.1},large,{line}").expect("a string takes it");
    }
    text
}

#[test]
fn what_is_fitted_to_a_log_is_what_made_it() {
    let log = Log::parse(&log(), Format::Csv).expect("it is a log");
    let found = fit(&log);
    let arrivals = found.arrivals.expect("it has times");
    assert!(
        arrivals.are_independent(),
        "seed {SEED}: {}",
        arrivals.told()
    );
    assert!(
        (arrivals.rate / 5.0 - 1.0).abs() < 0.04,
        "seed {SEED}: {}",
        arrivals.told()
    );
    for (law, median, sigma) in [(&found.input, 600.0, 0.8), (&found.output, 200.0, 0.6)] {
        let law = law.as_ref().expect("it has tokens");
        let law::Law::Parts(parts) = &law.law else {
            panic!("seed {SEED}: {law:?}")
        };
        let [(_, m, s)] = parts[..] else {
            panic!("seed {SEED}: {parts:?}")
        };
        assert!(
            (m / median - 1.0).abs() < 0.04,
            "seed {SEED}: median {m} of {median}"
        );
        assert!(
            (s - sigma).abs() < 0.03,
            "seed {SEED}: sigma {s} of {sigma}"
        );
        assert!(
            law.distance.is_close(),
            "seed {SEED}: {}",
            law.distance.told()
        );
    }
    let provider = &found.providers[0];
    let latency = provider.latency.as_ref().expect("it has times");
    let Law::Linear(line) = latency.law else {
        panic!("seed {SEED}: longer prompts take longer: {latency:?}")
    };
    for (name, got, truth) in [
        ("base", line.base_s, 0.8),
        ("slope", line.slope_s * 1000.0, 0.4),
        ("per token", line.per_token_s, 0.010),
        ("sigma", line.sigma, 0.3),
        ("per-token sigma", line.per_token_sigma, 0.2),
    ] {
        assert!(
            (got / truth - 1.0).abs() < 0.1,
            "seed {SEED}: {name} {got} of {truth}"
        );
    }
    let whole = latency.whole.as_ref().expect("it has whole times");
    assert!(whole.is_close(), "seed {SEED}: {}", whole.told());
    let [limited, broken] = &provider.errors[..] else {
        panic!("seed {SEED}: {:?}", provider.errors)
    };
    assert_eq!((limited.status, broken.status), (429, 500));
    let (bad_for, good_for) = limited.spells.lengths.expect("they came in spells");
    assert!(
        (limited.spells.bad - 0.6).abs() < 0.05,
        "seed {SEED}: {limited:?}"
    );
    assert!(limited.spells.good < 0.012, "seed {SEED}: {limited:?}");
    // Some 32 spells of each: a standard error of 18 %.
    assert!(
        (bad_for / 15.0 - 1.0).abs() < 0.5,
        "seed {SEED}: {limited:?}"
    );
    assert!(
        (good_for / 60.0 - 1.0).abs() < 0.5,
        "seed {SEED}: {limited:?}"
    );
    assert_eq!(broken.spells.lengths, None, "seed {SEED}: {broken:?}");
    assert!(
        (broken.spells.bad - 0.01).abs() < 0.004,
        "seed {SEED}: {broken:?}"
    );
}

#[test]
fn what_is_written_is_a_scenario_that_says_what_was_fitted() {
    let log = Log::parse(&log(), Format::Csv).expect("it is a log");
    let found = fit(&log);
    let text = toml::scenario(&found, "calls.csv", toml::Traffic::Fitted(None));
    let scenarios = check_str("fitted.toml", &text);
    let scenarios = scenarios.unwrap_or_else(|wrong| panic!("{}\n{text}", wrong.summary()));
    let scenario = &scenarios[0];
    assert_eq!(scenario.providers[0].0, "large");
    assert_eq!(scenario.faults.len(), 2);
    assert!(scenario.warnings.is_empty(), "{:?}", scenario.warnings);
    assert!(text.contains("latency.linear = {"), "{text}");
    assert!(text.contains("The log says no prices"), "{text}");
}

#[test]
fn the_first_half_predicts_the_second() {
    let log = Log::parse(&log(), Format::Csv).expect("it is a log");
    let (_, figures) = predict(&log, Incidents::Fitted, 16, 2).expect("it says enough");
    let names: Vec<&str> = figures.iter().map(|f| f.name).collect();
    let expected = [
        "attempts answered",
        "time to the whole answer, p50",
        "time to the whole answer, p99",
        "answers of 429",
    ];
    assert_eq!(names, expected);
    for figure in &figures {
        assert!(figure.holds(), "seed {SEED}: {figure:?}");
    }
    // It says something: the median to a tenth; of what spells decide, a few dozen of them, less.
    let width = |i: usize| (figures[i].interval[1] - figures[i].interval[0]) / figures[i].predicted;
    assert!(width(1) < 0.1 && width(0) < 0.4, "seed {SEED}: {figures:?}");
}

#[test]
fn a_second_half_that_is_not_like_the_first_is_outside() {
    let mut log = Log::parse(&log(), Format::Csv).expect("it is a log");
    let half = log.attempts.len() / 2;
    for attempt in &mut log.attempts[half..] {
        attempt.took_s = attempt.took_s.map(|s| s * 1.5);
    }
    let (_, figures) = predict(&log, Incidents::Fitted, 16, 2).expect("it says enough");
    let outside: Vec<&str> = figures
        .iter()
        .filter(|f| !f.holds())
        .map(|f| f.name)
        .collect();
    let times = [
        "time to the whole answer, p50",
        "time to the whole answer, p99",
    ];
    assert_eq!(outside, times, "seed {SEED}: {figures:?}");
}

#[test]
fn incidents_that_come_when_they_were_leave_less_to_chance() {
    let log = Log::parse(&log(), Format::Csv).expect("it is a log");
    let (_, drawn) = predict(&log, Incidents::Fitted, 16, 2).expect("it says enough");
    let (fitted, replayed) = predict(&log, Incidents::Recorded, 16, 2).expect("it says enough");
    for figure in &replayed {
        println!("seed {SEED}: {figure:?}");
        assert!(figure.holds(), "seed {SEED}: {figure:?}");
    }
    let width = |figures: &[Figure], i: usize| figures[i].interval[1] - figures[i].interval[0];
    for i in [0, 3] {
        let (given, law) = (width(&replayed, i), width(&drawn, i));
        assert!(
            given < 0.5 * law,
            "seed {SEED}: {}: {given} of {law}",
            drawn[i].name
        );
    }
    // Spells of 15 s with 60 s between them, in 1200 s; the shortest are not seen.
    let [limited, _] = &fitted.providers[0].errors[..] else {
        panic!("seed {SEED}: {:?}", fitted.providers[0].errors)
    };
    let n = limited.incidents.len();
    assert!((8..=28).contains(&n), "seed {SEED}: {n} incidents");
}
