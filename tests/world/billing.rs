//! What is billed for what did not become a whole answer, and tokens with prices of their own.

use squall::base::draw::{Root, Stage};
use squall::base::{Draws, Purpose};

use super::bills::TWO_SECONDS;
use crate::street::Street;

const PRICES: &str = "price = { input = \"$3/M\", output = \"$15/M\" }";

fn with(more: &str, faults: &[&str]) -> Street {
    Street::new(&format!("{TWO_SECONDS}\n{PRICES}\n{more}"), faults)
}

/// Prompt and answer tokens on the bill of the first request.
fn billed(street: &Street) -> (u64, u64) {
    let usage = street.fates[0].bills[0].1;
    let pico_usd = usage.input_tokens * 3_000_000 + usage.output_tokens * 15_000_000;
    assert_eq!(usage.pico_usd, pico_usd, "the price of what is billed");
    (usage.input_tokens, usage.output_tokens)
}

#[test]
fn work_whose_client_went_away_is_billed_by_its_own_rule() {
    // The client goes after 1.5 s: the first token came at 1 s, one every 10 ms since: 51 of 101.
    for (rule, expected) in [
        ("nothing", (0, 0)),
        ("prompt", (100, 0)),
        ("so-far", (100, 51)),
        ("to-end", (100, 101)),
    ] {
        for billed_before in [true, false] {
            let mut street = with(
                &format!("billed.abandoned = \"{rule}\"\nabandoned.billed = {billed_before}"),
                &[],
            );
            street.send();
            street.pass(1500);
            street.abandon(0);
            street.pass(5000);
            assert_eq!(billed(&street), expected, "{rule}");
        }
    }
}

#[test]
fn work_that_stops_with_its_client_has_no_more_to_bill_than_it_produced() {
    let mut street = with(
        "billed.abandoned = \"to-end\"\nabandoned.keeps-slot = false",
        &[],
    );
    street.send();
    street.pass(1500);
    street.abandon(0);
    street.pass(5000);
    assert_eq!(billed(&street), (100, 51));
}

#[test]
fn an_answer_that_breaks_off_is_billed_by_its_own_rule() {
    let outage = "at = \"1500ms\"\nfor = \"1s\"\neffect.refused-connections = {}";
    for (rule, expected) in [
        ("nothing", (0, 0)),
        ("prompt", (100, 0)),
        ("so-far", (100, 51)),
    ] {
        let mut street = with(&format!("billed.truncated = \"{rule}\""), &[outage]);
        street.send();
        street.pass(5000);
        assert_eq!(billed(&street), expected, "{rule}");
    }
}

#[test]
fn errors_and_refusals_are_billed_by_the_status() {
    let errors = |status: u16| {
        format!("at = \"0s\"\nfor = \"1m\"\neffect.error-rate = {{ bad = 1.0, status = {status} }}")
    };
    for (rules, status, expected) in [
        ("", 500, (0, 0)),
        ("billed.errors = \"prompt\"", 500, (100, 0)),
        ("billed.errors = \"prompt\"", 429, (0, 0)),
        ("billed.refused = \"prompt\"", 429, (100, 0)),
        ("billed.refused = \"prompt\"", 503, (0, 0)),
    ] {
        let mut street = with(rules, &[&errors(status)]);
        street.send();
        street.pass(5000);
        assert_eq!(billed(&street), expected, "{rules} {status}");
    }
}

#[test]
fn reasoning_is_billed_at_its_own_price_and_part_of_the_answer() {
    let more = "reasoning = 0.75\n";
    let mut street = Street::new(
        &format!(
            "{TWO_SECONDS}\n{more}price = {{ input = \"$3/M\", output = \"$15/M\", reasoning = \"$5/M\" }}"
        ),
        &[],
    );
    street.send();
    street.pass(5000);
    let usage = street.fates[0].bills[0].1;
    // Three quarters of 101 are 76, to the nearest token.
    assert_eq!((usage.input_tokens, usage.output_tokens), (100, 101));
    assert_eq!(
        usage.pico_usd,
        100 * 3_000_000 + 25 * 15_000_000 + 76 * 5_000_000
    );
}

