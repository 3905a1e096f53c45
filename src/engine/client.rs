//! A client process: what its calls share, and the one entrance for facts.

use crate::base::wire::Signal;
use crate::base::{DeferralId, Draws, Failure, Instant, Receipt, Refusal, Usage, Verdict};
use crate::policy::breaker::set::Breakers;
use crate::policy::budget::{self, Budgets};
use crate::policy::fallback::queue::Queue;
use crate::policy::hedge;
use crate::policy::hopeless::Latencies;
use crate::policy::monitor::watch::Seen;
use crate::policy::route::router::Router;
use crate::policy::throttle::Throttles;

use super::alarm::Lasting;
use super::call::{Call, Waiting};
use super::fleet::News;
use super::forth::refused;
use super::invariants;
use super::lanes::Parked;
use super::output::{AbortReason, ClientFact, Fact, Output};
use super::pace::Pace;
use super::policy::Policy;
use super::spending::Spending;
use super::waking::next_wake;
use super::watch::Watcher;

/// The state shared by the calls of one process under one policy.
#[derive(Debug)]
pub struct Client {
    pub(super) draws: Draws,
    pub(super) breakers: Breakers,
    pub(super) budgets: Budgets,
    pub(super) throttles: Throttles,
    pub(super) latencies: Latencies,
    pub(super) pace: Pace,
    pub(super) router: Router,
    pub(super) hedger: hedge::State,
    /// What hedges alone may cost.
    pub(super) hedge_budget: Budgets,
    /// What the other processes are to hear of the fact that is handled.
    pub(super) news: Vec<News>,
    /// Attempts that other processes had in flight or in line at the last exchange.
    pub(super) elsewhere: u64,
    pub(super) watcher: Watcher,
    pub(super) spending: Spending,
    /// What alarms of guards and limits do at present.
    pub(super) lasting: Lasting,
    in_flight: u64,
    /// Of those in flight: those that these budgets and this pace are about.
    pub(super) budgeted_in_flight: u64,
    pub(super) paced_in_flight: u64,
    /// Calls that were put off.
    pub(super) deferred: Queue,
    /// The id of the next of them.
    pub(super) next_deferral: DeferralId,
    spent_pico_usd: u128,
    pub(super) wake_at: Instant,
    /// The states of other priorities, if they have their own.
    pub(super) parked: Option<Box<Parked>>,
}

impl Client {
    /// A fresh process for `endpoints` endpoints.
    pub fn new(policy: &Policy, endpoints: usize, draws: Draws) -> Client {
        match &policy.by_priority {
            None => Client::alone(policy, endpoints, draws),
            Some(by) => by.client(policy, draws, |policy, draws| {
                Client::alone(policy, endpoints, draws)
            }),
        }
    }

    /// A fresh process whose calls are all under this one policy.
    fn alone(policy: &Policy, endpoints: usize, draws: Draws) -> Client {
        Client {
            draws,
            breakers: Breakers::new(&policy.breaker, endpoints, policy.route()),
            budgets: Budgets::new(&policy.budgets),
            throttles: Throttles::new(&policy.throttle, endpoints),
            latencies: Latencies::new(policy.hopeless.as_ref(), endpoints),
            pace: Pace::new(policy),
            router: Router::new(&policy.router),
            hedger: policy
                .hedge
                .as_ref()
                .map_or(hedge::State::Stateless, hedge::State::new),
            hedge_budget: Budgets::new(&policy.hedge_budget),
            news: Vec::new(),
            elsewhere: 0,
            watcher: Watcher::new(&policy.monitors, endpoints),
            spending: Spending::default(),
            lasting: Lasting::default(),
            in_flight: 0,
            budgeted_in_flight: 0,
            paced_in_flight: 0,
            deferred: Queue::default(),
            next_deferral: DeferralId::new(1),
            spent_pico_usd: 0,
            wake_at: Instant::NEVER,
            parked: None,
        }
    }

    /// When it wants to be told [`ClientFact::Wake`].
    pub fn wake_at(&self) -> Instant {
        let at = self.wake_at.min(self.deferred.due_at());
        match &self.parked {
            None => at,
            Some(parked) => at.min(parked.wake_at()),
        }
    }

    /// Attempts of all its calls in flight.
    pub fn in_flight(&self) -> u64 {
        self.in_flight
    }

    /// What its attempts were billed so far, in pico-dollars.
    pub fn spent_pico_usd(&self) -> u128 {
        self.spent_pico_usd
    }

    /// Handles one fact of one call. `outputs` is empty before and drained after.
    pub fn handle(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        fact: Fact,
        outputs: &mut Vec<Output>,
    ) {
        debug_assert!(
            outputs.is_empty(),
            "outputs are drained before the next fact"
        );
        debug_assert!(!call.finished, "a finished call is told nothing more");
        self.news.clear();
        let policy = self.under(policy, call.request.priority);
        match fact {
            Fact::Submitted => {
                self.tell_budgets(policy, budget::Fact::Call, now);
                self.tell_hedge_budget(policy, budget::Fact::Call, now);
                if let Some(limit) = policy.timeouts.call.filter(|_| !policy.observe) {
                    call.deadline = call.deadline.min(now + limit);
                }
                if now >= call.deadline {
                    refused(outputs, Refusal::PastDeadline, None);
                    self.expire(policy, call, now, outputs);
                } else {
                    self.send_first(policy, call, now, outputs);
                }
            }
            Fact::Signal { attempt, signal } => {
                self.on_signal(policy, call, now, attempt, signal, outputs);
            }
            Fact::Wake => self.on_wake(policy, call, now, outputs),
            Fact::Heard { attempt, at } => self.on_heard(policy, call, now, (attempt, at), outputs),
            Fact::Judged { attempt, ending } => {
                self.on_judged(policy, call, now, (attempt, ending), outputs);
            }
            Fact::Cancelled => {
                self.stop_all(policy, call, now, AbortReason::Cancelled, outputs);
                let verdict = Verdict::Failed(Failure::Cancelled);
                self.finish(policy, call, now, verdict, outputs);
            }
        }
        call.wake_at = if call.finished {
            Instant::NEVER
        } else {
            next_wake(policy, call)
        };
        if policy.is_paced() {
            self.serve_line(policy, now, outputs);
        }
        invariants::after(policy, self, call, now, fact, outputs);
    }

