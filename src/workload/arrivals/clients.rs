//! The clients of a real service, each with its own rate and clumps in every stretch of time.
//!
//! A service's traffic is the sum of its clients', and it bursts because some of them do: a top client that turns
//! its batch on doubles the load, while the many keep calling evenly. A file (ServeGen's format) says of each client
//! and window of time how fast it called and how unevenly. In each window a client is a renewal process that has
//! gone on for ever (the first gap is what is left of one under way), with gamma or Weibull gaps of that rate and
//! spread: so the expected calls of every window are its rate times its length. What a client did in one window
//! says nothing of the next but through the file, where rates follow one another as they were measured.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use serde::Deserialize;

use super::{after, weibull};
use crate::base::registry::Kind;
use crate::base::{Check, Draws, Duration, Instant, Purpose, gamma};
use crate::workload::trace::Trace;
use crate::workload::windows::{Gap, Window, Windows};

/// This kind.
pub const INFO: Kind = Kind {
    name: "clients",
    summary: "the clients of a real service, window by window",
};

/// Settings. A plain string stands for `file`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// A CSV file with the columns `client,t_s,rate_rps,cv,dist`, by client and time; relative to the scenario
    /// file.
    pub file: String,
    /// What every rate is multiplied by, above 0 and at most 1000.
    #[serde(default = "as_recorded")]
    pub times: f64,
    /// Where in the recording the run begins.
    #[serde(default)]
    pub starts: Duration,
    /// How long a window of the file is.
    #[serde(default = "ten_minutes")]
    pub window: Duration,
    /// What was read from the file.
    #[serde(skip)]
    pub windows: Arc<Windows>,
}

fn as_recorded() -> f64 {
    1.0
}

fn ten_minutes() -> Duration {
    Duration::from_s(600)
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.file.is_empty() {
            check.mistake("file", "a file needs a name", "empty");
        }
        if !(self.times > 0.0 && self.times <= 1000.0) {
            check.mistake("times", "an absurd factor", "not above 0 and at most 1000");
        }
        if self.window < Duration::from_s(1) || self.window > Duration::from_s(86_400) {
            check.mistake("window", "an absurd window", "not between 1s and 24h");
        }
    }

    pub(super) fn expected(&self, duration: Duration, _: Option<&Trace>) -> f64 {
        let to = self.starts + duration;
        self.times * self.windows.expected(self.starts, to, self.window)
    }

    /// Clumps have no highest rate.
    pub(super) fn top_rate(&self) -> Option<f64> {
        None
    }

    /// Calls per second of all clients in the busiest window.
    pub fn busiest_per_s(&self) -> f64 {
        self.times * self.windows.most_per_s()
    }

    /// Notes what the file and these settings are not together.
    pub fn check_windows(&self, duration: Duration, check: &mut Check) {
        if self.windows.clients.is_empty() {
            return;
        }
        if self.expected(duration, None) == 0.0 {
            let title = "nothing arrives before the run is over";
            check.mistake("starts", title, "no window of the file is in the run");
        }
        let shortest = self
            .windows
            .shortest_s()
            .map(|s| Duration::from_s(s.into()));
        if let Some(shortest) = shortest.filter(|shortest| *shortest < self.window) {
            check
                .mistake("window", "windows that overlap", "longer than the file's")
                .help(format!("its windows are {shortest} apart"));
        }
        let rates = self.windows.all().map(|window| window.rate_per_s);
        let most = rates.fold(0.0, f64::max) * self.times * self.window.as_s_f64();
        if most > MOST_MEAN {
            check.mistake(
                "times",
                "too many calls in one window",
                format!("{most:.0} of one client"),
            );
        }
    }

    pub(super) fn process(&self) -> Clients {
        Clients {
            windows: Arc::clone(&self.windows),
            times: self.times,
            starts_s: self.starts.as_s_f64(),
            window_s: self.window.as_s_f64(),
            streams: Vec::new(),
            next: BinaryHeap::new(),
        }
    }
}

/// More calls of one client in one window are not expected; four times as many have numbers.
const MOST_MEAN: f64 = 1e6;

/// Room for a call's place within its window, and for the window within its client, in bits.
const PLACE_BITS: u32 = 22;
const WINDOW_BITS: u32 = 14;

/// The clients so far.
#[derive(Clone, Debug)]
pub struct Clients {
    windows: Arc<Windows>,
    times: f64,
    starts_s: f64,
    window_s: f64,
    /// By client; none before the first call.
    streams: Vec<Stream>,
    /// Each client's next call, the earliest first; of two at one instant that of the first client.
    next: BinaryHeap<Reverse<(Instant, u32, u64)>>,
}

/// Where a client is.
#[derive(Clone, Copy, Debug, Default)]
struct Stream {
    window: usize,
    place: u64,
    /// When its call before was, or its window began, in seconds of the recording.
    at_s: f64,
    /// Of this window, if it has begun.
    law: Option<Law>,
}

/// A law of gaps, in units of their mean.
#[derive(Clone, Copy, Debug)]
enum Law {
    /// By its shape.
    Gamma(f64),
    Weibull(weibull::Unit),
}

impl Law {
    fn of(window: &Window) -> Law {
        match window.law {
            Gap::Gamma => Law::Gamma(super::gamma::shape(window.cv)),
            Gap::Weibull => Law::Weibull(weibull::Unit::new(window.cv)),
        }
    }

    fn gap(self, is_first: bool, u: f64) -> f64 {
        match (self, is_first) {
            (Law::Gamma(shape), true) => super::gamma::first(shape, u),
            (Law::Gamma(shape), false) => gamma::quantile_at_once(shape, u) / shape,
            (Law::Weibull(unit), true) => unit.first(u),
            (Law::Weibull(unit), false) => unit.gap(u),
        }
    }
}

impl Clients {
    /// The number of the next call and when it comes; None after the last.
    pub(super) fn next(&mut self, draws: &Draws) -> Option<(u64, Instant)> {
        if self.streams.is_empty() {
            self.streams = vec![Stream::default(); self.windows.clients.len()];
            for client in 0..self.streams.len() {
                self.advance(client, draws);
            }
        }
        let Reverse((at, client, number)) = self.next.pop()?;
        self.advance(client as usize, draws);
        Some((number, at))
    }

    /// Finds the next call of a client, if there is one. A call is known by its client, the window and its place in
    /// it, so that another rate moves calls and makes none another.
    fn advance(&mut self, client: usize, draws: &Draws) {
        let stream = &mut self.streams[client];
        while let Some(window) = self.windows.clients[client].get(stream.window) {
            let start_s = f64::from(window.start_s);
            let end_s = start_s + self.window_s;
            let is_over = end_s <= self.starts_s || stream.place == 1 << PLACE_BITS;
            if !is_over {
                let law = *stream.law.get_or_insert_with(|| Law::of(window));
                let is_first = stream.place == 0;
                if is_first {
                    stream.at_s = start_s.max(self.starts_s);
                }
                let of_window = (client as u64) << WINDOW_BITS | stream.window as u64;
                let number = of_window << PLACE_BITS | stream.place;
                let gap = law.gap(is_first, draws.unit(Purpose::Arrival, number, 0));
                stream.at_s += gap / (window.rate_per_s * self.times);
                stream.place += 1;
                if stream.at_s < end_s {
                    let at = after(stream.at_s - self.starts_s);
                    self.next.push(Reverse((at, client as u32, number)));
                    return;
                }
            }
            (stream.window, stream.place, stream.law) = (stream.window + 1, 0, None);
        }
    }
}
