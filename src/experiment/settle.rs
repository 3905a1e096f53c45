//! `--until-settled`: more replications until every verdict is reached.
//!
//! Looking often and stopping at the first verdict would be wrong in 47–80 % of experiments without any
//! difference. So the looks are fixed beforehand, at R = 32, 64, 128 … replications up to the most, K of them;
//! at each the intervals of the family of m verdicts have level 1 − 0.05/(K·m) (Bonferroni over looks and
//! verdicts), so all intervals of all looks hold jointly at 95 %. Hence their intersection so far holds too: it
//! is what is reported, and what a verdict is read from. A verdict once reached stays.

use super::compare::{family, headline, least_effect};
use super::estimate::absent::Absent;
use super::estimate::{Samples, Setting};
use super::pair::{Paired, paired};
use super::sample::Spread;
use super::verdict::judge;
use crate::base::Stop;
use crate::record::Replication;
use crate::record::metric::{Better, Metric};
use crate::record::results::{Compare, Difference, Judgement, Settling};
use crate::scenario::Scenario;
use crate::scenario::model::default_min_effect;

/// Replications at the first look.
pub const FIRST: u32 = 32;

/// How many replications there are by each look: 32 and twice as many each time, and at last the most.
pub fn looks(most: u32) -> Vec<u32> {
    let doubled = std::iter::successors(Some(FIRST), |n| n.checked_mul(2));
    let mut looks: Vec<u32> = doubled.take_while(|n| *n < most).collect();
    looks.push(most);
    looks
}

/// The level of every interval: 1 − 0.05/(K·m), for K looks at m verdicts.
pub fn level(looks: usize, family: u32) -> f64 {
    1.0 - 0.05 / (looks.max(1) as f64 * f64::from(family.max(1)))
}

/// One difference, look by look.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sequence {
    /// What all intervals so far have in common; a bound that none had is None.
    pub interval: [Option<f64>; 2],
    /// The verdict, as soon as one is reached; until then that no difference is shown.
    pub verdict: Option<Judgement>,
    /// The replications at which it was reached.
    pub settled_at: Option<u32>,
}

impl Sequence {
    /// Takes in the difference of one look, with its interval at [`level`]. Returns whether more
    /// replications would decide nothing here: there is a verdict, or never will be one. `bounded`: whether
    /// it has bounds, if not now then with more replications.
    pub fn look(
        &mut self,
        found: &Paired,
        (min_effect, better): (f64, Better),
        bounded: bool,
        replications: u32,
    ) -> bool {
        self.interval = common(self.interval, found.interval);
        let now = Paired {
            interval: self.interval,
            ..*found
        };
        if self.settled_at.is_none() {
            self.verdict = judge(&now, min_effect, better);
            // None: a difference is shown, of which neither direction is better.
            if self.verdict != Some(Judgement::NoDifferenceShown) {
                self.settled_at = Some(replications);
            }
        }
        self.settled_at.is_some() || !bounded || is_hopeless(&now, min_effect)
    }
}

/// Whether no number of replications would show anything: values are "at least H", which more replications do not
/// change. That a bound is missing says nothing: that of a percentile comes with more replications.
fn is_hopeless(found: &Paired, min_effect: f64) -> bool {
    let [low, high] = found.interval;
    let inside = |(low, high): (f64, f64)| -min_effect <= low && high <= min_effect;
    found.at_horizon && low.zip(high).is_some_and(inside)
}

/// What two intervals have in common. Where that is nothing one of them misses the truth, which happens in
/// one of twenty experiments at most, and the older one stays.
fn common(old: [Option<f64>; 2], new: [Option<f64>; 2]) -> [Option<f64>; 2] {
    let bound = |a: Option<f64>, b: Option<f64>, pick: fn(f64, f64) -> f64| match (a, b) {
        (Some(a), Some(b)) => Some(pick(a, b)),
        (one, other) => one.or(other),
    };
    let both = [
        bound(old[0], new[0], f64::max),
        bound(old[1], new[1], f64::min),
    ];
    match both {
        [Some(low), Some(high)] if low > high => old,
        both => both,
    }
}

/// Whether a metric is absent only because there were too few calls yet.
fn comes_with_more(absent: Absent) -> bool {
    matches!(absent, Absent::TooFew { .. } | Absent::NoPeakWindow)
}

