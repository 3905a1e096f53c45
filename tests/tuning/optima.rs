//! Problems whose optimum stands in closed form, flown in the simulator.

use std::path::Path;

use squall::base::Stop;
use squall::experiment::tune::{Flights, Frame, conduct};
use squall::record::results::Outcome;
use squall::record::tuning::{Certified, Tuned};
use squall::scenario::files::Memory;
use squall::scenario::{Overrides, Style, load_tuning};

pub(crate) fn tuned(text: &str) -> Tuned {
    let files = Memory::default().with("known.toml", text);
    let loaded = load_tuning(&files, Path::new("known.toml"), Overrides::default());
    let tuning = loaded.unwrap_or_else(|found| panic!("{}", found.render(Style::PLAIN)));
    let stop = Stop::default();
    let flights = Flights::new(&tuning, None, 2, &stop).unwrap().unwrap();
    let frame = Frame {
        threads: 2,
        stop: &stop,
        done: &|_| (),
    };
    conduct(&flights, &frame).unwrap()
}

fn own(tuned: &Tuned) -> &Certified {
    let mut rows = tuned.certificate.iter();
    rows.find(|row| row.policy == tuned.policy).unwrap()
}

/// The x in a range at which an increasing function is zero, by halving.
fn root(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if f(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Service is exponential with mean m and each try's own. A hedge after d is sent with chance e^(−d/m), so a call
/// takes 1 + e^(−d/m) attempts and m − e^(−d/m)·m/2 on average: the shorter the delay the faster, and the dearer.
/// Under a limit on attempts the best delay is the one that just keeps it.
const HEDGING: &str = r#"
[run]
duration = "60s"
seed = 11
[workload]
arrivals.poisson.rate = "25/s"
deadline = "30s"
[provider.api]
latency.distribution = { first-token.exponential.mean = "200ms" }
[policy.tuned]
retry.attempts = 2
hedge.fixed = { after = "200ms" }
[tune]
policy = "tuned"
minimize = "latency_good_ms_mean"
limits.amplification = { max = 1.2 }
budget = 800
[tune.vary]
"hedge.fixed.after" = { from = "20ms", to = "2s", scale = "log" }
"#;

#[test]
fn the_best_hedging_delay_under_a_cost_limit_is_that_of_the_closed_form() {
    let mean = 0.2;
    let sent = |after: f64| libm::exp(-after / mean);
    let best = root(|after| 1.2 - (1.0 + sent(after)), 0.02, 2.0);
    assert!(
        (best - 0.2 * libm::log(5.0)).abs() < 1e-9,
        "by hand: {best}"
    );
    let tuned = tuned(HEDGING);
    let sentences = tuned.sentences.join("\n");
    assert!(tuned.holds(), "{sentences}");
    let found = tuned.parameters[0].found.clone().unwrap();
    let after = squall::base::units::parse_duration(found.trim_matches('"'))
        .unwrap()
        .as_s_f64();
    // Within 2 % of a range of two decades.
    let off = libm::log(after / best) / libm::log(100.0);
    println!(
        "found {after}, closed form {best}: {:.2} % of the range",
        off * 100.0
    );
    assert!(off.abs() < 0.02, "{after} against {best}\n{sentences}");
    // And the certificate's mean is the closed form's at what was found.
    let objective = own(&tuned).objective.clone().unwrap();
    let expected = 1000.0 * (mean - sent(after) * mean / 2.0);
    let off = (objective.value - expected) / objective.se.unwrap();
    assert!(off.abs() < 4.0, "{} against {expected}", objective.value);
    assert!(tuned.limits[0].binds, "{sentences}");
}

/// One slot serves μ = 500 attempts a second. Half of all answers break off after they were served, so every
/// retry that a budget of b per call grants is used: the load is λ·(1 + b), success is (1 + b)/2, and the queue
/// stays short as long as λ·(1 + b) ≤ μ. With λ = 400/s the largest b is μ/λ − 1 = 25 %. Arrivals are almost
/// even, so that twelve seconds are enough to tell a queue that grows from one that does not.
const BUDGET: &str = r#"
[run]
duration = "12s"
warm-up = "2s"
seed = 12
[workload]
processes = 1
arrivals.gamma = { rate = "400/s", cv = 0.1 }
tokens.fixed = { input = 1, output = 1 }
deadline = "10s"
[provider.server]
latency.distribution = { first-token = "2ms" }
capacity.slots = { count = 1, queue = 2000, when-full = "drop" }
[[fault]]
name = "errors"
on = ["server"]
at = "0s"
for = "12s"
effect.stream-error = {}
hits.share = { of = "50%" }
[policy.tuned]
retry.attempts = 6
retry.backoff.constant = { wait = "10ms" }
budget.share = { ratio = "10%", reserve = 10, deposit = "per-call" }
[tune]
policy = "tuned"
maximize = "success_ratio"
limits.latency_verdict_ms_p99 = { max = "150ms" }
budget = 200
certify = 60
[tune.vary]
"budget.share.ratio" = { from = "2%", to = "100%" }
"#;

#[test]
fn the_largest_retry_budget_is_the_one_at_the_stability_bound() {
    let tuned = tuned(BUDGET);
    let sentences = tuned.sentences.join("\n");
    let found = tuned.parameters[0].found.clone().unwrap();
    let ratio = squall::base::units::parse_ratio(found.trim_matches('"'))
        .unwrap()
        .0;
    let bound = 500.0 / 400.0 - 1.0;
    println!("found {ratio}, bound {bound}");
    // Within 2 % of the range.
    assert!((ratio - bound).abs() <= 0.02 * 0.98, "{ratio}\n{sentences}");
    assert!(tuned.holds() && tuned.limits[0].binds, "{sentences}");
    // Every granted retry is a fair coin.
    let objective = own(&tuned).objective.clone().unwrap();
    let off = objective.value - (1.0 + ratio) / 2.0;
    assert!(off.abs() < 0.005, "{} {sentences}", objective.value);
}

#[test]
fn the_shipped_example_of_what_cannot_be_met_says_so_and_by_how_much() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/tune-impossible.toml");
    let tuned = tuned(&std::fs::read_to_string(file).unwrap());
    let sentences = tuned.sentences.join("\n");
    assert!(!tuned.feasible && !tuned.holds(), "{sentences}");
    assert!(
        tuned
            .finalists
            .iter()
            .all(|finalist| finalist.outcome == Outcome::Failed),
        "{sentences}"
    );
    assert!(
        tuned.sentences[0].starts_with("Nothing that was found in these ranges meets every limit"),
        "{sentences}"
    );
    // The nearest lies on the line of all settings: attempts a call are success ÷ 0.7.
    let value = |i: usize| own(&tuned).held[i].estimate.clone().unwrap().value;
    let [amplification, success] = [0, 1].map(value);
    assert!(
        (amplification - success / 0.7).abs() < 0.01,
        "{amplification} {success}"
    );
}
