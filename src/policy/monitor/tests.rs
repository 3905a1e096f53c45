//! The monitors' intervals of false alarms and their delays, each against another method than the
//! one that computes them: chains of states, sums of survival, published tables, simulation.

mod cuts;
mod distances;
mod run_lengths;
mod sums;

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Bernoulli, Distribution, StandardNormal};

use super::{Config, Interval, Observation, Side, State, adwin, bernoulli_cusum, cusum, embedding};
use super::{ewma, page_hinkley};
use crate::base::Check;
use crate::base::units::Ratio;

const SEED: u64 = 20_260_214;

fn draws(of: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(SEED + of)
}

fn cusum(shift: f64, side: Side, every: Option<f64>, threshold: Option<f64>) -> cusum::Config {
    cusum::Config {
        mean: 0.0,
        deviation: 1.0,
        shift,
        side,
        false_alarm_every: every,
        threshold,
    }
}

fn ewma(weight: f64, every: Option<f64>, threshold: Option<f64>) -> ewma::Config {
    ewma::Config {
        mean: 0.0,
        deviation: 1.0,
        weight,
        false_alarm_every: every,
        threshold,
    }
}

fn near(got: f64, truth: f64, tolerance: f64, what: &str) {
    let off = (got / truth - 1.0).abs();
    assert!(
        off <= tolerance,
        "{what}: {got}, but {truth} (off {off:.5}, seed {SEED})"
    );
}

fn bernoulli(
    usual: f64,
    risen: f64,
    every: Option<f64>,
    h: Option<f64>,
) -> bernoulli_cusum::Config {
    bernoulli_cusum::Config {
        usual: Ratio(usual),
        risen: Ratio(risen),
        false_alarm_every: every,
        threshold: h,
    }
}

/// The mean number of observations to the first alarm of 10 000 runs.
fn simulated(
    config: &Config,
    of: u64,
    mut next: impl FnMut(&mut Xoshiro256PlusPlus) -> Seen,
) -> f64 {
    const RUNS: u32 = 10_000;
    let mut draws = draws(of);
    let fresh = config.start();
    let mut all = 0_u64;
    for _ in 0..RUNS {
        let mut state = fresh.clone();
        loop {
            all += 1;
            let alarm = match next(&mut draws) {
                Seen::Score(x) => state.observe(Observation::Score(x)),
                Seen::Failed(failed) => state.observe(Observation::Failed(failed)),
            };
            if alarm {
                break;
            }
        }
    }
    all as f64 / f64::from(RUNS)
}

enum Seen {
    Score(f64),
    Failed(bool),
}

fn normal(mean: f64, deviation: f64) -> impl FnMut(&mut Xoshiro256PlusPlus) -> Seen {
    move |draws| {
        let x: f64 = StandardNormal.sample(draws);
        Seen::Score(mean + deviation * x)
    }
}

#[test]
fn simulated_charts_of_scores_alarm_as_often_as_they_say() {
    let scaled = cusum::Config {
        mean: 7.0,
        deviation: 2.0,
        ..cusum(1.0, Side::Down, Some(300.0), None)
    };
    let delay = scaled.delay(-1.0);
    let scaled = Config::Cusum(scaled);
    near(
        simulated(&scaled, 1, normal(7.0, 2.0)),
        300.0,
        0.04,
        "cusum",
    );
    near(
        simulated(&scaled, 2, normal(5.0, 2.0)),
        delay,
        0.04,
        "cusum, shifted",
    );
    let both = Config::Cusum(cusum(1.0, Side::Both, Some(200.0), None));
    near(
        simulated(&both, 3, normal(0.0, 1.0)),
        200.0,
        0.04,
        "cusum of both sides",
    );

    let average = ewma(0.2, Some(300.0), None);
    let delay = average.delay(1.0);
    let average = Config::Ewma(average);
    near(
        simulated(&average, 4, normal(0.0, 1.0)),
        300.0,
        0.04,
        "ewma",
    );
    near(
        simulated(&average, 5, normal(1.0, 1.0)),
        delay,
        0.04,
        "ewma, shifted",
    );
}

/// Scores of which the logarithm is normal, as those of latencies nearly are, in deviations from their mean;
/// or the logarithms themselves.
fn log_normal(sigma: f64, log: bool) -> impl FnMut(&mut Xoshiro256PlusPlus) -> Seen {
    let mean = libm::exp(sigma * sigma / 2.0);
    let deviation = mean * libm::sqrt(libm::expm1(sigma * sigma));
    move |draws| {
        let z: f64 = StandardNormal.sample(draws);
        Seen::Score(match log {
            true => z,
            false => (libm::exp(sigma * z) - mean) / deviation,
        })
    }
}

