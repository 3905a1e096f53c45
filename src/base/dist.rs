//! Distributions as a scenario names them: of times (seconds), of tokens, of factors.
//!
//! All are sampled by their quantile function from one keyed uniform.

use serde::Deserialize;

use super::check::Check;
use super::units::Ratio;

mod mixture;
mod normal;
pub mod quantiles;
mod sampler;
mod shape;

pub use mixture::{Mixture, Part};
pub use normal::Normal;
pub use quantiles::Quantiles;
pub use sampler::{LogNormalPart, Sampler};
pub use shape::Shape;

/// A distribution of a positive quantity, as written in TOML. `T` is the unit of its location.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dist<T> {
    /// `constant = "1s"`
    Constant(T),
    /// `uniform = { low = "1s", high = "2s" }`
    Uniform(Uniform<T>),
    /// `exponential = { mean = "1s" }`
    Exponential(Exponential<T>),
    /// `log-normal = { median = "1s", sigma = 0.4 }`
    LogNormal(LogNormal<T>),
    /// `mixture = { parts = [{ share = 0.8, median = "1s", sigma = 0.3 }, …] }`
    Mixture(Mixture<T>),
    /// `quantiles = { at = [0, 0.5, 1], values = ["1s", "2s", "9s"] }`
    Quantiles(Quantiles<T>),
    /// `normal = { mean = "10ms", deviation = "2ms" }`
    Normal(Normal<T>),
}

/// The kinds of [`Dist`], for messages.
pub const DIST_KINDS: &[&str] = &[
    "constant",
    "uniform",
    "exponential",
    "log-normal",
    "mixture",
    "quantiles",
    "normal",
];

/// Settings of a uniform distribution.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uniform<T> {
    /// The smallest value.
    pub low: T,
    /// The largest value.
    pub high: T,
}

/// Settings of an exponential distribution.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exponential<T> {
    /// The mean.
    pub mean: T,
}

/// Settings of a log-normal distribution.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogNormal<T> {
    /// The median.
    pub median: T,
    /// The standard deviation of the logarithm: 0.25 to 0.5 is a quiet service, 1 a wild one.
    pub sigma: f64,
}

/// A quantity that a distribution can be of.
pub trait Quantity: Copy {
    /// As a float: seconds for a duration, a count for tokens.
    fn value(self) -> f64;
}

impl Quantity for super::time::Duration {
    fn value(self) -> f64 {
        self.as_s_f64()
    }
}

impl Quantity for u32 {
    fn value(self) -> f64 {
        f64::from(self)
    }
}

impl Quantity for Ratio {
    fn value(self) -> f64 {
        self.0
    }
}

impl<T: Quantity> Dist<T> {
    /// The sampler of this distribution.
    pub fn sampler(&self) -> Sampler {
        match self {
            Dist::Constant(v) => Sampler::Constant(v.value()),
            Dist::Uniform(u) => Sampler::Uniform(u.low.value(), u.high.value()),
            Dist::Exponential(e) => Sampler::Exponential(e.mean.value()),
            Dist::LogNormal(l) => Sampler::LogNormal {
                mu: libm::log(l.median.value()),
                sigma: l.sigma,
            },
            Dist::Mixture(m) => m.sampler(),
            Dist::Quantiles(q) => q.sampler(),
            Dist::Normal(n) => n.sampler(),
        }
    }

    /// Notes what no distribution can be.
    pub fn check(&self, check: &mut Check) {
        match self {
            Dist::Constant(_) => {}
            Dist::Uniform(u) if u.low.value() > u.high.value() => {
                check.mistake(
                    "uniform.high",
                    "the largest value is below the smallest",
                    "below `low`",
                );
            }
            Dist::Uniform(_) => {}
            Dist::Exponential(e) => positive(check, "exponential.mean", e.mean.value()),
            Dist::LogNormal(l) => {
                positive(check, "log-normal.median", l.median.value());
                spread(check, "log-normal.sigma", l.sigma);
            }
            Dist::Mixture(m) => check.at("mixture", |c| m.check(c)),
            Dist::Quantiles(q) => check.at("quantiles", |c| q.check(c)),
            Dist::Normal(n) => check.at("normal", |c| n.check(c)),
        }
    }
}

fn spread(check: &mut Check, key: &str, sigma: f64) {
    if !(0.0..=3.0).contains(&sigma) {
        check
            .mistake(key, "an absurd spread", "not between 0 and 3")
            .help("sigma is the standard deviation of the logarithm; 0.25 to 1 is usual");
    }
}

