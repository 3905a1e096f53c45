//! The gamma law: its distribution function and quantiles, through libm, the same on every CPU.
//!
//! The regularised incomplete gamma function P(a, x) by its series where x < a + 1 and by the continued
//! fraction of Q = 1 − P elsewhere (Abramowitz and Stegun 6.5.29 and 6.5.31, the fraction by Lentz's
//! method), so that both tails keep their digits.

use super::quantile::normal;

/// More terms than any shape from 10⁻⁴ to 10⁴ needs.
const MOST_TERMS: u32 = 10_000;

const TINY: f64 = 1e-300;

/// P(a, x): the share of a gamma law of shape `a` and scale 1 below `x`. `a` > 0.
pub fn lower(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x < a + 1.0 {
        series(a, x)
    } else {
        1.0 - fraction(a, x)
    }
}

/// Q(a, x) = 1 − P(a, x): the share above `x`.
pub fn upper(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        1.0
    } else if x < a + 1.0 {
        1.0 - series(a, x)
    } else {
        fraction(a, x)
    }
}

/// The value below which lies a share `u` in (0, 1) of a gamma law of shape `a` and scale 1, by
/// halving the logarithm of `x`.
pub fn quantile(a: f64, u: f64) -> f64 {
    let (mut low, mut high) = (-700.0, libm::log(2.0 * a + 200.0));
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        let x = libm::exp(middle);
        // Near 1 the lower share runs out of digits; the upper one does not.
        let is_below = match u < 0.5 {
            true => lower(a, x) < u,
            false => upper(a, x) > 1.0 - u,
        };
        if is_below {
            low = middle;
        } else {
            high = middle;
        }
    }
    libm::exp(0.5 * (low + high))
}

/// The same by Newton's method on the logarithm of whichever tail is smaller, some twenty times as fast: for laws
/// that are drawn from too seldom for a table. To about 10⁻¹⁰ of `x`.
pub fn quantile_at_once(a: f64, u: f64) -> f64 {
    let (mut low, mut high) = (-700.0, libm::log(2.0 * a + 200.0));
    let is_lower = u < 0.5;
    let wanted = if is_lower {
        libm::log(u)
    } else {
        libm::log1p(-u)
    };
    // P(a, x) → xᵃ ÷ Γ(a + 1) as x falls; from shape one on Wilson and Hilferty's cube of a normal.
    let power = (libm::log(u) + libm::lgamma(a + 1.0)) / a;
    let cube = 1.0 - 1.0 / (9.0 * a) + normal(u) / (3.0 * a.sqrt());
    let start = match a >= 1.0 && cube > 0.0 {
        true => libm::log(a) + 3.0 * libm::log(cube),
        false => power,
    };
    let mut at = start.clamp(low, high);
    for _ in 0..100 {
        let x = libm::exp(at);
        let share = if is_lower { lower(a, x) } else { upper(a, x) };
        let off = libm::log(share) - wanted;
        match (off < 0.0) == is_lower {
            true => low = at,
            false => high = at,
        }
        let slope = density(a, x) / share;
        let step = if is_lower { -off / slope } else { off / slope };
        let next = at + step;
        let is_within = next > low && next < high;
        let next = if is_within { next } else { 0.5 * (low + high) };
        let moved = (next - at).abs();
        at = next;
        if moved < 1e-11 {
            break;
        }
    }
    libm::exp(at)
}

/// xᵃ·e⁻ˣ ÷ Γ(a).
fn density(a: f64, x: f64) -> f64 {
    libm::exp(a * libm::log(x) - x - libm::lgamma(a))
}

fn series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum) = (1.0 / a, 1.0 / a);
    for n in 1..MOST_TERMS {
        term *= x / (a + f64::from(n));
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum * density(a, x)
}

fn fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1.0 / TINY, 1.0 / b);
    let mut all = d;
    for n in 1..MOST_TERMS {
        let n = f64::from(n);
        let numerator = -n * (n - a);
        b += 2.0;
        d = nonzero(numerator * d + b).recip();
        c = nonzero(b + numerator / c);
        let factor = c * d;
        all *= factor;
        if (factor - 1.0).abs() < 1e-15 {
            break;
        }
    }
    all * density(a, x)
}

fn nonzero(value: f64) -> f64 {
    if value.abs() < TINY { TINY } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(is: f64, law: f64) {
        assert!(
            (is - law).abs() <= 1e-12 * law.abs() + 1e-15,
            "{is} is not {law}"
        );
    }

    #[test]
    fn whole_and_half_shapes_have_their_closed_forms() {
        for x in [0.01, 0.3, 1.0, 2.5, 7.0, 20.0] {
            // Shape 1 is exponential, 3 is Erlang's, ½ is the square of a normal.
            near(upper(1.0, x), libm::exp(-x));
            near(upper(3.0, x), libm::exp(-x) * (1.0 + x + x * x / 2.0));
            near(lower(0.5, x), libm::erf(x.sqrt()));
            near(upper(0.5, x), libm::erfc(x.sqrt()));
        }
    }

    #[test]
    fn quantiles_invert_the_law_in_both_tails() {
        for a in [0.01, 0.25, 1.0, 4.0, 400.0] {
            for u in [1e-9, 0.02, 0.5, 0.97, 1.0 - 1e-9] {
                let x = quantile(a, u);
                if x > 1e-290 {
                    assert!((lower(a, x) / u - 1.0).abs() < 1e-9, "{a} {u}");
                    assert!((upper(a, x) / (1.0 - u) - 1.0).abs() < 1e-6, "{a} {u}");
                }
            }
        }
    }

    #[test]
    fn newton_finds_what_halving_finds() {
        for a in [
            5e-5, 0.003, 0.05, 0.3, 0.9, 1.0, 1.7, 8.0, 113.0, 567.0, 9000.0,
        ] {
            for u in [
                1e-12,
                1e-6,
                0.01,
                0.2,
                0.4999,
                0.5,
                0.7,
                0.99,
                0.999_99,
                1.0 - 1e-12,
            ] {
                let (slow, fast) = (quantile(a, u), quantile_at_once(a, u));
                // Below e⁻⁶⁰⁰ it is no time at all.
                let is_same = (fast / slow - 1.0).abs() < 1e-9 || slow.max(fast) < 1e-250;
                assert!(is_same, "shape {a} at {u}: {fast}, not {slow}");
            }
        }
    }
}
