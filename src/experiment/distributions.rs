//! Quantiles of Student's t and of beta, Clopper–Pearson bounds, exact binomial tails.
//!
//! Everything rests on one function, the regularised incomplete beta, through `libm` alone, so an
//! interval has the same bytes on every CPU.

/// The regularised incomplete beta function I_x(a, b): the distribution function of beta.
///
/// Continued fraction of DLMF 8.17.22, on the side where it converges fast; a, b > 0.
pub fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    if x < (a + 1.0) / (a + b + 2.0) {
        front(x, a, b) * fraction(x, a, b) / a
    } else {
        1.0 - front(x, a, b) * fraction(1.0 - x, b, a) / b
    }
}

/// The quantile function of beta: the x with I_x(a, b) = p. Newton's steps inside a bracket that
/// only ever shrinks; a step that would leave the bracket halves it instead.
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    let mut x = a / (a + b);
    for _ in 0..200 {
        let miss = beta_cdf(x, a, b) - p;
        if miss < 0.0 {
            low = x;
        } else {
            high = x;
        }
        // The density is x^(a−1)·(1−x)^(b−1)/B(a, b).
        let slope = front(x, a, b) / (x * (1.0 - x));
        let newton = x - miss / slope;
        let next = if newton > low && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        if (next - x).abs() <= 2e-16 * next {
            return next;
        }
        x = next;
    }
    x
}

/// x^a·(1−x)^b / B(a, b).
fn front(x: f64, a: f64, b: f64) -> f64 {
    let ln_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    libm::exp(a * libm::log(x) + b * libm::log1p(-x) - ln_beta)
}

