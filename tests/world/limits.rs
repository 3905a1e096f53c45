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

#[test]
fn what_was_reserved_in_a_window_does_not_come_back_in_the_next() {
    let mut street = limited(
        "output-tpm = 600, method = \"calendar-window\", settle = \"actual\"",
        &[],
    );
    street.reach(Instant(59_000_000_000));
    street.send_sized(100, 600, 101);
    street.reach(Instant(60_500_000_000));
    street.send_sized(100, 500, 500);
    // At 61 s the first is known to be 101 long; the second still has all it asked for.
    street.reach(Instant(61_500_000_000));
    street.send_sized(100, 200, 1);
    street.send_sized(100, 100, 1);
    street.pass(10);
    assert_eq!(street.told("end")[1..], ["61500 end 429 after 58.5s #2"]);
}

#[test]
fn a_request_is_too_large_by_what_its_tokens_count_for() {
    // A hundred tokens of prompt against a limit of fifty.
    for (weight, refused) in [("0.5", false), ("0.6", true), ("2", true)] {
        let counts = format!("input-tpm = 50, counts = {{ prompt = {weight} }}");
        let mut street = limited(&counts, &[]);
        street.send();
        street.pass(10_000);
        let too_large = matches!(
            street.fates[0].end,
            Some((
                _,
                Ending::Status {
                    status: 429,
                    code: Code::RequestTooLarge,
                    ..
                }
            ))
        );
        assert_eq!(too_large, refused, "{weight}");
    }
    // The larger of 100 and 0.1 × 1000 is 100; their sum is not.
    for (by, refused) in [("larger", false), ("sum", true)] {
        let counts = format!("tpm = 100, counts = {{ max-tokens = 0.1, by = \"{by}\" }}");
        let mut street = limited(&counts, &[]);
        street.send();
        street.pass(10_000);
        assert_eq!(street.told("end")[0].contains("429"), refused, "{by}");
    }
}

/// Anthropic: input tokens that are read from the cache do not count towards the limit per minute.
#[test]
fn prompts_that_a_cache_has_count_for_what_is_said_of_them() {
    let served = |counts: &str| {
        let limits = format!("limits = {{ input-tpm = 3000{counts} }}");
        let cache = "cache = { hit = \"100%\", prefix = \"80%\", min-tokens = 1 }";
        let mut street = Street::new(&format!("{TWO_SECONDS}\n{limits}\n{cache}"), &[]).whole();
        for _ in 0..40 {
            street.send_sized(1000, 100, 1);
        }
        street.pass(10_000);
        street
            .told("end")
            .iter()
            .filter(|line| line.contains("answer"))
            .count()
    };
    // Of a thousand tokens eight hundred are there: 200, 600 or 1000 count.
    assert_eq!(served(""), 3);
    assert_eq!(served(", counts.cached = 0"), 15);
    assert_eq!(served(", counts.cached = 0.5"), 5);
    // Reserved and given back: at once no more pass than with all of it.
    let at_end = ", counts.cached-at-end = 0, settle = \"actual\"";
    assert_eq!(served(at_end), 3);
}

#[test]
fn what_was_reserved_in_the_minute_before_does_not_pass_in_this_one() {
    let mut street = limited(
        "output-tpm = 1000, settle = \"actual\", method = \"calendar-window\"",
        &[],
    );
    street.pass(59_500);
    // Ends at 60.5 s with one token, when 899 of its minute come back, which is over.
    street.send_sized(100, 900, 1);
    street.pass(700);
    street.send_sized(100, 1000, 101);
    street.pass(800);
    street.send_sized(100, 500, 1);
    street.pass(5000);
    let ends = street.told("end");
    assert!(
        ends[1].contains("429 after") && ends[1].ends_with("#2"),
        "{ends:?}"
    );
}

/// Bucket of 1000 a minute: 1000 are reserved and no answer ever begins, for whatever reason.
#[test]
fn a_reservation_of_an_answer_that_never_began_comes_back() {
    let limits = "limits = { output-tpm = 1000, settle = \"actual\" }";
    let one = "capacity.slots = { count = 1, queue = 1 }\nabandoned.keeps-slot = false";
    let none = "capacity.slots = { count = 1, queue = 0 }";
    let hung = "capacity.slots = { count = 1, queue = 0, when-full = \"drop\" }";
    let error = "at = \"0s\"\nfor = \"1s\"\neffect.error-rate = { bad = 1.0 }";
    let outage = "at = \"400ms\"\nfor = \"100ms\"\neffect.outage = {}";
    let stall = "at = \"0s\"\nfor = \"1s\"\neffect.stall = {}";
    for (capacity, fault, first) in [
        ("", Some(error), false),
        (one, None, true),
        (none, None, true),
        (hung, None, true),
        (one, Some(outage), true),
        ("", Some(stall), false),
    ] {
        let faults: Vec<&str> = fault.into_iter().collect();
        let mut street = Street::new(&format!("{TWO_SECONDS}\n{limits}\n{capacity}"), &faults);
        if first {
            // It takes the slot, and one token.
            street.send_sized(100, 1, 1);
        }
        let of = street.send_sized(100, 950, 1);
        street.pass(500);
        street.abandon(of);
        street.pass(1500);
        let last = street.send_sized(100, 900, 1);
        street.pass(5000);
        let end = street.fates[last as usize].end.unwrap().1;
        assert!(
            matches!(end, Ending::Answer { .. }),
            "{capacity} {fault:?}: {:?}",
            street.log()
        );
    }
}

/// Somebody who asks for more than is ever there takes nothing, and so must change nothing.
#[test]
fn what_other_tenants_leave_does_not_depend_on_who_asks() {
    let limits = "tpm = 10000, settle = \"actual\", \
                  others = { share.uniform = { low = 0, high = 1 }, every = \"1s\" }";
    let storm = "at = \"25s\"\nfor = \"5s\"\neffect.rate-limit = { factor = 0.5 }";
    for seed in 1..20 {
        let ends = |asks: bool| {
            let provider = format!("{TWO_SECONDS}\nlimits = {{ {limits} }}");
            let mut street = Street::seeded(&provider, &[storm], seed).whole();
            let mut own = Vec::new();
            for round in 0..40 {
                if asks {
                    street.send_sized(1_000_000, 1, 1);
                }
                if round % 8 == 0 {
                    own.push(street.send_sized(100, 1500, 101));
                    street.pass(400);
                    own.push(street.send_sized(100, 1500, 301));
                }
                street.pass(1000);
            }
            street.pass(60_000);
            let end = |number: &u32| street.fates[*number as usize].end;
            own.iter().map(end).collect::<Vec<_>>()
        };
        assert_eq!(ends(true), ends(false), "seed {seed}");
    }
}
