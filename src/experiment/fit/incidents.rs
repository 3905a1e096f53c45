//! When the bad spells of a log were: the most likely path through the good and bad spells that were fitted.
//!
//! The path is Viterbi's (1967), with the exact chances of a chain in continuous time between two attempts. A spell
//! begins and ends halfway between the attempts on both sides of its border.

use std::fmt::Write;

use super::spells::{Coin, Spells};
use crate::fault::schedule::replay::HEADER;

/// A bad spell as it was recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Incident {
    /// When it began, in seconds from the first attempt of the log.
    pub start_s: f64,
    /// When it ended.
    pub end_s: f64,
    /// How many attempts fell into it.
    pub asked: usize,
    /// How many of them failed.
    pub failed: usize,
}

impl Incident {
    /// The share of its attempts that failed.
    pub fn share(&self) -> f64 {
        self.failed as f64 / self.asked.max(1) as f64
    }
}

/// The bad spells among attempts in order of time; none if it was bad all the time.
pub fn of(coins: &[Coin], spells: &Spells) -> Vec<Incident> {
    let path = path(coins, spells);
    let mut incidents = Vec::new();
    let mut first = 0;
    for (i, bad) in path.iter().enumerate() {
        if !bad {
            continue;
        }
        if i == 0 || !path[i - 1] {
            first = i;
        }
        if path.get(i + 1) != Some(&true) {
            incidents.push(between(coins, first, i));
        }
    }
    incidents
}

/// The incident of these attempts, both of them included.
fn between(coins: &[Coin], first: usize, last: usize) -> Incident {
    let border = |a: usize, b: usize| 0.5 * (coins[a].0 + coins[b].0);
    let after = (last + 1).min(coins.len() - 1);
    let own = &coins[first..=last];
    Incident {
        start_s: if first == 0 {
            0.0
        } else {
            border(first - 1, first)
        },
        // The last attempt of the log is within.
        end_s: border(last, after).max(coins[last].0 + 0.001),
        asked: own.len(),
        failed: own.iter().filter(|(_, failed)| *failed).count(),
    }
}

/// Whether each attempt met a bad spell, on the most likely path.
fn path(coins: &[Coin], spells: &Spells) -> Vec<bool> {
    let Some((bad_for, good_for)) = spells.lengths else {
        return vec![false; coins.len()];
    };
    let both = 1.0 / bad_for + 1.0 / good_for;
    // How often it is good and bad, and what a coin says of either: [good, bad] everywhere.
    let often = [bad_for, good_for].map(|other| 1.0 - other / (bad_for + good_for));
    let rates = [spells.good, spells.bad];
    let log = |p: f64| libm::log(p.max(1e-300));
    let said = |failed: bool, s: usize| log(if failed { rates[s] } else { 1.0 - rates[s] });
    let mut best = [log(often[0]), log(often[1])];
    let mut came_from: Vec<[bool; 2]> = Vec::with_capacity(coins.len());
    let mut last = coins.first().map_or(0.0, |coin| coin.0);
    for &(at, failed) in coins {
        let kept = libm::exp(-both * (at - last));
        last = at;
        let step = |from: usize, to: usize| {
            let stays = if from == to { kept } else { 0.0 };
            best[from] + log(often[to] * (1.0 - kept) + stays)
        };
        let from_bad = [0, 1].map(|to| step(1, to) > step(0, to));
        best = [0, 1].map(|to| step(usize::from(from_bad[to]), to) + said(failed, to));
        came_from.push(from_bad);
    }
    let mut is_bad = best[1] > best[0];
    let mut path = vec![false; coins.len()];
    for i in (0..coins.len()).rev() {
        path[i] = is_bad;
        is_bad = came_from[i][usize::from(is_bad)];
    }
    path
}

