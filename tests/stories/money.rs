//! Money: what one call may cost, and dear answers that go on for too long.

use squall::base::wire::Content;
use squall::policy::route::Endpoint;

use crate::pair::{A, B, C, Pair};

/// A costs 10 pico-dollars a token, b 30, c 1: an attempt of 100 and 100 tokens may cost 2000, 6000, 200.
fn pair(text: &str) -> Pair {
    let priced = |name, pico| Endpoint {
        input_pico: pico,
        output_pico: pico,
        ..Endpoint::named(name)
    };
    Pair::among(text, &[priced("a", 10), priced("b", 30), priced("c", 1)])
}

/// A limit, as a share of a dollar.
fn limited(pico: u32, more: &str) -> Pair {
    pair(&format!(
        "limit.cost-per-call = \"${:.12}\"\nretry.attempts = 4\n{more}",
        f64::from(pico) * 1e-12
    ))
}

#[test]
fn an_attempt_that_might_cost_too_much_is_refused_there_and_a_cheaper_endpoint_is_asked() {
    let mut pair = limited(2_200, "");
    pair.submit();
    pair.fail(A, 500);
    // 2000 of a may still be billed; b might cost 6000 more.
    assert_eq!(
        pair.told("refused"),
        ["0 refused cost-limit b"],
        "{:#?}",
        pair.log()
    );
    assert_eq!(pair.told("send"), ["0 send a first", "0 send c failover"]);
    pair.fail(C, 500);
    assert_eq!(pair.told("send").len(), 2, "{:#?}", pair.log());
    assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
}

#[test]
fn a_call_that_no_endpoint_serves_for_its_money_is_refused() {
    let mut pair = limited(199, "");
    pair.submit();
    assert_eq!(pair.told("refused").len(), 3);
    assert_eq!(pair.told("finish"), ["0 finish failed-refused"]);
}

#[test]
fn a_bill_takes_the_place_of_what_it_might_have_been() {
    let route = "route.failover.endpoints = [\"a\"]\nretry.backoff.constant.wait = \"1s\"";
    // Errors cost nothing: every attempt has the whole limit.
    let mut pair = limited(2_000, route);
    pair.submit();
    for n in 1..4 {
        pair.bill_newest(A, 0, 0);
        pair.fail(A, 500);
        pair.drive();
        assert_eq!(pair.told("send").len(), n + 1, "{:#?}", pair.log());
    }
    // Of 2500 the first was billed 400, of which 2100 are left, and the second 200.
    let mut pair = limited(2_500, route);
    pair.submit();
    pair.bill_newest(A, 0, 400);
    pair.fail(A, 500);
    pair.drive();
    pair.bill_newest(A, 0, 200);
    pair.fail(A, 500);
    pair.drive();
    assert_eq!(pair.told("send").len(), 2, "{:#?}", pair.log());
    assert_eq!(pair.told("refused"), ["2000 refused cost-limit a"]);
}

#[test]
fn an_observer_says_what_it_would_refuse_and_sends_it() {
    let mut pair = limited(199, "mode = \"observe\"");
    pair.submit();
    assert_eq!(pair.told("refused"), ["0 refused cost-limit a"]);
    assert_eq!(pair.told("send"), ["0 send a first"]);
}

/// What a call may cost in all: a of 2000 and b of 6000 are hedges of each other; the loser's bill counts.
#[test]
fn what_a_call_may_cost_includes_hedges_that_lost() {
    let hedged = |limit: u32| {
        pair(&format!(
            "budget.dollars = {{ limit = \"${:.12}\", scope = \"call\" }}\n\
             retry = {{ attempts = 4, backoff.constant.wait = \"1s\" }}\n\
             route.failover.endpoints = [\"a\", \"b\"]\n\
             hedge.fixed = {{ after = \"1s\", to = \"other\", max = 1 }}",
            f64::from(limit) * 1e-12
        ))
    };
    let mut pair = hedged(7_999);
    pair.submit();
    pair.pass(2_000);
    assert_eq!(pair.told("refused"), ["1000 refused budget-dollars"]);
    assert_eq!(pair.told("send").len(), 1);
    let mut pair = hedged(8_000);
    pair.submit();
    pair.pass(2_000);
    assert_eq!(pair.told("send"), ["0 send a first", "1000 send b hedge"]);
    // Both fail, and only the bills say that something is left.
    pair.fail(A, 500);
    pair.bill(0, 0);
    pair.fail(B, 500);
    pair.drive();
    assert_eq!(
        pair.told("send").last(),
        Some(&"3000 send a failover"),
        "{:#?}",
        pair.log()
    );
}