#[test]
fn what_the_cache_has_and_what_it_takes_in_have_their_prices() {
    let prices = |more: &str| {
        format!("{TWO_SECONDS}\nprice = {{ input = \"$3/M\", output = \"$0/M\"{more} }}\n")
    };
    let bill = |provider: String| {
        let mut street = Street::new(&provider, &[]);
        street.send_sized(4000, 10, 5);
        street.pass(5000);
        street.fates[0].bills[0].1.pico_usd
    };
    let all_found = "cache = { hit = 1.0, prefix = 0.75 }";
    // 3000 found, 1000 taken in.
    assert_eq!(
        bill(prices("") + all_found),
        3000 * 300_000 + 1000 * 3_000_000
    );
    let own = ", cached-input = \"$0.50/M\", cache-write = \"$3.75/M\"";
    assert_eq!(
        bill(prices(own) + all_found),
        3000 * 500_000 + 1000 * 3_750_000
    );
    assert_eq!(
        bill(prices(own) + "cache = {}"),
        4000 * 3_750_000,
        "nothing was there"
    );
    assert_eq!(
        bill(prices(own) + "cache.min-tokens = 5000"),
        4000 * 3_000_000,
        "too short"
    );
}

/// Tokens billed are tokens produced, per the rule, whoever goes away whenever: against a clock and a division.
#[test]
fn tokens_billed_are_tokens_produced_per_the_rule() {
    const SEED: u64 = 11;
    let draws = Draws::new(Root::new(SEED, Stage::Run, 0));
    for (i, rule) in ["nothing", "prompt", "so-far", "to-end"]
        .into_iter()
        .enumerate()
    {
        for keeps_slot in [true, false] {
            let more =
                format!("billed.abandoned = \"{rule}\"\nabandoned.keeps-slot = {keeps_slot}");
            let mut street = with(&more, &[]);
            let entity = u64::from(keeps_slot) << 8 | i as u64;
            for n in 0..200u64 {
                let u = |which: u64| draws.unit(Purpose::Probe, entity, n << 2 | which);
                let answer = 1 + (u(0) * 200.0) as u32;
                let goes_ms = (u(1) * 4000.0) as u64;
                let number = street.send_sized(100, 1000, answer);
                street.pass(goes_ms);
                let over = street.fates[number as usize].end.is_some();
                street.abandon(number);
                street.pass(10_000);
                let ends_ms = 1000 + 10 * u64::from(answer - 1);
                let produced = |ms: u64| match ms {
                    ms if ms < 1000 => 0,
                    ms => (1 + (ms - 1000) / 10).min(u64::from(answer)),
                };
                assert_eq!(
                    over,
                    goes_ms >= ends_ms,
                    "seed {SEED}: {goes_ms} of {ends_ms} ms"
                );
                let expected = match (rule, keeps_slot) {
                    _ if over => (100, u64::from(answer)),
                    ("nothing", _) => (0, 0),
                    ("prompt", _) => (100, 0),
                    ("to-end", true) => (100, u64::from(answer)),
                    _ => (100, produced(goes_ms)),
                };
                let usage = street.fates[number as usize].bills[0].1;
                let found = (usage.input_tokens, usage.output_tokens);
                assert_eq!(
                    found, expected,
                    "seed {SEED}: {rule}, {keeps_slot}, {goes_ms} of {ends_ms} ms"
                );
            }
        }
    }
}

#[test]
fn an_answer_that_breaks_off_by_itself_is_billed_by_the_same_rule() {
    for effect in [
        "truncation = {}",
        "truncation.clean = false",
        "stream-error.code = \"server-error\"",
    ] {
        let fault = format!("at = \"0s\"\nfor = \"1m\"\neffect.{effect}");
        for rule in ["nothing", "prompt", "so-far"] {
            let mut street = with(&format!("billed.truncated = \"{rule}\""), &[&fault]);
            street.send();
            street.pass(5000);
            let (input, output) = billed(&street);
            assert_eq!(
                input,
                if rule == "nothing" { 0 } else { 100 },
                "{effect} {rule}"
            );
            assert_eq!(output > 0, rule == "so-far", "{effect} {rule}");
        }
    }
}
