//! Money: what one call may cost, and dear answers that go on for too long.

use std::collections::BTreeMap;

use crate::base::wire::Request;
use crate::base::{EndpointId, Instant, Receipt, Usage};
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
            costly,
            first,
        }
    }

    /// Whether calls have a limit.
    #[inline]
    pub(super) fn limits(&self) -> bool {
        self.per_call.is_some()
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
    /// Open calls of a policy with a limit.
    open: BTreeMap<u64, Spent>,
    costly: costly_fallback::State,
    /// Until when dear endpoints are refused.
    refused_until: Instant,
}

/// What an open call has spent, with estimates in place of bills that have not come.
#[derive(Clone, Copy, Debug)]
struct Spent {
    pico_usd: u64,
    prompt_tokens: u32,
    max_tokens: u32,
}

impl Client {
    /// Whether money allows one more attempt of a call at an endpoint.
    pub(super) fn affords(
        &self,
        policy: &Policy,
        call: &Call,
        endpoint: EndpointId,
        now: Instant,
    ) -> bool {
        let plan = &policy.spending;
        if let Some(costly) = &plan.costly
            && now < self.spending.refused_until
            && plan.is_dear(costly, endpoint)
        {
            return false;
        }
        let Some(most) = plan.per_call else {
            return true;
        };
        let Request {
            prompt_tokens,
            max_tokens,
            ..
        } = call.request;
        let spent = self.spending.open.get(&call.id.word());
        let spent = spent.map_or(0, |spent| spent.pico_usd);
        spent.saturating_add(plan.estimate(endpoint, prompt_tokens, max_tokens)) <= most
    }

    /// An attempt was sent: what it may cost is spent until its bill comes.
    pub(super) fn spend(&mut self, policy: &Policy, call: &Call, attempt: Try) {
        if !policy.spending.limits() {
            return;
        }
        let Request {
            prompt_tokens,
            max_tokens,
            ..
        } = call.request;
        let more = policy
            .spending
            .estimate(attempt.endpoint, prompt_tokens, max_tokens);
        let fresh = Spent {
            pico_usd: 0,
            prompt_tokens,
            max_tokens,
        };
        let spent = self.spending.open.entry(call.id.word()).or_insert(fresh);
        spent.pico_usd = spent.pico_usd.saturating_add(more);
    }

    /// A bill came: it takes the place of its estimate, if its call is open.
    pub(super) fn spent(&mut self, policy: &Policy, receipt: Receipt, usage: Usage) {
        if !policy.spending.limits() {
            return;
        }
        if let Some(spent) = self.spending.open.get_mut(&receipt.call.word()) {
            let (prompt, max) = (spent.prompt_tokens, spent.max_tokens);
            let estimate = policy.spending.estimate(receipt.endpoint, prompt, max);
            let others = spent.pico_usd.saturating_sub(estimate);
            spent.pico_usd = others.saturating_add(usage.pico_usd);
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
            self.spending.open.remove(&call.id.word());
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
