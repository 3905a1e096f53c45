//! The law of one measured quantity: the simplest that is close enough.
//!
//! Tried in this order: one log-normal, a mixture of two, of three (by expectation and maximisation on the
//! logarithms), a table of quantiles. The first that is within the limits of [`super::distance`] is taken; if
//! none is, the nearest by W₁.

use super::distance::{Distance, middle, quantile};
use crate::base::dist::{LogNormalPart, Sampler, quantiles};

/// A law, with its numbers as they will be written.
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// Always the same.
    Constant(f64),
    /// Log-normal parts: share, median and sigma.
    Parts(Vec<(f64, f64, f64)>),
    /// Shares and the values there.
    Quantiles(Vec<f64>, Vec<f64>),
}

/// What the values are, and so how they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Whole tokens.
    Tokens,
    /// Seconds, written in µs, ms or s.
    Seconds,
}

/// A fitted law.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// The law.
    pub law: Law,
    /// What its values are.
    pub unit: Unit,
    /// How far it is from the sample.
    pub distance: Distance,
}

/// Levels of a table: fine where tails bend.
const LEVELS: [f64; 26] = [
    0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85,
    0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 1.0,
];

impl Fitted {
    /// Fits a sample; None if there is nothing above zero in it.
    pub fn of(mut values: Vec<f64>, unit: Unit) -> Option<Fitted> {
        values.retain(|v| v.is_finite() && *v > 0.0);
        values.sort_by(f64::total_cmp);
        let (first, last) = (*values.first()?, *values.last()?);
        let fitted = |law: Law| {
            let law = law.rounded(unit);
            let sampler = law.sampler();
            let distance = Distance::of(&values, |u| unit.round(sampler.at(u)));
            Fitted {
                law,
                unit,
                distance,
            }
        };
        if first == last {
            return Some(fitted(Law::Constant(first)));
        }
        let logs = logarithms(&values);
        let mut nearest: Option<Fitted> = None;
        for parts in 1..=4 {
            let found = fitted(match parts {
                4 => table(&values),
                parts => mixture(&logs, parts),
            });
            if found.distance.is_close() {
                return Some(found);
            }
            let nearer = |old: &Fitted| found.distance.w1 < old.distance.w1;
            if nearest.as_ref().is_none_or(nearer) {
                nearest = Some(found);
            }
        }
        nearest
    }

    /// Its value at `u`.
    pub fn sampler(&self) -> Sampler {
        self.law.sampler()
    }

    /// As TOML: ` = "1s"` or `.log-normal = { … }`, to stand after its key.
    pub fn toml(&self) -> String {
        let value = |v: f64| self.unit.written(v);
        match &self.law {
            Law::Constant(v) => format!(" = {}", value(*v)),
            Law::Parts(parts) => match parts.as_slice() {
                [(_, median, sigma)] => {
                    format!(
                        ".log-normal = {{ median = {}, sigma = {sigma} }}",
                        value(*median)
                    )
                }
                parts => {
                    let part = |(share, median, sigma): &(f64, f64, f64)| {
                        format!(
                            "{{ share = {share}, median = {}, sigma = {sigma} }}",
                            value(*median)
                        )
                    };
                    let parts: Vec<String> = parts.iter().map(part).collect();
                    format!(".mixture = {{ parts = [{}] }}", parts.join(", "))
                }
            },
            Law::Quantiles(at, values) => {
                let at: Vec<String> = at.iter().map(f64::to_string).collect();
                let values: Vec<String> = values.iter().map(|v| value(*v)).collect();
                format!(
                    ".quantiles = {{ at = [{}], values = [{}] }}",
                    at.join(", "),
                    values.join(", ")
                )
            }
        }
    }

    /// What it is, in words.
    pub fn kind(&self) -> String {
        match &self.law {
            Law::Constant(_) => "always the same".into(),
            Law::Parts(parts) if parts.len() == 1 => "log-normal".into(),
            Law::Parts(parts) => format!("mixture of {}", parts.len()),
            Law::Quantiles(..) => "quantiles".into(),
        }
    }
}

impl Unit {
    fn round(self, value: f64) -> f64 {
        match self {
            Unit::Tokens => libm::round(value).max(1.0),
            Unit::Seconds => value,
        }
    }

