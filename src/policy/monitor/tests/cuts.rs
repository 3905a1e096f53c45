//! ADWIN against a slow model with every cut.

use super::adwin::AfterAlarm;
use super::*;

/// ADWIN with every cut: whether the window changes, of which the oldest scores then go.
fn slow_adwin(window: &mut Vec<f64>, delta: f64) -> bool {
    let differs = |all: &[f64]| {
        let n = all.len() as f64;
        let mean = all.iter().sum::<f64>() / n;
        let variance = all.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        all.len() > 10
            && (5..=all.len() - 5).any(|cut| {
                let (n0, n1) = (cut as f64, n - cut as f64);
                let m = 1.0 / (n0 - 4.0) + 1.0 / (n1 - 4.0);
                let log = libm::log(2.0 * libm::log(n) / delta);
                let apart = libm::sqrt(2.0 * m * variance * log) + 2.0 / 3.0 * m * log;
                let means = [all[..cut].iter(), all[cut..].iter()];
                let [old, new] = means.map(|part| part.clone().sum::<f64>() / part.len() as f64);
                (old - new).abs() > apart
            })
    };
    let mut alarm = false;
    while differs(window) {
        window.remove(0);
        alarm = true;
    }
    alarm
}

#[test]
fn adwin_with_a_bucket_for_each_score_is_the_slow_one_with_every_cut() {
    for after_alarm in [AfterAlarm::StartAnew, AfterAlarm::KeepNewer] {
        let config = adwin::Config {
            after_alarm,
            ..adwin(None, Some(0.05), 1000)
        };
        let mut state = Config::Adwin(config).start();
        let (mut draws, mut window, mut alarms, mut looked) = (draws(11), Vec::new(), 0, 0);
        for i in 1..=900_u32 {
            let share = if i / 150 % 2 == 0 { 0.2 } else { 0.7 };
            let failed = Bernoulli::new(share).unwrap().sample(&mut draws);
            window.push(f64::from(u8::from(failed)));
            let alarm = (i - looked) % 8 == 0 && slow_adwin(&mut window, 0.05);
            if alarm && after_alarm == AfterAlarm::StartAnew {
                window.clear();
                looked = i;
            }
            assert_eq!(
                state.observe(Observation::Failed(failed)),
                alarm,
                "{i}, {after_alarm:?}, seed {SEED}"
            );
            let State::Adwin(adwin) = &state else {
                unreachable!()
            };
            assert_eq!(adwin.width(), window.len() as u64, "{i}, {after_alarm:?}");
            alarms += u32::from(alarm);
        }
        assert!(alarms >= 5, "{alarms}, {after_alarm:?}");
    }
}

#[test]
fn adwin_with_joined_buckets_alarms_no_more_often_than_stated_and_soon_after_a_change() {
    let config = Config::Adwin(adwin(Some(400.0), None, 5));
    assert_eq!(config.false_alarms(), Interval::AtLeast(400.0));
    let mut draws = draws(12);
    let (mut alarms, n) = (0_u32, 200_000);
    let (mut state, mut widest) = (config.start(), 0);
    for i in 0..n {
        let failed = Bernoulli::new(0.3).unwrap().sample(&mut draws);
        alarms += u32::from(state.observe(Observation::Failed(failed)));
        if let (0, State::Adwin(adwin)) = (i % 1000, &state) {
            widest = adwin.width().max(widest);
        }
    }
    assert!(alarms <= n / 400, "{alarms} of {n}, seed {SEED}");
    assert!(widest > 10_000, "{widest}, {alarms} alarms");
    // With n₀ ≫ n₁ the cut needs ε(n₁) < 0.5: 30 of them do with δ = 0.01.
    let mut after = 0;
    while !state.observe(Observation::Failed(
        Bernoulli::new(0.8).unwrap().sample(&mut draws),
    )) {
        after += 1;
        assert!(after < 120, "seed {SEED}");
    }
}
