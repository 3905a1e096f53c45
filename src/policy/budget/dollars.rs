//! Extra attempts in money: a share of what first attempts cost.
//!
//! A first attempt deposits `share` of what it was billed, and an extra attempt, retries and hedges
//! alike, pays its bill when it comes: also a hedge that lost. A client does not know the price
//! beforehand, so what is in flight is not counted yet: many that start together may leave a debt, which
//! later ones wait out. `reserve` is there from the start, and the most that is kept; `refill` comes
//! back evenly over `per`. No library keeps such a budget; gateways that stop at a spend limit
//! (LiteLLM, Bifrost) count afterwards in the same way.
//!
//! With `scope = "call"` there is a `limit` instead: what all attempts of one call may cost together, each
//! counted as what it may cost at the price of its endpoint until its bill comes.

use serde::{Deserialize, Serialize};

use super::per_call::{self, Ledger};
use super::{Ask, Fact, Facts, Rules, Scope};
use crate::base::bucket::Bucket;
use crate::base::registry::Kind;
use crate::base::units::{Money, Ratio};
use crate::base::{Check, Duration, Instant, Refusal};

/// This kind.
pub const INFO: Kind = Kind {
    name: "dollars",
    summary: "extra attempts as a share of what first attempts cost",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Dollars for extra attempts per dollar of first attempts. Not for scope call, but for others required.
    pub share: Option<Ratio>,
    /// What is there at the start and the most that is kept. Not for scope call, but for others required.
    pub reserve: Option<Money>,
    /// What comes by itself in every `per`; absent: nothing. Not for scope call.
    pub refill: Option<Money>,
    /// What all attempts of one call may cost. Required for scope call, and for that alone.
    pub limit: Option<Money>,
    /// The time over which `refill` comes.
    #[serde(default = "hour")]
    pub per: Duration,
    /// Whose it is.
    #[serde(default)]
    pub scope: Scope,
}

fn hour() -> Duration {
    Duration::from_s(3600)
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        let others = [
            ("share", self.share.is_some()),
            ("reserve", self.reserve.is_some()),
            ("refill", self.refill.is_some()),
        ];
        let limit = self.limit.map(|limit| limit.pico_usd);
        per_call::check(self.scope, limit, others, check);
        let reserve = self.reserve.filter(|_| self.scope != Scope::Call);
        if reserve.is_some_and(|reserve| reserve.pico_usd == 0) {
            check
                .mistake("reserve", "this budget never allows a retry", "is nothing")
                .expected("such as \"$0.50\"");
        }
        if self.per.is_zero() || self.per > Duration::from_s(31 * 24 * 3600) {
            check
                .mistake("per", "an absurd time for a refill", "not above 0 to 31d")
                .expected("such as \"1h\"");
        }
    }
}

/// What is left, or what each call has spent.
#[derive(Clone, Debug)]
pub struct State {
    /// Pico-dollars.
    left: Bucket,
    calls: Ledger,
}

impl Rules for Config {
    type State = State;
    const REFUSAL: Refusal = Refusal::BudgetDollars;

    fn begin(&self) -> State {
        let pico = |money: Option<Money>| money.map_or(0, |money| money.pico_usd);
        State {
            left: Bucket::new(pico(self.reserve), pico(self.refill), self.per),
            calls: Ledger::default(),
        }
    }

    fn heeds(&self) -> Facts {
        match self.scope {
            Scope::Call => Facts::SPENDS.and(Facts::BILL).and(Facts::CLOSED),
            Scope::Process | Scope::Fleet => Facts::BILL,
        }
    }

    fn tell(&self, state: &mut State, fact: Fact, now: Instant) {
        let State { left, calls } = state;
        if self.scope == Scope::Call {
            match fact {
                Fact::Spends {
                    receipt, pico_usd, ..
                } => calls.on_sent(receipt, pico_usd),
                Fact::Bill { receipt, usage } => calls.on_bill(receipt, usage.pico_usd),
                Fact::Closed { call } => calls.on_over(call),
                _ => {}
            }
            return;
        }
        let Fact::Bill { receipt, usage } = fact else {
            return;
        };
        if receipt.attempt == 0 {
            let share = self.share.map_or(0.0, |share| share.0);
            let deposit = share * usage.pico_usd as f64;
            left.put((deposit + 0.5) as u64, now);
        } else {
            left.charge(usage.pico_usd, now);
        }
    }

    fn ask(&self, state: &mut State, ask: &Ask, now: Instant) -> bool {
        let limit = self.limit.map_or(0, |limit| limit.pico_usd);
        match self.scope {
            Scope::Call => state.calls.allows(ask, ask.pico_usd, limit),
            Scope::Process | Scope::Fleet => state.left.has(1, now),
        }
    }

    fn is_fleet(&self) -> bool {
        self.scope == Scope::Fleet
    }

    fn is_per_call(&self) -> bool {
        self.scope == Scope::Call
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::units::parse_money;
    use crate::base::wire::Priority;
    use crate::base::{CallId, EndpointId, Receipt, Usage};

    fn bill(attempt: u16, text: &str) -> Fact {
        let receipt = Receipt {
            call: CallId::new(0, 0),
            endpoint: EndpointId(0),
            attempt,
            nth_at_endpoint: attempt,
            priority: Priority::Normal,
        };
        let usage = Usage {
            pico_usd: parse_money(text).unwrap().pico_usd,
            ..Usage::default()
        };
        Fact::Bill { receipt, usage }
    }

    /// A ledger worked by hand: $1 there, $1.20 spent, 20 % of $2 earned back, then $0.30 an hour.
    #[test]
    fn a_debt_is_paid_by_first_attempts_and_by_time() {
        let config = Config {
            share: Some(Ratio(0.2)),
            reserve: Some(parse_money("$1").unwrap()),
            refill: Some(parse_money("$0.30").unwrap()),
            limit: None,
            per: hour(),
            scope: Scope::Process,
        };
        let mut left = config.begin();
        let at = |s| Instant::ZERO + Duration::from_s(s);
        let allows = |left: &mut State, s| config.ask(left, &Ask::default(), at(s));
        config.tell(&mut left, bill(1, "$0.70"), at(0));
        assert!(allows(&mut left, 0), "$0.30 are left");
        config.tell(&mut left, bill(2, "$0.80"), at(0));
        assert!(!allows(&mut left, 0), "$0.50 in debt");
        config.tell(&mut left, bill(0, "$2"), at(0));
        assert!(
            !allows(&mut left, 1199),
            "$0.10 in debt, of which $0.0999 came"
        );
        assert!(
            !allows(&mut left, 1200),
            "nothing is left and nothing is owed"
        );
        assert!(allows(&mut left, 1201));
    }
}