/// All verdicts of a comparison, look by look.
#[derive(Clone, Debug)]
pub struct Looks {
    /// How many replications there are by each look.
    planned: Vec<u32>,
    taken: u32,
    /// Verdicts at the last look for which there was too little to give a value.
    absent: u32,
    /// By policy and metric.
    pairs: Vec<((String, &'static str), Sequence)>,
}

impl Looks {
    /// None taken yet, with at most so many replications.
    pub fn new(most: u32) -> Looks {
        Looks {
            planned: looks(most),
            taken: 0,
            absent: 0,
            pairs: Vec::new(),
        }
    }

    /// How many replications the next look needs; None after the last.
    pub fn next(&self) -> Option<u32> {
        self.planned.get(self.taken as usize).copied()
    }

    /// How many there will be in all.
    pub fn count(&self) -> usize {
        self.planned.len()
    }

    /// How many were taken.
    pub fn taken(&self) -> u32 {
        self.taken
    }

    /// Looks at all replications so far, by policy. Returns whether everything is settled; None if it was
    /// told to stop.
    pub(super) fn look(
        &mut self,
        scenario: &Scenario,
        runs: &[Vec<Replication>],
        setting: &Setting,
        stop: &Stop,
    ) -> Option<bool> {
        let mut samples = Vec::new();
        for (place, (name, _)) in scenario.policies.iter().enumerate() {
            samples.push((name, Samples::of(&runs[place], (place, 0), setting, stop)?));
        }
        let compare = &scenario.compare;
        let headline = headline(compare, setting);
        let (m, _) = family(samples.len(), headline.len());
        let level = level(self.planned.len(), m);
        let replications = runs.first().map_or(0, Vec::len);
        let replications = u32::try_from(replications).unwrap_or(u32::MAX);
        self.taken += 1;
        self.absent = 0;
        let (_, baseline) = samples
            .iter()
            .find(|(name, _)| **name == compare.baseline)?;
        let mut settled = true;
        for (name, policy) in samples.iter().filter(|(n, _)| **n != compare.baseline) {
            for metric in &headline {
                let both = [policy.of_metric(metric), baseline.of_metric(metric)];
                let [Ok(a), Ok(b)] = both else {
                    let open = both
                        .iter()
                        .all(|one| one.map_or_else(comes_with_more, |_| true));
                    self.absent += u32::from(open);
                    settled &= !open;
                    continue;
                };
                let effect = compare.min_effect.get(metric.name).copied();
                let effect = effect.unwrap_or_else(|| default_min_effect(metric));
                let found = paired(a, b, level);
                let effect = least_effect(effect, b.value);
                let bounded = [a, b].iter().all(|one| !matches!(one.spread, Spread::None));
                let sequence = self.sequence(name, metric);
                let aim = (effect, metric.better);
                settled &= sequence.look(&found, aim, bounded, replications);
            }
        }
        Some(settled)
    }

    fn sequence(&mut self, policy: &str, metric: &'static Metric) -> &mut Sequence {
        let key = (policy.to_owned(), metric.name);
        let place = self.pairs.iter().position(|(other, _)| *other == key);
        let place = place.unwrap_or_else(|| {
            self.pairs.push((key, Sequence::default()));
            self.pairs.len() - 1
        });
        &mut self.pairs[place].1
    }

    /// Puts intervals and verdicts over all looks in the place of those of the last.
    pub(super) fn enter(&self, compare: &mut Compare, differences: &mut [Difference]) -> Settling {
        compare.level = level(self.planned.len(), compare.family);
        let (mut settled, mut pairs) = (0, self.absent);
        for difference in differences {
            let about = |((policy, metric), _): &&((String, &str), Sequence)| {
                *policy == difference.policy && *metric == difference.metric
            };
            let Some((_, sequence)) = self.pairs.iter().find(about) else {
                continue;
            };
            pairs += 1;
            settled += u32::from(sequence.settled_at.is_some());
            difference.level = compare.level;
            difference.interval = sequence.interval;
            difference.verdict = sequence.verdict;
            difference.settled_at = sequence.settled_at;
            if sequence.verdict != Some(Judgement::NoDifferenceShown) {
                (difference.detectable, difference.replications_needed) = (None, None);
            }
        }
        Settling {
            looks: self.planned.clone(),
            taken: self.taken,
            pairs,
            settled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Judgement::{Equivalent, NoDifferenceShown};

    const AIM: (f64, Better) = (1.0, Better::Lower);

    fn found(value: f64, interval: [Option<f64>; 2]) -> Paired {
        Paired {
            value,
            se: None,
            interval,
            at_horizon: false,
            gain: None,
        }
    }

    #[test]
    fn looks_double_and_end_with_the_most() {
        assert_eq!(looks(512), [32, 64, 128, 256, 512]);
        assert_eq!(looks(100), [32, 64, 100]);
        assert_eq!(looks(32), [32]);
        assert_eq!(level(5, 6), 1.0 - 0.05 / 30.0);
    }

    #[test]
    fn a_verdict_stays_and_the_interval_is_what_all_have_in_common() {
        let mut one = Sequence::default();
        let at = |low, high| found(0.0, [Some(low), Some(high)]);
        assert!(!one.look(&at(-3.0, 5.0), AIM, true, 32));
        assert_eq!(one.verdict, Some(NoDifferenceShown));
        // Each is too wide by itself, and what they have in common is not.
        assert!(!one.look(&at(-0.5, 2.0), AIM, true, 64));
        assert!(one.look(&at(-2.0, 0.9), AIM, true, 128));
        assert_eq!(one.interval, [Some(-0.5), Some(0.9)]);
        assert_eq!((one.verdict, one.settled_at), (Some(Equivalent), Some(128)));
        assert!(one.look(&at(0.1, 3.0), AIM, true, 256));
        assert_eq!(one.interval, [Some(0.1), Some(0.9)]);
        assert_eq!((one.verdict, one.settled_at), (Some(Equivalent), Some(128)));
        // Intervals with nothing in common: the older one stays.
        one.look(&at(2.0, 3.0), AIM, true, 512);
        assert_eq!(one.interval, [Some(0.1), Some(0.9)]);
    }

    #[test]
    fn what_no_replication_decides_holds_nothing_up() {
        let mut none = Sequence::default();
        let unbounded = found(1.0, [None, None]);
        assert!(none.look(&unbounded, AIM, false, 32), "a maximum");
        assert!(!none.look(&unbounded, AIM, true, 64), "a percentile");
        let mut at_h = found(0.0, [Some(0.0), Some(0.0)]);
        at_h.at_horizon = true;
        let mut both = Sequence::default();
        assert!(both.look(&at_h, AIM, true, 32));
        let found = (both.verdict, both.settled_at);
        assert_eq!(found, (Some(NoDifferenceShown), None));
        let mut half = Sequence::default();
        let open = super::super::pair::Paired {
            interval: [Some(-1.0), None],
            ..at_h
        };
        assert!(!half.look(&open, (0.5, Better::Lower), true, 32));
    }
}
