//! Clients of a real service: what is generated of them has the rates and spreads of their file.

use std::collections::BTreeMap;
use std::path::Path;

use squall::base::Instant;
use squall::scenario::files::Memory;
use squall::scenario::{Overrides, Scenario, load_from};
use squall::sim::Setup;
use squall::workload::windows::{Gap, Windows};

fn file(name: &str) -> String {
    let traces = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/traces");
    std::fs::read_to_string(traces.join(name)).expect("it is shipped")
}

/// A scenario whose arrivals are the clients of a file.
fn scenario(csv: &str, frame: &str, arrivals: &str) -> Scenario {
    let text = format!(
        "[run]\n{frame}\n[workload]\narrivals.clients = {{ file = \"c.csv\", {arrivals} }}\n\
         tokens.fixed = {{ input = 1, output = 1 }}\n[provider.api]\n[policy.p]\n"
    );
    let files = Memory::default().with("s.toml", text).with("c.csv", csv);
    let loaded = load_from(&files, Path::new("s.toml"), Overrides::default());
    let shown = loaded.diagnostics.render(squall::scenario::Style::PLAIN);
    println!("{frame} {arrivals}\n{shown}");
    loaded.into_result().expect("it is right").remove(0)
}

/// Calls of one run: number and seconds.
fn calls(setup: &Setup<'_>, scenario: &Scenario, replication: u32) -> Vec<(u64, f64)> {
    let (mut traffic, draws) = (setup.traffic.traffic(), setup.draws(replication));
    let end = Instant::ZERO + scenario.run.duration;
    let next = || traffic.next(&draws).filter(|call| call.at < end);
    std::iter::from_fn(next)
        .map(|call| (call.id.n(), call.at.0 as f64 / 1e9))
        .collect()
}

/// How a number is made: client, window and place, in 12, 14 and 22 bits.
fn parts(number: u64) -> (usize, usize, u64) {
    let below = |bits: u32| (1 << bits) - 1;
    let window = number >> 22 & below(14);
    ((number >> 36) as usize, window as usize, number & below(22))
}

#[test]
fn the_recordings_of_clients_are_what_they_are_said_to_be() {
    // Clients, windows, weibull windows, and calls per second over all windows of ten minutes that any client has.
    for (name, clients, windows, weibull, per_s) in [
        ("clients/servegen_mlarge.csv", 60, 23_770, 5545, 212.060),
        ("clients/servegen_r1.csv", 40, 2865, 471, 15.616),
    ] {
        let read = Windows::parse(file(name).as_bytes()).expect("a good file");
        assert_eq!(read.clients.len(), clients, "{name}");
        assert_eq!(read.all().count(), windows, "{name}");
        let of_weibull = read.all().filter(|window| window.law == Gap::Weibull);
        assert_eq!(of_weibull.count(), weibull, "{name}");
        let mut times: Vec<u32> = read.all().map(|window| window.start_s).collect();
        times.sort_unstable();
        times.dedup();
        let sum: f64 = read.all().map(|window| window.rate_per_s).sum();
        let mean = sum / times.len() as f64;
        assert!((mean / per_s - 1.0).abs() < 1e-4, "{name}: {mean}");
        assert_eq!(read.shortest_s(), Some(600), "{name}");
    }
}

