//! What the timeline charts draw: rates by window, over replications.

use std::ops::Range;

use super::estimate::peak::peak_windows;
use crate::record::results::Series;
use crate::record::{Replication, Windows};

/// Frame of the windows.
#[derive(Clone, Copy, Debug)]
pub struct Timeline {
    /// Width of a window, ns.
    pub window_ns: u64,
    /// What comes before does not count, ns.
    pub warm_up_ns: u64,
    /// End of the run, ns: the last window may be shorter.
    pub duration_ns: u64,
    /// Client processes: a breaker is open in a share of them.
    pub processes: u32,
}

/// Fewer summed calls in a window make no ratio worth drawing.
const LEAST_CALLS: u64 = 100;

type Count = fn(&Windows) -> &Vec<u32>;

/// The series of one policy.
pub fn series(runs: &[Replication], timeline: &Timeline) -> Series {
    let windows = runs.iter().map(|run| run.windows.arrived.len()).max();
    let windows = windows.unwrap_or(0);
    let each = |count: Count, i: usize| -> Vec<u64> {
        let counts = runs.iter().map(|run| at(count(&run.windows), i));
        counts.collect()
    };
    let means = |count: Count| -> Vec<f64> {
        let mean = |i| timeline.rate(each(count, i).iter().sum(), runs.len() as u64, i);
        (0..windows).map(mean).collect()
    };
    let bands = |count: Count| {
        let band = |tenths: u64| {
            let of = |i| {
                let mut counts = each(count, i);
                counts.sort_unstable();
                timeline.rate(between(&counts, tenths), 10, i)
            };
            (0..windows).map(of).collect()
        };
        [1, 5, 9].map(band)
    };
    let highest = |i| each(|w| &w.retries_peak, i).iter().sum::<u64>() as f64 / runs.len() as f64;
    Series {
        offered: means(|w| &w.arrived),
        good: bands(|w| &w.good),
        degraded: bands(|w| &w.degraded),
        failed: bands(|w| &w.failed),
        attempts: [
            means(|w| &w.first),
            means(|w| &w.retry),
            means(|w| &w.failover),
            means(|w| &w.hedge),
        ],
        retries_peak: (0..windows).map(highest).collect(),
        amplification: amplification(runs, timeline, windows),
        breaker_open: breaker_open(runs, timeline, windows),
        success_by_replication: runs.iter().map(success).collect(),
    }
}

impl Timeline {
    fn ns(&self, window: usize) -> u64 {
        let start = window as u64 * self.window_ns;
        let left = self.duration_ns.saturating_sub(start);
        // A window beyond the end is whole: the caller counted something there.
        if left == 0 {
            self.window_ns
        } else {
            left.min(self.window_ns)
        }
    }

    /// `count` ÷ `of` per second of a window. One division of two whole numbers: what can be
    /// written in a few digits is.
    fn rate(&self, count: u64, of: u64, window: usize) -> f64 {
        let (above, below) = (
            u128::from(count) * 1_000_000_000,
            u128::from(of) * u128::from(self.ns(window)),
        );
        above as f64 / below as f64
    }

    fn seconds(&self, window: usize) -> f64 {
        self.ns(window) as f64 / 1e9
    }
}

fn at(list: &[u32], i: usize) -> u64 {
    list.get(i).copied().unwrap_or(0).into()
}

/// Ten times the percentile of so many tenths, of sorted counts; linear between neighbours (type 7
/// of Hyndman and Fan), so tenths of a count are exact.
fn between(sorted: &[u64], tenths: u64) -> u64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0;
    };
    let place = tenths * last as u64;
    let below = (place / 10) as usize;
    let above = (below + 1).min(last);
    sorted[below] * (10 - place % 10) + sorted[above] * (place % 10)
}

/// Attempts per call of every window, from the 10 s it lies in.
fn amplification(runs: &[Replication], timeline: &Timeline, windows: usize) -> Vec<Option<f64>> {
    let mut all = vec![None; windows];
    let sum = |list: Count, range: &Range<usize>| -> u64 {
        let of = |run: &Replication| {
            range
                .clone()
                .map(|i| at(list(&run.windows), i))
                .sum::<u64>()
        };
        runs.iter().map(of).sum()
    };
    let origins: [Count; 4] = [|w| &w.first, |w| &w.retry, |w| &w.failover, |w| &w.hedge];
    for range in peak_windows(
        timeline.window_ns,
        timeline.warm_up_ns,
        timeline.duration_ns,
    ) {
        let arrived = sum(|w| &w.arrived, &range);
        if arrived >= LEAST_CALLS {
            let attempts: u64 = origins.iter().map(|&list| sum(list, &range)).sum();
            let value = Some(attempts as f64 / arrived as f64);
            all.iter_mut()
                .take(range.end)
                .skip(range.start)
                .for_each(|entry| *entry = value);
        }
    }
    all
}

