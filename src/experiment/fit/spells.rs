//! Errors in good and bad spells, from when attempts failed.
//!
//! The law is that of the fault `error-rate`: spells of exponential length, and in each a coin for every attempt.
//! Its likelihood is exact (the forward algorithm of a hidden Markov chain in continuous time, with the time
//! between attempts); its maximum is looked for along the axes with halved steps. Spells are taken if they are
//! worth their three more numbers (Schwarz's criterion, 1978).

/// One attempt: when, in seconds, and whether it failed.
pub type Coin = (f64, bool);

/// Error rates of good and bad spells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spells {
    /// The share that fails in a bad spell.
    pub bad: f64,
    /// The share that fails in a good one.
    pub good: f64,
    /// The mean lengths of both, in seconds: bad, good; None: it is bad all the time.
    pub lengths: Option<(f64, f64)>,
}

impl Spells {
    /// The share that fails in the long run.
    pub fn mean(&self) -> f64 {
        self.lengths.map_or(self.bad, |(bad_for, good_for)| {
            (self.bad * bad_for + self.good * good_for) / (bad_for + good_for)
        })
    }
}

/// Attempts more than these are not looked at one by one: the likelihood is asked some hundred times.
const MOST: usize = 40_000;

/// Fits attempts in order of time; None if none failed.
pub fn fit(coins: &[Coin]) -> Option<Spells> {
    let coins = &coins[..coins.len().min(MOST)];
    let failed = coins.iter().filter(|(_, failed)| *failed).count();
    if failed == 0 {
        return None;
    }
    let n = coins.len() as f64;
    let rate = failed as f64 / n;
    let always = Spells {
        bad: rate,
        good: 0.0,
        lengths: None,
    };
    let span = coins[coins.len() - 1].0 - coins[0].0;
    if failed == coins.len() || failed < 5 || span <= 0.0 {
        return Some(always);
    }
    let constant = failed as f64 * libm::log(rate) + (n - failed as f64) * libm::log(1.0 - rate);
    let begun = [0.2, 0.03, 0.004].map(|share| climb(coins, rate, span * share));
    let best = begun
        .into_iter()
        .reduce(|a, b| if b.0 > a.0 { b } else { a })?;
    let worth = 2.0 * (best.0 - constant) > 3.0 * libm::log(n);
    Some(if worth { best.1.spells() } else { always })
}

/// The four numbers on scales without ends.
#[derive(Clone, Copy, Debug)]
struct Point([f64; 4]);

impl Point {
    fn spells(self) -> Spells {
        let share = |x: f64| 1.0 / (1.0 + libm::exp(-x));
        let [bad, good, bad_for, good_for] = self.0;
        let (bad, good) = (share(bad), share(good));
        let (bad_for, good_for) = (libm::exp(bad_for), libm::exp(good_for));
        match bad >= good {
            true => Spells {
                bad,
                good,
                lengths: Some((bad_for, good_for)),
            },
            false => Spells {
                bad: good,
                good: bad,
                lengths: Some((good_for, bad_for)),
            },
        }
    }
}

/// The best point that can be reached from spells of this length, and its log-likelihood.
fn climb(coins: &[Coin], rate: f64, length: f64) -> (f64, Point) {
    let logit = |p: f64| libm::log(p / (1.0 - p));
    let high = (rate * 4.0).clamp(0.5, 0.9).max(rate);
    let low = (rate * 0.2).max(1e-4);
    let share = ((rate - low) / (high - low)).clamp(0.01, 0.9);
    let mut at = Point([
        logit(high.min(0.98)),
        logit(low),
        libm::log(length * share),
        libm::log(length * (1.0 - share)),
    ]);
    let shortest = libm::log(0.001);
    let mut best = likelihood(coins, at);
    let mut step = 1.0;
    while step > 0.02 {
        let mut moved = false;
        for axis in 0..4 {
            for sign in [1.0, -1.0] {
                let mut next = at;
                let limit = if axis < 2 { 12.0 } else { 25.0 };
                let least = if axis < 2 { -12.0 } else { shortest };
                next.0[axis] = (at.0[axis] + sign * step).clamp(least, limit);
                let found = likelihood(coins, next);
                if found > best + 1e-6 {
                    (at, best, moved) = (next, found, true);
                }
            }
        }
        if !moved {
            step *= 0.5;
        }
    }
    (best, at)
}

