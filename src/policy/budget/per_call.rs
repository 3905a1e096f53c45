//! What each call may cost: the ledger of budgets with `scope = "call"`, in whatever they count.
//!
//! All attempts of a call count, the first and hedges that lost too: each as what it may cost until its bill
//! comes, then as its bill. The first attempt is always sent; one more is if it fits into what the limit
//! leaves, so no call costs more than its limit, or its first attempt if that costs more. A call that was
//! put off and is sent once more has the limit once more: `limit.cost-per-call` bounds both together.

use std::collections::BTreeMap;

use super::reservations::Reservations;
use super::{Ask, Scope};
use crate::base::{CallId, Check, Receipt};

/// Calls that are open or not all billed.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    calls: BTreeMap<CallId, Spent>,
    unbilled: Reservations,
}

/// What a call has spent, with what is expected in place of bills that have not come.
#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    amount: u64,
    unbilled: u32,
    over: bool,
}

impl Ledger {
    /// An attempt was sent that may cost so much.
    pub(super) fn on_sent(&mut self, receipt: Receipt, amount: u64) {
        let spent = self.calls.entry(receipt.call).or_default();
        spent.amount = spent.amount.saturating_add(amount);
        spent.unbilled += 1;
        self.unbilled.insert(receipt, amount);
    }

    /// Its bill came.
    pub(super) fn on_bill(&mut self, receipt: Receipt, amount: u64) {
        let expected = self.unbilled.remove(receipt);
        if let Some(spent) = self.calls.get_mut(&receipt.call) {
            let rest = spent.amount.saturating_sub(expected);
            spent.amount = rest.saturating_add(amount);
            spent.unbilled = spent.unbilled.saturating_sub(1);
            self.forget(receipt.call);
        }
    }

    /// A call sends no more attempts.
    pub(super) fn on_over(&mut self, call: CallId) {
        if let Some(spent) = self.calls.get_mut(&call) {
            spent.over = true;
            self.forget(call);
        }
    }

    fn forget(&mut self, call: CallId) {
        let done = |spent: &Spent| spent.over && spent.unbilled == 0;
        if self.calls.get(&call).is_some_and(done) {
            self.calls.remove(&call);
        }
    }

    /// Whether one more attempt that may cost so much fits. Of one whose price is not known something must
    /// be left.
    pub(super) fn allows(&self, ask: &Ask, more: u64, limit: u64) -> bool {
        let spent = ask.call.and_then(|call| self.calls.get(&call));
        let spent = spent.map_or(0, |spent| spent.amount);
        spent.saturating_add(more.max(1)) <= limit
    }
}

/// Notes settings that do not go with the scope: a call has a `limit`, all calls together have the others,
/// by key and whether it is written; the first two of them must be.
pub(super) fn check(
    scope: Scope,
    limit: Option<u64>,
    others: [(&'static str, bool); 3],
    check: &mut Check,
) {
    let scope_at = check.path("scope");
    if scope != Scope::Call {
        if limit.is_some() {
            check
                .mistake("limit", "whose limit is this?", "what one call may cost")
                .help("write scope = \"call\", or `share` and `reserve` in place of `limit`");
            return;
        }
        for (key, _) in others[..2].iter().filter(|(_, written)| !written) {
            check.mistake(key, format!("`{key}` is missing"), "how much is allowed?");
        }
        return;
    }
    if limit.is_none() {
        check
            .mistake("limit", "`limit` is missing", "how much may a call cost?")
            .also(scope_at.clone(), "each call for itself")
            .help("set `limit`: what all attempts of one call may cost together");
    }
    if limit == Some(0) {
        check.mistake("limit", "this budget never allows a retry", "is nothing");
    }
    for (key, _) in others.iter().filter(|(_, written)| *written) {
        check
            .mistake(
                key,
                format!("a call has no `{key}`"),
                "of all calls together",
            )
            .also(scope_at.clone(), "each call for itself")
            .help("write `limit` in its place, or leave out `scope`");
    }
}

#[cfg(test)]
mod tests {
    use super::super::fact::tests::receipt;
    use super::*;

    fn asked(call: u64) -> Ask {
        Ask {
            call: Some(CallId::new(0, call)),
            ..Ask::default()
        }
    }

    #[test]
    fn a_bill_takes_the_place_of_what_was_expected_and_calls_know_nothing_of_each_other() {
        let mut ledger = Ledger::default();
        ledger.on_sent(receipt(1, 0), 60);
        assert!(ledger.allows(&asked(1), 40, 100) && !ledger.allows(&asked(1), 41, 100));
        ledger.on_bill(receipt(1, 0), 10);
        ledger.on_sent(receipt(1, 1), 60);
        assert!(ledger.allows(&asked(1), 30, 100) && !ledger.allows(&asked(1), 31, 100));
        assert!(ledger.allows(&asked(2), 100, 100) && !ledger.allows(&asked(2), 101, 100));
    }

    #[test]
    fn where_no_price_is_known_something_must_be_left() {
        let mut ledger = Ledger::default();
        ledger.on_sent(receipt(1, 0), 0);
        ledger.on_bill(receipt(1, 0), 99);
        assert!(ledger.allows(&asked(1), 0, 100));
        ledger.on_bill(receipt(1, 1), 1);
        assert!(!ledger.allows(&asked(1), 0, 100));
    }

    /// In whichever order ends and bills come.
    #[test]
    fn nothing_is_kept_of_a_call_that_is_over_and_billed() {
        let mut ledger = Ledger::default();
        for call in 0..100 {
            ledger.on_sent(receipt(call, 0), 10);
            ledger.on_sent(receipt(call, 1), 10);
            ledger.on_bill(receipt(call, 1), 7);
            if call % 2 == 0 {
                ledger.on_over(CallId::new(0, call));
                ledger.on_bill(receipt(call, 0), 7);
            } else {
                ledger.on_bill(receipt(call, 0), 7);
                ledger.on_over(CallId::new(0, call));
            }
        }
        // A call that never sent anything is over as well.
        ledger.on_over(CallId::new(0, 100));
        assert!(ledger.calls.is_empty(), "{ledger:?}");
        assert_eq!(format!("{:?}", ledger.unbilled), "Reservations({})");
    }
}
