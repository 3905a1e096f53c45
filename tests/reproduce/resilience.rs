//! The verdict on stability against the law that it rests on, at loads below, at and above the bound.

use std::path::Path;

use squall::base::Stop;
use squall::base::units::Rate;
use squall::experiment::resilience::{Crew, Plan, verdicts};
use squall::record::results::Colour;
use squall::scenario::{Overrides, Scenario, load};
use squall::workload::arrivals;

/// scenarios/stability.toml with two retries at a load of λ·(1 + R) ÷ μ, μ = 50/s.
fn at(seed: u64, milli: u64) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/stability.toml");
    let overrides = Overrides {
        seed: Some(seed),
        replications: None,
    };
    let mut all = load(&path, overrides).expect("shipped scenarios are right");
    let mut scenario = all.remove(0);
    scenario.policies.retain(|(name, _)| name == "two-retries");
    let arrivals::Config::Poisson(poisson) = &mut scenario.workload.arrivals else {
        panic!("the arrivals of {} are no Poisson process", path.display());
    };
    poisson.rate = Rate {
        micro: milli * 1000 * 50 / 3,
        per: poisson.rate.per,
    };
    scenario
}

/// 200 seeds: `SQUALL_SEEDS=200 cargo test --release --test reproduce verdicts_are`.
#[test]
fn verdicts_are_green_amber_and_red_below_at_and_above_the_bound() {
    let asked = std::env::var("SQUALL_SEEDS").ok();
    let seeds: u64 = asked.map_or(3, |n| n.parse().expect("SQUALL_SEEDS is a number"));
    let stop = Stop::default();
    let crew = Crew {
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        stop: &stop,
        done: &|| (),
    };
    let mut right = [0; 3];
    for seed in 1..=seeds {
        let cases = [
            (800, Colour::Green),
            (980, Colour::Amber),
            (1200, Colour::Red),
        ];
        for ((milli, expected), right) in cases.into_iter().zip(&mut right) {
            let found = verdicts(&at(seed, milli), &Plan::default(), crew).expect("it can fly");
            *right += u64::from(found[0].colour == expected);
            if found[0].colour != expected {
                println!("seed {seed} at {milli}: {}", found[0].reason);
            }
        }
    }
    println!("of {seeds} seeds at 0.8, 0.98 and 1.2: {right:?} as the law has it");
    assert!(
        right.iter().all(|right| 100 * right >= 95 * seeds),
        "{right:?}"
    );
}
