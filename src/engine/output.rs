//! What a driver tells an engine, and what it is told to do.

use crate::base::wire::{Ending, Request, Signal};
use crate::base::{
    Class, DeferralId, Detour, EndpointId, Fallback, Guard, Instant, Limit, Measure, Origin,
    Receipt, Refusal, Timeout, Usage, Verdict,
};

pub use crate::policy::breaker::answer::Opening;

/// A fact about one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The call arrived: the first fact, once.
    Submitted,
    /// Something was heard of an attempt in flight.
    Signal {
        /// The attempt, by its number within the call.
        attempt: u16,
        /// What was heard.
        signal: Signal,
    },
    /// The time of [`super::Call::wake_at`] has come, or the call was told `Ready`.
    Wake,
    /// The answer to [`Output::Listen`], at the same instant.
    Heard {
        /// The attempt, by its number within the call.
        attempt: u16,
        /// When its newest token came; None: it is not even connected.
        at: Option<Instant>,
    },
    /// The judge of an answer that waits for its verdict ([`Output::Judge`]) has ended its own.
    Judged {
        /// The attempt whose answer it is, by its number within the call.
        attempt: u16,
        /// How the judge's request ended.
        ending: Ending,
    },
    /// The caller went away.
    Cancelled,
}

/// A fact about a client, valid after its call is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientFact {
    /// The bill of an attempt.
    Settled {
        /// Which attempt.
        receipt: Receipt,
        /// What it used.
        usage: Usage,
    },
    /// The judge of an answer that nobody waits with ([`Output::Judge`]) has ended its own.
    Judged {
        /// The attempt whose answer it is.
        answer: Receipt,
        /// How the judge's request ended.
        ending: Ending,
    },
    /// The status page of a provider has changed.
    Status {
        /// Whose.
        endpoint: EndpointId,
        /// Whether it says that there is trouble.
        trouble: bool,
    },
    /// The time of [`super::Client::wake_at`] has come.
    Wake,
}

/// Something to do, or to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send an attempt.
    Dispatch {
        /// Which attempt, to which endpoint.
        receipt: Receipt,
        /// Why.
        origin: Origin,
        /// Whether a half-open breaker is being tried with it.
        probe: bool,
    },
    /// Stop an attempt, or a judgement: close its connection.
    Abort {
        /// Which attempt.
        receipt: Receipt,
        /// Why.
        reason: AbortReason,
    },
    /// Show the answer of an attempt to the judge: send [`super::Policy::judge_request`]. How that ends
    /// is told as [`Fact::Judged`] or [`ClientFact::Judged`], unless it is stopped with
    /// [`Output::Abort`]; its bill as [`ClientFact::Settled`].
    Judge {
        /// The judge's endpoint and what its bill is filed under; `attempt` is that of the answer.
        receipt: Receipt,
        /// The length of the answer, in tokens.
        answer_tokens: u32,
        /// Whether the answer waits for the verdict.
        inline: bool,
        /// If it does not: when a verdict is of no use any more. Who has none by then closes the connection
        /// and tells nothing; the bill is told all the same. [`Instant::NEVER`] if there is no such time,
        /// or the answer waits.
        until: Instant,
    },
    /// From here on this attempt's answer is the call's. Once per call at most.
    Deliver {
        /// Which attempt.
        receipt: Receipt,
    },
    /// Tell when the newest token of this attempt came: [`Fact::Heard`], now. Its answer has begun
    /// and may have fallen silent, or it may not be connected yet. Tokens and connections are no facts:
    /// nearly all of them would change nothing.
    Listen {
        /// Which attempt.
        receipt: Receipt,
    },
    /// Embed the answer of this attempt and tell what comes of it through [`super::Client::observe`], at
    /// any time. It comes before the attempt's `Ended`.
    Embed {
        /// Which attempt.
        receipt: Receipt,
        /// The numbers wanted.
        dimensions: u16,
    },
    /// A waiting call has its turn: tell it `Wake`, now.
    Ready {
        /// The driver's own number of the call.
        slot: u32,
    },
    /// An attempt ended, as the client understands it. Once per attempt.
    Ended {
        /// Which attempt.
        receipt: Receipt,
        /// How.
        class: Class,
    },
    /// The call ends as degraded and its work is put off: keep what it takes to submit it again.
    Defer {
        /// Its name from now on.
        id: DeferralId,
    },
    /// Submit a call that was put off, now: as [`super::Call::again`] with an id of its own.
    Submit {
        /// Which.
        id: DeferralId,
        /// What it asks for.
        request: Request,
    },
    /// A call that was put off is not sent any more.
    Forget {
        /// Which.
        id: DeferralId,
        /// Whether it was answered in the end; else it became too old.
        answered: bool,
    },
    /// The call is over. Once, last.
    Finish {
        /// How it ended.
        verdict: Verdict,
        /// Whose answer it was.
        answered_by: Option<Receipt>,
    },
    /// Nothing to do: something a record may want to keep.
    Notice(Notice),
}

/// Why an attempt is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbortReason {
    /// Another attempt answered first.
    HedgeLost,
    /// No connection in time.
    ConnectTimeout,
    /// No first token, or no headers, in time.
    FirstTokenTimeout,
    /// No further token in time.
    InactivityTimeout,
    /// No end in time.
    TotalTimeout,
    /// The call's deadline came.
    Deadline,
    /// The caller went away.
    Cancelled,
}

/// Something a record may want to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A breaker opened, or is open until another instant than it was.
    BreakerTripped {
        /// For which endpoint.
        endpoint: EndpointId,
        /// Until when at least.
        until: Instant,
        /// What of it is new.
        opening: Opening,
    },
    /// A breaker closed again.
    BreakerClosed {
        /// For which endpoint.
        endpoint: EndpointId,
    },
    /// Nothing was sent.
    Refused {
        /// Why.
        refusal: Refusal,
        /// Where to, if it is about one endpoint.
        endpoint: Option<EndpointId>,
    },
    /// A drift monitor raised an alarm.
    Alert {
        /// Its place in [`super::Policy::monitors`].
        monitor: u16,
        /// What it watched.
        endpoint: EndpointId,
    },
    /// A call has reached a limit, which raises an alert: once per call and limit.
    LimitReached {
        /// Which.
        limit: Limit,
        /// Where the attempt would have gone; of turns the first endpoint of the route.
        endpoint: EndpointId,
    },
    /// A hedge answered first.
    HedgeWon,
    /// A fallback was given: the call ends as degraded.
    Degraded {
        /// Which.
        by: Fallback,
    },
    /// Observing: here a fallback would have been given.
    WouldDegrade {
        /// Which.
        by: Fallback,
    },
    /// A guard found something about an answer.
    Guarded {
        /// Whose answer.
        receipt: Receipt,
        /// Which guard.
        guard: Guard,
        /// What it did.
        measure: Measure,
    },
    /// A judge gave its verdict on an answer.
    Judged {
        /// Where the answer came from.
        endpoint: EndpointId,
        /// Whether it found fault with it.
        bad: bool,
    },
    /// Observing: here the policy would have sent another attempt.
    WouldSend {
        /// Why.
        origin: Origin,
    },
    /// Observing: here the attempt would have stood in the client's own line.
    WouldWait,
    /// Observing: here the attempt would have been aborted.
    WouldTimeOut {
        /// By which timeout.
        timeout: Timeout,
    },
    /// Observing: the call would have been sent to another endpoint, or by an alarm all calls for a while.
    WouldSteer {
        /// Why.
        detour: Detour,
    },
}
