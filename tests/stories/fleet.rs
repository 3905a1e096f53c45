//! Several processes of one client: what each knows of the others, and when.

use crate::crowd::{Crowd, FAILS, OK, REFUSES};

/// Three processes whose breakers open after three failures in a row.
fn crowd(more: &str) -> Crowd {
    Crowd::new(
        &format!(
            r#"
            route.failover = {{ endpoints = ["a"] }}
            breaker.consecutive = {{ failures = 3, open = "10s" }}
            {more}
        "#
        ),
        3,
    )
}

#[test]
fn failures_that_no_process_sees_alone_trip_the_breaker_of_all() {
    for (scope, trips) in [("process", 0), ("fleet", 3)] {
        let mut crowd = crowd(&format!("trip.scope = \"{scope}\""));
        for process in 0..3 {
            crowd.reach(100 * (process + 1));
            let call = crowd.submit(process as usize);
            crowd.end(call, FAILS);
        }
        assert!(crowd.told("trip").is_empty(), "each has seen one failure");
        crowd.reach(1000);
        crowd.exchange();
        // Open since the third failure, for all until the same instant.
        assert_eq!(crowd.told("trip").len(), trips, "{scope}");
        for trip in crowd.told("trip") {
            assert!(trip.starts_with("1000 trip a until 10300"), "{trip}");
        }
        let call = crowd.submit(0);
        assert_eq!(crowd.is_refused(call), scope == "fleet");
    }
}

#[test]
fn a_breaker_that_trips_in_one_process_opens_in_all_at_the_next_exchange() {
    let mut crowd = crowd("trip = { scope = \"fleet\", jitter.equal = {} }");
    crowd.reach(200);
    for _ in 0..3 {
        let call = crowd.submit(1);
        crowd.end(call, FAILS);
    }
    let here = crowd.told("trip")[0].replace("200 trip", "");
    let call = crowd.submit(0);
    assert!(!crowd.is_refused(call), "the others do not know of it yet");
    crowd.end(call, OK);
    crowd.reach(1000);
    crowd.exchange();
    let mut until: Vec<String> = crowd.told("trip").iter().map(|t| t.to_string()).collect();
    assert_eq!(until.len(), 3, "once in each process");
    for trip in &mut until[1..] {
        // The open time is drawn; it is the same for all.
        assert_eq!(
            trip.replace("1000 trip", "").split(" @").next(),
            here.split(" @").next()
        );
    }
    for process in 0..3 {
        let call = crowd.submit(process);
        assert!(crowd.is_refused(call), "process {process}");
    }
}

#[test]
fn what_was_sent_in_ignorance_of_a_trip_is_late() {
    let mut crowd = crowd("trip.scope = \"fleet\"");
    let ignorant = crowd.submit(0);
    for _ in 0..3 {
        let call = crowd.submit(1);
        crowd.end(call, FAILS);
    }
    crowd.reach(10_000);
    crowd.exchange();
    let probe = crowd.submit(1);
    crowd.end(probe, OK);
    assert_eq!(crowd.told("close").len(), 1);
    crowd.exchange();
    assert_eq!(crowd.told("close").len(), 3, "for all");
    crowd.end(ignorant, FAILS);
    for process in 0..2 {
        let call = crowd.submit(process);
        crowd.end(call, FAILS);
        crowd.exchange();
    }
    assert_eq!(crowd.told("trip").len(), 3, "two failures, for one is late");
    let call = crowd.submit(2);
    crowd.end(call, FAILS);
    assert_eq!(crowd.told("trip").len(), 4);
}

