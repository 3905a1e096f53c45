//! Groups that cannot do what groups are for.

use super::super::parts::Parts;
use super::super::typing::Typed;
use super::{fleet, vain};
use crate::base::Check;
use crate::policy::{self, breaker, route};

/// Warns about them.
pub(super) fn check(
    policy: &Typed<policy::Config>,
    config: &policy::Config,
    parts: &Parts,
    check: &mut Check,
) {
    let Some(label) = config.groups.by() else {
        return;
    };
    let title = "there is no next group";
    if config.route.most() == 1 {
        let route = check.path("route");
        check
            .warning("groups", title, "of one endpoint")
            .also(route, "a `single` route asks one")
            .help("write `route = \"failover\"`, or leave `groups` out");
        return;
    }
    let endpoints = fleet::labelled(config, parts).unwrap_or_default();
    let labels = endpoints.iter().map(|endpoint| endpoint.label(label));
    let mut labels: Vec<_> = labels.collect();
    labels.dedup();
    if endpoints.len() > 1 && labels.len() == 1 {
        let name = label.name();
        let why = match labels[0] {
            None => format!("no provider of the route says its `{name}`"),
            Some(same) => format!("all providers of the route say {name} = \"{same}\""),
        };
        check.warning("groups", title, why).help(format!(
            "write `{name} = \"…\"` at the providers: those with the same are one group"
        ));
        return;
    }
    let known = ["breaker", "monitor", "limit"]
        .iter()
        .all(|key| policy.knows(key));
    let none = matches!(config.breaker, breaker::Config::None(_)) && !vain::opens(config);
    let spills = matches!(config.groups, route::groups::Config::Priority(_));
    if spills && none && known && endpoints.len() > 1 {
        check
            .warning(
                "groups.priority",
                "the load never spills over",
                "there is no breaker",
            )
            .help("an endpoint is healthy until its breaker opens: give the policy a `breaker`");
    }
}
