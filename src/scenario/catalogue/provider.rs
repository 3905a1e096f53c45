//! The page on a preset of a provider.

use super::super::check_str;
use super::super::presets::Preset;
use super::comment;

/// Where it comes from, and all it sets.
pub(super) fn describe(preset: &Preset) -> String {
    let mut text = format!("preset {} of a provider\n\n", preset.name);
    for line in comment(preset) {
        text.push_str(line);
        text.push('\n');
    }
    if let Some(settings) = settings(preset) {
        text.push_str(&format!("\n{settings}\n"));
    }
    text
}

/// Its settings with those of the preset it builds on, as a scenario has them. A test holds that
/// every preset can stand so.
fn settings(preset: &Preset) -> Option<String> {
    let name = preset.name;
    let text = format!(
        "[run]\nduration = \"1m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\n\
         [provider.\"{name}\"]\npreset = \"{name}\"\n[policy.p]\n"
    );
    let scenario = check_str(name, &text).ok()?.into_iter().next()?;
    let settings = scenario.resolved.split("\n[provider.").nth(1)?;
    let settings = settings.split("\n\n").next()?;
    Some(format!("[provider.{}", settings.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::super::PROVIDERS;
    use super::*;

    #[test]
    fn every_preset_of_a_provider_is_explained_with_its_limits() {
        for preset in PROVIDERS {
            let text = describe(preset);
            assert!(text.contains("\nlimits."), "{text}");
        }
    }

    #[test]
    fn a_preset_that_builds_on_another_has_its_settings() {
        let preset = PROVIDERS.iter().find(|p| p.name == "azure-openai-s0");
        let text = describe(preset.unwrap());
        assert!(text.contains("limits.tpm = 450"), "{text}");
        assert!(
            text.contains("limits.retry-after.identical = \"24h\""),
            "{text}"
        );
    }
}
