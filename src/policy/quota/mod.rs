//! Quotas: how fast a client sends, of its own will.
//!
//! A breaker stops and a backoff spreads; only pacing keeps a crowd at the rate the provider can
//! take. A call waits its turn in line, up to a limit, and holds nothing while it waits.

pub mod requests;

use crate::base::Check;
use crate::base::registry::registry;
use crate::base::several::Several;

registry! {
    /// A quota.
    "quota": Requests = requests
}

/// The quotas of a policy: all must agree.
pub type Set = Several<Config>;

impl Set {
    /// Checks each.
    pub fn check(&self, check: &mut Check) {
        self.0.iter().for_each(|quota| quota.check(check));
    }
}
