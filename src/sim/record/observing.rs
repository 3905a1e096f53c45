//! What is recorded of policies that only observe: what each would have done, told by notices.

use crate::base::{Detour, Fallback, Origin, Refusal, Timeout};
use crate::record::refusals::Observed;

use super::scope::named;

/// Counts of one scope, kept apart from what was done.
#[derive(Debug, Default)]
pub(super) struct Observing {
    refused: [u64; Refusal::COUNT],
    waited: u64,
    sent: [u64; Origin::COUNT],
    timed_out: [u64; Timeout::COUNT],
    steered: [u64; Detour::COUNT],
    degraded: [u64; Fallback::COUNT],
}

impl Observing {
    /// An attempt would not have been sent.
    pub(super) fn on_refused(&mut self, refusal: Refusal) {
        self.refused[refusal.index()] += 1;
    }

    /// An attempt would have stood in line.
    pub(super) fn on_waited(&mut self) {
        self.waited += 1;
    }

    /// One more attempt would have been sent.
    pub(super) fn on_sent(&mut self, origin: Origin) {
        self.sent[origin.index()] += 1;
    }

    /// An attempt would have been aborted.
    pub(super) fn on_timed_out(&mut self, timeout: Timeout) {
        self.timed_out[timeout.index()] += 1;
    }

    /// An endpoint would have been passed.
    pub(super) fn on_steered(&mut self, detour: Detour) {
        self.steered[detour.index()] += 1;
    }

    /// A call would have ended with a fallback.
    pub(super) fn on_degraded(&mut self, by: Fallback) {
        self.degraded[by.index()] += 1;
    }

    /// The data.
    pub(super) fn close(&self) -> Observed {
        Observed {
            refused: named(Refusal::ALL, &self.refused, Refusal::name),
            waited: self.waited,
            sent: named(Origin::ALL, &self.sent, Origin::name),
            timed_out: named(Timeout::ALL, &self.timed_out, Timeout::name),
            steered: named(Detour::ALL, &self.steered, Detour::name),
            degraded: named(Fallback::ALL, &self.degraded, Fallback::name),
        }
    }
}
