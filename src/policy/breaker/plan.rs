//! The settings of a policy's breakers, laid out for use.

use super::readmit::Verdict;
use super::trip::{Forget, Growth, Late, ServerWait, Tested};
use super::{Common, Config, Counts, Outcome, readmit, trip};
use crate::base::{Class, Draws, Duration, EndpointId, Instant, Purpose};
use crate::policy::backoff::jitter::Jitter;
use crate::policy::route::Endpoint;

use super::counting::Counting;
use super::each::Each;

/// One whole, in the fixed point of shares.
pub(super) const WHOLE: u64 = 1 << 32;

/// How traffic comes back, laid out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Back {
    /// At once.
    AtOnce,
    /// With so many probes, of which so many must succeed; None: they decide together.
    Probes {
        places: u32,
        wanted: Option<u32>,
        max_wait: Option<Duration>,
    },
    /// With a share of WHOLE that grows.
    Ramp {
        from: u64,
        over: Duration,
        verdict: Verdict,
    },
}

/// The settings of a policy's breakers.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) kind: Config,
    pub(super) common: Common,
    pub(super) back: Back,
    growth: Option<Growth>,
    jitter: Jitter,
    open_at_once: Option<Duration>,
    server_wait: Option<ServerWait>,
    pub(super) decided_every: Option<Duration>,
    ended_every: Option<Duration>,
    pub(super) max_open: Option<f64>,
    pub(super) max_open_tested: Tested,
    pub(super) panic: f64,
    pub(super) late: Late,
    pub(super) keep_counts: bool,
    /// By endpoint, the one whose breaker is its own; empty: each has its own.
    leaders: Box<[EndpointId]>,
    is_shared: bool,
}

/// Where the draws of one trip come from.
#[derive(Clone, Copy, Debug)]
pub struct Dice<'a> {
    /// The run's draws.
    pub draws: &'a Draws,
    /// The call whose fact it is.
    pub call: u64,
}

impl Dice<'_> {
    /// A uniform for a trip of an endpoint's breaker, its how manieth that is.
    pub(super) fn unit(self, purpose: Purpose, endpoint: u16, trips: u32) -> f64 {
        let ordinal = u64::from(trips) << 16 | u64::from(endpoint);
        self.draws.unit(purpose, self.call, ordinal)
    }
}

impl Plan {
    /// Lays out what `breaker`, `trip` and `readmit` say.
    pub fn new(kind: &Config, trip: &trip::Config, readmit: &readmit::Config) -> Plan {
        let common = kind.common();
        Plan {
            kind: kind.clone(),
            common,
            back: match (kind, readmit) {
                // What opened it was no breaker's reason, so no probe could tell that it is over.
                (Config::None(_), readmit::Config::Probes(_)) => Back::AtOnce,
                _ => back(readmit, common.probes),
            },
            growth: trip.growth,
            jitter: trip.jitter.clone(),
            open_at_once: trip.open_at_once,
            server_wait: trip.server_wait,
            decided_every: trip.decided_every,
            ended_every: trip.ended_every,
            max_open: trip.max_open.map(|share| share.0),
            max_open_tested: trip.max_open_tested,
            panic: trip.panic.0,
            late: trip.late,
            keep_counts: trip.keep_counts,
            leaders: Box::default(),
            is_shared: trip.scope.is_fleet(),
        }
    }