#[test]
fn the_first_attempt_is_sent_however_little_a_call_may_cost() {
    for budget in [
        "budget.dollars = { limit = \"$0.000000000001\", scope = \"call\" }",
        "budget.tokens = { limit = 1, scope = \"call\" }",
    ] {
        let mut pair = pair(&format!("{budget}\nretry.attempts = 4"));
        pair.submit();
        assert_eq!(pair.told("send"), ["0 send a first"]);
        pair.fail(A, 500);
        assert_eq!(pair.told("send").len(), 1);
        assert!(pair.told("refused")[0].contains("refused budget-"));
        assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
    }
}

/// Attempts of 200 tokens each: of 500 two fit, and a third if the bill of the first says that it used none.
#[test]
fn a_call_uses_no_more_tokens_than_its_budget() {
    let text = "budget.tokens = { limit = 500, scope = \"call\" }\nretry.attempts = 4\n\
                route.failover.endpoints = [\"a\"]\nretry.backoff.constant.wait = \"1s\"";
    for (billed, sent) in [(false, 2), (true, 3)] {
        let mut pair = pair(text);
        pair.submit();
        for _ in 0..3 {
            if pair.told("finish").is_empty() {
                pair.fail(A, 500);
                if billed && pair.told("send").len() == 1 {
                    pair.bill(0, 0);
                }
                pair.drive();
            }
        }
        assert_eq!(pair.told("send").len(), sent, "{:#?}", pair.log());
        assert_eq!(pair.told("refused").len(), 1);
        // Another call has a budget of its own.
        pair.submit();
        pair.fail(A, 500);
        pair.drive();
        assert_eq!(pair.told("send").len(), sent + 2);
    }
}

/// One call a second, of which a fails until b has answered for so many.
fn dear_for(pair: &mut Pair, seconds: u32) {
    for _ in 0..seconds {
        pair.submit();
        if pair
            .told("send")
            .last()
            .is_some_and(|line| line.contains("send a"))
        {
            pair.fail(A, 500);
        }
        pair.answer(B);
        pair.pass(1_000);
    }
}

fn costly(then: &str) -> Pair {
    pair(&format!(
        "retry.attempts = 2\nroute.failover.endpoints = [\"a\", \"b\"]\n\
         breaker.consecutive = {{ failures = 1, open = \"1h\" }}\n\
         costly-fallback = {{ after = \"10s\", more-than = 2, then = \"{then}\", for = \"5s\" }}"
    ))
}

#[test]
fn after_ten_dear_tenths_it_alerts_about_the_first_endpoint_and_starts_anew() {
    let mut pair = costly("alert");
    dear_for(&mut pair, 25);
    assert_eq!(
        pair.told("alert"),
        [
            "10000 alert costly-fallback a #10",
            "20000 alert costly-fallback a #20"
        ]
    );
}

#[test]
fn answers_that_are_not_dear_enough_do_not_count() {
    let mut pair = pair(
        "retry.attempts = 2\nroute.failover.endpoints = [\"a\", \"b\"]\n\
         costly-fallback = { after = \"10s\", more-than = 3 }",
    );
    dear_for(&mut pair, 25);
    assert_eq!(pair.told("alert"), [""; 0]);
}

#[test]
fn it_may_return_to_the_first_endpoint() {
    let mut pair = costly("return");
    dear_for(&mut pair, 11);
    assert_eq!(pair.told("close"), ["10000 close a #10"]);
    pair.submit();
    assert_eq!(pair.told("send").last(), Some(&"11000 send a first #11"));
}

