//! What must hold after every fact; checked in debug builds, in every simulation test.

use crate::base::Instant;

use super::call::{Call, Waiting};
use super::client::Client;
use super::output::{Fact, Output};
use super::policy::Policy;

/// Asserts the invariants of the engine's contract that one fact can break.
pub(super) fn after(
    policy: &Policy,
    client: &Client,
    call: &Call,
    now: Instant,
    fact: Fact,
    outputs: &[Output],
) {
    if !cfg!(debug_assertions) {
        return;
    }
    let finishes = outputs
        .iter()
        .filter(|o| matches!(o, Output::Finish { .. }))
        .count();
    assert_eq!(
        finishes,
        usize::from(call.finished),
        "a call finishes exactly once"
    );
    let deliveries = outputs
        .iter()
        .filter(|o| matches!(o, Output::Deliver { .. }))
        .count();
    assert!(deliveries <= 1, "delivered tokens come from one attempt");
    waits(call, now, fact);
    let dispatched = outputs.iter().any(|o| matches!(o, Output::Dispatch { .. }));
    assert!(
        !dispatched || now < call.deadline,
        "nothing is sent at or after the deadline"
    );
    assert!(
        call.made <= policy.attempts,
        "attempts stay within the limit"
    );
    for &tries in &call.tries {
        assert!(
            tries <= policy.attempts_per_endpoint,
            "attempts per endpoint stay within theirs"
        );
    }
    let probes = policy.breaker.probes().unwrap_or(u32::MAX);
    assert!(
        policy.shared.breaker || client.breakers.probes_in_flight() <= probes,
        "no more probes than configured; in a fleet, as many from each process"
    );
    assert!(
        !dispatched || policy.observe || client.paced_in_flight <= u64::from(client.pace.limit()),
        "no more attempts in flight than the limiter allows"
    );
    assert!(
        call.in_flight() == 1 || !call.in_flight.iter().any(|a| a.answered),
        "an answer that waits for its verdict is alone in flight"
    );
    assert!(
        call.in_flight.is_consistent(),
        "the places of attempts are those that are marked as taken"
    );
    assert!(
        call.in_flight() as u64 <= client.in_flight(),
        "the client counts every attempt"
    );
}

/// A finished call waits for nothing; an open one waits for something to come.
fn waits(call: &Call, now: Instant, fact: Fact) {
    if call.finished {
        assert_eq!(call.in_flight(), 0, "a finished call has nothing in flight");
        assert_eq!(
            call.waiting,
            Waiting::No,
            "a finished call waits for nothing"
        );
        assert!(
            call.untold.is_none(),
            "a finished call has told its breaker everything"
        );
    } else {
        // Of two things due in one instant a signal comes first: the wake-up is still to come.
        let may_be_now = matches!(fact, Fact::Signal { .. });
        assert!(
            call.wake_at > now || may_be_now && call.wake_at == now,
            "a wake-up is later than now"
        );
        let busy = call.in_flight() > 0;
        assert!(
            busy || call.waiting != Waiting::No,
            "an open call has something to wait for"
        );
        assert!(
            !busy || call.waiting == Waiting::No,
            "a call does not wait to send while one is in flight"
        );
    }
}
