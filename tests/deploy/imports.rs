//! Configuration files as people write them, and files that are none.

use rand::RngExt;
use squall::deploy::litellm::import::{import, router};
use squall::scenario::check_str;

use crate::common::PLAIN;
use crate::policies::rng;

const TODAY: &str = r#"
model_list:
  - model_name: gpt-4o
    litellm_params:
      model: azure/gpt-4o-eu
      api_base: https://example.invalid/
      api_key: "os.environ/AZURE_API_KEY"
      rpm: 2700
      tpm: 450000
  - model_name: gpt-4o
    litellm_params: {model: gpt-4o, api_key: os.environ/OPENAI_API_KEY, timeout: 20}
  - model_name: claude
    litellm_params:
      model: anthropic/claude-sonnet-4-6
  - model_name: embeddings
    litellm_params: {model: openai/text-embedding-3-small}

litellm_settings:
  num_retries: 5            # the router's own counts
  request_timeout: 45
  fallbacks: [{"gpt-4o": ["claude"]}]
  context_window_fallbacks: [{"gpt-4o": ["claude"]}]
  drop_params: true

router_settings:
  routing_strategy: latency-based-routing
  routing_strategy_args: {lowest_latency_buffer: 0.5}
  num_retries: 3
  timeout: 30
  allowed_fails: 2
  cooldown_time: 30
  retry_policy: {RateLimitErrorRetries: 1, BadRequestErrorRetries: 1}
  allowed_fials: 4

general_settings:
  master_key: sk-1234
"#;

#[test]
fn a_stack_of_today_is_a_scenario_that_can_be_run() {
    let imported = import("config.yaml", TODAY).unwrap();
    let scenario = match check_str("today.toml", &imported.scenario) {
        Ok(mut all) => all.pop().unwrap(),
        Err(mistakes) => panic!("{}\n{}", mistakes.render(PLAIN), imported.scenario),
    };
    assert_eq!(
        scenario.warnings,
        Vec::<String>::new(),
        "{}",
        imported.scenario
    );
    assert_eq!(scenario.compare.baseline, "today");
    let names: Vec<&str> = scenario
        .providers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["gpt-4o", "gpt-4o-2", "claude"]);
    assert_eq!(scenario.providers[0].1.limits.rpm, Some(2700));
    let (_, today) = &scenario.policies[0];
    assert_eq!(today.retry.attempts, 4);
    // request_timeout stands before the router's timeout.
    assert_eq!(today.timeout.total.unwrap().as_s_f64(), 45.0);
    assert_eq!(today.breaker.kind(), "max-fails");
    assert_eq!(today.route.kind(), "latency");
    for (what, list) in [
        ("litellm_params.timeout", &imported.left_out),
        ("context_window_fallbacks", &imported.left_out),
        ("did you mean `allowed_fails`", &imported.left_out),
        ("BadRequestErrorRetries", &imported.left_out),
        ("\"embeddings\" is neither asked", &imported.left_out),
        ("general_settings", &imported.left_out),
        ("limits of anthropic-sonnet-tier4", &imported.assumed),
        ("asks for the model \"gpt-4o\"", &imported.assumed),
    ] {
        assert!(
            list.iter().any(|line| line.contains(what)),
            "{what}: {list:#?}"
        );
    }
    for line in imported.left_out.iter().chain(&imported.assumed) {
        assert!(
            imported.scenario.contains(&format!("# - {line}\n")),
            "{line}"
        );
    }
    // Keys are nobody's business.
    assert!(!imported.scenario.contains("sk-1234"));
}

#[test]
fn a_file_that_is_none_is_refused_with_its_line() {
    let line_of = |text: &str| {
        let wrong = import("x", text).unwrap_err();
        (wrong[0].line, wrong[0].title.clone())
    };
    assert_eq!(line_of("").0, 0);
    assert_eq!(
        line_of("router_settings: {num_retries: 2}\n").1,
        "there are no models: no `model_list`"
    );
    assert_eq!(
        line_of("model_list: [{model_name: a, litellm_params: {model: b}}]\nrouter_settings: 4\n")
            .0,
        2
    );
    assert_eq!(
        line_of("model_list:\n- litellm_params: {model: b}\n").1,
        "a model without a name"
    );
    let (line, title) = line_of(
        "model_list: [{model_name: a, litellm_params: {model: b}}]\nrouter_settings:\n  num_retries: many\n",
    );
    assert_eq!((line, title.as_str()), (3, "`num_retries` is no count"));
    assert_eq!(line_of("a: b: c: d\n").0, 1);
}

#[test]
fn depth_and_aliases_exhaust_nothing() {
    let deep = [
        "[".repeat(100_000),
        "{a: ".repeat(50_000),
        "- ".repeat(100_000),
    ];
    for text in deep {
        assert!(import("x", &text).is_err());
    }
    // A billion laughs: each list holds the one before ten times.
    let mut text = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for i in 1..12 {
        let list = vec![format!("*a{}", i - 1); 10].join(", ");
        text.push_str(&format!("a{i}: &a{i} [{list}]\n"));
    }
    text.push_str("model_list: *a11\n");
    assert!(import("x", &text).is_err());
}

#[test]
fn no_change_of_a_file_is_a_panic_and_what_is_read_can_be_run() {
    for seed in 0..400 {
        let r = &mut rng(seed, 9);
        let mut bytes = TODAY.as_bytes().to_vec();
        for _ in 0..r.random_range(1..6) {
            let at = r.random_range(0..bytes.len());
            match r.random_range(0..4) {
                0 => drop(bytes.remove(at)),
                1 => bytes[at] = b" :-[]{}'\"#&*0a\n"[r.random_range(0..15)],
                2 => bytes.insert(at, b"9:-\n "[r.random_range(0..5)]),
                _ => {
                    let end = (at + r.random_range(1..60)).min(bytes.len());
                    drop(bytes.drain(at..end));
                }
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        let Ok(imported) = import("config.yaml", &text) else {
            continue;
        };
        if let Err(mistakes) = check_str("today.toml", &imported.scenario) {
            let mistakes = mistakes.render(PLAIN);
            panic!("seed {seed}: {mistakes}\n{text}\n{}", imported.scenario);
        }
    }
}

#[test]
fn zeros_mean_what_they_mean_to_litellm() {
    let with = |settings: &str| {
        let text = format!(
            "model_list: [{{model_name: a, litellm_params: {{model: b}}}}]\nrouter_settings: {{{settings}}}\n"
        );
        router(&text).unwrap()
    };
    // A cooldown of nothing is none, a timeout of nothing is LiteLLM's own.
    assert_eq!(
        with("cooldown_time: 0").cooldown,
        squall::deploy::litellm::router::Cooldown::Off
    );
    assert_eq!(with("timeout: 0").timeout, None);
    assert_eq!(with("num_retries: 0").num_retries, 0);
}
