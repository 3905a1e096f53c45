//! Envoy, resilience4j and Polly.

use squall::deploy::TARGETS;
use squall::scenario::presets::PRESETS;

use crate::common::{export, lost, scenario};
use crate::policies::policy_text;

#[track_caller]
fn expressed(preset: &str, providers: &[&str], to: &str) -> String {
    let export = export(
        &scenario(providers, &format!("preset = \"{preset}\"\n")),
        to,
    );
    assert_eq!(
        lost(&export),
        Vec::<String>::new(),
        "{preset}\n{}",
        export.text
    );
    export.text
}

#[test]
fn presets_of_envoy_are_what_it_does_by_default() {
    let text = expressed("envoy-max-retries", &["a"], "envoy");
    assert!(text.contains("num_retries: 1\n"), "{text}");
    // 25 ms and ten times that, three retries at once: not written, since nothing else is the default.
    for key in ["retry_back_off", "circuit_breakers", "outlier_detection"] {
        assert!(!text.contains(key), "{key}\n{text}");
    }
    let text = expressed("envoy-retry-budget", &["a"], "envoy");
    assert!(
        text.contains("retry_budget: {budget_percent: {value: 20.0}, min_retry_concurrency: 3}"),
        "{text}"
    );
    // A 408 and a 409 are no 5xx to Envoy, and so to its preset.
    let policy = "preset = \"envoy-outlier\"\nroute = \"round-robin\"\n";
    let export = export(&scenario(&["a", "b"], policy), "envoy");
    assert!(lost(&export).is_empty(), "{:?}", lost(&export));
    let text = export.text;
    assert!(text.contains("outlier_detection:\n      {}\n"), "{text}");
}

#[test]
fn presets_of_resilience4j_are_what_it_does_by_default() {
    let text = expressed("resilience4j-default", &["a"], "resilience4j");
    assert!(
        text.contains("max-attempts: 3\n        wait-duration: 500ms\n"),
        "{text}"
    );
    let text = expressed("resilience4j-exp-random", &["a"], "resilience4j");
    assert!(
        text.contains("exponential-backoff-multiplier: 1.5\n"),
        "{text}"
    );
    assert!(text.contains("randomized-wait-factor: 0.5\n"), "{text}");
    let text = expressed("resilience4j-cb", &["a"], "resilience4j");
    for line in [
        "sliding-window-size: 100",
        "minimum-number-of-calls: 100",
        "failure-rate-threshold: 50",
        "slow-call-duration-threshold: 60000ms",
        "wait-duration-in-open-state: 60000ms",
        "permitted-number-of-calls-in-half-open-state: 10",
    ] {
        assert!(
            text.contains(&format!("        {line}\n")),
            "{line}\n{text}"
        );
    }
}

#[test]
fn the_standard_handler_of_dotnet_has_its_documented_defaults() {
    let text = expressed("dotnet-standard-handler", &["a"], "polly");
    let json: String = text
        .lines()
        .filter(|line| !line.starts_with("//"))
        .collect();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let options = &json["HttpStandardResilience"];
    assert_eq!(options["TotalRequestTimeout"]["Timeout"], "00:00:30");
    assert_eq!(options["AttemptTimeout"]["Timeout"], "00:00:10");
    assert_eq!(
        options["RateLimiter"]["DefaultRateLimiterOptions"]["PermitLimit"],
        1000
    );
    assert_eq!(options["Retry"]["MaxRetryAttempts"], 3);
    assert_eq!(options["Retry"]["Delay"], "00:00:02");
    assert_eq!(options["Retry"]["BackoffType"], "Exponential");
    assert_eq!(options["Retry"]["UseJitter"], true);
    assert_eq!(options["CircuitBreaker"]["FailureRatio"], 0.1);
    assert_eq!(options["CircuitBreaker"]["MinimumThroughput"], 100);
    assert_eq!(options["CircuitBreaker"]["SamplingDuration"], "00:00:30");
    assert_eq!(options["CircuitBreaker"]["BreakDuration"], "00:00:05");
}

#[test]
fn every_policy_has_a_file_of_every_target_and_what_is_lost_stands_in_it() {
    let mut cases: Vec<String> = (0..40).map(policy_text).collect();
    let presets = PRESETS
        .iter()
        .filter(|preset| !preset.text.contains("layers"));
    cases.extend(presets.map(|preset| format!("preset = \"{}\"\n", preset.name)));
    for case in cases {
        let scenario = scenario(&["a", "b", "c"], &case);
        for target in TARGETS {
            let export = export(&scenario, target.name);
            for line in lost(&export) {
                assert!(
                    export.text.contains(&format!("- {line}\n")),
                    "{}: {line}",
                    target.name
                );
            }
            if target.name == "polly" {
                let json: String = export
                    .text
                    .lines()
                    .filter(|line| !line.starts_with("//"))
                    .collect();
                serde_json::from_str::<serde_json::Value>(&json).unwrap();
            }
        }
    }
}