fn positive(check: &mut Check, key: &str, value: f64) {
    if value <= 0.0 {
        check.mistake(key, "this must be more than nothing", "is zero");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Duration;
    use rand::SeedableRng;
    use rand::rngs::Xoshiro256PlusPlus;
    use rand_distr::{Distribution, Exp, LogNormal as OracleLogNormal};

    /// The two-sample distance between our quantile sampler and a library's sampler, with the
    /// limit of the reference: D > 2.7/√n fails, n = 20 000 (√(2) for two samples).
    fn distance(ours: &Sampler, oracle: impl Distribution<f64>, seed: u64) -> (f64, f64) {
        const N: usize = 20_000;
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut theirs: Vec<f64> = (0..N).map(|_| oracle.sample(&mut rng)).collect();
        let uniform = rand_distr::Uniform::new(0.0_f64, 1.0).unwrap();
        let mut mine: Vec<f64> = (0..N)
            .map(|_| ours.at(uniform.sample(&mut rng).max(1e-18)))
            .collect();
        theirs.sort_by(f64::total_cmp);
        mine.sort_by(f64::total_cmp);
        let (mut i, mut j, mut d) = (0, 0, 0.0f64);
        while i < N && j < N {
            if mine[i] <= theirs[j] {
                i += 1
            } else {
                j += 1
            }
            d = d.max((i as f64 - j as f64).abs() / N as f64);
        }
        (d, 2.7 * 2f64.sqrt() / (N as f64).sqrt())
    }

    #[test]
    fn samplers_agree_with_rand_distr() {
        let ln = Dist::LogNormal(LogNormal {
            median: Duration::from_s(2),
            sigma: 0.7,
        })
        .sampler();
        let (d, limit) = distance(&ln, OracleLogNormal::new(2f64.ln_libm(), 0.7).unwrap(), 11);
        assert!(d < limit, "log-normal: D = {d}, seed 11");
        let exp = Dist::Exponential(Exponential {
            mean: Duration::from_s(3),
        })
        .sampler();
        let (d, limit) = distance(&exp, Exp::new(1.0 / 3.0).unwrap(), 12);
        assert!(d < limit, "exponential: D = {d}, seed 12");
    }

    struct Parts(Vec<(f64, OracleLogNormal<f64>)>);
    impl Distribution<f64> for Parts {
        fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
            let mut u: f64 = rand_distr::StandardUniform.sample(rng);
            for (w, part) in &self.0 {
                if u < *w {
                    return part.sample(rng);
                }
                u -= w;
            }
            self.0[0].1.sample(rng)
        }
    }

    #[test]
    fn a_mixture_agrees_with_sampling_a_part_first() {
        let part = |w, mu, sigma| LogNormalPart { w, mu, sigma };
        let parts = [
            part(0.605, 6.262, 0.916),
            part(0.277, 6.977, 0.056),
            part(0.118, 8.316, 0.04),
        ];
        let oracle = |p: &LogNormalPart| (p.w, OracleLogNormal::new(p.mu, p.sigma).unwrap());
        let mixture = Parts(parts.iter().map(oracle).collect());
        let (d, limit) = distance(&Sampler::log_normal_mixture(&parts), mixture, 13);
        assert!(d < limit, "D = {d}, seed 13");
    }

    #[test]
    fn a_mixture_as_it_is_written_is_that_of_its_parts() {
        let part = |share, median, sigma| Part {
            share,
            median,
            sigma,
        };
        let parts = vec![part(3.0, 400u32, 0.9), part(1.0, 4000, 0.1)];
        let written = Dist::Mixture(Mixture { parts }).sampler();
        let oracle = Parts(vec![
            (0.75, OracleLogNormal::new(400f64.ln_libm(), 0.9).unwrap()),
            (0.25, OracleLogNormal::new(4000f64.ln_libm(), 0.1).unwrap()),
        ]);
        let (d, limit) = distance(&written, oracle, 14);
        assert!(d < limit, "D = {d}, seed 14");
    }

    #[test]
    fn a_normal_agrees_with_that_of_a_library_and_is_never_below_nothing() {
        let written = Dist::Normal(Normal {
            mean: Duration::from_ms(10),
            deviation: Duration::from_ms(2),
        });
        let oracle = rand_distr::Normal::new(0.010, 0.002).unwrap();
        let (d, limit) = distance(&written.sampler(), oracle, 15);
        assert!(d < limit, "D = {d}, seed 15");
        let wide = Dist::Normal(Normal {
            mean: 10u32,
            deviation: 9,
        });
        assert_eq!(wide.sampler().at(0.01), 0.0);
    }

    #[test]
    fn a_table_of_quantiles_has_them_and_straight_lines_between() {
        let written = Dist::Quantiles(Quantiles {
            at: vec![0.1, 0.5, 0.99],
            values: vec![10u32, 100, 590],
        });
        let sampler = written.sampler();
        for (u, value) in [
            (0.05, 10.0),
            (0.3, 55.0),
            (0.5, 100.0),
            (0.745, 345.0),
            (0.999, 590.0),
        ] {
            let got = sampler.at(u);
            assert!((got / value - 1.0).abs() < 0.01, "at {u}: {got}");
        }
    }

    trait LnLibm {
        fn ln_libm(self) -> f64;
    }
    impl LnLibm for f64 {
        fn ln_libm(self) -> f64 {
            libm::log(self)
        }
    }
}
