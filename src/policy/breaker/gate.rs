//! The part all breakers share: closed, open for a while, then half-open with a few probes.
//!
//! Transitions are lazy: an open breaker becomes half-open when it is next asked after its time.
//! Up to `probes` attempts are let through; one failure opens it again, as many successes close
//! it. The ending of an attempt sent before the breaker tripped tells nothing new and is dropped,
//! also when it comes after the breaker has closed again: in a slow outage the timeouts of the last
//! spell would otherwise open it a second time.

use super::{Config, Counts, consecutive, time_window};
use crate::base::{Check, Duration, Instant};

/// The default number of probes.
pub(super) fn one() -> u32 {
    1
}

pub(super) fn check(check: &mut Check, open: Duration, probes: u32) {
    if open.is_zero() {
        check.mistake("open", "a breaker that is never open", "is zero");
    }
    if !(1..=1000).contains(&probes) {
        check
            .mistake(
                "probes",
                "an absurd number of probes",
                "not between 1 and 1000",
            )
            .help("without a probe a breaker never closes again");
    }
}

/// One breaker: of one process, for one endpoint.
#[derive(Clone, Debug)]
pub struct Breaker {
    trip: Trip,
    phase: Phase,
    /// Rises with every trip: what was let through before it is stale.
    epoch: u32,
}

#[derive(Clone, Debug)]
enum Trip {
    Never,
    Consecutive(consecutive::State),
    TimeWindow(Box<time_window::State>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Closed,
    Open { until: Instant },
    HalfOpen { in_flight: u32, succeeded: u32 },
}

/// What a breaker says when asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Traffic flows.
    Yes,
    /// As a probe: the endpoint is being tried.
    AsProbe,
    /// No.
    No,
}

/// What an attempt is let through with: twice the times the breaker had tripped by then, and one
/// more for a probe. One word, because every attempt in flight keeps one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass(u32);

impl Pass {
    /// Whether the attempt is a probe.
    pub fn is_probe(self) -> bool {
        self.0 & 1 == 1
    }

    fn epoch(self) -> u32 {
        self.0 >> 1
    }
}

/// What an ending did to a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It opened, until this instant.
    Tripped {
        /// When it lets the first probe through.
        until: Instant,
    },
    /// A probe succeeded and it closed.
    Closed,
}

impl Breaker {
    /// A closed breaker.
    pub fn new(config: &Config) -> Breaker {
        let trip = match config {
            Config::None(_) => Trip::Never,
            Config::Consecutive(_) => Trip::Consecutive(consecutive::State::default()),
            Config::TimeWindow(c) => Trip::TimeWindow(Box::new(time_window::State::new(c))),
        };
        Breaker {
            trip,
            phase: Phase::Closed,
            epoch: 0,
        }
    }

    /// Whether an attempt may be sent. Changes nothing.
    pub fn ask(&self, config: &Config, now: Instant) -> Answer {
        match self.phase {
            Phase::Closed => Answer::Yes,
            Phase::Open { until } if now < until => Answer::No,
            Phase::Open { .. } => Answer::AsProbe,
            Phase::HalfOpen {
                in_flight,
                succeeded,
            } => {
                let probes = common(config).map_or(1, |c| c.probes);
                if in_flight + succeeded < probes {
                    Answer::AsProbe
                } else {
                    Answer::No
                }
            }
        }
    }

    /// Lets an attempt through; half-open begins with the first probe. The attempt's ending is told
    /// with what is returned.
    pub fn pass(&mut self, probe: bool) -> Pass {
        if probe {
            self.count_probe();
        }
        Pass(self.epoch << 1 | u32::from(probe))
    }

    fn count_probe(&mut self) {
        self.phase = match self.phase {
            Phase::HalfOpen {
                in_flight,
                succeeded,
            } => Phase::HalfOpen {
                in_flight: in_flight + 1,
                succeeded,
            },
            Phase::Open { .. } | Phase::Closed => Phase::HalfOpen {
                in_flight: 1,
                succeeded: 0,
            },
        };
    }

    /// Tells of an attempt's ending, with what [`Self::pass`] gave. `failed` is None for one that
    /// says nothing about the endpoint (a cancelled attempt).
    pub fn on_end(
        &mut self,
        config: &Config,
        pass: Pass,
        failed: Option<bool>,
        now: Instant,
    ) -> Option<Change> {
        if pass.epoch() != self.epoch {
            return None;
        }
        match self.phase {
            Phase::Closed => {
                let failed = failed?;
                let trips = match (&mut self.trip, config) {
                    (Trip::Consecutive(state), Config::Consecutive(c)) => state.trips(c, failed),
                    (Trip::TimeWindow(state), Config::TimeWindow(c)) => state.trips(c, failed, now),
                    _ => false,
                };
                trips.then(|| self.open(config, now))
            }
            Phase::HalfOpen {
                in_flight,
                succeeded,
            } if pass.is_probe() => match failed {
                Some(true) => Some(self.open(config, now)),
                Some(false) => self.probe_succeeded(config, in_flight - 1, succeeded + 1),
                None => {
                    self.phase = Phase::HalfOpen {
                        in_flight: in_flight - 1,
                        succeeded,
                    };
                    None
                }
            },
            // Sent all the same, by a policy that only observes.
            Phase::Open { .. } | Phase::HalfOpen { .. } => None,
        }
    }

    /// The most probes in flight at once.
    pub fn probes(config: &Config) -> u32 {
        common(config).map_or(1, |c| c.probes)
    }

