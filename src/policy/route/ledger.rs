//! An attempt's end and its bill, which come in either order and say something only together.

use std::collections::BTreeMap;

use super::router::Told;
use crate::base::{CallId, Usage};

/// Names an attempt: its call, and which of its attempts it is.
pub type Which = (CallId, u16);

/// What came of an attempt whose other half is to come.
#[derive(Clone, Copy, Debug)]
enum Half {
    Ended(Told),
    Billed(Usage),
}

/// Attempts of which one half is known. Each has one end and one bill, so it is as large as what is in flight
/// or not billed yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger(BTreeMap<Which, Half>);

impl Ledger {
    /// An attempt ended; its bill, if that came before.
    pub(super) fn ended(&mut self, told: Told) -> Option<Usage> {
        match self.0.remove(&told.which) {
            Some(Half::Billed(usage)) => Some(usage),
            _ => {
                self.0.insert(told.which, Half::Ended(told));
                None
            }
        }
    }

    /// A bill came; how the attempt ended, if it has.
    pub(super) fn billed(&mut self, which: Which, usage: Usage) -> Option<Told> {
        match self.0.remove(&which) {
            Some(Half::Ended(told)) => Some(told),
            _ => {
                self.0.insert(which, Half::Billed(usage));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Class, Duration};

    #[test]
    fn an_end_and_a_bill_meet_once_in_either_order_and_nothing_is_kept() {
        let usage = |output_tokens| Usage {
            input_tokens: 1,
            output_tokens,
            pico_usd: 0,
        };
        let told = |n| Told {
            which: (CallId::new(0, n), 0),
            place: n as u8,
            took: Duration::from_ms(n),
            class: Class::Ok,
            had_begun: false,
        };
        let mut ledger = Ledger::default();
        for n in 0..10 {
            let which = told(n).which;
            if n % 3 == 0 {
                assert_eq!(ledger.ended(told(n)), None);
                let met = ledger.billed(which, usage(n));
                assert_eq!(met.map(|told| told.place), Some(n as u8));
            } else {
                assert!(ledger.billed(which, usage(n)).is_none());
                assert_eq!(ledger.ended(told(n)), Some(usage(n)));
            }
            assert!(ledger.0.is_empty());
        }
    }
}
