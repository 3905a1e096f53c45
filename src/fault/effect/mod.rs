//! What a fault does: a verdict on requests, an end to answers, or a factor on the provider.
//!
//! While a fault is on, each request that arrives asks it for a verdict, in the order of the file;
//! the first that is not [`Verdict::Pass`] counts. An answer that begins asks likewise whether and how
//! it will break off. Factors of all faults multiply.

pub mod brownout;
pub mod credentials;
pub mod drift;
pub mod error_rate;
pub mod hang;
pub mod lost;
pub mod outage;
pub mod overload;
pub mod packet_loss;
pub mod price;
pub mod quota;
pub mod rate_limit;
pub mod refused;
pub mod stall;
pub mod stream_error;
pub mod truncation;
pub mod wrong_language;

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
        WrongLanguage = wrong_language,
        Overload = overload,
        Truncation = truncation,
        StreamError = stream_error,
        Stall = stall,
        InvalidCredentials = credentials,
        QuotaExhausted = quota,
        PacketLoss = packet_loss,
        Price = price,
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
    /// It is answered with status 200, and an error is all that its stream says.
    RespondInStream {
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
    /// Prices are this many times what they were.
    pub price: f64,
    /// Answers are this many times as long.
    pub length: f64,
    /// Of the answers that are bad for it, this share is subtly so.
    pub subtle: f64,
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
            price: 1.0,
            length: 1.0,
            subtle: 0.0,
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
            price: self.price * other.price,
            length: self.length * other.length,
            subtle: 1.0 - (1.0 - self.subtle) * (1.0 - other.subtle),
        }
    }
}

/// What an effect does to providers and their requests. Most do one of these things.
pub trait Effect {
    /// What it makes of the provider, or of the requests it hits.
    fn factors(&self) -> Factors {
        Factors::default()
    }

    /// What becomes of a request that arrives, streamed or not.
    fn verdict(&self, _stream: bool) -> Verdict {
        Verdict::Pass
    }

    /// What becomes of answers in progress when it begins; None: nothing.
    fn cut(&self) -> Option<Cut> {
        None
    }

    /// How an answer breaks off that begins while it is on, streamed or not; None: it does not.
    fn breaks(&self, _stream: bool) -> Option<Break> {
        None
    }

    /// Whether nothing gets through: what reports paint as an outage and not as a mere degradation.
    fn is_total(&self) -> bool {
        false
    }

    /// Whether no status page tells of it.
    fn is_silent(&self) -> bool {
        false
    }

    /// What of a provider it can hit.
    fn reach(&self) -> Reach {
        Reach::Requests
    }
}

/// What of a provider an effect can hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Requests, each by itself.
    Requests,
    /// Requests, each for as long as it takes.
    Course,
    /// What the provider has once: limits, prices.
    Provider,
}

/// What becomes of an answer in progress when a fault begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It breaks off; one of which nothing has been sent becomes this status.
    Status(u16),
    /// It breaks off, and so does what has not begun.
    Lose,
    /// It stops where it is, and nobody says so.
    Stall,
}

/// How an answer breaks off, at some token of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Break {
    /// It does not.
    #[default]
    Never,
    /// Cleanly: the stream ends as if it were whole, but without a finish reason.
    Clean,
    /// The connection is cut.
    Dirty,
    /// An error event: the service has too much to do.
    Overloaded,
    /// An error event: the provider broke.
    ServerError,
    /// It stops, and nobody says so.
    Stall,
}

impl Config {
    /// What it does, whichever it is.
    pub fn effect(&self) -> &dyn Effect {
        each!(self, Config: Outage, RefusedConnections, Hang, Unreachable, Brownout, ErrorRate,
            RateLimit, Drift, WrongLanguage, Overload, Truncation, StreamError, Stall, InvalidCredentials,
            QuotaExhausted, PacketLoss, Price
            => |kind| kind)
    }

    /// What this effect makes of the provider, or of the requests it hits.
    pub fn factors(&self) -> Factors {
        self.effect().factors()
    }
}
