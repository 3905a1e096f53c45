//! The model of the comparison: one scenario, as numbers and as the simulator wants it.
//!
//! Two providers, one client fleet with every policy switched on, and an outage of the first
//! provider in the middle. Sizes follow the rate, so that a small run meets the same weather.

use std::collections::BTreeMap;

use squall::base::dist::{Dist, Uniform};
use squall::base::several::Several;
use squall::base::units::{Price, Rate, Ratio};
use squall::base::{Duration, Instant};
use squall::policy::{self, backoff, breaker, budget, hedge, retry, timeout};
use squall::provider::config::{Abandoned, Network, PriceConfig};
use squall::provider::limits::Settle;
use squall::provider::{self, capacity, latency, limits};
use squall::scenario::{Scenario, model as scenario};
use squall::{fault, workload};

/// What differs between two runs of the model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Model {
    /// The seed.
    pub(crate) seed: u64,
    /// Calls per second over all processes.
    pub(crate) rate: u32,
    /// Length of the run, warm-up included.
    pub(crate) duration: Duration,
}

/// Client processes: each with its own breakers and budget.
pub(crate) const PROCESSES: u32 = 20;
pub(crate) const MAX_TOKENS: u32 = 512;
pub(crate) const DEADLINE: Duration = Duration::from_s(60);
pub(crate) const ATTEMPTS: u16 = 4;
pub(crate) const BACKOFF_BASE: Duration = Duration::from_ms(500);
pub(crate) const BACKOFF_CAP: Duration = Duration::from_s(8);
pub(crate) const FIRST_TOKEN_TIMEOUT: Duration = Duration::from_s(4);
pub(crate) const TOTAL_TIMEOUT: Duration = Duration::from_s(11);
pub(crate) const HEDGE_AFTER: Duration = Duration::from_s(3);
pub(crate) const BREAKER_FAILURES: f64 = 0.5;
pub(crate) const BREAKER_SPAN: Duration = Duration::from_s(10);
pub(crate) const BREAKER_VOLUME: u32 = 10;
pub(crate) const BREAKER_OPEN: Duration = Duration::from_s(5);
pub(crate) const BREAKER_PROBES: u32 = 2;
pub(crate) const BUDGET_RATIO: f64 = 0.2;
pub(crate) const BUDGET_RESERVE: u32 = 20;
pub(crate) const OUTAGE_STATUS: u16 = 503;
pub(crate) const FULL_STATUS: u16 = 529;

/// One provider in numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    pub(crate) name: &'static str,
    pub(crate) slots: u32,
    pub(crate) queue: u32,
    pub(crate) rpm: u64,
    pub(crate) tpm: u64,
    /// Whether what was reserved and not used comes back.
    pub(crate) settles: bool,
    pub(crate) input: Price,
    pub(crate) output: Price,
    pub(crate) quality: f64,
    /// Bounds of the network delay each way.
    pub(crate) network: (Duration, Duration),
}

/// The slice of a minute that a bucket of requests holds.
pub(crate) const SLICE: Duration = Duration::from_s(1);

fn price(micro_dollars: u64) -> Price {
    Price {
        pico_per_token: micro_dollars * 1_000_000,
    }
}

impl Model {
    /// The providers: the first just meets the load, the second half of it.
    pub(crate) fn providers(&self) -> [Numbers; 2] {
        let rate = self.rate;
        [
            Numbers {
                name: "primary",
                slots: rate * 39 / 10,
                queue: rate / 2,
                rpm: u64::from(rate) * 62,
                tpm: u64::from(rate) * 110_000,
                settles: false,
                input: price(3),
                output: price(15),
                quality: 0.98,
                network: (Duration::from_ms(5), Duration::from_ms(35)),
            },
            Numbers {
                name: "secondary",
                slots: rate * 2,
                queue: rate / 4,
                rpm: u64::from(rate) * 36,
                tpm: u64::from(rate) * 40_000,
                settles: true,
                input: price(5),
                output: price(25),
                quality: 0.97,
                network: (Duration::from_ms(10), Duration::from_ms(50)),
            },
        ]
    }

    /// Calls that arrive from here count.
    pub(crate) fn warm_up(&self) -> Duration {
        Duration(self.duration.0 / 10)
    }

    /// When the first provider is down: a minute, or a tenth of a short run.
    pub(crate) fn outage(&self) -> (Instant, Instant) {
        let from = Instant(self.duration.0 / 10 * 4);
        let lasts = Duration::from_s(60).min(Duration(self.duration.0 / 10));
        (from, from + lasts)
    }

    /// The law of service times of both providers.
    pub(crate) fn latency(&self) -> latency::Config {
        latency::Config::default()
    }

    /// The law of prompts and answers.
    pub(crate) fn tokens(&self) -> workload::tokens::Config {
        workload::tokens::Config::default()
    }

