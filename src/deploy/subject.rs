//! What is exported: a policy of a scenario, and the providers that it asks.

use super::conduct::Place;
use crate::policy::config::Config;
use crate::policy::route::steering::Label;
use crate::provider;
use crate::scenario::{Scenario, nearest};

/// A policy of a scenario and the providers of its route.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The scenario's file.
    pub file: &'a str,
    /// Its merged tables, in TOML.
    pub resolved: &'a str,
    /// The policy's name.
    pub name: &'a str,
    /// Its settings.
    pub config: &'a Config,
    /// The providers that it asks, in order of its route.
    pub providers: Vec<(&'a str, &'a provider::Config)>,
    /// The same as places.
    pub places: Vec<Place>,
}

/// Why there is nothing to export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSubject {
    /// No policy has that name.
    Unknown {
        /// The name that was probably meant.
        nearest: Option<String>,
        /// All there are.
        names: Vec<String>,
    },
    /// It is a chain of these layers, each of which runs in software of its own.
    Chain(Vec<String>),
}

impl<'a> Subject<'a> {
    /// The policy of that name.
    ///
    /// # Errors
    /// If there is none, or if it is a chain of services.
    pub fn of(scenario: &'a Scenario, name: &str) -> Result<Subject<'a>, NoSubject> {
        let found = scenario.policies.iter().find(|(own, _)| own == name);
        let Some((name, config)) = found else {
            let names = || scenario.policies.iter().map(|(name, _)| name.as_str());
            return Err(NoSubject::Unknown {
                nearest: nearest(name, names()).map(str::to_string),
                names: names().map(str::to_string).collect(),
            });
        };
        if !config.layers.is_empty() {
            return Err(NoSubject::Chain(config.layers.clone()));
        }
        let judge = config.guard.judge().map(|judge| judge.endpoint.as_str());
        let all: Vec<&str> = scenario.providers.iter().map(|(n, _)| n.as_str()).collect();
        let others: Vec<&str> = all.iter().copied().filter(|n| Some(*n) != judge).collect();
        let able = if others.is_empty() { &all } else { &others };
        let asked = config.route.asked(able);
        let providers = asked.iter().filter_map(|name| {
            let found = scenario.providers.iter().find(|(own, _)| own == name);
            found.map(|(name, config)| (name.as_str(), config))
        });
        let providers: Vec<(&str, &provider::Config)> = providers.collect();
        let places = providers.iter().map(|(name, config)| place(name, config));
        Ok(Subject {
            file: &scenario.file,
            resolved: &scenario.resolved,
            name,
            config,
            places: places.collect(),
            providers,
        })
    }
}

fn place(name: &str, config: &provider::Config) -> Place {
    let labels = [
        (Label::Vendor, &config.vendor),
        (Label::Model, &config.model),
        (Label::Region, &config.region),
        (Label::Account, &config.account),
        (Label::Group, &config.group),
    ];
    let set = labels
        .into_iter()
        .filter_map(|(label, value)| Some((label, value.clone()?)));
    Place {
        name: name.into(),
        labels: set.collect(),
    }
}
