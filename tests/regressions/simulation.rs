//! Bugs of a whole run.

use squall::record::Replication;
use squall::scenario::check_str;
use squall::sim::{self, Setup};

/// The first replication of the first policy.
fn fly(text: &str) -> Replication {
    let scenarios = check_str("regression.toml", text).expect("the text is right");
    let setup = Setup::new(&scenarios[0]).expect("the policies fit");
    println!("seed {}", scenarios[0].run.seed);
    sim::run(&setup, 0, 0).replication
}

/// The instant a service of no time ends is the instant it began, and its end was never announced:
/// the call stayed open until its deadline.
#[test]
fn an_answer_that_takes_no_time_comes() {
    let run = fly(r#"
        [run]
        duration = "10s"

        [workload]
        arrivals.poisson = { rate = "10/s" }
        tokens.fixed = { input = 1, output = 1 }
        deadline = "5s"

        [provider.api]
        latency.distribution = { first-token.constant = "0s" }
        capacity.slots = { count = 1 }

        [policy.plain]
    "#);
    let all = &run.scopes[0];
    assert!(all.calls > 50);
    assert_eq!((all.success, all.latency_success.sum_ns), (all.calls, 0));
}

/// The scopes a call counts in are bits of one word: the 64th fault had none, and its calls were
/// counted among those of another.
#[test]
fn as_many_faults_as_can_be_told_apart_are_allowed_and_no_more() {
    let fault = |i: u32| {
        let at = 100 * i;
        format!(
            "[[fault]]\nname = \"{i}\"\non = [\"api\"]\nat = \"{at}ms\"\nfor = \"100ms\"\n\
             effect.outage = {{}}\n"
        )
    };
    let text = |n: u32| {
        let faults: String = (0..n).map(fault).collect();
        format!(
            r#"
            [run]
            duration = "10s"
            [workload]
            arrivals.poisson = {{ rate = "100/s" }}
            tokens.fixed = {{ input = 1, output = 1 }}
            [provider.api]
            {faults}
            [policy.plain]
            "#
        )
    };
    let run = fly(&text(60));
    let (all, during) = run.scopes.split_first().expect("all calls have a scope");
    assert_eq!(during.len(), 60);
    assert_eq!(
        during.iter().map(|sums| sums.failed).sum::<u64>(),
        all.failed
    );
    assert!(
        during
            .iter()
            .all(|sums| sums.calls > 0 && sums.failed == sums.calls)
    );
    let mistakes = check_str("regression.toml", &text(61)).expect_err("one is too many");
    let found: Vec<&str> = mistakes.mistakes().map(|m| m.title.as_str()).collect();
    assert_eq!(found, ["more than 60 faults"]);
}

/// Windows were never wider than 10 s: ten years were 31 million of them, for each of eight counts.
#[test]
fn ten_years_with_a_call_an_hour_are_a_thousand_windows() {
    let run = fly(r#"
        [run]
        duration = "3650d"

        [workload]
        arrivals.poisson = { rate = "1/h" }
        tokens.fixed = { input = 1, output = 1 }
        deadline = "60s"

        [provider.api]
        latency.distribution = { first-token.constant = "1s" }

        [policy.plain]
    "#);
    let hours = 3650.0 * 24.0;
    let calls = run.scopes[0].calls as f64;
    assert!((calls - hours).abs() < 5.0 * hours.sqrt(), "{calls}");
    assert_eq!(run.windows.arrived.len(), 1000);
    let arrived: u64 = run.windows.arrived.iter().map(|&n| u64::from(n)).sum();
    assert_eq!(arrived, run.scopes[0].calls);
}

/// A thousand policies made a picture of six gigabytes, after the runs.
#[test]
fn more_policies_than_can_be_shown_are_refused_before_anything_is_run() {
    let text = |n: u32| {
        let policies: String = (0..n).map(|i| format!("[policy.p{i}]\n")).collect();
        format!(
            "[run]\nduration = \"1s\"\n[workload]\narrivals.burst = {{ count = 1 }}\n\
             [provider.api]\n{policies}"
        )
    };
    assert_eq!(
        check_str("few.toml", &text(100)).expect("as many as fit")[0]
            .policies
            .len(),
        100
    );
    let mistakes = check_str("many.toml", &text(101)).expect_err("one is too many");
    let found: Vec<&str> = mistakes.mistakes().map(|m| m.title.as_str()).collect();
    assert_eq!(found, ["more than 100 policies"]);
}

/// What a bill gives back to a quota of tokens lets the line go on sooner; nobody woke it then, and it
/// stood until the instant that was planned before. 1200 tokens at 0, of which the first call takes
/// 1100; its bill at 1 s gives 800 back, and the second has its 1100 at 2 s, not at 10 s.
#[test]
fn a_bill_that_gives_tokens_back_wakes_the_line_in_time() {
    let run = fly(r#"
        [run]
        duration = "30s"
        [workload]
        arrivals.burst = { count = 2, at = "0s" }
        tokens.fixed = { input = 100, output = 200 }
        max-tokens = 1000
        [provider.api]
        latency.distribution = { first-token.constant = "1s" }
        [policy.paced]
        quota.tokens = { rate = "100/s", burst = 1200, max-wait = "60s" }
    "#);
    let all = &run.scopes[0];
    assert_eq!((all.success, all.queue_wait.sum_ns), (2, 2_000_000_000));
}

/// A route that names no endpoints leaves out the policy's own judge: two priorities, one with a judge and
/// one without, had one router for routes of different lengths, and a run panicked.
#[test]
fn priorities_that_ask_other_endpoints_have_routers_of_their_own() {
    let run = fly(r#"
        [run]
        duration = "20s"
        [workload]
        arrivals.poisson = { rate = "20/s" }
        priority = { batch = 0.5 }
        [provider.a]
        [provider.b]
        [provider.j]
        [policy.p]
        route.round-robin = {}
        guard.judge = { endpoint = "j" }
        [policy.p.priority.batch]
        guard = "none"
        "#);
    let all = &run.scopes[0];
    assert_eq!(all.success, all.calls);
}

/// A breaker that is asked for the first time in a long while may have opened and be over it: the time it
/// was open from then on was less than nothing.
#[test]
fn a_breaker_that_opened_long_ago_was_open_for_no_less_than_nothing() {
    let run = fly(r#"
        [run]
        duration = "5m"

        [workload]
        processes = 1
        arrivals.poisson = { rate = "20/min" }
        tokens.fixed = { input = 1, output = 1 }
        deadline = "30s"

        [provider.api]
        latency.linear = { base = "100ms" }

        [[fault]]
        name = "down"
        on = ["api"]
        at = "0s"
        for = "5m"
        effect.error-rate = { bad = 1.0 }

        [policy.late]
        trip.decided-every = "500ms"

        [policy.late.breaker.time-window]
        failures = "50%"
        span = "60s"
        min-volume = 2
        open = "1s"
    "#);
    assert!(run.breaker_trips > 10);
    let most = u128::from(run.breaker_trips) * 1_000_000_000;
    assert!(run.breaker_open_bad_ns > 0 && run.breaker_open_bad_ns < most);
    assert_eq!(run.breaker_open_good_ns, 0, "it is down all the time");
}

/// Alarms lasted for each priority by itself, also where one section is for all of them.
#[test]
fn an_alarm_of_a_section_for_all_priorities_lasts_as_if_there_were_one() {
    let run = |priority: &str| {
        fly(&format!(
            r#"
            [run]
            duration = "1m"
            warm-up = "0s"

            [workload]
            processes = 1
            arrivals.poisson = {{ rate = "4/s" }}
            tokens.fixed = {{ input = 1, output = 1 }}
            deadline = "30s"
            {priority}

            [provider.api]
            latency.linear = {{ base = "8s" }}
            json = {{ broken = "100%" }}

            [policy.guarded]
            guard.schema = {{ then = "trip", for = "10s" }}
            "#
        ))
    };
    let (one, three) = (run(""), run("priority = { batch = 0.3, critical = 0.3 }"));
    assert_eq!(one.breaker_trips, 3);
    assert_eq!(one.breaker_open_good_ns, three.breaker_open_good_ns);
}

/// A probe of a process that did not know yet that the fleet's breaker had tripped again took a place among
/// the probes of the new spell, and never gave it back: nothing was sent any more, for ever.
#[test]
fn a_fleet_s_breaker_lets_traffic_back_after_an_outage() {
    for sync in ["100ms", "1s", "7s"] {
        let run = |scope: &str| {
            fly(&format!(
                r#"
                [run]
                duration = "6m"
                warm-up = "0s"

                [workload]
                processes = 3
                arrivals.poisson = {{ rate = "10/s" }}
                tokens.fixed = {{ input = 1, output = 1 }}
                deadline = "20s"

                [provider.api]
                latency.linear = {{ base = "1500ms" }}

                [[fault]]
                name = "out"
                on = ["api"]
                at = "1m"
                for = "1m"
                effect.outage = {{ status = 503 }}

                [policy.it]
                breaker.consecutive = {{ failures = 5, open = "20s" }}
                {scope}
                "#
            ))
        };
        let fleet = run(&format!("trip.scope = \"fleet\"\nfleet.sync = \"{sync}\""));
        let all = &fleet.scopes[0];
        // The outage, and as long again at most until the next probe has answered.
        let lost = all.calls - all.success;
        println!("{sync}: {lost} of {} lost", all.calls);
        assert!(lost > 500 && lost < 950, "{sync}: {lost} of {}", all.calls);
    }
}
