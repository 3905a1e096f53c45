//! Guards that raise alerts and let answers pass: what follows at the endpoint, and for how long.

use squall::base::wire::Content;

use crate::guards::retrying;
use crate::pair::{A, Pair};

const BROKEN: Content = Content::BrokenJson;

#[test]
fn a_guard_that_only_alerts_lets_everything_pass_and_holds_nothing_back() {
    let guards = "guard.schema = { then = \"alert\" }\nguard.finish-reason = { then = \"alert\" }";
    let mut pair = retrying(guards);
    pair.submit();
    pair.first_token(A);
    assert_eq!(pair.told("deliver"), ["0 deliver a"]);
    pair.pass(500);
    pair.answer_with(A, BROKEN, true);
    let found = [
        "500 guard a finish-reason alerted",
        "500 guard a schema alerted",
    ];
    assert_eq!(pair.told("guard"), found);
    assert_eq!(pair.told("finish"), ["500 finish success by a"]);
}

/// One call after the other a second apart, whose answers from a cannot be read; b's can.
fn broken_answers(pair: &mut Pair, calls: u32) -> Vec<String> {
    for call in 0..calls {
        pair.submit();
        let sent = pair.told("send").last().map(|line| line.contains(" a "));
        match sent {
            Some(true) => pair.answer_with(A, BROKEN, false),
            _ => pair.answer_call(call),
        }
        pair.pass(1_000);
    }
    let sent = pair.told("send").into_iter();
    sent.map(|line| line.split(' ').nth(2).unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn a_guard_that_trips_opens_the_breaker_for_its_time_and_not_longer_with_each_bad_answer() {
    let mut pair = Pair::new(
        "route.failover.endpoints = [\"a\", \"b\"]\n\
         guard.schema = { then = \"trip\", for = \"3s\" }",
    );
    let sent = broken_answers(&mut pair, 8);
    assert_eq!(sent, ["a", "b", "b", "a", "b", "b", "a", "b"]);
    let trips = [
        "0 trip a until 3000",
        "3000 trip a until 6000 #3",
        "6000 trip a until 9000 #6",
    ];
    assert_eq!(pair.told("trip"), trips);
    // Each bad answer is an alert, and none was refused.
    let found = [
        "0 guard a schema alerted",
        "3000 guard a schema alerted #3",
        "6000 guard a schema alerted #6",
    ];
    assert_eq!(pair.told("guard"), found);
    assert_eq!(pair.told("finish").len(), 8);
    assert!(
        pair.told("finish")
            .iter()
            .all(|line| line.contains("success"))
    );
}

#[test]
fn a_guard_that_fails_over_has_its_endpoint_asked_last_for_a_while() {
    let mut pair = Pair::new(
        "route.failover.endpoints = [\"a\", \"b\"]\n\
         guard.schema = { then = \"fail-over\", for = \"2s\" }",
    );
    assert_eq!(broken_answers(&mut pair, 6), ["a", "b", "a", "b", "a", "b"]);
    assert_eq!(pair.told("trip"), [""; 0]);
}

#[test]
fn a_judge_beside_may_trip_long_after_its_call() {
    let mut pair = Pair::new(
        "route.failover.endpoints = [\"a\", \"b\"]\n\
         guard.judge = { endpoint = \"c\", when = \"beside\", then = \"trip\", for = \"1m\" }",
    );
    pair.submit();
    pair.answer(A);
    pair.pass(4_000);
    pair.judge(Some(true));
    assert_eq!(pair.told("trip"), ["4000 trip a until 64000"]);
    pair.submit();
    assert_eq!(pair.told("send").last(), Some(&"4000 send b first #1"));
}

#[test]
fn an_observer_notes_the_alert_and_what_the_alarm_would_do_and_asks_the_endpoint_as_before() {
    let trip = ("trip", "0 trip a until 60000");
    for (then, does) in [trip, ("fail-over", "0 would steer guard")] {
        let mut pair = Pair::new(&format!(
            "mode = \"observe\"\nroute.failover.endpoints = [\"a\", \"b\"]\n\
             guard.schema = {{ then = \"{then}\", for = \"1m\" }}",
        ));
        assert_eq!(broken_answers(&mut pair, 3), ["a", "a", "a"]);
        assert_eq!(pair.told("guard").len(), 3);
        let told = [pair.told("trip"), pair.told("would")].concat();
        assert_eq!(told, [does], "once for all of its time");
    }
}
