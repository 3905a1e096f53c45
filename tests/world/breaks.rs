//! Answers that break off, requests that come late, and what some requests meet and others do not.

use squall::base::Ending;
use squall::base::wire::{Code, Content, Finish};

use super::bills::TWO_SECONDS;
use crate::street::Street;

fn under(fault: &str) -> Street {
    Street::new(
        TWO_SECONDS,
        &[&format!("at = \"0s\"\nfor = \"1h\"\n{fault}")],
    )
}

fn ends(street: &Street) -> Vec<Ending> {
    let end = |fate: &crate::street::Fate| fate.end.map(|(_, ending)| ending);
    street.fates.iter().filter_map(end).collect()
}

#[test]
fn a_clean_truncation_looks_whole_but_for_its_finish_reason_and_is_bad() {
    let mut street = under("effect.truncation = {}");
    (0..200).for_each(|_| _ = street.send());
    street.pass(5000);
    let mut lengths = Vec::new();
    for (fate, ending) in street.fates.iter().zip(ends(&street)) {
        let Ending::Answer {
            finish: Finish::Missing,
            tokens,
            content: Content::Text,
        } = ending
        else {
            panic!("{ending:?}")
        };
        assert!(!fate.good && tokens < 101);
        assert_eq!(fate.first.is_some(), tokens > 0);
        assert_eq!(fate.bills[0].1.output_tokens, u64::from(tokens));
        // The first token comes after a second, and the last of 101 a second later.
        let (at, _) = fate.end.unwrap();
        let expected = 1000 + 10 * u64::from(tokens.max(1) - 1);
        assert_eq!(at.0 / 1_000_000, expected, "{tokens} tokens");
        lengths.push(f64::from(tokens));
    }
    // Uniform from 0 to 100: the mean of 200 has a standard error of 2.1.
    let mean = lengths.iter().sum::<f64>() / 200.0;
    assert!((mean - 50.0).abs() < 8.2, "seed 1: {mean}");
}

#[test]
fn what_is_not_streamed_cannot_be_cut_unseen() {
    for fault in ["truncation = {}", "truncation = { clean = false }"] {
        let mut street = under(&format!("effect.{fault}")).whole();
        street.send();
        street.pass(5000);
        assert_eq!(ends(&street), [Ending::ConnectionLost]);
    }
}

#[test]
fn an_error_within_a_stream_has_status_200_and_a_code() {
    for (effect, stream, status, code) in [
        ("stream-error = {}", true, 200, Code::Overloaded),
        ("stream-error = {}", false, 529, Code::Overloaded),
        (
            "stream-error = { code = \"server-error\" }",
            true,
            200,
            Code::ServerError,
        ),
        (
            "stream-error = { code = \"server-error\" }",
            false,
            500,
            Code::ServerError,
        ),
        ("overload = {}", true, 529, Code::Overloaded),
        (
            "overload = { in-stream = true }",
            true,
            200,
            Code::Overloaded,
        ),
        (
            "overload = { in-stream = true }",
            false,
            529,
            Code::Overloaded,
        ),
        ("overload = { status = 503 }", true, 503, Code::Overloaded),
        ("invalid-credentials = {}", true, 401, Code::None),
        ("quota-exhausted = {}", true, 429, Code::InsufficientQuota),
    ] {
        let street = under(&format!("effect.{effect}"));
        let mut street = if stream { street } else { street.whole() };
        street.send();
        street.pass(5000);
        let Ending::Status {
            status: s, code: c, ..
        } = ends(&street)[0]
        else {
            panic!("{effect}: {:?}", street.log())
        };
        assert_eq!((s, c), (status, code), "{effect}");
    }
}

#[test]
fn a_stalled_answer_leaves_its_slot_and_says_nothing_more() {
    let provider = format!("{TWO_SECONDS}\ncapacity.slots = {{ count = 1 }}");
    let fault = "at = \"0s\"\nfor = \"1h\"\neffect.stall = {}\nhits.first = { requests = 1 }";
    let mut street = Street::new(&provider, &[fault]);
    (0..2).for_each(|_| _ = street.send());
    street.pass(60_000);
    assert_eq!(street.told("end").len(), 1, "{:?}", street.log());
    assert!(street.is_open(0));
    street.abandon(0);
    assert_eq!(street.told("bill").len(), 2);
}

