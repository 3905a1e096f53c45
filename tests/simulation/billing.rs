//! Whole runs whose tokens have prices of their own: money is tokens by class times prices, exactly.

use squall::record::metric::{Formula, Metric};
use squall::record::{Replication, Sums};
use squall::scenario::check_str;
use squall::sim::{self, Setup};

const SCENARIO: &str = r#"
[run]
duration = "10m"
[workload]
arrivals.poisson = { rate = "5/s" }
tokens.distribution = { input.log-normal = { median = 3000, sigma = 0.8 }, output = 200 }
deadline = "60s"
users = { count = 40 }
conversations = { turns = 5 }
[provider.api]
latency.distribution = { first-token.exponential = { mean = "2s" }, per-token = "10ms" }
price = { input = "$3/M", output = "$15/M", cached-input = "$0.30/M", cache-write = "$3.75/M", reasoning = "$10/M" }
cache = { ttl = "2m" }
reasoning = 0.4
[policy.it]
route.single = "api"
retry.attempts = 3
timeout.total = "5s"
"#;

fn run(text: &str) -> Replication {
    let scenarios = check_str("billing.toml", text).expect("it is right");
    let setup = Setup::new(&scenarios[0]).expect("its policy fits");
    let outcome = sim::run(&setup, 0, 0);
    let audit = outcome.audit;
    assert_eq!(
        audit.billed_pico_usd, audit.clients_pico_usd,
        "what is billed is what clients pay"
    );
    outcome.replication
}

fn ratio(name: &str, sums: &Sums) -> (u128, u128) {
    match Metric::named(name).expect("it is a metric").formula {
        Formula::Ratio(above, below, _) => (above(sums), below(sums)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn money_is_tokens_by_class_times_their_prices() {
    let run = run(SCENARIO);
    let sums = &run.scopes[0];
    let mut all = 0;
    let mut seen = [0u64; 3];
    for row in &sums.usage {
        let (cached, written) = (row.cached_input_tokens, row.cache_write_tokens);
        let plain = row.input_tokens - cached - written;
        let said = row.output_tokens - row.reasoning_tokens;
        let micro = u128::from(cached) * 300_000
            + u128::from(written) * 3_750_000
            + u128::from(plain) * 3_000_000
            + u128::from(said) * 15_000_000
            + u128::from(row.reasoning_tokens) * 10_000_000;
        assert_eq!(micro, row.pico_usd, "{row:?}");
        all += row.pico_usd;
        seen = [
            seen[0] + cached,
            seen[1] + written,
            seen[2] + row.reasoning_tokens,
        ];
    }
    assert!(
        seen.iter().all(|tokens| *tokens > 0),
        "every class is met: {seen:?}"
    );
    // Conversations of five calls, one at a time of each of forty users.
    let (money, conversations) = ratio("cost_usd_per_conversation", sums);
    assert_eq!(money, all);
    assert!(
        conversations * 5 >= u128::from(sums.calls)
            && conversations * 5 <= u128::from(sums.calls) + 40 * 5
    );
    let (cached, prompts) = ratio("cached_input_ratio", sums);
    assert!(cached > 0 && cached < prompts, "{cached} of {prompts}");
}

/// A conversation's cost is that of its calls: together they are all the money, and where every conversation says
/// the same, each costs the same.
#[test]
fn what_conversations_cost_is_told_of_each() {
    let text = SCENARIO.replace("duration = \"10m\"", "duration = \"10m\"\nwarm-up = \"0s\"");
    let run_of = |text: &str| run(text).scopes.swap_remove(0);
    let sums = run_of(&text);
    let costs = &sums.conversation_cost;
    assert_eq!(costs.n(), sums.conversations);
    let told: u128 = costs
        .counts
        .iter()
        .map(|&(nano, n)| u128::from(nano * 1000) * u128::from(n))
        .sum();
    let all = sums.pico_usd();
    assert!(told >= all && told < all + all / 1000, "{told} of {all}");
    assert!(costs.quantile(0.99) > costs.quantile(0.5), "some are long");
    // One call each, all of 1000 tokens in and 100 out, one attempt: 1000 · $3/M + 100 · $15/M = $0.0045.
    let same = text
        .replace("cache = { ttl = \"2m\" }\nreasoning = 0.4\n", "")
        .replace(", cached-input = \"$0.30/M\", cache-write = \"$3.75/M\", reasoning = \"$10/M\"", "")
        .replace("tokens.distribution = { input.log-normal = { median = 3000, sigma = 0.8 }, output = 200 }",
            "tokens.fixed = { input = 1000, output = 100 }")
        .replace("turns = 5", "turns = 1")
        .replace("timeout.total = \"5s\"", "");
    let sums = run_of(&same);
    let (low, high) = (
        sums.conversation_cost.quantile(0.01),
        sums.conversation_cost.quantile(1.0),
    );
    assert!(
        low == high && high.is_some_and(|nano| (4_500_000..4_504_500).contains(&nano)),
        "{high:?}"
    );
    assert!(sums.conversations > 2000);
}

#[test]
fn without_a_cache_and_reasoning_nothing_is_said_of_them() {
    let without = SCENARIO.replace("cache = { ttl = \"2m\" }\nreasoning = 0.4\n", "");
    let without = without.replace(
        ", cached-input = \"$0.30/M\", cache-write = \"$3.75/M\", reasoning = \"$10/M\"",
        "",
    );
    let run = run(&without);
    for name in ["cached_input_ratio", "reasoning_ratio"] {
        assert_eq!(ratio(name, &run.scopes[0]).1, 0, "{name} does not apply");
    }
    let cached = |row: &squall::record::replication::UsageRow| {
        row.cached_input_tokens + row.cache_write_tokens
    };
    assert_eq!(run.scopes[0].usage.iter().map(cached).sum::<u64>(), 0);
}

/// Conversations of four calls, each of which brings 2000 tokens and is answered with 100: where they repeat
/// everything, the cache finds the prompt before, 0 + 2000 + 4100 + 6200 of 20 600 tokens; what is not repeated
/// as it was it does not find.
#[test]
fn a_cache_finds_what_is_repeated_and_nothing_else() {
    let share = |conversations: &str| {
        let text = format!(
            r#"
[run]
duration = "2h"
[workload]
arrivals.poisson.rate = "0.1/s"
tokens.fixed = {{ input = 2000, output = 100 }}
conversations = {{ turns = 4{conversations} }}
[provider.api]
latency.linear = {{ base = "1s" }}
price = {{ input = "$3/M", output = "$15/M" }}
cache = {{}}
[policy.it]
route.single = "api"
"#
        );
        let run = run(&text);
        let (cached, prompts) = ratio("cached_input_ratio", &run.scopes[0]);
        cached as f64 / prompts as f64
    };
    let grows = share(", think = \"5s\"");
    assert!((grows - 12_300.0 / 20_600.0).abs() < 0.01, "{grows}");
    assert_eq!(share(", think = \"5s\", context = \"same\""), 0.0);
    assert_eq!(share(", think = \"5s\", most-context = 1500"), 0.0);
    assert_eq!(share(""), 0.0, "prompts of their own");
}
