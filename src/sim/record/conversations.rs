//! What each conversation costs.
//!
//! It counts in the scopes of its first call, with all of its calls that arrive before the end of the run, as
//! money does in all metrics of cost. What began before the warm-up was over is none of those that began.

use std::collections::BTreeMap;

use crate::base::Sender;

/// The conversations that count, by their number: the scopes of the first call, and pico-dollars so far.
#[derive(Debug, Default)]
pub(super) struct Conversations {
    costs: BTreeMap<u32, (u64, u128)>,
}

impl Conversations {
    /// A call is submitted that counts in these scopes: the conversation that is to be told of its bills, 0 if
    /// none is.
    pub(super) fn on_submit(&mut self, scopes: u64, sender: Sender) -> u32 {
        if scopes == 0 || sender.conversation == 0 {
            return 0;
        }
        if sender.turn == 0 {
            self.costs.entry(sender.conversation).or_insert((scopes, 0));
        }
        sender.conversation
    }

    /// A bill of an attempt or a judgement came.
    pub(super) fn on_bill(&mut self, conversation: u32, pico_usd: u64) {
        if conversation == 0 {
            return;
        }
        if let Some((_, sum)) = self.costs.get_mut(&conversation) {
            *sum += u128::from(pico_usd);
        }
    }

    /// The scopes of each, and what it cost.
    pub(super) fn into_costs(self) -> impl Iterator<Item = (u64, u128)> {
        self.costs.into_values()
    }
}
