//! LiteLLM's router: out and in again.

use rand::RngExt;
use squall::deploy::Subject;
use squall::deploy::conduct::{Conduct, Place};
use squall::deploy::litellm::import;
use squall::policy::route::steering::Label;
use squall::scenario::{Scenario, check_str};

use crate::common::{PLAIN, export, lost, scenario};
use crate::policies::rng;

/// What the imported scenario's baseline does.
fn imported(yaml: &str) -> (Scenario, Conduct) {
    let import = import::import("test.yaml", yaml).unwrap();
    let scenario = match check_str("imported.toml", &import.scenario) {
        Ok(mut all) => all.pop().unwrap(),
        Err(mistakes) => panic!("{}\n{}", mistakes.render(PLAIN), import.scenario),
    };
    let subject = Subject::of(&scenario, "today").unwrap();
    let conduct = Conduct::of(subject.config, &subject.places);
    (scenario, conduct)
}

/// What a policy does at places of which only the group is told, as in a file of LiteLLM.
fn conduct(scenario: &Scenario) -> Conduct {
    let subject = Subject::of(scenario, "p").unwrap();
    let places = subject.places.iter().map(|place| Place {
        name: place.name.clone(),
        labels: place
            .label(Label::Group)
            .map(|g| (Label::Group, g.to_string()))
            .into_iter()
            .collect(),
    });
    Conduct::of(subject.config, &places.collect::<Vec<Place>>())
}

#[test]
fn the_preset_of_the_router_is_its_defaults() {
    let scenario = scenario(&["a", "b", "c"], "preset = \"litellm-router-1.109\"\n");
    let export = export(&scenario, "litellm");
    assert_eq!(lost(&export), Vec::<String>::new());
    let router = import::router(&export.text).unwrap();
    // litellm 1.109.1: DEFAULT_MAX_RETRIES, DEFAULT_COOLDOWN_TIME_SECONDS, ROUTER_MAX_FALLBACKS.
    assert_eq!(
        (
            router.num_retries,
            router.cooldown_time.as_s_f64(),
            router.max_fallbacks
        ),
        (2, 5.0, 5)
    );
    assert_eq!((router.timeout, router.stream_timeout), (None, None));
    assert_eq!(router.strategy.name(), "simple-shuffle");
    assert_eq!(router.chain, ["first", "second"]);
    assert_eq!(
        imported(&export.text).1,
        conduct(&scenario),
        "{}",
        export.text
    );
}

/// A policy of settings that LiteLLM has.
fn random(seed: u64) -> String {
    let r = &mut rng(seed, 7);
    let mut text = match r.random_range(0..3) {
        0 => "preset = \"litellm-router-1.109\"\n".to_string(),
        1 => {
            let cooldown = r.random_range(1..60_000);
            let n = r.random_range(0..20);
            format!(
                "preset = \"litellm-router-1.109\"\n\
                 breaker.max-fails = {{ failures = {n}, threshold = \"above\", span = \"{cooldown}ms\", \
                 anchor = \"first-event\", open = \"{cooldown}ms\" }}\n\
                 on.rate-limited.counts-for-breaker = true\non.quota-exhausted.counts-for-breaker = true\n\
                 on.rejected.counts-for-breaker = true\n"
            )
        }
        _ => "preset = \"litellm-router-1.109\"\nbreaker = \"none\"\n".to_string(),
    };
    let attempts = r.random_range(1..9);
    let mut line = |line: String| text.push_str(&(line + "\n"));
    line(format!("retry.attempts = {attempts}"));
    if r.random_bool(0.5) {
        line(format!(
            "timeout.total = \"{}ms\"",
            r.random_range(1..90_000)
        ));
    }
    if r.random_bool(0.5) {
        line(format!(
            "timeout.first-token = \"{}ms\"",
            r.random_range(1..90_000)
        ));
    }
    if r.random_bool(0.3) {
        line(format!("groups.fallback.max = {}", r.random_range(1..8)));
    }
    for class in ["timed-out", "rate-limited", "server-fault", "overloaded"] {
        if r.random_bool(0.2) {
            line(format!(
                "on.{class}.attempts = {}",
                r.random_range(1..=attempts)
            ));
        }
    }
    let route = match r.random_range(0..7) {
        0 => "route = \"least-busy\"".into(),
        1 => "route.weighted = { by = \"limits\" }".into(),
        2 => format!(
            "route.weighted = {{ endpoints = [\"a\", \"b\", \"c\"], weights = [1, {}, 0.25] }}",
            r.random_range(2..9)
        ),
        3 => format!(
            "route.latency = {{ estimate = \"mean\", samples = 10, choices = 0, buffer = {:?}, untried = \"0s\", \
             untried-counts = true, timed-out = \"1000s\", failures = \"ignored\", per = \"token\", \
             ties = \"random\", forget-every = \"{}s\", limits = {{ count = \"answered\" }} }}",
            f64::from(r.random_range(0u8..9)) / 8.0,
            r.random_range(1..7200)
        ),
        4 => "route.usage = { window = \"60s\", counts = \"answers\", limits = { count = \"answered\", spare = 1 } }"
            .into(),
        5 => "route.lowest-cost = { by = \"price\", unpriced = \"$5000000/M\", limits = { count = \"answered\" } }"
            .into(),
        _ => "route = \"weighted\"".into(),
    };
    line(route);
    text
}