/// However many processes open, and whoever decided it, one breaker that all share trips once.
#[test]
fn a_breaker_that_all_processes_share_trips_once() {
    // No process sees reason enough by itself.
    let mut crowd = crowd("trip.scope = \"fleet\"");
    for process in 0..3 {
        let call = crowd.submit(process);
        crowd.end(call, FAILS);
    }
    crowd.exchange();
    assert_eq!((crowd.decided(), crowd.trips()), (0, 1));
    // Two decide it before they know of each other, and at once the probe of the third.
    crowd.reach(10_000);
    let probes: Vec<usize> = (0..3).map(|process| crowd.submit(process)).collect();
    for probe in probes {
        crowd.end(probe, FAILS);
    }
    assert_eq!((crowd.decided(), crowd.trips()), (3, 2));
    crowd.exchange();
    assert_eq!((crowd.decided(), crowd.trips()), (3, 2), "told anew");
}

/// Both endpoints of an account open, and nobody decided that twice.
#[test]
fn a_breaker_that_endpoints_share_trips_once() {
    let text = "route.failover = { endpoints = [\"a\", \"b\", \"c\"] }\n\
                breaker.consecutive = { failures = 3, open = \"10s\" }\ntrip.each = \"account\"";
    let mut crowd = Crowd::labelled(text, 1, &[Some("x"), Some("y"), Some("x")]);
    for _ in 0..3 {
        let call = crowd.submit(0);
        crowd.end(call, FAILS);
    }
    assert_eq!(crowd.told("trip").len(), 2, "a and c");
    assert_eq!(crowd.decided(), 1);
}

/// Three failures open it for 10 s; one more, sent before, prolongs that.
#[test]
fn an_open_breaker_that_is_to_stay_open_for_longer_trips_no_second_time() {
    for scope in ["process", "fleet"] {
        let mut crowd = crowd(&format!(
            "trip = {{ scope = \"{scope}\", late = \"prolongs\" }}"
        ));
        let calls: Vec<usize> = (0..4).map(|_| crowd.submit(0)).collect();
        for call in &calls[..3] {
            crowd.end(*call, FAILS);
        }
        crowd.reach(5000);
        crowd.end(calls[3], FAILS);
        assert_eq!(
            crowd.told("trip"),
            ["0 trip a until 10000 @0", "5000 trip a until 15000 @0"]
        );
        let shared = u64::from(scope == "fleet");
        assert_eq!((crowd.decided(), crowd.trips()), (1, shared), "{scope}");
    }
}

/// Up to the next exchange each process probes for itself, and the first verdict is everybody's.
#[test]
fn each_process_tries_the_endpoint_until_it_hears_of_the_first_verdict() {
    for (first, word) in [(OK, "close"), (FAILS, "trip")] {
        let mut crowd = crowd("trip.scope = \"fleet\"");
        for _ in 0..3 {
            let call = crowd.submit(0);
            crowd.end(call, FAILS);
        }
        crowd.exchange();
        assert_eq!(crowd.told("trip").len(), 3);
        crowd.reach(10_000);
        let mut probes = Vec::new();
        for process in 0..3 {
            probes.push(crowd.submit(process));
            assert!(crowd.is_probe(probes[process]), "process {process}");
            let another = crowd.submit(process);
            assert!(crowd.is_refused(another), "one probe at a time in each");
        }
        let before = crowd.told(word).len();
        crowd.end(probes[1], first);
        assert_eq!(crowd.told(word).len(), before + 1, "where it was sent");
        crowd.exchange();
        assert_eq!(crowd.told(word).len(), before + 3, "and everywhere");
        // The others decide nothing any more. Among closed breakers a failure counts, and one is too few.
        let told = |crowd: &Crowd| (crowd.told("trip").len(), crowd.told("close").len());
        let heard = told(&crowd);
        crowd.end(probes[0], FAILS);
        crowd.end(probes[2], OK);
        crowd.exchange();
        assert_eq!(told(&crowd), heard, "{word}");
    }
}

