//! Money: what calls and conversations have spent, and dear answers that go on for too long. `limits` says
//! what follows where a limit is reached.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::wire::Request;
use crate::base::{DeferralId, Duration, EndpointId, Instant, Limit, Receipt, Usage};
use crate::policy::alarm::Then;
use crate::policy::breaker::fleet::News as BreakerNews;
use crate::policy::breaker::plan::Dice;
use crate::policy::budget;
use crate::policy::costly_fallback::{self, Then as Dear};
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
    pub(super) turns: Option<u16>,
    /// What follows where a limit is reached, and how long it lasts.
    pub(super) then: (Then, Option<Duration>),
    limits: Vec<Limit>,
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
            then: (limit.then, limit.lasts),
            limits: limit.set().collect(),
            costly,
            first,
        }
    }

    /// The limits that raise alerts.
    pub(super) fn alerting(&self) -> Vec<Limit> {
        let alerts = self.then.0.alerts();
        self.limits.iter().copied().filter(|_| alerts).collect()
    }

    /// Whether it says anything.
    pub(super) fn is_on(&self) -> bool {
        self.asks_of_money() || self.turns.is_some()
    }

    /// Whether an attempt may be refused for its price.
    #[inline]
    pub(super) fn asks_of_money(&self) -> bool {
        self.limits() || self.counts_dear()
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
    /// Calls of a policy with a limit that are open, put off or not all billed; one that is sent once more
    /// spends under the number of the original.
    calls: BTreeMap<u64, Spent>,
    /// What attempts without a bill may cost, by call and number, and under whose number.
    estimates: BTreeMap<(u64, u16), (u64, u64)>,
    /// Calls that were put off: the number they spend under.
    put_off: BTreeMap<DeferralId, u64>,
    /// The conversations with the highest numbers: what they have spent.
    conversations: BTreeMap<u32, u64>,
    /// Open calls that have raised an alert, and about what.
    pub(super) alerted: BTreeSet<(u64, Limit)>,
    costly: costly_fallback::State,
    /// Until when dear endpoints are refused.
    refused_until: Instant,
}

/// What a call has spent, with estimates in place of bills that have not come.
#[derive(Clone, Copy, Debug)]
struct Spent {
    pico_usd: u64,
    /// Of that: estimates.
    estimated: u64,
    conversation: u32,
    unbilled: u32,
    over: bool,
    put_off: bool,
}

impl Spent {
    fn of(conversation: u32) -> Spent {
        Spent {
            pico_usd: 0,
            estimated: 0,
            conversation,
            unbilled: 0,
            over: false,
            put_off: false,
        }
    }

    /// Whether nothing more is to come of it.
    fn is_done(&self) -> bool {
        self.over && !self.put_off && self.unbilled == 0
    }
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

    /// The number that a call spends under.
    fn account(&self, call: &Call) -> u64 {
        let original = call.deferral.and_then(|id| self.put_off.get(&id));
        original.copied().unwrap_or(call.id.word())
    }

    /// A call that was put off is not sent any more; whether it was one of these.
    pub(super) fn forget(&mut self, id: DeferralId) -> bool {
        let Some(account) = self.put_off.remove(&id) else {
            return false;
        };
        if let Some(spent) = self.calls.get_mut(&account) {
            (spent.over, spent.put_off) = (true, false);
            if spent.is_done() {
                self.calls.remove(&account);
            }
        }
        true
    }
}

/// Which spending counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    /// All, with what attempts without a bill may cost.
    AtMost,
    /// The call's own bills that have come: what will surely have been spent.
    AtLeast,
}

impl Policy {
    /// What one more attempt of a call may cost at an endpoint, in pico-dollars; at the cheapest of the
    /// route if it is not known where it goes.
    pub(super) fn price(&self, call: &Call, at: Option<EndpointId>) -> u64 {
        let (prompt, most) = (call.request.prompt_tokens, call.request.max_tokens);
        let price = |endpoint: EndpointId| self.spending.estimate(endpoint, prompt, most);
        let cheapest = || self.route.iter().map(|id| price(*id)).min();
        at.map(price).or_else(cheapest).unwrap_or(0)
    }
}

impl Client {
    /// Whether an endpoint is refused for a while because it is dear.
    pub(super) fn is_too_dear(&self, policy: &Policy, endpoint: EndpointId, now: Instant) -> bool {
        let plan = &policy.spending;
        plan.costly.as_ref().is_some_and(|costly| {
            now < self.spending.refused_until && plan.is_dear(costly, endpoint)
        })
    }

