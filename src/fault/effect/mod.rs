//! What a fault does: a verdict on requests, or a factor on the provider.
//!
//! While a fault is on, each request that arrives asks it for a verdict, in the order of the file;
//! the first that is not [`Verdict::Pass`] counts. Factors of all faults multiply.

pub mod brownout;
pub mod drift;
pub mod error_rate;
pub mod hang;
pub mod lost;
pub mod outage;
pub mod rate_limit;
pub mod refused;

use crate::base::registry::{each, registry};
use crate::base::wire::Code;

registry! {
    /// What a fault does.
    "effect":
        Outage = outage,
        RefusedConnections = refused,
        Hang = hang,
        Unreachable = lost,
        Brownout = brownout,
        ErrorRate = error_rate,
        RateLimit = rate_limit,
        Drift = drift,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The provider serves it as usual.
    Pass,
    /// It is answered with this status at once.
    Respond {
        /// The HTTP status.
        status: u16,
        /// The provider's code.
        code: Code,
    },
    /// It is accepted and never answered.
    Stall,
    /// The connection is refused.
    Drop,
    /// It is lost on its way.
    Lose,
}

/// What a fault makes of a provider; no change is 1 everywhere, but 0 for `shift`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factors {
    /// Service takes this many times as long.
    pub slowdown: f64,
    /// Limits are this share of what they were.
    pub limits: f64,
    /// Good answers are this share of what they were.
    pub quality: f64,
    /// Of answers in JSON that could be read, this share is left that still can be.
    pub readable: f64,
    /// Of answers in JSON without a fence, this share is left that still have none.
    pub unfenced: f64,
    /// Embeddings of answers lie this far from where they were, in deviations of one coordinate.
    pub shift: f64,
}

impl Default for Factors {
    fn default() -> Factors {
        Factors {
            slowdown: 1.0,
            limits: 1.0,
            quality: 1.0,
            readable: 1.0,
            unfenced: 1.0,
            shift: 0.0,
        }
    }
}

impl Factors {
    /// Both together.
    pub fn and(self, other: Factors) -> Factors {
        Factors {
            slowdown: self.slowdown * other.slowdown,
            limits: self.limits * other.limits,
            quality: self.quality * other.quality,
            readable: self.readable * other.readable,
            unfenced: self.unfenced * other.unfenced,
            shift: self.shift + other.shift,
        }
    }
}

/// Why nothing gets through: what reports paint as an outage and not as a mere degradation.
pub fn is_total(config: &Config) -> bool {
    each!(config, Config: Outage, RefusedConnections, Hang, Unreachable, Brownout, ErrorRate,
        RateLimit, Drift
        => |kind| kind.is_total())
}

impl Config {
    /// What this effect makes of the provider.
    pub fn factors(&self) -> Factors {
        each!(self, Config: Outage, RefusedConnections, Hang, Unreachable, Brownout, ErrorRate,
        RateLimit, Drift
            => |kind| kind.factors())
    }
}
