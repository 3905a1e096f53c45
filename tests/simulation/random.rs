//! Random scenarios: all arrivals, faults and policies; every identity in every one.

use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;
use squall::base::wire::Priority;
use squall::scenario::Scenario;

use super::build::{outcome, scenario, with_trace};
use super::identities::broken;
use crate::policies::{policy_text, rng};
use crate::settings::typed;

const SCENARIOS: u64 = 600;

fn provider(r: &mut Xoshiro256PlusPlus) -> String {
    let mut text = match r.random_range(0..120) {
        // A fitted profile takes long to lay out in a debug build.
        0 => String::new(),
        1..40 => "latency.linear = { base = \"500ms\", per-1k-prompt-tokens = \"300ms\", \
            sigma = 0.4, per-token = \"5ms\" }\n"
            .into(),
        40..80 => "latency.distribution = { first-token.exponential = { mean = \"600ms\" }, \
            per-token.constant = \"3ms\" }\n"
            .into(),
        _ => "latency.distribution = { first-token.constant = \"1s\" }\n".into(),
    };
    if r.random_bool(0.6) {
        let (count, queue) = (r.random_range(1..8), r.random_range(0..10));
        text += &format!("capacity.slots = {{ count = {count}, queue = {queue} }}\n");
    } else {
        let capacity = [
            "",
            "capacity.slots = { count = 2, queue = 3, when-full = \"drop\" }\n",
            "capacity.processor-sharing = { full-speed = 2 }\n",
            "capacity.processor-sharing = { count = 5, queue = 4, full-status = 429 }\n",
            "capacity.batching = { slowdown = 0.2, count = 6, queue = 2, when-full = \"drop\" }\n",
            "capacity.concurrency = { adds = \"80ms\" }\n",
            "capacity.optimistic = {}\n",
            "capacity.autoscaled = { count = 1, max = 6, every = \"1s\", down-after = \"3s\", \
                delay.uniform = { low = \"500ms\", high = \"4s\" } }\n",
        ];
        text += capacity[r.random_range(0..capacity.len())];
    }
    if r.random_bool(0.3) {
        text += "variance = { time = 0.2, every = \"3s\", call = 0.5 }\nlevel = { hour = 0.3, day = 0.2 }\n";
    }
    if r.random_bool(0.2) {
        text +=
            "cold-start = { after-idle = \"2s\", chance = 0.05, takes.constant = \"1500ms\" }\n";
    }
    if r.random_bool(0.4) {
        let settle = if r.random_bool(0.5) { "none" } else { "actual" };
        text += &format!(
            "limits = {{ rpm = 90, slice = \"10s\", output-tpm = 30000, settle = \"{settle}\" }}\n"
        );
    }
    if r.random_bool(0.5) {
        text += "network = { out.exponential = { mean = \"20ms\" }, back.constant = \"30ms\" }\n";
    }
    let (keeps, billed) = (r.random_bool(0.5), r.random_bool(0.5));
    text += &format!("abandoned = {{ keeps-slot = {keeps}, billed = {billed} }}\n");
    if r.random_bool(0.3) {
        text += "quality = 0.8\n";
    }
    if r.random_bool(0.3) {
        text += "json = { broken = 0.1, fenced = 0.2 }\n";
    }
    if r.random_bool(0.5) {
        text += "judge = { sensitivity = 0.7, specificity = 0.8 }\n";
    }
    let input = r.random_range(3..6);
    text + &format!("price = {{ input = \"${input}/M\", output = \"$15/M\" }}\n")
}

/// Every kind of effect, some in two ways; `every_effect_is_drawn` holds it to the registry.
const EFFECTS: [&str; 21] = [
    "outage = {}",
    "outage = { status = 500, cuts-answers = false }",
    "refused-connections = {}",
    "hang = {}",
    "brownout = { slowdown = 5 }",
    "error-rate = { bad = 0.6, bad-for = \"2s\", good-for = \"1s\" }",
    "rate-limit = { factor = 0.2, retry-after.identical = \"2s\" }",
    "rate-limit = { factor = 0, retry-after = \"missing\" }",
    "drift = { factor = 0.5, broken = 0.2, fenced = 0.3, shift = 3, length = 2 }",
    "wrong-language = { plain = 0.5, length = 1.5 }",
    "unreachable = {}",
    "overload = { in-stream = true }",
    "overload = { status = 503 }",
    "truncation = { clean = true }",
    "truncation = { clean = false }",
    "stream-error = {}",
    "stall = {}",
    "invalid-credentials = {}",
    "quota-exhausted = {}",
    "packet-loss = { loss = 0.4 }",
    "price = { factor = 3 }",
];

