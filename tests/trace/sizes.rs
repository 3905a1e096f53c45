//! Recorded sizes joined to any arrivals, and the profiles made of quantiles that were published.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use squall::base::Instant;
use squall::scenario::files::Memory;
use squall::scenario::{Overrides, load_from};
use squall::sim::Setup;
use squall::workload::profiles::TokenProfile;

fn file(name: &str) -> String {
    let traces = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/traces");
    std::fs::read_to_string(traces.join(name)).expect("it is shipped")
}

fn pairs(csv: &str) -> Vec<(u32, u32)> {
    let cells = |line: &str| {
        let (input, output) = line.split_once(',').expect("two cells");
        (
            input.parse().expect("a number"),
            output.parse().expect("a number"),
        )
    };
    csv.lines().skip(1).map(cells).collect()
}

/// The value that a share of all lies below.
fn quantile(values: &mut [u32], p: f64) -> f64 {
    values.sort_unstable();
    let place = (p * values.len() as f64) as usize;
    f64::from(values[place.min(values.len() - 1)])
}

#[test]
fn sampled_sizes_are_recorded_pairs_with_their_quantiles_whatever_the_arrivals() {
    let csv = file("sizes/arxiv_summ.csv");
    let recorded = pairs(&csv);
    assert_eq!(recorded.len(), 8000);
    let sums = recorded.iter().fold((0, 0), |sum, (input, output)| {
        (sum.0 + u64::from(*input), sum.1 + u64::from(*output))
    });
    assert_eq!(
        (sums.0 / 8000, sums.1 / 8000),
        (2572, 303),
        "mean prompt and answer"
    );
    let known: BTreeSet<(u32, u32)> = recorded.iter().copied().collect();
    for arrivals in [
        "poisson.rate = \"20/s\"",
        "gamma = { rate = \"20/s\", cv = 3.0 }",
    ] {
        let text = format!(
            "[run]\nduration = \"40m\"\nseed = 841\n[workload]\narrivals.{arrivals}\n\
             tokens.sample = \"t/a.csv\"\n[provider.api]\n[policy.p]\n"
        );
        let files = Memory::default()
            .with("s.toml", text)
            .with("t/a.csv", csv.as_str());
        let loaded = load_from(&files, Path::new("s.toml"), Overrides::default());
        let scenario = loaded.into_result().expect("it is right").remove(0);
        let setup = Setup::new(&scenario).expect("the policy fits");
        let (mut traffic, draws) = (setup.traffic.traffic(), setup.draws(0));
        let end = Instant::ZERO + scenario.run.duration;
        let next = || traffic.next(&draws).filter(|call| call.at < end);
        let drawn: Vec<(u32, u32)> = std::iter::from_fn(next)
            .map(|call| (call.request.prompt_tokens, call.answer_tokens))
            .collect();
        assert!(drawn.len() > 30_000, "seed 841: {}", drawn.len());
        assert!(
            drawn.iter().all(|pair| known.contains(pair)),
            "never one's prompt with another's answer"
        );
        for p in [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] {
            for of in [|pair: &(u32, u32)| pair.0, |pair: &(u32, u32)| pair.1] {
                let mut there: Vec<u32> = drawn.iter().map(of).collect();
                let mut here: Vec<u32> = recorded.iter().map(of).collect();
                let (there, here) = (quantile(&mut there, p), quantile(&mut here, p));
                assert!(
                    (there / here - 1.0).abs() < 0.1,
                    "seed 841, p{p}: {there} of {here}"
                );
            }
        }
    }
}

/// All of ServeGen's quantiles from p10 to p99, and what its file says is in no other profile.
#[test]
fn profiles_of_servegen_have_its_quantiles() {
    let csv = file("sizes/servegen_quantiles.csv");
    let mut compared: BTreeMap<&str, u32> = BTreeMap::new();
    for line in csv.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let name = match cells[0] {
            "deepseek-r1" => "reasoning-api",
            "m-large" => "api-large",
            "m-mid" => "api-mid",
            "m-small" => "api-small",
            other => panic!("{other}"),
        };
        let profile = TokenProfile::named(name).expect("it is a profile");
        let field = match cells[1] {
            "input_tokens" => profile.input,
            _ => profile.output,
        };
        let number = |text: &str| text.parse::<f64>().expect("a number");
        let (p, value) = (number(cells[2]), number(cells[3]));
        let got = field.shape.sampler().at(p);
        assert!((got / value - 1.0).abs() < 0.1, "{line}: {got}");
        *compared.entry(name).or_default() += 1;
    }
    assert_eq!(compared.into_values().collect::<Vec<_>>(), [54; 4]);
}
