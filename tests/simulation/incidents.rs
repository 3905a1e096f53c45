//! Incidents that are drawn, each told of by itself: counted once more in the windows of the run, where an outage
//! is a row of windows without a good answer.

use super::build::{outcome, scenario};
use super::identities::broken;

const SEED: u64 = 3;
const S: u64 = 1_000_000_000;

/// Half a day of 5 calls a second, and outages of two to ten minutes, one in 40 minutes or so from the first hour on.
const TEXT: &str = r#"
    [workload]
    arrivals.poisson.rate = "5/s"
    tokens.fixed = { input = 10, output = 2 }
    deadline = "10s"
    [provider.a]
    latency.distribution = { first-token.constant = "100ms" }
    [[fault]]
    name = "outages"
    on = ["a"]
    at = "3600s"
    for = "39600s"
    schedule.incidents = { gap = { shape = 1, scale = "40m" }, lasts.uniform = { low = "2m", high = "10m" } }
    effect.outage = { status = 503 }
    [policy.p]
    retry.attempts = 1
    monitor.errors.watch = "failures"
    monitor.errors.test.bernoulli-cusum = { usual = "1%", risen = "50%", false-alarm-every = 100000000 }
"#;

#[test]
fn each_outage_that_is_drawn_has_a_recovery_and_an_alert_of_its_own() {
    let scenario = scenario(TEXT, 43_200, 0, SEED);
    let (mut outages, mut told) = (0, 0);
    for replication in 0..3 {
        let outcome = outcome(&scenario, 0, replication);
        assert_eq!(broken(&scenario, &outcome), [""; 0]);
        let run = outcome.replication;
        let windows = &run.windows;
        // Windows of 50 s: every outage holds one, and 250 calls arrive in each.
        let dark: Vec<bool> = windows.arrived_good.iter().map(|&good| good == 0).collect();
        assert_eq!(dark.len(), 864, "12 h");
        let rows = dark.chunk_by(|a, b| a == b).filter(|row| row[0]);
        let seen = rows.count();
        let met = &run.alerts.faults[0];
        // Two that follow within less than two windows may look like one.
        assert!(
            (seen..=seen + 1).contains(&met.len()),
            "{replication}: {seen}, {}",
            met.len()
        );
        for met in met {
            let after = met.after_ns.expect("with every call refused it is noticed");
            assert!(after < 10 * S, "{replication}: {after} ns");
        }
        let recovered = &run.incidents[0];
        assert!(recovered.len() <= met.len());
        for recovery in recovered {
            let took = recovery.recovered_ns.expect("nothing holds it back");
            assert!(took < 50 * S, "at the next whole window: {took} ns");
            assert!(recovery.horizon_ns >= 150 * S, "three windows");
        }
        assert_eq!((run.recovery, run.lock_up), (vec![None], None));
        outages += met.len();
        told += recovered.len();
    }
    // 11 h ÷ (40 min), less what overlaps, and all but those that another follows at once.
    assert!(
        (30..=60).contains(&outages) && told * 10 > outages * 7,
        "{told} of {outages}"
    );
}
