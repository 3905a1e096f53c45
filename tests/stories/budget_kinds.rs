//! Budgets that are more than a bucket of attempts: what they hold through a wait, what they count,
//! what they give back.

use squall::base::draw::{Root, Stage};
use squall::base::wire::{Advice, Code, Priority};
use squall::base::{CallId, Draws, Duration, Ending, Instant, Receipt, Request, Signal, Usage};
use squall::engine::{Call, Client, ClientFact, Fact, Output, Policy};
use squall::policy::Config;

use crate::pair::{A, Pair};
use crate::settings::typed;

fn pair(budget: &str) -> Pair {
    Pair::new(&format!(
        "route.failover = {{ endpoints = [\"a\"] }}\n\
         retry = {{ attempts = 9, backoff.constant = {{ wait = \"1s\" }} }}\n{budget}"
    ))
}

#[test]
fn trap_20_envoy_s_slot_is_held_during_backoff() {
    let mut pair = pair("budget.concurrent = { share = 0, min = 1 }");
    pair.submit();
    pair.submit();
    pair.fail(A, 500);
    pair.fail(A, 500);
    assert_eq!(pair.told("refused"), ["0 refused budget-concurrent #1"]);
    pair.drive();
    assert_eq!(pair.told("send").last(), Some(&"1000 send a retry"));
    pair.submit();
    pair.cancel(2);
    // The slot is held by the attempt, and free when it has ended.
    pair.answer(A);
    pair.submit();
    pair.fail(A, 500);
    pair.drive();
    assert_eq!(pair.told("send").last(), Some(&"2000 send a retry #3"));
}

#[test]
fn trap_20_failsafe_asks_after_the_wait() {
    let mut pair = pair("budget.concurrent = { share = 0, min = 1, slot = \"attempt\" }");
    pair.submit();
    pair.submit();
    pair.fail(A, 500);
    pair.fail(A, 500);
    assert!(pair.told("refused").is_empty(), "both wait");
    pair.pass(1000);
    assert_eq!(
        pair.told("refused"),
        ["1000 refused budget-concurrent a #1"]
    );
}

#[test]
fn a_caller_that_goes_away_in_the_wait_gives_its_slot_back() {
    let mut pair = pair("budget.concurrent = { share = 0, min = 1 }");
    let first = pair.submit();
    pair.fail(A, 500);
    pair.cancel(first);
    pair.submit();
    pair.fail(A, 500);
    pair.drive();
    assert_eq!(pair.told("send").last(), Some(&"1000 send a retry #1"));
    assert!(pair.told("refused").is_empty());
}

#[test]
fn a_quota_is_taken_before_the_wait_and_only_the_last_cost_comes_back() {
    let mut pair = pair(
        "budget.retry-quota = { capacity = 12, cost = 5, timeout-cost = 5, throttled-cost = 5 }",
    );
    pair.submit();
    pair.submit();
    pair.submit();
    (0..3).for_each(|_| pair.fail(A, 500));
    assert_eq!(pair.told("refused"), ["0 refused budget-quota #2"]);
    pair.pass(1000);
    // 2 are left; the success returns 5, which is one more retry.
    pair.answer(A);
    pair.fail(A, 500);
    assert_eq!(pair.told("refused").len(), 1);
    pair.pass(1000);
    // It succeeds after two retries, and one of them stays lost: 2 + 5.
    pair.answer(A);
    pair.submit();
    pair.submit();
    pair.fail(A, 500);
    pair.fail(A, 500);
    assert_eq!(
        pair.told("refused").last(),
        Some(&"2000 refused budget-quota #4")
    );
}

#[test]
fn trap_19_grpc_counts_the_failure_that_is_not_retried() {
    let mut pair = Pair::new(
        "route.failover = { endpoints = [\"a\"] }\nretry.attempts = 2\n\
         budget.retry-throttle = { max-tokens = 6, ratio = 0.5 }",
    );
    // Two attempts that fail and the last of them, which no retry follows: 4 are left, then 2.
    pair.submit();
    pair.fail(A, 500);
    pair.fail(A, 500);
    assert_eq!(pair.told("refused"), ["0 refused attempts-spent"]);
    pair.submit();
    pair.fail(A, 500);
    assert_eq!(
        pair.told("refused").last(),
        Some(&"0 refused budget-throttle #1"),
        "three of six is not more than half"
    );
    pair.submit();
    pair.answer(A);
    pair.submit();
    pair.answer(A);
    pair.submit();
    pair.answer(A);
    pair.submit();
    pair.fail(A, 500);
    assert_eq!(pair.told("send").last(), Some(&"0 send a retry #5"));
}

