//! `retry.skip-hopeless`: no retry, hedge or failover that could hardly be answered by the deadline.
//!
//! Some loops compare the wait with the time that is left (api-core, failsafe-go); none of them asks how
//! long the answer will take, and an answer of a language model takes longer than most waits. Here an
//! extra attempt is predicted to take the `quantile` of what the newest `last` successes of its
//! endpoint took in this process; if it would end past the call's deadline, it is not made. First
//! attempts are always made: what they take is what is learned from.
//!
//! Successes alone are looked at, so in a slow hour, in which many do not come in time, the prediction
//! is too short: it errs towards trying.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::base::units::Ratio;
use crate::base::{Check, Duration, EndpointId, Instant};

/// Settings of `retry.skip-hopeless`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The share of successes that took no longer than what is predicted; above 0. The lower, the
    /// more is tried.
    pub quantile: Ratio,
    /// Successes of an endpoint before anything is predicted, 1 or more.
    pub min_volume: u32,
    /// The newest successes of an endpoint that are kept, up to 10 000.
    pub last: u32,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            quantile: Ratio(0.5),
            min_volume: 20,
            last: 200,
        }
    }
}

impl Config {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if self.quantile.0 <= 0.0 {
            check
                .mistake("quantile", "no such quantile", "is zero")
                .help("0.5 predicts what half of the successes took");
        }
        if !(1..=10_000).contains(&self.last) {
            check.mistake("last", "an absurd number of successes", "not 1 to 10 000");
        }
        if self.min_volume == 0 || self.min_volume > self.last {
            let last = check.path("last");
            check
                .mistake("min-volume", "nothing is ever predicted", "not 1 to `last`")
                .also(last, format!("keeps {}", self.last));
        }
    }
}

/// What the newest successes of each endpoint took.
#[derive(Clone, Debug)]
pub struct Latencies {
    endpoints: Vec<VecDeque<Duration>>,
    /// For the sorting; kept so that nothing is allocated per question.
    sorted: Vec<Duration>,
}

impl Latencies {
    /// None yet, for so many endpoints; without settings it keeps nothing.
    pub fn new(config: Option<&Config>, endpoints: usize) -> Latencies {
        let kept = config.map_or(0, |_| endpoints);
        Latencies {
            endpoints: vec![VecDeque::new(); kept],
            sorted: Vec::new(),
        }
    }

    /// An attempt succeeded after this long.
    pub fn on_success(&mut self, config: &Config, endpoint: EndpointId, took: Duration) {
        let Some(kept) = self.endpoints.get_mut(usize::from(endpoint.0)) else {
            return;
        };
        if kept.len() >= config.last as usize {
            kept.pop_front();
        }
        kept.push_back(took);
    }

    /// Whether an attempt that starts at this instant would probably end past the deadline.
    pub fn is_hopeless(
        &mut self,
        config: &Config,
        endpoint: EndpointId,
        start: Instant,
        deadline: Instant,
    ) -> bool {
        let predicted = self.predicted(config, endpoint);
        predicted.is_some_and(|took| start + took > deadline)
    }

    /// The nearest-rank quantile of what is kept; None: too little.
    fn predicted(&mut self, config: &Config, endpoint: EndpointId) -> Option<Duration> {
        let kept = self.endpoints.get(usize::from(endpoint.0))?;
        if kept.len() < config.min_volume.max(1) as usize {
            return None;
        }
        self.sorted.clear();
        self.sorted.extend(kept);
        let rank = libm::ceil(config.quantile.0 * kept.len() as f64) as usize;
        let place = rank.clamp(1, kept.len()) - 1;
        Some(*self.sorted.select_nth_unstable(place).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::draw::Stage;
    use crate::base::{Draws, Purpose, Root};

    /// Against the definition: the smallest of the newest values that at least the share of them does
    /// not exceed. Seed 99.
    #[test]
    fn it_predicts_the_quantile_of_the_newest_successes() {
        let draws = Draws::new(Root::new(99, Stage::Run, 0));
        for (case, quantile) in [0.01, 0.5, 0.9, 1.0].into_iter().enumerate() {
            let config = Config {
                quantile: Ratio(quantile),
                min_volume: 5,
                last: 40,
            };
            let mut latencies = Latencies::new(Some(&config), 2);
            let mut all: Vec<u64> = Vec::new();
            for i in 0..300 {
                let took = (draws.unit(Purpose::Probe, case as u64, i) * 1e9) as u64;
                all.push(took);
                latencies.on_success(&config, EndpointId(1), Duration(took));
                let newest = &all[all.len().saturating_sub(40)..];
                let enough = |&&v: &&u64| {
                    let within = newest.iter().filter(|&&w| w <= v).count();
                    within as f64 >= quantile * newest.len() as f64
                };
                let expected = newest.iter().filter(enough).min().filter(|_| i >= 4);
                let predicted = latencies.predicted(&config, EndpointId(1));
                assert_eq!(
                    predicted.map(|p| p.0).as_ref(),
                    expected,
                    "{i} at {quantile}"
                );
            }
            assert_eq!(latencies.predicted(&config, EndpointId(0)), None);
        }
    }

    #[test]
    fn what_ends_at_the_deadline_is_not_hopeless() {
        let config = Config {
            min_volume: 1,
            ..Config::default()
        };
        let mut latencies = Latencies::new(Some(&config), 1);
        let deadline = Instant::ZERO + Duration::from_s(10);
        let late = Instant::ZERO + Duration::from_s(9);
        let hopeless = |l: &mut Latencies, at| l.is_hopeless(&config, EndpointId(0), at, deadline);
        assert!(!hopeless(&mut latencies, late), "nothing is known yet");
        latencies.on_success(&config, EndpointId(0), Duration::from_s(1));
        assert!(!hopeless(&mut latencies, late));
        assert!(hopeless(&mut latencies, late + Duration(1)));
    }
}
