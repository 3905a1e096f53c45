//! Traffic that reacts: users, conversations, agents and callers without patience, worked out by hand.

use squall::base::dist::Dist;
use squall::base::units::Ratio;
use squall::base::{Check, Duration};
use squall::record::Replication;
use squall::scenario::Scenario;
use squall::workload::arrivals::{self, closed};
use squall::workload::impatience::Impatience;

use super::build::{outcome, scenario};
use super::identities::broken;
use super::random::random;

/// One provider that answers in two seconds, and a policy of this much more.
fn by_hand(workload: &str, policy: &str, seconds: u64) -> Scenario {
    let text = format!(
        r#"
        [workload]
        tokens.fixed = {{ input = 100, output = 101 }}
        {workload}
        [provider.a]
        latency.distribution = {{ first-token.constant = "1s", per-token.constant = "10ms" }}
        price = {{ input = "$3/M", output = "$15/M" }}
        [policy.p]
        {policy}
    "#
    );
    scenario(&text, seconds, 0, 1)
}

fn checked(scenario: &Scenario) -> Replication {
    let outcome = outcome(scenario, 0, 0);
    assert_eq!(broken(scenario, &outcome), [""; 0]);
    outcome.replication
}

/// Calls by second of arrival.
fn arrived(run: &Replication, seconds: usize) -> Vec<u32> {
    let wide = run.windows.arrived.len() / seconds;
    run.windows
        .arrived
        .chunks(wide)
        .map(|w| w.iter().sum())
        .collect()
}

#[test]
fn users_of_a_closed_loop_call_again_when_they_have_thought() {
    let workload = "arrivals.closed = { users = 3, think.constant = \"3s\" }";
    let run = checked(&by_hand(workload, "", 100));
    let all = &run.scopes[0];
    // Each begins within three seconds, and then calls every five.
    assert_eq!(arrived(&run, 20), [3; 20]);
    assert_eq!((all.calls, all.success), (60, 60));
}

#[test]
fn whoever_loses_patience_is_cancelled_and_asks_again() {
    let workload = "arrivals.burst.count = 10\nimpatience = { after.constant = \"1s\", reload = 1.0, \
                    pause.constant = \"1s\", reloads = 3 }";
    let run = checked(&by_hand(workload, "", 20));
    let all = &run.scopes[0];
    // At 0, 2, 4 and 6, each given up a second later.
    let by_second = arrived(&run, 20);
    assert_eq!(by_second[..8], [10, 0, 10, 0, 10, 0, 10, 0]);
    assert_eq!((all.calls, all.failed), (40, 40));
    assert_eq!(all.failures.get("cancelled"), Some(&40));
    assert_eq!(all.latency_verdict.sum_ns, 40 * 1_000_000_000);
    // The same question each time.
    assert_eq!(all.prompt_tokens, 40 * 100);
    // The provider goes on with what nobody waits for, and is paid.
    assert_eq!(all.pico_usd(), 40 * (100 * 3_000_000 + 101 * 15_000_000));
}

#[test]
fn whoever_is_answered_in_time_does_not_ask_again() {
    let workload = "arrivals.burst.count = 10\n\
                    impatience = { after.constant = \"3s\", reload = 1.0, pause.constant = \"1s\" }";
    let all = checked(&by_hand(workload, "", 20)).scopes.remove(0);
    assert_eq!((all.calls, all.success), (10, 10));
}

