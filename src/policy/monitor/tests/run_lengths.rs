//! Run lengths against chains of states and published tables.

use statrs::distribution::{ContinuousCDF, Normal};

use super::*;

/// Σₙ P(no alarm in the first n) of a chain of states whose alarm is no state: nothing is solved.
/// After `steps` the survival falls like a geometric series, whose rest is added.
fn survival(start: usize, chain: &[Vec<f64>], steps: usize) -> f64 {
    let mut at = vec![0.0; chain.len()];
    at[start] = 1.0;
    let (mut length, mut alive, mut ratio) = (0.0, 1.0, 1.0);
    for _ in 0..steps {
        length += alive;
        let mut next = vec![0.0; chain.len()];
        for (row, p) in chain.iter().zip(&at) {
            row.iter()
                .zip(&mut next)
                .for_each(|(q, next)| *next += p * q);
        }
        let left: f64 = next.iter().sum();
        (ratio, alive, at) = (left / alive, left, next);
        if alive < 1e-12 {
            return length;
        }
    }
    length + alive / (1.0 - ratio)
}

/// Brook and Evans (1972): CUSUM's sum in t states of width w = 2h/(2t − 1), the first of half a
/// width; the error falls with 1/t².
fn brook_evans(k: f64, h: f64, shift: f64, t: usize) -> f64 {
    let normal = Normal::standard();
    let w = 2.0 * h / (2 * t - 1) as f64;
    let row = |i: usize| {
        let below = |j: usize| normal.cdf((j as f64 - i as f64 + 0.5) * w + k - shift);
        let own = |j: usize| match j {
            0 => below(0),
            _ => below(j) - below(j - 1),
        };
        (0..t).map(own).collect()
    };
    let chain: Vec<Vec<f64>> = (0..t).map(row).collect();
    survival(0, &chain, 600)
}

/// From t and 2t states, with the error of order 1/t² taken out.
fn without_error(of: impl Fn(usize) -> f64, t: usize) -> f64 {
    (4.0 * of(2 * t) - of(t)) / 3.0
}

#[test]
fn the_run_lengths_of_cusum_are_those_of_brook_and_evans_chain() {
    for (k, h, shift) in [
        (0.5, 4.0, 0.0),
        (0.5, 5.0, 0.0),
        (0.5, 4.0, 1.0),
        (0.25, 6.0, 0.5),
        (1.0, 2.5, 0.0),
        (0.5, 3.0, -0.5),
    ] {
        let chain = without_error(|t| brook_evans(k, h, shift, t), 50);
        let got = cusum(2.0 * k, Side::Up, None, Some(h)).delay(shift);
        near(got, chain, 2e-3, &format!("k {k}, h {h}, shift {shift}"));
    }
}

#[test]
fn the_run_lengths_of_cusum_are_those_of_the_published_table() {
    // Montgomery, table 9.3, both sides, k = ½: shifts 0 to 4 deviations at h = 4 and h = 5.
    let table = [
        (0.0, 168.0, 465.0),
        (0.25, 74.2, 139.0),
        (0.5, 26.6, 38.0),
        (0.75, 13.3, 17.0),
        (1.0, 8.38, 10.4),
        (1.5, 4.75, 5.75),
        (2.0, 3.34, 4.01),
        (3.0, 2.19, 2.57),
        (4.0, 1.71, 2.01),
    ];
    for (shift, four, five) in table {
        for (h, length) in [(4.0, four), (5.0, five)] {
            let got = cusum(1.0, Side::Both, None, Some(h)).delay(shift);
            near(got, length, 6e-3, &format!("h {h}, shift {shift}"));
        }
    }
}

#[test]
fn siegmunds_formula_is_within_its_error_of_the_threshold_that_is_set() {
    for every in [1e3, 1e4, 1e6, 1e8] {
        let h = cusum(1.0, Side::Up, Some(every), None).threshold();
        let b = h + 1.166;
        let siegmund = 2.0 * (libm::exp(b) - b - 1.0);
        near(siegmund, every, 0.02, &format!("every {every}, h {h}"));
    }
}

