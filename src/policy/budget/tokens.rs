//! Extra attempts in tokens: a share of what first attempts used.
//!
//! A budget that counts attempts takes a retry of ten thousand tokens for one of ten. Here a first
//! attempt deposits `share` of the tokens it was billed for, and an extra attempt, retries and hedges
//! alike, reserves its prompt and its max-tokens when it is sent and pays what it was billed for when its
//! bill comes: also a hedge that lost, which providers bill as well. So extra attempts stay at `share` of
//! the tokens, whatever their sizes.
//!
//! `reserve` tokens are there from the start, and the most that are kept: an attempt that may need more
//! is never allowed. `refill` brings tokens by itself. With `scope = "call"` there is a `limit` instead: what
//! all attempts of one call may use together. A policy that observes sends no extra attempts
//! and spends none of it. No library keeps such a budget; the closed form is that of `share`.

use serde::{Deserialize, Serialize};

use super::per_call::{self, Ledger};
use super::reservations::Reservations;
use super::{Ask, Fact, Facts, Rules, Scope};
use crate::base::bucket::Bucket;
use crate::base::registry::Kind;
use crate::base::units::{Rate, Ratio};
use crate::base::{Check, Duration, Instant, Refusal, Usage};

/// This kind.
pub const INFO: Kind = Kind {
    name: "tokens",
    summary: "extra attempts as a share of the tokens of first attempts",
};

/// Settings.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Tokens for extra attempts per token of first attempts. Not for scope call, but for others required.
    pub share: Option<Ratio>,
    /// Tokens at the start and the most that are kept, 1 to 10¹². Not for scope call, but for others required.
    pub reserve: Option<u64>,
    /// Tokens that come by themselves; absent: none. Not for scope call.
    pub refill: Option<Rate>,
    /// Tokens of all attempts of one call. Required for scope call, and for that alone.
    pub limit: Option<u64>,
    /// Whose it is.
    pub scope: Scope,
}

/// Millionths of a token: deposits are fractions.
const MICRO: u64 = 1_000_000;

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        let others = [
            ("share", self.share.is_some()),
            ("reserve", self.reserve.is_some()),
            ("refill", self.refill.is_some()),
        ];
        per_call::check(self.scope, self.limit, others, check);
        let reserve = self.reserve.filter(|_| self.scope != Scope::Call);
        if reserve.is_some_and(|reserve| !(1..=1_000_000_000_000).contains(&reserve)) {
            check
                .mistake("reserve", "no such store of tokens", "not 1 to 10^12")
                .help("what one extra attempt may need must fit in: its prompt and its max-tokens");
        }
    }
}

/// What is left, and what is reserved of what was there.
#[derive(Clone, Debug)]
pub struct State {
    left: Bucket,
    reserved: Reservations,
    calls: Ledger,
}

impl Rules for Config {
    type State = State;
    const REFUSAL: Refusal = Refusal::BudgetTokens;

    fn begin(&self) -> State {
        let (refill, per) = self
            .refill
            .map_or((0, Duration::from_s(1)), |rate| (rate.micro, rate.per));
        State {
            left: Bucket::new(self.reserve.unwrap_or(0).saturating_mul(MICRO), refill, per),
            reserved: Reservations::default(),
            calls: Ledger::default(),
        }
    }

    fn heeds(&self) -> Facts {
        match self.scope {
            Scope::Call => Facts::SPENDS.and(Facts::BILL).and(Facts::CLOSED),
            Scope::Process | Scope::Fleet => Facts::SENT.and(Facts::BILL),
        }
    }

