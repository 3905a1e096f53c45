//! Consecutive breakers: how long until they trip, and what they send into an outage.

use squall::experiment::Sample;
use squall::record::Replication;
use squall::scenario::files::Memory;
use squall::scenario::load_from;
use squall::sim::Setup;

use crate::failures::{failing, power};
use crate::fly::{MEAN, fly, holds, run};

/// Average run lengths hold within 4 %.
const RUN_LENGTH: f64 = 0.04;

/// Mean number of calls to k failures in a row.
fn calls_to_trip(p: f64, k: u32) -> f64 {
    (1.0 / power(p, k) - 1.0) / (1.0 - p)
}

/// Attempts ÷ trips, held to a law.
fn attempts_per_trip(what: &str, runs: &[Replication], law: f64, within: f64) {
    let attempts = runs.iter().map(|run| run.scopes[0].attempts_total() as f64);
    let trips: Vec<f64> = runs.iter().map(|run| run.breaker_trips as f64).collect();
    let ratio = Sample::ratio(&attempts.collect::<Vec<_>>(), &trips);
    let ratio = ratio.expect("breakers trip").estimate("ratio");
    holds(what, &ratio, law, within);
}

/// Breakers that never close again: what each process sends is its number of calls to the trip.
#[test]
fn k_failures_in_a_row_take_their_mean_number_of_calls() {
    let processes = 250u32;
    for (seed, p, k) in [(501, 0.7, 3), (502, 0.5, 2)] {
        let law = calls_to_trip(p, k);
        // Twenty times the mean for every process: all but none are still closed at the end.
        let rate = 20.0 * law * f64::from(processes) / 22.0;
        let policy =
            format!("[policy.breaker]\nbreaker.consecutive = {{ failures = {k}, open = \"1h\" }}");
        let text = failing(seed, rate as u32, p, &policy)
            .replace(
                "[workload]",
                &format!("[workload]\nprocesses = {processes}"),
            )
            .replace("warm-up = \"2s\"", "warm-up = \"0s\"");
        let flown = fly(&text);
        let runs = flown.runs("breaker");
        println!("p = {p}, k = {k}");
        let trips: u64 = runs.iter().map(|run| run.breaker_trips).sum();
        assert_eq!(
            trips,
            u64::from(processes) * runs.len() as u64,
            "all tripped"
        );
        attempts_per_trip("calls to the trip", runs, law, RUN_LENGTH);
    }
}

/// A breaker that opens for no time to speak of: every trip is followed by one probe, which fails
/// with p and trips it again or begins a new count. Per trip (1 − p)·E[calls to trip] + 1 = p^−k.
#[test]
fn with_an_open_time_of_nothing_one_attempt_in_p_to_the_minus_k_trips() {
    for (seed, p, k, rate) in [(503, 0.5, 2, 500), (504, 0.8, 5, 450)] {
        let policy =
            format!("[policy.breaker]\nbreaker.consecutive = {{ failures = {k}, open = \"1ns\" }}");
        let text = failing(seed, rate, p, &policy).replace("warm-up = \"2s\"", "warm-up = \"0s\"");
        let flown = fly(&text);
        let runs = flown.runs("breaker");
        for run in runs {
            let probes = run.scopes[0].probes;
            assert!(probes == run.breaker_trips || probes + 1 == run.breaker_trips);
        }
        println!("p = {p}, k = {k}");
        let law = (1.0 - p) * calls_to_trip(p, k) + 1.0;
        assert!((law * power(p, k) - 1.0).abs() < 1e-12);
        attempts_per_trip("attempts per trip", runs, law, MEAN);
    }
}

/// What one outage looks like to one process: times in ms, calls at every multiple of `gap`.
#[derive(Clone, Copy, Debug)]
struct Outage {
    gap: u64,
    from: u64,
    lasts: u64,
    round_trip: u64,
    failures: u64,
    open: u64,
    probes: u64,
}

