//! Settings of something that the policy does not have, or that can make no difference in this world.
//!
//! What a policy inherits and then switches off around is not in vain but left over: of settings of what is
//! not there, only those that the policy itself wrote are warned of.

use crate::base::Check;
use crate::policy::alarm::Then as Follows;
use crate::policy::breaker::{self, each::Each};
use crate::policy::monitor::watch::{Subject, Then};
use crate::policy::route::steering::Label;
use crate::policy::{self, Mode, backoff, budget, hedge};
use crate::provider;
use crate::scenario::parts::Parts;
use crate::scenario::too_large::Sizes;
use crate::scenario::tree::Node;
use crate::scenario::typing::Typed;
use crate::workload::{self, trace::Trace};

/// The part of a setting that a policy wrote itself, as it meant it: all of it, or the first of it that is not
/// inherited.
pub(super) fn own(policy: &Typed<policy::Config>, key: &str) -> Option<String> {
    let path: Vec<String> = key.split('.').map(String::from).collect();
    let node = policy.unit.node.find(&path)?;
    policy.unit.knows(&path).then(|| first_own(node, key))?
}

fn first_own(node: &Node, key: &str) -> Option<String> {
    if is_own(node) {
        return Some(key.to_owned());
    }
    let mut below = node.table()?.iter();
    below.find_map(|(name, child)| first_own(child, &format!("{key}.{name}")))
}

/// Whether nothing of it is inherited.
fn is_own(node: &Node) -> bool {
    let mut below = node.table().into_iter().flat_map(|table| table.iter());
    node.via.is_none() && below.all(|(_, child)| is_own(child))
}

/// Whether a monitor, a guard or a limit opens breakers.
pub(super) fn opens(config: &policy::Config) -> bool {
    let mut guards = config.guard.alarms();
    config
        .monitor
        .values()
        .any(|watch| watch.then == Then::Trip)
        || guards.any(|(_, then, _)| then == Follows::Trip)
        || config.limit.then == Follows::Trip
}

/// Warns about settings of breakers, hedges and retries that are not there.
pub(super) fn check(policy: &Typed<policy::Config>, config: &policy::Config, check: &mut Check) {
    let own = |key: &str| own(policy, key);
    let knows = |keys: &[&str]| keys.iter().all(|key| policy.knows(key));
    let opens = opens(config);
    let breaker = !matches!(config.breaker, breaker::Config::None(_));
    if !breaker && !opens && knows(&["breaker", "monitor", "guard", "limit"]) {
        for (key, title) in [
            ("trip", "nothing ever trips"),
            ("readmit", "nothing is ever let back in"),
        ] {
            if let Some(key) = own(key) {
                check
                    .warning(&key, title, "there is no breaker")
                    .help("give the policy a `breaker`");
            }
        }
    }
    let hedges = !matches!(config.hedge, hedge::Config::None(_));
    let rules = own("hedging").filter(|_| !hedges && knows(&["hedge"]));
    if let Some(key) = rules {
        check
            .warning(&key, "these rules are of no hedge", "there is no hedge")
            .help("give the policy a `hedge`");
    }
    let waits = !matches!(config.retry.backoff, backoff::Config::None(_));
    let once = config.retry.attempts == 1 && knows(&["retry.attempts"]);
    if let Some(key) = own("retry.backoff").filter(|_| once && waits) {
        let attempts = check.path("retry.attempts");
        check
            .warning(
                &key,
                "nobody ever waits for this",
                "one attempt per call is allowed",
            )
            .also(attempts, "one attempt")
            .help("a backoff is the wait before a retry: raise `retry.attempts`");
    }
}

/// Warns where a failover is to go apart by a label, and every endpoint is apart, or none is.
pub(super) fn apart(config: &policy::Config, parts: &Parts, check: &mut Check) {
    let Some(label) = config.steering.apart_by else {
        return;
    };
    let each = match label {
        Label::Vendor => Each::Vendor,
        Label::Model => Each::Model,
        Label::Region => Each::Region,
        Label::Account => Each::Account,
        Label::Group => Each::Group,
    };
    let Some(endpoints) = super::fleet::labelled(config, parts) else {
        return;
    };
    let leaders = each.leaders(&endpoints);
    let why = if leaders.is_empty() {
        "no two endpoints of the route have this label in common"
    } else if leaders.iter().all(|leader| *leader == leaders[0]) {
        "all endpoints of the route have this label in common"
    } else {
        return;
    };
    check
        .warning("steering.apart-by", "this prefers no endpoint", why)
        .help("label the providers that fail together, and have another in the route");
}