/// The continued fraction of I_x(a, b), by the modified method of Lentz (Thompson and Barnett,
/// J. Comput. Phys. 64, 1986).
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    // Lentz divides by these; a zero would end it, this is small enough to be one.
    const TINY: f64 = 1e-300;
    let keep = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / keep(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for i in 1..20_000u32 {
        let m = f64::from(i);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / keep(1.0 + term * d);
            c = keep(1.0 + term / c);
            change = c * d;
            value *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

/// The t with P(|T| ≤ t) = `level` at `df` ≥ 1 degrees of freedom: the factor of a two-sided
/// interval. For a one-sided 95 % bound take level 0.90.
///
/// P(|T| > t) = I_x(df/2, 1/2) at x = df/(df + t²) (DLMF 8.17, Abramowitz and Stegun 26.5.27).
pub fn student_t(level: f64, df: u64) -> f64 {
    let df = df as f64;
    let x = beta_quantile(1.0 - level, 0.5 * df, 0.5);
    (df * (1.0 - x) / x).sqrt()
}

/// The exact upper bound of a share at one-sided `confidence`, `hits` of `of` seen.
///
/// Clopper and Pearson, Biometrika 26, 1934: the beta quantile at (k + 1, n − k).
pub fn share_upper(hits: u64, of: u64, confidence: f64) -> f64 {
    if hits >= of {
        return 1.0;
    }
    beta_quantile(confidence, hits as f64 + 1.0, (of - hits) as f64)
}

/// The exact lower bound of a share at one-sided `confidence`, `hits` of `of` seen.
pub fn share_lower(hits: u64, of: u64, confidence: f64) -> f64 {
    if hits == 0 {
        return 0.0;
    }
    beta_quantile(1.0 - confidence, hits as f64, (of - hits) as f64 + 1.0)
}

/// P(X ≤ k) for X binomial of `n` tries at chance `p`.
pub fn binomial_cdf(k: u64, n: u64, p: f64) -> f64 {
    if k >= n {
        return 1.0;
    }
    beta_cdf(1.0 - p, (n - k) as f64, k as f64 + 1.0)
}

/// McNemar's exact two-sided p: of the pairs that differ, `only_a` differ one way and `only_b` the
/// other; under no difference that is a fair coin.
pub fn mcnemar(only_a: u64, only_b: u64) -> f64 {
    let tail = binomial_cdf(only_a.min(only_b), only_a + only_b, 0.5);
    (2.0 * tail).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Beta, Binomial, ContinuousCDF, DiscreteCDF, StudentsT};

    #[test]
    fn the_incomplete_beta_agrees_with_another_library() {
        for a in [0.5, 1.0, 2.5, 16.0, 255.5, 3000.0] {
            for b in [0.5, 1.0, 7.0, 60.0, 1000.0] {
                let oracle = Beta::new(a, b).unwrap();
                for i in 1..50 {
                    let x = f64::from(i) / 50.0;
                    let (ours, theirs) = (beta_cdf(x, a, b), oracle.cdf(x));
                    assert!(
                        (ours - theirs).abs() < 1e-9,
                        "I_{x}({a}, {b}): {ours} {theirs}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_beta_quantile_inverts_the_incomplete_beta() {
        for (a, b) in [
            (0.5, 0.5),
            (1.0, 32.0),
            (3.0, 30.0),
            (15.5, 0.5),
            (600.0, 400.0),
        ] {
            for p in [1e-6, 0.001, 0.025, 0.5, 0.95, 0.999] {
                let back = beta_cdf(beta_quantile(p, a, b), a, b);
                assert!(
                    (back - p).abs() < 1e-9 * p.max(1e-3),
                    "p = {p}, a = {a}, b = {b}"
                );
            }
        }
    }

    #[test]
    fn t_factors_agree_with_another_library() {
        for df in [1, 2, 5, 19, 31, 63, 511, 5000] {
            let oracle = StudentsT::new(0.0, 1.0, df as f64).unwrap();
            for level in [0.5, 0.9, 0.95, 0.99, 1.0 - 0.05 / 12.0, 0.9999] {
                let t = student_t(level, df);
                let reached = oracle.cdf(t) - oracle.cdf(-t);
                assert!(
                    (reached - level).abs() < 1e-9,
                    "df = {df}, level = {level}: t = {t}"
                );
            }
        }
        // Printed tables.
        assert!((student_t(0.95, 31) - 2.039_513).abs() < 1e-6);
        assert!((student_t(0.90, 19) - 1.729_133).abs() < 1e-6);
    }

    #[test]
    fn none_of_32_could_still_be_one_run_in_eleven() {
        // With no hits the bound is 1 − 0.05^(1/32) in closed form.
        let upper = share_upper(0, 32, 0.95);
        assert!((upper - (1.0 - libm::pow(0.05, 1.0 / 32.0))).abs() < 1e-14);
        assert!((0.0893..=0.0894).contains(&upper), "{upper}");
        assert!(share_upper(0, 58, 0.95) > 0.05 && share_upper(0, 59, 0.95) < 0.05);
        assert_eq!(share_upper(32, 32, 0.95), 1.0);
        assert_eq!(share_lower(0, 32, 0.95), 0.0);
    }

    #[test]
    fn clopper_pearson_bounds_leave_exactly_the_error_in_the_binomial_tail() {
        for (k, n) in [(1, 32), (7, 32), (31, 32), (40, 500)] {
            let upper = share_upper(k, n, 0.95);
            assert!((binomial_cdf(k, n, upper) - 0.05).abs() < 1e-12);
            let lower = share_lower(k, n, 0.95);
            assert!((1.0 - binomial_cdf(k - 1, n, lower) - 0.05).abs() < 1e-12);
        }
    }

    #[test]
    fn binomial_tails_agree_with_another_library() {
        let oracle = Binomial::new(0.3, 40).unwrap();
        for k in 0..=40 {
            assert!((binomial_cdf(k, 40, 0.3) - oracle.cdf(k)).abs() < 1e-9);
        }
    }

    #[test]
    fn mcnemar_counts_the_pairs_that_differ() {
        assert_eq!(mcnemar(0, 0), 1.0);
        assert!((mcnemar(0, 5) - 2.0 / 32.0).abs() < 1e-14);
        assert!((mcnemar(6, 0) - 2.0 / 64.0).abs() < 1e-14);
        assert_eq!(mcnemar(3, 3), 1.0);
    }
}