/// Whom a fault hits, where it need not hit everybody.
const HITS: [&str; 4] = [
    "hits.share = { of = \"50%\" }\n",
    "hits.share = { of = \"40%\", by = \"call\" }\n",
    "hits.share = { of = \"40%\", by = \"user\" }\n",
    "schedule.every = { on = \"700ms\", off = \"400ms\" }\n",
];

fn fault(r: &mut Xoshiro256PlusPlus, n: usize) -> String {
    let effect = EFFECTS[r.random_range(0..EFFECTS.len())];
    let on = ["[\"a\"]", "[\"b\"]", "[\"a\", \"b\", \"c\"]"][r.random_range(0..3)];
    let (at, lasts) = (r.random_range(0..15_000), r.random_range(100..9_000));
    // Limits and prices are the provider's own, and meet everybody.
    let whole = ["rate-limit", "price"]
        .iter()
        .any(|kind| effect.starts_with(kind));
    let hits = match whole || r.random_bool(0.5) {
        true => "",
        false => HITS[r.random_range(0..HITS.len())],
    };
    format!(
        "[[fault]]\nname = \"f{n}\"\non = {on}\nat = \"{at}ms\"\nfor = \"{lasts}ms\"\neffect.{effect}\n{hits}"
    )
}

fn workload(r: &mut Xoshiro256PlusPlus) -> (String, bool) {
    let arrivals = [
        "poisson.rate = \"6/s\"",
        "spike = { rate = \"2/s\", peak = \"30/s\", at = \"5s\", for = \"2s\" }",
        "burst = { count = 60, at = \"3s\" }",
        "trace.file = \"t.csv\"",
    ][r.random_range(0..4)];
    let traced = arrivals.starts_with("trace");
    let tokens = match r.random_range(0..41) {
        _ if traced => "trace = {}",
        0..20 => "fixed = { input = 300, output = 80 }",
        20..40 => {
            "distribution = { input.log-normal = { median = 400, sigma = 0.8 }, \
                output.uniform = { low = 1, high = 400 } }"
        }
        _ => "profile.name = \"chat\"",
    };
    let processes = r.random_range(1..6);
    let stream = r.random_bool(0.5);
    // Odd, so that nobody's deadline is the end of the run, which has no window.
    let deadline = 500 * r.random_range(2..60) + 37;
    let text = format!(
        "[workload]\nprocesses = {processes}\narrivals.{arrivals}\ntokens.{tokens}\n\
        stream = {stream}\ndeadline = \"{deadline}ms\"\nmax-tokens = 600\n"
    );
    (text, traced)
}

/// Budgets, throttles and the like, of which the bystander of `tests/reference` keeps no books.
fn held_back(r: &mut Xoshiro256PlusPlus) -> &'static str {
    let all = [
        "budget.expiring-share = { reserve = 2, ttl = \"3s\" }\n",
        "budget.retry-quota = { capacity = 40 }\n",
        "budget.retry-throttle = {}\n",
        "budget.concurrent = { min = 1 }\n",
        "budget.concurrent = { min = 1, of = \"calls\", slot = \"attempt\", threshold = \"above\" }\n",
        "budget.tokens = { share = \"20%\", reserve = 4000, refill = \"100/s\" }\n",
        "budget.dollars = { share = \"20%\", reserve = \"$0.01\" }\n",
        "throttle.adaptive = { span = \"4s\" }\n",
        "throttle.adaptive = { span = \"4s\", scope = \"fleet\" }\n",
        "budget.concurrent = { min = 1, scope = \"fleet\" }\n",
        "budget.dollars = { share = \"20%\", reserve = \"$0.01\", scope = \"fleet\" }\n",
        "budget.tokens = { limit = 1500, scope = \"call\" }\n",
        "budget.dollars = { limit = \"$0.02\", scope = \"call\" }\n",
        "throttle.adaptive = { success = \"90%\", span = \"2s\", counts-refused = false }\n",
        "retry.skip-hopeless = { min-volume = 2, last = 20 }\n",
    ];
    all.get(r.random_range(0..2 * all.len()))
        .copied()
        .unwrap_or("")
}

