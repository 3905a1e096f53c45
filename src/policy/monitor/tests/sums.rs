//! Page–Hinkley against CUSUM and against a slow model.

use super::*;

#[test]
fn page_hinkley_around_a_known_mean_is_cusum() {
    let mut one = Config::PageHinkley(page(None, Some(6.0))).start();
    let sums = cusum::Config {
        mean: 3.0,
        deviation: 2.0,
        ..cusum(1.0, Side::Down, None, Some(3.0))
    };
    let mut other = Config::Cusum(sums).start();
    let (mut draws, mut alarms) = (draws(9), 0);
    for i in 0..20_000 {
        let x: f64 = StandardNormal.sample(&mut draws);
        let seen = Observation::Score(3.0 + 2.0 * x);
        let alarm = one.observe(seen);
        assert_eq!(alarm, other.observe(seen), "score {i}, seed {SEED}");
        alarms += u32::from(alarm);
    }
    assert!(alarms > 50, "{alarms}");
}

#[test]
fn page_hinkley_around_a_mean_of_its_own_is_the_sum_over_all_scores() {
    // A slow model that keeps every score and starts from nothing each time.
    let config = page_hinkley::Config {
        mean: None,
        deviation: None,
        tolerance: 0.05,
        keep: 0.99,
        min_observations: 30,
        side: Side::Both,
        false_alarm_every: None,
        threshold: Some(8.0),
    };
    let slow = |all: &[f64]| {
        let far = |sign: f64| {
            let (mut sum, mut least): (f64, f64) = (0.0, 0.0);
            for n in 1..=all.len() {
                let mean = all[..n].iter().sum::<f64>() / n as f64;
                sum = 0.99 * sum + sign * (all[n - 1] - mean) - 0.05;
                least = least.min(sum);
            }
            sum - least > 8.0
        };
        all.len() >= 30 && (far(1.0) || far(-1.0))
    };
    let mut state = Config::PageHinkley(config).start();
    let (mut draws, mut all, mut alarms) = (draws(10), Vec::new(), 0);
    for i in 0..1500_u32 {
        let x: f64 = StandardNormal.sample(&mut draws);
        let x = x + f64::from(i / 150 % 2) * 2.0;
        all.push(x);
        let alarm = slow(&all);
        assert_eq!(
            state.observe(Observation::Score(x)),
            alarm,
            "score {i}, seed {SEED}"
        );
        if alarm {
            all.clear();
            alarms += 1;
        }
    }
    assert!(alarms >= 5, "{alarms}");
}
