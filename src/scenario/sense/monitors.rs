//! Drift monitors that see nothing, or whose alarm does nothing; limits of money where nothing costs any.

use super::super::parts::Parts;
use super::super::typing::Typed;
use crate::base::Check;
use crate::policy::monitor::watch::{Subject, Then};
use crate::policy::{Config, alarm, budget};
use crate::provider;

/// Warns about monitors of a policy that asks so many endpoints; None: nobody knows how many.
pub(super) fn check(config: &Config, endpoints: Option<usize>, check: &mut Check) {
    for (name, watch) in &config.monitor {
        if watch.then == Then::FailOver && endpoints == Some(1) {
            check
                .warning(
                    &format!("monitor.{name}.then"),
                    "this alarm changes nothing",
                    "there is no other endpoint",
                )
                .help("name a second endpoint in `route`, or use then = \"alert\"");
        }
        let guard = match watch.watch {
            Subject::Schema if config.guard.schema().is_none() => "schema",
            Subject::Judge if config.guard.judge().is_none() => "judge",
            _ => continue,
        };
        check
            .warning(
                &format!("monitor.{name}.watch"),
                "this monitor sees nothing",
                format!("no guard.{guard} gives verdicts"),
            )
            .help(format!("add a guard.{guard}, or watch something else"));
    }
}

/// Warns about what counts money that nobody charges, or dear endpoints that there are none of.
pub(super) fn money(config: &Config, parts: &Parts, check: &mut Check) {
    let known = |(name, provider): &(String, Typed<provider::Config>)| {
        let config = provider
            .value
            .as_ref()
            .filter(|_| provider.knows("price"))?;
        let price = config.price;
        let both = price.input.pico_per_token + price.output.pico_per_token;
        Some((name.clone(), both))
    };
    let prices: Option<Vec<(String, u64)>> = parts.providers.iter().map(known).collect();
    let Some(prices) = prices.filter(|_| !parts.lacks.providers) else {
        return;
    };
    let is_free = prices.iter().all(|(_, price)| *price == 0);
    if is_free {
        never_reached(config, check);
    }
    let judge = config.guard.judge().map(|judge| &judge.endpoint);
    let prices: Vec<_> = prices
        .into_iter()
        .filter(|(name, _)| Some(name) != judge)
        .collect();
    let asked = parts.asked_by(config);
    let first = prices
        .iter()
        .find(|(name, _)| asked.first() == Some(&name.as_str()));
    let (Some(costly), Some((_, first))) = (&config.costly_fallback, first) else {
        return;
    };
    let is_asked = |name: &String| asked.contains(&name.as_str());
    let is_dear = |(name, price): &(String, u64)| is_asked(name) && costly.is_dear(*price, *first);
    if !prices.iter().any(is_dear) {
        check
            .warning(
                "costly-fallback",
                "no fallback is costly",
                "no other endpoint is so dear",
            )
            .help("lower `more-than`, or set the prices of the providers");
    }
}

/// Limits in money where nothing costs any.
fn never_reached(config: &Config, check: &mut Check) {
    let of_a_call = config.budget.0.iter().find_map(|budget| match budget {
        budget::Config::Dollars(dollars) => dollars.limit,
        _ => None,
    });
    for (key, limit) in [
        ("budget.dollars.limit", of_a_call),
        ("limit.cost-per-call", config.limit.cost_per_call),
        (
            "limit.cost-per-conversation",
            config.limit.cost_per_conversation,
        ),
    ] {
        if limit.is_some() {
            check
                .warning(
                    key,
                    "this limit is never reached",
                    "no provider has a price",
                )
                .help("set `price` of the providers");
        }
    }
}

/// Warns about alarms of guards and limits that have an endpoint asked last which is the only one.
pub(super) fn alone(config: &Config, endpoints: Option<usize>, check: &mut Check) {
    if endpoints != Some(1) {
        return;
    }
    let guards = config.guard.alarms();
    let guards = guards.map(|(guard, then, _)| (format!("guard.{}.then", guard.name()), then));
    let limit = ("limit.then".to_owned(), config.limit.then);
    for (key, then) in guards.chain([limit]) {
        if then == alarm::Then::FailOver {
            check
                .warning(
                    &key,
                    "this alarm changes nothing",
                    "there is no other endpoint",
                )
                .help("name a second endpoint in `route`, or use then = \"alert\"");
        }
    }
}
