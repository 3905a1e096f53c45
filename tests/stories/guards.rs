//! Guards on answers: what is looked at before an answer is the call's, and what follows.

use squall::base::wire::Content;

use crate::pair::{A, B, Pair};

const BROKEN: Content = Content::BrokenJson;
const FENCED: Content = Content::FencedJson;

pub(crate) fn retrying(guard: &str) -> Pair {
    Pair::new(&format!(
        r#"
        route.failover = {{ endpoints = ["a", "b"] }}
        retry = {{ attempts = 4, on = ["malformed", "bad-answer"], backoff.constant = {{ wait = "1s" }} }}
        {guard}
    "#
    ))
}

#[test]
fn an_answer_that_cannot_be_read_is_malformed_and_the_next_endpoint_is_asked() {
    let mut pair = retrying("guard.schema = {}");
    pair.submit();
    pair.pass(10);
    pair.answer_with(A, BROKEN, false);
    let story = [
        "0 send a first",
        "10 guard a schema refused",
        "10 end a malformed",
        "10 send b failover",
    ];
    assert_eq!(pair.log(), story);
    pair.answer_with(B, Content::Json, false);
    assert_eq!(pair.told("finish"), ["10 finish success by b"]);
}

#[test]
fn a_fence_is_refused_unless_it_is_stripped() {
    let mut strict = retrying("guard.schema = {}");
    strict.submit();
    strict.answer_with(A, FENCED, false);
    assert_eq!(strict.told("end"), ["0 end a malformed"]);
    let mut mends = retrying("guard.schema = { repair = \"fenced\" }");
    mends.submit();
    mends.answer_with(A, FENCED, false);
    assert_eq!(mends.told("guard"), ["0 guard a schema repaired"]);
    assert_eq!(mends.told("finish"), ["0 finish success by a"]);
}

#[test]
fn a_refused_answer_that_no_class_retries_fails_the_call() {
    let mut pair = Pair::new("retry.attempts = 4\nguard.schema = {}");
    pair.submit();
    pair.answer_with(A, BROKEN, false);
    assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
    assert_eq!(pair.told("refused"), ["0 refused not-retried"]);
}

#[test]
fn refused_answers_trip_the_breaker_if_the_table_says_so() {
    let text = r#"
        route.failover = { endpoints = ["a", "b"] }
        retry.attempts = 2
        breaker.consecutive = { failures = 2, open = "30s" }
        on.bad-answer = { fail-over = "now", counts-for-breaker = COUNTS }
        guard.finish-reason = {}
    "#;
    for (counts, trips) in [("true", 1), ("false", 0)] {
        let mut pair = Pair::new(&text.replace("COUNTS", counts));
        for call in 0..2 {
            pair.submit();
            pair.answer_with(A, Content::Text, true);
            pair.answer_call(call);
        }
        assert_eq!(pair.told("trip").len(), trips, "{:#?}", pair.log());
    }
}

#[test]
fn a_streamed_answer_is_held_back_until_it_is_accepted() {
    let mut pair = retrying("guard.schema = {}");
    pair.submit();
    pair.first_token(A);
    assert_eq!(pair.told("deliver").len(), 0);
    pair.pass(900);
    pair.answer_with(A, Content::Json, false);
    let story = ["900 deliver a", "900 end a ok", "900 finish success by a"];
    assert_eq!(pair.log()[1..], story);
}

#[test]
fn what_was_held_back_and_breaks_off_can_be_retried() {
    let text = r#"
        retry = { attempts = 2, on = ["truncated"], backoff.constant = { wait = "1s" } }
        route.failover = { endpoints = ["a"] }
        guard.schema = {}
    "#;
    let mut pair = Pair::new(text);
    pair.submit();
    pair.first_token(A);
    pair.break_off(A);
    assert_eq!(pair.told("end"), ["0 end a truncated"]);
    pair.drive();
    pair.answer(A);
    assert_eq!(pair.told("finish"), ["1000 finish success by a"]);
}

