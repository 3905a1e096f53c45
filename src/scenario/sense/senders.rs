//! Warnings about limits of users and conversations that no call has.

use crate::base::Check;
use crate::policy::Config;
use crate::policy::quota::per::Per;
use crate::workload;

/// What is kept for each user where there are none, and bounds conversations that nobody leads.
pub(super) fn check(config: &Config, workload: &workload::Config, check: &mut Check) {
    if workload.users.is_none() && !workload.is_closed() {
        for quota in config
            .quota
            .0
            .iter()
            .filter(|quota| quota.per() == Per::User)
        {
            check
                .warning(
                    &format!("quota.{}.per", quota.kind()),
                    "this quota never holds anything back",
                    "no call has a user",
                )
                .help("set `workload.users`");
        }
    }
    if workload.conversations.is_some() {
        return;
    }
    for (key, is_set) in [
        ("limit.turns", config.limit.turns.is_some()),
        (
            "limit.cost-per-conversation",
            config.limit.cost_per_conversation.is_some(),
        ),
    ] {
        if is_set {
            check
                .warning(
                    key,
                    "this limit is never reached",
                    "no call is part of a conversation",
                )
                .help("set `workload.conversations`");
        }
    }
}
