//! The machine all breakers share: closed, open for a while, then half-open or on a ramp.
//!
//! A breaker changes with an ending, or with time. What time changes is done when it is next asked or
//! told, as of the instant it was due, so nothing depends on how often that is. An ending belongs to
//! the spell in which its attempt was sent: one from before the breaker tripped tells nothing new
//! and is dropped, also when it comes after the breaker has closed again, unless `trip.late` says
//! otherwise. In a slow outage the timeouts of the last spell would otherwise open it a second time.

use super::answer::{Answer, Pass, Step};
use super::half::{Decision, Half};
use super::plan::{Back, Plan, WHOLE};
use super::readmit::Verdict;
use super::trip::Late;
use super::{Counted, Outcome};
use crate::base::Instant;

/// One breaker: of one process or of the fleet, for one endpoint or for all with a label in common.
#[derive(Clone, Debug)]
pub struct Breaker {
    pub(super) counted: Counted,
    pub(super) phase: Phase,
    /// Rises with every trip: what was let through before it is late.
    trips: u32,
    /// Trips since it was last healthy.
    in_a_row: u32,
    closed_at: Instant,
    /// When something was counted last.
    told_at: Instant,
    /// When time alone changes something.
    pub(super) due: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Closed,
    /// `start` is where a ramp begins to count, in parts of WHOLE.
    Open {
        until: Instant,
        start: u32,
    },
    HalfOpen(Half),
    Ramp {
        since: Instant,
        sum: u32,
    },
}

impl Breaker {
    pub(super) fn new(plan: &Plan) -> Breaker {
        let mut breaker = Breaker {
            counted: Counted::new(&plan.kind),
            phase: Phase::Closed,
            trips: 0,
            in_a_row: 0,
            closed_at: Instant::ZERO,
            told_at: Instant::ZERO,
            due: Instant::NEVER,
        };
        breaker.set(plan, Phase::Closed, Instant::ZERO);
        breaker
    }

    /// Whether an attempt may be sent. Changes nothing; nothing is due.
    pub(super) fn ask(&self, plan: &Plan, now: Instant) -> Answer {
        match self.phase {
            Phase::Closed => Answer::Yes,
            Phase::Open { until, .. } if now < until => Answer::No,
            Phase::Open { .. } => Answer::AsProbe,
            Phase::HalfOpen(half) => match plan.back {
                Back::Probes { places, .. } if half.has_place(places, plan.late) => Answer::AsProbe,
                _ => Answer::No,
            },
            Phase::Ramp { since, sum } => match u64::from(sum) + share(plan, since, now) >= WHOLE {
                true => Answer::AsProbe,
                false => Answer::No,
            },
        }
    }

