//! Token counts: how long prompts and answers are.

pub mod distribution;
pub mod fixed;
pub mod profile;
pub mod sample;
pub mod trace;

use std::sync::Arc;

use super::sizes::Sizes;
use crate::base::registry::registry;

registry! {
    /// How long prompts and answers are.
    "tokens": Profile = profile, Fixed = fixed, Distribution = distribution, Trace = trace,
    Sample = sample
}

impl Default for Config {
    fn default() -> Config {
        Config::Profile(profile::Config {
            name: "chat".into(),
        })
    }
}

/// Ready-to-draw token counts.
#[derive(Clone, Debug)]
pub enum Law {
    /// From two samplers, each clamped.
    Drawn {
        /// Prompt tokens.
        input: Clamped,
        /// Answer tokens.
        output: Clamped,
    },
    /// From the trace's own row.
    Trace,
    /// Both of a recorded call.
    Sampled(Arc<Sizes>),
}

/// A sampler of whole numbers between two bounds.
#[derive(Clone, Debug)]
pub struct Clamped {
    /// The sampler.
    pub sampler: crate::base::dist::Sampler,
    /// The smallest value.
    pub min: u32,
    /// The largest value.
    pub max: u32,
}

impl Clamped {
    /// A value, rounded and clamped; a constant needs no draw.
    pub fn drawn(&self, u: impl FnOnce() -> f64) -> u32 {
        match &self.sampler {
            crate::base::dist::Sampler::Constant(_) => self.at(0.5),
            _ => self.at(u()),
        }
    }

    /// The value at `u`, rounded and clamped.
    pub fn at(&self, u: f64) -> u32 {
        ((self.sampler.at(u) + 0.5) as u32).clamp(self.min, self.max)
    }
}

impl Config {
    /// The law to draw from. The settings have been checked.
    pub fn law(&self) -> Law {
        match self {
            Config::Profile(c) => c.law(),
            Config::Fixed(c) => c.law(),
            Config::Distribution(c) => c.law(),
            Config::Trace(_) => Law::Trace,
            Config::Sample(c) => c.law(),
        }
    }
}