    /// The same for these endpoints, of which some may have one breaker together.
    pub fn among(self, each: Each, endpoints: &[Endpoint<'_>]) -> Plan {
        Plan {
            leaders: each.leaders(endpoints),
            ..self
        }
    }

    /// The endpoint whose breaker is this one's too.
    #[inline]
    pub fn leader(&self, endpoint: EndpointId) -> EndpointId {
        let leader = self.leaders.get(usize::from(endpoint.0));
        leader.copied().unwrap_or(endpoint)
    }

    /// Whether an ending changes nothing about a closed breaker.
    #[inline]
    pub(super) fn is_deaf_to(&self, outcome: Outcome) -> bool {
        let counts = !matches!(self.kind, Config::None(_)) && outcome.failed.is_some();
        !counts && !outcome.trips
    }

    /// Whether all processes have the breakers together.
    pub fn is_shared(&self) -> bool {
        self.is_shared && !matches!(self.kind, Config::None(_))
    }

    /// Whether it counts calls and not attempts.
    pub fn counts_calls(&self) -> bool {
        self.common.counts == Counts::Calls
    }

    /// The most probes in flight at once; None: any number.
    pub fn probes(&self) -> Option<u32> {
        match self.back {
            Back::Probes { places, .. } if places < u32::MAX => Some(places),
            _ => None,
        }
    }

    /// What an ending of a class, after a time, is to a breaker.
    #[inline]
    pub fn outcome(&self, class: Class, counting: Counting, took: Duration) -> Outcome {
        let failed = match (class, counting) {
            (Class::Ok, _) | (_, Counting::Success) => Some(false),
            (_, Counting::Ignored) => None,
            (_, Counting::Failure | Counting::Trips) => Some(true),
        };
        Outcome {
            failed,
            trips: counting == Counting::Trips && class != Class::Ok,
            slow: self.common.slow_after.is_some_and(|after| took > after),
        }
    }

    /// Whether a wait that the endpoint asked for says that it need not be left alone.
    pub(super) fn is_no_trip(&self, stated: Option<Duration>) -> bool {
        self.server_wait.is_some() && stated.is_some_and(Duration::is_zero)
    }

    /// How long it stays open: the n-th trip in a row, from 0; `stated` is what the endpoint asked
    /// for.
    pub(super) fn open_time(
        &self,
        at_once: bool,
        stated: Option<Duration>,
        in_a_row: u32,
        u: impl FnOnce() -> f64,
    ) -> Duration {
        if let (Some(wait), Some(stated)) = (self.server_wait, stated) {
            return stated + wait.extra;
        }
        let own = self.open_at_once.filter(|_| at_once);
        let first = own.unwrap_or(self.common.open);
        let scheduled = match self.growth {
            None => first,
            Some(growth) => {
                let n = f64::from(in_a_row);
                let grown = first.scale(libm::pow(growth.factor, n)) + growth.step.scale(n);
                grown.min(growth.cap)
            }
        };
        self.jitter.apply(scheduled, u).max(Duration(1))
    }

    /// When an open time that is over by `at` ends.
    pub(super) fn end(&self, at: Instant) -> Instant {
        match self.ended_every {
            Some(every) if at < Instant::NEVER => {
                Instant(at.0.div_ceil(every.0).saturating_mul(every.0))
            }
            _ => at,
        }
    }

    /// How many of so many trips in a row are left after so much time closed.
    pub(super) fn still_in_a_row(&self, in_a_row: u32, healthy: Duration) -> u32 {
        match self.growth {
            Some(growth) if growth.forget_after.is_zero() => 0,
            Some(growth) => {
                let times = healthy.0 / growth.forget_after.0;
                match growth.forget {
                    Forget::All if times > 0 => 0,
                    Forget::All => in_a_row,
                    Forget::One => u64::from(in_a_row).saturating_sub(times) as u32,
                }
            }
            None => 0,
        }
    }
}

fn back(readmit: &readmit::Config, probes: u32) -> Back {
    match readmit {
        readmit::Config::AtOnce(_) => Back::AtOnce,
        readmit::Config::Unlimited(_) => Back::Probes {
            places: u32::MAX,
            wanted: Some(1),
            max_wait: None,
        },
        readmit::Config::Probes(c) => Back::Probes {
            places: probes,
            wanted: (c.verdict == Verdict::AnyFailure).then_some(probes),
            max_wait: c.max_wait,
        },
        readmit::Config::Ramp(c) => Back::Ramp {
            from: (c.from.0 * WHOLE as f64) as u64,
            over: c.over,
            verdict: c.verdict,
        },
    }
}
