//! Ids: small integers that mean the same in every policy's run.
//!
//! A call's id is structured, never a global counter: the n-th call of a source keeps its id
//! whatever the policies do to the calls before it, and so keeps its draws.

use serde::{Deserialize, Serialize};

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

    /// The n-th call of a source. `n` stays below 2⁴⁸, and the source below 2¹⁵.
    pub fn new(source: u16, n: u64) -> CallId {
        debug_assert!(n < 1 << Self::N_BITS, "a source has at most 2^48 calls");
        debug_assert!(source < 1 << 15, "there are at most 2^15 sources");
        CallId(u64::from(source) << Self::N_BITS | n)
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

    /// Which call of its source this is, from zero.
    pub fn n(self) -> u64 {
        self.0 & ((1 << Self::N_BITS) - 1)
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
}
