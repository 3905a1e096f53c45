//! Arrivals that are not Poisson: their rate, their clumps, and what stays when the rate changes.

use squall::base::Instant;
use squall::sim::Setup;

use crate::fly::scenario;

/// Arrivals of every replication in the first `seconds`: by number, in seconds.
fn arrivals(seed: u64, replications: u32, seconds: u64, workload: &str) -> Vec<Vec<(u64, f64)>> {
    let scenario = scenario(&format!(
        r#"
        [run]
        duration = "{seconds}s"
        replications = {replications}
        seed = {seed}
        [workload]
        {workload}
        tokens.fixed = {{ input = 1, output = 1 }}
        [provider.api]
        latency.distribution = {{ first-token.constant = "0s" }}
        [policy.p]
        "#
    ));
    println!("seed {seed}, R = {replications}: {workload}");
    let setup = Setup::new(&scenario).expect("the policy fits");
    let one = |r| {
        let (mut traffic, draws) = (setup.traffic.traffic(), setup.draws(r));
        let end = Instant::ZERO + scenario.run.duration;
        let next = || traffic.next(&draws).filter(|call| call.at < end);
        std::iter::from_fn(next)
            .map(|call| (call.id.word(), call.at.0 as f64 / 1e9))
            .collect()
    };
    (0..replications).map(one).collect()
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (mean, squares / (n - 1.0))
}

fn counts(runs: &[Vec<(u64, f64)>], from: f64, to: f64) -> Vec<f64> {
    let count = |run: &Vec<(u64, f64)>| run.iter().filter(|(_, t)| (from..to).contains(t)).count();
    runs.iter().map(|run| count(run) as f64).collect()
}

/// Four standard errors: a right model fails one row in 16 000.
fn mean_is(what: &str, values: &[f64], law: f64) {
    let (mean, variance) = moments(values);
    let se = (variance / values.len() as f64).sqrt();
    println!("{what}: {mean:.4}, law {law:.4}, se {se:.4}");
    assert!(
        (mean - law).abs() <= 4.0 * se + 1e-9,
        "{what}: {mean} is not {law}"
    );
}

/// Variance over mean of counts; its own spread is about √(2/R), more for clumps.
fn dispersion_is(what: &str, values: &[f64], law: f64) {
    let (mean, variance) = moments(values);
    let index = variance / mean;
    let tolerance = 6.0 * (2.0 / values.len() as f64).sqrt();
    println!("{what}: dispersion {index:.3}, law {law:.3}, tolerance {tolerance:.3} of it");
    assert!(
        (index / law - 1.0).abs() <= tolerance,
        "{what}: {index} is not {law}"
    );
}

#[test]
fn renewals_have_their_rate_from_the_first_instant_and_their_spread_of_gaps() {
    for (seed, kind, cv) in [
        (821, "gamma", 4.0),
        (822, "gamma", 0.5),
        (823, "weibull", 2.0),
        (824, "weibull", 0.5),
    ] {
        let text = format!("arrivals.{kind} = {{ rate = \"50/s\", cv = {cv} }}");
        let runs = arrivals(seed, 1500, 4, &text);
        // An ordinary renewal process has (cv² − 1)/2 calls too many, soon after its start.
        mean_is(kind, &counts(&runs, 0.0, 1.0), 50.0);
        mean_is(kind, &counts(&runs, 0.0, 4.0), 200.0);
        // By Palm, gaps that are seen whole in a window are too short: the long run has them all.
        let long = arrivals(seed, 1, 4000, &text).remove(0);
        let gaps: Vec<f64> = long.windows(2).map(|pair| pair[1].1 - pair[0].1).collect();
        let (mean, variance) = moments(&gaps);
        let found = variance.sqrt() / mean;
        println!("{kind}: cv {found:.3} of {} gaps", gaps.len());
        assert!(
            (found / cv - 1.0).abs() < 0.05,
            "seed {seed}: {found} is not {cv}"
        );
    }
}

/// Index of dispersion of the counts in a time of two states with rates l and mean sojourns s (Fischer and
/// Meier-Hellstern, 1993): 1 + 2(l₁ − l₂)²r₁r₂ ÷ ((r₁ + r₂)²(l₁r₂ + l₂r₁)) · (1 − (1 − e^−(r₁ + r₂)t) ÷ (r₁ + r₂)t).
fn idc(l: [f64; 2], s: [f64; 2], t: f64) -> f64 {
    let r = [1.0 / s[0], 1.0 / s[1]];
    let sum = r[0] + r[1];
    let most = 2.0 * (l[0] - l[1]) * (l[0] - l[1]) * r[0] * r[1]
        / (sum * sum * (l[0] * r[1] + l[1] * r[0]));
    1.0 + most * (1.0 + libm::expm1(-sum * t) / (sum * t))
}

#[test]
fn two_states_have_the_mean_rate_and_the_dispersion_of_their_law() {
    let text = "arrivals.mmpp = { rate = \"20/s\", states = [\
                { times = 0.5, for = \"3s\" }, { times = 2, for = \"1s\" }] }";
    let runs = arrivals(831, 2500, 8, text);
    // Scaled so that the mean is 20: (0.5·3 + 2·1)/4 = 0.875.
    let rates = [0.5 / 0.875 * 20.0, 2.0 / 0.875 * 20.0];
    for t in [1.0, 8.0] {
        let n = counts(&runs, 0.0, t);
        mean_is("mmpp", &n, 20.0 * t);
        dispersion_is("mmpp", &n, idc(rates, [3.0, 1.0], t));
    }
    let text = "arrivals.on-off = { rate = \"40/s\", on-for = \"1s\", off-for = \"3s\" }";
    let runs = arrivals(832, 2500, 8, text);
    for t in [1.0, 8.0] {
        let n = counts(&runs, 0.0, t);
        mean_is("on-off", &n, 10.0 * t);
        dispersion_is("on-off", &n, idc([40.0, 0.0], [1.0, 3.0], t));
    }
}