#[test]
fn turns_follow_answers_and_repeat_what_was_said() {
    let conversations = |more: &str| {
        format!(
            "arrivals.burst.count = 1\nconversations = {{ turns = 3, think.constant = \"3s\"{more} }}"
        )
    };
    let run = checked(&by_hand(&conversations(""), "", 30));
    let all = &run.scopes[0];
    let by_second = arrived(&run, 30);
    let turns: Vec<usize> = (0..30).filter(|s| by_second[*s] > 0).collect();
    assert_eq!(turns, [0, 5, 10]);
    // (t + 1)·100 + t·101.
    assert_eq!((all.calls, all.prompt_tokens), (3, 100 + 301 + 502));
    let prompts = |more: &str, policy: &str| {
        let all = checked(&by_hand(&conversations(more), policy, 200))
            .scopes
            .remove(0);
        (all.calls, all.prompt_tokens)
    };
    assert_eq!(prompts(", context = \"same\"", ""), (3, 300));
    assert_eq!(prompts(", most-context = 250", ""), (3, 100 + 301 + 350));
    // Two agents: the third call brings nothing new.
    assert_eq!(prompts(", agents = 2", ""), (3, 100 + 301 + 402));
    // Two steps a turn, each of two calls that know nothing of each other: six steps of s·402 and 100 each.
    let steps = ", steps = 2, parallel = 2, gap.constant = \"1s\"";
    let law: u64 = (0..6).map(|s| 2 * (s * 402 + 100)).sum();
    assert_eq!(prompts(steps, ""), (12, law));
    // Without an end, until a limit refuses the sixth: then it is over.
    let limit = "limit.turns = 5";
    let law: u64 = (0..6).map(|t| (t + 1) * 100 + t * 101).sum();
    assert_eq!(prompts(", runaway = 1.0", limit), (6, law));
}

#[test]
fn a_failed_turn_ends_a_conversation_unless_it_goes_on() {
    let calls = |more: &str| {
        let workload = format!(
            "arrivals.burst.count = 1\ndeadline = \"1s\"\n\
             conversations = {{ turns = 4, think.constant = \"3s\"{more} }}"
        );
        let all = checked(&by_hand(&workload, "", 60)).scopes.remove(0);
        (all.calls, all.failed, all.prompt_tokens)
    };
    assert_eq!(calls(""), (1, 1, 100));
    // Nothing was said: every prompt is as long as the first.
    assert_eq!(calls(", after-failure = \"go-on\""), (4, 4, 400));
}

/// Identities hold, and the same run is the same again, whatever the policy and the weather.
#[test]
fn random_scenarios_that_react_add_up() {
    for seed in 0..40 {
        let mut scenario = random(seed);
        let (think, patience) = (Duration::from_ms(400), Duration::from_ms(300 + 100 * seed));
        if seed % 2 == 0 && scenario.trace.is_none() && scenario.workload.users.is_none() {
            scenario.workload.arrivals = arrivals::Config::Closed(closed::Config {
                users: 20 + seed as u32,
                think: Dist::Constant(think),
            });
        }
        scenario.workload.conversations = None;
        scenario.workload.impatience = Some(Impatience {
            after: Dist::Constant(patience),
            reload: Ratio(0.7),
            pause: Dist::Constant(Duration::from_ms(100)),
            reloads: 4,
        });
        let mut check = Check::new();
        scenario.workload.check(&mut check);
        let mistakes: Vec<_> = check.into_mistakes();
        assert!(
            mistakes.iter().all(|m| m.warning),
            "case {seed}: {mistakes:#?}"
        );
        let first = outcome(&scenario, 0, 0);
        assert_eq!(broken(&scenario, &first), [""; 0], "case {seed}");
        assert_eq!(first, outcome(&scenario, 0, 0), "case {seed}");
    }
}

/// A month of a bot with days and weekends, with impatient users and conversations: more calls, no more places.
#[test]
fn a_month_takes_no_more_places_than_a_day() {
    let workload = "arrivals.poisson.rate = \"100/h\"\nshape.weekly = {}\n\
                    conversations = { turns = 3, think.exponential.mean = \"40s\" }\n\
                    impatience = { after.exponential.mean = \"20s\", reload = 0.5 }";
    let places = |seconds: u64| {
        let outcome = outcome(&by_hand(workload, "", seconds), 0, 0);
        (outcome.replication.submitted, outcome.audit.places)
    };
    let (day, month) = (places(86_400), places(30 * 86_400));
    println!("calls and places: a day {day:?}, a month {month:?}");
    assert!(month.0 > 20 * day.0 && month.0 > 100_000);
    // The busiest moment of thirty days is hardly busier than that of one: a Poisson law of mean 1.
    assert!(day.1 <= 12 && month.1 <= 2 * day.1);
}
