//! Faults: what they do to requests that come and to answers in progress.

use squall::base::Ending;

use super::bills::TWO_SECONDS;
use crate::street::Street;

fn under(fault: &str) -> Street {
    Street::new(TWO_SECONDS, &[fault])
}

const OUTAGE: &str = "at = \"180s\"\nfor = \"60s\"\neffect.outage = { status = 502 }";

#[test]
fn an_outage_at_three_minutes_cuts_the_answers_in_flight_at_three_minutes() {
    let mut street = under(OUTAGE);
    street.pass(178_500);
    street.send();
    street.pass(1000);
    street.send();
    street.pass(10_000);
    let begun = [
        "179500 first #0",
        "180000 bill 100+51 #0",
        "180000 bill 0+0 #1",
    ];
    assert_eq!(street.log()[..3], begun);
    assert_eq!(
        street.told("end"),
        ["180000 end lost #0", "180000 end 502 #1"]
    );
}

#[test]
fn a_whole_answer_has_nothing_on_its_way_and_becomes_a_status_without_a_bill() {
    let mut street = under(OUTAGE).whole();
    street.pass(178_500);
    street.send();
    street.pass(10_000);
    assert_eq!(street.log(), ["180000 bill 0+0 #0", "180000 end 502 #0"]);
}

#[test]
fn requests_in_an_outage_are_refused_and_after_it_served() {
    let mut street = under(OUTAGE);
    for at in [179_999, 180_000, 239_999, 240_000] {
        street.reach(squall::base::Instant(at * 1_000_000));
        street.send();
    }
    street.pass(10_000);
    let ends = [
        "180000 end 502 #0",
        "180000 end 502 #1",
        "239999 end 502 #2",
    ];
    assert_eq!(street.told("end")[..3], ends);
    assert_eq!(street.told("end")[3], "242000 end answer #3");
}

#[test]
fn an_outage_may_leave_answers_in_progress_alone() {
    let mut street = under("at = \"1s\"\nfor = \"9s\"\neffect.outage = { cuts-answers = false }");
    street.send();
    street.pass(1200);
    street.send();
    street.pass(10_000);
    assert_eq!(
        street.told("end"),
        ["1200 end 503 #1", "2000 end answer #0"]
    );
}

#[test]
fn an_outage_empties_the_queue_and_leaves_all_slots_free() {
    let provider = format!("{TWO_SECONDS}\ncapacity.slots = {{ count = 1, queue = 5 }}");
    let mut street = Street::new(
        &provider,
        &["at = \"1s\"\nfor = \"1s\"\neffect.outage = {}"],
    );
    (0..3).for_each(|_| _ = street.send());
    street.pass(2000);
    street.send();
    street.pass(9000);
    assert_eq!(street.told("end").last(), Some(&"4000 end answer #3"));
    assert_eq!(street.told("end").len(), 4);
}

#[test]
fn what_is_on_its_way_back_when_an_outage_begins_still_arrives() {
    let provider = format!("{TWO_SECONDS}\nnetwork.back.constant = \"500ms\"");
    let mut street = Street::new(
        &provider,
        &["at = \"2100ms\"\nfor = \"1s\"\neffect.outage = {}"],
    );
    street.send();
    street.pass(600);
    street.send();
    street.pass(9000);
    assert_eq!(
        street.told("end"),
        ["2500 end answer #0", "2600 end lost #1"]
    );
    assert_eq!(street.told("first"), ["1500 first #0", "2100 first #1"]);
}

#[test]
fn a_hang_stops_answers_where_they_are_and_says_nothing() {
    let mut street = under("at = \"1500ms\"\nfor = \"1s\"\neffect.hang = {}");
    street.send();
    street.pass(1600);
    street.send();
    street.pass(60_000);
    assert_eq!(street.log(), ["1000 first #0"]);
    street.abandon(0);
    street.abandon(1);
    assert_eq!(
        street.told("bill"),
        ["61600 bill 100+51 #0", "61600 bill 0+0 #1"]
    );
}

#[test]
fn refused_connections_fail_after_one_trip_and_break_answers_off() {
    let provider =
        format!("{TWO_SECONDS}\nnetwork = {{ out.constant = \"10ms\", back.constant = \"20ms\" }}");
    let fault = "at = \"1510ms\"\nfor = \"9s\"\neffect.refused-connections = {}";
    let mut street = Street::new(&provider, &[fault]);
    street.send();
    street.pass(1600);
    street.send();
    street.pass(5000);
    assert_eq!(
        street.told("end"),
        ["1530 end lost #0", "1630 end refused #1"]
    );
    assert_eq!(
        street.told("bill"),
        ["1510 bill 100+51 #0", "1610 bill 0+0 #1"]
    );
}

