//! Slots and the queue before them.

use super::bills::TWO_SECONDS;
use crate::street::Street;

fn slots(count: u32, queue: u32, more: &str) -> Street {
    Street::new(
        &format!("{TWO_SECONDS}\ncapacity.slots = {{ count = {count}, queue = {queue}, full-status = 529 }}\n{more}"),
        &[],
    )
    .whole()
}

#[test]
fn requests_are_answered_in_order_of_arrival_as_slots_come_free() {
    let mut street = slots(2, 9, "");
    (0..5).for_each(|_| _ = street.send());
    street.pass(10_000);
    let ends = street.told("end");
    assert_eq!(ends[..2], ["2000 end answer #0", "2000 end answer #1"]);
    assert_eq!(
        ends[2..],
        [
            "4000 end answer #2",
            "4000 end answer #3",
            "6000 end answer #4"
        ]
    );
}

#[test]
fn a_full_queue_refuses_and_bills_nothing() {
    let mut street = slots(1, 1, "");
    (0..3).for_each(|_| _ = street.send());
    street.pass(10);
    assert_eq!(street.log(), ["0 bill 0+0 #2", "0 end 529 #2"]);
}

#[test]
fn a_queued_request_that_is_dropped_makes_room_and_never_gets_a_slot() {
    let mut street = slots(1, 1, "abandoned = { keeps-slot = false }");
    (0..2).for_each(|_| _ = street.send());
    street.pass(500);
    street.abandon(1);
    assert_eq!(street.log(), ["500 bill 0+0 #1"]);
    street.send();
    street.pass(10_000);
    assert_eq!(
        street.told("end"),
        ["2000 end answer #0", "4000 end answer #2"]
    );
}

#[test]
fn a_queued_request_whose_client_went_away_is_served_all_the_same_if_slots_are_kept() {
    let mut street = slots(1, 9, "");
    (0..3).for_each(|_| _ = street.send());
    street.pass(500);
    street.abandon(1);
    street.pass(10_000);
    assert_eq!(
        street.told("end"),
        ["2000 end answer #0", "6000 end answer #2"]
    );
    assert_eq!(street.told("bill")[1], "4000 bill 100+101 #1");
}

#[test]
fn an_abandoned_answer_gives_its_slot_up_or_not_as_set() {
    for (keeps, end) in [(false, "2500 end answer #1"), (true, "4000 end answer #1")] {
        let mut street = slots(1, 9, &format!("abandoned = {{ keeps-slot = {keeps} }}"));
        (0..2).for_each(|_| _ = street.send());
        street.pass(500);
        street.abandon(0);
        street.pass(10_000);
        assert_eq!(street.told("end"), [end]);
    }
}

#[test]
fn without_slots_everybody_is_answered_at_once() {
    let mut street = Street::new(TWO_SECONDS, &[]).whole();
    (0..500).for_each(|_| _ = street.send());
    street.pass(2000);
    assert_eq!(street.told("end").len(), 500);
}
