//! Money: what a call and a conversation may cost, how many turns one may have, and dear answers that go on
//! for too long.

use std::collections::BTreeMap;

use crate::base::wire::Request;
use crate::base::{EndpointId, Instant, Receipt, Refusal, Usage};
use crate::policy::breaker::fleet::News as BreakerNews;
use crate::policy::breaker::plan::Dice;
use crate::policy::costly_fallback::{self, Then};
use crate::policy::limit;
use crate::policy::route::Endpoint;

use super::call::{Call, Try};
use super::client::Client;
use super::output::{Notice, Output};
use super::policy::Policy;

/// What a policy says of money, laid out.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// By endpoint of the scenario: the prices of a prompt and an answer token, in pico-dollars.
    prices: Vec<(u64, u64)>,
    per_call: Option<u64>,
    per_conversation: Option<u64>,
    turns: Option<u16>,
    costly: Option<costly_fallback::Config>,
    /// The endpoint that others are dear beside.
    first: EndpointId,
}

impl Plan {
    pub(super) fn new(
        limit: &limit::Config,
        costly: Option<costly_fallback::Config>,
        endpoints: &[Endpoint<'_>],
        first: EndpointId,
    ) -> Plan {
        let prices = endpoints.iter().map(|e| (e.input_pico, e.output_pico));
        Plan {
            prices: prices.collect(),
            per_call: limit.cost_per_call.map(|money| money.pico_usd),
            per_conversation: limit.cost_per_conversation.map(|money| money.pico_usd),
            turns: limit.turns,
            costly,
            first,
        }
    }

    /// Whether money has a limit.
    #[inline]
    pub(super) fn limits(&self) -> bool {
        self.per_call.is_some() || self.per_conversation.is_some()
    }

    /// Whether dear answers are counted.
    #[inline]
    pub(super) fn counts_dear(&self) -> bool {
        self.costly.is_some()
    }

    /// What an attempt may cost at most.
    fn estimate(&self, endpoint: EndpointId, prompt_tokens: u32, max_tokens: u32) -> u64 {
        let (input, output) = self.prices[usize::from(endpoint.0)];
        let prompt = input.saturating_mul(u64::from(prompt_tokens));
        prompt.saturating_add(output.saturating_mul(u64::from(max_tokens)))
    }

    fn is_dear(&self, costly: &costly_fallback::Config, endpoint: EndpointId) -> bool {
        let price = |id: EndpointId| {
            let (input, output) = self.prices[usize::from(id.0)];
            input.saturating_add(output)
        };
        costly.is_dear(price(endpoint), price(self.first))
    }
}

/// What a process has counted.
#[derive(Debug, Default)]
pub(super) struct Spending {
    /// Calls of a policy with a limit that are open or not all billed.
    calls: BTreeMap<u64, Spent>,
    /// What attempts without a bill may cost, by call and number.
    estimates: BTreeMap<(u64, u16), u64>,
    /// The conversations with the highest numbers: what they have spent.
    conversations: BTreeMap<u32, u64>,
    costly: costly_fallback::State,
    /// Until when dear endpoints are refused.
    refused_until: Instant,
}

/// What a call has spent, with estimates in place of bills that have not come.
#[derive(Clone, Copy, Debug)]
struct Spent {
    pico_usd: u64,
    conversation: u32,
    unbilled: u32,
    over: bool,
}

/// Conversations of a process that are remembered.
const MOST_CONVERSATIONS: usize = 100_000;

/// What remains if a bill takes the place of its estimate.
fn corrected(spent: u64, estimate: u64, bill: u64) -> u64 {
    spent.saturating_sub(estimate).saturating_add(bill)
}

impl Spending {
    /// A conversation spends more.
    fn add(&mut self, conversation: u32, more: u64) {
        if conversation == 0 {
            return;
        }
        let spent = self.conversations.entry(conversation).or_default();
        *spent = spent.saturating_add(more);
        if self.conversations.len() > MOST_CONVERSATIONS {
            self.conversations.pop_first();
        }
    }
}

impl Client {
    /// Whether the conversation of a call has gone on for too long.
    #[inline]
    pub(super) fn has_had_its_turns(&self, policy: &Policy, call: &Call) -> bool {
        let sender = call.request.sender;
        let turns = policy.spending.turns;
        sender.conversation > 0 && turns.is_some_and(|turns| sender.turn >= turns)
    }

