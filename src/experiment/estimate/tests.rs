//! What applies where, and what the values are, on replications small enough to check by hand.

use super::*;
use crate::policy::Alarms;
use crate::record::alert::Met;
use crate::record::replication::Recovery;
use crate::record::{Sparse, UsageRow};

const S: u64 = 1_000_000_000;

fn setting() -> Setting {
    let scope = |name: &str, from, to| Scope {
        name: name.into(),
        from_ns: from * S,
        to_ns: to * S,
        ..Scope::default()
    };
    Setting {
        scopes: vec![scope("all", 10, 110), scope("outage", 40, 60)],
        window_ns: S,
        horizon_ns: 60 * S,
        last_fault: Some(0),
        priced: true,
        breakers: vec![true],
        alerts: vec![Alarms {
            monitors: true,
            ..Alarms::default()
        }],
        closed: false,
    }
}

fn times(ms: u64, n: u64) -> Times {
    Times {
        n,
        sum_ns: u128::from(ms * n) * 1_000_000,
        max_ns: ms * 1_000_000,
        histogram: Sparse {
            counts: vec![(ms * 1000, n)],
        },
    }
}

fn run(success: u64, recovered_ns: Option<u64>) -> Replication {
    let bill = UsageRow {
        outcome: "won".into(),
        pico_usd: 2_000_000_000_000,
        ..UsageRow::default()
    };
    let sums = Sums {
        calls: 1000,
        success,
        good: success,
        failed: 1000 - success,
        attempts: [1000, 1000 - success, 0, 0],
        sent_calls: 1000,
        usage: vec![bill],
        latency_good: times(60_000, 1000),
        latency_verdict: times(60_000, 1000),
        ..Sums::default()
    };
    Replication {
        scopes: vec![sums.clone(), sums],
        recovery: vec![Some(Recovery {
            recovered_ns,
            horizon_ns: 50 * S,
        })],
        lock_up: Some(recovered_ns.is_none()),
        breaker_trips: 3,
        ..Replication::default()
    }
}

fn samples(runs: &[Replication], scope: usize, setting: &Setting) -> Samples {
    Samples::of(runs, (0, scope), setting, &Stop::default()).unwrap()
}

fn value(samples: &Samples, name: &str) -> Result<f64, Absent> {
    let metric = Metric::named(name).unwrap();
    samples.of_metric(metric).map(|sample| sample.value)
}

#[test]
fn every_formula_gives_the_value_of_its_definition() {
    let runs = [run(900, Some(10 * S)), run(700, None)];
    let all = samples(&runs, 0, &setting());
    assert_eq!(value(&all, "success_ratio"), Ok(0.8));
    assert_eq!(value(&all, "goodput_per_s"), Ok(8.0));
    assert_eq!(value(&all, "amplification"), Ok(1.2));
    assert_eq!(value(&all, "cost_usd_total"), Ok(2.0));
    assert_eq!(value(&all, "cost_usd_per_success"), Ok(0.0025));
    assert_eq!(value(&all, "cost_usd_wasted"), Ok(0.0));
    assert_eq!(value(&all, "latency_good_ms_mean"), Ok(60_000.0));
    assert_eq!(value(&all, "latency_good_ms_max"), Ok(60_000.0));
    assert_eq!(value(&all, "breaker_trips"), Ok(3.0));
    assert_eq!(value(&all, "recovery_s"), Ok(30.0));
    assert_eq!(value(&all, "recovered_ratio"), Ok(0.5));
    assert_eq!(value(&all, "lock_up_share"), Ok(0.5));
}