    /// The limit of money that one more attempt of a call at an endpoint might break.
    pub(super) fn reached(
        &self,
        policy: &Policy,
        call: &Call,
        endpoint: EndpointId,
        count: Count,
    ) -> Option<Limit> {
        let (plan, request) = (&policy.spending, &call.request);
        if !plan.limits() {
            return None;
        }
        let more = plan.estimate(endpoint, request.prompt_tokens, request.max_tokens);
        let spent = self.spending.calls.get(&self.spending.account(call));
        let uncertain = match count {
            Count::AtMost => 0,
            Count::AtLeast => spent.map_or(0, |spent| spent.estimated),
        };
        let is_beyond = |most: Option<u64>, spent: u64| {
            let spent = spent.saturating_sub(uncertain);
            most.is_some_and(|most| spent.saturating_add(more) > most)
        };
        if is_beyond(plan.per_call, spent.map_or(0, |spent| spent.pico_usd)) {
            return Some(Limit::CostPerCall);
        }
        let conversation = request.sender.conversation;
        let together = self.spending.conversations.get(&conversation).copied();
        let beyond =
            conversation > 0 && is_beyond(plan.per_conversation, together.unwrap_or_default());
        beyond.then_some(Limit::CostPerConversation)
    }

    /// An attempt was sent: what it may cost is spent until its bill comes.
    #[inline(never)]
    pub(super) fn spend(&mut self, policy: &Policy, call: &Call, attempt: Try, now: Instant) {
        if policy.budgets_per_call {
            let spends = budget::Fact::Spends {
                receipt: attempt.receipt(call.id),
                tokens: budget::fact::tokens(&call.request),
                pico_usd: policy.price(call, Some(attempt.endpoint)),
            };
            self.tell_budgets(policy, spends, now);
        }
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
        let account = self.spending.account(call);
        let fresh = Spent::of(sender.conversation);
        let spent = self.spending.calls.entry(account).or_insert(fresh);
        spent.pico_usd = spent.pico_usd.saturating_add(more);
        spent.estimated = spent.estimated.saturating_add(more);
        spent.unbilled += 1;
        let key = (call.id.word(), attempt.number);
        self.spending.estimates.insert(key, (account, more));
        self.spending.add(sender.conversation, more);
    }

    /// A bill came: it takes the place of its estimate.
    pub(super) fn spent(&mut self, policy: &Policy, receipt: Receipt, usage: Usage) {
        if !policy.spending.limits() {
            return;
        }
        let key = (receipt.call.word(), receipt.attempt);
        let Some((account, estimate)) = self.spending.estimates.remove(&key) else {
            return;
        };
        let Some(spent) = self.spending.calls.get_mut(&account) else {
            return;
        };
        spent.pico_usd = corrected(spent.pico_usd, estimate, usage.pico_usd);
        spent.estimated = spent.estimated.saturating_sub(estimate);
        spent.unbilled = spent.unbilled.saturating_sub(1);
        let (conversation, is_done) = (spent.conversation, spent.is_done());
        if is_done {
            self.spending.calls.remove(&account);
        }
        if let Some(all) = self.spending.conversations.get_mut(&conversation) {
            *all = corrected(*all, estimate, usage.pico_usd);
        }
    }

    /// A call is put off under this name: what it has spent is what it begins with when it is sent again.
    pub(super) fn keep_account(&mut self, policy: &Policy, call: &Call, id: DeferralId) {
        if policy.spending.limits() {
            let account = call.id.word();
            let fresh = Spent::of(call.request.sender.conversation);
            let spent = self.spending.calls.entry(account).or_insert(fresh);
            spent.put_off = true;
            self.spending.put_off.insert(id, account);
        }
    }

    /// A call is over, answered by this attempt or by none.
    #[inline(never)]
    pub(super) fn call_is_over(
        &mut self,
        policy: &Policy,
        call: &Call,
        answered_by: Option<EndpointId>,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        if policy.budgets_per_call {
            let closed = budget::Fact::Closed { call: call.id };
            self.tell_budgets(policy, closed, now);
        }
        if policy.spending.limits() {
            let account = self.spending.account(call);
            if let Some(spent) = self.spending.calls.get_mut(&account) {
                spent.over = true;
                if spent.is_done() {
                    self.spending.calls.remove(&account);
                }
            }
        }
        if policy.spending.then.0.alerts() {
            let call = call.id.word();
            for limit in Limit::ALL {
                self.spending.alerted.remove(&(call, *limit));
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
            Dear::Alert => {}
            Dear::Refuse => self.spending.refused_until = now + costly.lasts,
            Dear::Return => {
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
