//! `[pool.NAME]`: limits that several providers have together, above their own.
//!
//! Azure's quota is of a subscription, a region and a model, whatever the number of deployments,
//! and a region has a capacity of its own above that; OpenAI's and Anthropic's limits are an
//! organization's, Gemini's a project's, whatever the number of keys. Whoever fails over within
//! a pool that is used up asks the same limit again.

use serde::Deserialize;

use super::Config as Limits;
use crate::base::Check;
use crate::provider;

/// Settings of one pool.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Its providers by name …
    #[serde(default)]
    pub on: Vec<String>,
    /// … and those that have these labels.
    #[serde(default)]
    pub of: Labels,
    /// What those may take together.
    pub limits: Limits,
}

/// The labels that a pool's providers have: all that are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Labels {
    /// Who runs them.
    pub vendor: Option<String>,
    /// Their model.
    pub model: Option<String>,
    /// Where they run.
    pub region: Option<String>,
    /// The account that is billed and limited.
    pub account: Option<String>,
    /// The group they belong to.
    pub group: Option<String>,
}

impl Config {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        check.at("limits", |c| self.limits.check(c));
        let by_labels = self.of != Labels::default();
        if !by_labels && self.on.is_empty() {
            check
                .mistake("", "a pool of nobody", "names neither providers nor labels")
                .help(
                    "write on = [\"A\", \"B\"], or what its providers have in common, such as \
                     of.region = \"eu\"",
                );
        }
        if self.limits.is_empty() {
            check
                .mistake("limits", "a pool without limits", "nothing is limited")
                .help("write at least one, such as limits.tpm = 300_000");
        }
    }

    /// Whether a provider is of it.
    pub fn has(&self, name: &str, config: &provider::Config) -> bool {
        if self.on.iter().any(|on| on == name) {
            return true;
        }
        if self.of == Labels::default() {
            return false;
        }
        let pairs = [
            (&self.of.vendor, &config.vendor),
            (&self.of.model, &config.model),
            (&self.of.region, &config.region),
            (&self.of.account, &config.account),
            (&self.of.group, &config.group),
        ];
        pairs
            .into_iter()
            .all(|(wanted, label)| wanted.is_none() || wanted == label)
    }
}
