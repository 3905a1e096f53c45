//! Settings that a policy wrote itself and that what stands beside them makes idle.

use super::super::parts::Parts;
use super::super::typing::Typed;
use super::vain::own;
use crate::base::Check;
use crate::policy::classify::FailOver;
use crate::policy::guard::Then;
use crate::policy::guard::judge::When;
use crate::policy::route::{self, weighted};
use crate::policy::{self, budget};

/// Warns about them.
pub(super) fn check(
    policy: &Typed<policy::Config>,
    config: &policy::Config,
    parts: &Parts,
    check: &mut Check,
) {
    refill(policy, config, check);
    verdict(policy, config, check);
    if policy.knows("route") && policy.knows("guard") && !parts.lacks.providers {
        limits(policy, config, parts, check);
        if policy.knows("retry.attempts") {
            elsewhere(policy, config, parts, check);
        }
    }
}

/// A time over which nothing is refilled.
fn refill(policy: &Typed<policy::Config>, config: &policy::Config, check: &mut Check) {
    let none =
        config.budget.0.iter().any(
            |kind| matches!(kind, budget::Config::Dollars(dollars) if dollars.refill.is_none()),
        );
    if let Some(key) = own(policy, "budget.dollars.per").filter(|_| none) {
        check
            .warning(&key, "nothing is refilled", "this does nothing")
            .help("it is the time over which `refill` comes, which budgets of single calls do not have");
    }
}

/// A verdict that is to refuse what was delivered.
fn verdict(policy: &Typed<policy::Config>, config: &policy::Config, check: &mut Check) {
    let judge = config.guard.judge();
    let late = judge.is_some_and(|judge| judge.when == When::Beside && judge.then == Then::Refuse);
    if let Some(key) = own(policy, "guard.judge.then").filter(|_| late) {
        let when = check.path("guard.judge.when");
        check
            .warning(&key, "nothing is left to refuse", "this is an alert")
            .also(when, "the answer has been delivered")
            .help("write then = \"alert\", or use when = \"inline\"");
    }
}

/// A route that goes by limits which nobody has.
fn limits(
    policy: &Typed<policy::Config>,
    config: &policy::Config,
    parts: &Parts,
    check: &mut Check,
) {
    let (key, title) = match &config.route {
        route::Config::Weighted(kind) if kind.by == weighted::By::Limits => {
            ("route.weighted.by", "all endpoints weigh the same")
        }
        route::Config::Usage(kind) if kind.limits.is_some() => {
            ("route.usage.limits", "this leaves out no endpoint")
        }
        route::Config::Latency(kind) if kind.limits.is_some() => {
            ("route.latency.limits", "this leaves out no endpoint")
        }
        route::Config::LowestCost(kind) if kind.limits.is_some() => {
            ("route.lowest-cost.limits", "this leaves out no endpoint")
        }
        _ => return,
    };
    let route = parts.asked_by(config);
    let asked = |name: &String| route.contains(&name.as_str());
    let mut endpoints = parts.providers.iter().filter(|(name, _)| asked(name));
    let none = endpoints.all(|(_, provider)| {
        let config = provider.value.as_ref().filter(|_| provider.knows("limits"));
        config.is_some_and(|config| config.limits.is_empty())
    });
    if let Some(key) = own(policy, key).filter(|_| none) {
        check
            .warning(&key, title, "no provider of the route has `limits`")
            .help("give the providers limits such as limits.rpm = 6000");
    }
}

/// A failure that leads to another endpoint where there is none.
fn elsewhere(
    policy: &Typed<policy::Config>,
    config: &policy::Config,
    parts: &Parts,
    check: &mut Check,
) {
    if config.retry.attempts == 1 || parts.asked_by(config).len() != 1 {
        return;
    }
    for (class, rule) in &config.on {
        let key = format!("on.{class}.fail-over");
        let now = rule.fail_over == Some(FailOver::Now);
        if let Some(key) = own(policy, &key).filter(|_| now) {
            check
                .warning(
                    &key,
                    "there is nowhere to fail over to",
                    "the call ends instead",
                )
                .help(
                    "the route has one endpoint: write `route = \"failover\"`, or leave this out",
                );
        }
    }
}
