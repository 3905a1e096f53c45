//! `[pool.NAME]` and the providers of a scenario: a pool that nobody is of limits nothing.

use super::parts::Parts;
use super::phrases::with_names;
use super::report::Report;

/// Notes pools of providers that are not there, or of none.
pub(super) fn check(parts: &Parts, providers: &[&str], report: &mut Report) {
    if parts.lacks.providers {
        return;
    }
    for (_, pool) in &parts.pools {
        let Some(config) = &pool.value else {
            continue;
        };
        let unit = &pool.unit;
        for (i, name) in config.on.iter().enumerate() {
            if !providers.contains(&name.as_str()) {
                let place = i.to_string();
                let path = ["on", place.as_str()];
                let title = format!("unknown provider `{name}`");
                let mistake = unit.mistake(&path, title, "no such provider", report);
                unit.push(&path, with_names(mistake, name, providers), report);
            }
        }
        // A provider with a mistake elsewhere may have the label.
        let labelled = parts.providers.iter().all(|(_, p)| p.value.is_some());
        let mut all = parts.providers.iter();
        let anybody = all.any(|(name, p)| {
            let provider = p.value.as_ref();
            provider.is_some_and(|provider| config.has(name, provider))
        });
        if labelled && !anybody && config.on.is_empty() && pool.knows("of") {
            let title = "a pool that no provider is of";
            let mistake = unit
                .mistake(&["of"], title, "no provider has these labels", report)
                .help("give its providers the label, or name them: on = [\"A\", \"B\"]");
            unit.push(&["of"], mistake, report);
        }
    }
}