#[test]
fn silence_in_an_answer_that_is_held_back_is_noticed() {
    let mut pair = retrying("guard.schema = {}\ntimeout.inactivity = \"5s\"");
    pair.submit();
    pair.pass(1_000);
    pair.first_token(A);
    pair.pass(3_000);
    pair.token();
    pair.pass(20_000);
    assert_eq!(pair.told("abort"), ["9000 abort a inactivity-timeout"]);
}

#[test]
fn a_cut_answer_is_asked_for_again_at_once_with_a_larger_limit() {
    let guard = "guard.finish-reason = { length = \"ask-again\", factor = 3, cap = 700 }";
    let mut pair = Pair::new(&format!(
        "route.failover = {{ endpoints = [\"a\"] }}\nretry.attempts = 4\n\
         retry.backoff.constant = {{ wait = \"9s\" }}\n{guard}"
    ));
    let call = pair.submit();
    let mut asked = vec![pair.asks_for(call)];
    for _ in 0..2 {
        pair.answer_with(A, Content::Text, true);
        asked.push(pair.asks_for(call));
    }
    assert_eq!(asked, [100, 300, 700]);
    assert_eq!(pair.told("send").last(), Some(&"0 send a retry"));
    // No larger limit is left, and the class is not retried.
    pair.answer_with(A, Content::Text, true);
    assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
}

#[test]
fn a_larger_limit_is_what_the_client_s_own_quota_sees() {
    let guard = "guard.finish-reason = { length = \"ask-again\" }";
    // 100 tokens of prompt and 100 of answer fill it; 100 and 200 never fit.
    let quota = "quota.tokens = { rate = \"200/s\", burst = 250, max-wait = \"60s\" }";
    let mut pair = Pair::new(&format!("retry.attempts = 3\n{guard}\n{quota}"));
    pair.submit();
    pair.answer_with(A, Content::Text, true);
    assert!(pair.told("refused")[0].contains("quota-too-small"));
    assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
}

#[test]
fn an_answer_waits_for_its_judge_and_is_delivered_when_it_passes() {
    let mut pair = retrying("guard.judge = { endpoint = \"c\" }");
    pair.submit();
    pair.pass(100);
    pair.answer(A);
    pair.pass(400);
    pair.judge(Some(false));
    let story = [
        "0 send a first",
        "100 judge c inline",
        "500 verdict a good",
        "500 deliver a",
        "500 end a ok",
        "500 finish success by a",
    ];
    assert_eq!(pair.log(), story);
}

#[test]
fn an_answer_that_its_judge_flags_has_failed() {
    let mut pair = retrying("guard.judge = { endpoint = \"c\" }");
    pair.submit();
    pair.answer(A);
    pair.pass(400);
    pair.judge(Some(true));
    let story = [
        "400 guard a judge refused",
        "400 verdict a bad",
        "400 end a bad-answer",
        "400 send b failover",
    ];
    assert_eq!(pair.log()[2..], story);
    pair.answer(B);
    pair.judge(Some(false));
    assert_eq!(pair.told("finish"), ["400 finish success by b"]);
}

#[test]
fn without_a_verdict_the_answer_passes_or_not_as_the_guard_says() {
    for (on_failure, finish) in [
        ("accept", "7 finish success by a"),
        ("refuse", "7 finish failed-exhausted"),
    ] {
        let text = format!("guard.judge = {{ endpoint = \"c\", on-failure = \"{on_failure}\" }}");
        let mut pair = Pair::new(&text);
        pair.submit();
        pair.answer(A);
        pair.pass(7);
        pair.judge(None);
        assert_eq!(pair.told("finish"), [finish]);
        assert_eq!(pair.told("verdict").len(), 0);
    }
}

