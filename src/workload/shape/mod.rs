//! The shape of a day and a week, laid over a rate.
//!
//! A shape is a change of time: a call that would come at t comes when the integral of the factor, whose
//! mean is one, has reached t. So a Poisson process becomes one with the rate times the factor, any other
//! keeps its clumps and has them closer together at busy hours, the expected number of calls over whole
//! periods stays, and each call stays itself.

pub mod diurnal;
pub mod flat;
pub mod weekly;

use crate::base::registry::registry;
use crate::base::{Duration, Instant};

registry! {
    /// How the rate changes by the hour and the day.
    "shape": Flat = flat, Diurnal = diurnal, Weekly = weekly
}

impl Default for Config {
    fn default() -> Config {
        Config::Flat(flat::Config {})
    }
}

impl Config {
    /// The shape, ready; None if it is flat.
    pub fn ready(&self) -> Option<Shape> {
        match self {
            Config::Flat(_) => None,
            Config::Diurnal(c) => Some(Shape::Diurnal(*c)),
            Config::Weekly(c) => Some(Shape::Weekly(c.steps())),
        }
    }
}

/// A shape that is not flat.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A wave.
    Diurnal(diurnal::Config),
    /// Hour by hour.
    Weekly(weekly::Steps),
}

impl Shape {
    /// The integral of the factor over the first `duration` of the run.
    pub fn amount(&self, duration: Duration) -> Duration {
        let t = duration.as_s_f64();
        Duration::from_s_f64(match self {
            Shape::Diurnal(c) => c.amount(t),
            Shape::Weekly(c) => c.amount(t),
        })
    }

    /// When a call comes that would come at `at` if every hour were alike.
    pub fn inverse(&self, at: Instant) -> Instant {
        let amount = at.since(Instant::ZERO).as_s_f64();
        let t = match self {
            Shape::Diurnal(c) => c.inverse(amount),
            Shape::Weekly(c) => c.inverse(amount),
        };
        Instant::ZERO + Duration::from_s_f64(t)
    }

    /// The largest factor.
    pub fn most(&self) -> f64 {
        match self {
            Shape::Diurnal(c) => c.most(),
            Shape::Weekly(c) => c.most(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes() -> [Shape; 3] {
        let diurnal = diurnal::Config {
            starts: Duration::from_s(5 * 3600),
            ..diurnal::Config::default()
        };
        let weekly = weekly::Config::default();
        let late = weekly::Config {
            starts: Duration::from_s(100 * 3600 + 1800),
            ..weekly::Config::default()
        };
        let ready = |config: Config| config.ready().unwrap();
        [
            ready(Config::Diurnal(diurnal)),
            ready(Config::Weekly(weekly)),
            ready(Config::Weekly(late)),
        ]
    }

    #[test]
    fn the_inverse_undoes_the_amount_and_a_week_is_a_week() {
        for shape in shapes() {
            for minutes in (0..3 * 7 * 24 * 60).step_by(77) {
                let at = Duration::from_s(60 * minutes);
                let back = shape.inverse(Instant::ZERO + shape.amount(at));
                let off = back.since(Instant::ZERO).0.abs_diff(at.0);
                assert!(off < 2_000_000, "{minutes} min: off by {off} ns");
            }
            let weeks = Duration::from_s(2 * 7 * 86_400);
            assert!(shape.amount(weeks).0.abs_diff(weeks.0) < 1000);
        }
    }

    #[test]
    fn the_busiest_hour_and_the_weekend_are_as_they_were_fitted() {
        let [_, weekly, _] = shapes();
        let hour = |hour: u64| {
            let at = |h| weekly.amount(Duration::from_s(3600 * h)).as_s_f64();
            (at(hour + 1) - at(hour)) / 3600.0
        };
        // 24 × 485 ÷ 7106 of the day's mean, on a weekday 7 × 2.7 ÷ 15.5 of the week's.
        let law = 24.0 * 485.0 / 7106.0 * 7.0 * 2.7 / 15.5;
        assert!((hour(15) - law).abs() < 1e-6, "{} {law}", hour(15));
        assert!((weekly.most() - law).abs() < 1e-6);
        assert!((hour(15) / hour(5 * 24 + 15) - 2.7).abs() < 1e-6);
    }
}
