//! What broke in the world.

use squall::base::Instant;

use crate::street::Street;

const TWO_SECONDS: &str =
    "latency.distribution = { first-token.constant = \"1s\", per-token.constant = \"10ms\" }";

#[test]
fn an_answer_that_takes_no_time_still_ends() {
    let provider = "latency.distribution = { first-token.constant = \"0s\" }";
    let mut street = Street::new(provider, &[]).whole();
    street.send();
    street.pass(0);
    assert_eq!(street.told("end"), ["0 end answer #0"]);
}

#[test]
fn a_brownout_takes_back_no_tokens_that_were_produced() {
    let fault = "at = \"1500ms\"\nfor = \"1s\"\neffect.brownout = { slowdown = 4 }";
    let provider = format!("{TWO_SECONDS}\nabandoned = {{ keeps-slot = false }}");
    for (at, tokens) in [(1500, 51), (1900, 61), (2500, 76), (2600, 86)] {
        let mut street = Street::new(&provider, &[fault]);
        street.send();
        street.reach(Instant(at * 1_000_000));
        street.abandon(0);
        assert_eq!(street.told("bill"), [format!("{at} bill 100+{tokens} #0")]);
    }
}

#[test]
fn an_abandoned_answer_that_a_hang_stops_is_billed_then_and_not_at_the_end_of_time() {
    let fault = "at = \"1500ms\"\nfor = \"1s\"\neffect.hang = {}";
    let provider = format!("{TWO_SECONDS}\nnetwork.out.constant = \"10ms\"");
    let mut street = Street::new(&provider, &[fault]);
    street.send();
    street.pass(1490);
    street.send();
    street.pass(5);
    street.abandon(0);
    street.abandon(1);
    street.pass(5000);
    // The first was half said, the second arrived in the hang.
    assert_eq!(
        street.told("bill"),
        ["1500 bill 100+50 #0", "1500 bill 0+0 #1"]
    );
}

#[test]
fn work_for_nobody_that_began_after_its_client_left_is_not_billed_if_set_so() {
    let provider = format!(
        "{TWO_SECONDS}\ncapacity.slots = {{ count = 1 }}\nabandoned = {{ keeps-slot = true, billed = false }}"
    );
    let mut street = Street::new(&provider, &[]);
    street.send();
    street.send();
    street.pass(500);
    street.abandon(1);
    street.pass(9000);
    assert_eq!(
        street.told("bill"),
        ["2000 bill 100+101 #0", "4000 bill 0+0 #1"]
    );
}

#[test]
fn a_storm_that_leaves_a_fifth_of_one_at_a_time_leaves_one_at_a_time() {
    let fault = "at = \"10s\"\nfor = \"60s\"\neffect.rate-limit = { factor = 0.2 }";
    let provider = format!("{TWO_SECONDS}\nlimits = {{ rpm = 60, slice = \"1s\" }}");
    let mut street = Street::new(&provider, &[fault]);
    street.pass(10_000);
    (0..2).for_each(|_| _ = street.send());
    street.pass(9000);
    assert_eq!(
        street.told("end"),
        ["10000 end 429 after 5s #1", "12000 end answer #0"]
    );
}

/// The right wait ended with the storm, when nothing had come back yet: a second 429.
#[test]
fn waiting_out_a_storm_as_told_is_enough_and_a_nanosecond_less_is_not() {
    let storm = "at = \"10s\"\nfor = \"10s\"\neffect.rate-limit = { factor = 0 }";
    let provider = format!("{TWO_SECONDS}\nlimits = {{ rpm = 60 }}");
    let again_at = |ns| {
        let mut street = Street::new(&provider, &[storm]);
        street.pass(10_000);
        street.send();
        street.reach(Instant(ns));
        street.send();
        street.pass(5000);
        let ends = street.told("end").into_iter();
        ends.map(String::from).collect::<Vec<_>>()
    };
    assert_eq!(
        again_at(21_000_000_000),
        ["10000 end 429 after 11s #0", "23000 end answer #1"]
    );
    let early = again_at(20_999_999_999);
    assert!(early[1].contains("429"), "{early:?}");
}

#[test]
fn what_a_storm_lets_in_counts_for_the_wait_beyond_its_end() {
    let storm = "at = \"10s\"\nfor = \"3s\"\neffect.rate-limit = { factor = 0.2 }";
    let provider = format!("{TWO_SECONDS}\nlimits = {{ rpm = 60, slice = \"1s\" }}");
    let mut street = Street::new(&provider, &[storm]);
    street.pass(10_000);
    (0..2).for_each(|_| _ = street.send());
    street.pass(9000);
    // Three fifths of a request in the three seconds of the storm, the rest at one a second.
    assert_eq!(
        street.told("end"),
        ["10000 end 429 after 3.4s #1", "12000 end answer #0"]
    );
}

#[test]
fn of_two_storms_the_one_that_ends_last_decides_the_wait() {
    let short = "at = \"9s\"\nfor = \"6s\"\neffect.rate-limit = { factor = 0.5 }";
    let long = "at = \"10s\"\nfor = \"10s\"\neffect.rate-limit = { factor = 0 }";
    let provider = format!("{TWO_SECONDS}\nlimits = {{ rpm = 60 }}");
    let mut street = Street::new(&provider, &[short, long]);
    street.pass(10_000);
    street.send();
    street.pass(11_000);
    street.send();
    street.pass(5000);
    assert_eq!(
        street.told("end"),
        ["10000 end 429 after 11s #0", "23000 end answer #1"]
    );
}

/// The refund was taken from the bill, and an unbilled answer gave everything back.
#[test]
fn what_was_produced_for_nobody_has_used_the_limit_though_it_is_not_billed() {
    let provider = format!(
        "{TWO_SECONDS}\nlimits = {{ output-tpm = 1000, settle = \"actual\" }}\n\
         abandoned = {{ keeps-slot = true, billed = false }}"
    );
    let mut street = Street::new(&provider, &[]);
    street.send_sized(100, 1000, 101);
    street.pass(500);
    street.abandon(0);
    street.pass(1500);
    // 899 came back, and 33 in two seconds.
    street.send_sized(100, 933, 1);
    street.send_sized(100, 932, 1);
    street.pass(5000);
    let ends = street.told("end");
    assert_eq!(ends.len(), 2, "{ends:?}");
    assert!(
        ends[0].contains("429") && ends[0].ends_with("#1"),
        "{ends:?}"
    );
    assert_eq!(ends[1], "3000 end answer #2");
}

/// Who gave up in the queue stayed in it until its turn came, however many came and gave up before.
#[test]
fn a_queue_forgets_those_that_gave_up() {
    let provider = format!(
        "{TWO_SECONDS}\ncapacity.slots = {{ count = 1, queue = 10 }}\n\
         abandoned = {{ keeps-slot = false }}"
    );
    let mut street = Street::new(&provider, &[]);
    (0..6).for_each(|_| _ = street.send());
    for _ in 0..1000 {
        let number = street.send();
        street.pass(0);
        street.abandon(number);
        assert!(street.jobs() <= 1 + 2 * 10, "{}", street.jobs());
    }
    // Those that wait are served in their order.
    street.pass(60_000);
    let ends = [
        "2000 end answer #0",
        "4000 end answer #1",
        "6000 end answer #2",
        "8000 end answer #3",
        "10000 end answer #4",
        "12000 end answer #5",
    ];
    assert_eq!(street.told("end"), ends);
    assert_eq!(street.jobs(), 0);
}
