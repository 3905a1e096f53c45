//! What extra attempts are expected to cost until their bills come.

use std::collections::BTreeMap;

use crate::base::{CallId, Receipt};

/// By attempt; as many as there are extra attempts whose bills have not come.
#[derive(Clone, Debug, Default)]
pub(super) struct Reservations(BTreeMap<(CallId, u16), u64>);

impl Reservations {
    /// An attempt was sent that may cost so much.
    pub(super) fn insert(&mut self, receipt: Receipt, amount: u64) {
        self.0.insert((receipt.call, receipt.attempt), amount);
    }

    /// Its bill came.
    pub(super) fn remove(&mut self, receipt: Receipt) -> u64 {
        let reserved = self.0.remove(&(receipt.call, receipt.attempt));
        reserved.unwrap_or(0)
    }
}
