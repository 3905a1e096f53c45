//! How a run came back after its faults, read from its counts by window.
//!
//! The good ratio of the calls that arrive in windows of max(5 s, 100 expected calls) is held
//! against the ratio before the first fault. A run has recovered at the first of three windows in
//! a row with at least 0.95 of that; it is watched until the next fault or the end of the run, and
//! is locked up if it never recovered though it was watched for 60 s or more after the last fault.
//!
//! Integers decide, so every machine sees the same run recover at the same window.

use super::replication::{Recovery, Windows};

/// Where a run's windows and faults lie in virtual time.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Width of one entry of [`Windows`], ns.
    pub window_ns: u64,
    /// End of the warm-up, ns.
    pub warm_up_ns: u64,
    /// End of arrivals, ns.
    pub duration_ns: u64,
    /// Start and end of every fault, ns, in order of the file.
    pub faults: &'a [(u64, u64)],
}

/// A locked-up run was watched for at least this long.
pub const LOCK_UP_WATCH_NS: u64 = 60_000_000_000;
const SHORTEST_WINDOW_NS: u64 = 5_000_000_000;
const EXPECTED_CALLS: u128 = 100;
const IN_A_ROW: usize = 3;

/// Recovery after each fault, in the order given, and whether the run locked up after the last.
///
/// A recovery is None where it cannot be told: no call or no good answer between warm-up and the
/// first fault, another fault on when this one ends, or fewer than three windows with calls to
/// watch. The lock-up is None where that is so for the last fault, or the watch was under 60 s.
pub fn recoveries(windows: &Windows, frame: &Frame<'_>) -> (Vec<Option<Recovery>>, Option<bool>) {
    let width = width(windows, frame);
    let base = base(windows, frame);
    let recoveries: Vec<Option<Recovery>> = (0..frame.faults.len())
        .map(|fault| after(windows, frame, base?, width?, fault))
        .collect();
    let lock_up = last_fault(frame.faults).and_then(|fault| {
        let recovery = recoveries[fault]?;
        (recovery.horizon_ns >= LOCK_UP_WATCH_NS).then_some(recovery.recovered_ns.is_none())
    });
    (recoveries, lock_up)
}

/// The place of the fault (start, end) that ends last; of several, the last of the file.
pub fn last_fault(faults: &[(u64, u64)]) -> Option<usize> {
    (0..faults.len()).max_by_key(|&fault| faults[fault].1)
}

impl Frame<'_> {
    /// How long a run is watched after a fault: until another is on, or arrivals end.
    fn horizon(&self, fault: usize) -> u64 {
        let end = self.faults[fault].1;
        let others = self.faults.iter().filter(|&&(_, to)| to > end);
        let next = others.map(|&(from, _)| from.max(end)).min();
        next.unwrap_or(self.duration_ns)
            .min(self.duration_ns)
            .saturating_sub(end)
    }

    /// The windows that lie wholly in [from, to).
    fn inside(&self, from: u64, to: u64) -> std::ops::Range<usize> {
        let first = from.div_ceil(self.window_ns);
        let last = (to / self.window_ns).max(first);
        // A window's number is far below 2³²: it indexes a list in memory.
        first as usize..last as usize
    }
}

/// Calls that arrived in these windows, and those of them that got a good answer.
fn count(windows: &Windows, range: std::ops::Range<usize>) -> (u128, u128) {
    let sum = |list: &[u32]| {
        let end = range.end.min(list.len());
        let part = list.get(range.start.min(end)..end).unwrap_or_default();
        part.iter().map(|&n| u128::from(n)).sum()
    };
    (sum(&windows.arrived), sum(&windows.arrived_good))
}

/// How many entries of [`Windows`] make one window of max(5 s, 100 expected calls). What is
/// expected is what arrived after the warm-up: open arrivals are the same under every policy.
fn width(windows: &Windows, frame: &Frame<'_>) -> Option<usize> {
    let cohort = frame.inside(frame.warm_up_ns, frame.duration_ns);
    let length = u128::from(frame.window_ns) * cohort.len() as u128;
    let (calls, _) = count(windows, cohort);
    if calls == 0 {
        return None;
    }
    let for_calls = (EXPECTED_CALLS * length).div_ceil(calls);
    let width = for_calls.max(u128::from(SHORTEST_WINDOW_NS));
    usize::try_from(width.div_ceil(u128::from(frame.window_ns))).ok()
}

/// Calls and good answers from the warm-up to the first fault: later faults are held against a
/// healthy run too, not against what an earlier fault left of it.
fn base(windows: &Windows, frame: &Frame<'_>) -> Option<(u128, u128)> {
    let first = frame.faults.iter().map(|&(from, _)| from).min()?;
    let (calls, good) = count(windows, frame.inside(frame.warm_up_ns, first));
    (good > 0).then_some((calls, good))
}

