//! An outage: every request is answered with a status, and answers in progress break off.

use serde::Deserialize;

use super::{Cut, Effect, Verdict};
use crate::base::Check;
use crate::base::check;
use crate::base::registry::Kind;
use crate::base::wire::Code;

/// This kind.
pub const INFO: Kind = Kind {
    name: "outage",
    summary: "every request gets an error status",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The status.
    pub status: u16,
    /// Whether answers in progress break off when it begins.
    pub cuts_answers: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            status: 503,
            cuts_answers: true,
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        check::status(check, "status", self.status);
    }
}

impl Effect for Config {
    fn is_total(&self) -> bool {
        true
    }

    fn verdict(&self, _: bool) -> Verdict {
        Verdict::Respond {
            status: self.status,
            code: Code::None,
        }
    }

    fn cut(&self) -> Option<Cut> {
        self.cuts_answers.then_some(Cut::Status(self.status))
    }
}
