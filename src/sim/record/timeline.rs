//! Counts by window of virtual time, peaks, and the time breakers were open.

use std::ops::Range;

use crate::base::{EndpointId, Instant, Origin, Verdict};
use crate::engine::Opening;
use crate::record::replication::Recovery;
use crate::record::{Replication, Windows, recovery};

use super::super::frame::{FaultSpan, Frame};

/// Counts by window.
#[derive(Debug)]
pub(super) struct Timeline {
    width: u64,
    /// The window of the newest instant, and its end: a division by a width that only the scenario
    /// knows is what a count costs, and time stays in one window for long.
    newest: (usize, u64),
    /// The end of the run: the last window may be shorter than the others, and what ends in the
    /// drain after it must not be counted as if it had happened in that rest.
    end: u64,
    windows: Windows,
    /// Σ over processes of ns a breaker was open, by endpoint and window.
    open_ns: Vec<Vec<u128>>,
    open_bad_ns: u128,
    open_good_ns: u128,
    trips: u64,
    /// Whether one breaker is that of all processes: then none of theirs trips by itself.
    shared: bool,
    /// What happens in this time enters the counts of the whole run.
    counted: Range<Instant>,
    /// The 100 ms that retries are being counted in, how many so far, and the most so far.
    peak: (u64, u32, u64),
}

/// The grid of `retries_peak_per_100ms`, ns.
const PEAK_WIDTH: u64 = 100_000_000;

impl Timeline {
    pub(super) fn new(frame: &Frame, endpoints: usize, shared: bool) -> Timeline {
        let n = frame.windows();
        let zeros = || vec![0u32; n];
        Timeline {
            width: frame.window.0,
            newest: (0, frame.window.0.min(frame.duration.0)),
            end: frame.duration.0,
            windows: Windows {
                arrived: zeros(),
                arrived_good: zeros(),
                good: zeros(),
                degraded: zeros(),
                failed: zeros(),
                first: zeros(),
                retry: zeros(),
                failover: zeros(),
                hedge: zeros(),
                retries_peak: zeros(),
                open_ms: Vec::new(),
            },
            open_ns: vec![vec![0; n]; endpoints],
            open_bad_ns: 0,
            open_good_ns: 0,
            trips: 0,
            shared,
            counted: frame.warm_up..frame.duration,
            peak: (0, 0, 0),
        }
    }

    /// The window of now, which never goes back; none after the end of the run. What happens at that
    /// very instant happened in the last.
    fn window(&mut self, now: Instant) -> usize {
        if now.0 >= self.newest.1 {
            if now.0 > self.end {
                return usize::MAX;
            }
            let window = now.0.min(self.end - 1) / self.width;
            self.newest = (window as usize, ((window + 1) * self.width).min(self.end));
        }
        self.newest.0
    }

    fn add(counts: &mut [u32], window: usize) {
        if let Some(count) = counts.get_mut(window) {
            *count += 1;
        }
    }

    /// A call that arrives when the run is over, even at that very instant, is none of its calls.
    pub(super) fn on_arrival(&mut self, now: Instant) {
        if now.0 >= self.end {
            return;
        }
        let window = self.window(now);
        Self::add(&mut self.windows.arrived, window);
    }

    pub(super) fn on_attempt(&mut self, now: Instant, origin: Origin) {
        let window = self.window(now);
        let counts = match origin {
            Origin::First => &mut self.windows.first,
            Origin::Retry => &mut self.windows.retry,
            Origin::Failover => &mut self.windows.failover,
            Origin::Hedge => &mut self.windows.hedge,
        };
        Self::add(counts, window);
        if origin != Origin::First {
            self.on_retry(now, window);
        }
    }

    /// Counts by 100 ms; every window is made of whole ones.
    fn on_retry(&mut self, now: Instant, window: usize) {
        let counted = self.counted.contains(&now);
        // The warm-up may end within 100 ms: what came before does not count with what comes after.
        let cell = now.0 / PEAK_WIDTH * 2 + u64::from(counted);
        let (current, count, most) = &mut self.peak;
        if *current != cell {
            (*current, *count) = (cell, 0);
        }
        *count += 1;
        if counted {
            *most = (*most).max(u64::from(*count));
        }
        if let Some(highest) = self.windows.retries_peak.get_mut(window) {
            *highest = (*highest).max(*count);
        }
    }

    pub(super) fn on_finish(
        &mut self,
        now: Instant,
        arrived: Instant,
        good: bool,
        verdict: Verdict,
    ) {
        let window = self.window(now);
        if good {
            Self::add(&mut self.windows.good, window);
            if arrived.0 < self.end {
                let of_arrival = (arrived.0 / self.width) as usize;
                Self::add(&mut self.windows.arrived_good, of_arrival);
            }
        }
        match verdict {
            // A success that is not good is told by the metrics: no client noticed it.
            Verdict::Success => {}
            Verdict::Degraded => Self::add(&mut self.windows.degraded, window),
            Verdict::Failed(_) => Self::add(&mut self.windows.failed, window),
        }
    }

