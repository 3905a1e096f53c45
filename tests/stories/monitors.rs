//! Drift monitors: what they are told, when they alarm, and what an alarm does.

use crate::pair::{A, B, Pair};

/// Asks a, then b; two failures of a's answers in a row alarm: m − 1 = 2, H = 3, whatever came before.
fn pair(then: &str) -> Pair {
    let test = "test.bernoulli-cusum = { usual = \"10%\", risen = \"60%\", threshold = 3 }";
    Pair::new(&format!(
        "route.failover.endpoints = [\"a\", \"b\"]\nmonitor.it = {{ watch = \"failures\", {test}, {then} }}"
    ))
}

fn call(pair: &mut Pair, endpoint: u16, fails: bool) {
    pair.submit();
    match fails {
        true => pair.fail(endpoint, 500),
        false => pair.answer(endpoint),
    }
}

#[test]
fn an_alarm_is_an_alert_and_the_monitor_starts_anew() {
    let mut pair = pair("then = \"alert\"");
    for fails in [false, true, true, true, false, true] {
        call(&mut pair, A, fails);
    }
    // The step is 2: 0, 2, 4 alarms; 2, 1, 3 alarms.
    assert_eq!(pair.told("alert"), ["0 alert it a #2", "0 alert it a #5"]);
    call(&mut pair, A, false);
    assert_eq!(pair.told("trip"), [""; 0]);
}

#[test]
fn each_endpoint_is_watched_by_itself() {
    let mut pair = Pair::new(
        "retry.attempts = 2\nmonitor.it = { watch = \"failures\", \
         test.bernoulli-cusum = { usual = \"10%\", risen = \"60%\", threshold = 3 } }",
    );
    for _ in 0..2 {
        pair.submit();
        pair.fail(A, 500);
        pair.answer(B);
    }
    assert_eq!(pair.told("alert"), ["0 alert it a #1"]);
}

#[test]
fn classes_that_a_breaker_ignores_are_passed_over() {
    let mut pair = pair("then = \"alert\"");
    for status in [429, 400, 429, 400, 429] {
        pair.submit();
        pair.fail(A, status);
    }
    assert_eq!(pair.told("alert"), [""; 0]);
}

#[test]
fn an_alarm_opens_the_endpoint_for_its_time_where_there_is_no_breaker() {
    let mut pair = pair("then = \"trip\", for = \"10s\"");
    call(&mut pair, A, true);
    call(&mut pair, A, true);
    assert_eq!(pair.told("trip"), ["0 trip a until 10000 #1"]);
    pair.pass(9_999);
    call(&mut pair, B, false);
    assert_eq!(
        pair.told("send").last(),
        Some(&"9999 send b first #2"),
        "{:#?}",
        pair.log()
    );
    pair.pass(1);
    // All of it comes back at once: no probe could tell that the drift is over.
    pair.submit();
    pair.submit();
    assert_eq!(
        pair.told("send")[3..],
        ["10000 send a first #3", "10000 send a first #4"]
    );
    assert_eq!(pair.told("close"), ["10000 close a #3"]);
}

#[test]
fn an_alarm_opens_a_breaker_of_its_own_reasons_which_then_probes() {
    let mut pair = Pair::new(
        "route.failover.endpoints = [\"a\", \"b\"]\nbreaker.consecutive = { failures = 100, open = \"1s\" }\n\
         monitor.it = { watch = \"judge\", then = \"trip\", for = \"30s\", \
         test.bernoulli-cusum = { usual = \"10%\", risen = \"60%\", threshold = 2 } }",
    );
    call(&mut pair, A, false);
    pair.verdict(false);
    assert_eq!(pair.told("trip"), ["0 trip a until 30000"]);
    pair.pass(30_000);
    pair.submit();
    pair.submit();
    assert_eq!(
        pair.told("send")[1..],
        ["30000 send a first probe #1", "30000 send b first #2"]
    );
}

#[test]
fn after_an_alarm_the_endpoint_is_asked_last_for_its_time() {
    let mut pair = pair("then = \"fail-over\", for = \"10s\"");
    call(&mut pair, A, true);
    call(&mut pair, A, true);
    call(&mut pair, B, false);
    pair.pass(10_000);
    call(&mut pair, A, false);
    assert_eq!(
        pair.told("send")[2..],
        ["0 send b first #2", "10000 send a first #3"]
    );
    assert_eq!(pair.told("trip"), [""; 0]);
}

#[test]
fn a_policy_that_observes_alerts_and_says_what_it_would_do() {
    let trip = ("trip", "0 trip a until 10000 #1");
    for (then, does) in [trip, ("fail-over", "0 would steer monitor #1")] {
        let mut pair = pair(&format!(
            "then = \"{then}\", for = \"10s\" }}\nmode = \"observe\" #"
        ));
        for _ in 0..3 {
            call(&mut pair, A, true);
        }
        assert_eq!(pair.told("alert"), ["0 alert it a #1"]);
        assert_eq!([pair.told("trip"), pair.told("would")].concat(), [does]);
        assert_eq!(pair.told("send").last(), Some(&"0 send a first #2"));
    }
}