/// A renewal process in equilibrium has rate × time calls, whatever the law of its gaps: in every window of every
/// client, from its first instant on.
#[test]
fn every_client_has_the_calls_of_its_window_and_the_spread_of_its_gaps() {
    const R: u32 = 60;
    let csv = file("clients/servegen_r1.csv");
    let frame = format!("duration = \"20m\"\nseed = 831\nreplications = {R}");
    let scenario = scenario(&csv, &frame, "starts = \"10h\"");
    let setup = Setup::new(&scenario).expect("the policy fits");
    let read = Windows::parse(csv.as_bytes()).expect("a good file");
    // By client and window: calls of each replication, and gaps within.
    let mut found: BTreeMap<(usize, usize), (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for r in 0..R {
        let mut last: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for (number, at) in calls(&setup, &scenario, r) {
            let (client, window, place) = parts(number);
            let (counts, gaps) = found.entry((client, window)).or_default();
            counts.resize(R as usize, 0.0);
            assert_eq!(counts[r as usize], place as f64, "in order of their places");
            counts[r as usize] += 1.0;
            gaps.extend(last.insert((client, window), at).map(|before| at - before));
        }
    }
    let (mut sum, mut expected, mut compared) = (0.0, 0.0, 0);
    for (client, windows) in read.clients.iter().enumerate() {
        for (window, is) in windows.iter().enumerate() {
            let Some((counts, gaps)) = found.get(&(client, window)) else {
                continue;
            };
            let law = is.rate_per_s * 600.0;
            let (mean, sd) = moments(counts);
            let se = sd / f64::from(R).sqrt();
            sum += mean;
            // Clumps of a few calls in sixty runs are no law of large numbers.
            if law >= 30.0 && is.cv < 2.0 {
                assert!(
                    (mean - law).abs() <= 4.5 * se,
                    "{client} {window}: {mean} of {law}, se {se}"
                );
            }
            // By Palm, gaps seen whole in a short window are too short: only of long ones is the spread seen.
            if law >= 200.0 && is.cv < 1.6 {
                compared += 1;
                let (mean, sd) = moments(gaps);
                let cv = sd / mean;
                assert!(
                    (cv / is.cv - 1.0).abs() < 0.05,
                    "{client} {window}: {cv} of {}",
                    is.cv
                );
            }
        }
    }
    for is in read
        .all()
        .filter(|is| [36_000, 36_600].contains(&is.start_s))
    {
        expected += is.rate_per_s * 600.0;
    }
    println!(
        "seed 831: {sum:.0} calls a run, {expected:.0} recorded; spreads of {compared} windows"
    );
    assert!(compared >= 9, "{compared}");
    // The largest client has a spread of 6: of sixty runs the sum is known to about 3 %.
    assert!((sum / expected - 1.0).abs() < 0.1);
    let planned = scenario.workload.expected(scenario.run.duration, None);
    assert!(
        (planned / expected - 1.0).abs() < 1e-9,
        "as it is planned with"
    );
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (mean, (squares / (n - 1.0)).sqrt())
}

/// In a window long enough, whatever the spread.
#[test]
fn clumps_have_their_spread_and_their_rate() {
    for (law, cv) in [("G", 4.0), ("G", 0.4), ("W", 2.5), ("W", 0.6)] {
        let csv = format!("client,t_s,rate_rps,cv,dist\n7,0,2.5,{cv},{law}\n");
        let frame = "duration = \"24h\"\nseed = 832\nreplications = 1";
        let scenario = scenario(&csv, frame, "window = \"24h\"");
        let setup = Setup::new(&scenario).expect("the policy fits");
        let all = calls(&setup, &scenario, 0);
        let gaps: Vec<f64> = all.windows(2).map(|two| two[1].1 - two[0].1).collect();
        let (mean, sd) = moments(&gaps);
        let (found, rate) = (sd / mean, 1.0 / mean);
        println!(
            "seed 832, {law} {cv}: {found:.3}, {rate:.3} per second of {}",
            gaps.len()
        );
        assert!((found / cv - 1.0).abs() < 0.05, "{law} {cv}: {found}");
        // Relative standard error of the mean gap: cv ÷ √n, under 1 % here.
        assert!((rate / 2.5 - 1.0).abs() < 4.0 * cv / (gaps.len() as f64).sqrt());
    }
}

/// Within a window the n-th call comes sooner at a higher rate and is the same call; the windows keep their times.
#[test]
fn another_rate_moves_calls_within_their_window_and_makes_none_another() {
    let csv = file("clients/servegen_r1.csv");
    let frame = "duration = \"30m\"\nseed = 833\nreplications = 1";
    let at = |times: &str| -> BTreeMap<u64, f64> {
        let scenario = scenario(&csv, frame, &format!("times = {times}, starts = \"10h\""));
        let setup = Setup::new(&scenario).expect("the policy fits");
        calls(&setup, &scenario, 0).into_iter().collect()
    };
    let (slow, fast) = (at("0.5"), at("1"));
    assert!(slow.len() > 5000 && fast.len() > slow.len());
    for (number, seconds) in &slow {
        let within = |at: f64| at % 600.0;
        let sooner = fast.get(number).expect("the same call");
        let off = within(*seconds) - 2.0 * within(*sooner);
        assert!(off.abs() < 1e-6, "{number}: {seconds} {sooner}");
    }
    // Ten minutes later in the recording the second window comes first.
    let begun = |starts: &str| {
        let scenario = scenario(&csv, frame, &format!("starts = \"{starts}\""));
        let setup = Setup::new(&scenario).expect("the policy fits");
        calls(&setup, &scenario, 0)
    };
    let later: BTreeMap<u64, f64> = begun("10h10m").into_iter().collect();
    let shared = fast.iter().filter(|(_, at)| **at >= 600.0);
    for (number, at) in shared {
        let earlier = later.get(number).expect("the same call");
        assert!((at - earlier - 600.0).abs() < 1e-6, "{number}");
    }
}

#[test]
fn a_recording_that_does_not_fit_is_refused_with_its_line() {
    let wrong = |csv: &str, arrivals: &str| {
        let text = format!(
            "[run]\nduration = \"10m\"\n[workload]\narrivals.clients = {{ file = \"c.csv\"{arrivals} }}\n\
             [provider.api]\n[policy.p]\n"
        );
        let files = Memory::default().with("s.toml", text).with("c.csv", csv);
        let loaded = load_from(&files, Path::new("s.toml"), Overrides::default());
        loaded.diagnostics.render(squall::scenario::Style::PLAIN)
    };
    let good = "client,t_s,rate_rps,cv,dist\n1,0,2,1,G\n1,600,2,1,W\n";
    assert_eq!(wrong(good, ""), "s.toml: no mistakes\n");
    let told = wrong("client,t_s,rate_rps,cv,dist\n1,0,2,1,G\n1,0,2,x,G\n", "");
    assert!(
        told.contains("`x` is no number (`cv`)") && told.contains("c.csv:3"),
        "{told}"
    );
    let told = wrong(good, ", window = \"20m\"");
    assert!(told.contains("windows that overlap"), "{told}");
    let told = wrong(good, ", starts = \"1h\"");
    assert!(
        told.contains("nothing arrives before the run is over"),
        "{told}"
    );
    let told = wrong("t_ms,in_tokens,out_tokens\n1,2,3\n", "");
    assert!(
        told.contains("the header is not `client,t_s,rate_rps,cv,dist`"),
        "{told}"
    );
}