/// By endpoint and window: the share of processes × time its breakers were open.
fn breaker_open(runs: &[Replication], timeline: &Timeline, windows: usize) -> Vec<Vec<f64>> {
    let endpoints = runs.iter().map(|run| run.windows.open_ms.len()).max();
    let share = |endpoint: usize, i: usize| {
        let open = runs
            .iter()
            .filter_map(|run| run.windows.open_ms.get(endpoint)?.get(i));
        let whole = timeline.seconds(i) * 1e3 * f64::from(timeline.processes) * runs.len() as f64;
        // Each process rounds its milliseconds, so the sum may be a hair too long.
        (open.sum::<u64>() as f64 / whole).min(1.0)
    };
    (0..endpoints.unwrap_or(0))
        .map(|endpoint| (0..windows).map(|i| share(endpoint, i)).collect())
        .collect()
}

fn success(run: &Replication) -> f64 {
    let of = |sums: &crate::record::Sums| sums.success as f64 / sums.calls.max(1) as f64;
    run.scopes.first().map_or(0.0, of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(arrived: &[u32], good: &[u32], open_ms: &[u64]) -> Replication {
        Replication {
            windows: Windows {
                arrived: arrived.to_vec(),
                first: arrived.to_vec(),
                good: good.to_vec(),
                open_ms: vec![open_ms.to_vec()],
                ..Windows::default()
            },
            ..Replication::default()
        }
    }

    #[test]
    fn rates_are_per_second_and_the_last_window_may_be_short() {
        let timeline = Timeline {
            window_ns: 2_000_000_000,
            warm_up_ns: 0,
            duration_ns: 5_000_000_000,
            processes: 2,
        };
        let runs = [
            run(&[100, 40, 60], &[10, 0, 5], &[0, 4000, 1000]),
            run(&[200, 40, 20], &[30, 0, 5], &[0, 0, 1000]),
        ];
        let found = series(&runs, &timeline);
        assert_eq!(found.offered, [75.0, 20.0, 40.0]);
        assert_eq!(found.good[1], [10.0, 0.0, 5.0]);
        assert_eq!(found.good[0], [6.0, 0.0, 5.0]);
        assert_eq!(found.amplification, [None; 3], "no whole ten seconds");
        assert_eq!(found.breaker_open, [[0.0, 0.5, 0.5]]);
        assert_eq!(found.attempts[1], [0.0, 0.0, 0.0]);
        assert_eq!(found.success_by_replication, [0.0, 0.0]);
    }

    #[test]
    fn attempts_per_call_are_those_of_the_ten_seconds_of_their_peak() {
        let timeline = Timeline {
            window_ns: 5_000_000_000,
            warm_up_ns: 5_000_000_000,
            duration_ns: 32_000_000_000,
            processes: 1,
        };
        let mut one = run(&[900, 60, 40, 50, 50, 90, 9], &[0; 7], &[0; 7]);
        one.windows.retry = vec![900, 100, 0, 30, 20, 900, 900];
        let found = series(&[one], &timeline).amplification;
        let (two, half) = (Some(2.0), Some(1.5));
        assert_eq!(found, [None, two, two, half, half, None, None]);
    }

    #[test]
    fn a_rate_has_no_more_digits_than_its_counts_allow() {
        let timeline = Timeline {
            window_ns: 5_000_000_000,
            warm_up_ns: 0,
            duration_ns: 5_000_000_000,
            processes: 1,
        };
        let counts = (0..32).map(|r| run(&[37], &[36 + r % 3], &[0]));
        let found = series(&counts.collect::<Vec<_>>(), &timeline);
        assert_eq!(found.offered, [7.4]);
        assert_eq!(found.good.map(|list| list[0]), [7.2, 7.4, 7.6]);
    }
}
