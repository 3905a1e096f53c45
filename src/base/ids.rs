//! Ids: small integers that mean the same in every policy's run.
//!
//! A call's id is structured, never a global counter: the n-th call of a source keeps its id
//! whatever the policies do to the calls before it, and so keeps its draws.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::draw::mix;
use super::wire::Priority;

/// One `[provider.NAME]` of the scenario, by its place in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EndpointId(pub u16);

/// One client process, with its own breakers and budgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessId(pub u32);

/// One logical request: (source, n-th call of that source).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(u64);

impl CallId {
    const N_BITS: u32 = 48;

    /// Set in ids of judgements.
    const JUDGE: u64 = 1 << 63;

    /// The source of calls that are sent once more after they were put off.
    pub const DEFERRED: u16 = (1 << 15) - 1;

    /// The n-th call of a source. `n` stays below 2⁴⁸, and the source below 2¹⁵.
    pub fn new(source: u16, n: u64) -> CallId {
        debug_assert!(n < 1 << Self::N_BITS, "a source has at most 2^48 calls");
        debug_assert!(source < 1 << 15, "there are at most 2^15 sources");
        CallId(u64::from(source) << Self::N_BITS | n)
    }

    /// The call that an attempt of this call is to the next of several layers. The same attempt of the same
    /// call has the same id in every run, whatever went before it.
    ///
    /// It is the path from the original call (whose id, then the number of the attempt at each layer), mixed
    /// into 63 bits: among ten million calls of one run two share an id in one run of 180 000 (N²/2⁶⁴), and
    /// then no more than some coin flips of their clients.
    pub fn within(self, attempt: u16) -> CallId {
        let path = mix(self.0 ^ mix(u64::from(attempt) + 1));
        CallId(path & !Self::JUDGE)
    }

    /// The n-th time (from zero) that this call is sent once more after it was put off: the same in every run,
    /// whatever else was put off before. Mixed into the 48 bits of a source of its own: among a hundred thousand
    /// of one run two share an id in one run of 56 000 (N²/2⁴⁹).
    #[must_use]
    pub fn again(self, nth: u64) -> CallId {
        let path = mix(self.0 ^ mix(u64::MAX - nth));
        CallId::new(Self::DEFERRED, path & ((1 << Self::N_BITS) - 1))
    }

    /// The id as one word, for keys.
    pub fn word(self) -> u64 {
        self.0
    }

    /// What the judgements of this call's answers are known by: an id that no call has, so that their
    /// draws and bills are never those of an attempt.
    pub fn of_judge(self) -> CallId {
        CallId(self.0 | Self::JUDGE)
    }

    /// Whether it stands for the judgements of a call and not for the call.
    pub fn is_of_judge(self) -> bool {
        self.0 & Self::JUDGE != 0
    }

    /// The source; of the judgements of a call, one that no call has.
    pub fn source(self) -> u16 {
        // Sixteen bits are left.
        (self.0 >> Self::N_BITS) as u16
    }

    /// Which call of its source this is, from zero.
    pub fn n(self) -> u64 {
        self.0 & ((1 << Self::N_BITS) - 1)
    }
}

/// One call that its client has put off, counted within that client from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeferralId(NonZeroU32);

impl DeferralId {
    /// The n-th, from one; numbers wrap, and no client has 2³² put off at once.
    pub fn new(n: u32) -> DeferralId {
        DeferralId(NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN))
    }

    /// The one after it.
    pub fn next(self) -> DeferralId {
        DeferralId::new(self.0.get().wrapping_add(1))
    }
}

/// What an attempt's bill is filed under: it outlives the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Receipt {
    /// The call the attempt belongs to.
    pub call: CallId,
    /// Where it was sent.
    pub endpoint: EndpointId,
    /// Which attempt of the call it was, from zero, over all endpoints.
    pub attempt: u16,
    /// Which try at this endpoint it was, from zero: the key of the world's draws.
    pub nth_at_endpoint: u16,
    /// How much the call matters: a policy may differ by it.
    pub priority: Priority,
}
