//! What follows from an answer that a guard finds fault with, and from a limit that is reached.
//!
//! Either may refuse, or only raise an alert; with an alert it may open the breaker of the endpoint it is
//! about, or have that endpoint asked last, for a while. Under one name for one thing, so that whoever knows
//! what an alarm of a drift monitor does knows what these do.

use serde::{Deserialize, Serialize};

use super::monitor::watch;
use crate::base::{Check, Duration};

/// What follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// It is refused: an answer has failed, an attempt is not sent.
    #[default]
    Refuse,
    /// It is let pass, and an alert is raised.
    Alert,
    /// An alert, and the breaker of the endpoint opens, also where the policy has no other reason to.
    Trip,
    /// An alert, and the endpoint is asked last.
    FailOver,
}

/// What of a policy raises alerts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alarms {
    /// Drift monitors: they infer from what they see that a fault is on.
    pub monitors: bool,
    /// Guards: they say of an answer that it is bad.
    pub guards: bool,
    /// Limits and `costly-fallback`: they count what was spent.
    pub counts: bool,
}

impl Then {
    /// Whether an alert is raised.
    pub fn alerts(self) -> bool {
        self != Then::Refuse
    }

    /// What is done beside the alert, if one is raised.
    pub fn alarm(self) -> Option<watch::Then> {
        match self {
            Then::Refuse => None,
            Then::Alert => Some(watch::Then::Alert),
            Then::Trip => Some(watch::Then::Trip),
            Then::FailOver => Some(watch::Then::FailOver),
        }
    }

    /// Notes a time that is missing, or that nothing lasts for.
    pub(super) fn check(self, lasts: Option<Duration>, check: &mut Check) {
        let acts = matches!(self, Then::Trip | Then::FailOver);
        match lasts {
            None if acts => {
                check
                    .mistake("then", "for how long?", "needs `for`")
                    .help("set `for`, such as \"10m\"");
            }
            Some(lasts) if acts && lasts.is_zero() => {
                check.mistake("for", "it does nothing", "no time");
            }
            Some(_) if !acts => {
                let then = check.path("then");
                check
                    .warning("for", "nothing lasts so long", "this does nothing")
                    .also(then, "neither \"trip\" nor \"fail-over\"")
                    .help("use then = \"trip\" or \"fail-over\", or leave out `for`");
            }
            None | Some(_) => {}
        }
    }
}
