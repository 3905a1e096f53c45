//! The timeout to connect: nothing was begun, so it is no timeout of the provider.

use crate::pair::{A, Pair};

const CONNECT: &str =
    "retry.attempts = 3\nroute.failover.endpoints = [\"a\", \"b\"]\ntimeout.connect = \"2s\"";

#[test]
fn an_attempt_that_is_not_connected_in_time_ends_as_transport() {
    let mut pair = Pair::new(CONNECT);
    pair.unreachable();
    pair.submit();
    pair.pass(1999);
    assert!(pair.told("abort").is_empty());
    pair.pass(1);
    assert_eq!(pair.told("abort"), ["2000 abort a connect-timeout"]);
    assert_eq!(pair.told("end"), ["2000 end a transport"]);
    assert_eq!(
        pair.told("send"),
        ["0 send a first", "2000 send b failover"]
    );
}

#[test]
fn one_that_is_connected_may_take_as_long_as_it_likes() {
    let mut pair = Pair::new(CONNECT);
    pair.submit();
    pair.pass(100_000);
    assert!(pair.told("abort").is_empty());
    pair.answer(A);
    assert_eq!(pair.told("finish"), ["100000 finish success by a"]);
}

#[test]
fn each_attempt_has_its_own_time_to_connect() {
    let mut pair = Pair::new(CONNECT);
    pair.submit();
    pair.pass(500);
    pair.fail(A, 500);
    pair.unreachable();
    pair.pass(2000);
    assert_eq!(pair.told("abort"), ["2500 abort b connect-timeout"]);
}