/// Two processes take two each of two; what is overdrawn is owed, at a token a second.
#[test]
fn a_budget_of_the_fleet_is_spent_by_all_and_known_late() {
    for (scope, level) in [("process", 2), ("fleet", -2)] {
        let mut crowd = Crowd::new(
            &format!(
                "route.failover = {{ endpoints = [\"a\"] }}\nretry.attempts = 2\n\
                 budget.share = {{ ratio = 0, reserve = 2, refill = \"1/s\", scope = \"{scope}\" }}"
            ),
            3,
        );
        for process in [0, 0, 1, 1] {
            let call = crowd.submit(process);
            crowd.end(call, FAILS);
            assert!(!crowd.is_refused(call), "process {process} has two");
        }
        crowd.exchange();
        // Now the third process knows as well how much is left.
        for passed_s in [0, 1, 2, 3] {
            crowd.reach(1000 * passed_s);
            let call = crowd.submit(2);
            crowd.end(call, FAILS);
            let left = level + passed_s as i64;
            assert_eq!(
                crowd.is_refused(call),
                left < 1,
                "{scope} after {passed_s} s"
            );
        }
    }
}

#[test]
fn a_process_of_which_nobody_asks_for_news_is_alone() {
    let mut crowd = crowd("trip.scope = \"fleet\"");
    for process in 0..3 {
        let call = crowd.submit(process);
        crowd.end(call, FAILS);
    }
    // No exchange.
    crowd.reach(60_000);
    for process in 0..3 {
        let call = crowd.submit(process);
        crowd.end(call, FAILS);
    }
    assert!(crowd.told("trip").is_empty());
}

#[test]
fn observing_a_fleet_shares_what_would_have_been_done_and_sends_all_the_same() {
    let mut crowd = crowd("trip.scope = \"fleet\"\nmode = \"observe\"");
    for process in 0..3 {
        let call = crowd.submit(process);
        crowd.end(call, FAILS);
    }
    crowd.exchange();
    assert_eq!(crowd.told("trip").len(), 3);
    let call = crowd.submit(0);
    assert!(crowd.is_refused(call), "it says so");
    crowd.end(call, OK);
    assert_eq!(
        crowd.told("finish").last().map(|l| l.contains("Success")),
        Some(true)
    );
}

/// Rate r, burst b, P processes, an exchange every s: none of them lets more pass between two
/// exchanges than b + r·s, so all together are at most (P − 1)·(b + r·s) beyond b + r·t; and what was
/// too much is owed, so the overshoot does not grow.
#[test]
fn a_quota_of_the_fleet_overshoots_by_what_others_may_pass_between_two_exchanges() {
    const PROCESSES: usize = 5;
    let (rate, burst, sync_s) = (10, 5, 2);
    let mut crowd = Crowd::new(
        &format!(
            "route.failover = {{ endpoints = [\"a\"] }}\n\
             quota.requests = {{ rate = \"{rate}/s\", burst = {burst}, max-wait = \"0s\", scope = \"fleet\" }}"
        ),
        PROCESSES,
    );
    let mut passed = 0;
    for ms in (0..60_000).step_by(20) {
        crowd.reach(ms);
        if ms % (sync_s * 1000) == 0 {
            crowd.exchange();
        }
        for process in 0..PROCESSES {
            let call = crowd.submit(process);
            passed += u64::from(!crowd.is_refused(call));
        }
        let one = burst + rate * ms / 1000;
        let more = (PROCESSES as u64 - 1) * (burst + rate * sync_s);
        assert!(passed <= one + more, "{passed} by {ms} ms");
        if ms == sync_s * 1000 - 20 {
            // The bound is reached: before they hear of each other, each passes as much as one alone.
            let alone = burst + rate * ms / 1000;
            assert_eq!(passed, PROCESSES as u64 * alone);
        }
    }
    // What was owed is paid back by then, and the rate is used.
    assert!(passed > 9 * rate * 60 / 10, "{passed}");
    let each = PROCESSES as u64 * (burst + rate * 60);
    assert!(passed < each / 3, "{passed}, where alone they pass {each}");
}

