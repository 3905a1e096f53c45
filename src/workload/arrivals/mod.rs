//! Arrivals: when calls come.
//!
//! The n-th call of a run is the n-th call under every policy and every rate: it comes at
//! Λ⁻¹(E₁ + … + Eₙ), where Λ is the mean number of calls up to a time and E are unit exponentials
//! keyed by n. A new rate moves the call; it does not make it another call.

pub mod burst;
pub mod poisson;
pub mod spike;
pub mod trace;

use crate::base::registry::{each, registry};
use crate::base::{Draws, Duration, Instant, Purpose};

registry! {
    /// When calls come.
    "arrivals": Poisson = poisson, Spike = spike, Burst = burst, Trace = trace
}

impl Config {
    /// Calls expected in a run of this length; the trace's own number for a trace.
    pub fn expected(&self, duration: Duration, trace: Option<&super::trace::Trace>) -> f64 {
        each!(self, Config: Poisson, Spike, Burst, Trace => |kind| kind.expected(duration, trace))
    }
}

/// A process of arrivals, drawn one after the other.
#[derive(Clone, Debug)]
pub struct Arrivals {
    config: Config,
    n: u64,
    /// E₁ + … + Eₙ so far.
    area: f64,
}

impl Arrivals {
    /// From the start of a run.
    pub fn new(config: Config) -> Arrivals {
        Arrivals {
            config,
            n: 0,
            area: 0.0,
        }
    }

    /// The next call's number and instant; None after the last.
    pub fn next(
        &mut self,
        draws: &Draws,
        trace: Option<&super::trace::Trace>,
    ) -> Option<(u64, Instant)> {
        let Arrivals { config, n, area } = self;
        let mut next_area = || {
            *area += crate::base::quantile::exponential(draws.unit(Purpose::Arrival, *n, 0));
            *area
        };
        let at = match config {
            Config::Poisson(c) => c.inverse(next_area()),
            Config::Spike(c) => c.inverse(next_area()),
            Config::Burst(c) => c.nth(*n)?,
            Config::Trace(_) => trace?.rows.get(usize::try_from(*n).ok()?)?.at,
        };
        self.n += 1;
        Some((self.n - 1, at))
    }
}
