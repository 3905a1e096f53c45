//! What a budget is told and asked.

use crate::base::wire::Request;
use crate::base::{CallId, Class, Duration, Receipt, Usage};

/// Something that happened in the process, in the order in which it happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fact {
    /// A call arrived.
    Call,
    /// A call is over.
    Over {
        /// Whether it succeeded.
        success: bool,
        /// What its newest extra attempt was taken for, if any was.
        taken: Option<Cause>,
    },
    /// A wait for an extra attempt begins, which every budget has allowed.
    WaitStarts {
        /// What the attempt is for.
        cause: Cause,
    },
    /// That wait is over: its attempt is about to be sent, or never will be.
    WaitEnds,
    /// One extra attempt is taken, which every budget has allowed.
    Taken {
        /// What it is for.
        cause: Cause,
        /// Whether it comes out of a wait that was told to start, where it may have been taken.
        waited: bool,
    },
    /// An extra attempt was sent. A policy that only observes takes and does not send.
    Sent {
        /// Which.
        receipt: Receipt,
        /// What it may cost: the estimate of its prompt and its max-tokens, in tokens.
        tokens: u64,
    },
    /// An attempt ended.
    End {
        /// Whether it was not the first of its call.
        extra: bool,
        /// How it ended.
        class: Class,
        /// Whether that is tried again as far as the class goes, or was forbidden by the server.
        retryable: bool,
        /// From sending to the end.
        took: Duration,
    },
    /// An attempt was sent, the first of its call or another. Told where a budget has the scope `call`.
    Spends {
        /// Which.
        receipt: Receipt,
        /// What it may cost: the estimate of its prompt and its max-tokens, in tokens.
        tokens: u64,
        /// The same at the prices of its endpoint, in pico-dollars; 0 if they are not known.
        pico_usd: u64,
    },
    /// A call is over. Told where a budget has the scope `call`.
    Closed {
        /// Which.
        call: CallId,
    },
    /// The bill of an attempt came; its call may be over.
    Bill {
        /// Of which attempt; number 0 is the first of its call.
        receipt: Receipt,
        /// What it says.
        usage: Usage,
    },
}

/// Some kinds of facts, a bit each: which of them a budget takes note of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts(u16);

impl Facts {
    /// [`Fact::Call`].
    pub const CALL: Facts = Facts(1);
    /// [`Fact::Over`].
    pub const OVER: Facts = Facts(1 << 1);
    /// [`Fact::WaitStarts`] and [`Fact::WaitEnds`].
    pub const WAIT: Facts = Facts(1 << 2);
    /// [`Fact::Taken`].
    pub const TAKEN: Facts = Facts(1 << 3);
    /// [`Fact::Sent`].
    pub const SENT: Facts = Facts(1 << 4);
    /// [`Fact::End`].
    pub const END: Facts = Facts(1 << 5);
    /// [`Fact::Bill`].
    pub const BILL: Facts = Facts(1 << 6);
    /// [`Fact::Spends`].
    pub const SPENDS: Facts = Facts(1 << 7);
    /// [`Fact::Closed`].
    pub const CLOSED: Facts = Facts(1 << 8);
    /// Every kind.
    pub const ALL: Facts = Facts(u16::MAX);

    /// Those of both.
    pub const fn and(self, other: Facts) -> Facts {
        Facts(self.0 | other.0)
    }

    /// Whether any is among both.
    #[inline]
    pub const fn meet(self, other: Facts) -> bool {
        self.0 & other.0 != 0
    }
}

impl Fact {
    /// Its kind alone.
    #[inline]
    pub fn kind(self) -> Facts {
        match self {
            Fact::Call => Facts::CALL,
            Fact::Over { .. } => Facts::OVER,
            Fact::WaitStarts { .. } | Fact::WaitEnds => Facts::WAIT,
            Fact::Taken { .. } => Facts::TAKEN,
            Fact::Sent { .. } => Facts::SENT,
            Fact::End { .. } => Facts::END,
            Fact::Bill { .. } => Facts::BILL,
            Fact::Spends { .. } => Facts::SPENDS,
            Fact::Closed { .. } => Facts::CLOSED,
        }
    }
}

/// What an extra attempt is for: the class of the newest failure of its call; None: a hedge before
/// any.
pub type Cause = Option<Class>;

/// What a budget is asked about: an attempt beyond the first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ask {
    /// Attempts the call made beyond its first.
    pub extra_attempts: u32,
    /// Since the call's first attempt failed; zero before any has.
    pub retrying_for: Duration,
    /// Since the call's first attempt was sent.
    pub calling_for: Duration,
    /// Whether the attempt is about to start; else it is what a failure may lead to.
    pub starts: bool,
    /// Whether it comes out of a wait that the budgets allowed.
    pub waited: bool,
    /// What it is for.
    pub cause: Cause,
    /// Attempts of the process in flight.
    pub in_flight: u64,
    /// Calls of the process that stand in line at its own quotas or limiter.
    pub in_line: u64,
    /// What other processes of the fleet had in flight or in line at the last exchange.
    pub elsewhere: u64,
    /// What it may cost, in tokens, as [`Fact::Sent`] will say.
    pub tokens: u64,
    /// Of which call, and what it may cost in pico-dollars, as [`Fact::Spends`] will say; where it is not
    /// known to which endpoint it goes, at the cheapest. Known where a budget has the scope `call`.
    pub call: Option<CallId>,
    /// See [`Self::call`].
    pub pico_usd: u64,
}

/// What an attempt may cost, in tokens: the estimate of its prompt and the longest answer it asks for.
pub fn tokens(request: &Request) -> u64 {
    u64::from(request.prompt_tokens) + u64::from(request.max_tokens)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::base::EndpointId;
    use crate::base::wire::Priority;

    /// An attempt of a call, at one endpoint.
    pub(in crate::policy::budget) fn receipt(call: u64, attempt: u16) -> Receipt {
        Receipt {
            call: CallId::new(0, call),
            endpoint: EndpointId(0),
            attempt,
            nth_at_endpoint: attempt,
            priority: Priority::Normal,
        }
    }
}
