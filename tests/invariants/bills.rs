//! Billed are the tokens that were produced, by the provider's rule, at the price of the moment in which
//! the answer began.

use rand::RngExt;
use squall::base::wire::Finish;
use squall::base::{Ending, Usage};
use squall::sim::journal::Attempt;

use super::flight::{MS, callers, fly, pick, rng, seeds};

/// First token and pace of every answer, and the network each way.
const FIRST: u64 = 400 * MS;
const PACE: u64 = 10 * MS;
const OUT: u64 = 7 * MS;
const BACK: u64 = 3 * MS;

/// Pico-dollars a token: $3/M and $15/M.
const INPUT: u64 = 3_000_000;
const OUTPUT: u64 = 15_000_000;

struct Case {
    text: String,
    keeps_slot: bool,
    /// By rule: nothing, prompt, so-far, to-end.
    abandoned: &'static str,
    truncated: &'static str,
    errors: &'static str,
    refused: &'static str,
    /// When everything is cut, if it is.
    outage: Option<(u64, u64)>,
}

/// When prices are three times as high, and answers half as long, at `b` alone.
const DEAR: (u64, u64) = (20_000 * MS, 45_000 * MS);
const SHORT: (u64, u64) = (60_000 * MS, 80_000 * MS);

fn case(seed: u64) -> Case {
    let r = &mut rng(seed + 1_000);
    let mut text = callers(r, seed, 120);
    let (keeps_slot, billed) = (r.random_bool(0.5), r.random_bool(0.5));
    let rules: [&'static str; 5] = ["", "nothing", "prompt", "so-far", "to-end"];
    let written = rules[r.random_range(0..5)];
    let abandoned = match (written, billed) {
        ("", true) => "to-end",
        ("", false) => "so-far",
        (rule, _) => rule,
    };
    let truncated = ["nothing", "prompt", "so-far"][r.random_range(0..3)];
    let errors = ["nothing", "prompt"][r.random_range(0..2)];
    let refused = ["nothing", "prompt"][r.random_range(0..2)];
    let said = match written {
        "" => String::new(),
        rule => format!("billed.abandoned = \"{rule}\"\n"),
    };
    for name in ["a", "b"] {
        text += &format!(
            "[provider.{name}]\nnetwork = {{ out = \"7ms\", back = \"3ms\" }}\n\
            latency.distribution = {{ first-token = \"400ms\", per-token = \"10ms\" }}\n\
            abandoned = {{ keeps-slot = {keeps_slot}, billed = {billed} }}\nlimits.rpm = 60\n\
            price = {{ input = \"$3/M\", output = \"$15/M\" }}\n{said}billed.truncated = \"{truncated}\"\n\
            billed.errors = \"{errors}\"\nbilled.refused = \"{refused}\"\n"
        );
    }
    let fault = |name: &str, on: &str, (at, to): (u64, u64), effect: &str| {
        format!(
            "[[fault]]\nname = \"{name}\"\non = [\"{on}\"]\nat = \"{}ms\"\nfor = \"{}ms\"\neffect.{effect}\n",
            at / MS,
            (to - at) / MS
        )
    };
    let broken = pick(
        r,
        &[
            "truncation = {}",
            "truncation = { clean = false }",
            "stream-error = { code = \"server-error\" }",
            "overload = { in-stream = true }",
            "error-rate = { bad = 0.7 }",
            "invalid-credentials = {}",
        ],
    );
    text += &fault("broken", "a", (90_000 * MS, 110_000 * MS), broken);
    text += &fault("dear", "b", DEAR, "price = { factor = 3 }");
    text += &fault("short", "b", SHORT, "drift = { factor = 1, length = 0.5 }");
    let outage = r.random_bool(0.6).then_some((40_123 * MS, 47_000 * MS));
    if let Some(time) = outage {
        text += &fault("cut", "a", time, "outage = {}");
    }
    Case {
        text,
        keeps_slot,
        abandoned,
        truncated,
        errors,
        refused,
        outage,
    }
}

/// Prompt and answer tokens that a rule charges for when so many have been produced.
fn charged(rule: &str, produced: u64) -> Option<u64> {
    match rule {
        "nothing" => None,
        "prompt" => Some(0),
        _ => Some(produced),
    }
}

/// How many tokens there are at an instant of an answer of `n` that began then.
fn produced(began: u64, n: u64, at: u64) -> u64 {
    if n == 0 || at < began + FIRST {
        return 0;
    }
    (1 + (at - began - FIRST) / PACE).min(n)
}

/// The answer tokens on the bill; None if nothing is billed. `ends` is when the run was cut.
fn tokens(case: &Case, a: &Attempt, ends: u64) -> Option<u64> {
    let (began, on_a) = (a.arrives.0, a.receipt.endpoint.0 == 0);
    let is_short = !on_a && (SHORT.0..SHORT.1).contains(&began);
    let whole = if is_short {
        u64::from(a.answer_tokens).div_ceil(2)
    } else {
        a.answer_tokens.into()
    };
    let n = whole.min(a.request.max_tokens.into());
    let done = began + FIRST + n.saturating_sub(1) * PACE;
    let cut = case
        .outage
        .filter(|_| on_a)
        .map(|time| time.0)
        .filter(|at| (began..done).contains(at));
    if let Some((seen, ending)) = a.heard {
        let seen = seen.0 - BACK;
        let so_far = charged(case.truncated, produced(began, n, seen));
        return match ending {
            Ending::Answer {
                finish: Finish::Missing,
                tokens,
                ..
            } => charged(case.truncated, tokens.into()),
            Ending::Answer { .. } => Some(n),
            Ending::ConnectionLost => so_far,
            // An error within an answer: it broke off. What is cut before its first token is refused.
            Ending::Status { .. } if seen > began && cut != Some(seen) => so_far,
            Ending::Status { status: 500.., .. } => charged(case.errors, 0),
            Ending::Status { .. } => charged(case.refused, 0),
            Ending::ConnectionRefused => None,
        };
    }
    let left = a.abandoned.map_or(ends, |at| at.0);
    if case.abandoned == "to-end" && case.keeps_slot {
        return Some(n);
    }
    // What its client gave up on the way there is not begun.
    (left >= began).then_some(())?;
    charged(case.abandoned, produced(began, n, left.min(ends)))
}

/// Whether the model knows what became of it: of what nobody heard the end of, only where no fault and no limit
/// decided about it, and the run was long enough.
fn is_known(a: &Attempt, ends: u64) -> bool {
    let longest = FIRST + 300 * PACE;
    let struck = a.receipt.endpoint.0 == 0 && a.arrives.0 + longest > 40_123 * MS;
    let in_time = a.refused_for.is_none() && !struck && a.arrives.0 + longest < ends;
    // What broke off with the first token may have had one or none.
    if a.heard
        .is_some_and(|(seen, _)| seen.0 == a.arrives.0 + FIRST + BACK)
    {
        return false;
    }
    a.heard.is_some() || in_time && a.abandoned.is_some()
}

#[test]
fn billed_is_what_was_produced_by_the_rule_and_the_price_of_the_moment() {
    let (mut known, mut all, mut paid) = (0, 0, [0u32; 3]);
    let seeds = seeds(40);
    let whole = seeds.end - seeds.start > 1;
    for seed in seeds {
        println!("seed {seed}");
        let case = case(seed);
        let flight = fly(&case.text);
        for a in &flight.attempts {
            all += 1;
            assert_eq!(a.arrives.0, a.sent.0 + OUT);
            let (_, usage) = a.settled.expect("every bill comes");
            // Whatever the rule: only tokens have prices, and those of the moment.
            let began_dear = a.receipt.endpoint.0 == 1 && (DEAR.0..DEAR.1).contains(&a.arrives.0);
            let factor =
                if began_dear && (usage.output_tokens > 0 || a.settled.unwrap().0 > a.arrives) {
                    3
                } else {
                    1
                };
            let price = factor * (usage.input_tokens * INPUT + usage.output_tokens * OUTPUT);
            assert_eq!(usage.pico_usd, price, "seed {seed}: {a:?}\n{}", case.text);
            if !is_known(a, flight.end.0) {
                continue;
            }
            known += 1;
            let billed = tokens(&case, a, flight.end.0);
            let prompt = u64::from(a.request.prompt_tokens);
            let expected = Usage {
                input_tokens: billed.map_or(0, |_| prompt),
                output_tokens: billed.unwrap_or(0),
                pico_usd: usage.pico_usd,
            };
            assert_eq!(usage, expected, "seed {seed}: {a:?}\n{}", case.text);
            paid[usize::from(a.heard.is_none()) + usize::from(usage.pico_usd == 0)] += 1;
        }
    }
    println!("{known} of {all} bills known before: {paid:?}");
    assert!(!whole || known > all / 2, "too few to show anything");
}
