//! What tries have in common in motion: levels as paths in virtual time, and shares of the noise.

use crate::base::dist::Sampler;
use crate::base::{Draws, Duration, Instant, Purpose, quantile};
use crate::provider::cold_start;
use crate::provider::noise::{Level, Variance};

use super::state::sample;

/// A standard normal score that wanders: independent ones at multiples of a length of time, between which it
/// goes over by sine and cosine, so that it is standard normal at every instant.
#[derive(Clone, Debug)]
struct Path {
    every: Duration,
    /// The number of the last of them that was passed, it, and the next.
    at: Option<(u64, f64, f64)>,
}

impl Path {
    fn new(every: Duration) -> Path {
        Path { every, at: None }
    }

    /// The score at an instant, which never goes back. `draw` gives the uniform of a number.
    fn score(&mut self, now: Instant, draw: impl Fn(u64) -> f64) -> f64 {
        let number = now.0 / self.every.0;
        let score = |n| quantile::normal(draw(n));
        let (last, next) = match self.at {
            Some((at, last, next)) if at == number => (last, next),
            Some((at, _, next)) if at + 1 == number => (next, score(number + 1)),
            _ => (score(number), score(number + 1)),
        };
        self.at = Some((number, last, next));
        let angle =
            std::f64::consts::FRAC_PI_2 * (now.0 % self.every.0) as f64 / self.every.0 as f64;
        libm::cos(angle) * last + libm::sin(angle) * next
    }
}

/// What the tries at one provider have in common.
#[derive(Clone, Debug)]
pub(super) struct Common {
    variance: Variance,
    level: Level,
    moment: Path,
    hour: Path,
    day: Path,
}

/// The same, at one instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    variance: Variance,
    /// The score of the moment.
    score: f64,
    /// What all service times are multiplied with.
    pub(super) level: f64,
}

impl Common {
    /// None if every try is by itself.
    pub(super) fn new(variance: Variance, level: Level) -> Option<Box<Common>> {
        let common = || Common {
            variance,
            level,
            moment: Path::new(variance.every),
            hour: Path::new(Duration::from_s(3600)),
            day: Path::new(Duration::from_s(86_400)),
        };
        (!variance.is_each_trys() || !level.is_flat()).then(|| Box::new(common()))
    }

    /// How things stand at a provider now.
    pub(super) fn moment(&mut self, now: Instant, provider: usize, draws: &Draws) -> Moment {
        let path = |which: u64| {
            let entity = (provider as u64) << 8 | which;
            move |number| draws.unit(Purpose::Level, entity, number)
        };
        let Common {
            variance, level, ..
        } = *self;
        let mut log = 0.0;
        if level.hour > 0.0 {
            log += level.hour * self.hour.score(now, path(1));
        }
        if level.day > 0.0 {
            log += level.day * self.day.score(now, path(2));
        }
        Moment {
            variance,
            score: match variance.time.0 > 0.0 {
                true => self.moment.score(now, path(0)),
                false => 0.0,
            },
            level: libm::exp(log),
        }
    }
}

impl Moment {
    /// The uniform of a try, of its own and of the call's, which the tries of a call have in common.
    pub(super) fn unit(&self, own: f64, call: impl FnOnce() -> f64) -> f64 {
        let Variance {
            time,
            call: of_call,
            ..
        } = self.variance;
        if self.variance.is_each_trys() {
            return own;
        }
        let rest = (1.0 - time.0 - of_call.0).max(0.0);
        let mut score = time.0.sqrt() * self.score + rest.sqrt() * quantile::normal(own);
        if of_call.0 > 0.0 {
            score += of_call.0.sqrt() * quantile::normal(call());
        }
        quantile::normal_cdf(score).clamp(LEAST, 1.0 - LEAST)
    }
}

/// Half a step of the grid that uniforms lie on.
const LEAST: f64 = 0.5 / (1u64 << 53) as f64;

/// One provider that may be cold.
#[derive(Clone, Debug)]
pub(super) struct Cold {
    config: cold_start::Config,
    takes: Sampler,
    /// When it worked last; None if it never has.
    pub(super) worked: Option<Instant>,
    warm_at: Instant,
    starts: u64,
}

