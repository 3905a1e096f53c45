//! Policies that ship with Squall, what guides and SDKs do, and limits of providers as they are
//! published; each in a commented file.
//!
//! A preset's name is versioned once its source is: a new release of an SDK is a new preset, and
//! the old one keeps giving the old numbers. A name without its version means the newest, and a
//! warning says which that is.
//!
//! Every file begins with one line that says what it is. What was read in the source of which
//! version stands below, as does what is only documented, and what Squall cannot express.

/// One preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The name in `preset = "…"`.
    pub name: &'static str,
    /// The policy file, which holds one policy of that name.
    pub text: &'static str,
}

macro_rules! presets {
    ($($name:literal),+ $(,)?) => {
        /// Every preset.
        pub const PRESETS: &[Preset] = &[$(Preset {
            name: $name,
            text: include_str!(concat!("presets/", $name, ".toml")),
        }),+];
    };
}

presets! {
    "guide-basic",
    "guide-naive",
    "guide-hammer",
    "guide-tenacity",
    "guide-full-jitter",
    "guide-8s-budget",
    "guide-mvp-stack",
    "guide-fallback-chain",
    "guide-breaker",
    "guide-error-table",
    "adwin-river",
    "aiobreaker-1.2",
    "anthropic-node-0",
    "anthropic-node-1",
    "anthropic-python-0",
    "anthropic-python-1",
    "anthropic-python-2",
    "async-retry-1.3",
    "aws-adaptive-2020",
    "aws-adaptive-2026",
    "aws-legacy-1.44",
    "aws-quota-2020",
    "aws-quota-2026",
    "aws-standard-2020",
    "aws-standard-2026",
    "azure-core-1.41",
    "backon",
    "bifrost",
    "cloudflare-aig",
    "cockatiel-consecutive-3.2",
    "cockatiel-count-3.2",
    "cockatiel-sampling-3.2",
    "cohere-python-7.3",
    "cookbook-manual",
    "dotnet-standard-handler",
    "envoy-admission",
    "envoy-admission-2x",
    "envoy-default",
    "envoy-docs",
    "envoy-gradient",
    "envoy-hedge-on-timeout",
    "envoy-max-retries",
    "envoy-outlier",
    "envoy-outlier-first-eject-always",
    "envoy-priority",
    "envoy-retry-budget",
    "failsafe-budget",
    "failsafe-cb",
    "failsafe-go-http",
    "failsafe-adaptive",
    "failsafe-hedge",
    "failsafe-throttler",
    "finagle-accrual",
    "finagle-backup",
    "finagle-budget",
    "gobreaker-2",
    "google-api-core-2.44",
    "google-genai-3.4",
    "google-genai-opts-3.4",
    "groq-python-1.7",
    "grpc-hedge",
    "grpc-retry",
    "grpc-throttle",
    "helicone",
    "helicone-health",
    "helicone-p2c-ewma",
    "hystrix",
    "istio-default",
    "istio-outlier",
    "kong-lowest-latency",
    "kong-maxfails",
    "langchain-fallbacks",
    "linkerd-accrual",
    "linkerd-accrual-429-counts",
    "linkerd-budget",
    "linkerd-ewma",
    "litellm-allowed-fails-1.109",
    "litellm-cooldown-1.109",
    "litellm-cost-1.109",
    "litellm-latency-1.109",
    "litellm-least-busy-1.109",
    "litellm-router-1.109",
    "litellm-simple-shuffle-1.109",
    "litellm-usage-1.109",
    "litellm-usage-v2-1.109",
    "mistral-python-off-3.7",
    "mistral-python-speakeasy-3.7",
    "openai-cookbook-backoff",
    "openai-cookbook-tenacity",
    "openai-node-4",
    "openai-node-6",
    "openai-node-6.49",
    "openai-python-1",
    "openai-python-1.0",
    "openai-python-2",
    "openai-python-3",
    "openrouter-like",
    "opossum-9",
    "p-retry-7.1",
    "page-hinkley-river",
    "polly-cb-8",
    "polly-default-8",
    "polly-exp-jitter-8",
    "polly-hedge-8",
    "portkey",
    "portkey-loadbalance",
    "pybreaker-1.4",
    "r4j-hedge",
    "resilience4j-cb",
    "resilience4j-default",
    "resilience4j-exp-random",
    "sre-adaptive-throttling",
    "sre-client-10pct",
    "stamina-26.1",
    "tenacity-bare-9.2",
    "tensorzero",
    "tower-hedge",
    "tower-tps",
    "urllib3-2.8",
    "vercel-ai-6",
}

