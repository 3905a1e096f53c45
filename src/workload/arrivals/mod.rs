//! Arrivals: when calls come.
//!
//! The n-th call of a run is the n-th call under every policy and every rate. Where the rate follows from
//! the time it comes at Λ⁻¹(E₁ + … + Eₙ), where Λ is the mean number of calls up to a time and E are unit
//! exponentials keyed by n; where gaps have a law of their own, after the first n of them, each keyed by
//! its number. A new rate moves the call; it does not make it another call. States that change the rate are a
//! path in virtual time of their own keys. Calls of batches and of a service's clients are known by the batch, or
//! by the client and window, and their place in it.

pub mod batch;
pub mod burst;
pub mod clients;
pub mod closed;
pub mod gamma;
pub mod mmpp;
pub mod modulated;
pub mod on_off;
pub mod poisson;
pub mod ramp;
pub mod renewal;
pub mod spike;
pub mod trace;
pub mod weibull;

use super::trace::Trace as Recorded;
use crate::base::registry::{each, registry};
use crate::base::{Draws, Duration, Instant, Purpose};

registry! {
    /// When calls come.
    "arrivals": Poisson = poisson, Spike = spike, Burst = burst, Trace = trace, Gamma = gamma, Weibull = weibull,
    OnOff = on_off, Mmpp = mmpp, Ramp = ramp, Batch = batch, Clients = clients, Closed = closed
}

impl Config {
    /// Calls expected in a run of this length; the trace's own number for a trace.
    pub fn expected(&self, duration: Duration, trace: Option<&Recorded>) -> f64 {
        each!(self, Config: Poisson, Spike, Burst, Trace, Gamma, Weibull, OnOff, Mmpp, Ramp, Batch, Clients, Closed =>
            |kind| kind.expected(duration, trace))
    }

    /// The highest rate there is, in calls per second; None where many may come in an instant.
    pub fn top_rate(&self) -> Option<f64> {
        each!(self, Config: Poisson, Spike, Burst, Trace, Gamma, Weibull, OnOff, Mmpp, Ramp, Batch, Clients, Closed =>
            |kind| kind.top_rate())
    }

    /// Whether it says nothing of when, but how fast: then a shape of day and week may be laid over it.
    pub fn is_timeless(&self) -> bool {
        match self {
            Config::Poisson(_)
            | Config::Gamma(_)
            | Config::Weibull(_)
            | Config::OnOff(_)
            | Config::Mmpp(_) => true,
            Config::Spike(_)
            | Config::Burst(_)
            | Config::Trace(_)
            | Config::Ramp(_)
            | Config::Batch(_)
            | Config::Clients(_)
            | Config::Closed(_) => false,
        }
    }
}

/// So many seconds after the start.
fn after(seconds: f64) -> Instant {
    Instant::ZERO + Duration::from_s_f64(seconds)
}

/// What is kept between two calls, by kind.
#[derive(Clone, Debug)]
enum Process {
    Poisson(poisson::Config),
    Spike(spike::Config),
    Ramp(ramp::Config),
    Burst(burst::Config),
    Trace,
    /// Nothing arrives from outside.
    Closed,
    Renewal(renewal::Gaps),
    Modulated(modulated::Path),
    Batch(batch::Batches),
    Clients(clients::Clients),
}

/// A process of arrivals, drawn one after the other.
#[derive(Clone, Debug)]
pub struct Arrivals {
    process: Process,
    n: u64,
    /// E₁ + … + Eₙ so far, or the gaps so far in units of their mean.
    area: f64,
}

impl Arrivals {
    /// From the start of a run. The settings have been checked.
    pub fn new(config: &Config) -> Arrivals {
        let process = match config {
            Config::Poisson(c) => Process::Poisson(*c),
            Config::Spike(c) => Process::Spike(*c),
            Config::Ramp(c) => Process::Ramp(*c),
            Config::Burst(c) => Process::Burst(*c),
            Config::Trace(_) => Process::Trace,
            Config::Gamma(c) => Process::Renewal(c.gaps()),
            Config::Weibull(c) => Process::Renewal(c.gaps()),
            Config::OnOff(c) => Process::Modulated(c.path()),
            Config::Mmpp(c) => Process::Modulated(c.path()),
            Config::Batch(c) => Process::Batch(c.batches()),
            Config::Clients(c) => Process::Clients(c.process()),
            Config::Closed(_) => Process::Closed,
        };
        Arrivals {
            process,
            n: 0,
            area: 0.0,
        }
    }

    /// The next call's number and instant; None after the last.
    pub fn next(&mut self, draws: &Draws, trace: Option<&Recorded>) -> Option<(u64, Instant)> {
        let Arrivals { process, n, area } = self;
        let mut next_area = || {
            *area += crate::base::quantile::exponential(draws.unit(Purpose::Arrival, *n, 0));
            *area
        };
        let at = match process {
            Process::Poisson(c) => c.inverse(next_area()),
            Process::Spike(c) => c.inverse(next_area()),
            Process::Ramp(c) => c.inverse(next_area()),
            Process::Burst(c) => c.nth(*n)?,
            Process::Closed => return None,
            Process::Trace => trace?.rows.get(usize::try_from(*n).ok()?)?.at,
            Process::Renewal(gaps) => gaps.next(*n, area, draws),
            Process::Modulated(path) => path.inverse(next_area(), draws),
            Process::Batch(batches) => return batches.next(draws),
            Process::Clients(clients) => return clients.next(draws),
        };
        self.n += 1;
        Some((self.n - 1, at))
    }
}
