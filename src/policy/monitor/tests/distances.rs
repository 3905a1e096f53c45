//! The distance of embeddings against the distributions of another library.

use statrs::distribution::{Beta, ContinuousCDF, FisherSnedecor};

use super::*;

#[test]
fn the_threshold_of_embeddings_is_a_quantile_of_fishers_distribution() {
    for (dimensions, baseline) in [(8, 20), (64, 2), (1536, 100), (4096, 1000)] {
        for chance in [0.2, 1e-2, 1e-4] {
            let config = embedding::Config {
                dimensions,
                baseline,
                ..embedding(Some(5.0 / chance), None)
            };
            let (d, m) = (f64::from(dimensions), f64::from(baseline));
            let fisher = FisherSnedecor::new(d, d * (m - 1.0)).unwrap();
            let f = config.threshold();
            near(fisher.sf(f), chance, 1e-6, &format!("{d} {m} {f}"));
        }
    }
}

/// The share of fresh references and windows that alarm, the mean moved in one dimension.
fn share_of_alarms(config: &embedding::Config, moved: f64, runs: u32, of: u64) -> f64 {
    let fresh = Config::Embedding(config.clone()).start();
    let (mut draws, mut alarms) = (draws(of), 0);
    for _ in 0..runs {
        let mut state = fresh.clone();
        for i in 0..config.baseline + config.window {
            let mut x = [0.0; 8];
            for x in &mut x {
                let z: f64 = StandardNormal.sample(&mut draws);
                *x = 5.0 + 3.0 * z;
            }
            if i >= config.baseline {
                x[2] += moved * 3.0;
            }
            alarms += u32::from(state.observe(Observation::Vector(&x)));
        }
    }
    f64::from(alarms) / f64::from(runs)
}

#[test]
fn embeddings_alarm_as_often_as_stated_and_find_a_shift_as_often_as_theory_says() {
    let config = embedding(Some(50.0), None);
    let runs = 40_000;
    // Four deviations of a share of so many.
    let bound = |p: f64| 4.0 * libm::sqrt(p * (1.0 - p) / f64::from(runs));
    let usual = share_of_alarms(&config, 0.0, runs, 13);
    assert!((usual - 0.1).abs() < bound(0.1), "{usual}, seed {SEED}");
    // The noncentral F as a Poisson mixture of betas.
    let (a, b) = (4.0, 8.0 * 19.0 / 2.0);
    let half = 1.0 / (1.0 / 5.0 + 1.0 / 20.0) / 2.0;
    let f = config.threshold();
    let x = a * f / (a * f + b);
    let (mut weight, mut below) = (libm::exp(-half), 0.0);
    for j in 0..60_u32 {
        let j = f64::from(j);
        below += weight * Beta::new(a + j, b).unwrap().cdf(x);
        weight *= half / (j + 1.0);
    }
    let found = share_of_alarms(&config, 1.0, runs, 14);
    let truth = 1.0 - below;
    assert!(
        (found - truth).abs() < bound(truth),
        "{found} {truth}, seed {SEED}"
    );
}
