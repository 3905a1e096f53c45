//! Mean run lengths of charts on normal observations, by Nyström's method: the integral equation
//! L(s) = 1 + ∫ L(y) dP(next = y | s) on Gauss–Legendre nodes. Page (1954) for CUSUM, Crowder (1987)
//! for EWMA.

use std::f64::consts::PI;

/// The density of the standard normal distribution.
pub(super) fn density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x) / libm::sqrt(2.0 * PI)
}

/// So many nodes that neighbours are less than one deviation of a step apart everywhere, where an
/// interval is `width` deviations of a step long: then a normal density is integrated to 10⁻⁹.
pub(super) fn nodes_for(width: f64) -> usize {
    (2.0 * width.min(300.0)) as usize + 32
}

/// Nodes and weights of the Gauss–Legendre quadrature on an interval: roots of Legendre's
/// polynomial by Newton's method from Tricomi's first guess.
pub(super) fn gauss_legendre(n: usize, low: f64, high: f64) -> Vec<(f64, f64)> {
    let (middle, half) = ((low + high) / 2.0, (high - low) / 2.0);
    let node = |i: usize| {
        let mut x = libm::cos(PI * (i as f64 + 0.75) / (n as f64 + 0.5));
        let mut slope = 1.0;
        for _ in 0..20 {
            let (mut p, mut before) = (1.0, 0.0);
            for j in 0..n {
                let j = j as f64;
                (p, before) = (((2.0 * j + 1.0) * x * p - j * before) / (j + 1.0), p);
            }
            slope = n as f64 * (x * p - before) / (x * x - 1.0);
            let step = p / slope;
            x -= step;
            if step.abs() < 1e-15 {
                break;
            }
        }
        (
            middle + half * x,
            half * 2.0 / ((1.0 - x * x) * slope * slope),
        )
    };
    (0..n).map(node).collect()
}

/// Solves a·x = b by elimination with partial pivoting; rows of `a` end in their b.
pub(super) fn solve(mut a: Vec<Vec<f64>>) -> Vec<f64> {
    let n = a.len();
    for column in 0..n {
        let best = (column..n)
            .max_by(|&i, &j| a[i][column].abs().total_cmp(&a[j][column].abs()))
            .unwrap_or(column);
        a.swap(column, best);
        let (above, below) = a.split_at_mut(column + 1);
        let pivot = &above[column];
        for row in below {
            let factor = row[column] / pivot[column];
            if factor != 0.0 {
                for (x, p) in row[column..].iter_mut().zip(&pivot[column..]) {
                    *x -= factor * p;
                }
            }
        }
    }
    let mut x = vec![0.0; n];
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|j| a[i][j] * x[j]).sum();
        x[i] = (a[i][n] - known) / a[i][i];
    }
    x
}

/// The threshold at which an interval that grows with it is `every`, by bisection.
pub(super) fn threshold(every: f64, interval: impl Fn(f64) -> f64) -> f64 {
    // Beyond what doubles can solve an interval comes out negative, so it is long enough.
    let enough = |at: f64| {
        let got = interval(at);
        got < 0.0 || got >= every
    };
    let mut high = 1.0;
    while !enough(high) && high < 1024.0 {
        high *= 2.0;
    }
    let mut low = 0.0;
    for _ in 0..36 {
        let middle = (low + high) / 2.0;
        if enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

/// The mean run length of a monitor of two sides from those of each, which is exact for CUSUMs of
/// one k (Kemp 1961); a side that is not watched never alarms.
pub(super) fn of_sides(down: Option<f64>, up: Option<f64>) -> f64 {
    let rate = |side: Option<f64>| side.map_or(0.0, |length| 1.0 / length);
    1.0 / (rate(down) + rate(up))
}
