//! Estimates in words.

use super::*;

#[test]
fn limits_are_written_as_people_write_them() {
    assert_eq!(amount(2.0, "attempts_per_call"), "2");
    assert_eq!(amount(0.999, "ratio"), "99.9 %");
    assert_eq!(amount(0.07, "ratio"), "7 %");
    assert_eq!(amount(30_000.0, "ms"), "30 s");
    assert_eq!(amount(250.0, "ms"), "250 ms");
    assert_eq!(amount(0.0025, "usd"), "$0.0025");
    assert_eq!(amount(100.0, "per_s"), "100/s");
    assert_eq!(amount(0.0, "ratio"), "0 %");
    assert_eq!(tolerance(0.0111111, "ratio"), "1.11 %");
    assert_eq!(tolerance(0.0005, POINTS), "0.05 points");
}

#[test]
fn an_estimate_has_as_many_digits_as_its_interval_is_worth() {
    let text = |value, low, high, unit| interval(value, [Some(low), Some(high)], unit, UNJUDGED);
    assert_eq!(text(1.3712, 1.3512, 1.3912, "count"), "1.37 [1.35, 1.39]");
    assert_eq!(text(27_312.0, 25_100.0, 29_950.0, "ms"), "27 s [25, 30]");
    assert_eq!(
        text(27_312.0, 26_100.0, 28_450.0, "ms"),
        "27.3 s [26.1, 28.4]"
    );
    assert_eq!(
        text(0.99812, 0.997, 0.999, "ratio"),
        "99.81 % [99.70, 99.90]"
    );
    assert_eq!(text(1.2, 1.2, 1.2, "count"), "1.200 [1.200, 1.200]");
    assert_eq!(text(0.0, -0.0001, 0.02, "count"), "0.00 [0.00, 0.02]");
    assert_eq!(
        text(1.2, 1.2, 1.2 + 1e-12, "count"),
        "1.20000 [1.20000, 1.20000]"
    );
    assert_eq!(
        text(-0.000349, -0.0004, -0.0003, "usd"),
        "−$0.00035 [−0.00040, −0.00030]"
    );
    assert_eq!(
        interval(5.0, [Some(3.0), None], "s", UNJUDGED),
        "5 s [3, none]"
    );
    assert_eq!(interval(5.0, [None, None], "s", UNJUDGED), "5.000 s");
}

#[test]
fn what_was_found_ends_in_the_bound_that_decides() {
    let metric = Metric::named("amplification").unwrap();
    // 1.5 ± 0.5: se = 0.2887, and t with 3 degrees of freedom is 2.3534 at a one-sided 95 %.
    let sample = Sample::mean(&[1.0, 2.0, 2.0, 1.0]).unwrap();
    let at = |bound| found(&sample, metric, bound, UNJUDGED);
    assert_eq!(at(Some(Bound::AtLeast)), "1.5, at least 0.8");
    assert_eq!(at(Some(Bound::AtMost)), "1.5, at most 2.2");
    assert_eq!(at(None), "1.500");
    let one = Sample::mean(&[1.0]).unwrap();
    assert_eq!(
        found(&one, metric, Some(Bound::AtMost), UNJUDGED),
        "1.000, no upper bound"
    );
    assert_eq!(
        with_error(&sample, metric, 0.25, UNJUDGED),
        "1.5, standard error 0.289 (0.25 allowed)"
    );
}

#[test]
fn what_is_printed_lies_on_the_side_where_it_was_judged() {
    let metric = Metric::named("success_ratio").unwrap();
    let sample = Sample::mean(&[0.94, 0.95, 0.93, 0.96]).unwrap();
    let bound = sample.interval(ONE_SIDED)[0].unwrap();
    // 94.5 % with the lower bound 92.981 %.
    let at = |limit| {
        let judged = |x: f64| compare(x, limit);
        found(&sample, metric, Some(Bound::AtLeast), &judged)
    };
    assert_eq!(at(0.9), "94.5 %, at least 93.0 %");
    assert!(bound < 0.93, "{bound}");
    assert_eq!(at(0.93), "94.5 %, at least 92.98 %");
}

#[test]
fn a_law_that_is_missed_is_seen_to_be_missed() {
    let metric = Metric::named("amplification").unwrap();
    // 1.54 with a standard error of 0.288675.
    let sample = Sample::mean(&[1.04, 2.04, 2.04, 1.04]).unwrap();
    let at = |most, high| with_error(&sample, metric, most, &|x| side_of(x, [1.0, high]));
    assert_eq!(
        at(0.289, 1.6),
        "1.5, standard error 0.289 (0.289 allowed)",
        "both hold"
    );
    assert_eq!(
        at(0.288_59, 1.52),
        "1.54, standard error 0.2887 (0.2886 allowed)",
        "neither does"
    );
}