impl Outage {
    /// Attempts the breaker lets into the outage, by arithmetic.
    ///
    /// It trips one round trip after the k-th attempt; all calls until then are sent, and so is the
    /// one of the very instant only if it comes before the news, which it does not: signals come
    /// first. Each cycle then lasts the open time from the news on, up to the next call; h probes go
    /// out from there, at most as many as calls come before the first of them is refused.
    fn attempts(&self) -> u64 {
        let Outage {
            gap, round_trip, ..
        } = *self;
        let end = self.from + self.lasts;
        let up = |t: u64| t.div_ceil(gap) * gap;
        let calls = |from: u64, to: u64| to.min(end).saturating_sub(from).div_ceil(gap);
        let first = up(self.from);
        let mut trips = first + (self.failures - 1) * gap + round_trip;
        let mut sent = calls(first, trips.max(first + self.failures * gap - gap + 1));
        loop {
            let probe = up(trips + self.open);
            if probe >= end {
                return sent;
            }
            sent += self.probes.min(calls(probe, probe + round_trip.max(1)));
            trips = probe + round_trip;
        }
    }

    fn text(&self) -> String {
        format!(
            r#"
            [run]
            duration = "{}ms"
            seed = 505
            replications = 1
            [workload]
            arrivals.trace = "every.csv"
            tokens = "trace"
            [provider.api]
            network.out.constant = "0s"
            network.back.constant = "{}ms"
            latency.distribution = {{ first-token.constant = "0s" }}
            [[fault]]
            name = "outage"
            on = ["api"]
            at = "{}ms"
            for = "{}ms"
            effect.outage = {{}}
            [policy.breaker]
            breaker.consecutive = {{ failures = {}, open = "{}ms", probes = {} }}
            "#,
            self.from + self.lasts + 60_000,
            self.round_trip,
            self.from,
            self.lasts,
            self.failures,
            self.open,
            self.probes
        )
    }

    /// Runs it; the attempts sent by calls of the outage.
    fn flown(&self) -> Replication {
        let last = (self.from + self.lasts + 60_000) / self.gap;
        let row = |i: u64| format!("{},1,1\n", i * self.gap);
        let rows: String = (0..last).map(row).collect();
        let files = Memory::default()
            .with("law.toml", self.text())
            .with("every.csv", format!("t_ms,in_tokens,out_tokens\n{rows}"));
        let loaded = load_from(&files, "law.toml".as_ref(), Default::default());
        let scenarios = loaded.into_result().expect("the text is right");
        let setup = Setup::new(&scenarios[0]).expect("the policies fit");
        run(&setup, 0, 0)
    }
}

#[test]
fn a_breaker_sends_k_attempts_and_one_probe_per_open_time_into_an_outage() {
    let plain = Outage {
        gap: 100,
        from: 10_000,
        lasts: 60_000,
        round_trip: 0,
        failures: 5,
        open: 5_000,
        probes: 1,
    };
    // What the literature says, where nothing is in flight and the open time fits the gap.
    let tripped_for = plain.lasts - (plain.failures - 1) * plain.gap - 1;
    assert_eq!(plain.attempts(), plain.failures + tripped_for / plain.open);
    let cases = [
        plain,
        Outage {
            failures: 1,
            ..plain
        },
        Outage {
            open: 7_350,
            ..plain
        },
        Outage {
            gap: 300,
            from: 10_100,
            ..plain
        },
        Outage {
            lasts: 5_400,
            ..plain
        },
        // Several probes are of use only while none has come back.
        Outage { probes: 3, ..plain },
        Outage {
            round_trip: 1_050,
            ..plain
        },
        Outage {
            round_trip: 1_050,
            probes: 3,
            ..plain
        },
        Outage {
            round_trip: 250,
            probes: 9,
            ..plain
        },
    ];
    for case in cases {
        let run = case.flown();
        let during = &run.scopes[1];
        println!("{case:?}: {} attempts", during.attempts_total());
        assert_eq!(during.attempts_total(), case.attempts(), "{case:?}");
        // Nothing that was sent came back whole, and after the outage it closes again.
        assert_eq!(during.success, 0);
        let last_answers = run.windows.good.iter().rev().skip(2).take(5);
        assert!(last_answers.copied().all(|good| good > 0), "{case:?}");
    }
}
