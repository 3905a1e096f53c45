//! Fallbacks: what is said when nothing worked.
//!
//! They end a call as degraded, never as a success. Several may stand together: they are tried from
//! the best answer to the least, a cached one, one by rules, putting the call off, a message; the first
//! that has something to say is given in that very instant.

pub mod cached;
pub mod defer;
pub mod message;
pub mod queue;
pub mod rule;

use crate::base::Check;
use crate::base::registry::registry;
use crate::base::several::Several;

registry! {
    /// What is said when nothing worked.
    #[derive(serde::Serialize)]
    "fallback": Cached = cached, Rule = rule, Defer = defer, Message = message
}

/// The fallbacks of a policy.
pub type Set = Several<Config>;

impl Set {
    /// Checks each.
    pub fn check(&self, check: &mut Check) {
        self.0.iter().for_each(|fallback| fallback.check(check));
    }

    /// Each in the order they are tried in: that of the registry, wherever they were written.
    pub fn in_order(&self) -> Vec<Config> {
        let named = |name: &str| self.0.iter().find(|kind| kind.kind() == name).cloned();
        KINDS.iter().filter_map(|kind| named(kind.name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::units::Ratio;

    #[test]
    fn they_are_tried_from_the_best_answer_to_the_least() {
        let set = Several(vec![
            Config::Message(message::Config {}),
            Config::Rule(rule::Config { covers: Ratio(0.5) }),
            Config::Cached(cached::Config { hit: Ratio(0.5) }),
        ]);
        let kinds: Vec<_> = set.in_order().iter().map(Config::kind).collect();
        assert_eq!(kinds, ["cached", "rule", "message"]);
    }
}