#[test]
fn a_judge_that_takes_too_long_is_stopped() {
    let mut pair = Pair::new("guard.judge = { endpoint = \"c\", timeout = \"2s\" }");
    pair.submit();
    pair.pass(300);
    pair.answer(A);
    pair.pass(60_000);
    let story = [
        "300 judge c inline",
        "2300 stop judge total-timeout",
        "2300 deliver a",
        "2300 end a ok",
        "2300 finish success by a",
    ];
    assert_eq!(pair.log()[1..], story);
}

#[test]
fn the_deadline_does_not_wait_for_a_verdict_and_blames_nobody() {
    let text = "breaker.consecutive = { failures = 1, open = \"30s\" }\nguard.judge = { endpoint = \"c\" }";
    let mut pair = Pair::new(text).deadline(1_000);
    pair.submit();
    pair.pass(300);
    pair.answer(A);
    pair.pass(60_000);
    let story = [
        "300 judge c inline",
        "1000 stop judge deadline",
        "1000 end a cancelled",
        "1000 finish failed-expired",
    ];
    assert_eq!(pair.log()[1..], story);
}

#[test]
fn the_timeouts_of_an_attempt_are_over_when_it_has_answered() {
    let mut pair = retrying("timeout.total = \"1s\"\nguard.judge = { endpoint = \"c\" }");
    pair.submit();
    pair.pass(900);
    pair.answer(A);
    pair.pass(9_000);
    pair.judge(Some(false));
    assert_eq!(pair.told("finish"), ["9900 finish success by a"]);
}

#[test]
fn the_time_a_judge_takes_is_not_the_endpoint_s() {
    let text = r#"
        breaker.count-window.failures = "100%"
        breaker.count-window.slow = { after = "1s", share = "50%" }
        breaker.count-window.size = 2
        breaker.count-window.min-volume = 1
        breaker.count-window.open = "30s"
        guard.judge = { endpoint = "c" }
    "#;
    let mut pair = Pair::new(text);
    pair.submit();
    pair.pass(900);
    pair.answer(A);
    pair.pass(9_000);
    pair.judge(Some(false));
    assert_eq!(pair.told("trip").len(), 0, "{:#?}", pair.log());
    // The same time at the endpoint itself is slow.
    pair.submit();
    pair.pass(9_900);
    pair.answer_call(1);
    pair.judge(Some(false));
    assert_eq!(pair.told("trip").len(), 1, "{:#?}", pair.log());
}

#[test]
fn what_else_is_in_flight_loses_when_an_answer_goes_to_the_judge() {
    let text = r#"
        route.failover = { endpoints = ["a", "b"] }
        retry.attempts = 4
        hedge.fixed = { after = "1s", to = "other", max = 2 }
        guard.judge = { endpoint = "c" }
    "#;
    let mut pair = Pair::new(text);
    pair.submit();
    pair.pass(1_200);
    pair.answer(B);
    assert_eq!(
        pair.log()[2..],
        [
            "1200 abort a hedge-lost",
            "1200 end a cancelled",
            "1200 judge c inline"
        ]
    );
    pair.pass(10_000);
    pair.judge(Some(false));
    assert_eq!(pair.told("send").len(), 2, "no hedge while it waits");
    assert_eq!(pair.told("won"), ["11200 won"]);
    assert_eq!(pair.told("finish"), ["11200 finish success by b"]);
}

#[test]
fn beside_nobody_waits_and_the_verdict_comes_when_the_call_is_gone() {
    let mut pair = retrying("guard.judge = { endpoint = \"c\", when = \"beside\" }");
    pair.submit();
    pair.first_token(A);
    pair.pass(300);
    pair.answer(A);
    pair.pass(2_000);
    pair.judge(Some(true));
    let story = [
        "0 send a first",
        "0 deliver a",
        "300 judge c beside",
        "300 end a ok",
        "300 finish success by a",
        "2300 guard a judge alerted",
        "2300 verdict a bad",
    ];
    assert_eq!(pair.log(), story);
}

