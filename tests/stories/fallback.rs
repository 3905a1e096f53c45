//! Fallbacks: what a call without an answer ends with, and what becomes of work that is put off.

use crate::pair::{A, Pair};

#[test]
fn the_best_fallback_that_can_is_given() {
    let given = |more: &str| {
        let mut pair = Pair::new(&format!("fallback.message = {{}}\n{more}"));
        pair.submit();
        pair.fail(A, 500);
        assert_eq!(pair.told("finish"), ["0 finish degraded"]);
        pair.told("degraded").join("")
    };
    let (hit, miss) = ("fallback.cached.hit = 1\n", "fallback.cached.hit = 0\n");
    let covers = "fallback.rule.covers = 1\n";
    assert_eq!(given(""), "0 degraded message");
    assert_eq!(given(miss), "0 degraded message");
    assert_eq!(given(hit), "0 degraded cached");
    assert_eq!(given(&format!("{covers}{hit}")), "0 degraded cached");
    assert_eq!(given(&format!("{covers}{miss}")), "0 degraded rule");
    assert_eq!(given("fallback.defer = {}"), "0 degraded defer");
}

#[test]
fn without_a_fallback_that_can_the_call_fails() {
    let mut pair = Pair::new("fallback.cached.hit = 0");
    pair.submit();
    pair.fail(A, 500);
    assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
}

#[test]
fn a_cache_has_answers_for_its_share_of_calls() {
    let mut pair = Pair::seeded("fallback.cached.hit = 0.3", 5);
    for _ in 0..4000 {
        pair.submit();
        pair.fail(A, 500);
    }
    // Standard deviation √(4000 · 0.3 · 0.7) = 29.
    let cached = pair.told("degraded").len();
    assert!(cached.abs_diff(1200) < 120, "seed 5: {cached}");
}

const DEFER: &str =
    "fallback.defer = { max = 2, drain = \"1/s\", retry-every = \"10s\", max-age = \"1m\" }\n";

#[test]
fn work_that_was_put_off_is_sent_as_a_call_of_its_own_when_things_are_well_again() {
    let mut pair = Pair::new(DEFER);
    pair.submit();
    pair.fail(A, 500);
    pair.submit();
    pair.fail(A, 500);
    // One alone, until one is answered.
    pair.pass(10_000);
    pair.fail(A, 500);
    pair.pass(15_000);
    pair.answer(A);
    pair.pass(5000);
    pair.answer(A);
    let story = [
        "10000 submit DeferralId(1)",
        "10000 send a first #2",
        "10000 end a server-fault #2",
        "10000 refused attempts-spent #2",
        "10000 finish failed-exhausted #2",
        "20000 submit DeferralId(2)",
        "20000 send a first #3",
        "25000 deliver a #3",
        "25000 end a ok #3",
        "25000 forget DeferralId(2) answered #3",
        "25000 finish success by a #3",
        "26000 submit DeferralId(1)",
        "26000 send a first #4",
        "30000 deliver a #4",
        "30000 end a ok #4",
        "30000 forget DeferralId(1) answered #4",
        "30000 finish success by a #4",
    ];
    let log = pair.log();
    let from = log.len() - story.len();
    assert_eq!(log[from..], story);
}

#[test]
fn a_full_queue_leaves_the_next_fallback() {
    let mut pair = Pair::new(&format!("{DEFER}fallback.message = {{}}"));
    for _ in 0..3 {
        pair.submit();
        pair.fail(A, 500);
    }
    assert_eq!(
        pair.told("degraded"),
        [
            "0 degraded defer",
            "0 degraded defer #1",
            "0 degraded message #2"
        ]
    );
    assert_eq!(
        pair.told("refused").last(),
        Some(&"0 refused deferrals-full #2")
    );
}

#[test]
fn what_is_too_old_is_forgotten() {
    let mut pair = Pair::new(DEFER).deadline(5000);
    pair.submit();
    pair.fail(A, 500);
    pair.pass(100_000);
    // Sent every 15 s, 10 s after the last ran into its deadline.
    let sent = ["10000", "25000", "40000", "55000"].map(|at| format!("{at} submit DeferralId(1)"));
    assert_eq!(pair.told("submit"), sent);
    assert_eq!(pair.told("forget"), ["60000 forget DeferralId(1) lost #4"]);
}

#[test]
fn observing_a_fallback_is_recorded_and_not_given() {
    let mut pair = Pair::new(&format!("mode = \"observe\"\n{DEFER}"));
    pair.submit();
    pair.fail(A, 500);
    assert_eq!(pair.told("would"), ["0 would degrade defer"]);
    assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
    assert!(pair.told("defer").is_empty());
}

#[test]
fn what_no_wait_mends_is_not_put_off() {
    for status in [400, 413] {
        let mut pair = Pair::new(DEFER);
        pair.submit();
        pair.fail(A, status);
        assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
    }
    let mut pair = Pair::new(&format!("{DEFER}limit.turns = 1"));
    pair.from(0, 3, 1);
    pair.submit();
    assert_eq!(pair.told("finish"), ["0 finish failed-refused"]);
}
