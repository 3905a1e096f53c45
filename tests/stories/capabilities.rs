//! What calls need and endpoints cannot do: who is left out, and what that is called.

use squall::base::wire::Code;
use squall::base::{Capabilities, Capability};
use squall::policy::route::Endpoint;

use crate::pair::{A, B, Pair};

const JSON: &[Capability] = &[Capability::Json];
const TOOLS: &[Capability] = &[Capability::Tools];
const BOTH: &[Capability] = &[Capability::Json, Capability::Tools];

/// A has no JSON, b no tools, c neither.
fn pair(text: &str) -> Pair {
    let lacking = |name, lacks: &[Capability]| Endpoint {
        lacks: Capabilities::of(lacks.iter().copied()),
        ..Endpoint::named(name)
    };
    Pair::among(
        text,
        &[lacking("a", JSON), lacking("b", TOOLS), lacking("c", BOTH)],
    )
}

fn needing(text: &str, needs: &[Capability]) -> Pair {
    let mut pair = pair(text);
    pair.needing(Capabilities::of(needs.iter().copied()));
    pair.submit();
    pair
}

#[test]
fn each_call_goes_to_the_first_that_can_do_what_it_needs() {
    let matched = "steering.fits = true";
    for (needs, first) in [(&[][..], "a"), (JSON, "b"), (TOOLS, "a")] {
        let pair = needing(matched, needs);
        assert_eq!(
            pair.told("send"),
            [format!("0 send {first} first")],
            "{needs:?}"
        );
        assert!(pair.told("refused").is_empty());
    }
    assert_eq!(
        needing("", JSON).told("send"),
        ["0 send a first"],
        "nobody looks"
    );
}

#[test]
fn a_call_that_no_endpoint_can_serve_is_refused_as_unfit_at_once() {
    let pair = needing("steering.fits = true\nretry.attempts = 4", BOTH);
    assert_eq!(pair.told("refused"), ["0 refused unfit"]);
    assert_eq!(pair.told("finish"), ["0 finish failed-refused"]);
    assert!(pair.told("send").is_empty());
}

#[test]
fn a_call_that_no_endpoint_can_serve_is_not_put_off_for_later() {
    let text = "steering.fits = true\nfallback = { defer = {}, message = {} }";
    assert_eq!(needing(text, BOTH).told("degraded"), ["0 degraded message"]);
}

#[test]
fn a_failover_goes_to_no_endpoint_that_cannot_serve_it() {
    let text = "steering.fits = true\nretry = { attempts = 3, backoff.constant.wait = \"1s\" }";
    let mut pair = needing(text, TOOLS);
    pair.fail(A, 500);
    assert_eq!(pair.told("send").len(), 1, "neither b nor c has tools");
    pair.drive();
    assert_eq!(pair.told("send")[1..], ["1000 send a retry"]);
    pair.fail(A, 500);
    pair.drive();
    pair.fail(A, 500);
    assert_eq!(pair.told("finish"), ["2000 finish failed-exhausted"]);
}

#[test]
fn a_400_that_says_unsupported_ends_the_call_unless_it_is_read_as_unsuited() {
    let blind = "retry.attempts = 3";
    let mut pair = needing(blind, JSON);
    pair.fail_with(A, 400, Code::Unsupported, None);
    assert_eq!(pair.told("end"), ["0 end a rejected"]);
    assert_eq!(pair.told("send").len(), 1);
    let reads = format!(
        "{blind}\nclassify = {{ \"400/unsupported\" = \"unsuited\" }}\non.unsuited.fail-over = \"now\""
    );
    let mut pair = needing(&reads, JSON);
    pair.fail_with(A, 400, Code::Unsupported, None);
    pair.answer(B);
    assert_eq!(pair.told("send"), ["0 send a first", "0 send b failover"]);
    assert_eq!(pair.told("finish"), ["0 finish success by b"]);
}

#[test]
fn every_kind_of_route_orders_only_those_that_can_serve_it() {
    for kind in [
        "round-robin",
        "weighted",
        "least-busy",
        "latency",
        "lowest-cost",
        "usage",
    ] {
        let mut pair = pair(&format!("route.{kind} = {{}}\nsteering.fits = true"));
        pair.needing(Capabilities::of(JSON.iter().copied()));
        for _ in 0..20 {
            pair.submit();
        }
        let sent = pair.told("send");
        assert_eq!(sent.len(), 20);
        assert!(
            sent.iter().all(|line| line.contains(" send b ")),
            "{kind}: {sent:?}"
        );
    }
}

#[test]
fn observing_it_says_who_would_be_passed_and_sends_it_to_the_first_all_the_same() {
    let observing = "mode = \"observe\"\nsteering.fits = true";
    let mut pair = needing(observing, JSON);
    assert_eq!(pair.told("would"), ["0 would steer fits"]);
    assert_eq!(pair.told("send"), ["0 send a first"]);
    pair.fail(A, 400);
    // Where it would have been sent, it would not have failed so.
    assert_eq!(pair.told("refused"), [""; 0]);
    assert_eq!(pair.told("finish"), ["0 finish failed-exhausted"]);
}

#[test]
fn observing_it_says_unfit_where_no_endpoint_can_serve_it() {
    let observing = "mode = \"observe\"\nsteering.fits = true\nfallback.message = {}";
    let mut pair = needing(observing, BOTH);
    pair.fail(A, 400);
    assert_eq!(pair.told("refused"), ["0 refused unfit a"]);
    assert_eq!(pair.told("would"), ["0 would degrade message"]);
    assert_eq!(pair.told("send"), ["0 send a first"]);
}

/// Of 3 requests a minute the last is kept spare; the next minute begins at 60 s.
#[test]
fn a_route_that_keeps_limits_leaves_out_who_has_used_them_up_until_the_next_minute() {
    let limited = |name, rpm| Endpoint {
        rpm,
        ..Endpoint::named(name)
    };
    let text =
        "route.usage = { endpoints = [\"a\", \"b\"], limits = { count = \"sent\", spare = 1 } }";
    let mut pair = Pair::among(
        text,
        &[
            limited("a", Some(3)),
            limited("b", Some(2)),
            limited("c", None),
        ],
    );
    for _ in 0..4 {
        pair.submit();
    }
    let sent = ["0 send a first", "0 send a first #1", "0 send b first #2"];
    assert_eq!(pair.told("send"), sent);
    assert_eq!(
        pair.told("refused"),
        ["0 refused limits-used a #3", "0 refused limits-used b #3"]
    );
    assert_eq!(pair.told("finish"), ["0 finish failed-refused #3"]);
    pair.pass(60_000);
    pair.submit();
    assert_eq!(pair.told("send")[3..], ["60000 send a first #4"]);
}
