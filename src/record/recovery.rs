//! How a run came back after its faults, read from its counts by window.
//!
//! The good ratio of the calls that arrive in windows of max(5 s, 100 expected calls) is held
//! against the ratio before the first fault. A run has recovered at the first of three windows in
//! a row with at least 0.95 of that; it is watched until the next fault or the end of the run, and
//! is locked up if it never recovered though it was watched for 60 s or more after the last fault.
//!
//! Where limits hold all the time, such as a quota far below what arrives, the ratio is small and a window of
//! 100 calls strays from it by more than 5 % by mere chance: three good ones in a row are then luck, and a
//! run that nothing ailed would be called locked up. So the windows before the first fault are held to the
//! bar as well. If more than one in ten of them miss it, the bar is what nine in ten of them reached; if that
//! is under half of the ratio, nothing can be told. Calls that the fault may still have hit (they arrived
//! less than a call's longest before it) say nothing of that.
//!
//! Incidents that are drawn are faults of their own: after each the run is watched until anything else is on,
//! scripted or drawn, against what it was before the first of all. A scripted fault is watched whatever is
//! drawn, so that it is watched for as long in every run.
//!
//! And few windows before a fault do not say how far they stray, and of many runs some stray by chance. So a run
//! that has not recovered by that is only said not to have if all calls after the fault together got half as many
//! good answers as before, or less than 0.95 as many by more than chance: by the rank test of Mann and Whitney (1947)
//! of the windows, one-sided, at one in ten thousand; with fewer than eight windows before, which cannot say as much,
//! at 5 % and by three standard errors of the shares. Else nothing can be told.
//!
//! Integers decide, and where they would grow too large plain arithmetic, so every machine sees the same run recover
//! at the same window.

mod base;

use self::base::{Base, base};
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
    /// The longest a call may take, ns: H.
    pub longest_ns: u64,
}

/// A locked-up run was watched for at least this long.
pub const LOCK_UP_WATCH_NS: u64 = 60_000_000_000;
const SHORTEST_WINDOW_NS: u64 = 5_000_000_000;
const EXPECTED_CALLS: u128 = 100;
const IN_A_ROW: usize = 3;

/// Recovery after each fault, in the order given, and whether the run locked up after the last.
///
/// A recovery is None where it cannot be told: no call or no good answer between warm-up and the
/// first fault, or so few in some windows there that nothing can be told by them; another fault on when this
/// one ends; fewer than three windows with calls to watch; or windows that miss the bar as often as chance
/// makes those before the fault do. The lock-up is None where that is so for the
/// last fault, or the watch was under 60 s.
pub fn recoveries(windows: &Windows, frame: &Frame<'_>) -> (Vec<Option<Recovery>>, Option<bool>) {
    let width = width(windows, frame);
    let base = width.and_then(|width| base(windows, frame, width));
    let recoveries: Vec<Option<Recovery>> = (0..frame.faults.len())
        .map(|fault| after(windows, frame, base.as_ref()?, width?, fault))
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

/// The recovery after one fault.
fn after(
    windows: &Windows,
    frame: &Frame<'_>,
    base: &Base,
    width: usize,
    fault: usize,
) -> Option<Recovery> {
    let end = frame.faults[fault].1;
    let horizon_ns = frame.horizon(fault);
    let watched = frame.inside(end, end + horizon_ns);
    let (mut seen, mut streak, mut since) = (Vec::new(), 0, 0);
    let mut recovered_ns = None;
    for start in watched.clone().step_by(width) {
        if start + width > watched.end {
            break;
        }
        let found = count(windows, start..start + width);
        if found.0 == 0 {
            continue; // Nobody asked: says nothing either way.
        }
        seen.push(found);
        if base.bar.is_reached(found) {
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
    let told = recovered_ns.is_some() || base.is_above(&seen);
    (seen.len() >= IN_A_ROW && told).then_some(Recovery {
        recovered_ns,
        horizon_ns,
    })
}

#[cfg(test)]
mod tests;