#[test]
fn a_verdict_beside_is_of_use_until_its_timeout() {
    let text = "guard.judge = { endpoint = \"c\", when = \"beside\", timeout = \"2s\" }";
    let mut pair = Pair::new(text);
    pair.submit();
    pair.pass(300);
    pair.answer(A);
    assert_eq!(pair.told("judge"), ["300 judge c beside until 2300"]);
    // One that observes an inline judge asks it beside, and waits as long as it would have.
    let text = "mode = \"observe\"\nguard.judge = { endpoint = \"c\", timeout = \"1s\" }";
    let mut pair = Pair::new(text);
    pair.submit();
    pair.answer(A);
    assert_eq!(pair.told("judge"), ["0 judge c beside until 1000"]);
}

#[test]
fn a_judge_sees_the_share_of_answers_it_is_to_see() {
    for when in ["inline", "beside"] {
        let text =
            format!("guard.judge = {{ endpoint = \"c\", when = \"{when}\", sample = \"30%\" }}");
        let mut pair = Pair::seeded(&text, 5);
        for call in 0..1000 {
            pair.submit();
            pair.answer_call(call);
            if pair.told("judge").len() > pair.told("verdict").len() {
                pair.judge(Some(false));
            }
        }
        let judged = pair.told("judge").len() as f64;
        // Five standard deviations of a binomial of a thousand.
        assert!(
            (judged - 300.0).abs() < 5.0 * 210f64.sqrt(),
            "{when}, seed 5: {judged}"
        );
        assert_eq!(pair.told("finish").len(), 1000);
    }
}

#[test]
fn no_verdict_is_bought_for_what_is_refused_already() {
    let guards = "guard.judge = { endpoint = \"c\" }\nguard.schema = {}\nguard.finish-reason = {}";
    let mut pair = retrying(guards);
    pair.submit();
    pair.answer_with(A, BROKEN, true);
    assert_eq!(pair.told("guard"), ["0 guard a finish-reason refused"]);
    assert_eq!(pair.told("judge").len(), 0);
}

#[test]
fn who_only_observes_says_what_would_follow_a_refused_answer() {
    let story = |guards: &str, content, cut| {
        let mut pair = retrying(&format!("mode = \"observe\"\n{guards}"));
        pair.submit();
        pair.first_token(A);
        pair.answer_with(A, content, cut);
        let told = |word| pair.told(word).into_iter().map(String::from);
        assert_eq!(pair.told("finish"), ["0 finish success by a"]);
        assert_eq!(pair.told("send").len(), 1);
        told("would").chain(told("refused")).collect::<Vec<_>>()
    };
    assert_eq!(
        story("guard.schema = {}", BROKEN, false),
        ["0 would failover"]
    );
    assert_eq!(story("guard.schema = {}", Content::Json, false), [""; 0]);
    let length = "guard.finish-reason = { length = \"ask-again\" }";
    assert_eq!(story(length, Content::Json, true), ["0 would retry"]);
    let spent = "retry.attempts = 1\nguard.schema = {}\nfallback.message = {}";
    let mut pair = Pair::new(&format!("mode = \"observe\"\n{spent}"));
    pair.submit();
    pair.first_token(A);
    pair.answer_with(A, BROKEN, false);
    assert_eq!(pair.told("refused"), ["0 refused not-retried"]);
    assert_eq!(pair.told("would"), ["0 would degrade message"]);
    assert_eq!(pair.told("finish"), ["0 finish success by a"]);
}

#[test]
fn who_only_observes_changes_nothing_and_asks_its_judge_beside() {
    let guards = "mode = \"observe\"\nguard.judge = { endpoint = \"c\" }\nguard.schema = {}";
    let mut pair = retrying(guards);
    pair.submit();
    pair.first_token(A);
    assert_eq!(pair.told("deliver"), ["0 deliver a"]);
    pair.answer_with(A, BROKEN, false);
    pair.judge(Some(true));
    let found = [
        "0 guard a schema would-refuse",
        "0 guard a judge would-refuse",
    ];
    assert_eq!(pair.told("guard"), found);
    assert_eq!(pair.told("finish"), ["0 finish success by a"]);
}
