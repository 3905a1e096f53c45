//! The settings of LiteLLM's router, as far as they decide who is asked when.

use crate::base::Duration;

/// A router.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Router {
    /// `model_list`.
    pub deployments: Vec<Deployment>,
    /// The model groups in the order in which calls fall back from one to the next.
    pub chain: Vec<String>,
    /// `num_retries`; LiteLLM's default is 2.
    pub num_retries: u16,
    /// `max_fallbacks`; LiteLLM's default is 5.
    pub max_fallbacks: u8,
    /// `retry_policy`: retries by what failed first, in the order of [`EXCEPTIONS`].
    pub retry_policy: [Option<u16>; 4],
    /// `timeout`: of each attempt; None: LiteLLM's own.
    pub timeout: Option<Duration>,
    /// `stream_timeout`: the same of streamed calls.
    pub stream_timeout: Option<Duration>,
    /// How deployments are left out.
    pub cooldown: Cooldown,
    /// `cooldown_time`; LiteLLM's default is 5 s.
    pub cooldown_time: Duration,
    /// `routing_strategy`.
    pub strategy: Strategy,
}

/// One deployment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deployment {
    /// The name of a provider of the scenario; `model_info.id`.
    pub id: String,
    /// `model_name`: its group.
    pub group: String,
    /// `litellm_params.model`.
    pub model: String,
    /// `litellm_params.rpm`.
    pub rpm: Option<u64>,
    /// `litellm_params.tpm`.
    pub tpm: Option<u64>,
    /// `litellm_params.weight`.
    pub weight: Option<f64>,
    /// Pico-dollars of a prompt token and of an answer token, if they are known.
    pub prices: Option<(u64, u64)>,
}

/// How deployments are left out after failures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cooldown {
    /// By LiteLLM's own rule: more than half of five or more, and 429 or 401 at once.
    #[default]
    Share,
    /// `allowed_fails`: more than so many within the time of a cooldown.
    AllowedFails(u32),
    /// `disable_cooldowns`.
    Off,
}

/// `routing_strategy` and its arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Strategy {
    /// `simple-shuffle`.
    #[default]
    SimpleShuffle,
    /// `least-busy`.
    LeastBusy,
    /// `latency-based-routing`, with `lowest_latency_buffer` and `ttl`.
    Latency {
        /// How much above the best counts as equal, as a share.
        buffer: f64,
        /// When all is forgotten; LiteLLM's default is an hour.
        ttl: Duration,
    },
    /// `cost-based-routing`.
    Cost,
    /// `usage-based-routing`.
    Usage,
    /// `usage-based-routing-v2`.
    UsageV2,
}

impl Strategy {
    /// The value of `routing_strategy`.
    pub fn name(self) -> &'static str {
        match self {
            Strategy::SimpleShuffle => "simple-shuffle",
            Strategy::LeastBusy => "least-busy",
            Strategy::Latency { .. } => "latency-based-routing",
            Strategy::Cost => "cost-based-routing",
            Strategy::Usage => "usage-based-routing",
            Strategy::UsageV2 => "usage-based-routing-v2",
        }
    }

    /// The strategy of a name, with LiteLLM's defaults.
    pub fn named(name: &str) -> Option<Strategy> {
        let latency = Strategy::Latency {
            buffer: 0.0,
            ttl: Duration::from_s(3600),
        };
        let all = [
            Strategy::SimpleShuffle,
            Strategy::LeastBusy,
            latency,
            Strategy::Cost,
            Strategy::Usage,
            Strategy::UsageV2,
        ];
        all.into_iter().find(|strategy| strategy.name() == name)
    }
}

/// The keys of `retry_policy` and the class of ending that each is about.
pub const EXCEPTIONS: [(&str, crate::base::Class); 4] = [
    ("TimeoutErrorRetries", crate::base::Class::TimedOut),
    ("RateLimitErrorRetries", crate::base::Class::RateLimited),
    (
        "InternalServerErrorRetries",
        crate::base::Class::ServerFault,
    ),
    (
        "ServiceUnavailableErrorRetries",
        crate::base::Class::Overloaded,
    ),
];

/// LiteLLM's defaults.
pub const DEFAULTS: Router = Router {
    deployments: Vec::new(),
    chain: Vec::new(),
    num_retries: 2,
    max_fallbacks: 5,
    retry_policy: [None; 4],
    timeout: None,
    stream_timeout: None,
    cooldown: Cooldown::Share,
    cooldown_time: Duration::from_s(5),
    strategy: Strategy::SimpleShuffle,
};
