//! What an account says of policies.

use super::explain;
use crate::scenario::check_str;

const WORLD: &str = "[run]\nduration = \"1m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\n\
                     [provider.z]\n[provider.a]\n";

#[test]
fn a_provider_without_settings_is_told_by_the_profile_it_has_by_default() {
    let labelled = format!("{WORLD}[provider.b]\nregion = \"eu\"\n[policy.it]\n");
    let said = explain(&check_str("s.toml", &labelled).unwrap()[0]);
    for name in ["z", "a", "b"] {
        assert!(
            said.contains(&format!(
                "Provider  {name}: Latency profile frontier-mid (the default)."
            )),
            "{said}"
        );
    }
}

/// The account of the last policy of a text, on one line.
fn account(policy: &str) -> String {
    let text = format!("{WORLD}[policy.it]\n{policy}");
    let said = explain(&check_str("s.toml", &text).unwrap()[0]);
    let said = said.split("Policy    ").nth(1).unwrap();
    let said = said.split("\nCompares").next().unwrap();
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn an_explanation_says_how_often_where_and_how_long_a_policy_tries() {
    let two = "retry.attempts = 4\nretry.on = [\"overloaded\"]\n";
    assert_eq!(
        account(two),
        "it (baseline): Asks z, then a (in order of the file): after a failure the next at once, \
         after the last a wait and the first. Up to 4 attempts per call, with no limit per \
         endpoint, again after overloaded; backoff none. Waits as `Retry-After` says, up to 1m; longer ones \
         are ignored."
    );
    let stays = format!(
        "{two}retry.attempts-per-endpoint = 2\n\
         route.failover = {{ endpoints = [\"a\", \"z\"], on-failure = \"exhaust-then-next\" }}\n"
    );
    let said = account(&stays);
    assert!(
        said.contains("Asks a, then z: the next only when the attempts at this one are used up."),
        "{said}"
    );
    assert!(
        said.contains("4 attempts per call, 2 at one endpoint, again"),
        "{said}"
    );
    let one = account(&format!("{two}route.failover = [\"a\"]\n"));
    assert!(
        one.contains("Asks a. Up to 4 attempts per call, again"),
        "{one}"
    );
    assert!(
        !account("retry.attempts = 1\n").contains("Retry-After"),
        "nothing is retried"
    );
}

#[test]
fn an_explanation_says_what_becomes_of_a_stated_wait() {
    let cases = [
        ("honour = false", "Ignores `Retry-After`."),
        (
            "cap = \"9s\", too-long = \"clamp\"",
            "up to 9s; longer ones become 9s.",
        ),
        (
            "too-long = \"fail\"",
            "up to 1m; after longer ones it does not try again there.",
        ),
        (
            "too-long = \"honour\", floor = \"2s\"",
            "says, however long, and at least 2s.",
        ),
        (
            "jitter = 0.25",
            "up to 1m, and up to 0.25 times that longer; longer ones",
        ),
    ];
    for (settings, expected) in cases {
        let text = format!("retry.attempts = 2\nretry.server-wait = {{ {settings} }}\n");
        let said = account(&text);
        assert!(said.contains(expected), "{settings}: {said}");
    }
}

#[test]
fn an_explanation_says_what_a_policy_makes_of_which_ending() {
    let said = account(
        "retry.attempts = 4\nclassify = { \"429/insufficient-quota\" = \"rate-limited\", \
         \"500\" = \"rejected\" }\non.overloaded = { attempts = 1, fail-over = \"now\", \
         counts-for-breaker = true }\non.timed-out = { attempts = 2, backoff.constant = { wait = \
         \"5s\" }, fail-over = \"never\", counts-for-breaker = false }\non.server-fault = { \
         attempts = 3, fail-over = \"now\" }\n",
    );
    for part in [
        "Takes 429/insufficient-quota for rate-limited, 500 for rejected.",
        "After overloaded: leaves the endpoint at once, counts for the breaker.",
        "After server-fault: leaves the endpoint after 3 attempts there.",
        "After timed-out: gives up when 2 attempts ended so, backoff constant (wait 5s), never \
         leaves the endpoint, does not count for the breaker.",
    ] {
        assert!(said.contains(part), "does not say {part:?}: {said}");
    }
}

#[test]
fn an_explanation_says_what_is_compared_and_what_must_hold() {
    let text = format!(
        "{WORLD}dialect = \"openai\"\nnetwork.out = \"5ms\"\n[policy.a]\n[policy.b]\n\
         [[fault]]\nname = \"storm\"\non = [\"a\"]\nat = \"10s\"\nfor = \"5s\"\neffect = \"hang\"\n\
         [compare]\nmin-effect.latency_good_ms_p99 = \"5%\"\n\
         [[expect]]\nduring = \"storm\"\nmetric.success_ratio = {{ min = 0.29, max = 1 }}\n\
         [[expect]]\npolicy = \"a\"\ngate = \"mean\"\nmetric.latency_good_ms_p99 = {{ max = \"90s\" }}\n\
         [[expect]]\norder.amplification = [\"a\", \"b\"]\nsame.recovery_s = [\"b\", \"a\"]\n"
    );
    let said = explain(&check_str("s.toml", &text).unwrap()[0]);
    let expected = "\
Compares  success_ratio by 0.1 points or more, latency_good_ms_p99 by 5 % or
          more.
Expects   every policy: success_ratio at least 29 %, during storm.
          every policy: success_ratio at most 100 %, during storm.
          a: latency_good_ms_p99 at most 1m 30s (by the mean).
          amplification: a < b.
          recovery_s: b, a differ by less than 2 %.
";
    assert!(said.ends_with(expected), "{said}");
    assert!(said.starts_with("s\nRun       1m of"), "{said}");
    let provider = "Provider  a: Network 5ms out and 0s back, latency profile frontier-mid (the\n          \
                    default). Labels: dialect openai.";
    assert!(said.contains(provider), "{said}");
    assert!(
        said.contains("tokens profile chat (the default);"),
        "{said}"
    );
    let seconds = text.replace("duration = \"1m\"", "duration = \"95s\"");
    let said = explain(&check_str("s.toml", &seconds).unwrap()[0]);
    assert!(said.contains("1m 35s of traffic"), "{said}");
}

#[test]
fn of_many_conditions_the_first_are_told_and_the_rest_are_counted() {
    let one = "[[expect]]\nmetric.success_ratio.min = 0\n";
    let text = format!("{WORLD}[policy.a]\n{}", one.repeat(25));
    let said = explain(&check_str("s.toml", &text).unwrap()[0]);
    assert_eq!(said.matches("at least 0 %").count(), 20);
    assert!(said.ends_with("And 5 more.\n"), "{said}");
}

#[test]
fn an_explanation_says_what_processes_share_and_how_late_they_know_it() {
    let said = account(
        "retry.attempts = 2\nbudget = { share = { ratio = 0.1, scope = \"fleet\" }, time.limit = \"8s\" }\n\
         breaker.consecutive = { failures = 3, open = \"5s\" }\ntrip.scope = \"fleet\"\nfleet.sync = \"30s\"\n",
    );
    let shared =
        "The processes share budget share, the breakers, and know of each other up to 30s late.";
    assert!(said.contains(shared), "{said}");
    // Without a breaker there is none to share.
    let alone = account("trip.scope = \"fleet\"\n");
    assert!(!alone.contains("The processes share"), "{alone}");
}

#[test]
fn an_explanation_says_who_judges_and_where_a_refusal_is_the_end() {
    let judged = account("retry.attempts = 2\nguard.judge = { endpoint = \"a\" }\n");
    assert!(judged.contains("Asks z. Up to"), "{judged}");
    assert!(
        judged.contains("fails the call: the class is not retried")
            && judged.contains("(bad-answer)"),
        "{judged}"
    );
    let goes_on = "retry.attempts = 2\nguard.judge = { endpoint = \"a\" }\n\
                   on.bad-answer = { fail-over = \"now\" }\n";
    let said = account(goes_on);
    assert!(!said.contains("fails the call"), "{said}");
}

#[test]
fn a_monitor_is_told_with_its_interval_of_false_alarms_and_its_delay() {
    let said = account(
        "monitor.it = { watch = \"failures\", sample = \"50%\", then = \"trip\", for = \"10m\", \
         test.bernoulli-cusum = { usual = \"5%\", risen = \"15%\", threshold = 40 } }\n",
    );
    // The chain of 40 states with steps of 10, solved by hand elsewhere: see `tests/laws/monitors.rs`.
    assert!(
        said.contains("Monitor it watches failures (50 % of them) by bernoulli-cusum"),
        "{said}"
    );
    assert!(said.contains("one false alarm in "), "{said}");
    assert!(
        said.contains("and finds a share of 15% after about "),
        "{said}"
    );
    assert!(
        said.contains("an alarm opens the breaker for 10m"),
        "{said}"
    );
}

#[test]
fn an_interval_of_normal_numbers_is_not_promised_for_latencies_as_they_are() {
    let told = |scale: &str| {
        account(&format!(
            "monitor.slow = {{ watch = \"latency\", {scale}test.cusum = {{ mean = 1, deviation = 1, \
             false-alarm-every = 10000 }} }}\n"
        ))
    };
    let said = told("");
    assert!(
        said.contains("so it does not hold here (scale = \"log\""),
        "{said}"
    );
    let said = told("scale = \"log\", ");
    assert!(said.contains("at one observation a call"), "{said}");
    assert!(!said.contains("does not hold"), "{said}");
}

#[test]
fn a_policy_without_failover_says_whom_it_asks_and_whom_never() {
    let sdk = account("preset = \"openai-python-3\"\n");
    let alone = "Asks z alone and never a, for it has no failover (a `single` route). Up to 3 attempts \
                 per call, again after";
    assert!(sdk.contains(alone), "{sdk}");
    let other = account("preset = \"openai-python-3\"\nroute.single = \"a\"\n");
    assert!(other.contains("Asks a alone and never z,"), "{other}");
    let both = account("preset = \"openai-python-3\"\nroute = \"failover\"\n");
    assert!(both.contains("Asks z, then a (in order"), "{both}");
}

#[test]
fn attempts_are_said_to_be_those_of_a_group_where_each_has_its_own() {
    for (groups, per) in [("fallback", "per group"), ("priority", "per call")] {
        let three = account(&format!("groups = \"{groups}\"\nretry.attempts = 3\n"));
        assert!(
            three.contains(&format!("Up to 3 attempts {per}")),
            "{three}"
        );
        let one = account(&format!("groups = \"{groups}\"\nretry.attempts = 1\n"));
        assert!(one.contains(&format!("One attempt {per}")), "{one}");
    }
}