/// The logarithm of the probability of these coins.
fn likelihood(coins: &[Coin], point: Point) -> f64 {
    let spells = point.spells();
    let (bad_for, good_for) = spells.lengths.unwrap_or((1.0, 1.0));
    let (leave_bad, leave_good) = (1.0 / bad_for, 1.0 / good_for);
    let both = leave_bad + leave_good;
    let long_run = leave_good / both;
    let (mut is_bad, mut last) = (long_run, coins[0].0);
    let (mut sum, mut product) = (0.0, 1.0);
    for &(at, failed) in coins {
        // Towards the long run, at the rate of both together.
        is_bad = long_run + (is_bad - long_run) * libm::exp(-both * (at - last));
        last = at;
        let (p_bad, p_good) = match failed {
            true => (spells.bad, spells.good),
            false => (1.0 - spells.bad, 1.0 - spells.good),
        };
        let p = is_bad * p_bad + (1.0 - is_bad) * p_good;
        is_bad = is_bad * p_bad / p;
        // A logarithm for each would be most of the work.
        product *= p;
        if product < 1e-200 {
            sum += libm::log(product);
            product = 1.0;
        }
    }
    sum + libm::log(product)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::draw::{Root, Stage};
    use crate::base::quantile::exponential;
    use crate::base::{Draws, Purpose};

    /// Attempts every 1/4 s; spells drawn by themselves, as an independent model.
    fn coins(seed: u64, n: u64, spells: Spells) -> Vec<Coin> {
        let draws = Draws::new(Root::new(seed, Stage::Run, 0));
        let (bad_for, good_for) = spells.lengths.unwrap();
        let (mut ends, mut bad, mut nth) = (0.0, true, 0);
        let coin = |i: u64| {
            let at = i as f64 * 0.25;
            while at >= ends {
                bad = !bad;
                let mean = if bad { bad_for } else { good_for };
                ends += mean * exponential(draws.unit(Purpose::Regime, nth, 0));
                nth += 1;
            }
            let rate = if bad { spells.bad } else { spells.good };
            (at, draws.unit(Purpose::Probe, i, 0) < rate)
        };
        (0..n).map(coin).collect()
    }

    #[test]
    fn spells_are_found_with_their_rates_and_lengths() {
        let truth = Spells {
            bad: 0.8,
            good: 0.01,
            lengths: Some((20.0, 100.0)),
        };
        let found = fit(&coins(3, 30_000, truth)).unwrap();
        let (bad_for, good_for) = found.lengths.expect("there are spells");
        assert!((found.bad - 0.8).abs() < 0.03, "seed 3: {found:?}");
        assert!((found.good - 0.01).abs() < 0.004, "seed 3: {found:?}");
        // Some 60 spells of each kind: a standard error of 13 % of their means.
        assert!((bad_for / 20.0 - 1.0).abs() < 0.4, "seed 3: {found:?}");
        assert!((good_for / 100.0 - 1.0).abs() < 0.4, "seed 3: {found:?}");
    }

    #[test]
    fn independent_errors_are_no_spells() {
        let draws = Draws::new(Root::new(4, Stage::Run, 0));
        let coin = |i: u64| (i as f64, draws.unit(Purpose::Probe, i, 0) < 0.05);
        let coins: Vec<Coin> = (0..8000).map(coin).collect();
        let found = fit(&coins).unwrap();
        assert_eq!(found.lengths, None, "seed 4: {found:?}");
        let failed = coins.iter().filter(|(_, failed)| *failed).count();
        assert_eq!(found.bad, failed as f64 / 8000.0);
    }

    #[test]
    fn without_a_failure_there_is_no_law() {
        assert_eq!(fit(&[(0.0, false), (1.0, false)]), None);
        assert_eq!(fit(&[]), None);
    }
}
