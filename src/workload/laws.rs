//! The laws of traffic that reacts, made ready once: thinking, tools, patience, pauses.

use super::arrivals::Config as ArrivalsConfig;
use super::config::Config;
use crate::base::Duration;
use crate::base::dist::{Dist, Sampler};

/// Of times; None where nothing is waited for, or for ever.
#[derive(Clone, Debug, Default)]
pub(super) struct Laws {
    between: Option<Sampler>,
    think: Option<Sampler>,
    gap: Option<Sampler>,
    patience: Option<Sampler>,
    pause: Option<Sampler>,
}

fn ready(law: Option<&Dist<Duration>>) -> Option<Sampler> {
    law.map(Dist::sampler)
}

/// A time from a law; a constant needs no draw.
fn drawn(law: Option<&Sampler>, u: impl FnOnce() -> f64) -> Option<Duration> {
    let seconds = match law? {
        Sampler::Constant(seconds) => *seconds,
        law => law.at(u()),
    };
    Some(Duration::from_s_f64(seconds))
}

impl Laws {
    pub(super) fn new(config: &Config) -> Laws {
        let conversations = config.conversations.as_ref();
        let impatience = config.impatience.as_ref();
        Laws {
            between: match &config.arrivals {
                ArrivalsConfig::Closed(closed) => ready(Some(&closed.think)),
                _ => None,
            },
            think: ready(conversations.and_then(|c| c.think.as_ref())),
            gap: ready(conversations.and_then(|c| c.gap.as_ref())),
            patience: ready(impatience.map(|i| &i.after)),
            pause: ready(impatience.map(|i| &i.pause)),
        }
    }

    /// What a user of a closed loop thinks between two calls, or conversations.
    pub(super) fn between(&self, u: impl FnOnce() -> f64) -> Duration {
        drawn(self.between.as_ref(), u).unwrap_or_default()
    }

    /// From one turn of a conversation to the next.
    pub(super) fn think(&self, u: impl FnOnce() -> f64) -> Duration {
        drawn(self.think.as_ref(), u).unwrap_or_default()
    }

    /// From one step of a turn to the next.
    pub(super) fn gap(&self, u: impl FnOnce() -> f64) -> Duration {
        drawn(self.gap.as_ref(), u).unwrap_or_default()
    }

    /// How long a caller waits; None: for ever.
    pub(super) fn patience(&self, u: impl FnOnce() -> f64) -> Option<Duration> {
        drawn(self.patience.as_ref(), u)
    }

    /// Until a caller asks again.
    pub(super) fn pause(&self, u: impl FnOnce() -> f64) -> Duration {
        drawn(self.pause.as_ref(), u).unwrap_or_default()
    }
}
