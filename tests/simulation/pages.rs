//! What following a status page is worth, beside a breaker and without one: counted call by call.

use squall::scenario::check_str;
use squall::sim::{self, Setup};

/// One call a second; `a` is down from 100 s to 300 s, and its page says so a minute late.
const WEATHER: &str = r#"
[run]
duration = "600s"
[workload]
arrivals.batch = { every = "1s", size = 1 }
tokens.fixed = { input = 100, output = 1 }
deadline = "10s"
[provider.a]
latency.distribution = { first-token = "10ms" }
status-page = { delay = "60s" }
[provider.b]
latency.distribution = { first-token = "10ms" }
[[fault]]
name = "outage"
on = ["a"]
at = "100s"
for = "200s"
effect.outage = {}
"#;

/// Calls that failed, and attempts at `b`.
fn flown(weather: &str, policy: &str) -> (u64, u64) {
    let route = "[policy.p]\nroute.failover = [\"a\", \"b\"]\nretry.attempts = 1\n";
    let text = format!("{weather}{route}{policy}");
    let scenarios = check_str("pages.toml", &text).expect("it is right");
    let setup = Setup::new(&scenarios[0]).expect("its policy fits");
    let run = sim::run(&setup, 0, 0).replication;
    let all = &run.scopes[0];
    assert_eq!(all.calls, 600);
    let at_b = all.usage.iter().filter(|row| row.endpoint == "b");
    (all.failed, at_b.map(|row| row.attempts).sum())
}

const PAGE: &str = "steering.status-page = true\n";
const BREAKER: &str = "breaker.consecutive = { failures = 5, open = \"30s\" }\n";

#[test]
fn a_page_saves_what_comes_after_its_delay_and_goes_on_as_long_after_the_end() {
    assert_eq!(
        flown(WEATHER, ""),
        (200, 0),
        "every call of the outage fails"
    );
    // From 100 s to 160 s nothing is known; from 160 s to 360 s all goes to `b`.
    assert_eq!(flown(WEATHER, PAGE), (60, 200));
}

#[test]
fn beside_a_breaker_a_page_saves_its_probes_and_keeps_calls_away_for_longer() {
    // Five failures open it at 104 s; probes at 134 s, 164 s … 284 s fail, the one at 314 s does not.
    let breaker = flown(WEATHER, BREAKER);
    assert_eq!(breaker, (5 + 6, 314 - 105 - 6));
    // With a page the one probe before 160 s fails; then `a` is asked no more until 360 s.
    let both = flown(WEATHER, &format!("{PAGE}{BREAKER}"));
    assert_eq!(both, (5 + 1, 160 - 105 - 1 + 200));
}

#[test]
fn a_page_that_does_not_tell_is_worth_nothing() {
    let silent = WEATHER.replace("delay = \"60s\"", "delay = \"60s\", misses = 1.0");
    assert_eq!(flown(&silent, PAGE), (200, 0));
    // Nor is one that tells after all is over: it keeps calls away from what works.
    let late = WEATHER.replace("delay = \"60s\"", "delay = \"250s\"");
    assert_eq!(flown(&late, PAGE), (200, 200));
}