/// What follows from what a guard or a limit finds.
const FOLLOWS: [&str; 6] = [
    "then = \"refuse\"",
    "then = \"refuse\"",
    "then = \"refuse\"",
    "then = \"alert\"",
    "then = \"trip\", for = \"2s\"",
    "then = \"fail-over\", for = \"2s\"",
];

/// Guards, of which the bystander of `tests/reference` keeps no books.
fn guards(r: &mut Xoshiro256PlusPlus) -> String {
    let mut text = String::new();
    if r.random_bool(0.2) {
        let repair = ["none", "fenced"][r.random_range(0..2)];
        let then = FOLLOWS[r.random_range(0..FOLLOWS.len())];
        text += &format!("guard.schema = {{ repair = \"{repair}\", {then} }}\n");
    }
    if r.random_bool(0.2) {
        let length = ["accept", "fail", "ask-again", "ask-again"][r.random_range(0..4)];
        text += &format!("guard.finish-reason = {{ length = \"{length}\", cap = 900 }}\n");
    }
    if r.random_bool(0.4) {
        let endpoint = ["a", "c"][r.random_range(0..2)];
        let sample = ["1.0", "1.0", "0.4"][r.random_range(0..3)];
        let then = FOLLOWS[r.random_range(0..FOLLOWS.len())];
        let how = [
            "when = \"inline\"",
            "when = \"inline\", timeout = \"900ms\"",
            "when = \"inline\", timeout = \"1500ms\", on-failure = \"refuse\"",
            "when = \"beside\"",
            "when = \"beside\", timeout = \"1200ms\"",
        ][r.random_range(0..5)];
        text += &format!(
            "guard.judge = {{ endpoint = \"{endpoint}\", sample = {sample}, {then}, {how} }}\n"
        );
    }
    if r.random_bool(0.6) {
        text += "on.bad-answer = { fail-over = \"now\", counts-for-breaker = true }\n";
        text += "on.malformed = { fail-over = \"now\" }\n";
    }
    text
}

/// Fallbacks beside the message that a policy may have anyhow.
fn fallbacks(r: &mut Xoshiro256PlusPlus) -> String {
    let mut text = String::new();
    if r.random_bool(0.2) {
        text += "fallback.cached = { hit = \"40%\" }\n";
    }
    if r.random_bool(0.2) {
        text += "fallback.rule = { covers = \"40%\" }\n";
    }
    if r.random_bool(0.4) {
        let (max, every) = (r.random_range(1..20), r.random_range(1..4));
        text += &format!(
            "fallback.defer = {{ max = {max}, drain = \"3/s\", retry-every = \"{every}s\", max-age = \"6s\" }}\n"
        );
    }
    text
}

/// A drift monitor whose false alarms are frequent, a limit of money, or a watch over dear answers.
fn watched(r: &mut Xoshiro256PlusPlus) -> String {
    let watch = [
        "watch = \"failures\", test.bernoulli-cusum = { usual = \"10%\", risen = \"50%\", threshold = 4 }",
        "watch = \"failures\", test.adwin = { clock = 4, threshold = 0.5 }",
        "watch = \"latency\", scale = \"log\", test.cusum = { mean = 0, deviation = 0.5, \
            side = \"both\", threshold = 1 }",
        "watch = \"output-tokens\", test.ewma = { mean = 80, deviation = 30, threshold = 1 }",
        "watch = \"cost\", test.page-hinkley = { threshold = 0.001, min-observations = 2 }",
        "watch = \"embedding\", test.embedding = { dimensions = 8, baseline = 3, window = 2, threshold = 1 }",
    ][r.random_range(0..6)];
    let then = ["alert", "trip", "fail-over"][r.random_range(0..3)];
    let lasts = match then {
        "alert" => "",
        _ => ", for = \"3s\"",
    };
    let share = ["1", "0.5"][r.random_range(0..2)];
    let mut text =
        format!("monitor.it = {{ {watch}, sample = {share}, then = \"{then}\"{lasts} }}\n");
    if r.random_bool(0.3) {
        let then = FOLLOWS[r.random_range(0..FOLLOWS.len())];
        text += &format!("limit = {{ cost-per-call = \"$0.02\", {then} }}\n");
    }
    if r.random_bool(0.3) {
        let then = ["alert", "return", "refuse"][r.random_range(0..3)];
        text += &format!(
            "costly-fallback = {{ after = \"2s\", more-than = 1, then = \"{then}\", for = \"2s\" }}\n"
        );
    }
    text
}