#[test]
fn endpoints_of_one_account_trip_together_and_are_told_apart_from_others() {
    let mut crowd = Crowd::labelled(
        r#"
        retry.attempts = 4
        route.failover = { endpoints = ["a", "b", "c"], on-failure = "next" }
        breaker.consecutive = { failures = 2, open = "10s" }
        trip.each = "account"
    "#,
        1,
        &[Some("x"), None, Some("x")],
    );
    let call = crowd.submit(0);
    crowd.end(call, FAILS);
    crowd.end(call, REFUSES);
    // At a, b and c: two of the account's endpoints have failed, and b has only said that it is too fast.
    crowd.end(call, FAILS);
    let tripped: Vec<&str> = crowd.told("trip");
    assert_eq!(tripped.len(), 2, "{tripped:?}");
    assert!(tripped[0].starts_with("0 trip a until 10000"));
    assert!(tripped[1].starts_with("0 trip c until 10000"));
    let next = crowd.submit(0);
    assert!(crowd.is_refused(next), "at a");
    crowd.end(next, OK);
    assert!(
        crowd
            .told("finish")
            .last()
            .is_some_and(|l| l.contains("by b"))
    );
}

/// A call that goes from one endpoint of an account to another has not left the account.
#[test]
fn a_breaker_that_counts_calls_counts_one_once_for_all_endpoints_it_is_for() {
    for label in [Some("x"), None] {
        let mut crowd = Crowd::labelled(
            r#"
            retry.attempts = 2
            route.failover = { endpoints = ["a", "b"], on-failure = "next" }
            breaker.consecutive = { failures = 2, open = "10s", counts = "calls" }
            trip.each = "account"
        "#,
            1,
            &[label, label, None],
        );
        let call = crowd.submit(0);
        crowd.end(call, FAILS);
        crowd.end(call, FAILS);
        assert!(crowd.told("trip").is_empty(), "one failed call of two");
        let call = crowd.submit(0);
        crowd.end(call, FAILS);
        crowd.end(call, FAILS);
        // The second call is the account's second failure, and the second of each endpoint.
        assert_eq!(crowd.told("trip").len(), 2, "{label:?}");
    }
}

/// A hundred processes adopt one trip and come to a ramp of a tenth: of their first calls a tenth pass,
/// and not all or none. Starts in steps of the golden ratio are never more than two off.
#[test]
fn on_a_ramp_the_processes_do_not_march_in_step() {
    let policy = "route.failover = { endpoints = [\"a\"] }\ntrip.scope = \"fleet\"\n\
                  breaker.consecutive = { failures = 3, open = \"10s\" }\n\
                  readmit.ramp = { from = 0.1, over = \"100s\" }";
    let mut crowd = Crowd::new(policy, 100);
    for _ in 0..3 {
        let call = crowd.submit(0);
        crowd.end(call, FAILS);
    }
    crowd.exchange();
    crowd.reach(10_000);
    let mut passed = 0;
    for process in 0..100 {
        let call = crowd.submit(process);
        passed += u32::from(!crowd.is_refused(call));
    }
    assert!((8..=12).contains(&passed), "{passed}");
}

/// Three endpoints of two accounts, of which at most four in ten may be open: one of three, none of two.
#[test]
fn the_share_that_may_be_open_is_of_breakers_and_not_of_endpoints() {
    for (each, trips) in [("endpoint", 1), ("account", 0)] {
        let mut crowd = Crowd::labelled(
            &format!(
                "route.failover = {{ endpoints = [\"a\", \"b\", \"c\"] }}\n\
                 breaker.consecutive = {{ failures = 2, open = \"10s\" }}\n\
                 trip = {{ each = \"{each}\", max-open = 0.4 }}"
            ),
            1,
            &[Some("x"), Some("y"), Some("x")],
        );
        for _ in 0..2 {
            let call = crowd.submit(0);
            crowd.end(call, FAILS);
        }
        assert_eq!(crowd.told("trip").len(), trips, "{each}");
    }
}
