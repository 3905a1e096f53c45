//! What the timeline charts draw: rates by window, over replications.

use crate::record::results::Series;
use crate::record::{Replication, Windows};

/// Frame of the windows.
#[derive(Clone, Copy, Debug)]
pub struct Timeline {
    /// Width of a window, ns.
    pub window_ns: u64,
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
    let rates = |count: Count| -> Vec<Vec<f64>> {
        let rate = |i: usize| {
            let seconds = timeline.seconds(i);
            let each = runs.iter().map(move |run| at(count(&run.windows), i));
            each.map(|n| n as f64 / seconds).collect()
        };
        (0..windows).map(rate).collect()
    };
    let means = |count: Count| {
        rates(count)
            .iter()
            .map(|r| super::moments::mean(r))
            .collect()
    };
    let bands = |count: Count| {
        let mut sorted = rates(count);
        sorted.iter_mut().for_each(|r| r.sort_by(f64::total_cmp));
        [0.1, 0.5, 0.9].map(|p| sorted.iter().map(|r| between(r, p)).collect())
    };
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
        amplification: (0..windows).map(|i| amplification(runs, i)).collect(),
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

    fn seconds(&self, window: usize) -> f64 {
        self.ns(window) as f64 / 1e9
    }
}

fn at(list: &[u32], i: usize) -> u64 {
    list.get(i).copied().unwrap_or(0).into()
}

/// The percentile `p` of sorted values, linear between neighbours (type 7 of Hyndman and Fan).
fn between(sorted: &[f64], p: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let place = p * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
}

fn amplification(runs: &[Replication], i: usize) -> Option<f64> {
    let sum = |list: Count| {
        runs.iter()
            .map(|run| at(list(&run.windows), i))
            .sum::<u64>()
    };
    let arrived = sum(|w| &w.arrived);
    let attempts = sum(|w| &w.first) + sum(|w| &w.retry) + sum(|w| &w.failover) + sum(|w| &w.hedge);
    (arrived >= LEAST_CALLS).then(|| attempts as f64 / arrived as f64)
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
        assert_eq!(found.amplification, [Some(1.0), None, None]);
        assert_eq!(found.breaker_open, [[0.0, 0.5, 0.5]]);
        assert_eq!(found.attempts[1], [0.0, 0.0, 0.0]);
        assert_eq!(found.success_by_replication, [0.0, 0.0]);
    }
}