#[test]
fn what_litellm_can_be_told_comes_back_as_it_was() {
    for seed in 0..60 {
        let text = random(seed);
        let first = scenario(&["a", "b", "c"], &text);
        let export = export(&first, "litellm");
        // Limits are the provider's: without any there is nothing to weigh by.
        let ignored = |line: &String| line.starts_with("route.weighted.by");
        let lost: Vec<String> = lost(&export)
            .into_iter()
            .filter(|line| !ignored(line))
            .collect();
        assert_eq!(lost, Vec::<String>::new(), "seed {seed}\n{text}");
        let mut wanted = conduct(&first);
        let mut found = imported(&export.text).1;
        for settings in [&mut wanted.settings, &mut found.settings] {
            settings.retain(|line| line.key != "route.weighted.by");
        }
        assert_eq!(found, wanted, "seed {seed}\n{text}\n{}", export.text);
    }
}

#[test]
fn a_list_of_endpoints_is_a_chain_of_models_each_with_all_retries() {
    let text = "route.failover = { endpoints = [\"c\", \"a\"], on-failure = \"exhaust-then-next\" }\n\
                retry.attempts = 6\nretry.attempts-per-endpoint = 3\n\
                breaker.consecutive = { failures = 5, open = \"9s\" }\n";
    let export = export(&scenario(&["a", "b", "c"], text), "litellm");
    let router = import::router(&export.text).unwrap();
    assert_eq!(
        (router.num_retries, router.chain),
        (2, vec!["c".to_string(), "a".to_string()])
    );
    // A deployment that is alone in its group is never cooled down.
    let lost = lost(&export);
    assert!(
        lost.contains(&"breaker.consecutive.failures = 5: not there".to_string()),
        "{lost:#?}"
    );
    assert!(
        lost.iter()
            .any(|line| line.starts_with("retry.backoff.exponential.base: not set here")),
        "{lost:#?}"
    );
}

#[test]
fn what_litellm_cannot_be_told_is_in_the_file_too() {
    let text = "preset = \"litellm-router-1.109\"\nhedge.fixed = { after = \"2s\" }\n\
                budget.share = { ratio = \"10%\" }\n\
                retry.on = [\"rate-limited\", \"transport\"]\n";
    let export = export(&scenario(&["a", "b", "c"], text), "litellm");
    let lost = lost(&export);
    for what in [
        "hedge.fixed.after = \"2s\": not there",
        "budget.share.ratio = 0.1: not there",
    ] {
        assert!(lost.contains(&what.to_string()), "{what}: {lost:#?}");
    }
    for line in &lost {
        assert!(export.text.contains(&format!("# - {line}\n")), "{line}");
    }
    // Classes that are not retried have a number of their own, 0.
    let router = import::router(&export.text).unwrap();
    assert_eq!(router.retry_policy, [Some(0), None, Some(0), Some(0)]);
}