/// The policy of a case, with all that `policy_text` leaves out.
fn whole_policy(case: u64) -> String {
    let r = &mut rng(case, 13);
    let mut more = held_back(r).to_string() + &fallbacks(r) + &guards(&mut rng(case, 14));
    if r.random_bool(0.4) {
        let when_full = ["refuse-newest", "shed-lowest"][r.random_range(0..2)];
        let max = r.random_range(1..4);
        more += &format!("line = {{ max = {max}, when-full = \"{when_full}\" }}\n");
    }
    let r = &mut rng(case, 17);
    if r.random_bool(0.5) {
        more += &watched(r);
    }
    policy_text(case) + &more
}

/// The scenario of a seed.
pub(crate) fn random(seed: u64) -> Scenario {
    let r = &mut rng(seed, 9);
    let (mut text, traced) = workload(r);
    for name in ["a", "b", "c"] {
        text += &format!("[provider.{name}]\n{}", provider(r));
    }
    for n in 0..r.random_range(0..4) {
        text += &fault(r, n);
    }
    // One of the policies may differ by priority; a fleet has no state by priority.
    let differs = r.random_bool(0.5);
    let whole = |case| match differs {
        true => whole_policy(case).replace("\"fleet\"", "\"process\""),
        false => whole_policy(case),
    };
    for (i, name) in ["p", "q"].into_iter().enumerate() {
        text += &format!("[policy.{name}]\n{}", whole(2 * seed + i as u64));
    }
    let warm_up = if r.random_bool(0.3) { 3 } else { 0 };
    let mut scenario = scenario(&text, r.random_range(8..20), warm_up, seed);
    // It differs in all or in nothing that remembers.
    if differs {
        let case = 2 * seed + r.random_range(0..2) * 100_000;
        let batch = typed(&whole(case));
        scenario.policies[0]
            .1
            .priority
            .insert(Priority::Batch, batch);
        scenario.workload.priority.batch.0 = 0.4;
    }
    if !traced {
        return scenario;
    }
    let mut csv = String::from("t_ms,in_tokens,out_tokens\n");
    let mut at = 0;
    for _ in 0..80 {
        at += r.random_range(0..400);
        csv += &format!(
            "{at},{},{}\n",
            r.random_range(0..900),
            r.random_range(1..300)
        );
    }
    with_trace(scenario, &csv)
}

#[test]
fn every_identity_holds_in_every_random_run() {
    let only = std::env::var("SQUALL_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seeds = only.map_or(0..SCENARIOS, |seed: u64| seed..seed + 1);
    let (mut wrong, mut calls, mut unfinished, mut whole) = (Vec::new(), 0, 0, 0);
    let mut late = 0;
    let mut alerts = 0;
    for seed in seeds {
        let scenario = random(seed);
        for policy in 0..2 {
            let outcome = outcome(&scenario, policy, 0);
            let all = &outcome.replication.scopes[0];
            calls += all.calls;
            unfinished += all.unfinished;
            late += all.fallbacks.answered;
            alerts += outcome.replication.alerts.count();
            whole += u64::from(outcome.replication.submitted == all.calls);
            let broken = broken(&scenario, &outcome);
            if !broken.is_empty() {
                let text = &scenario.resolved;
                wrong.push(format!(
                    "seed {seed}, policy {policy}:\n❌ {}\n{text}",
                    broken.join("\n❌ ")
                ));
            }
        }
    }
    let count = wrong.len();
    wrong.truncate(2);
    assert!(
        wrong.is_empty(),
        "{count} runs do not add up; the first:\n{}",
        wrong.join("\n")
    );
    if only.is_none() {
        assert!(
            calls > 10_000 && whole > 20,
            "{calls} calls, {whole} whole runs: too few to show anything"
        );
        assert!(late > 500, "{late} late answers");
        assert!(alerts > 1_000, "{alerts} alerts: too few to show anything");
        assert_eq!(unfinished, 0, "with a deadline every call ends");
    }
}

#[test]
fn every_effect_is_drawn() {
    for kind in squall::fault::effect::KINDS {
        let drawn = |effect: &&str| effect.split(' ').next() == Some(kind.name);
        assert!(EFFECTS.iter().any(drawn), "{}", kind.name);
    }
}