    /// A value of four digits or more, whole ones as they are.
    pub(super) fn written(self, value: f64) -> String {
        match self {
            Unit::Tokens => format!("{:.0}", value.max(1.0)),
            Unit::Seconds => {
                let us = libm::round(value * 1e6).max(0.0);
                match us {
                    us if us < 10_000.0 => format!("\"{us:.0}us\""),
                    us if us < 10_000_000.0 => format!("\"{}ms\"", decimals(us / 1e3, 2)),
                    us => format!("\"{}s\"", decimals(us / 1e6, 3)),
                }
            }
        }
    }

    /// The value that is written.
    fn rounded(self, value: f64) -> f64 {
        match self {
            Unit::Tokens => libm::round(value).max(1.0),
            Unit::Seconds => libm::round(value * 1e6).max(1.0) / 1e6,
        }
    }
}

/// So many decimals at most, without zeros at the end.
pub(super) fn decimals(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text,
    }
}

impl Law {
    fn rounded(self, unit: Unit) -> Law {
        let thousandths = |x: f64| libm::round(x * 1e4) / 1e4;
        match self {
            Law::Constant(v) => Law::Constant(unit.rounded(v)),
            Law::Parts(parts) => {
                let part =
                    |(w, median, sigma)| (thousandths(w), unit.rounded(median), thousandths(sigma));
                Law::Parts(parts.into_iter().map(part).collect())
            }
            Law::Quantiles(at, values) => {
                Law::Quantiles(at, values.into_iter().map(|v| unit.rounded(v)).collect())
            }
        }
    }

    fn sampler(&self) -> Sampler {
        match self {
            Law::Constant(v) => Sampler::Constant(*v),
            Law::Parts(parts) => {
                let part = |(w, median, sigma): &(f64, f64, f64)| LogNormalPart {
                    w: *w,
                    mu: libm::log(*median),
                    sigma: sigma.max(1e-6),
                };
                let parts: Vec<LogNormalPart> = parts.iter().map(part).collect();
                Sampler::log_normal_mixture(&parts)
            }
            Law::Quantiles(at, values) => {
                let between = |u| quantiles::between(at, values, u);
                Sampler::Table(std::sync::Arc::new(crate::base::quantile::Table::new(
                    between,
                )))
            }
        }
    }
}

fn table(sorted: &[f64]) -> Law {
    let value = |u: &f64| match *u {
        0.0 => sorted[0],
        1.0 => sorted[sorted.len() - 1],
        u => quantile(sorted, u),
    };
    Law::Quantiles(LEVELS.to_vec(), LEVELS.iter().map(value).collect())
}

/// The most points a mixture is fitted to: equal ranks of a larger sample say the same.
const POINTS: usize = 2000;

fn logarithms(sorted: &[f64]) -> Vec<f64> {
    let n = sorted.len().min(POINTS);
    (0..n)
        .map(|i| libm::log(quantile(sorted, middle(i, n))))
        .collect()
}

/// A part with less spread than this is a spike: tokens are whole numbers, clocks tick.
const LEAST_SIGMA: f64 = 0.01;

/// A mixture of so many log-normals, by expectation and maximisation (Dempster, Laird and Rubin, 1977), begun at
/// equal slices of the sorted logarithms.
fn mixture(logs: &[f64], parts: usize) -> Law {
    let n = logs.len();
    let slice =
        |i: usize| &logs[i * n / parts..((i + 1) * n / parts).max(i * n / parts + 1).min(n)];
    let mut mix: Vec<LogNormalPart> = (0..parts.min(n)).map(|i| of_slice(slice(i), n)).collect();
    if parts > 1 {
        let mut before = f64::NEG_INFINITY;
        for _ in 0..300 {
            let likelihood = improve(logs, &mut mix);
            if likelihood - before < 1e-7 * n as f64 {
                break;
            }
            before = likelihood;
        }
    }
    mix.retain(|part| part.w > 1e-4);
    Law::Parts(
        mix.iter()
            .map(|p| (p.w, libm::exp(p.mu), p.sigma.min(3.0)))
            .collect(),
    )
}

fn of_slice(logs: &[f64], all: usize) -> LogNormalPart {
    let n = logs.len() as f64;
    let mu = logs.iter().sum::<f64>() / n;
    let variance = logs.iter().map(|x| (x - mu) * (x - mu)).sum::<f64>() / n;
    LogNormalPart {
        w: n / all as f64,
        mu,
        sigma: variance.sqrt().max(LEAST_SIGMA),
    }
}

