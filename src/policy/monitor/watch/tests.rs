//! What fits together, and what a test is given of what is seen.

use super::*;
use crate::policy::monitor::{adwin, bernoulli_cusum, cusum, embedding, page_hinkley};

fn watch(subject: Subject, test: Test) -> Watch {
    Watch {
        watch: subject,
        test,
        scale: Scale::Linear,
        sample: all(),
        then: Then::Alert,
        lasts: None,
    }
}

fn bernoulli() -> Test {
    Test::BernoulliCusum(bernoulli_cusum::Config {
        usual: Ratio(0.05),
        risen: Ratio(0.2),
        false_alarm_every: Some(1e4),
        threshold: None,
    })
}

fn normal() -> Test {
    Test::Cusum(cusum::Config {
        mean: 3.0,
        deviation: 1.0,
        shift: 1.0,
        side: super::super::Side::Up,
        false_alarm_every: Some(1e4),
        threshold: None,
    })
}

fn rivers() -> Test {
    Test::PageHinkley(page_hinkley::Config {
        mean: None,
        deviation: None,
        tolerance: 0.005,
        keep: 0.9999,
        min_observations: 30,
        side: super::super::Side::Both,
        false_alarm_every: None,
        threshold: Some(50.0),
    })
}

fn window() -> Test {
    Test::Adwin(adwin::Config {
        clock: 32,
        max_buckets: 5,
        min_window: 5,
        grace: 10,
        after_alarm: adwin::AfterAlarm::StartAnew,
        false_alarm_every: None,
        threshold: Some(0.002),
    })
}

fn vectors() -> Test {
    Test::Embedding(embedding::Config {
        dimensions: 8,
        baseline: 100,
        window: 50,
        false_alarm_every: Some(1e4),
        threshold: None,
    })
}

fn mistakes(check: impl FnOnce(&mut Check)) -> Vec<String> {
    let mut found = Check::new();
    check(&mut found);
    let all = found.into_mistakes().into_iter();
    all.map(|m| format!("{}{}", if m.warning { "? " } else { "" }, m.path.join(".")))
        .collect()
}

/// By hand: which law holds for which sort of observation.
#[test]
fn a_test_is_given_only_what_its_law_is_about() {
    use Subject::{Cost, Embedding, Failures, Judge, Latency, OutputTokens, Schema};
    let tests = [bernoulli(), window(), rivers(), normal(), vectors()];
    let fits = [
        (
            &[Failures, Schema, Judge][..],
            [true, true, true, false, false],
        ),
        (
            &[Latency, OutputTokens, Cost],
            [false, false, true, true, false],
        ),
        (&[Embedding], [false, false, false, false, true]),
    ];
    for (subjects, fits) in fits {
        for &subject in subjects {
            for (test, fits) in tests.iter().zip(fits) {
                let wrong = mistakes(|c| watch(subject, test.clone()).check(c));
                let expected = match fits {
                    true => vec![],
                    false => vec![format!("test.{}", test.kind())],
                };
                assert_eq!(wrong, expected, "{subject:?}");
            }
        }
    }
}

#[test]
fn what_makes_no_sense_is_told() {
    let fine = watch(Subject::Failures, bernoulli());
    let told = |wrong: Watch| mistakes(|c| wrong.check(c));
    let log = Watch {
        scale: Scale::Log,
        ..fine.clone()
    };
    assert_eq!(told(log), ["scale"]);
    for share in [0.0, 1.5, f64::NAN] {
        let none = Watch {
            sample: Ratio(share),
            ..fine.clone()
        };
        assert_eq!(told(none), ["sample"]);
    }
    let trips = Watch {
        then: Then::Trip,
        ..fine.clone()
    };
    assert_eq!(told(trips.clone()), ["then"]);
    assert_eq!(
        told(Watch {
            lasts: Some(Duration::ZERO),
            ..trips
        }),
        ["for"]
    );
    assert_eq!(
        told(Watch {
            lasts: Some(Duration(1)),
            ..fine.clone()
        }),
        [""; 0],
        "an alert may be followed by quiet"
    );
    let two: BTreeMap<String, Watch> = ["a", "b"]
        .map(|name| (name.to_string(), watch(Subject::Embedding, vectors())))
        .into();
    assert_eq!(mistakes(|c| check_all(&two, c)), ["b.watch"]);
    let many = (0..=MAX_MONITORS).map(|n| (n.to_string(), fine.clone()));
    assert_eq!(mistakes(|c| check_all(&many.collect(), c)), [""]);
}

/// Page and Hinkley's interval is of normal scores: of failures nothing is stated.
#[test]
fn no_interval_is_stated_that_is_not_true() {
    let failures = watch(Subject::Failures, rivers()).false_alarms();
    assert_eq!(failures, Interval::Unknown);
    let Interval::Mean(every) = watch(Subject::Failures, bernoulli()).false_alarms() else {
        panic!("the chain is solved exactly");
    };
    assert!((1e4..1.2e4).contains(&every), "{every}");
}
