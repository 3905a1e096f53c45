//! What pairing is for: policies that meet the same weather are compared far more sharply.

use std::path::Path;

use squall::scenario::{Overrides, Scenario, check_str, load};
use squall::sim::{self, Setup};

/// The weather of the shipped outage with two policies of our own and a tenth of the traffic.
fn outage() -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/outage.toml");
    let text = std::fs::read_to_string(&path).expect("the scenario is shipped");
    let shipped = load(&path, Overrides::default()).expect("the shipped scenario is right");
    let (weather, _) = text.split_once("[policy.").expect("it has policies");
    let weather = weather
        .replace("\"20/s\"", "\"2/s\"")
        .replace("\"retry-only\"", "\"full\"");
    let policies = r#"
        [policy.full]
        route.failover = ["primary"]
        retry.attempts = 6
        retry.backoff.exponential = { base = "1s", cap = "32s", jitter = "full" }
        timeout = { first-token = "20s" }
        [policy.equal]
        extends = "full"
        retry.backoff.exponential.jitter = "equal"
    "#;
    let text = format!("{weather}{policies}");
    let scenario = check_str("outage.toml", &text)
        .expect("the text is right")
        .remove(0);
    assert_eq!(
        scenario.faults, shipped[0].faults,
        "the weather is the shipped one"
    );
    scenario
}

fn variance(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0)
}

#[test]
fn pairing_takes_most_of_the_noise_out_of_a_comparison_of_jitters() {
    const R: u32 = 200;
    let scenario = outage();
    println!("seed {}, R = {R}", scenario.run.seed);
    let setup = Setup::new(&scenario).expect("the policies fit");
    let success = |policy| -> Vec<f64> {
        let one = |r| {
            let all = sim::run(&setup, policy, r).replication.scopes.remove(0);
            all.success as f64 / all.calls as f64
        };
        (0..R).map(one).collect()
    };
    let (full, equal) = (success(0), success(1));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / f64::from(R);
    println!(
        "success: full {:.4}, equal {:.4}",
        mean(&full),
        mean(&equal)
    );
    for values in [&full, &equal] {
        assert!(
            (0.5..0.99).contains(&mean(values)),
            "near all or nothing there is no noise"
        );
    }
    let differences: Vec<f64> = full.iter().zip(&equal).map(|(f, e)| f - e).collect();
    let independent = variance(&full) + variance(&equal);
    let ratio = variance(&differences) / independent;
    println!("var(paired) / var(independent) = {ratio:.4}");
    assert!(independent > 0.0 && ratio <= 0.3, "{ratio}");
    assert!(
        mean(&equal) > mean(&full),
        "longer waits outlast more of the outage"
    );
}