#[test]
fn of_log_normal_numbers_as_they_are_the_stated_interval_does_not_hold() {
    let upward = Config::Cusum(cusum(1.0, Side::Up, Some(1000.0), None));
    let as_they_are = simulated(&upward, 71, log_normal(0.7, false));
    assert!(
        as_they_are < 250.0,
        "{as_they_are}: one in 1 000 was stated"
    );
    let logarithms = simulated(&upward, 72, log_normal(0.7, true));
    near(logarithms, 1000.0, 0.04, "cusum of logarithms");
}

#[test]
fn simulated_charts_of_failures_and_of_page_alarm_as_often_as_they_say() {
    let failed = |share: f64| {
        move |draws: &mut Xoshiro256PlusPlus| {
            Seen::Failed(Bernoulli::new(share).unwrap().sample(draws))
        }
    };
    let passes = bernoulli(0.05, 0.15, Some(300.0), None);
    let (usual, delay) = (passes.delay(0.05), passes.delay(0.15));
    let passes = Config::BernoulliCusum(passes);
    near(
        simulated(&passes, 6, failed(0.05)),
        usual,
        0.04,
        "bernoulli",
    );
    near(
        simulated(&passes, 7, failed(0.15)),
        delay,
        0.04,
        "bernoulli, risen",
    );

    let page = page(Some(200.0), None);
    near(
        simulated(&Config::PageHinkley(page), 8, normal(3.0, 2.0)),
        200.0,
        0.04,
        "page-hinkley",
    );
}

fn page(every: Option<f64>, threshold: Option<f64>) -> page_hinkley::Config {
    page_hinkley::Config {
        mean: Some(3.0),
        deviation: Some(2.0),
        tolerance: 1.0,
        keep: 1.0,
        min_observations: 0,
        side: Side::Down,
        false_alarm_every: every,
        threshold,
    }
}

fn adwin(every: Option<f64>, delta: Option<f64>, max_buckets: u32) -> adwin::Config {
    adwin::Config {
        clock: 8,
        max_buckets,
        min_window: 5,
        grace: 10,
        after_alarm: adwin::AfterAlarm::StartAnew,
        false_alarm_every: every,
        threshold: delta,
    }
}

fn embedding(every: Option<f64>, threshold: Option<f64>) -> embedding::Config {
    embedding::Config {
        dimensions: 8,
        baseline: 20,
        window: 5,
        false_alarm_every: every,
        threshold,
    }
}

#[test]
fn what_makes_no_sense_is_told() {
    let told = |config: Config| {
        let mut check = Check::new();
        config.check(&mut check);
        let mistakes = check.into_mistakes().into_iter();
        mistakes
            .map(|mistake| mistake.path.join("."))
            .collect::<Vec<_>>()
    };
    let fine: [Config; 6] = [
        Config::Cusum(cusum(1.0, Side::Down, Some(1e4), None)),
        Config::BernoulliCusum(bernoulli(0.02, 0.06, Some(1e4), None)),
        Config::PageHinkley(page(Some(1e4), None)),
        Config::Ewma(ewma(0.1, Some(1e4), None)),
        Config::Adwin(adwin(Some(1e4), None, 5)),
        Config::Embedding(embedding(Some(1e4), None)),
    ];
    for config in fine {
        assert_eq!(told(config.clone()), [""; 0], "{config:?}");
    }
    let both = cusum(1.0, Side::Down, Some(1e4), Some(4.0));
    assert_eq!(told(Config::Cusum(both)), ["cusum.threshold"]);
    assert_eq!(told(Config::Ewma(ewma(0.1, None, None))), ["ewma"]);
    let unknown = page_hinkley::Config {
        mean: None,
        ..page(Some(1e4), None)
    };
    assert_eq!(
        told(Config::PageHinkley(unknown)),
        ["page-hinkley.false-alarm-every"]
    );
    let long = bernoulli(0.001, 0.0011, Some(1e8), None);
    assert_eq!(
        told(Config::BernoulliCusum(long)),
        ["bernoulli-cusum.false-alarm-every"]
    );
    for nan in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
        let wrong = cusum::Config {
            deviation: nan,
            ..cusum(1.0, Side::Down, Some(1e4), None)
        };
        assert_eq!(told(Config::Cusum(wrong)), ["cusum.deviation"]);
        assert_eq!(
            told(Config::Ewma(ewma(nan, Some(1e4), None))),
            ["ewma.weight"]
        );
        let wrong = embedding(Some(nan), None);
        assert!(!told(Config::Embedding(wrong)).is_empty());
        assert!(!told(Config::Adwin(adwin(Some(nan), None, 5))).is_empty());
    }
    let wrong = embedding::Config {
        dimensions: 9,
        ..embedding(Some(1e4), None)
    };
    assert_eq!(told(Config::Embedding(wrong)), ["embedding.dimensions"]);
}
