//! Answers and what they cost: complete, cut, abandoned.

use squall::base::Usage;

use crate::street::Street;

/// A first token after a second, then ten milliseconds a token: an answer of 101 takes two seconds.
pub(super) const TWO_SECONDS: &str =
    "latency.distribution = { first-token.constant = \"1s\", per-token.constant = \"10ms\" }";

fn with(more: &str) -> Street {
    Street::new(&format!("{TWO_SECONDS}\n{more}"), &[])
}

#[test]
fn an_answer_comes_token_by_token_and_is_billed_at_its_end() {
    let mut street = with("price = { input = \"$3/M\", output = \"$15/M\" }");
    street.send();
    street.pass(5000);
    assert_eq!(
        street.log(),
        [
            "1000 first #0",
            "2000 bill 100+101 #0",
            "2000 end answer #0"
        ]
    );
    let pico_usd = 100 * 3_000_000 + 101 * 15_000_000;
    let usage = Usage {
        input_tokens: 100,
        output_tokens: 101,
        pico_usd,
    };
    assert_eq!(street.fates[0].bills[0].1, usage);
}

#[test]
fn the_network_delays_what_the_client_sees_and_not_the_bill() {
    let mut street = with("network = { out.constant = \"100ms\", back.constant = \"50ms\" }");
    street.send();
    street.pass(5000);
    assert_eq!(
        street.log(),
        [
            "1150 first #0",
            "2100 bill 100+101 #0",
            "2150 end answer #0"
        ]
    );
}

#[test]
fn a_whole_answer_has_no_first_token() {
    let mut street = with("").whole();
    street.send();
    street.pass(5000);
    assert_eq!(street.log(), ["2000 bill 100+101 #0", "2000 end answer #0"]);
}

#[test]
fn max_tokens_cut_the_answer_the_bill_and_the_time() {
    let mut street = with("");
    street.send_sized(100, 51, 101);
    street.pass(5000);
    assert_eq!(
        street.log()[1..],
        ["1500 bill 100+51 #0", "1500 end answer cut #0"]
    );
}

/// The bill of an answer whose client goes away after 1.5 s, with 51 tokens said.
fn abandoned_half_way(keeps_slot: bool, billed: bool) -> Vec<String> {
    let mut street = with(&format!(
        "abandoned = {{ keeps-slot = {keeps_slot}, billed = {billed} }}"
    ));
    street.send();
    street.pass(1500);
    street.abandon(0);
    street.pass(5000);
    street.log()[1..].iter().map(ToString::to_string).collect()
}

#[test]
fn what_an_abandoned_answer_is_billed_for_is_a_setting() {
    assert_eq!(abandoned_half_way(true, true), ["2000 bill 100+101 #0"]);
    assert_eq!(abandoned_half_way(true, false), ["2000 bill 100+51 #0"]);
    assert_eq!(abandoned_half_way(false, true), ["1500 bill 100+51 #0"]);
    assert_eq!(abandoned_half_way(false, false), ["1500 bill 100+51 #0"]);
}

#[test]
fn before_its_first_token_an_abandoned_answer_costs_its_prompt() {
    let mut street = with("abandoned = { keeps-slot = false }");
    street.send();
    street.pass(500);
    street.abandon(0);
    assert_eq!(street.log(), ["500 bill 100+0 #0"]);
}

#[test]
fn a_request_abandoned_on_its_way_costs_nothing_unless_the_provider_works_for_nobody() {
    for (rules, bill) in [
        ("keeps-slot = false", "50 bill 0+0 #0"),
        ("keeps-slot = true", "2100 bill 100+101 #0"),
        ("keeps-slot = true, billed = false", "2100 bill 0+0 #0"),
    ] {
        let mut street = with(&format!(
            "network.out.constant = \"100ms\"\nabandoned = {{ {rules} }}"
        ));
        street.send();
        street.pass(50);
        street.abandon(0);
        street.pass(5000);
        assert_eq!(street.log(), [bill], "{rules}");
    }
}

#[test]
fn an_answer_abandoned_when_it_is_complete_and_on_its_way_back_is_billed_once() {
    let mut street = with("network.back.constant = \"50ms\"");
    street.send();
    street.pass(2020);
    street.abandon(0);
    street.pass(5000);
    assert_eq!(street.log(), ["1050 first #0", "2000 bill 100+101 #0"]);
}

#[test]
fn at_the_end_of_time_open_bills_are_settled_as_they_stand() {
    let mut street = with("");
    street.send();
    street.pass(1500);
    street.close();
    assert_eq!(street.told("bill"), ["1500 bill 100+51 #0"]);
}
