//! A preset's settings, for targets whose own behaviour a preset is.

use crate::policy::config::Config;
use crate::scenario::check_str;

/// The settings of a preset; of a name that is none those of no policy, which a test keeps from happening.
pub(super) fn preset(name: &str) -> Config {
    let text = format!(
        "[run]\nduration = \"1m\"\n[workload]\narrivals.poisson = {{ rate = \"1/s\" }}\n[provider.a]\n\
         [policy.p]\npreset = \"{name}\"\n"
    );
    let scenario = check_str("preset", &text).ok();
    let policies = scenario.and_then(|mut all| all.pop());
    let policy = policies.and_then(|mut scenario| scenario.policies.pop());
    policy.map(|(_, config)| config).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_presets_that_targets_stand_on_exist() {
        let used = [
            "litellm-router-1.109",
            "litellm-allowed-fails-1.109",
            "litellm-latency-1.109",
            "litellm-least-busy-1.109",
            "litellm-cost-1.109",
            "litellm-usage-1.109",
            "litellm-usage-v2-1.109",
            "envoy-default",
            "envoy-outlier",
            "envoy-priority",
            "resilience4j-default",
            "resilience4j-cb",
            "dotnet-standard-handler",
            "polly-hedge-8",
        ];
        for name in used {
            assert_ne!(preset(name), Config::default(), "{name}");
        }
    }
}