    /// Handles one fact of the client itself.
    pub fn handle_own(
        &mut self,
        policy: &Policy,
        now: Instant,
        fact: ClientFact,
        outputs: &mut Vec<Output>,
    ) {
        debug_assert!(
            outputs.is_empty(),
            "outputs are drained before the next fact"
        );
        self.news.clear();
        match fact {
            ClientFact::Settled { receipt, usage } => {
                let policy = self.under(policy, receipt.priority);
                self.spent_pico_usd += u128::from(usage.pico_usd);
                // What a judge is paid was asked of nobody.
                if policy.heeds_bills && !receipt.call.is_of_judge() {
                    self.on_bill(policy, (receipt, usage), now, outputs);
                }
            }
            ClientFact::Judged { answer, ending } => {
                let policy = self.under(policy, answer.priority);
                self.on_judged_beside(policy, (answer, ending), now, outputs);
            }
            ClientFact::Status { endpoint, trouble } => self.each_lane(policy, |client, policy| {
                let place = policy.route.iter().position(|id| *id == endpoint);
                // One that observes changes no route.
                if let Some(place) = place.filter(|_| !policy.observe) {
                    client.router.on_page(place as u8, trouble);
                }
            }),
            ClientFact::Wake => self.each_lane(policy, |client, policy| {
                client.serve_line(policy, now, outputs);
                client.send_deferred(policy, now, outputs);
            }),
        }
    }

    /// The bill of an attempt came, and somebody takes note of it.
    #[inline(never)]
    fn on_bill(
        &mut self,
        policy: &Policy,
        (receipt, usage): (Receipt, Usage),
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        self.tell_budgets(policy, budget::Fact::Bill { receipt, usage }, now);
        self.spent(policy, receipt, usage);
        self.learn_bill(policy, receipt, usage, now);
        self.observe(policy, receipt, Seen::Billed(usage), now, outputs);
        if policy.quotas_settle {
            let taken = self.pace.settle(policy, receipt, usage, now);
            let taken = taken.filter(|_| policy.shared.quotas);
            self.news
                .extend(taken.map(|taken| News::Settled { taken, usage }));
            self.serve_line(policy, now, outputs);
        }
    }

    fn on_signal(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        attempt: u16,
        signal: Signal,
        outputs: &mut Vec<Output>,
    ) {
        // An attempt that was aborted has nothing more to say.
        let Some(slot) = call.in_flight.place_of(attempt) else {
            return;
        };
        match signal {
            // A whole answer is delivered at its end, however it comes over the wire.
            Signal::FirstToken if !call.request.stream => {}
            Signal::FirstToken => {
                self.learn_first_token(policy, call, now, slot);
                self.on_first_token(policy, call, now, slot, outputs);
            }
            Signal::End(ending) => self.on_end(policy, call, now, slot, ending, outputs),
        }
    }

    /// The deadline has come.
    pub(super) fn expire(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        self.stop_all(policy, call, now, AbortReason::Deadline, outputs);
        let verdict = self.degraded_or(policy, call, now, Failure::Expired, outputs);
        self.finish(policy, call, now, verdict, outputs);
    }

    /// Ends the call. Nothing is in flight.
    pub(super) fn finish(
        &mut self,
        policy: &Policy,
        call: &mut Call,
        now: Instant,
        verdict: Verdict,
        outputs: &mut Vec<Output>,
    ) {
        self.tell_untold(policy, call, now, outputs);
        self.leave_line(call, now);
        call.waiting = Waiting::No;
        self.end_wait_in_budget(policy, call, now);
        let success = verdict == Verdict::Success;
        let taken = call.taken;
        let over = budget::Fact::Over { success, taken };
        self.tell_budgets(policy, over, now);
        self.tell_hedge_budget(policy, over, now);
        if let Some(id) = call.deferral {
            self.end_deferred(policy, id, success, now, outputs);
        }
        call.finished = true;
        let answered_by = call.committed.filter(|_| verdict == Verdict::Success);
        if policy.counts_calls {
            let endpoint = answered_by.map(|which| which.endpoint);
            self.call_is_over(policy, call, endpoint, now, outputs);
        }
        let answered_by = answered_by.map(|which| which.receipt(call.id));
        outputs.push(Output::Finish {
            verdict,
            answered_by,
        });
    }

    pub(super) fn leave_line(&mut self, call: &mut Call, now: Instant) {
        if let Waiting::InLine { ticket, since, .. } = call.waiting {
            self.pace.leave(ticket);
            call.queue_wait += now.since(since);
            call.waiting = Waiting::No;
        }
    }

    pub(super) fn serve_line(&mut self, policy: &Policy, now: Instant, outputs: &mut Vec<Output>) {
        let (next, wake_at) = self.pace.serve(policy, now, self.paced_in_flight);
        outputs.extend(next.map(|slot| Output::Ready { slot }));
        self.wake_at = wake_at;
    }

    pub(super) fn count_in_flight(&mut self, more: bool) {
        let all = [
            &mut self.in_flight,
            &mut self.budgeted_in_flight,
            &mut self.paced_in_flight,
        ];
        for count in all {
            *count = if more { *count + 1 } else { *count - 1 };
        }
    }
}