#[test]
fn the_run_lengths_of_ewma_are_those_of_the_published_table() {
    // Lucas and Saccucci (1990), as in Montgomery's table 9.11: 500 while nothing changes, then the
    // delay for a shift of 0.5 and 1 deviations.
    let table = [
        (0.4, 3.054, [71.2, 14.3]),
        (0.25, 2.998, [48.2, 11.1]),
        (0.2, 2.962, [41.8, 10.5]),
        (0.1, 2.814, [31.3, 10.3]),
        (0.05, 2.615, [28.8, 11.4]),
    ];
    for (weight, l, delays) in table {
        let config = ewma(weight, None, Some(l));
        near(config.delay(0.0), 500.0, 5e-3, &format!("λ {weight}"));
        for (shift, delay) in [0.5, 1.0].into_iter().zip(delays) {
            let off = (config.delay(shift) - delay).abs();
            assert!(
                off < 0.15,
                "λ {weight}, shift {shift}: {}",
                config.delay(shift)
            );
        }
    }
}

#[test]
fn the_run_lengths_of_ewma_are_those_of_a_chain() {
    // Lucas and Saccucci's chain: 2t + 1 states between the limits, which start in the middle one.
    let chain = |weight: f64, l: f64, shift: f64, t: usize| {
        let normal = Normal::standard();
        let (h, n) = (l * libm::sqrt(weight / (2.0 - weight)), 2 * t + 1);
        let half = h / n as f64;
        let middle = |i: usize| -h + (2 * i + 1) as f64 * half;
        let row = |i: usize| {
            let below = |z: f64| normal.cdf((z - (1.0 - weight) * middle(i)) / weight - shift);
            (0..n)
                .map(|j| below(middle(j) + half) - below(middle(j) - half))
                .collect()
        };
        let chain: Vec<Vec<f64>> = (0..n).map(row).collect();
        survival(t, &chain, 600)
    };
    for (weight, l, shift) in [
        (0.1, 2.5, 0.0),
        (0.3, 2.7, 0.0),
        (0.1, 2.8, 1.0),
        (1.0, 2.5, 0.0),
    ] {
        let truth = without_error(|t| chain(weight, l, shift, t), 50);
        let got = ewma(weight, None, Some(l)).delay(shift);
        near(
            got,
            truth,
            3e-3,
            &format!("λ {weight}, L {l}, shift {shift}"),
        );
    }
}

#[test]
fn the_run_lengths_of_bernoulli_cusum_are_sums_of_survival() {
    for (usual, risen, h) in [
        (0.02, 0.05, 80.0),
        (0.1, 0.2, 30.0),
        (0.01, 0.03, 1.0),
        (0.3, 0.6, 9.0),
    ] {
        let config = bernoulli(usual, risen, None, Some(h));
        let (states, step) = (h as usize, config.step() as usize);
        for share in [usual, risen, 0.9] {
            let row = |i: usize| {
                let mut row = vec![0.0; states];
                row[i.saturating_sub(1)] += 1.0 - share;
                if i + step < states {
                    row[i + step] += share;
                }
                row
            };
            let chain: Vec<Vec<f64>> = (0..states).map(row).collect();
            let truth = survival(0, &chain, 4000);
            near(
                config.delay(share),
                truth,
                1e-6,
                &format!("{usual} {risen} {h} at {share}"),
            );
        }
    }
}

#[test]
fn the_threshold_of_bernoulli_cusum_is_the_smallest_that_alarms_so_rarely() {
    for every in [100.0, 5e3, 1e6] {
        let config = bernoulli(0.02, 0.06, Some(every), None);
        let h = config.threshold();
        let at = |h: u64| bernoulli(0.02, 0.06, None, Some(h as f64)).delay(0.02);
        assert!(
            at(h) >= every && (h == 1 || at(h - 1) < every),
            "{every}: {h}"
        );
        assert_eq!(config.false_alarms(), Interval::Mean(at(h)));
    }
    // Reynolds and Stoumbos: m = r₂/r₁, here 0.0425…⁻¹·1.139… = 26.8.
    assert_eq!(bernoulli(0.02, 0.06, None, Some(9.0)).step(), 26);
}