    /// What forbids one more attempt of a call at an endpoint, if anything: money.
    pub(super) fn forbids(
        &self,
        policy: &Policy,
        call: &Call,
        endpoint: EndpointId,
        now: Instant,
    ) -> Option<Refusal> {
        let (plan, request) = (&policy.spending, &call.request);
        if let Some(costly) = &plan.costly
            && now < self.spending.refused_until
            && plan.is_dear(costly, endpoint)
        {
            return Some(Refusal::CostLimit);
        }
        if !plan.limits() {
            return None;
        }
        let in_conversation = request.sender.conversation > 0;
        let more = plan.estimate(endpoint, request.prompt_tokens, request.max_tokens);
        let spent = self.spending.calls.get(&call.id.word());
        let by_call = spent.map_or(0, |spent| spent.pico_usd);
        let together = &self.spending.conversations;
        let by_all = together.get(&request.sender.conversation).copied();
        let is_beyond = |most: Option<u64>, spent: u64| {
            most.is_some_and(|most| spent.saturating_add(more) > most)
        };
        let beyond = is_beyond(plan.per_call, by_call)
            || in_conversation && is_beyond(plan.per_conversation, by_all.unwrap_or(0));
        beyond.then_some(Refusal::CostLimit)
    }

    /// An attempt was sent: what it may cost is spent until its bill comes.
    pub(super) fn spend(&mut self, policy: &Policy, call: &Call, attempt: Try) {
        if !policy.spending.limits() {
            return;
        }
        let Request {
            prompt_tokens,
            max_tokens,
            sender,
            ..
        } = call.request;
        let more = policy
            .spending
            .estimate(attempt.endpoint, prompt_tokens, max_tokens);
        let fresh = Spent {
            pico_usd: 0,
            conversation: sender.conversation,
            unbilled: 0,
            over: false,
        };
        let spent = self.spending.calls.entry(call.id.word()).or_insert(fresh);
        spent.pico_usd = spent.pico_usd.saturating_add(more);
        spent.unbilled += 1;
        let key = (call.id.word(), attempt.number);
        self.spending.estimates.insert(key, more);
        self.spending.add(sender.conversation, more);
    }

    /// A bill came: it takes the place of its estimate.
    pub(super) fn spent(&mut self, policy: &Policy, receipt: Receipt, usage: Usage) {
        if !policy.spending.limits() {
            return;
        }
        let id = receipt.call.word();
        let Some(spent) = self.spending.calls.get_mut(&id) else {
            return;
        };
        let estimate = self.spending.estimates.remove(&(id, receipt.attempt));
        let estimate = estimate.unwrap_or(0);
        spent.pico_usd = corrected(spent.pico_usd, estimate, usage.pico_usd);
        spent.unbilled = spent.unbilled.saturating_sub(1);
        let (conversation, is_done) = (spent.conversation, spent.over && spent.unbilled == 0);
        if is_done {
            self.spending.calls.remove(&id);
        }
        if let Some(all) = self.spending.conversations.get_mut(&conversation) {
            *all = corrected(*all, estimate, usage.pico_usd);
        }
    }

    /// A call is over, answered by this attempt or by none.
    pub(super) fn call_is_over(
        &mut self,
        policy: &Policy,
        call: &Call,
        answered_by: Option<EndpointId>,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        if policy.spending.limits() {
            let id = call.id.word();
            match self.spending.calls.get_mut(&id) {
                Some(spent) if spent.unbilled > 0 => spent.over = true,
                _ => drop(self.spending.calls.remove(&id)),
            }
        }
        if let (Some(costly), Some(endpoint)) = (&policy.spending.costly, answered_by) {
            let dear = policy.spending.is_dear(costly, endpoint);
            if self.spending.costly.on_answer(costly, dear, now) {
                self.on_costly(policy, call, costly, now, outputs);
            }
        }
    }

    /// Most answers have been dear for too long.
    fn on_costly(
        &mut self,
        policy: &Policy,
        call: &Call,
        costly: &costly_fallback::Config,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        let first = policy.spending.first;
        outputs.push(Output::Notice(Notice::Alert {
            monitor: policy.first_monitor + policy.monitors.names().count() as u16,
            endpoint: first,
        }));
        match costly.then {
            _ if policy.observe => {}
            Then::Alert => {}
            Then::Refuse => self.spending.refused_until = now + costly.lasts,
            Then::Return => {
                let dice = Dice {
                    draws: &self.draws,
                    call: call.id.word(),
                };
                self.breakers.close(&policy.breaker, first, now, dice);
                self.tell_fleet(policy, call.id, BreakerNews::Closed(first));
                self.note_changes(policy, Some(call.id), outputs);
                self.router.forgive(0);
            }
        }
    }
}
