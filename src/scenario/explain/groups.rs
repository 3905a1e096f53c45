//! Which groups of endpoints a policy has.

use super::super::model::Scenario;
use crate::policy::Config;
use crate::policy::route::steering::Label;
use crate::provider;

/// The groups in their order, each with its endpoints; nothing if there are none.
pub(super) fn sentences(scenario: &Scenario, config: &Config) -> Option<String> {
    let (by, groups) = of_policy(scenario, config)?;
    let said = groups.iter().map(|(label, members)| {
        let label = label.map_or(format!("without a {}", by.name()), String::from);
        format!("{label} ({})", members.join(", "))
    });
    let said: Vec<String> = said.collect();
    Some(match said.len() {
        1 => format!("one group: {}", said[0]),
        n => format!("{n} groups: {}", said.join(", then ")),
    })
}

/// A group: its label, if its members have one, and those.
type Group<'a> = (Option<&'a str>, Vec<&'a str>);

/// By which label a policy's endpoints are grouped, and its groups in their order; None if it has none.
pub(super) fn of_policy<'a>(
    scenario: &'a Scenario,
    config: &'a Config,
) -> Option<(Label, Vec<Group<'a>>)> {
    let by = config.groups.by()?;
    let judge = config.guard.judge().map(|judge| judge.endpoint.as_str());
    let mut all: Vec<&str> = scenario.providers.iter().map(|(n, _)| n.as_str()).collect();
    all.retain(|name| scenario.providers.len() == 1 || Some(*name) != judge);
    let mut groups: Vec<Group<'a>> = Vec::new();
    for name in config.route.asked(&all) {
        let mut providers = scenario.providers.iter();
        let of = providers.find(|(other, _)| other == name);
        let label = of.and_then(|(_, config)| label(config, by));
        match groups.iter_mut().find(|(known, _)| *known == label) {
            Some((_, members)) => members.push(name),
            None => groups.push((label, vec![name])),
        }
    }
    Some((by, groups))
}

fn label(config: &provider::Config, by: Label) -> Option<&str> {
    match by {
        Label::Vendor => config.vendor.as_deref(),
        Label::Model => config.model.as_deref(),
        Label::Region => config.region.as_deref(),
        Label::Account => config.account.as_deref(),
        Label::Group => config.group.as_deref(),
    }
}
