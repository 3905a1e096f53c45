//! The peak of attempts per arriving call over windows of 10 s.
//!
//! Sums over replications come first, and windows with under 100 summed calls are left out: the
//! largest of single windows would be the largest noise. The interval is the ratio's in the window
//! where the peak lies.
//!
//! Runs of more than 10 000 s count in windows that are wider than 10 s; there the peak is that of
//! windows of their width.

use std::ops::Range;

use super::absent::Absent;
use super::ratio::ratio;
use crate::experiment::sample::Sample;
use crate::record::Windows;
use crate::record::metric::peak_window_ns;

const LEAST_CALLS: u128 = 100;

/// The peak over consecutive windows of 10 s inside [from, to), rounded up to whole entries: one
/// entry each, if an entry is wider than 10 s.
///
/// # Errors
/// If no window had 100 calls over all replications.
pub fn amplification_peak(
    runs: &[&Windows],
    window_ns: u64,
    (from_ns, to_ns): (u64, u64),
) -> Result<Sample, Absent> {
    let mut peak: Option<Sample> = None;
    for range in peak_windows(window_ns, from_ns, to_ns) {
        let counts = runs.iter().map(|run| count(run, &range));
        let (attempts, arrived): (Vec<u128>, Vec<u128>) = counts.unzip();
        if arrived.iter().sum::<u128>() < LEAST_CALLS {
            continue;
        }
        let here = ratio(&attempts, &arrived, 1.0);
        // The first of equal peaks stays.
        if let Some(here) = here.filter(|s| peak.as_ref().is_none_or(|p| s.value > p.value)) {
            peak = Some(here);
        }
    }
    peak.ok_or(Absent::NoPeakWindow)
}

/// The windows of the peak within [from, to), each as the entries it is made of.
pub fn peak_windows(
    window_ns: u64,
    from_ns: u64,
    to_ns: u64,
) -> impl Iterator<Item = Range<usize>> {
    let width = (peak_window_ns(window_ns) / window_ns) as usize;
    let first = from_ns.div_ceil(window_ns) as usize;
    let end = (to_ns / window_ns) as usize;
    let starts = (first..end).step_by(width);
    starts
        .map(move |start| start..start + width)
        .filter(move |range| range.end <= end)
}

/// Attempts started and calls arrived in these entries.
fn count(run: &Windows, range: &Range<usize>) -> (u128, u128) {
    let sum = |list: &[u32]| {
        let part = list.get(range.start.min(list.len())..range.end.min(list.len()));
        let counts = part.unwrap_or_default().iter();
        counts.map(|&n| u128::from(n)).sum::<u128>()
    };
    let attempts = sum(&run.first) + sum(&run.retry) + sum(&run.failover) + sum(&run.hedge);
    (attempts, sum(&run.arrived))
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    /// Windows of 5 s: arrivals, and retries beside one first attempt per arrival.
    fn run(arrived: &[u32], retry: &[u32]) -> Windows {
        Windows {
            arrived: arrived.to_vec(),
            first: arrived.to_vec(),
            retry: retry.to_vec(),
            ..Windows::default()
        }
    }

    #[test]
    fn the_peak_is_that_of_sums_over_replications() {
        // 10 s windows: {30, 30}, {30, 30}, {1, 1}; the last has too few calls to count.
        let a = run(&[30, 30, 30, 30, 1, 1], &[0, 6, 30, 30, 50, 50]);
        let b = run(&[30, 30, 30, 30, 1, 1], &[0, 0, 0, 12, 50, 50]);
        let peak = amplification_peak(&[&a, &b], 5 * S, (0, 30 * S)).unwrap();
        // (120 + 60 + 12) ÷ 120; e = (120 − 1.6·60)/60 and its mirror image.
        assert_eq!(peak.value, 1.6);
        let se = peak.se().unwrap();
        assert!((se - 0.4).abs() < 1e-12, "{se}");
    }

    #[test]
    fn entries_wider_than_ten_seconds_are_windows_of_their_own() {
        let wide = run(&[100, 100, 100], &[0, 50, 20]);
        let peak = amplification_peak(&[&wide], 90 * S, (0, 270 * S)).unwrap();
        assert_eq!(peak.value, 1.5);
        assert_eq!(peak_window_ns(90 * S), 90 * S);
        assert_eq!(peak_window_ns(S / 10), 10 * S);
    }

    #[test]
    fn no_peak_without_enough_calls() {
        let few = run(&[40, 59], &[40, 59]);
        let none = amplification_peak(&[&few], 5 * S, (0, 10 * S));
        assert_eq!(none.unwrap_err(), Absent::NoPeakWindow);
        let short = amplification_peak(&[&few, &few], 5 * S, (0, 9 * S));
        assert_eq!(short.unwrap_err(), Absent::NoPeakWindow);
        assert!(amplification_peak(&[&few, &few], 5 * S, (0, 10 * S)).is_ok());
    }
}