    fn tell(&self, state: &mut State, fact: Fact, now: Instant) {
        if self.scope == Scope::Call {
            match fact {
                Fact::Spends {
                    receipt, tokens, ..
                } => state.calls.on_sent(receipt, tokens),
                Fact::Bill { receipt, usage } => state.calls.on_bill(receipt, used(usage)),
                Fact::Closed { call } => state.calls.on_over(call),
                _ => {}
            }
            return;
        }
        match fact {
            Fact::Sent { receipt, tokens } => {
                state.left.charge(tokens * MICRO, now);
                state.reserved.insert(receipt, tokens);
            }
            Fact::Bill { receipt, usage } => {
                let used = used(usage);
                if receipt.attempt == 0 {
                    let share = self.share.map_or(0.0, |share| share.0);
                    let deposit = share * used as f64 * MICRO as f64;
                    state.left.put((deposit + 0.5) as u64, now);
                    return;
                }
                let reserved = state.reserved.remove(receipt);
                state.left.charge(used * MICRO, now);
                state.left.put(reserved * MICRO, now);
            }
            _ => {}
        }
    }

    fn ask(&self, state: &mut State, ask: &Ask, now: Instant) -> bool {
        match self.scope {
            Scope::Call => state.calls.allows(ask, ask.tokens, self.limit.unwrap_or(0)),
            Scope::Process | Scope::Fleet => state.left.has(ask.tokens * MICRO, now),
        }
    }

    fn is_fleet(&self) -> bool {
        self.scope == Scope::Fleet
    }

    fn is_per_call(&self) -> bool {
        self.scope == Scope::Call
    }
}

fn used(usage: Usage) -> u64 {
    usage.input_tokens + usage.output_tokens
}

#[cfg(test)]
mod tests {
    use super::super::fact::tests::receipt;
    use super::*;
    use crate::base::draw::Stage;
    use crate::base::{Draws, Purpose, Receipt, Root};

    fn bill(receipt: Receipt, tokens: u64) -> Fact {
        let usage = Usage {
            input_tokens: tokens / 2,
            output_tokens: tokens - tokens / 2,
            pico_usd: 0,
        };
        Fact::Bill { receipt, usage }
    }

    /// Against a sum of all that was deposited, reserved and billed, with bills that come late and in
    /// another order. Seed 94; sizes differ a hundredfold.
    #[test]
    fn extra_attempts_stay_at_their_share_of_the_tokens() {
        let config = Config {
            share: Some(Ratio(0.1)),
            reserve: Some(20_000),
            ..Config::default()
        };
        let draws = Draws::new(Root::new(94, Stage::Run, 0));
        let mut state = config.begin();
        let (mut left, mut first, mut extra) = (20_000.0f64, 0.0, 0.0);
        let mut unpaid: Vec<(Receipt, u64, u64)> = Vec::new();
        for call in 0..5000 {
            let u = draws.unit(Purpose::Probe, 0, call);
            let (estimate, used) = (100 + (u * 10_000.0) as u64, 50 + (u * 7000.0) as u64);
            config.tell(&mut state, bill(receipt(call, 0), used), Instant::ZERO);
            first += used as f64;
            left = (left + 0.1 * used as f64).min(20_000.0);
            let ask = Ask {
                tokens: estimate,
                ..Ask::default()
            };
            let allowed = config.ask(&mut state, &ask, Instant::ZERO);
            assert_eq!(allowed, left + 1e-3 >= estimate as f64, "call {call}");
            if allowed {
                let receipt = receipt(call, 1);
                let tokens = estimate;
                config.tell(&mut state, Fact::Sent { receipt, tokens }, Instant::ZERO);
                left -= estimate as f64;
                unpaid.push((receipt, estimate, used));
            }
            if call % 3 == 0 && !unpaid.is_empty() {
                let (receipt, estimate, used) = unpaid.swap_remove(call as usize % unpaid.len());
                config.tell(&mut state, bill(receipt, used), Instant::ZERO);
                left = (left + estimate as f64 - used as f64).min(20_000.0);
                extra += used as f64;
            }
        }
        let share = extra / first;
        assert!((0.09..0.1 + 20_000.0 / first).contains(&share), "{share}");
    }
}
