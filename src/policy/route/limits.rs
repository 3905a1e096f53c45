//! `limits`: a route that leaves out endpoints whose requests or tokens of this minute are used up.
//!
//! What the limits are the client believes of its endpoints, what is used up its process counts itself: in
//! calendar minutes, tokens when an answer has come. So what is in flight is not seen and may overshoot
//! the limit of tokens, and another process's share is not seen at all. It is what LiteLLM's strategies
//! make of a deployment's `rpm` and `tpm`: `usage-based-routing-v2` counts requests as they are sent, the
//! others as they are answered; both usage-based ones never use the last request of a minute.

use serde::{Deserialize, Serialize};

use super::endpoint::Endpoint;
use crate::base::{Check, Duration, Instant};

/// Settings of `limits`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Which requests count.
    pub count: Count,
    /// How many requests of a minute are never used, 0 to 1000; of several, one is.
    pub spare: u32,
}

/// Which requests count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Count {
    /// Those that were answered, when they are.
    #[default]
    Answered,
    /// All, when they are sent.
    Sent,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.spare > 1000 {
            check.mistake("limits.spare", "an absurd number of requests", "above 1000");
        }
    }
}

/// What a client believes an endpoint lets it send in a minute.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limits {
    rpm: Option<u64>,
    tpm: Option<u64>,
}

impl Limits {
    pub(super) fn of(endpoint: &Endpoint<'_>) -> Limits {
        Limits {
            rpm: endpoint.rpm,
            tpm: endpoint.tpm,
        }
    }

    /// Weights of endpoints with these limits: by requests, or if none has any by tokens, or all the same. One
    /// without the limit that counts gets nothing that another can take.
    pub(super) fn weights(all: &[Limits]) -> Vec<f64> {
        let by = |limit: fn(&Limits) -> Option<u64>| {
            let given = all.iter().any(|limits| limit(limits).is_some());
            let weight = |limits| limit(limits).map_or(LEAST, |limit| limit as f64);
            given.then(|| all.iter().map(weight).collect())
        };
        let same = || vec![1.0; all.len()];
        by(|limits| limits.rpm)
            .or_else(|| by(|limits| limits.tpm))
            .unwrap_or_else(same)
    }
}

/// A weight that loses against any limit, and leaves an order among those that have none.
const LEAST: f64 = 1e-9;

/// What this process has counted in the newest minute, by place.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    minute: u64,
    requests: Vec<u64>,
    tokens: Vec<u64>,
}

impl Tally {
    /// Nothing yet, for so many endpoints.
    pub(super) fn new(endpoints: usize) -> Tally {
        Tally {
            minute: 0,
            requests: vec![0; endpoints],
            tokens: vec![0; endpoints],
        }
    }

    /// A request was sent.
    pub(super) fn sent(&mut self, config: Config, place: u8, now: Instant) {
        if config.count == Count::Sent {
            self.turn(now);
            self.requests[usize::from(place)] += 1;
        }
    }

    /// A request was answered, for so many tokens.
    pub(super) fn answered(&mut self, config: Config, place: u8, tokens: u64, now: Instant) {
        self.turn(now);
        let place = usize::from(place);
        self.requests[place] += u64::from(config.count == Count::Answered);
        self.tokens[place] += tokens;
    }

    /// Whether no request with such a prompt may be sent there now. Whatever is kept spare, the first of a
    /// minute may.
    pub(super) fn is_full(
        &self,
        config: Config,
        limits: Limits,
        place: u8,
        prompt: u64,
        now: Instant,
    ) -> bool {
        let place = usize::from(place);
        let (requests, tokens) = match minute(now) == self.minute {
            true => (self.requests[place], self.tokens[place]),
            false => (0, 0),
        };
        let most = |rpm: u64| requests > 0 && requests + 1 + u64::from(config.spare) > rpm;
        limits.rpm.is_some_and(most) || limits.tpm.is_some_and(|tpm| tokens + prompt > tpm)
    }

    fn turn(&mut self, now: Instant) {
        if minute(now) != self.minute {
            self.minute = minute(now);
            self.requests.fill(0);
            self.tokens.fill(0);
        }
    }
}

fn minute(now: Instant) -> u64 {
    now.0 / Duration::from_s(60).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::Xoshiro256PlusPlus;
    use rand::{RngExt, SeedableRng};

    /// Everything that ever counted: when, where, how many requests and tokens.
    struct Log(Vec<(Instant, u8, u64, u64)>);

    impl Log {
        fn of_minute(&self, place: u8, now: Instant) -> (u64, u64) {
            let begins = now.0 - now.0 % 60_000_000_000;
            let counted =
                |entry: &&(Instant, u8, u64, u64)| entry.1 == place && entry.0.0 >= begins;
            let all = self.0.iter().filter(counted);
            all.fold((0, 0), |(r, t), entry| (r + entry.2, t + entry.3))
        }
    }

    #[test]
    fn a_place_is_full_as_a_list_of_all_that_ever_happened_says() {
        let seed = 4;
        let mut r = Xoshiro256PlusPlus::seed_from_u64(seed);
        let (mut full, mut open) = (0, 0);
        for count in [Count::Answered, Count::Sent] {
            let config = Config {
                count,
                spare: r.random_range(0..3),
            };
            let limits = Limits {
                rpm: Some(6),
                tpm: Some(400),
            };
            let (mut tally, mut log) = (Tally::new(2), Log(Vec::new()));
            let mut now = Instant::ZERO;
            for n in 0..4_000 {
                now = now + Duration::from_ms(r.random_range(0..9_000));
                let place = r.random_range(0..2u8);
                let (sent, tokens) = (r.random_bool(0.5), r.random_range(0..90));
                if sent {
                    tally.sent(config, place, now);
                    log.0.push((now, place, u64::from(count == Count::Sent), 0));
                } else {
                    tally.answered(config, place, tokens, now);
                    let answered = u64::from(count == Count::Answered);
                    log.0.push((now, place, answered, tokens));
                }
                let prompt = r.random_range(0..90);
                let (requests, used) = log.of_minute(place, now);
                // LiteLLM: 1 is added to what was counted and compared, with ">" or with ">=".
                let by_requests = requests > 0 && requests + u64::from(config.spare) >= 6;
                let expected = by_requests || used + prompt > 400;
                let is = tally.is_full(config, limits, place, prompt, now);
                assert_eq!(is, expected, "seed {seed}, event {n}: {requests}, {used}");
                full += u32::from(is);
                open += u32::from(!is);
            }
        }
        assert!(full > 500 && open > 500, "seed {seed}: {full}, {open}");
    }

    #[test]
    fn who_says_no_limit_weighs_nothing_beside_those_that_do() {
        let of = |rpm, tpm| Limits { rpm, tpm };
        let requests = Limits::weights(&[
            of(Some(100), Some(9)),
            of(None, Some(9)),
            of(Some(300), None),
        ]);
        assert_eq!(requests, [100.0, LEAST, 300.0]);
        assert_eq!(
            Limits::weights(&[of(None, Some(5)), of(None, Some(10))]),
            [5.0, 10.0]
        );
        assert_eq!(
            Limits::weights(&[of(None, None), of(None, None)]),
            [1.0, 1.0]
        );
    }
}