/// Incidents as a file for `schedule.replay`.
pub fn csv(incidents: &[Incident]) -> String {
    let mut text = format!("{HEADER}\n");
    for incident in incidents {
        let (start, lasts) = (incident.start_s, incident.end_s - incident.start_s);
        let share = incident.share();
        let _ = writeln!(text, "{:.7},{:.7},{share:.6}", start / 60.0, lasts / 60.0);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::draw::{Root, Stage};
    use crate::base::{Draws, Purpose};

    const SPELLS: Spells = Spells {
        bad: 0.7,
        good: 0.01,
        lengths: Some((30.0, 300.0)),
    };

    /// Two attempts a second for an hour, bad from 600 s to 660 s and from 2000 s to 2020 s.
    fn coins(seed: u64) -> Vec<Coin> {
        let draws = Draws::new(Root::new(seed, Stage::Run, 0));
        let coin = |i: u64| {
            let at = i as f64 * 0.5;
            let bad = (600.0..660.0).contains(&at) || (2000.0..2020.0).contains(&at);
            let rate = if bad { SPELLS.bad } else { SPELLS.good };
            (at, draws.unit(Purpose::Probe, i, 0) < rate)
        };
        (0..7200).map(coin).collect()
    }

    #[test]
    fn bad_spells_are_found_where_they_were() {
        let coins = coins(9);
        let found = of(&coins, &SPELLS);
        let truth = [(600.0, 660.0), (2000.0, 2020.0)];
        assert_eq!(found.len(), truth.len(), "seed 9: {found:?}");
        for (incident, (start, end)) in found.iter().zip(truth) {
            // Seven in ten fail: after five seconds without a failure a border is no longer in doubt.
            assert!(
                (incident.start_s - start).abs() < 5.0,
                "seed 9: {incident:?}"
            );
            assert!((incident.end_s - end).abs() < 5.0, "seed 9: {incident:?}");
            assert!(
                (incident.share() - SPELLS.bad).abs() < 0.2,
                "seed 9: {incident:?}"
            );
        }
    }

    /// All paths of twelve attempts, one by one.
    #[test]
    fn no_path_is_more_likely_than_the_one_that_is_taken() {
        let all = coins(9);
        let coins = &all[1190..1202];
        let (bad_for, good_for) = (30.0, 300.0);
        let likelihood = |path: &[bool]| {
            let both = 1.0 / bad_for + 1.0 / good_for;
            let often = |bad: bool| if bad { bad_for } else { good_for } / (bad_for + good_for);
            let mut p = often(path[0]);
            for (i, &(at, failed)) in coins.iter().enumerate() {
                if i > 0 {
                    let kept = libm::exp(-both * (at - coins[i - 1].0));
                    let stays = if path[i] == path[i - 1] { kept } else { 0.0 };
                    p *= often(path[i]) * (1.0 - kept) + stays;
                }
                let rate = if path[i] { SPELLS.bad } else { SPELLS.good };
                p *= if failed { rate } else { 1.0 - rate };
            }
            p
        };
        let taken = likelihood(&path(coins, &SPELLS));
        for bits in 0u32..1 << coins.len() {
            let other: Vec<bool> = (0..coins.len()).map(|i| bits >> i & 1 == 1).collect();
            assert!(likelihood(&other) <= taken * (1.0 + 1e-9), "{other:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_incidents() {
        let incidents = of(&coins(9), &SPELLS);
        let read = crate::fault::schedule::replay::parse(&csv(&incidents)).expect("a good file");
        assert_eq!(read.len(), incidents.len());
        for (read, incident) in read.iter().zip(&incidents) {
            assert!((read.start.as_s_f64() - incident.start_s).abs() < 1e-4);
            assert!((read.share - incident.share()).abs() < 1e-5);
        }
    }

    #[test]
    fn errors_at_any_time_are_no_incidents() {
        let always = Spells {
            lengths: None,
            ..SPELLS
        };
        assert_eq!(of(&coins(9), &always), []);
        assert_eq!(of(&[], &SPELLS), []);
    }
}