    /// The scenario of this model.
    pub(crate) fn scenario(&self) -> Scenario {
        Scenario {
            name: "full-stack".into(),
            file: "full-stack.toml".into(),
            hash: String::new(),
            inputs: String::new(),
            resolved: String::new(),
            title: String::new(),
            why: String::new(),
            run: scenario::Run {
                duration: self.duration,
                warm_up: self.warm_up(),
                replications: 1,
                seed: self.seed,
            },
            compare: scenario::Compare {
                baseline: "full".into(),
                metrics: Vec::new(),
                min_effect: BTreeMap::new(),
            },
            workload: self.workload(),
            providers: self
                .providers()
                .iter()
                .map(|numbers| (numbers.name.into(), self.provider(numbers)))
                .collect(),
            pools: Vec::new(),
            faults: vec![self.fault()],
            policies: vec![("full".into(), policy())],
            expectations: Vec::new(),
            point: Vec::new(),
            trace: None,
            warnings: Vec::new(),
        }
    }

    fn workload(&self) -> workload::Config {
        use workload::arrivals::{Config, poisson};
        workload::Config {
            processes: PROCESSES,
            arrivals: Config::Poisson(poisson::Config {
                rate: Rate {
                    micro: u64::from(self.rate) * 1_000_000,
                    per: Duration::from_s(1),
                },
            }),
            tokens: self.tokens(),
            stream: true,
            max_tokens: MAX_TOKENS,
            cut_answers: workload::config::CutAnswers::Good,
            deadline: Some(DEADLINE),
            priority: workload::config::PriorityShares::default(),
            needs: workload::needs::Config::default(),
            users: None,
            conversations: None,
            impatience: None,
            tenant: std::collections::BTreeMap::new(),
            task: std::collections::BTreeMap::new(),
            shape: workload::shape::Config::default(),
        }
    }

    fn provider(&self, numbers: &Numbers) -> provider::Config {
        let (low, high) = numbers.network;
        let network = || Dist::Uniform(Uniform { low, high });
        provider::Config {
            network: Network {
                out: network(),
                back: network(),
            },
            latency: self.latency(),
            capacity: capacity::Config::Slots(capacity::slots::Config {
                count: numbers.slots,
                queue: Some(numbers.queue),
                full_status: FULL_STATUS,
                when_full: capacity::room::WhenFull::Refuse,
            }),
            limits: limits::Config {
                rpm: Some(numbers.rpm),
                tpm: Some(numbers.tpm),
                slice: SLICE,
                settle: if numbers.settles {
                    Settle::Actual
                } else {
                    Settle::None
                },
                ..limits::Config::default()
            },
            price: PriceConfig {
                input: numbers.input,
                output: numbers.output,
                ..PriceConfig::default()
            },
            quality: Ratio(numbers.quality),
            abandoned: Abandoned::default(),
            ..provider::Config::default()
        }
    }

    fn fault(&self) -> fault::Config {
        let (from, to) = self.outage();
        fault::Config {
            name: "outage".into(),
            on: vec!["primary".into()].into(),
            schedule: fault::schedule::Config::default(),
            hits: fault::hits::Config::default(),
            at: from.since(Instant::ZERO),
            lasts: to.since(from),
            effect: fault::effect::Config::Outage(fault::effect::outage::Config {
                status: OUTAGE_STATUS,
                cuts_answers: true,
            }),
        }
    }
}

fn policy() -> policy::Config {
    use backoff::{CapStage, exponential, jitter};
    use budget::share;
    policy::Config {
        retry: retry::Config {
            attempts: ATTEMPTS,
            backoff: backoff::Config::Exponential(exponential::Config {
                base: BACKOFF_BASE,
                factor: 2.0,
                cap: Some(BACKOFF_CAP),
                cap_stage: CapStage::BeforeJitter,
                origin: 0,
                floor: Duration::ZERO,
                first_wait_zero: false,
                jitter: jitter::Jitter::Full(jitter::Plain {}),
            }),
            ..retry::Config::default()
        },
        budget: Several(vec![budget::Config::Share(share::Config {
            ratio: Ratio(BUDGET_RATIO),
            reserve: BUDGET_RESERVE,
            refill: None,
            deposit: share::Deposit::PerCall,
            scope: budget::Scope::Process,
        })]),
        breaker: breaker::Config::TimeWindow(breaker::time_window::Config {
            failures: Ratio(BREAKER_FAILURES),
            slow: None,
            threshold: breaker::window::Threshold::AtLeast,
            span: BREAKER_SPAN,
            buckets: 10,
            anchor: breaker::time_window::Anchor::Epoch,
            volume: breaker::time_window::Volume::Endings,
            trips_on: breaker::window::TripsOn::Failure,
            min_volume: BREAKER_VOLUME,
            open: BREAKER_OPEN,
            probes: BREAKER_PROBES,
            counts: breaker::Counts::Attempts,
        }),
        hedge: hedge::Config::Fixed(hedge::fixed::Config {
            after: HEDGE_AFTER,
            to: hedge::fixed::To::Other,
            max: 1,
        }),
        timeout: timeout::Config {
            total: Some(TOTAL_TIMEOUT),
            first_token: Some(FIRST_TOKEN_TIMEOUT),
            ..timeout::Config::default()
        },
        ..policy::Config::default()
    }
}
