//! Limits: all or nothing, and what a 429 says about waiting.

use squall::base::wire::Code;
use squall::base::{Ending, Instant};

use super::bills::TWO_SECONDS;
use crate::street::Street;

fn limited(limits: &str, faults: &[&str]) -> Street {
    Street::new(&format!("{TWO_SECONDS}\nlimits = {{ {limits} }}"), faults).whole()
}

#[test]
fn a_request_refused_by_one_limit_takes_nothing_from_the_others() {
    let mut street = limited("rpm = 2, tpm = 1000", &[]);
    street.send_sized(100, 500, 1);
    street.send_sized(100, 500, 1);
    street.send_sized(100, 200, 1);
    street.pass(10_000);
    let ends = street.told("end");
    assert_eq!(
        ends,
        [
            "0 end 429 after 12s #1",
            "1000 end answer #0",
            "1000 end answer #2"
        ]
    );
}

#[test]
fn requests_and_tokens_come_back_evenly() {
    // 60 a minute with a slice of a second: one at a time, one more every second.
    let mut street = limited("rpm = 60, slice = \"1s\"", &[]);
    street.send();
    street.send();
    street.pass(400);
    street.send();
    street.pass(600);
    street.send();
    street.pass(9000);
    let ends = [
        "0 end 429 after 1s #1",
        "400 end 429 after 600ms #2",
        "2000 end answer #0",
    ];
    assert_eq!(street.told("end")[..3], ends);
    assert_eq!(street.told("end")[3], "3000 end answer #3");
}

#[test]
fn coming_back_exactly_as_told_is_enough_and_a_nanosecond_less_is_not() {
    for (early, refused) in [(0, 1), (1, 2)] {
        let mut street = limited("rpm = 7, tpm = 3000", &[]);
        street.send_sized(100, 2000, 1);
        street.send_sized(100, 2000, 1);
        street.pass(0);
        let Some((_, Ending::Status { advice, .. })) = street.fates[1].end else {
            panic!("{:?}", street.fates[1]);
        };
        let wait = advice.meant().expect("it states a wait");
        street.reach(Instant(wait.0 - early));
        street.send_sized(100, 2000, 1);
        street.pass(60_000);
        let n = street
            .told("end")
            .iter()
            .filter(|line| line.contains("429"))
            .count();
        assert_eq!(n, refused, "{early} ns early after {wait}");
    }
}

#[test]
fn a_request_larger_than_the_limit_can_never_be_served_and_is_told_so() {
    let mut street = limited("input-tpm = 50", &[]);
    street.send();
    street.pass(10);
    let Some((
        _,
        Ending::Status {
            status,
            code,
            advice,
        },
    )) = street.fates[0].end
    else {
        panic!("it is refused");
    };
    assert_eq!(
        (status, code, advice.meant()),
        (429, Code::RequestTooLarge, None)
    );
}

#[test]
fn what_was_reserved_and_not_used_comes_back_at_the_end_if_set() {
    for (settle, end) in [("none", "429 after"), ("actual", "answer")] {
        let mut street = limited(&format!("output-tpm = 600, settle = \"{settle}\""), &[]);
        street.send_sized(100, 600, 101);
        street.pass(2000);
        street.send_sized(100, 490, 1);
        street.pass(9000);
        assert!(
            street.told("end")[1].contains(end),
            "{settle}: {:?}",
            street.log()
        );
    }
}

fn storm(retry_after: &str) -> Vec<String> {
    let fault = format!(
        "at = \"10s\"\nfor = \"20s\"\neffect.rate-limit = {{ factor = 0.5, retry-after{retry_after} }}"
    );
    let mut street = limited("rpm = 60, slice = \"2s\"", &[&fault]);
    street.pass(10_000);
    (0..3).for_each(|_| _ = street.send());
    street.pass(9000);
    street.told("end").iter().map(ToString::to_string).collect()
}

#[test]
fn a_storm_shrinks_the_limits_and_says_about_waiting_what_it_is_set_to_say() {
    // Half of two at once is one; half of one a second is one in two.
    let right = [
        "10000 end 429 after 2s #1",
        "10000 end 429 after 2s #2",
        "12000 end answer #0",
    ];
    assert_eq!(storm(" = \"right\""), right);
    assert_eq!(
        storm(" = \"missing\"")[..2],
        ["10000 end 429 #1", "10000 end 429 #2"]
    );
    let same = ["10000 end 429 after 20s #1", "10000 end 429 after 20s #2"];
    assert_eq!(storm(".identical = \"20s\"")[..2], same);
}

#[test]
fn a_right_wait_is_the_storms_rest_and_what_is_missing_then() {
    let fault = "at = \"10s\"\nfor = \"20s\"\neffect.rate-limit = { factor = 0 }";
    let mut street = limited("rpm = 60", &[fault]);
    street.pass(15_000);
    street.send();
    street.pass(10);
    assert_eq!(street.told("end"), ["15000 end 429 after 16s #0"]);
}
