//! What engines note beside what they do: of a call, or of a process.

use crate::base::{Detour, Instant};
use crate::engine::Notice;

use super::alerts::{Occasion, Source};
use super::{CallRecord, Recorder};

impl Recorder<'_> {
    /// Notes what is about a call, or about the process it belongs to; `observes` is whether the call's
    /// policy does no more than that.
    pub(in crate::sim) fn on_notice(
        &mut self,
        now: Instant,
        (call, process, observes): (&CallRecord, u32, bool),
        notice: Notice,
    ) {
        let scopes = call.scopes;
        match notice {
            Notice::Refused { refusal, .. } if observes => {
                self.each(scopes, |s| s.observed.on_refused(refusal));
            }
            Notice::Refused { refusal, .. } => self.each(scopes, |s| s.on_refused(refusal)),
            Notice::Degraded { by } => self.each(scopes, |s| s.on_degraded(by)),
            Notice::WouldSend { origin } => self.each(scopes, |s| s.observed.on_sent(origin)),
            Notice::WouldWait => self.each(scopes, |s| s.observed.on_waited()),
            Notice::WouldTimeOut { timeout } => {
                self.each(scopes, |s| s.observed.on_timed_out(timeout));
            }
            Notice::WouldSteer {
                detour: detour @ Detour::Fits,
            } => self.each(scopes, |s| s.observed.on_steered(detour)),
            Notice::WouldDegrade { by } => self.each(scopes, |s| s.observed.on_degraded(by)),
            Notice::HedgeWon | Notice::Guarded { .. } => {}
            Notice::LimitReached { limit, endpoint } => {
                let what = (process, Source::Limit(limit), endpoint);
                self.alerts.on_alert(now, what, false, self.frame);
            }
            Notice::BreakerTripped { .. }
            | Notice::BreakerClosed { .. }
            | Notice::Alert { .. }
            | Notice::WouldSteer { .. }
            | Notice::Judged { .. } => self.on_own_notice(now, process, notice),
        }
    }

    /// Notes that breakers which all processes share tripped so often.
    pub(in crate::sim) fn on_trips(&mut self, now: Instant, trips: u64) {
        self.timeline.on_trips(now, trips);
    }

    /// Notes what is about a process, whether or not a call is open.
    pub(in crate::sim) fn on_own_notice(&mut self, now: Instant, process: u32, notice: Notice) {
        match notice {
            Notice::BreakerTripped {
                endpoint,
                until,
                opening,
            } => {
                self.timeline
                    .on_open(now, (until, opening), endpoint, self.frame);
            }
            Notice::Alert { monitor, endpoint } => {
                let what = (process, Source::Monitor(monitor), endpoint);
                self.alerts.on_alert(now, what, false, self.frame);
            }
            Notice::Judged { .. } => self.alerts.on_occasion(now, Occasion::Verdict, self.frame),
            // An alarm is about an endpoint, and may come when its call is long over.
            Notice::WouldSteer { detour } => {
                if (self.frame.warm_up..self.frame.duration).contains(&now) {
                    self.scopes[0].observed.on_steered(detour);
                }
            }
            Notice::BreakerClosed { .. } => {}
            Notice::Refused { .. }
            | Notice::HedgeWon
            | Notice::WouldSend { .. }
            | Notice::WouldWait
            | Notice::WouldTimeOut { .. }
            | Notice::Degraded { .. }
            | Notice::WouldDegrade { .. }
            | Notice::LimitReached { .. }
            | Notice::Guarded { .. } => {
                debug_assert!(false, "{notice:?} is about a call");
            }
        }
    }
}