#[test]
fn a_metric_that_does_not_apply_is_absent_with_its_reason() {
    let mut bare = setting();
    bare.priced = false;
    bare.breakers = vec![false];
    bare.last_fault = None;
    let runs = [run(900, Some(S)), run(700, None)];
    let all = samples(&runs, 0, &bare);
    assert_eq!(value(&all, "cost_usd_total"), Err(Absent::Unpriced));
    assert_eq!(value(&all, "cost_usd_wasted"), Err(Absent::Unpriced));
    assert_eq!(
        value(&all, "cost_usd_per_good_answer"),
        Err(Absent::Unpriced)
    );
    assert_eq!(value(&all, "breaker_open_good_s"), Err(Absent::NoBreaker));
    assert_eq!(value(&all, "retries_peak_per_100ms"), Ok(0.0));
    assert_eq!(value(&all, "recovery_s"), Err(Absent::NoRecovery));
    assert_eq!(value(&all, "ttft_ms_p50"), Err(Absent::Nothing));
    assert_eq!(value(&all, "ttft_ms_max"), Err(Absent::Nothing));
    assert_eq!(value(&all, "amplification_peak"), Err(Absent::NoPeakWindow));
    assert!(matches!(
        value(&all, "latency_good_ms_p999"),
        Err(Absent::TooFew { .. })
    ));
    let during = samples(&runs, 1, &setting());
    assert_eq!(value(&during, "breaker_trips"), Err(Absent::WholeRuns));
    assert_eq!(value(&during, "lock_up_share"), Err(Absent::WholeRuns));
    assert_eq!(value(&during, "recovery_s"), Ok(25.5));
    assert_eq!(value(&during, "goodput_per_s"), Ok(40.0));
}

#[test]
fn percentiles_of_what_conversations_cost_are_those_of_all_together_in_dollars() {
    // 100 of half a cent and, in every other run, ten of two dollars.
    let of = |dear: u64| {
        let mut run = run(900, None);
        let all = [(5_000_000, 100), (2_000_000_000, dear)];
        let counts = all.into_iter().filter(|(_, n)| *n > 0).collect();
        run.scopes[0].conversation_cost = Sparse { counts };
        run.scopes[0].statuses = [(200, 900), (429, 25), (503, 5)].into();
        run
    };
    let runs: Vec<Replication> = (0..20).map(|r| of(r % 2 * 10)).collect();
    let all = samples(&runs, 0, &setting());
    assert_eq!(value(&all, "cost_usd_per_conversation_p50"), Ok(0.005));
    assert_eq!(value(&all, "cost_usd_per_conversation_p95"), Ok(0.005));
    assert_eq!(value(&all, "cost_usd_per_conversation_p99"), Ok(2.0));
    let p95 = all.of_metric(Metric::named("cost_usd_per_conversation_p95").unwrap());
    let [low, high] = p95.unwrap().interval(0.95);
    assert_eq!((low, high), (Some(0.005), Some(2.0)), "it may be either");
    // 25 of 1000 first attempts and 100 retries.
    assert_eq!(value(&all, "status_429_ratio"), Ok(25.0 / 1100.0));
    let none = samples(&[run(900, None)], 0, &setting());
    assert_eq!(
        value(&none, "cost_usd_per_conversation_p99"),
        Err(Absent::Nothing)
    );
}

#[test]
fn of_incidents_that_are_drawn_each_counts_and_one_that_was_not_seen_to_end_took_for_ever() {
    let took = |s: Option<u64>| Recovery {
        recovered_ns: s.map(|s| s * S),
        horizon_ns: 90 * S,
    };
    let drawn = |seconds: &[Option<u64>]| Replication {
        recovery: vec![None],
        incidents: vec![seconds.iter().copied().map(took).collect()],
        ..run(900, None)
    };
    let told = Setting {
        last_fault: None,
        ..setting()
    };
    // 30 recoveries: six each of 10, 20, 30, 40 s and never, unevenly spread.
    let some = |s| [Some(s); 6];
    let runs = [
        drawn(&[some(10), some(20)].concat()),
        drawn(&[]),
        drawn(&[some(30).to_vec(), some(40).to_vec(), vec![None; 6]].concat()),
    ];
    for scope in [0, 1] {
        let samples = samples(&runs, scope, &told);
        assert_eq!(value(&samples, "recovered_ratio"), Ok(0.8));
        assert_eq!(value(&samples, "recovery_s"), Ok(38.0));
        assert_eq!(value(&samples, "recovery_s_p50"), Ok(30.0));
    }
    let metric = Metric::named("recovery_s_p50").unwrap();
    let median = samples(&runs, 1, &told).of_metric(metric).cloned().unwrap();
    assert_eq!(median.interval(0.95)[1], None, "it may be never");
    let few = [drawn(&[Some(1); 8]), drawn(&[None; 12])];
    let few = samples(&few, 1, &told);
    assert_eq!(value(&few, "recovery_s_p50"), Err(Absent::NotRecovered));
    assert_eq!(value(&few, "recovered_ratio"), Ok(0.4));
}