/// One round; the log-likelihood before it.
fn improve(logs: &[f64], mix: &mut [LogNormalPart]) -> f64 {
    let mut sums = vec![(0.0, 0.0, 0.0); mix.len()];
    let mut shares = vec![0.0; mix.len()];
    let mut likelihood = 0.0;
    for &x in logs {
        let mut total = 0.0;
        for (share, part) in shares.iter_mut().zip(mix.iter()) {
            let z = (x - part.mu) / part.sigma;
            *share = part.w / part.sigma * libm::exp(-0.5 * z * z);
            total += *share;
        }
        likelihood += libm::log(total.max(1e-300));
        for ((w, wx, wxx), share) in sums.iter_mut().zip(&shares) {
            let r = share / total.max(1e-300);
            *w += r;
            *wx += r * x;
            *wxx += r * x * x;
        }
    }
    for (part, (w, wx, wxx)) in mix.iter_mut().zip(sums) {
        if w > 1e-9 {
            part.w = w / logs.len() as f64;
            part.mu = wx / w;
            part.sigma = (wxx / w - part.mu * part.mu)
                .max(0.0)
                .sqrt()
                .max(LEAST_SIGMA);
        } else {
            part.w = 0.0;
        }
    }
    likelihood
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::draw::{Root, Stage};
    use crate::base::{Draws, Purpose};

    fn sample(n: u64, seed: u64, law: impl Fn(f64) -> f64) -> Vec<f64> {
        let draws = Draws::new(Root::new(seed, Stage::Run, 0));
        (0..n)
            .map(|i| law(draws.unit(Purpose::Probe, i, 0)))
            .collect()
    }

    #[test]
    fn a_log_normal_is_found_to_be_one() {
        let truth = Sampler::LogNormal {
            mu: 1.0,
            sigma: 0.5,
        };
        let fitted = Fitted::of(sample(20_000, 5, |u| truth.at(u)), Unit::Seconds).unwrap();
        let Law::Parts(parts) = &fitted.law else {
            panic!("{fitted:?}")
        };
        assert_eq!(parts.len(), 1, "seed 5");
        // Standard errors: 0.5/√20 000 of the mean, 0.5/√40 000 of sigma.
        assert!((libm::log(parts[0].1) - 1.0).abs() < 0.015 && (parts[0].2 - 0.5).abs() < 0.01);
    }

    #[test]
    fn a_body_and_a_tail_are_found_to_be_two() {
        let part = |w, mu, sigma| LogNormalPart { w, mu, sigma };
        let truth = Sampler::log_normal_mixture(&[part(0.8, 0.0, 0.3), part(0.2, 2.0, 0.4)]);
        let fitted = Fitted::of(sample(20_000, 6, |u| truth.at(u)), Unit::Seconds).unwrap();
        let Law::Parts(parts) = &fitted.law else {
            panic!("{fitted:?}")
        };
        let [(w, median, sigma), (_, far, wide)] = parts[..] else {
            panic!("seed 6: {parts:?}")
        };
        assert!(
            (w - 0.8).abs() < 0.02 && (median - 1.0).abs() < 0.02,
            "{parts:?}"
        );
        assert!(
            (sigma - 0.3).abs() < 0.02 && (libm::log(far) - 2.0).abs() < 0.05,
            "{parts:?}"
        );
        assert!((wide - 0.4).abs() < 0.04, "{parts:?}");
    }

    #[test]
    fn what_no_mixture_holds_becomes_a_table() {
        // Half of it one spike, the rest spread evenly: p10 … p90 of three log-normals miss it.
        let law = |u: f64| {
            if u < 0.5 {
                1000.0
            } else {
                1.0 + (u - 0.5) * 1800.0
            }
        };
        let fitted = Fitted::of(sample(10_000, 7, law), Unit::Tokens).unwrap();
        assert!(
            matches!(fitted.law, Law::Quantiles(..)),
            "seed 7: {:?}",
            fitted.law
        );
        assert!(fitted.distance.is_close(), "{}", fitted.distance.told());
    }

    #[test]
    fn numbers_are_written_as_they_are_read() {
        for (s, text) in [
            (0.0034, "\"3400us\""),
            (1.8123, "\"1812.3ms\""),
            (12.0, "\"12s\""),
        ] {
            assert_eq!(Unit::Seconds.written(s), text);
            let read = crate::base::units::parse_duration(text.trim_matches('"')).unwrap();
            assert!((read.as_s_f64() - s).abs() < 1e-9);
        }
        assert_eq!(Unit::Tokens.written(12.4), "12");
    }
}