macro_rules! providers {
    ($($name:literal),+ $(,)?) => {
        /// Every preset of a provider: the limits that a vendor publishes, with source and date.
        pub const PROVIDERS: &[Preset] = &[$(Preset {
            name: $name,
            text: include_str!(concat!("presets/providers/", $name, ".toml")),
        }),+];
    };
}

providers! {
    "anthropic-fable-scale",
    "anthropic-fable-start",
    "anthropic-opus-tier4",
    "anthropic-sonnet-tier4",
    "azure-openai",
    "azure-openai-s0",
    "bedrock-claude",
    "gemini-2.5-flash-free",
    "gemini-2.5-flash-tier1",
    "gemini-2.5-pro-tier1",
    "openai-gpt-4o-mini-tier1",
    "openai-gpt-4o-tier1",
    "openai-gpt-4o-tier2",
    "openai-gpt-4o-tier3",
    "openai-gpt-4o-tier4",
    "openai-gpt-4o-tier5",
}

/// The preset of a policy by its name; of a name without its version the newest.
pub fn find(name: &str) -> Option<&'static Preset> {
    find_in(PRESETS, name)
}

/// The same among these.
pub fn find_in(presets: &'static [Preset], name: &str) -> Option<&'static Preset> {
    let exact = presets.iter().find(|preset| preset.name == name);
    exact.or_else(|| {
        let versions = presets
            .iter()
            .filter_map(|p| Some((p.version_of(name)?, p)));
        let newest = versions.max_by(|(a, _), (b, _)| a.cmp(b));
        newest.map(|(_, preset)| preset)
    })
}

/// The names of all presets of policies.
pub fn names() -> Vec<&'static str> {
    names_of(PRESETS)
}

/// The names of these.
pub fn names_of(presets: &[Preset]) -> Vec<&'static str> {
    presets.iter().map(|preset| preset.name).collect()
}

impl Preset {
    /// Its version as numbers, if it is one of the versions of `name`: 6.49 of `openai-node`.
    fn version_of(&self, name: &str) -> Option<Vec<u32>> {
        let version = self.name.strip_prefix(name)?.strip_prefix('-')?;
        version.split('.').map(|part| part.parse().ok()).collect()
    }

    /// The first lines of its comment: what it is and where it comes from.
    pub fn summary(&self) -> &'static str {
        let line = self.text.lines().next().unwrap_or_default();
        line.trim_start_matches("# ")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_of_the_folder_is_a_preset_and_none_is_there_twice() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/scenario/presets");
        for (folder, presets) in [
            (folder.to_string(), PRESETS),
            (format!("{folder}/providers"), PROVIDERS),
        ] {
            of_folder(&folder, presets);
        }
        let both = PROVIDERS.iter().find(|preset| find(preset.name).is_some());
        assert_eq!(both, None, "the name of a policy's preset too");
    }

    fn of_folder(folder: &str, shipped: &[Preset]) {
        let entries = std::fs::read_dir(folder).expect("the folder is there");
        let found = entries.map(|entry| entry.expect("it can be read").file_name());
        let files: BTreeSet<String> = found
            .filter_map(|name| Some(name.to_str()?.strip_suffix(".toml")?.to_string()))
            .collect();
        let names = names_of(shipped).into_iter();
        let presets: BTreeSet<String> = names.map(String::from).collect();
        assert_eq!(presets, files);
        assert_eq!(presets.len(), shipped.len(), "one is there twice");
    }
}
