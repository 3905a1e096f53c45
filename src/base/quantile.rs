//! Quantile functions: one uniform in, one value out, monotone.
//!
//! Sampling by the inverse uses exactly one draw and keeps order: the unlucky try is the unlucky
//! try under every policy, which is what pairs runs best. Closed forms go through libm, whose
//! results are the same on every CPU; everything else becomes a table.

/// The quantile function of the standard normal: Wichura's algorithm AS 241 (PPND16), relative
/// accuracy about 10⁻¹⁶. `u` in (0, 1).
pub fn normal(u: f64) -> f64 {
    let q = u - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * ratio(&A, &B, r);
    }
    let tail = if q < 0.0 { u } else { 1.0 - u };
    let r = (-libm::log(tail)).sqrt();
    let x = if r <= 5.0 {
        ratio(&C, &D, r - 1.6)
    } else {
        ratio(&E, &F, r - 5.0)
    };
    if q < 0.0 { -x } else { x }
}

/// The quantile function of the exponential with mean 1.
pub fn exponential(u: f64) -> f64 {
    -libm::log1p(-u)
}

/// The distribution function of the standard normal.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

fn ratio(numerator: &[f64; 8], denominator: &[f64; 8], r: f64) -> f64 {
    let horner = |c: &[f64; 8]| c.iter().rev().fold(0.0, |sum, &k| sum * r + k);
    horner(numerator) / horner(denominator)
}

/// A quantile function as a table with linear interpolation.
///
/// The grid is fine where quantiles bend: each halving of the distance to 0 or 1 has the same
/// number of points, so the 99.9th percentile is as exact as the median.
#[derive(Clone, Debug)]
pub struct Table {
    /// Quantiles at the grid of the lower half, from u = ½ down.
    lower: Vec<f64>,
    /// Quantiles at the grid of the upper half, from u = ½ up.
    upper: Vec<f64>,
}

impl Table {
    /// Points per halving.
    const POINTS: u32 = 64;
    /// Halvings: the last grid point is 2⁻⁴⁵ away from 0 and 1.
    const HALVINGS: u32 = 44;

    /// A table of a monotone quantile function on (0, 1).
    pub fn new(quantile: impl Fn(f64) -> f64) -> Table {
        let points = Self::POINTS * Self::HALVINGS;
        let grid = |i: u32| {
            let (halving, step) = (i / Self::POINTS, i % Self::POINTS);
            // From 2⁻¹⁻ʰ down to 2⁻²⁻ʰ in equal steps.
            let top = 0.5 / (1u64 << halving) as f64;
            top * (1.0 - 0.5 * f64::from(step) / f64::from(Self::POINTS))
        };
        Table {
            lower: (0..=points).map(|i| quantile(grid(i))).collect(),
            upper: (0..=points).map(|i| quantile(1.0 - grid(i))).collect(),
        }
    }

    /// The value at `u` in (0, 1).
    pub fn at(&self, u: f64) -> f64 {
        let (tail, side) = if u < 0.5 {
            (u, &self.lower)
        } else {
            (1.0 - u, &self.upper)
        };
        // tail = 2⁻¹⁻ʰ·m with m in (½, 1]: the exponent gives the halving, the rest the step.
        let bits = tail.to_bits();
        let exponent = (bits >> 52) as i64 - 1023;
        let mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
        // tail = mantissa·2^exponent, mantissa in [1, 2).
        let (halving, m) = if mantissa == 1.0 {
            (-1 - exponent, 1.0)
        } else {
            (-2 - exponent, mantissa * 0.5)
        };
        if halving >= i64::from(Self::HALVINGS) {
            return side[side.len() - 1];
        }
        let place = (1.0 - m) * 2.0 * f64::from(Self::POINTS);
        let step = place as usize;
        let i = halving as usize * Self::POINTS as usize + step;
        let share = place - step as f64;
        side[i] + (side[i + 1] - side[i]) * share
    }
}

/// The quantile function of a mixture, by bisection on its distribution function, 80 halvings
/// between `low` and `high`.
pub fn invert(cdf: impl Fn(f64) -> f64, mut low: f64, mut high: f64, u: f64) -> f64 {
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if cdf(middle) < u {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

// Coefficients of AS 241, lowest power first (Wichura, Applied Statistics 37, 1988).
const A: [f64; 8] = [
    3.387_132_872_796_366_5,
    1.331_416_678_917_843_8e2,
    1.971_590_950_306_551_3e3,
    1.373_169_376_550_946e4,
    4.592_195_393_154_987e4,
    6.726_577_092_700_87e4,
    3.343_057_558_358_813e4,
    2.509_080_928_730_122_7e3,
];
const B: [f64; 8] = [
    1.0,
    4.231_333_070_160_091e1,
    6.871_870_074_920_579e2,
    5.394_196_021_424_751e3,
    2.121_379_430_158_659_7e4,
    3.930_789_580_009_271e4,
    2.872_908_573_572_194_3e4,
    5.226_495_278_852_545e3,
];
const C: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    2.417_807_251_774_506e-1,
    2.272_384_498_926_918_4e-2,
    7.745_450_142_783_414e-4,
];
const D: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    6.897_673_349_851e-1,
    1.481_039_764_274_800_8e-1,
    1.519_866_656_361_645_7e-2,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const E: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    2.965_605_718_285_048_7e-1,
    2.653_218_952_657_612_4e-2,
    1.242_660_947_388_078_4e-3,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const F: [f64; 8] = [
    1.0,
    5.998_322_065_558_88e-1,
    1.369_298_809_227_358e-1,
    1.487_536_129_085_061_5e-2,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Normal};

    #[test]
    fn the_normal_quantile_inverts_the_normal_distribution() {
        let oracle = Normal::new(0.0, 1.0).unwrap();
        for i in 1..10_000 {
            let u = f64::from(i) / 10_000.0;
            let x = normal(u);
            assert!((normal_cdf(x) - u).abs() < 1e-14, "u = {u}");
            assert!((oracle.cdf(x) - u).abs() < 1e-10, "u = {u}");
        }
        // Far out, by published values.
        assert!((normal(1e-10) + 6.361_340_902_404_056).abs() < 1e-9);
        assert!((normal(0.975) - 1.959_963_984_540_054).abs() < 1e-14);
    }

    #[test]
    fn a_table_agrees_with_its_function_far_into_both_tails() {
        let table = Table::new(|u| libm::exp(1.0 * normal(u)));
        let mut u = 0.5;
        while u > 1e-12 {
            for v in [u, 1.0 - u, u * 0.77, 1.0 - u * 0.77] {
                let exact = libm::exp(normal(v));
                assert!((table.at(v) / exact - 1.0).abs() < 3e-4, "u = {v}");
            }
            u *= 0.5;
        }
    }

    #[test]
    fn a_table_is_monotone_across_its_seams() {
        let table = Table::new(exponential);
        let mut last = -1.0;
        for i in 1..200_000 {
            let x = table.at(f64::from(i) / 200_000.0);
            assert!(x >= last);
            last = x;
        }
    }
}