    /// Whether it is open, and not to be asked.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        self.open_until(now).is_some()
    }

    /// Until when it is open, if it is.
    pub(super) fn open_until(&self, now: Instant) -> Option<Instant> {
        match self.phase {
            Phase::Open { until, .. } if now < until => Some(until),
            _ => None,
        }
    }

    /// Whether it is closed.
    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Closed)
    }

    /// Whether it is closed, and stays so as far as time goes.
    #[inline]
    pub(super) fn is_closed_before_due(&self, now: Instant) -> bool {
        now < self.due && self.is_closed()
    }

    /// Lets an attempt through; half-open begins with the first probe. The attempt's ending is told
    /// with what is returned.
    #[inline]
    pub(super) fn pass(&mut self, plan: &Plan, probe: bool, now: Instant) -> Pass {
        self.asked(plan, now);
        if probe {
            self.count_probe(plan, now);
        }
        Pass::new(self.trips, probe)
    }

    /// An attempt was refused here.
    pub(super) fn refuse(&mut self, plan: &Plan, now: Instant) {
        self.asked(plan, now);
    }

    #[inline]
    fn asked(&mut self, plan: &Plan, now: Instant) {
        if plan.common.counts_sent || !self.is_closed() {
            self.count_asked(plan, now);
        }
    }

    #[inline(never)]
    fn count_asked(&mut self, plan: &Plan, now: Instant) {
        if let Phase::Ramp { since, sum } = &mut self.phase {
            // Of the sum only what is beyond a whole number goes on.
            *sum = sum.wrapping_add(share(plan, *since, now) as u32);
        }
        if plan.common.counts_sent
            && let Counted::TimeWindow(window) = &mut self.counted
        {
            self.told_at = now;
            window.asked(now);
        }
    }

    fn count_probe(&mut self, plan: &Plan, now: Instant) {
        let mut half = match self.phase {
            Phase::HalfOpen(half) => half,
            Phase::Open { .. } => Half::new(now),
            Phase::Closed | Phase::Ramp { .. } => return,
        };
        half.in_flight += 1;
        self.set(plan, Phase::HalfOpen(half), now);
    }

    /// Hears of an attempt's ending. Nothing is due.
    pub(super) fn on_end(&mut self, plan: &Plan, pass: Pass, told: Outcome, now: Instant) -> Step {
        let late = pass.trips() != self.trips;
        if late && plan.late == Late::Dropped {
            return Step::Nothing;
        }
        match self.phase {
            Phase::Closed => self.on_end_closed(plan, told, now),
            Phase::HalfOpen(half) => self.on_end_half(plan, half, pass, told, now),
            Phase::Ramp { .. } => {
                if told.failed.is_none() {
                    return Step::Nothing;
                }
                self.record(plan, told, now);
                let any = told.failed == Some(true)
                    && matches!(
                        plan.back,
                        Back::Ramp {
                            verdict: Verdict::AnyFailure,
                            ..
                        }
                    );
                step(any || told.trips || self.is_reason(plan, told, now), now)
            }
            // Sent before it opened, or all the same by a policy that only observes.
            Phase::Open { .. } if plan.late == Late::Dropped || told.failed.is_none() => {
                Step::Nothing
            }
            Phase::Open { .. } => {
                self.record(plan, told, now);
                let anew = told.trips || self.is_reason(plan, told, now);
                step(anew && plan.late == Late::Prolongs, now)
            }
        }
    }

    #[inline]
    fn on_end_closed(&mut self, plan: &Plan, told: Outcome, now: Instant) -> Step {
        if told.failed.is_none() {
            return Step::Nothing;
        }
        self.record(plan, told, now);
        let judged = plan.decided_every.is_none();
        step(told.trips || judged && self.is_reason(plan, told, now), now)
    }

    #[inline]
    fn record(&mut self, plan: &Plan, told: Outcome, now: Instant) {
        self.told_at = now;
        self.counted.record(&plan.kind, told, now);
    }

    /// Whether this ending is a reason to trip. A success may leave the share above the threshold;
    /// for most it is still no reason.
    #[inline]
    fn is_reason(&mut self, plan: &Plan, told: Outcome, now: Instant) -> bool {
        (told.failed == Some(true) || told.slow || plan.common.on_success)
            && self.counted.is_bad(&plan.kind, now)
    }

    fn on_end_half(
        &mut self,
        plan: &Plan,
        mut half: Half,
        pass: Pass,
        told: Outcome,
        now: Instant,
    ) -> Step {
        let late = pass.trips() != self.trips;
        let Back::Probes { places, wanted, .. } = plan.back else {
            return Step::Nothing;
        };
        if !late && !pass.is_probe() {
            // Sent all the same, by a policy that only observes.
            return Step::Nothing;
        }
        if !late {
            half.free();
        } else if plan.late == Late::CountedAsProbe {
            half.add();
        }
        let decision = half.hear(plan, places, wanted, told);
        self.phase = Phase::HalfOpen(half);
        match decision {
            Decision::Nothing => Step::Nothing,
            Decision::Open => Step::Trips { at: now },
            Decision::Close => self.close(plan, now),
        }
    }

    /// Does what time alone changes at [`Self::due`].
    pub(super) fn on_due(&mut self, plan: &Plan, now: Instant) -> Step {
        let at = self.due;
        match self.phase {
            Phase::Closed => self.decide(plan, at, now),
            Phase::Open { until, start } => match plan.back {
                Back::AtOnce => self.close(plan, until),
                Back::Ramp { .. } => {
                    self.forget_counts(plan);
                    // It begins with the first who asks.
                    let (since, sum) = (now, start);
                    self.set(plan, Phase::Ramp { since, sum }, now);
                    Step::Nothing
                }
                Back::Probes { .. } => {
                    self.due = Instant::NEVER;
                    Step::Nothing
                }
            },
            Phase::HalfOpen(_) => Step::Trips { at },
            Phase::Ramp { .. } => {
                self.closed(plan, at);
                Step::Closed
            }
        }
    }

    /// Looks at what is counted at a multiple of `decided-every`, and goes to the next at which that
    /// may have changed: while endings are within memory any, then the next to come.
    fn decide(&mut self, plan: &Plan, at: Instant, now: Instant) -> Step {
        if self.counted.is_bad(&plan.kind, at) {
            return Step::Trips { at };
        }
        let Some(every) = plan.decided_every else {
            self.due = Instant::NEVER;
            return Step::Nothing;
        };
        let may_change = at < self.told_at + plan.common.memory;
        self.due = match may_change {
            true => at + every,
            false => next_multiple(every, now),
        };
        Step::Nothing
    }

    /// Opens it.
    pub(super) fn open(&mut self, plan: &Plan, at: Instant, until: Instant, start: u32) {
        self.in_a_row = self.in_a_row_at(plan, at).saturating_add(1);
        self.trips += 1;
        self.set(plan, Phase::Open { until, start }, at);
    }

    /// How many trips in a row there were before one at this instant.
    pub(super) fn in_a_row_at(&self, plan: &Plan, at: Instant) -> u32 {
        match self.phase {
            Phase::Closed => plan.still_in_a_row(self.in_a_row, at.since(self.closed_at)),
            Phase::Open { .. } | Phase::HalfOpen(_) | Phase::Ramp { .. } => self.in_a_row,
        }
    }

    /// How often it has tripped.
    pub(super) fn trips(&self) -> u32 {
        self.trips
    }

    /// A trip that is not to be: what was counted begins again.
    pub(super) fn spare(&mut self, plan: &Plan, now: Instant) {
        self.forget_counts(plan);
        if self.due <= now {
            self.due = plan
                .decided_every
                .map_or(Instant::NEVER, |e| next_multiple(e, now));
        }
    }

    /// Closes it.
    pub(super) fn close(&mut self, plan: &Plan, at: Instant) -> Step {
        self.forget_counts(plan);
        self.closed(plan, at);
        Step::Closed
    }

    fn closed(&mut self, plan: &Plan, at: Instant) {
        self.closed_at = at;
        self.set(plan, Phase::Closed, at);
    }

    fn forget_counts(&mut self, plan: &Plan) {
        if !plan.keep_counts {
            self.counted.reset();
        }
    }

    /// Goes to a phase, and notes when time will end it.
    fn set(&mut self, plan: &Plan, phase: Phase, at: Instant) {
        self.phase = phase;
        self.due = match (phase, plan.back) {
            (Phase::Closed, _) => plan
                .decided_every
                .map_or(Instant::NEVER, |e| next_multiple(e, at)),
            (Phase::Open { until, .. }, Back::AtOnce | Back::Ramp { .. }) => until,
            (
                Phase::HalfOpen(half),
                Back::Probes {
                    max_wait: Some(wait),
                    ..
                },
            ) => half.since + wait,
            (Phase::Ramp { since, .. }, Back::Ramp { over, .. }) => since + over,
            (Phase::Open { .. } | Phase::HalfOpen(_) | Phase::Ramp { .. }, _) => Instant::NEVER,
        };
    }

    /// Probes in flight, but for those in places that late endings gave.
    pub(super) fn probes_in_flight(&self) -> u32 {
        match self.phase {
            Phase::HalfOpen(half) => half.in_flight.saturating_sub(half.extra),
            Phase::Closed | Phase::Open { .. } | Phase::Ramp { .. } => 0,
        }
    }
}

fn step(trips: bool, at: Instant) -> Step {
    match trips {
        true => Step::Trips { at },
        false => Step::Nothing,
    }
}

/// The first multiple of `every` after an instant.
fn next_multiple(every: crate::base::Duration, after: Instant) -> Instant {
    Instant((after.0 / every.0 + 1).saturating_mul(every.0))
}

/// The share of a ramp at an instant, in parts of WHOLE; less than one whole.
fn share(plan: &Plan, since: Instant, now: Instant) -> u64 {
    let Back::Ramp { from, over, .. } = plan.back else {
        return WHOLE - 1;
    };
    let passed = now.since(since).0.min(over.0);
    let grown =
        u128::from(WHOLE - from.min(WHOLE)) * u128::from(passed) / u128::from(over.0.max(1));
    (from + grown as u64).min(WHOLE - 1)
}