/// Trap 17: what deposits. Originals in Finagle's, successes in tower's.
#[test]
fn trap_17_originals_or_successes_deposit() {
    for (deposit, retried) in [("per-call", true), ("per-success", false)] {
        let mut pair = pair(&format!(
            "budget.expiring-share = {{ ratio = 1, reserve = 0, deposit = \"{deposit}\" }}"
        ));
        pair.submit();
        pair.fail(A, 500);
        pair.drive();
        assert_eq!(pair.told("send").len() == 2, retried, "{deposit}");
    }
}

/// One client and one call of 100 + 100 tokens that is told what the test likes.
struct One {
    policy: Policy,
    client: Client,
    call: Call,
}

impl One {
    fn new(budget: &str) -> One {
        let config: Config = typed(&format!("retry.attempts = 99\n{budget}"));
        let policy = Policy::new(&config, &["a"]).expect("one endpoint");
        let draws = Draws::new(Root::new(1, Stage::Run, 0));
        let request = Request {
            prompt_tokens: 100,
            max_tokens: 100,
            stream: false,
            priority: Priority::Normal,
            sender: squall::base::Sender::NOBODY,
            needs: squall::base::Capabilities::NONE,
        };
        let deadline = Instant::ZERO + Duration::from_s(60);
        let mut one = One {
            client: Client::new(&policy, 1, draws),
            call: Call::new(CallId::new(0, 0), 0, request, deadline),
            policy,
        };
        assert!(one.tell(Fact::Submitted).contains("Dispatch"));
        one
    }

    fn tell(&mut self, fact: Fact) -> String {
        let mut outputs: Vec<Output> = Vec::new();
        let now = Instant(1);
        self.client
            .handle(&self.policy, &mut self.call, now, fact, &mut outputs);
        format!("{outputs:?}")
    }

    /// The newest attempt fails; what follows at once.
    fn fail(&mut self) -> String {
        let advice = Advice::default();
        let (status, code) = (500, Code::None);
        let ending = Ending::Status {
            status,
            code,
            advice,
        };
        let attempt = self.call.attempts() - 1;
        let signal = Signal::End(ending);
        self.tell(Fact::Signal { attempt, signal })
    }

    fn bill(&mut self, call: u64, attempt: u16, tokens: u64, pico_usd: u64) {
        let receipt = Receipt {
            call: CallId::new(0, call),
            endpoint: squall::base::EndpointId(A),
            attempt,
            nth_at_endpoint: attempt,
            priority: squall::base::wire::Priority::Normal,
        };
        let usage = Usage {
            input_tokens: tokens,
            output_tokens: 0,
            pico_usd,
        };
        let fact = ClientFact::Settled { receipt, usage };
        let mut outputs = Vec::new();
        self.client
            .handle_own(&self.policy, Instant(1), fact, &mut outputs);
    }
}

#[test]
fn tokens_are_reserved_when_an_attempt_is_sent_and_settled_by_its_bill() {
    let mut one = One::new("budget.tokens = { share = 0.1, reserve = 400 }");
    assert!(one.fail().contains("Dispatch"), "200 of 400 are reserved");
    one.bill(0, 1, 50, 0);
    assert!(one.fail().contains("Dispatch"), "350 were left");
    one.bill(7, 0, 490, 0);
    assert!(!one.fail().contains("Dispatch"), "199 are left of 200");
    let mut one = One::new("budget.tokens = { share = 0.1, reserve = 400 }");
    one.fail();
    one.bill(0, 1, 50, 0);
    one.fail();
    one.bill(7, 0, 500, 0);
    assert!(one.fail().contains("Dispatch"), "200 are left of 200");
}

#[test]
fn dollars_are_spent_when_the_bill_comes() {
    let mut one = One::new("budget.dollars = { share = 0.5, reserve = \"$1\" }");
    assert!(one.fail().contains("Dispatch"));
    assert!(one.fail().contains("Dispatch"), "no bill has come");
    let dollar = 1_000_000_000_000;
    one.bill(0, 1, 0, dollar);
    one.bill(7, 0, 0, dollar);
    one.bill(0, 2, 0, dollar / 2 - 1);
    assert!(one.fail().contains("Dispatch"), "one pico-dollar is left");
    one.bill(0, 3, 0, 1);
    let told = one.fail();
    assert!(told.contains("BudgetDollars"), "{told}");
}