    /// Whether it counts calls and not attempts.
    pub fn counts_calls(config: &Config) -> bool {
        common(config).is_some_and(|c| c.counts == Counts::Calls)
    }

    /// Probes in flight.
    pub fn probes_in_flight(&self) -> u32 {
        match self.phase {
            Phase::HalfOpen { in_flight, .. } => in_flight,
            Phase::Closed | Phase::Open { .. } => 0,
        }
    }

    fn open(&mut self, config: &Config, now: Instant) -> Change {
        let until = now + common(config).map_or(Duration::ZERO, |c| c.open);
        self.epoch += 1;
        self.phase = Phase::Open { until };
        Change::Tripped { until }
    }

    fn probe_succeeded(
        &mut self,
        config: &Config,
        in_flight: u32,
        succeeded: u32,
    ) -> Option<Change> {
        let wanted = common(config).map_or(1, |c| c.probes);
        if succeeded < wanted {
            self.phase = Phase::HalfOpen {
                in_flight,
                succeeded,
            };
            return None;
        }
        self.phase = Phase::Closed;
        match &mut self.trip {
            Trip::Never => {}
            Trip::Consecutive(state) => state.reset(),
            Trip::TimeWindow(state) => state.reset(),
        }
        Some(Change::Closed)
    }
}

/// The settings all kinds have.
struct Common {
    open: Duration,
    probes: u32,
    counts: Counts,
}

fn common(config: &Config) -> Option<Common> {
    match config {
        Config::None(_) => None,
        Config::Consecutive(c) => Some(Common {
            open: c.open,
            probes: c.probes,
            counts: c.counts,
        }),
        Config::TimeWindow(c) => Some(Common {
            open: c.open,
            probes: c.probes,
            counts: c.counts,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(probes: u32) -> Config {
        Config::Consecutive(consecutive::Config {
            failures: 2,
            open: Duration::from_s(10),
            probes,
            counts: Counts::Attempts,
        })
    }

    fn at(s: u64) -> Instant {
        Instant::ZERO + Duration::from_s(s)
    }

    fn tripped(config: &Config) -> Breaker {
        let mut breaker = Breaker::new(config);
        let pass = breaker.pass(false);
        assert_eq!(breaker.on_end(config, pass, Some(true), at(0)), None);
        let change = breaker.on_end(config, pass, Some(true), at(1));
        assert_eq!(change, Some(Change::Tripped { until: at(11) }));
        breaker
    }

    #[test]
    fn an_open_breaker_refuses_until_its_time_and_then_lets_one_probe_through() {
        let config = config(1);
        let mut breaker = tripped(&config);
        assert_eq!(breaker.ask(&config, at(10)), Answer::No);
        assert_eq!(breaker.ask(&config, at(11)), Answer::AsProbe);
        let probe = breaker.pass(true);
        assert_eq!(breaker.ask(&config, at(11)), Answer::No);
        assert_eq!(
            breaker.on_end(&config, probe, Some(false), at(12)),
            Some(Change::Closed)
        );
        assert_eq!(breaker.ask(&config, at(12)), Answer::Yes);
    }

    #[test]
    fn a_failed_probe_opens_it_again_for_the_whole_time() {
        let config = config(2);
        let mut breaker = tripped(&config);
        let (first, second) = (breaker.pass(true), breaker.pass(true));
        assert_eq!(breaker.on_end(&config, first, Some(false), at(11)), None);
        let change = breaker.on_end(&config, second, Some(true), at(12));
        assert_eq!(change, Some(Change::Tripped { until: at(22) }));
    }

    #[test]
    fn endings_from_before_the_trip_tell_nothing_new() {
        let config = config(1);
        let mut breaker = Breaker::new(&config);
        let pass = breaker.pass(false);
        breaker.on_end(&config, pass, Some(true), at(0));
        breaker.on_end(&config, pass, Some(true), at(1));
        assert_eq!(breaker.on_end(&config, pass, Some(false), at(2)), None);
        assert_eq!(breaker.ask(&config, at(2)), Answer::No);
        let probe = breaker.pass(true);
        let closed = breaker.on_end(&config, probe, Some(false), at(12));
        assert_eq!(closed, Some(Change::Closed));
        for s in 13..16 {
            assert_eq!(breaker.on_end(&config, pass, Some(true), at(s)), None);
        }
    }

    #[test]
    fn a_cancelled_probe_gives_its_place_back() {
        let config = config(1);
        let mut breaker = tripped(&config);
        let probe = breaker.pass(true);
        assert_eq!(breaker.ask(&config, at(12)), Answer::No);
        assert_eq!(breaker.on_end(&config, probe, None, at(12)), None);
        assert_eq!(breaker.ask(&config, at(12)), Answer::AsProbe);
    }

    #[test]
    fn a_probe_of_an_earlier_half_open_phase_is_stale() {
        let config = config(2);
        let mut breaker = tripped(&config);
        let (slow, quick) = (breaker.pass(true), breaker.pass(true));
        breaker.on_end(&config, quick, Some(true), at(12));
        let fresh = breaker.pass(true);
        assert_eq!(breaker.on_end(&config, slow, Some(true), at(23)), None);
        assert_eq!(breaker.probes_in_flight(), 1);
        assert_eq!(breaker.on_end(&config, fresh, None, at(23)), None);
        assert_eq!(breaker.probes_in_flight(), 0);
    }
}
