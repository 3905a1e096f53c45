//! Throttles: a client holds back what would probably not be accepted, first attempts included.
//!
//! A budget bounds what retries add; when a provider cannot take the first attempts either, its
//! refusals alone can keep it busy. A throttle refuses at home a share of everything, the more the
//! less is accepted, and so lets some through at all times: it needs no half-open state. A breaker is
//! all or nothing; a throttle leaves the provider as much as it accepts, and a little more.
//!
//! One for every endpoint, in every process or for the whole fleet.

pub mod adaptive;
pub mod none;

use crate::base::registry::registry;
use crate::base::{Class, EndpointId, Instant};

registry! {
    /// A throttle.
    #[derive(serde::Serialize)]
    "throttle": None = none, Adaptive = adaptive
}

impl Default for Config {
    fn default() -> Config {
        Config::None(none::Config {})
    }
}

impl Config {
    /// Whether it ever refuses anything.
    pub fn throttles(&self) -> bool {
        !matches!(self, Config::None(_))
    }

    /// Whether all processes have it together.
    pub fn is_shared(&self) -> bool {
        matches!(self, Config::Adaptive(c) if c.scope.is_fleet())
    }
}

/// The throttles of a process: one for every endpoint, or none at all.
#[derive(Clone, Debug)]
pub struct Throttles(Vec<adaptive::State>);

impl Throttles {
    /// Fresh ones for so many endpoints.
    pub fn new(config: &Config, endpoints: usize) -> Throttles {
        match config {
            Config::None(_) => Throttles(Vec::new()),
            Config::Adaptive(c) => Throttles(vec![adaptive::State::new(c); endpoints]),
        }
    }

    /// The probability with which an attempt is refused now.
    pub fn refusing(&mut self, config: &Config, endpoint: EndpointId, now: Instant) -> f64 {
        match (config, self.0.get_mut(usize::from(endpoint.0))) {
            (Config::Adaptive(c), Some(state)) => state.refusing(c, now),
            _ => 0.0,
        }
    }

    /// Tells of an attempt that was refused and not sent.
    pub fn on_refused(&mut self, config: &Config, endpoint: EndpointId, now: Instant) {
        if let (Config::Adaptive(c), Some(state)) =
            (config, self.0.get_mut(usize::from(endpoint.0)))
        {
            state.on_refused(c, now);
        }
    }

    /// Tells of an attempt that ended.
    pub fn on_end(&mut self, config: &Config, endpoint: EndpointId, class: Class, now: Instant) {
        if let (Config::Adaptive(c), Some(state)) =
            (config, self.0.get_mut(usize::from(endpoint.0)))
        {
            state.on_end(c, class, now);
        }
    }

    /// Takes over those that were told what all processes were told.
    pub fn adopt(&mut self, all: &Throttles) {
        self.0.clone_from(&all.0);
    }
}
