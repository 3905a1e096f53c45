//! What each way of counting promises, written down as sums over what passed: nothing is kept from one
//! event to the next.

use super::place::Limit;

/// What a request did to a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) at: u64,
    pub(crate) amount: u64,
    /// Whether it passed; else it counts though it was refused, or was used beyond what was reserved.
    pub(crate) passed: bool,
    /// When it was corrected, and to what.
    pub(crate) settled: Option<(u64, u64)>,
}

impl Event {
    /// What it counts for at an instant.
    fn counts(&self, at: u64) -> u64 {
        match self.settled {
            Some((when, used)) if when <= at => used.min(self.amount),
            _ => self.amount,
        }
    }
}

/// What of a limit is left at the time between two instants.
pub(crate) type Left<'a> = &'a dyn Fn(u64, u64) -> f64;

/// The share of a number that is left: something, where anything is.
pub(crate) fn scaled(n: u64, share: f64) -> u64 {
    ((n as f64 * share + 0.5) as u64).max(u64::from(share > 0.0))
}

/// The most that counts against a limit when event `j` has passed, and what may.
pub(crate) fn fullest(limit: &Limit, events: &[Event], j: usize, left: Left<'_>) -> (f64, f64) {
    let now = events[j].at;
    match limit.method.as_str() {
        "bucket" | "gcra" => spread(limit, events, j, left),
        "sliding-log" => {
            let in_log = |e: &&Event| e.at + limit.window > now;
            (
                sum(events[..=j].iter().filter(in_log), now),
                cap(limit, left(now, now)),
            )
        }
        "sliding-counter" => {
            let number = now / limit.window;
            let of = |n: u64| move |e: &&Event| e.at / limit.window == n;
            let current = sum(events[..=j].iter().filter(of(number)), now);
            let before = number.checked_sub(1);
            let before = before.map_or(0.0, |n| sum(events[..=j].iter().filter(of(n)), now));
            let rest = 1.0 - (now % limit.window) as f64 / limit.window as f64;
            (current + before * rest, cap(limit, left(now, now)))
        }
        _ => {
            let begins = begins(limit, events, j);
            let in_window = |e: &&Event| e.at >= begins;
            (
                sum(events[..=j].iter().filter(in_window), now),
                cap(limit, left(now, now)),
            )
        }
    }
}

fn cap(limit: &Limit, left: f64) -> f64 {
    scaled(limit.cap, left) as f64
}

fn sum<'a>(events: impl Iterator<Item = &'a Event>, now: u64) -> f64 {
    events.map(|e| e.counts(now) as f64).sum()
}

/// When the window of event `j` began.
fn begins(limit: &Limit, events: &[Event], j: usize) -> u64 {
    let now = events[j].at;
    if limit.method == "calendar-window" {
        let into = (now + limit.window - limit.phase % limit.window) % limit.window;
        return now.saturating_sub(into);
    }
    let mut begins = events[0].at;
    for event in &events[..=j] {
        if event.at >= begins + limit.window {
            begins = event.at;
        }
    }
    begins
}

/// Of all beginnings the one from which most has passed for the time: capacity + rate × time is all there was.
fn spread(limit: &Limit, events: &[Event], j: usize, left: Left<'_>) -> (f64, f64) {
    let now = events[j].at;
    let mut returned: Vec<(u64, f64)> = events[..=j]
        .iter()
        .filter_map(|e| {
            e.settled
                .map(|(when, used)| (when, e.amount.saturating_sub(used) as f64))
        })
        .filter(|(when, _)| *when <= now)
        .collect();
    returned.sort_by_key(|(when, _)| *when);
    let (mut worst, mut sum, mut back) = ((0.0, f64::INFINITY), 0.0, 0.0);
    for event in events[..=j].iter().rev() {
        // What was drained though it did not pass leaves no debt, so it proves nothing here.
        if event.passed || event.settled.is_some() {
            sum += event.amount as f64;
        }
        let since = event.at;
        while let Some((_, n)) = returned.pop_if(|(when, _)| *when >= since) {
            back += n;
        }
        let share = left(since, now);
        let rate = scaled(limit.per, share) as f64 / limit.period as f64;
        let may = cap(limit, share) + rate * (now - since) as f64;
        if sum - back - may > worst.0 - worst.1 {
            worst = (sum - back, may);
        }
    }
    worst
}
