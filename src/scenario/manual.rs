//! The reference manual is a scenario: every setting with its default, held against the code.

/// Every setting with its default, as a commented scenario.
pub const DEFAULT: &str = include_str!("default.toml");

#[cfg(test)]
mod kinds;
#[cfg(test)]
mod probe;

#[cfg(test)]
mod tests {
    use super::DEFAULT;
    use super::probe::{Found, at};
    use std::collections::BTreeSet;
    use std::path::Path;

    use crate::scenario::files::Memory;
    use crate::scenario::shape::PLACES;
    use crate::scenario::{Loaded, Overrides, Scenario, Style, check_str, load_from, load_tuning};
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
    pub(super) fn with(section: &str, setting: &str) -> Loaded {
        let fault = "name = \"x\"\non = [\"default\"]\nat = \"6m\"\nfor = \"1m\"\n\
                     [provider.default]\nlimits.rpm = 1\n";
        // What it is that a schedule makes come and go.
        let of_effect = format!("effect = \"hang\"\n{fault}");
        let by_label = "name = \"x\"\nat = \"6m\"\nfor = \"1m\"\neffect = \"hang\"\n\
                        [provider.default]\nregion = \"eu\"\n";
        let vary = "metric.amplification.max = 9\n\
                    [run]\nvary = { \"workload.arrivals.poisson.rate\" = [\"20/s\", \"40/s\"] }\n";
        let of_some = "metric.amplification.max = 9\n[workload]\npriority.critical = \"10%\"\n";
        let of_acme = "metric.amplification.max = 9\n[workload]\ntenant.acme.share = \"10%\"\n";
        let limit = "metric.amplification.max = 9\n";
        let beside = match section {
            "[[fault]]" if setting.starts_with("on.") => by_label,
            "[[fault]]" if !setting.starts_with("effect") => of_effect.as_str(),
            "[[fault]]" => fault,
            "[provider.default]" if setting.starts_with("extends ") => "[provider.other]\n",
            "[[expect]]" if setting.starts_with("at ") => vary,
            "[[expect]]" if setting.starts_with("priority ") => of_some,
            "[[expect]]" if setting.starts_with("tenant ") => of_acme,
            "[[expect]]"
                if ["gate ", "after ", "runs "]
                    .iter()
                    .any(|key| setting.starts_with(key)) =>
            {
                limit
            }
            _ => "",
        };
        // A monitor of the manual goes by what it watches.
        let test = setting
            .strip_prefix("monitor.")
            .and_then(|rest| rest.split_once(".test."));
        let watch = test.map_or(String::new(), |(subject, _)| {
            format!("monitor.{subject}.watch = \"{subject}\"\n")
        });
        let text = format!(
            "include = [\"default.toml\"]\n{section}\n{setting}\n{beside}{watch}[policy.other]\n"
        );
        let trace = "t_ms,in_tokens,out_tokens\n1,2,3\n";
        let files = Memory::default()
            .with("default.toml", DEFAULT)
            .with("traces/azure2023_conv.csv", trace)
            .with(
                "traces/clients/servegen_r1.csv",
                "client,t_s,rate_rps,cv,dist\n0,0,1,1,G\n0,50400,1,1,W\n",
            )
            .with("traces/sizes/arxiv_summ.csv", "in_tokens,out_tokens\n9,2\n")
            .with(
                "incidents.csv",
                "start_min,duration_min,impact\n0,0.5,minor\n",
            )
            .with("s.toml", text.as_str());
        load_from(&files, Path::new("s.toml"), Overrides::default())
    }

    #[test]
    fn the_manual_can_be_tuned_and_so_can_every_other_setting_of_its_tune() {
        let other = "[policy.other]\n[tune]\n";
        let tuned = |text: &str| {
            let files = Memory::default()
                .with("default.toml", DEFAULT)
                .with("s.toml", text);
            match load_tuning(&files, Path::new("s.toml"), Overrides::default()) {
                Ok(_) => String::new(),
                Err(found) => found.render(Style::PLAIN),
            }
        };
        let include = "include = [\"default.toml\"]\n";
        assert_eq!(tuned(include), "");
        for (section, setting) in others() {
            let breaker = "[tune.vary]\nbreaker = [\"none\", { consecutive = { failures = 5, open = \"30s\" } }]\n";
            let text = match section.as_str() {
                "[tune]" => format!("{include}{other}{setting}\n"),
                "[tune.vary]" if setting.starts_with("\"breaker\"") => {
                    format!("{include}[tune.vary]\n{setting}\n")
                }
                "[tune.vary]" => format!("{include}{breaker}{setting}\n"),
                _ => continue,
            };
            assert_eq!(tuned(&text), "", "{text}");
        }
    }

