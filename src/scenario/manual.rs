//! The reference manual is a scenario: every setting with its default, held against the code.

/// Every setting with its default, as a commented scenario.
pub const DEFAULT: &str = include_str!("default.toml");

#[cfg(test)]
mod tests {
    use super::DEFAULT;
    use std::path::Path;

    use crate::scenario::files::Memory;
    use crate::scenario::shape::PLACES;
    use crate::scenario::{Loaded, Overrides, Scenario, Style, check_str, load_from};
    use crate::{policy, provider};

    fn manual() -> Scenario {
        check_str("default.toml", DEFAULT)
            .expect("the manual is a good scenario")
            .remove(0)
    }

    #[test]
    fn every_value_of_the_manual_is_the_default() {
        let manual = manual();
        assert_eq!(manual.policies[0].1, policy::Config::default());
        assert_eq!(manual.providers[0].1, provider::Config::default());
        let least = "[run]\nduration = \"10m\"\n[workload]\narrivals.poisson.rate = \"40/s\"\n\
                     [provider.default]\n[policy.default]\n[[fault]]\nname = \"outage\"\n\
                     on = [\"default\"]\nat = \"3m\"\nfor = \"2m\"\neffect = \"outage\"\n";
        let least = check_str("least.toml", least).unwrap().remove(0);
        assert_eq!(manual.run, least.run);
        assert_eq!(manual.workload, least.workload);
        assert_eq!(manual.faults, least.faults);
        assert_eq!(manual.compare.baseline, least.compare.baseline);
        for (name, effect) in &least.compare.min_effect {
            assert_eq!(manual.compare.min_effect[name], *effect, "{name}");
        }
    }

    /// The lines that begin with `#` and a key: settings without a default, and other kinds.
    fn others() -> Vec<(String, &'static str)> {
        let mut section = String::new();
        let mut others = Vec::new();
        for line in DEFAULT.lines() {
            let setting = line
                .strip_prefix('#')
                .filter(|rest| !rest.starts_with([' ', '#']));
            match setting {
                Some(setting) if !setting.is_empty() => others.push((section.clone(), setting)),
                _ if line.starts_with('[') => section = line.into(),
                _ => {}
            }
        }
        others
    }

    /// The manual with one of those settings on top, and whatever it cannot stand without.
    fn with(section: &str, setting: &str) -> Loaded {
        let fault = "name = \"x\"\non = [\"default\"]\nat = \"6m\"\nfor = \"1m\"\n\
                     [provider.default]\nlimits.rpm = 1\n";
        let vary = "metric.amplification.max = 9\n\
                    [run]\nvary = { \"workload.arrivals.poisson.rate\" = [\"20/s\", \"40/s\"] }\n";
        let beside = match section {
            "[[fault]]" => fault,
            "[[expect]]" if setting.starts_with("at ") => vary,
            "[[expect]]" if setting.starts_with("gate ") => "metric.amplification.max = 9\n",
            _ => "",
        };
        let text =
            format!("include = [\"default.toml\"]\n{section}\n{setting}\n{beside}[policy.other]\n");
        let trace = "t_ms,in_tokens,out_tokens\n1,2,3\n";
        let files = Memory::default()
            .with("default.toml", DEFAULT)
            .with("traces/azure2023_conv.csv", trace)
            .with("s.toml", text.as_str());
        load_from(&files, Path::new("s.toml"), Overrides::default())
    }

    #[test]
    fn every_other_setting_of_the_manual_may_be_uncommented() {
        let others = others();
        assert!(others.len() > 50, "{}", others.len());
        for (section, setting) in others {
            // These need files or a kind of arrivals that stand beside them.
            if setting.starts_with("include") || setting.starts_with("tokens = \"trace\"") {
                continue;
            }
            let loaded = with(&section, setting);
            let all = loaded.diagnostics.render(Style::PLAIN);
            assert!(
                loaded.diagnostics.mistakes().next().is_none(),
                "{section} {setting}\n{all}"
            );
        }
    }

    #[test]
    fn every_kind_of_every_choice_is_in_the_manual() {
        let words: Vec<&str> = DEFAULT
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .collect();
        for place in PLACES {
            for kind in place.kinds() {
                assert!(words.contains(&kind), "{} {kind}", place.pattern);
            }
        }
    }
}