/// The recovery after one fault.
fn after(
    windows: &Windows,
    frame: &Frame<'_>,
    (base_calls, base_good): (u128, u128),
    width: usize,
    fault: usize,
) -> Option<Recovery> {
    let end = frame.faults[fault].1;
    let horizon_ns = frame.horizon(fault);
    let watched = frame.inside(end, end + horizon_ns);
    let (mut seen, mut streak, mut since) = (0, 0, 0);
    let mut recovered_ns = None;
    for start in watched.clone().step_by(width) {
        if start + width > watched.end {
            break;
        }
        let (calls, good) = count(windows, start..start + width);
        if calls == 0 {
            continue; // Nobody asked: says nothing either way.
        }
        seen += 1;
        // good/calls ≥ 0.95 · base_good/base_calls, in integers.
        if 100 * good * base_calls >= 95 * base_good * calls {
            if streak == 0 {
                since = start as u64 * frame.window_ns - end;
            }
            streak += 1;
        } else {
            streak = 0;
        }
        if streak == IN_A_ROW {
            recovered_ns = Some(since);
            break;
        }
    }
    (seen >= IN_A_ROW).then_some(Recovery {
        recovered_ns,
        horizon_ns,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    /// 40 calls a second; the share of good answers by second.
    fn run(good: impl Fn(u64) -> u32, seconds: u64) -> Windows {
        Windows {
            arrived: (0..seconds).map(|_| 40).collect(),
            arrived_good: (0..seconds).map(good).collect(),
            ..Windows::default()
        }
    }

    fn frame<'a>(faults: &'a [(u64, u64)], duration: u64) -> Frame<'a> {
        Frame {
            window_ns: S,
            warm_up_ns: 20 * S,
            duration_ns: duration * S,
            faults,
        }
    }

    #[test]
    fn a_run_recovers_at_the_first_of_three_good_windows() {
        // Bad until 15 s after the fault, one good window at 5 s that does not count.
        let windows = run(
            |s| {
                if (60..80).contains(&s) && !(70..75).contains(&s) {
                    10
                } else {
                    40
                }
            },
            200,
        );
        let (recoveries, lock_up) = recoveries(&windows, &frame(&[(60 * S, 65 * S)], 200));
        let expected = Recovery {
            recovered_ns: Some(15 * S),
            horizon_ns: 135 * S,
        };
        assert_eq!(recoveries, [Some(expected)]);
        assert_eq!(lock_up, Some(false));
    }

    #[test]
    fn a_run_that_was_never_hurt_recovers_at_once() {
        let windows = run(|_| 39, 200);
        let (recoveries, _) = recoveries(&windows, &frame(&[(60 * S, 65 * S)], 200));
        assert_eq!(recoveries[0].unwrap().recovered_ns, Some(0));
    }

    #[test]
    fn a_run_that_stays_down_is_locked_up_once_watched_for_a_minute() {
        let windows = run(|s| if s < 60 { 40 } else { 30 }, 200);
        let faults = [(60 * S, 65 * S)];
        let (recoveries_, lock_up) = recoveries(&windows, &frame(&faults, 200));
        assert_eq!(recoveries_[0].unwrap().recovered_ns, None);
        assert_eq!(lock_up, Some(true));
        // Watched for 55 s only: nothing can be said about a lock-up.
        let (recoveries_, lock_up) = recoveries(&windows, &frame(&faults, 120));
        assert_eq!(recoveries_[0].unwrap().horizon_ns, 55 * S);
        assert_eq!(lock_up, None);
    }

    #[test]
    fn the_next_fault_ends_the_watch_and_the_bar_is_that_of_a_healthy_run() {
        let windows = run(|s| if s < 60 { 40 } else { 20 }, 300);
        let (recoveries, lock_up) = recoveries(
            &windows,
            &frame(&[(60 * S, 65 * S), (100 * S, 110 * S)], 300),
        );
        assert_eq!(recoveries[0].unwrap().horizon_ns, 35 * S);
        assert_eq!(recoveries[0].unwrap().recovered_ns, None);
        assert_eq!(recoveries[1].unwrap().horizon_ns, 190 * S);
        assert_eq!(lock_up, Some(true), "half of the calls good is no recovery");
    }

    #[test]
    fn what_cannot_be_told_is_none() {
        let healthy = run(|_| 40, 200);
        let none = |windows: &Windows, faults: &[(u64, u64)], duration| {
            let (recoveries, lock_up) = recoveries(windows, &frame(faults, duration));
            assert_eq!(recoveries[0], None);
            assert_eq!(lock_up, None);
        };
        none(&healthy, &[(10 * S, 30 * S)], 200); // no calls before the fault
        none(&healthy, &[(60 * S, 200 * S)], 200); // no calls after it
        none(&healthy, &[(60 * S, 190 * S)], 200); // too short a watch for three windows
        let mut silent = healthy.clone();
        silent.arrived[65..].fill(0);
        silent.arrived_good[65..].fill(0);
        none(&silent, &[(60 * S, 65 * S)], 200);
        none(&run(|_| 0, 200), &[(60 * S, 65 * S)], 200); // nothing was ever good
        let (overlapped, _) =
            recoveries(&healthy, &frame(&[(60 * S, 70 * S), (65 * S, 80 * S)], 200));
        assert_eq!(overlapped[0], None);
        assert_eq!(overlapped[1].unwrap().recovered_ns, Some(0));
        assert_eq!(recoveries(&healthy, &frame(&[], 200)), (vec![], None));
    }

    #[test]
    fn sparse_traffic_is_judged_in_windows_of_a_hundred_calls() {
        // 2 calls a second: windows of 50 s. One bad second in each does not matter.
        let windows = Windows {
            arrived: vec![2; 400],
            arrived_good: (0..400).map(|s| if s % 50 == 7 { 0 } else { 2 }).collect(),
            ..Windows::default()
        };
        let (recoveries, lock_up) = recoveries(&windows, &frame(&[(100 * S, 110 * S)], 400));
        assert_eq!(recoveries[0].unwrap().recovered_ns, Some(0));
        assert_eq!(lock_up, Some(false));
    }
}