    #[test]
    fn every_other_setting_of_the_manual_may_be_uncommented() {
        let others = others();
        assert!(others.len() > 50, "{}", others.len());
        for (section, setting) in others {
            // These need files or a kind of arrivals that stand beside them.
            // A chain has no settings of its own, and the manual's policy has all.
            if setting.starts_with("layers = ") || setting.starts_with("also = ") {
                continue;
            }
            if section == "[[expect]]" && setting.starts_with("layer ") {
                continue;
            }
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

    type Keys = Vec<String>;

    /// The keys of everything that is written, the names of members as `*`; a name that stands for
    /// a kind is a key too.
    fn written(value: &toml::de::DeValue<'_>, path: &mut Keys, all: &mut BTreeSet<Keys>) {
        use toml::de::DeValue;
        let below =
            |key: &str, value: Option<&DeValue<'_>>, path: &mut Keys, all: &mut BTreeSet<Keys>| {
                let at: Vec<&str> = path.iter().map(String::as_str).collect();
                let member = matches!(
                    at[..],
                    ["provider" | "pool" | "policy" | "fault"]
                        | ["policy", _, "on" | "monitor" | "layer"]
                );
                path.push(if member { "*" } else { key }.into());
                all.insert(path.clone());
                if let Some(value) = value {
                    written(value, path, all);
                }
                path.pop();
            };
        match value {
            DeValue::Table(table) => table
                .iter()
                .for_each(|(key, value)| below(key.get_ref(), Some(value.get_ref()), path, all)),
            DeValue::Array(list) => list
                .iter()
                .for_each(|value| below("", Some(value.get_ref()), path, all)),
            DeValue::String(text) => below(text, None, path, all),
            _ => {}
        }
    }

    fn all_written() -> BTreeSet<Keys> {
        let settings = others().into_iter();
        let texts = settings.map(|(section, setting)| format!("{section}\n{setting}\n"));
        let mut all = BTreeSet::new();
        for text in texts.chain([DEFAULT.to_string()]) {
            let table = toml::de::DeTable::parse(&text).expect("every setting is TOML");
            let value = toml::de::DeValue::Table(table.into_inner());
            written(&value, &mut Vec::new(), &mut all);
        }
        all
    }

    /// Every key of a type below `root`: as the manual must have it, and whether it belongs to a
    /// kind, which may be written at any place that has it.
    fn keys<T: for<'de> serde::Deserialize<'de>>(root: &[&'static str]) -> Vec<(Keys, bool)> {
        let (mut open, mut keys) = (vec![(Vec::new(), false)], Vec::new());
        while let Some((below, of_kind)) = open.pop() {
            let path: Keys = root.iter().chain(&below).map(|&key| key.into()).collect();
            let next = |key: &'static str| [&below[..], &[key]].concat();
            match at::<T>(&below) {
                Found::Fields(fields) => {
                    for &field in fields {
                        let key = [&path[..], &[field.to_string()]].concat();
                        keys.push((key, of_kind));
                        open.push((next(field), false));
                    }
                }
                Found::Kinds(kinds) => open.extend(kinds.iter().map(|kind| (next(kind), true))),
                Found::Value => {
                    // A set of kinds reads itself.
                    let set = PLACES
                        .iter()
                        .find(|place| crate::scenario::shape::matches(place.pattern, &path));
                    let kinds = set.map(|place| place.kinds()).unwrap_or_default();
                    open.extend(kinds.into_iter().map(|kind| (next(kind), true)));
                }
            }
        }
        keys
    }

    /// Whether the manual may leave it out: a kind written as a plain value stands for it.
    fn is_main(key: &Keys) -> bool {
        PLACES.iter().any(|place| {
            let [of_place @ .., kind, field] = &key[..] else {
                return false;
            };
            let main = (kind.as_str(), field.as_str());
            crate::scenario::shape::matches(place.pattern, of_place)
                && place.main_keys.contains(&main)
        })
    }

    /// The keys of a pool; its limits are written where those of a provider are.
    fn of_pools() -> Vec<(Keys, bool)> {
        let mut keys = keys::<provider::limits::pool::Config>(&["pool", "*"]);
        keys.retain(|(key, _)| key.len() == 3 || key[2] != "limits");
        keys
    }

    #[test]
    fn every_key_that_can_be_written_is_in_the_manual() {
        let written = all_written();
        let all = [
            keys::<crate::scenario::compare::Run>(&["run"]),
            keys::<crate::workload::Config>(&["workload"]),
            keys::<provider::Config>(&["provider", "*"]),
            of_pools(),
            keys::<crate::fault::Config>(&["fault", "*"]),
            keys::<policy::Config>(&["policy", "*"]),
            keys::<policy::classify::RuleConfig>(&["policy", "*", "on", "*"]),
            keys::<policy::monitor::Watch>(&["policy", "*", "monitor", "*"]),
            keys::<policy::layers::Place>(&["policy", "*", "layer", "*"]),
        ];
        let all = all.concat();
        assert!(all.len() > 100, "{}", all.len());
        let is_written = |(key, of_kind): &(Keys, bool)| {
            let last_two = &key[key.len().saturating_sub(2)..];
            written.contains(key)
                || (*of_kind && written.iter().any(|other| other.ends_with(last_two)))
        };
        let missing: Vec<String> = all
            .iter()
            .filter(|key| !is_written(key) && !is_main(&key.0))
            .map(|(key, _)| key.join("."))
            .collect();
        assert!(missing.is_empty(), "{}", missing.join("\n"));
    }
}
