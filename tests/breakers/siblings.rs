//! What the breakers of a route know of each other.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use squall::policy::breaker::answer::Answer;

use crate::bench::{Bench, End};

fn trip(bench: &mut Bench, endpoint: u16, at: u64) {
    let pass = bench.send_to(endpoint, at).expect("it is asked");
    bench.end_of(endpoint, pass, End::Bad, 0, at);
}

fn open_of(bench: &mut Bench, n: u16, at: u64) -> Vec<u16> {
    (0..n)
        .filter(|&e| bench.ask_at(e, at) == Answer::No)
        .collect()
}

#[test]
fn no_more_than_a_share_of_the_route_is_open() {
    // (endpoints, open at most): (ejected + 1)/n ≤ 10 %, or ejected/n < 10 %.
    for (tested, cases) in [
        ("after", [(2, 0), (9, 0), (10, 1), (15, 1), (20, 2)]),
        ("before", [(2, 1), (9, 1), (10, 1), (15, 2), (20, 2)]),
    ] {
        for (n, most) in cases {
            let mut bench = Bench::of(
                &format!(
                    "breaker.consecutive = {{ failures = 1, open = \"30s\" }}\n\
                     trip = {{ max-open = 0.1, max-open-tested = \"{tested}\" }}"
                ),
                n,
                1,
            );
            (0..n).for_each(|e| trip(&mut bench, e, 0));
            assert_eq!(
                open_of(&mut bench, n, 1).len(),
                most,
                "{tested}: {n} endpoints"
            );
        }
    }
}

#[test]
fn with_too_few_left_all_are_asked() {
    let mut bench = Bench::of(
        "breaker.consecutive = { failures = 1, open = \"30s\" }\ntrip.panic = 0.5",
        4,
        1,
    );
    trip(&mut bench, 0, 0);
    trip(&mut bench, 1, 0);
    assert_eq!(open_of(&mut bench, 4, 1), [0, 1], "half is enough");
    trip(&mut bench, 2, 1);
    assert!(open_of(&mut bench, 4, 2).is_empty(), "a quarter is not");
    let pass = bench.send_to(0, 2).expect("all are asked");
    assert!(!pass.is_probe());
    bench.end_of(0, pass, End::Good, 0, 3);
    assert_eq!(bench.trips(), 3, "what is learned in panic changes nothing");
}

/// Seeds 7300 to 7339. Mean and deviation of the success rates, from all endings of the interval.
#[test]
fn an_outlier_is_below_the_mean_by_so_many_deviations() {
    let mut found = 0;
    for seed in 7300..7340 {
        let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
        let n = rng.random_range(3..9u16);
        let mut bench = Bench::of(
            "breaker.outlier = { deviations = 1.5, every = \"10s\", min-endpoints = 4, min-volume = 20, \
             open = \"25s\" }\nreadmit.at-once = {}\ntrip.ended-every = \"10s\"",
            n,
            seed,
        );
        let weak = rng.random_range(0..n);
        let mut all = vec![(0.0, 0.0); usize::from(n)];
        let calls: Vec<u32> = (0..n).map(|_| rng.random_range(15..40)).collect();
        for endpoint in 0..n {
            for i in 0..calls[usize::from(endpoint)] {
                let bad = rng.random_bool(if endpoint == weak { 0.5 } else { 0.05 });
                let pass = bench
                    .send_to(endpoint, u64::from(i) * 200)
                    .expect("nothing is open");
                let end = if bad { End::Bad } else { End::Good };
                bench.end_of(endpoint, pass, end, 0, u64::from(i) * 200);
                let (good, all) = &mut all[usize::from(endpoint)];
                (*good, *all) = (*good + f64::from(!bad), *all + 1.0);
            }
        }
        let rate = |e: u16| {
            let (good, all) = all[usize::from(e)];
            (all >= 20.0).then_some(good / all)
        };
        let rates: Vec<f64> = (0..n).filter_map(rate).collect();
        let mean = rates.iter().sum::<f64>() / rates.len() as f64;
        let sigma = rates.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / rates.len() as f64;
        let limit = mean - 1.5 * sigma.sqrt();
        let expected: Vec<u16> = (0..n)
            .filter(|&e| rates.len() >= 4 && rate(e).is_some_and(|r| r < limit))
            .collect();
        assert!(open_of(&mut bench, n, 9999).is_empty(), "nobody has looked");
        assert_eq!(open_of(&mut bench, n, 10_000), expected, "seed {seed}");
        assert_eq!(
            open_of(&mut bench, n, 39_999),
            expected,
            "open to the sweep after 35 s"
        );
        assert!(open_of(&mut bench, n, 40_000).is_empty());
        found += expected.len();
    }
    assert!(found > 10, "{found} outliers");
}

/// Where all are equally bad nobody is an outlier; failures in a row trip all the same.
#[test]
fn failures_in_a_row_need_no_comparison() {
    let mut bench = Bench::of(
        "breaker.outlier = { in-a-row = 5, min-endpoints = 2, min-volume = 1, open = \"30s\" }",
        3,
        1,
    );
    for endpoint in 0..3 {
        (0..4).for_each(|_| trip(&mut bench, endpoint, 100));
    }
    assert!(open_of(&mut bench, 3, 10_000).is_empty());
    trip(&mut bench, 1, 10_500);
    assert_eq!(open_of(&mut bench, 3, 10_500), [1]);
}