#[test]
fn a_brownout_stretches_exactly_what_is_left_and_its_end_gives_the_rest_back() {
    // Half of the first second is done; a second at a quarter of the pace does a quarter more.
    let mut street = under("at = \"500ms\"\nfor = \"1s\"\neffect.brownout = { slowdown = 4 }");
    street.send();
    street.pass(9000);
    assert_eq!(street.told("first"), ["1750 first #0"]);
    assert_eq!(street.told("end"), ["2750 end answer #0"]);
    // The same after the first token.
    let mut street = under("at = \"1500ms\"\nfor = \"1s\"\neffect.brownout = { slowdown = 4 }");
    street.send();
    street.pass(9000);
    assert_eq!(street.log()[0], "1000 first #0");
    assert_eq!(street.told("end"), ["2750 end answer #0"]);
}

#[test]
fn a_request_that_starts_in_a_brownout_is_slow_from_the_start() {
    let mut street = under("at = \"0s\"\nfor = \"1h\"\neffect.brownout = { slowdown = 3 }");
    street.send();
    street.pass(9000);
    assert_eq!(street.told("first"), ["3000 first #0"]);
    assert_eq!(street.told("end"), ["6000 end answer #0"]);
}

#[test]
fn slowdowns_multiply() {
    let brownout = "at = \"0s\"\nfor = \"1h\"\neffect.brownout = { slowdown = 2 }";
    let mut street = Street::new(TWO_SECONDS, &[brownout, brownout]);
    street.send();
    street.pass(9000);
    assert_eq!(street.told("end"), ["8000 end answer #0"]);
}

#[test]
fn the_newest_token_is_the_last_on_the_grid_of_the_pace() {
    // A token every 10 ms from 1 s on, seen 20 ms later.
    let provider =
        format!("{TWO_SECONDS}\nnetwork = {{ out.constant = \"10ms\", back.constant = \"20ms\" }}");
    let mut street = Street::new(&provider, &[]);
    street.send();
    for (ms, heard) in [
        (1030, 1030.0),
        (1039, 1030.0),
        (1040, 1040.0),
        (1797, 1790.0),
    ] {
        street.reach(squall::base::Instant(ms * 1_000_000));
        assert_eq!(street.heard(0), heard, "at {ms} ms");
    }
}

#[test]
fn in_a_brownout_tokens_are_rarer_and_in_a_hang_none_come() {
    let mut street = under("at = \"1500ms\"\nfor = \"1s\"\neffect.brownout = { slowdown = 4 }");
    street.send();
    for (ms, heard) in [
        (1499, 1490.0),
        (1539, 1500.0),
        (1540, 1540.0),
        (2499, 2460.0),
    ] {
        street.reach(squall::base::Instant(ms * 1_000_000));
        assert_eq!(street.heard(0), heard, "at {ms} ms");
    }
    let mut street = under("at = \"1507ms\"\nfor = \"1s\"\neffect.hang = {}");
    street.send();
    street.pass(60_000);
    assert_eq!(street.heard(0), 1500.0);
}

/// A request that is lost on its way is nobody's: it takes no slot and is not billed, whatever the provider does
/// with abandoned work.
#[test]
fn an_unreachable_provider_never_sees_what_is_sent_to_it() {
    let fault = "at = \"1s\"\nfor = \"10s\"\neffect.unreachable = {}";
    let mut street = Street::new(
        "capacity.slots = { count = 1 }\nprice = { input = \"$1/M\", output = \"$1/M\" }",
        &[fault],
    );
    street.pass(2000);
    let lost = street.send();
    street.pass(60_000);
    assert!(street.is_open(lost), "nothing is heard of it");
    assert_eq!(street.heard(lost), -1.0, "not even that it is connected");
    street.abandon(lost);
    street.pass(1);
    assert_eq!(street.fates[lost as usize].bills[0].1.pico_usd, 0);
    // The fault is over, and the one slot is free.
    let next = street.send();
    street.pass(60_000);
    assert!(matches!(
        street.fates[next as usize].end,
        Some((_, Ending::Answer { .. }))
    ));
}