/// What the endpoints of a policy cost: pico-dollars for a token of the prompt and of the answer; None if that is
/// not known.
fn prices(config: &policy::Config, parts: &Parts) -> Option<Vec<(u64, u64)>> {
    let route = parts.asked_by(config);
    let is_asked = |name: &String| route.contains(&name.as_str());
    let price = |(_, provider): &(String, Typed<provider::Config>)| {
        let config = provider.value.as_ref()?;
        let price = config.price;
        let known = provider.knows("price");
        known.then_some((price.input.pico_per_token, price.output.pico_per_token))
    };
    let asked = parts.providers.iter().filter(|(name, _)| is_asked(name));
    let all: Option<Vec<_>> = asked.map(price).collect();
    all.filter(|all| !all.is_empty() && !parts.lacks.providers)
}

/// Warns of monitors that watch what nobody charges.
pub(super) fn watched_cost(config: &policy::Config, parts: &Parts, check: &mut Check) {
    let costs = |name: &&String| config.monitor[*name].watch == Subject::Cost;
    let Some(prices) = prices(config, parts) else {
        return;
    };
    if prices.iter().any(|price| *price != (0, 0)) {
        return;
    }
    for name in config.monitor.keys().filter(costs) {
        check
            .warning(
                &format!("monitor.{name}.watch"),
                "this monitor sees nothing",
                "no endpoint of the route has a price",
            )
            .help("set `price` of the providers, or watch something else");
    }
}

/// Warns of budgets for each call that are below what any second attempt may cost or use.
pub(super) fn too_small(
    config: &policy::Config,
    parts: &Parts,
    (workload, trace): (&workload::Config, Option<&Trace>),
    check: &mut Check,
) {
    let of_call = |kind: &budget::Config| match kind {
        budget::Config::Dollars(kind) => kind.scope == budget::Scope::Call,
        budget::Config::Tokens(kind) => kind.scope == budget::Scope::Call,
        _ => false,
    };
    // First what is cheap to ask: the sizes of a profile are tables.
    let none = !config.budget.0.iter().any(of_call);
    if none || config.retry.attempts == 1 || config.mode == Mode::Observe {
        return;
    }
    let sizes = Sizes::of(workload, trace);
    let Some(prompt) = sizes.least_prompt() else {
        return;
    };
    for kind in &config.budget.0 {
        let (limit, least, said) = match kind {
            budget::Config::Dollars(kind) if kind.scope == budget::Scope::Call => {
                let least =
                    prices(config, parts).and_then(|all| least_cost(&all, prompt, workload));
                let usd = least.unwrap_or_default() as f64 * 1e-12;
                (
                    kind.limit.map(|limit| limit.pico_usd),
                    least,
                    format!("${usd:.6}"),
                )
            }
            budget::Config::Tokens(kind) if kind.scope == budget::Scope::Call => {
                let least = prompt.saturating_add(workload.max_tokens.into());
                (kind.limit, Some(least), format!("{least} tokens"))
            }
            _ => continue,
        };
        // A limit of nothing is a mistake of its own.
        if let (Some(limit @ 1..), Some(least)) = (limit, least)
            && least > limit
        {
            check
                .warning(
                    &format!("budget.{}.limit", kind.kind()),
                    "this budget never allows a retry",
                    format!("any attempt may take {said} or more"),
                )
                .help("an attempt may take its prompt and `workload.max-tokens`: raise the limit, or lower that");
        }
    }
}

/// The least that an attempt may cost at endpoints of these prices: the prompt and an answer of max-tokens.
fn least_cost(prices: &[(u64, u64)], prompt: u64, workload: &workload::Config) -> Option<u64> {
    let cost = |&(input, output): &(u64, u64)| {
        let answer = output.saturating_mul(workload.max_tokens.into());
        input.saturating_mul(prompt).saturating_add(answer)
    };
    prices.iter().map(cost).min()
}

/// Warns of a limit below what any attempt may cost: the prompt and an answer of max-tokens.
pub(super) fn too_dear(
    config: &policy::Config,
    parts: &Parts,
    (workload, trace): (&workload::Config, Option<&Trace>),
    check: &mut Check,
) {
    let Some(limit) = config.limit.cost_per_call else {
        return;
    };
    if config.limit.then == Follows::Alert || config.mode == Mode::Observe {
        return;
    }
    let Some(prices) = prices(config, parts) else {
        return;
    };
    let sizes = Sizes::of(workload, trace);
    let Some(prompt) = sizes.least_prompt() else {
        return;
    };
    let least = least_cost(&prices, prompt, workload).unwrap_or_default();
    if least > limit.pico_usd {
        let usd = least as f64 * 1e-12;
        check
            .warning(
                "limit.cost-per-call",
                "no call is ever sent",
                format!("any attempt may cost ${usd:.6} or more"),
            )
            .help("an attempt may cost its prompt and `workload.max-tokens`: raise the limit, or lower that");
    }
}
