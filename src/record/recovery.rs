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
//! And few windows before a fault do not say how far they stray, and of many runs some stray by chance. So a run
//! that has not recovered by that is only said not to have if all calls after the fault together got half as many
//! good answers as before, or less than 0.95 as many by more than chance: by the rank test of Mann and Whitney (1947)
//! of the windows, one-sided, at one in ten thousand; with fewer than eight windows before, which cannot say as much,
//! at 5 % and by three standard errors of the shares. Else nothing can be told.
//!
//! Integers decide, and where they would grow too large plain arithmetic, so every machine sees the same run recover
//! at the same window.

use std::cmp::Ordering;

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
/// 1000 · z², where z = 1.645 is the 95th percentile of the normal distribution.
const LIKELY: u128 = 2706;
/// The same for z = 3.719, beyond which it lies once in 10 000.
const SURE: u128 = 13_831;
/// So many windows before a fault can say so.
const MANY: usize = 8;
/// Of the windows before the first fault, one in so many may miss the bar.
const MAY_MISS: usize = 10;

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

/// A share of good answers, as integers.
#[derive(Clone, Copy, Debug)]
struct Bar {
    calls: u128,
    good: u128,
}

impl Bar {
    /// Whether so many calls with so many good answers reach it.
    fn is_reached(self, (calls, good): (u128, u128)) -> bool {
        good * self.calls >= self.good * calls
    }
}

/// What the windows after a fault are held against.
#[derive(Clone, Debug)]
struct Base {
    /// What a good one must reach.
    bar: Bar,
    /// Calls and good answers of those before the first fault, the lowest ratio first.
    before: Vec<(u128, u128)>,
    /// Of all that time together.
    whole: (u128, u128),
}

impl Base {
    /// Whether what came after a fault is worse than what was before, by more than chance.
    fn is_above(&self, later: &[(u128, u128)]) -> bool {
        let sum = |all: (u128, u128), one: &(u128, u128)| (all.0 + one.0, all.1 + one.1);
        let (later_calls, later_good) = later.iter().fold((0, 0), sum);
        let (calls, good) = self.whole;
        if 2 * later_good * calls <= good * later_calls {
            return true;
        }
        if 100 * later_good * calls >= 95 * good * later_calls {
            return false;
        }
        match self.before.len() {
            MANY.. => self.ranks_above(later, SURE),
            IN_A_ROW..MANY => {
                self.ranks_above(later, LIKELY)
                    && is_beyond_chance(self.whole, (later_calls, later_good))
            }
            _ => is_beyond_chance(self.whole, (later_calls, later_good)),
        }
    }

    /// Whether those before the first fault lie above these. U counts the pairs in which the later
    /// one is the higher, an equal one as a half; by chance its mean is nm ÷ 2 and its variance
    /// nm(n + m + 1) ÷ 12; `z2` is 1000 times the square of how many deviations it takes.
    fn ranks_above(&self, later: &[(u128, u128)], z2: u128) -> bool {
        let (n, m) = (self.before.len() as u128, later.len() as u128);
        let pairs = self
            .before
            .iter()
            .flat_map(|a| later.iter().map(move |b| (a, b)));
        let twice_u: u128 = pairs
            .map(|(a, b)| match (b.1 * a.0).cmp(&(a.1 * b.0)) {
                Ordering::Greater => 2,
                Ordering::Equal => 1,
                Ordering::Less => 0,
            })
            .sum();
        let below = (n * m).saturating_sub(twice_u);
        3000 * below * below > z2 * n * m * (n + m + 1)
    }
}

/// Whether the share of good answers fell by more than three standard errors, calls taken for independent:
/// d ÷ √(p(1 − p)(1/n + 1/m)) > 3, where p is the share of both together.
fn is_beyond_chance((calls, good): (u128, u128), (later, later_good): (u128, u128)) -> bool {
    let (n, m) = (calls as f64, later as f64);
    let fell = good as f64 / n - later_good as f64 / m;
    let p = (good + later_good) as f64 / (n + m);
    fell > 0.0 && fell * fell > 9.0 * p * (1.0 - p) * (1.0 / n + 1.0 / m)
}

