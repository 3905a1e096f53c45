//! Warnings about status pages that nobody has, or nobody reads.

use crate::base::Check;
use crate::policy;
use crate::scenario::parts::Parts;

/// A policy that follows pages of which there are none.
pub(super) fn check(config: &policy::Config, parts: &Parts, check: &mut Check) {
    if !config.steering.status_page || parts.lacks.providers {
        return;
    }
    let route = parts.asked_by(config);
    let asked = parts.providers.iter();
    let mut asked = asked.filter(|(name, _)| route.contains(&name.as_str()));
    let has_none =
        |(_, provider): &(String, super::super::typing::Typed<crate::provider::Config>)| {
            let known = provider.knows("status-page");
            known
                && provider
                    .value
                    .as_ref()
                    .is_some_and(|config| config.status_page.is_none())
        };
    if asked.all(has_none) {
        check
            .warning(
                "steering.status-page",
                "there is no page to follow",
                "of no use",
            )
            .help("no provider of the route has a `status-page`: give it one, or leave this out");
    }
}