#[test]
fn it_may_refuse_what_is_dear_for_a_while() {
    let mut pair = costly("refuse");
    dear_for(&mut pair, 11);
    pair.submit();
    assert_eq!(
        pair.told("finish").last(),
        Some(&"11000 finish failed-refused #11")
    );
    assert_eq!(
        pair.told("refused").last(),
        Some(&"11000 refused costly-fallback b #11")
    );
    pair.pass(4_000);
    pair.submit();
    assert_eq!(pair.told("send").last(), Some(&"15000 send b first #12"));
}

#[test]
fn a_limit_that_only_alerts_refuses_nothing_and_alerts_once_a_call() {
    let mut pair = limited(2_200, "limit.then = \"alert\"");
    pair.submit();
    for endpoint in [A, B, C, A] {
        pair.fail(endpoint, 500);
    }
    assert_eq!(pair.told("limit"), ["0 limit cost-per-call b"]);
    assert_eq!(pair.told("send").len(), 4, "{:#?}", pair.log());
    assert_eq!(pair.told("refused"), ["0 refused attempts-spent"]);
    // The next call begins anew.
    pair.submit();
    pair.fail(A, 500);
    pair.answer(B);
    assert_eq!(
        pair.told("limit").last(),
        Some(&"0 limit cost-per-call b #1")
    );
}

#[test]
fn a_limit_that_trips_refuses_the_attempt_and_opens_the_breaker_of_what_is_too_dear() {
    let mut pair = limited(2_200, "limit.then = \"trip\"\nlimit.for = \"1m\"");
    pair.submit();
    pair.fail(A, 500);
    pair.answer(C);
    let story = [
        "0 limit cost-per-call b",
        "0 trip b until 60000",
        "0 refused cost-limit b",
        "0 send c failover",
    ];
    assert_eq!(pair.log()[2..6], story, "{:#?}", pair.log());
}

#[test]
fn a_limit_that_fails_over_has_what_is_too_dear_asked_last() {
    let more = "limit.then = \"fail-over\"\nlimit.for = \"1m\"\n\
                route.failover.endpoints = [\"b\", \"a\", \"c\"]";
    let mut pair = limited(2_200, more);
    for _ in 0..2 {
        pair.submit();
        pair.answer(A);
    }
    assert_eq!(pair.told("limit"), ["0 limit cost-per-call b"]);
    assert_eq!(pair.told("refused"), ["0 refused cost-limit b"]);
    assert_eq!(pair.told("send"), ["0 send a first", "0 send a first #1"]);
    assert_eq!(pair.told("trip"), [""; 0]);
}

#[test]
fn an_observer_notes_the_limit_that_is_reached_and_the_trip_and_sends_it() {
    let more = "mode = \"observe\"\nlimit.then = \"trip\"\nlimit.for = \"1m\"";
    let mut pair = limited(199, more);
    pair.submit();
    assert_eq!(pair.told("limit"), ["0 limit cost-per-call a"]);
    assert_eq!(pair.told("refused"), ["0 refused cost-limit a"]);
    assert_eq!(pair.told("trip"), ["0 trip a until 60000"]);
    assert_eq!(pair.told("send"), ["0 send a first"]);
}

/// A call of 2000 is put off; sent once more it has what is left of the 3000, and that is too little: a call
/// of its own would have them all.
#[test]
fn a_call_that_was_put_off_goes_on_spending_where_it_was() {
    let defer = "route.failover.endpoints = [\"a\"]\n\
                 fallback.defer = { drain = \"1/s\", retry-every = \"10s\", max-age = \"1m\" }\n";
    for (billed, again) in [(2_000, 0), (900, 1)] {
        let mut pair = pair(&format!("limit.cost-per-call = \"$0.000000003\"\n{defer}"));
        pair.submit();
        pair.fail(A, 500);
        // After its end: a bill that has not come leaves it possible that something is left.
        assert_eq!(pair.told("degraded"), ["0 degraded defer"]);
        pair.bill_newest(A, 0, billed);
        pair.pass(11_000);
        assert_eq!(pair.told("submit").len(), 1, "{:#?}", pair.log());
        assert_eq!(
            pair.told("send").len(),
            1 + again,
            "billed {billed}: {:#?}",
            pair.log()
        );
    }
}

