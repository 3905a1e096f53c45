//! `[workload.tenant.NAME]`: who shares the service, each with a mix and priorities of his own.
//!
//! A tenant has a share of the calls; of a closed loop, of the users, and of conversations, of those. What he
//! does not say is as for all, and so is what no tenant has. The tenant is drawn from the call's own key, so the n-th
//! call is the same tenant's under every policy.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::config::{Config, PriorityShares};
use super::tokens::{self, Law};
use crate::base::units::Ratio;
use crate::base::{Check, Draws, Purpose};

/// Settings of one tenant.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tenant {
    /// His part of all calls.
    pub share: Ratio,
    /// How long his prompts and answers are; absent: as for all.
    pub tokens: Option<tokens::Config>,
    /// The priorities of his calls; absent: as for all.
    pub priority: Option<PriorityShares>,
    /// The longest answer he asks for; absent: as for all.
    pub max_tokens: Option<u32>,
}

/// All of them, by name.
pub type Tenants = BTreeMap<String, Tenant>;

/// Notes what makes no sense.
pub(super) fn check(tenants: &Tenants, check: &mut Check) {
    let sum: f64 = tenants.values().map(|tenant| tenant.share.0).sum();
    if sum > 1.0 + 1e-9 {
        check.mistake(
            "",
            "shares of more than everything",
            "they add up to more than 1",
        );
    }
    for (name, tenant) in tenants {
        check.at(name.as_str(), |check| {
            if let Some(tokens) = &tenant.tokens {
                check.at("tokens", |check| tokens.check(check));
                if matches!(tokens, tokens::Config::Trace(_)) {
                    check
                        .mistake("tokens", "a trace has no tenants", "the sizes of all calls")
                        .help("write another kind of tokens, or `workload.tokens = \"trace\"`");
                }
            }
            if tenant
                .priority
                .is_some_and(|p| p.batch.0 + p.critical.0 > 1.0)
            {
                check.mistake(
                    "priority",
                    "shares of more than everything",
                    "they add up to more than 1",
                );
            }
            if tenant.max_tokens == Some(0) {
                check.mistake("max-tokens", "answers of no tokens", "is zero");
            }
        });
    }
}

/// What is drawn for the calls of one tenant, or of nobody.
#[derive(Clone, Debug)]
pub(super) struct Mix {
    pub(super) law: Law,
    pub(super) priority: PriorityShares,
    pub(super) max_tokens: u32,
    /// Whose it is: its place among the mixes.
    pub(super) tenant: u16,
}

/// The mixes, ready: that of no tenant first.
#[derive(Clone, Debug)]
pub(super) struct Mixes {
    all: Vec<Mix>,
    /// The shares of the first so many tenants together.
    sums: Vec<f64>,
}

impl Mixes {
    pub(super) fn new(config: &Config) -> Mixes {
        let nobodys = Mix {
            law: config.tokens.law(),
            priority: config.priority,
            max_tokens: config.max_tokens,
            tenant: 0,
        };
        let (mut all, mut sums, mut sum) = (vec![nobodys.clone()], Vec::new(), 0.0);
        for tenant in config.tenant.values() {
            let law = tenant.tokens.as_ref().map(tokens::Config::law);
            all.push(Mix {
                law: law.unwrap_or_else(|| nobodys.law.clone()),
                priority: tenant.priority.unwrap_or(config.priority),
                max_tokens: tenant.max_tokens.unwrap_or(config.max_tokens),
                // More tenants than numbers are nobody's; no report could name them.
                tenant: u16::try_from(all.len()).unwrap_or_default(),
            });
            sum += tenant.share.0;
            sums.push(sum);
        }
        Mixes { all, sums }
    }

    /// Whose mix something of this key has: its place.
    #[inline]
    pub(super) fn place(&self, draws: &Draws, entity: u64) -> usize {
        if self.sums.is_empty() {
            return 0;
        }
        let u = draws.unit(Purpose::Tenant, entity, 0);
        let below = self.sums.partition_point(|sum| *sum <= u);
        if below == self.sums.len() {
            0
        } else {
            below + 1
        }
    }

    pub(super) fn of(&self, place: usize) -> &Mix {
        &self.all[place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::draw::{Root, Stage};

    #[test]
    fn each_tenant_has_its_share_and_the_rest_is_nobodys() {
        let mix = |max_tokens| Mix {
            law: tokens::Config::default().law(),
            priority: PriorityShares::default(),
            max_tokens,
            tenant: 0,
        };
        let mixes = Mixes {
            all: vec![mix(1), mix(2), mix(3)],
            sums: vec![0.2, 0.5],
        };
        let (seed, n) = (7, 100_000);
        let draws = Draws::new(Root::new(seed, Stage::Run, 0));
        let mut found = [0.0; 3];
        for entity in 0..n {
            let place = mixes.place(&draws, entity);
            assert_eq!(mixes.of(place).max_tokens as usize, place + 1);
            found[place] += 1.0 / n as f64;
        }
        for (found, share) in found.into_iter().zip([0.5, 0.2, 0.3]) {
            let sd = (share * (1.0 - share) / n as f64).sqrt();
            assert!(
                (found - share).abs() < 4.0 * sd,
                "seed {seed}: {found} {share}"
            );
        }
    }
}