#[test]
fn three_states_share_the_time_by_how_long_they_last() {
    let text = "arrivals.mmpp = { rate = \"30/s\", states = [{ times = 0, for = \"1s\" }, \
                { times = 1, for = \"500ms\" }, { times = 4, for = \"250ms\" }] }";
    let runs = arrivals(833, 1200, 6, text);
    mean_is("first second", &counts(&runs, 0.0, 1.0), 30.0);
    mean_is("last second", &counts(&runs, 5.0, 6.0), 30.0);
}

#[test]
fn a_ramp_has_the_calls_under_its_line() {
    let text = "arrivals.ramp = { from = \"10/s\", to = \"90/s\", at = \"2s\", for = \"4s\" }";
    let runs = arrivals(834, 800, 10, text);
    for (from, to, law) in [
        (0.0, 2.0, 20.0),
        (2.0, 4.0, 60.0),
        (4.0, 6.0, 140.0),
        (6.0, 10.0, 360.0),
    ] {
        let n = counts(&runs, from, to);
        mean_is("ramp", &n, law);
        dispersion_is("ramp", &n, 1.0);
    }
    let text = "arrivals.ramp = { from = \"90/s\", to = \"10/s\", at = \"2s\", for = \"4s\" }";
    let runs = arrivals(835, 800, 10, text);
    mean_is("falling", &counts(&runs, 2.0, 4.0), 140.0);
    mean_is("fallen", &counts(&runs, 6.0, 10.0), 40.0);
}

#[test]
fn batches_come_on_time_with_sizes_of_their_law() {
    let text =
        "arrivals.batch = { every = \"2s\", size.uniform = { low = 10, high = 30 }, at = \"1s\" }";
    let runs = arrivals(836, 400, 20, text);
    for run in &runs {
        assert!(run.iter().all(|(_, t)| (t - 1.0) % 2.0 == 0.0));
    }
    mean_is("batches", &counts(&runs, 0.0, 20.0), 10.0 * 20.0);
    // Another law of sizes: those that are in both are the same calls at the same time.
    let more = arrivals(
        836,
        1,
        20,
        "arrivals.batch = { every = \"2s\", size = 30, at = \"1s\" }",
    );
    assert!(more[0].len() == 300 && runs[0].iter().all(|call| more[0].contains(call)));
}

#[test]
fn a_week_has_the_calls_of_each_of_its_hours() {
    let week = 7 * 86_400;
    let text = "arrivals.poisson.rate = \"100/h\"\nshape = \"weekly\"";
    let runs = arrivals(837, 12, week, text);
    let hours: [f64; 24] = [
        320., 107., 66., 25., 20., 22., 35., 108., 231., 311., 445., 453., 382., 423., 479., 485.,
        446., 379., 435., 461., 376., 374., 398., 325.,
    ];
    let (mut chi2, scale) = (0.0, 12.0 * 100.0 / (7106.0 / 24.0) / (15.5 / 7.0));
    for hour in 0..168 {
        let law = scale * hours[hour % 24] * if hour < 120 { 2.7 } else { 1.0 };
        let found: f64 = counts(&runs, 3600.0 * hour as f64, 3600.0 * (hour + 1) as f64)
            .iter()
            .sum();
        chi2 += (found - law) * (found - law) / law;
    }
    println!("chi² {chi2:.1} of 168 hours");
    // Four standard deviations of χ² with 168 degrees.
    assert!(
        (chi2 - 168.0).abs() < 4.0 * (2.0_f64 * 168.0).sqrt(),
        "{chi2}"
    );
    let runs = arrivals(
        838,
        12,
        4 * 86_400,
        "arrivals.poisson.rate = \"100/h\"\nshape = \"diurnal\"",
    );
    mean_is("days", &counts(&runs, 0.0, 4.0 * 86_400.0), 9600.0);
    // ∫ over the six hours around the peak: 6 + 2·0.64·12/π·sin(π/4) hours' worth.
    let law =
        100.0 * (6.0 + 0.64 * 24.0 / std::f64::consts::PI * libm::sin(std::f64::consts::PI / 4.0));
    mean_is("peak", &counts(&runs, 11.0 * 3600.0, 17.0 * 3600.0), law);
}

#[test]
fn a_new_rate_moves_calls_and_leaves_them_what_they_are() {
    for kind in ["gamma = { cv = 3.0, ", "weibull = { cv = 3.0, "] {
        let slow = arrivals(839, 1, 40, &format!("arrivals.{kind}rate = \"20/s\" }}")).remove(0);
        let fast = arrivals(839, 1, 20, &format!("arrivals.{kind}rate = \"40/s\" }}")).remove(0);
        assert!(slow.len() > 100 && slow.len().abs_diff(fast.len()) <= 1);
        for ((id, at), (other, earlier)) in slow.iter().zip(&fast) {
            assert!(id == other && (at - 2.0 * earlier).abs() < 1e-6);
        }
    }
    // The states stay where they are, and so do the bursts: twice the calls, at the same times.
    let text = |rate| {
        format!("arrivals.on-off = {{ rate = \"{rate}/s\", on-for = \"2s\", off-for = \"2s\" }}")
    };
    let (few, many) = (
        arrivals(840, 1, 60, &text(50)).remove(0),
        arrivals(840, 1, 60, &text(500)).remove(0),
    );
    let busy = |t: f64| many.iter().any(|(_, at)| (at - t).abs() < 0.1);
    assert!(few.len() > 200 && few.iter().all(|(_, t)| busy(*t)));
}
