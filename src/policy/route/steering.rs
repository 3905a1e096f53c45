//! `steering`: what is preferred whatever the kind of route. Apart from what failed, back to the
//! preferred endpoint only after a while and little by little, and only to where the request can be served.
//!
//! Steering never refuses: an endpoint that is not preferred is asked last. Only `fits` leaves
//! endpoints out, because they could not serve the request at all.

use serde::{Deserialize, Serialize};

use crate::base::{Check, Class, Duration, Instant};

/// Settings of `steering`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// What providers have in common that fail together: a failover prefers an endpoint of which this
    /// label differs from all that have failed in the call. Endpoints without the label are alone.
    pub apart_by: Option<Label>,
    /// How long after a failure at an endpoint calls prefer the others; 0: no time.
    pub away: Duration,
    /// Over how long after that calls come back, a growing share of them; 0: all at once.
    pub back_over: Duration,
    /// Whether only endpoints are asked that can serve the request: whose context window holds its prompt
    /// and its longest answer, and that can do what it needs (JSON, tools).
    pub fits: bool,
    /// Whether an endpoint is asked last as long as its status page says that there is trouble.
    pub status_page: bool,
}

/// A label of providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Label {
    /// Who runs it.
    Vendor,
    /// The model.
    Model,
    /// Where it runs.
    Region,
    /// The account that is billed and limited.
    Account,
    /// What its author groups it by.
    Group,
}

impl Label {
    /// Its key in the file.
    pub fn name(self) -> &'static str {
        match self {
            Label::Vendor => "vendor",
            Label::Model => "model",
            Label::Region => "region",
            Label::Account => "account",
            Label::Group => "group",
        }
    }
}

impl Config {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if self.away.is_zero() && !self.back_over.is_zero() {
            check
                .warning("back-over", "this ramp never begins", "nothing is left")
                .help("set `away`: how long an endpoint that failed is asked last");
        }
    }

    /// Whether it does anything.
    pub(super) fn is_off(&self) -> bool {
        *self == Config::default()
    }
}

/// Whether an ending makes the call look elsewhere for a while: it is the endpoint's fault.
pub(super) fn leaves(class: Class) -> bool {
    match class {
        Class::RateLimited
        | Class::QuotaExhausted
        | Class::Overloaded
        | Class::ServerFault
        | Class::Transport
        | Class::TimedOut
        | Class::Truncated => true,
        Class::Ok
        | Class::Malformed
        | Class::BadAnswer
        | Class::Unsuited
        | Class::Rejected
        | Class::Cancelled => false,
    }
}

/// The share of calls that do not avoid an endpoint which failed last at `failed`.
pub(super) fn returned(config: &Config, failed: Option<Instant>, now: Instant) -> f64 {
    let Some(failed) = failed.filter(|_| !config.away.is_zero()) else {
        return 1.0;
    };
    let back_at = failed + config.away;
    if now < back_at {
        0.0
    } else if config.back_over.is_zero() {
        1.0
    } else {
        (now.since(back_at).0 as f64 / config.back_over.0 as f64).min(1.0)
    }
}
