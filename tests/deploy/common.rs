//! Scenarios of one policy.

use squall::deploy::{Export, Subject, target};
use squall::scenario::{Scenario, Style, check_str};

/// Mistakes as text.
pub(crate) const PLAIN: Style = Style {
    color: false,
    unicode: false,
};

/// Three providers, two of one group, around a policy.
pub(crate) fn scenario(providers: &[&str], policy: &str) -> Scenario {
    let providers: String = providers
        .iter()
        .map(|name| match *name {
            "c" => "[provider.c]\ngroup = \"second\"\n".to_string(),
            name => format!("[provider.{name}]\ngroup = \"first\"\n"),
        })
        .collect();
    let text = format!(
        "[run]\nduration = \"1m\"\n[workload]\narrivals.poisson = {{ rate = \"1/s\" }}\n{providers}[policy.p]\n{policy}"
    );
    match check_str("test.toml", &text) {
        Ok(mut all) => all.pop().unwrap(),
        Err(mistakes) => panic!("{}\n{text}", mistakes.render(PLAIN)),
    }
}

/// What a target makes of the one policy.
pub(crate) fn export(scenario: &Scenario, to: &str) -> Export {
    let subject = Subject::of(scenario, "p").unwrap();
    (target(to).unwrap().write)(&subject)
}

/// What is lost, a line each.
pub(crate) fn lost(export: &Export) -> Vec<String> {
    export.lost.iter().map(ToString::to_string).collect()
}