#[test]
fn a_conversation_that_has_had_its_turns_may_only_alert() {
    let mut pair = pair("limit = { turns = 1, then = \"alert\" }");
    for turn in 0..3 {
        pair.from(0, 7, turn);
        pair.submit();
        pair.answer(A);
    }
    assert_eq!(
        pair.told("limit"),
        ["0 limit turns a #1", "0 limit turns a #2"]
    );
    assert_eq!(pair.told("send").len(), 3);
}

#[test]
fn a_conversation_has_so_many_turns_and_no_more() {
    let mut pair = pair("limit.turns = 2");
    for turn in 0..4 {
        pair.from(0, 7, turn);
        pair.submit();
        if turn < 2 {
            pair.answer(A);
        }
    }
    assert_eq!(pair.told("send").len(), 2, "{:#?}", pair.log());
    assert_eq!(pair.told("finish")[2], "0 finish failed-refused #2");
    assert_eq!(pair.told("refused")[0], "0 refused turn-limit #2");
    // Another conversation begins anew, and what is in none has no turns.
    pair.from(0, 8, 1);
    pair.submit();
    pair.from(0, 0, 9);
    pair.submit();
    assert_eq!(pair.told("send").len(), 4);
}

/// What a conversation may cost goes on over its calls: also what is billed after a call is over.
#[test]
fn all_calls_of_a_conversation_cost_together_what_one_may() {
    let route = "route.failover.endpoints = [\"a\"]";
    let mut pair = pair(&format!(
        "limit.cost-per-conversation = \"$0.000000005\"\n{route}"
    ));
    let turn = |pair: &mut Pair, conversation, turn, bill| {
        pair.from(0, conversation, turn);
        pair.submit();
        let sent = pair.told("send").len();
        pair.answer(A);
        pair.bill_newest(A, 0, bill);
        sent
    };
    // Of 5000 one attempt may take 2000. The first is billed 1000, the second 1500: 2500 are left.
    assert_eq!(turn(&mut pair, 7, 0, 1000), 1);
    assert_eq!(turn(&mut pair, 7, 1, 1500), 2);
    // It may take 2000 of the 2500 and is billed 600: 1900 are left, too little for one more.
    assert_eq!(turn(&mut pair, 7, 2, 600), 3);
    pair.from(0, 7, 3);
    pair.submit();
    assert_eq!(pair.told("refused"), ["0 refused cost-limit a #3"]);
    assert_eq!(turn(&mut pair, 8, 0, 1000), 4, "another conversation");
}

const AGAIN: &str = "guard.finish-reason = { length = \"ask-again\", factor = 2 }\n\
                     on.bad-answer.fail-over = \"now\"\n";

#[test]
fn a_longer_answer_that_is_too_dear_is_asked_for_elsewhere() {
    let mut pair = limited(4_500, AGAIN);
    pair.submit();
    pair.answer_with(A, Content::Text, true);
    // Of a 2000 may be billed, and twice the length might cost 3000 there and 7000 at b.
    assert_eq!(pair.told("refused")[0], "0 refused cost-limit a");
    assert_eq!(pair.told("send"), ["0 send a first", "0 send c failover"]);
}

#[test]
fn what_a_longer_answer_might_have_cost_is_given_back_with_its_bill() {
    let route = "route.failover.endpoints = [\"a\"]";
    let mut pair = pair(&format!(
        "retry.attempts = 4\nlimit.cost-per-conversation = \"$0.000000005\"\n{AGAIN}{route}"
    ));
    for turn in 0..5 {
        pair.from(0, 7, turn);
        pair.submit();
        pair.answer_with(A, Content::Text, true);
        pair.answer(A);
        pair.bill(0, 0);
        pair.bill(0, 0);
    }
    assert_eq!(pair.told("send").len(), 10, "{:#?}", pair.log());
}
