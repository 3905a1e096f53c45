//! A policy in the settings of LiteLLM's router, as near as they come.

use super::router::{Cooldown, DEFAULTS, Deployment, EXCEPTIONS, Router, Strategy};
use crate::base::Duration;
use crate::deploy::Subject;
use crate::deploy::conduct::{Place, normal};
use crate::policy::breaker;
use crate::policy::classify::FailOver;
use crate::policy::config::Config;
use crate::policy::route::steering::Label;
use crate::policy::route::weighted::By;
use crate::policy::route::{self, groups};
use crate::provider;

/// The router that comes nearest to a policy.
pub(super) fn router(subject: &Subject<'_>) -> Router {
    let config = subject.config;
    let plain = normal(config, &subject.places);
    let layout = Layout::of(config);
    let deployments = subject.providers.iter().zip(&subject.places);
    let mut deployments: Vec<Deployment> = deployments
        .map(|((_, provider), place)| deployment(layout, subject.name, place, provider))
        .collect();
    weigh(&mut deployments, &config.route);
    let mut chain: Vec<String> = Vec::new();
    for deployment in &deployments {
        if !chain.contains(&deployment.group) {
            chain.push(deployment.group.clone());
        }
    }
    let attempts = match layout {
        // Each group makes all attempts, and here each endpoint is one.
        Layout::OneEach => config
            .retry
            .attempts_per_endpoint
            .unwrap_or(config.retry.attempts),
        Layout::OneGroup | Layout::By(_) => config.retry.attempts,
    };
    let max_fallbacks = match &config.groups {
        groups::Config::Fallback(kind) => kind.max,
        groups::Config::None(_) | groups::Config::Priority(_) => {
            let behind = u8::try_from(chain.len().saturating_sub(1)).unwrap_or(u8::MAX);
            behind.max(DEFAULTS.max_fallbacks)
        }
    };
    let (cooldown, cooldown_time) = cooldown(&plain);
    Router {
        deployments,
        chain,
        num_retries: attempts.saturating_sub(1),
        max_fallbacks,
        retry_policy: by_exception(config),
        timeout: config.timeout.total,
        stream_timeout: config.timeout.first_token,
        cooldown,
        cooldown_time,
        strategy: strategy(&config.route),
    }
}

/// Who is in which model group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// All in one.
    OneGroup,
    /// Each by itself, one after the other: a list of endpoints in order.
    OneEach,
    /// By a label.
    By(Label),
}

impl Layout {
    fn of(config: &Config) -> Layout {
        match (&config.groups, &config.route) {
            (groups::Config::Fallback(kind), _) => Layout::By(kind.by),
            (groups::Config::Priority(kind), _) => Layout::By(kind.by),
            (groups::Config::None(_), route::Config::Failover(_)) => Layout::OneEach,
            (groups::Config::None(_), _) => Layout::OneGroup,
        }
    }
}

fn deployment(
    layout: Layout,
    policy: &str,
    place: &Place,
    provider: &provider::Config,
) -> Deployment {
    let group = match layout {
        Layout::OneGroup => policy,
        Layout::OneEach => &place.name,
        Layout::By(label) => place.label(label).unwrap_or(policy),
    };
    let model = provider.model.as_deref().unwrap_or(&place.name);
    let vendor = provider.vendor.as_deref().unwrap_or("openai");
    let prices = (
        provider.price.input.pico_per_token,
        provider.price.output.pico_per_token,
    );
    Deployment {
        id: place.name.clone(),
        group: group.into(),
        model: format!("{vendor}/{model}"),
        rpm: provider.limits.rpm,
        tpm: provider.limits.tpm,
        weight: None,
        prices: (prices != (0, 0)).then_some(prices),
    }
}

/// Weights as they are written; equal ones where limits would weigh otherwise.
fn weigh(deployments: &mut [Deployment], route: &route::Config) {
    let limited = deployments
        .iter()
        .any(|d| d.rpm.is_some() || d.tpm.is_some());
    let weights: &[f64] = match route {
        route::Config::Weighted(kind) if !kind.weights.is_empty() => &kind.weights,
        route::Config::Weighted(kind) if kind.by == By::Limits => return,
        _ if strategy(route) == Strategy::SimpleShuffle && limited => &[],
        _ => return,
    };
    for (place, deployment) in deployments.iter_mut().enumerate() {
        deployment.weight = Some(weights.get(place).copied().unwrap_or(1.0));
    }
}

fn strategy(route: &route::Config) -> Strategy {
    match route {
        route::Config::Single(_)
        | route::Config::Failover(_)
        | route::Config::RoundRobin(_)
        | route::Config::Weighted(_) => Strategy::SimpleShuffle,
        route::Config::LeastBusy(_) => Strategy::LeastBusy,
        route::Config::Latency(kind) => Strategy::Latency {
            buffer: kind.buffer,
            ttl: kind.forget_every.unwrap_or(Duration::from_s(3600)),
        },
        route::Config::LowestCost(_) => Strategy::Cost,
        route::Config::Usage(kind) if kind.ties == route::Ties::First => Strategy::Usage,
        route::Config::Usage(_) => Strategy::UsageV2,
    }
}

/// The nearest cooldown, and how long it lasts.
fn cooldown(plain: &Config) -> (Cooldown, Duration) {
    match &plain.breaker {
        breaker::Config::None(_) => (Cooldown::Off, DEFAULTS.cooldown_time),
        breaker::Config::TimeWindow(kind) => (Cooldown::Share, kind.open),
        breaker::Config::MaxFails(kind) => (Cooldown::AllowedFails(kind.failures), kind.open),
        breaker::Config::Consecutive(kind) => {
            let allowed = kind.failures.saturating_sub(1);
            (Cooldown::AllowedFails(allowed), kind.open)
        }
        breaker::Config::CountWindow(kind) => (Cooldown::Share, kind.open),
        breaker::Config::Ema(kind) => (Cooldown::Share, kind.open),
        breaker::Config::Outlier(kind) => (Cooldown::Share, kind.open),
    }
}

/// `retry_policy`: classes with a number of attempts of their own, and 0 for those that are not retried.
fn by_exception(config: &Config) -> [Option<u16>; 4] {
    EXCEPTIONS.map(|(_, class)| {
        let rule = config.on.get(&class);
        let leaves = rule.is_some_and(|rule| {
            matches!(
                rule.fail_over,
                Some(FailOver::Now | FailOver::NextGroup | FailOver::Never)
            )
        });
        let own = rule.and_then(|rule| rule.attempts);
        match own {
            _ if config.retry.attempts == 1 || leaves => None,
            _ if !config.retry.on.contains(&class) => Some(0),
            Some(attempts) if attempts < config.retry.attempts => Some(attempts - 1),
            _ => None,
        }
    })
}