#[test]
fn a_fault_is_met_after_a_time_or_missed_and_a_miss_has_no_delay() {
    let met = |after_ns| Met {
        after_ns,
        lasted_ns: 40 * S,
    };
    let alerted = |faults: &[Option<Met>]| {
        let mut run = run(900, None);
        run.alerts.faults = faults.iter().map(|met| Vec::from_iter(*met)).collect();
        run.alerts.false_alerts = 1;
        run.alerts.left_out = 3;
        run
    };
    // Found after 10 s and 16 s, and not at all; in one run the fault lies outside of what counts.
    let runs = [
        alerted(&[Some(met(Some(10 * S)))]),
        alerted(&[Some(met(Some(16 * S)))]),
        alerted(&[Some(met(None))]),
        alerted(&[Some(met(None))]),
        alerted(&[None]),
    ];
    for scope in [0, 1] {
        let samples = samples(&runs, scope, &setting());
        assert_eq!(value(&samples, "alert_delay_s"), Ok(13.0));
        let delay = samples.of_metric(Metric::named("alert_delay_s").unwrap());
        assert_eq!(delay.unwrap().n, 2, "of two hits");
        assert_eq!(value(&samples, "alerted_ratio"), Ok(0.5));
    }
    let all = samples(&runs, 0, &setting());
    assert_eq!(value(&all, "alerts"), Ok(3.0));
    assert_eq!(value(&all, "false_alerts"), Ok(1.0));
    let mut without = setting();
    without.alerts = vec![Alarms::default()];
    let none = samples(&runs, 0, &without);
    for name in ["alerts", "false_alerts", "alert_delay_s", "alerted_ratio"] {
        assert_eq!(value(&none, name), Err(Absent::NoAlerts), "{name}");
    }
    // Guards may be wrong and do not look for faults; limits can be neither.
    without.alerts[0].counts = true;
    let limits = samples(&runs, 0, &without);
    assert_eq!(value(&limits, "alerts"), Ok(3.0));
    assert_eq!(value(&limits, "false_alerts"), Err(Absent::NeverWrong));
    without.alerts[0].guards = true;
    let guards = samples(&runs, 0, &without);
    assert_eq!(value(&guards, "false_alerts"), Ok(1.0));
    for name in ["alert_delay_s", "alerted_ratio"] {
        assert_eq!(value(&guards, name), Err(Absent::NoMonitor), "{name}");
    }
    let delay = |runs: &[Replication]| value(&samples(runs, 0, &setting()), "alert_delay_s");
    assert_eq!(delay(&[alerted(&[])]), Err(Absent::NoRecovery));
    assert_eq!(delay(&runs[2..]), Err(Absent::NotAlerted));
}

#[test]
fn a_time_at_h_is_marked_and_only_where_it_was_cut_there() {
    let mut runs = [run(0, None), run(0, None)];
    let marked = |runs: &[Replication], name: &str| {
        let all = samples(runs, 0, &setting());
        let metric = Metric::named(name).unwrap();
        all.of_metric(metric).unwrap().at_horizon()
    };
    assert!(marked(&runs, "latency_good_ms_p95"));
    assert!(marked(&runs, "latency_good_ms_max"));
    assert!(!marked(&runs, "latency_good_ms_mean"));
    assert!(!marked(&runs, "latency_verdict_ms_p95"));
    runs[1].scopes[0].unfinished = 1;
    assert!(marked(&runs, "latency_verdict_ms_p95"));
}

#[test]
fn nothing_at_all_is_absent_and_never_zero() {
    let all = samples(&[], 0, &setting());
    assert_eq!(all.present().count(), 0);
    let empty = [Replication {
        scopes: vec![Sums::default(); 2],
        ..Replication::default()
    }];
    let all = samples(&empty, 0, &setting());
    assert_eq!(value(&all, "success_ratio"), Err(Absent::Nothing));
    assert_eq!(value(&all, "goodput_per_s"), Ok(0.0));
}
