//! What LiteLLM's router does by its settings, as a policy: the preset, and the settings laid on it.

use super::router::{Cooldown, Deployment, EXCEPTIONS, Router, Strategy};
use crate::deploy::conduct::Place;
use crate::deploy::preset::preset;
use crate::policy::breaker;
use crate::policy::breaker::time_window::Anchor;
use crate::policy::breaker::window::Threshold;
use crate::policy::classify::RuleConfig;
use crate::policy::config::Config;
use crate::policy::route::steering::Label;
use crate::policy::route::weighted::By;
use crate::policy::route::{self, groups};

/// A policy and the places it is about.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Carried {
    pub(super) config: Config,
    pub(super) places: Vec<Place>,
}

/// What the router does.
pub(super) fn carried(router: &Router) -> Carried {
    let name = match router.cooldown {
        Cooldown::AllowedFails(_) => "litellm-allowed-fails-1.109",
        Cooldown::Share | Cooldown::Off => "litellm-router-1.109",
    };
    let mut config = preset("litellm-router-1.109");
    config.retry.attempts = router.num_retries.saturating_add(1);
    if let groups::Config::Fallback(kind) = &mut config.groups {
        kind.max = router.max_fallbacks;
    }
    config.timeout.total = router.timeout;
    config.timeout.first_token = router.stream_timeout;
    cooldown(&mut config, router, &preset(name));
    by_exception(&mut config, router);
    let ordered = in_order(router);
    config.route = route(router, &ordered);
    let places = ordered.iter().map(|deployment| Place {
        name: deployment.id.clone(),
        labels: vec![(Label::Group, deployment.group.clone())],
    });
    Carried {
        places: places.collect(),
        config,
    }
}

/// The deployments in the order in which calls come to their groups.
pub(super) fn in_order(router: &Router) -> Vec<&Deployment> {
    let of = |group: &String| {
        router
            .deployments
            .iter()
            .filter(|d| d.group == *group)
            .collect()
    };
    let groups: Vec<Vec<&Deployment>> = router.chain.iter().map(of).collect();
    groups.concat()
}

fn cooldown(config: &mut Config, router: &Router, preset: &Config) {
    match (router.cooldown, &mut config.breaker) {
        (Cooldown::Off, own) => {
            *own = breaker::Config::default();
        }
        (Cooldown::Share, breaker::Config::TimeWindow(window)) => {
            window.open = router.cooldown_time;
        }
        (Cooldown::Share, _) => {}
        (Cooldown::AllowedFails(failures), own) => {
            *own = breaker::Config::MaxFails(breaker::max_fails::Config {
                failures,
                threshold: Threshold::Above,
                span: router.cooldown_time,
                anchor: Anchor::FirstEvent,
                open: router.cooldown_time,
                probes: 1,
                counts: breaker::Counts::Attempts,
            });
            for (class, rule) in &preset.on {
                let own = config.on.entry(*class).or_default();
                own.counts_for_breaker = rule.counts_for_breaker;
            }
        }
    }
}

fn by_exception(config: &mut Config, router: &Router) {
    for ((_, class), retries) in EXCEPTIONS.iter().zip(router.retry_policy) {
        if let Some(retries) = retries {
            let rule: &mut RuleConfig = config.on.entry(*class).or_default();
            rule.attempts = Some(retries.saturating_add(1));
        }
    }
    // A number for one exception may be above the number for all others, which then have that as their own.
    let most = router.retry_policy.iter().flatten().max();
    let usual = router.num_retries;
    if let Some(&most) = most.filter(|&&most| most > usual) {
        config.retry.attempts = most.saturating_add(1);
        for class in config.retry.on.clone() {
            let rule = config.on.entry(class).or_default();
            rule.attempts.get_or_insert(usual.saturating_add(1));
        }
    }
}

fn route(router: &Router, ordered: &[&Deployment]) -> route::Config {
    let preset = match router.strategy {
        Strategy::SimpleShuffle => return shuffle(ordered),
        Strategy::LeastBusy => preset("litellm-least-busy-1.109"),
        Strategy::Latency { .. } => preset("litellm-latency-1.109"),
        Strategy::Cost => preset("litellm-cost-1.109"),
        Strategy::Usage => preset("litellm-usage-1.109"),
        Strategy::UsageV2 => preset("litellm-usage-v2-1.109"),
    };
    let mut route = preset.route;
    if let (route::Config::Latency(kind), Strategy::Latency { buffer, ttl }) =
        (&mut route, router.strategy)
    {
        kind.buffer = buffer;
        kind.forget_every = Some(ttl);
    }
    route
}

/// By weights if there are any, else by what a deployment may be asked in a minute.
fn shuffle(ordered: &[&Deployment]) -> route::Config {
    let mut kind = route::weighted::Config::default();
    let weighed: Vec<f64> = ordered.iter().filter_map(|d| d.weight).collect();
    let differ = weighed
        .windows(2)
        .any(|two| two[0].to_bits() != two[1].to_bits());
    let limited = ordered.iter().any(|d| d.rpm.is_some() || d.tpm.is_some());
    if weighed.len() == ordered.len() && differ {
        kind.endpoints = ordered.iter().map(|d| d.id.clone()).collect();
        kind.weights = weighed;
    } else if weighed.is_empty() && limited {
        kind.by = By::Limits;
    }
    route::Config::Weighted(kind)
}