    /// A breaker opened until an instant, or is open until another than it was.
    pub(super) fn on_open(
        &mut self,
        now: Instant,
        (until, opening): (Instant, Opening),
        endpoint: EndpointId,
        frame: &Frame,
    ) {
        match opening {
            Opening::Decided if !self.shared => self.on_trips(now, 1),
            Opening::Decided | Opening::Shared | Opening::Moved { .. } => {}
        }
        // A breaker that is asked again after a long silence may have opened and be over it already.
        let until = until.max(now);
        // Up to then it has been counted as open.
        let counted = match opening {
            Opening::Moved { was } => was,
            Opening::Decided | Opening::Shared => now,
        };
        let sooner = until < counted;
        let time = if sooner {
            until..counted
        } else {
            counted..until
        };
        self.count_open(time, sooner, endpoint, frame);
    }

    /// Breakers tripped.
    pub(super) fn on_trips(&mut self, now: Instant, trips: u64) {
        self.trips += trips * u64::from(self.counted.contains(&now));
    }

    /// Counts a time in which a breaker is open, or takes back what of it was counted.
    fn count_open(
        &mut self,
        time: Range<Instant>,
        back: bool,
        endpoint: EndpointId,
        frame: &Frame,
    ) {
        let count = |sum: &mut u128, ns: u64| {
            let ns = u128::from(ns);
            *sum = if back { *sum - ns } else { *sum + ns };
        };
        let end = time.end.min(frame.duration);
        let from = time.start.max(frame.warm_up);
        let bad = bad_ns(frame, endpoint, from, end);
        count(&mut self.open_bad_ns, bad);
        count(&mut self.open_good_ns, end.since(from).0 - bad);
        let mut at = time.start.0;
        while at < end.0 {
            let window = at / self.width;
            let next = ((window + 1) * self.width).min(end.0);
            count(
                &mut self.open_ns[usize::from(endpoint.0)][window as usize],
                next - at,
            );
            at = next;
        }
    }

    pub(super) fn close(mut self, frame: &Frame, replication: &mut Replication) {
        let ms = |list: Vec<u128>| {
            list.into_iter()
                .map(|ns| ((ns + 500_000) / 1_000_000) as u64)
                .collect()
        };
        let incidents = self.after_incidents(frame);
        self.windows.open_ms = self.open_ns.into_iter().map(ms).collect();
        let told: Vec<usize> = (0..frame.faults.len())
            .filter(|&fault| !frame.faults[fault].drawn)
            .collect();
        let span = |&fault: &usize| frame.faults[fault].span();
        let faults: Vec<(u64, u64)> = told
            .iter()
            .map(span)
            .map(|span| (span.start.0, span.end.0))
            .collect();
        let (found, lock_up) = recovery::recoveries(&self.windows, &spans(frame, &faults));
        replication.recovery = vec![None; frame.faults.len()];
        for (fault, recovery) in told.into_iter().zip(found) {
            replication.recovery[fault] = recovery;
        }
        replication.incidents = incidents;
        replication.lock_up = lock_up;
        replication.windows = self.windows;
        replication.retries_peak_per_100ms = self.peak.2;
        replication.breaker_trips = self.trips;
        replication.breaker_open_bad_ns = self.open_bad_ns;
        replication.breaker_open_good_ns = self.open_good_ns;
    }

    /// By fault: recovery after each of its incidents that are drawn; nothing if none are.
    fn after_incidents(&self, frame: &Frame) -> Vec<Vec<Recovery>> {
        if !frame.faults.iter().any(|fault| fault.drawn) {
            return Vec::new();
        }
        let times = |fault: &FaultSpan| {
            let apart = fault.apart().into_iter();
            apart.map(|time| (time.start.0, time.end.0)).collect()
        };
        let of_fault: Vec<Vec<(u64, u64)>> = frame.faults.iter().map(times).collect();
        let all = of_fault.concat();
        let (found, _) = recovery::recoveries(&self.windows, &spans(frame, &all));
        let mut found = found.into_iter();
        let of_fault = frame.faults.iter().zip(&of_fault);
        let own = of_fault.map(|(fault, times)| {
            let own = found.by_ref().take(times.len()).flatten();
            let own: Vec<Recovery> = own.collect();
            if fault.drawn { own } else { Vec::new() }
        });
        own.collect()
    }
}

/// Where the windows of a run and these faults lie.
fn spans<'a>(frame: &Frame, faults: &'a [(u64, u64)]) -> recovery::Frame<'a> {
    recovery::Frame {
        window_ns: frame.window.0,
        warm_up_ns: frame.warm_up.0,
        duration_ns: frame.duration.0,
        faults,
        longest_ns: frame.horizon.0,
    }
}

/// Nanoseconds of [from, to) in which a fault of the endpoint was on; overlaps count once.
fn bad_ns(frame: &Frame, endpoint: EndpointId, from: Instant, to: Instant) -> u64 {
    let mut spans: Vec<(Instant, Instant)> = frame
        .faults
        .iter()
        .filter(|f| f.on.contains(&endpoint.0))
        .flat_map(|f| &f.times)
        .filter(|time| time.start < to && time.end > from)
        .map(|time| (time.start.max(from), time.end.min(to)))
        .collect();
    spans.sort_unstable();
    let (mut bad, mut seen) = (0, from);
    for (start, end) in spans {
        bad += end.since(start.max(seen)).0;
        seen = seen.max(end);
    }
    bad
}

#[cfg(test)]
mod tests;