impl Cold {
    pub(super) fn new(config: &cold_start::Config) -> Cold {
        Cold {
            config: config.clone(),
            takes: config.takes.sampler(),
            worked: None,
            warm_at: Instant::ZERO,
            starts: 0,
        }
    }

    /// Seconds that a request waits which begins now, beside so many others.
    pub(super) fn wait_s(
        &mut self,
        now: Instant,
        others: u32,
        provider: usize,
        draws: &Draws,
        u: impl Fn(Purpose) -> f64,
    ) -> f64 {
        let idle = |worked: Option<Instant>, after| worked.is_none_or(|at| now.since(at) >= after);
        if others == 0
            && self
                .config
                .after_idle
                .is_some_and(|after| idle(self.worked, after))
        {
            let draw = || draws.unit(Purpose::WarmUp, provider as u64, self.starts);
            self.warm_at = now + Duration::from_s_f64(sample(&self.takes, draw));
            self.starts += 1;
        }
        let mut wait_s = self.warm_at.since(now).as_s_f64();
        let chance = self.config.chance.0;
        if chance > 0.0 && u(Purpose::ColdCoin) < chance {
            wait_s += sample(&self.takes, || u(Purpose::ColdStart));
        }
        self.worked = Some(now);
        wait_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::draw::{Root, Stage};

    fn draws(seed: u64) -> Draws {
        Draws::new(Root::new(seed, Stage::Run, 0))
    }

    #[test]
    fn a_path_is_standard_normal_between_its_points_too() {
        let draws = draws(31);
        let mut path = Path::new(Duration::from_s(10));
        let n = 40_000u64;
        // Seven seconds apart: any two of them share one point at most.
        let scores: Vec<f64> = (0..n)
            .map(|i| {
                path.score(Instant(i * 7_000_000_000), |k| {
                    draws.unit(Purpose::Level, 0, k)
                })
            })
            .collect();
        let mean = scores.iter().sum::<f64>() / n as f64;
        let square = scores.iter().map(|z| z * z).sum::<f64>() / n as f64;
        // Standard errors 0.008 and 0.011 for scores that are about half correlated with their neighbours.
        assert!(
            mean.abs() < 0.03 && (square - 1.0).abs() < 0.04,
            "seed 31: {mean}, {square}"
        );
    }

    #[test]
    fn a_path_does_not_depend_on_when_it_is_looked_at() {
        let (a, b) = (draws(32), draws(32));
        let mut often = Path::new(Duration::from_s(10));
        let mut rarely = Path::new(Duration::from_s(10));
        let at = |s: u64| Instant(s * 1_000_000_000);
        let all: Vec<f64> = (0..200)
            .map(|s| often.score(at(s), |k| a.unit(Purpose::Level, 0, k)))
            .collect();
        for s in [3, 57, 58, 111, 199] {
            let once = rarely.score(at(s), |k| b.unit(Purpose::Level, 0, k));
            assert_eq!(once, all[s as usize], "second {s}");
        }
    }

    #[test]
    fn what_tries_have_in_common_is_the_share_that_is_written() {
        let draws = draws(33);
        let moment = Moment {
            variance: Variance {
                call: crate::base::units::Ratio(0.36),
                ..Variance::default()
            },
            score: 0.0,
            level: 1.0,
        };
        let n = 100_000u64;
        let (mut products, mut squares) = (0.0, 0.0);
        for call in 0..n {
            let own = |k| draws.unit(Purpose::FirstToken, call, k);
            let of_call = || draws.lot(Purpose::CallNoise, call, 0);
            let score = |k| quantile::normal(moment.unit(own(k), of_call));
            let (one, two) = (score(0), score(1));
            products += one * two;
            squares += (one * one + two * two) / 2.0;
        }
        let (correlation, variance) = (products / n as f64, squares / n as f64);
        // Standard errors 0.0034 and 0.0034.
        assert!((correlation - 0.36).abs() < 0.014, "seed 33: {correlation}");
        assert!((variance - 1.0).abs() < 0.014, "seed 33: {variance}");
    }
}