#[test]
fn the_first_requests_fail_and_then_none() {
    let mut street = under("effect.outage = {}\nhits.first = { requests = 3 }");
    (0..6).for_each(|_| _ = street.send());
    street.pass(5000);
    let failed = street
        .fates
        .iter()
        .map(|fate| matches!(fate.end, Some((_, Ending::Status { status: 503, .. }))));
    assert_eq!(
        failed.collect::<Vec<_>>(),
        [true, true, true, false, false, false]
    );
}

#[test]
fn an_outage_of_a_share_cuts_and_refuses_that_share_and_leaves_the_rest_its_slots() {
    let provider = format!("{TWO_SECONDS}\ncapacity.slots = {{ count = 100, queue = 1000 }}");
    let fault = "at = \"1500ms\"\nfor = \"60s\"\neffect.outage = {}\nhits.share = { of = 0.25 }";
    let mut street = Street::new(&provider, &[fault]);
    (0..400).for_each(|_| _ = street.send());
    street.pass(60_000);
    let whole = street
        .told("end")
        .iter()
        .filter(|line| line.contains("answer"))
        .count();
    // 400 lots with a standard error of 8.7.
    assert!((whole as i32 - 300).abs() < 35, "seed 1: {whole}");
    assert_eq!(street.told("end").len(), 400, "nobody is left in the queue");
    let twice = street.fates.iter().filter(|fate| fate.bills.len() != 1);
    assert_eq!(twice.count(), 0);
}

#[test]
fn a_brownout_of_a_share_slows_that_share_and_lets_go_of_it() {
    let fault = "at = \"1s\"\nfor = \"2s\"\neffect.brownout = { slowdown = 3 }\n\
                 hits.share = { of = 0.5, by = \"call\" }";
    let mut street = Street::new(TWO_SECONDS, &[fault]);
    (0..100).for_each(|_| _ = street.send());
    street.pass(20_000);
    let ms: Vec<u64> = street
        .fates
        .iter()
        .map(|f| f.end.unwrap().0.0 / 1_000_000)
        .collect();
    // Half of it was left at 1 s; slowed 3 times it takes until 4 s, but the fault ends at 3 s, when a
    // third of the rest is left.
    assert!(
        ms.iter().all(|&ms| ms == 2000 || ms.abs_diff(3333) < 2),
        "{ms:?}"
    );
    let slow = ms.iter().filter(|&&ms| ms > 3000).count();
    assert!((30..70).contains(&slow), "seed 1: {slow}");
}

#[test]
fn a_request_sent_into_a_brownout_of_a_share_is_slowed_from_its_start_to_the_faults_end() {
    // At a third of its speed 2 s of work take 6 s. Where the fault ends at 3 s a sixth of a second of it is
    // done then, and the rest goes at its own speed.
    for (lasts, slowed) in [("60s", 8500), ("2s", 4833)] {
        let fault = format!(
            "at = \"1s\"\nfor = \"{lasts}\"\neffect.brownout = {{ slowdown = 3 }}\n\
             hits.share = {{ of = 0.5, by = \"call\" }}"
        );
        let mut street = Street::new(TWO_SECONDS, &[&fault]);
        street.pass(2500);
        (0..100).for_each(|_| _ = street.send());
        street.pass(20_000);
        let end = |f: &crate::street::Fate| f.end.unwrap().0.0 / 1_000_000;
        let ms: Vec<u64> = street.fates.iter().map(end).collect();
        assert!(
            ms.iter().all(|&ms| ms == 4500 || ms.abs_diff(slowed) < 2),
            "{ms:?}"
        );
        let slow = ms.iter().filter(|&&ms| ms != 4500).count();
        assert!((30..70).contains(&slow), "seed 1: {slow}");
    }
}