/// What a good window must reach: 0.95 of the ratio from the warm-up to the first fault, so that later
/// faults are held against a healthy run too and not against what an earlier one left of it; or, where
/// windows of that time stray further, what nine in ten of them reached.
fn base(windows: &Windows, frame: &Frame<'_>, width: usize) -> Option<Base> {
    let first = frame.faults.iter().map(|&(from, _)| from).min()?;
    let (calls, good) = count(windows, frame.inside(frame.warm_up_ns, first));
    if good == 0 {
        return None;
    }
    // good/calls ≥ 0.95 · base_good/base_calls, in integers.
    let of_base = |percent: u128| Bar {
        calls: 100 * calls,
        good: percent * good,
    };
    let untouched = first.saturating_sub(frame.longest_ns);
    let before = frame.inside(frame.warm_up_ns, untouched);
    let starts = before.clone().step_by(width);
    let whole = starts.filter(|start| start + width <= before.end);
    let mut seen: Vec<(u128, u128)> = whole
        .map(|start| count(windows, start..start + width))
        .filter(|&(calls, _)| calls > 0)
        .collect();
    seen.sort_by(|a, b| (a.1 * b.0).cmp(&(b.1 * a.0)));
    let usual = of_base(95);
    let bar = match seen.get(seen.len() / MAY_MISS) {
        Some(&(calls, good)) if seen.len() >= IN_A_ROW && !usual.is_reached((calls, good)) => {
            of_base(50)
                .is_reached((calls, good))
                .then_some(Bar { calls, good })?
        }
        _ => usual,
    };
    Some(Base {
        bar,
        before: seen,
        whole: (calls, good),
    })
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
            longest_ns: 10 * S,
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

    /// Calls of which each is answered with this probability, by a small generator of its own.
    fn by_chance(seed: u64, share: impl Fn(u64) -> f64) -> Windows {
        let mut state = seed;
        let mut unit = || {
            // SplitMix64.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
        };
        let good: Vec<u32> = (0..240)
            .map(|s| (0..20).map(|_| u32::from(unit() < share(s))).sum())
            .collect();
        Windows {
            arrived: vec![20; 240],
            arrived_good: good,
            ..Windows::default()
        }
    }

    #[test]
    fn where_limits_hold_all_the_time_chance_is_no_lock_up_and_a_lock_up_is_one() {
        let frame = frame(&[(120 * S, 140 * S)], 240);
        let locked = |share: fn(u64) -> f64| -> u64 {
            let told = |seed| recoveries(&by_chance(seed, share), &frame).1;
            (0..500)
                .map(|seed| u64::from(told(seed) == Some(true)))
                .sum()
        };
        // A quota lets three in ten through, and one in twenty while the fault is on. By 0.95 of the ratio
        // one run in twelve would be locked up, though nothing is left of the fault.
        let healthy = locked(|s| if (120..140).contains(&s) { 0.05 } else { 0.3 });
        let stuck = locked(|s| if s < 120 { 0.3 } else { 0.1 });
        println!("seeds 0 to 499: locked up {healthy} of the healthy, {stuck} of the stuck");
        assert!(healthy <= 2, "{healthy}");
        assert!(stuck >= 490, "{stuck}");
    }

    #[test]
    fn three_windows_before_a_fault_are_too_few_to_call_chance_a_lock_up() {
        let frame = Frame {
            longest_ns: 30 * S,
            ..frame(&[(65 * S, 180 * S)], 240)
        };
        let locked = |share: fn(u64) -> f64| -> u64 {
            let told = |seed| recoveries(&by_chance(seed, share), &frame).1;
            (0..500)
                .map(|seed| u64::from(told(seed) == Some(true)))
                .sum()
        };
        // By the bar alone a fifth of the healthy would be locked up.
        let healthy = locked(|s| if (65..180).contains(&s) { 0.05 } else { 0.15 });
        let stuck = locked(|s| if s < 65 { 0.15 } else { 0.03 });
        println!("seeds 0 to 499: locked up {healthy} of the healthy, {stuck} of the stuck");
        assert!(healthy <= 25, "{healthy}");
        assert!(stuck >= 450, "{stuck}");
    }

    #[test]
    fn calls_that_the_fault_hit_in_flight_do_not_lower_the_bar() {
        // All calls of the last 10 s before the fault fail with it, and some of all after it.
        let lock_up = |after: u32| {
            let good = |s| match s {
                0..50 => 40,
                50..65 => 0,
                _ => after,
            };
            recoveries(&run(good, 200), &frame(&[(60 * S, 65 * S)], 200)).1
        };
        // 36 of 40 is 0.9; the ratio before is 30 of 40 s, so the bar is 0.7125.
        assert_eq!(lock_up(36), Some(false));
        assert_eq!(lock_up(20), Some(true), "0.5 is below 0.7125");
    }

    #[test]
    fn where_whole_windows_are_empty_of_answers_nothing_can_be_told() {
        let windows = run(|s| if s / 5 % 4 == 0 { 0 } else { 30 }, 400);
        let (told, lock_up) = recoveries(&windows, &frame(&[(200 * S, 210 * S)], 400));
        assert_eq!((told, lock_up), (vec![None], None));
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