#[test]
fn latencies_are_those_of_complete_answers_in_seconds_or_their_logarithms() {
    let monitor = |scale: &str, mean: f64| {
        format!(
            "monitor.it = {{ watch = \"latency\", scale = \"{scale}\", \
             test.cusum = {{ mean = {mean}, deviation = 1, side = \"up\", threshold = 1 }} }}"
        )
    };
    // x − k − mean: 3.4 − 0.5 − 2 = 0.9 is no alarm, 3.6 is one.
    for (scale, mean, quiet, loud) in [("linear", 2.0, 3_400, 3_600), ("log", 0.0, 4_480, 4_490)] {
        let mut pair = Pair::new(&monitor(scale, mean));
        let mut take = |ms| {
            pair.submit();
            pair.pass(ms);
            pair.answer(A);
            pair.told("alert").len()
        };
        assert_eq!(take(quiet), 0, "{scale}");
        let mut pair = Pair::new(&monitor(scale, mean));
        pair.submit();
        pair.pass(loud);
        pair.answer(A);
        assert_eq!(pair.told("alert").len(), 1, "{scale}");
    }
    // A failure has no latency.
    let mut pair = Pair::new(&monitor("linear", 2.0));
    pair.submit();
    pair.pass(60_000);
    pair.fail(A, 500);
    assert_eq!(pair.told("alert"), [""; 0]);
}

#[test]
fn bills_are_watched_when_they_come_and_only_those_that_cost_anything() {
    let mut pair = Pair::new(
        "monitor.money = { watch = \"cost\", \
         test.cusum = { mean = 0.01, deviation = 0.001, side = \"up\", threshold = 1 } }\n\
         monitor.length = { watch = \"output-tokens\", \
         test.cusum = { mean = 200, deviation = 50, side = \"down\", threshold = 1 } }",
    );
    call(&mut pair, A, false);
    pair.bill_newest(A, 0, 0);
    assert_eq!(pair.told("alert"), [""; 0]);
    pair.bill_newest(A, 200, 20_000_000_000);
    assert_eq!(pair.told("alert"), ["0 alert money a"]);
    pair.bill_newest(A, 100, 10_000_000_000);
    assert_eq!(pair.told("alert")[1..], ["0 alert length a"]);
}

#[test]
fn an_embedding_is_asked_for_once_per_good_answer_before_it_is_said_to_have_ended() {
    let mut pair = Pair::new(
        "retry.attempts = 2\nroute.failover.endpoints = [\"b\"]\nmonitor.it = { watch = \"embedding\", \
         test.embedding = { dimensions = 8, baseline = 2, window = 1, threshold = 5 } }",
    );
    pair.submit();
    pair.fail(B, 500);
    pair.answer(B);
    let log = pair.log();
    let at = |word: &str| log.iter().position(|line| line.contains(word));
    assert_eq!(pair.told("embed"), ["0 embed b 8"]);
    assert!(at("embed b") < at("end b ok"), "{log:#?}");
    // Two make the reference: the mean is 0 and the variance 2.
    let vector = |x: f64| [x, -x, x, -x, x, -x, x, -x];
    pair.embedded(&vector(1.0));
    for x in [-1.0, 0.0, 10.0] {
        call(&mut pair, B, false);
        pair.embedded(&vector(x));
    }
    assert_eq!(pair.told("alert"), ["0 alert it b"]);
}

#[test]
fn a_sample_is_drawn_for_each_observation_by_itself() {
    const CALLS: u32 = 4_000;
    let mut pair = Pair::seeded(
        "monitor.it = { watch = \"failures\", sample = \"25%\", \
         test.bernoulli-cusum = { usual = \"10%\", risen = \"60%\", threshold = 2 } }",
        7,
    );
    // Every failure that is seen alarms.
    for _ in 0..CALLS {
        call(&mut pair, A, true);
    }
    let seen = pair.told("alert").len() as f64;
    let (mean, n) = (0.25, f64::from(CALLS));
    let deviation = libm::sqrt(n * mean * (1.0 - mean));
    assert!(
        (seen - n * mean).abs() < 4.0 * deviation,
        "seed 7: {seen} of {n}"
    );
}

#[test]
fn two_alarms_at_once_open_a_breaker_once_and_a_later_one_for_longer() {
    let monitor = |name: &str, lasts: &str| {
        format!(
            "monitor.{name} = {{ watch = \"judge\", then = \"trip\", for = \"{lasts}\", \
             test.bernoulli-cusum = {{ usual = \"10%\", risen = \"60%\", threshold = 2 }} }}\n"
        )
    };
    let text = monitor("one", "10s") + &monitor("two", "10s") + &monitor("zoo", "30s");
    let mut pair = Pair::new(&format!(
        "route.failover.endpoints = [\"a\", \"b\"]\n{text}"
    ));
    call(&mut pair, A, false);
    pair.verdict(false);
    assert_eq!(pair.told("alert").len(), 3);
    assert_eq!(
        pair.told("trip"),
        ["0 trip a until 10000", "0 trip a until 30000"]
    );
}

/// What was sent before the alarm still ends; it is the same cause, and the breaker is open already.
#[test]
fn one_cause_alarms_once_and_opens_once() {
    let mut pair = pair("then = \"trip\", for = \"10s\"");
    (0..6).for_each(|_| {
        pair.submit();
    });
    (0..6).for_each(|_| pair.fail(A, 500));
    assert_eq!(pair.told("alert").len(), 1, "{:#?}", pair.log());
    assert_eq!(pair.told("trip").len(), 1, "{:#?}", pair.log());
}