#[test]
fn packet_loss_delays_by_timeouts_that_double() {
    let mut street = under("effect.packet-loss = { loss = 0.3, tries = 2 }");
    // What is lost is lost when it is sent, and the fault has to have begun.
    street.pass(0);
    (0..1000).for_each(|_| _ = street.send());
    street.pass(60_000);
    let mut late = [0; 3];
    for fate in &street.fates {
        match fate.end.map(|(at, _)| at.0 / 1_000_000) {
            Some(2000) => late[0] += 1,
            Some(3000) => late[1] += 1,
            Some(5000) => late[2] += 1,
            None => {}
            Some(other) => panic!("{other}"),
        }
    }
    let lost = 1000 - late.iter().sum::<i32>();
    // 0.7, 0.21, 0.063 and 0.027 of a thousand, within four standard errors.
    for (got, expected, error) in [
        (late[0], 700, 14.5),
        (late[1], 210, 12.9),
        (late[2], 63, 7.7),
        (lost, 27, 5.1),
    ] {
        assert!(
            f64::from(got - expected).abs() < 4.0 * error,
            "{late:?} {lost}"
        );
    }
}

#[test]
fn what_was_never_connected_is_neither_served_nor_billed() {
    let mut street = under("effect.packet-loss = { loss = 0.5, tries = 2 }");
    street.pass(0);
    (0..1000).for_each(|_| _ = street.send());
    // All clients give up after half a second; the first packet is sent again after one.
    street.pass(500);
    (0..1000).for_each(|number| street.abandon(number));
    street.pass(60_000);
    let billed = street
        .fates
        .iter()
        .filter(|fate| fate.bills[0].1.pico_usd > 0 || fate.bills[0].1.input_tokens > 0);
    let billed = billed.count();
    // The half that was not lost is served to its end for nobody: within four standard errors of 15.8.
    assert!(billed.abs_diff(500) < 64, "{billed} of 1000");
    assert!(street.fates.iter().all(|fate| fate.bills.len() == 1));
}

#[test]
fn who_gives_up_connecting_over_a_slow_network_has_sent_nothing() {
    let mut street = Street::new(
        &format!("{TWO_SECONDS}\nnetwork = {{ out.constant = \"1s\", back.constant = \"1s\" }}"),
        &[],
    );
    let (connecting, sent) = (street.send(), street.send());
    street.pass(500);
    let job = street.job_of[&connecting];
    street.world.give_up_connecting(job);
    street.abandon(connecting);
    street.abandon(sent);
    street.pass(60_000);
    let tokens = |number: u32| street.fates[number as usize].bills[0].1.input_tokens;
    assert_eq!(tokens(connecting), 0);
    assert_eq!(
        tokens(sent),
        100,
        "what was on its way is served to its end"
    );
}

#[test]
fn a_bill_goes_by_the_price_when_its_service_began() {
    let provider = format!("{TWO_SECONDS}\nprice = {{ input = \"$1/M\", output = \"$10/M\" }}");
    let fault = "at = \"1s\"\nfor = \"2s\"\neffect.price = { factor = 3 }";
    let mut street = Street::new(&provider, &[fault]);
    for at in [500, 1500, 3500] {
        street.reach(squall::base::Instant(at * 1_000_000));
        street.send();
    }
    street.pass(10_000);
    let pico = street.fates.iter().map(|fate| fate.bills[0].1.pico_usd);
    let own = 100 * 1_000_000 + 101 * 10_000_000;
    assert_eq!(pico.collect::<Vec<_>>(), [own, 3 * own, own]);
}

#[test]
fn a_status_page_is_late_and_does_not_tell_of_everything() {
    let provider =
        format!("{TWO_SECONDS}\nstatus-page = {{ delay = \"20s\", misses = 0.25, least = 0.1 }}");
    let flaps = "schedule.every = { on = \"1m\", off = \"9m\" }";
    let told = |fault: &str| {
        let fault = format!("at = \"0s\"\nfor = \"10000m\"\n{fault}\n{flaps}");
        let street = Street::new(&provider, &[&fault]);
        let page = street.page();
        assert!(page.iter().all(|(at, trouble)| {
            let since_ms = at.0 / 1_000_000 % 600_000;
            since_ms == if *trouble { 20_000 } else { 80_000 }
        }));
        page.len()
    };
    // Of 1000 faults 250 are missed, with a standard error of 13.7; each that is told begins and ends.
    let page = told("effect.outage = {}") as i32;
    assert!((page - 1500).abs() < 110, "seed 1: {page}");
    assert_eq!(told("effect.outage = {}\nhits.share = { of = 0.05 }"), 0);
    assert_eq!(told("effect.drift = { factor = 0 }"), 0);
}
