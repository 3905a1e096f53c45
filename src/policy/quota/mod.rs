//! Quotas: how fast a client sends, of its own will.
//!
//! A breaker stops and a backoff spreads; only pacing keeps a crowd at the rate the provider can
//! take. A call waits its turn in line, up to a limit, and holds nothing while it waits. With several
//! quotas an attempt takes from all or from none.
//!
//! Processes that share a rate (`scope = "fleet"`) overshoot it by what they do not know of each other
//! yet. Of P processes that exchange every s each passes at most burst + rate·s in between, so all of them
//! at most (P − 1)·(burst + rate·s) more than one would; a bucket and GCRA owe that afterwards.

pub mod adaptive;
pub mod meter;
pub mod requests;
pub mod tokens;

use crate::base::registry::registry;
use crate::base::several::Several;
use crate::base::wire::Request;
use crate::base::{Check, Class, Duration, Instant, Usage};
use meter::{Meter, Method};

registry! {
    /// A quota.
    "quota": Requests = requests, Tokens = tokens, Adaptive = adaptive
}

/// The quotas of a policy: all must agree.
pub type Set = Several<Config>;

impl Set {
    /// Checks each.
    pub fn check(&self, check: &mut Check) {
        self.0.iter().for_each(|quota| quota.check(check));
    }

    /// Whether a bill says more than was known when the attempt was sent.
    pub fn settles(&self) -> bool {
        let settles = |quota: &Config| matches!(quota, Config::Tokens(c) if c.settle);
        self.0.iter().any(settles)
    }

    /// Whether a quota learns from endings.
    pub fn learns(&self) -> bool {
        let learns = |quota: &Config| matches!(quota, Config::Adaptive(_));
        self.0.iter().any(learns)
    }

    /// Whether all processes have one of them together.
    pub fn is_shared(&self) -> bool {
        self.0.iter().any(Config::is_fleet)
    }
}

fn minute() -> Duration {
    Duration::from_s(60)
}

/// Notes a burst where windows let their whole limit pass at once.
fn burst_of_a_window(check: &mut Check, method: Method, burst: bool) {
    if burst && !method.has_burst() {
        let method = check.path("method");
        check
            .mistake("burst", "a window has no burst of its own", "set")
            .also(method, "counts by window")
            .help("a window lets its whole limit pass at once");
    }
}

/// What an attempt needs, as the client knows it beforehand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// The estimate of its prompt, in tokens.
    pub prompt: u32,
    /// The longest answer it asks for, in tokens.
    pub max_tokens: u32,
}

impl From<&Request> for Need {
    fn from(request: &Request) -> Need {
        Need {
            prompt: request.prompt_tokens,
            max_tokens: request.max_tokens,
        }
    }
}

/// What all that stand ahead in line need together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ahead {
    /// How many they are.
    pub attempts: u64,
    /// Their prompts, in tokens.
    pub prompt: u64,
    /// The longest answers they ask for, in tokens.
    pub max_tokens: u64,
}

impl Ahead {
    /// One more.
    pub fn add(&mut self, need: Need) {
        self.attempts += 1;
        self.prompt += u64::from(need.prompt);
        self.max_tokens += u64::from(need.max_tokens);
    }

    /// One less.
    pub fn remove(&mut self, need: Need) {
        self.attempts -= 1;
        self.prompt -= u64::from(need.prompt);
        self.max_tokens -= u64::from(need.max_tokens);
    }

    /// Both together.
    pub fn and(self, other: Ahead) -> Ahead {
        Ahead {
            attempts: self.attempts + other.attempts,
            prompt: self.prompt + other.prompt,
            max_tokens: self.max_tokens + other.max_tokens,
        }
    }
}

/// When an attempt may pass all quotas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// After this long; zero: now.
    After(Duration),
    /// Later than some quota lets it wait.
    TooLate,
    /// Never: it is larger than what some quota lets pass at once.
    TooLarge,
}

impl Config {
    fn meter(&self) -> Meter {
        match self {
            Config::Requests(c) => c.meter(),
            Config::Tokens(c) => c.meter(),
            Config::Adaptive(c) => c.meter(),
        }
    }

    fn amount(&self, need: Need) -> u64 {
        match self {
            Config::Requests(_) | Config::Adaptive(_) => 1,
            Config::Tokens(c) => c.amount(need),
        }
    }

    fn ahead(&self, ahead: Ahead) -> u64 {
        match self {
            Config::Requests(_) | Config::Adaptive(_) => ahead.attempts,
            Config::Tokens(c) => match c.reserve {
                tokens::Reserve::MaxTokens => ahead.prompt + ahead.max_tokens,
                tokens::Reserve::Prompt => ahead.prompt,
                tokens::Reserve::Nothing => 0,
            },
        }
    }

    /// Whether all processes have it together.
    pub fn is_fleet(&self) -> bool {
        match self {
            Config::Requests(c) => c.scope.is_fleet(),
            Config::Tokens(c) => c.scope.is_fleet(),
            // It measures what its own process sends.
            Config::Adaptive(_) => false,
        }
    }

    fn max_wait(&self) -> Duration {
        match self {
            Config::Requests(c) => c.max_wait,
            Config::Tokens(c) => c.max_wait,
            Config::Adaptive(c) => c.max_wait,
        }
    }
}

/// The state of a policy's quotas in one process.
#[derive(Clone, Debug)]
pub struct Quotas(Vec<Meter>);

impl Quotas {
    /// Fresh ones.
    pub fn new(set: &Set) -> Quotas {
        Quotas(set.0.iter().map(Config::meter).collect())
    }

    /// When an attempt may pass behind those ahead of it. Takes nothing.
    pub fn turn(&mut self, set: &Set, need: Need, ahead: Ahead, now: Instant) -> Turn {
        let mut longest = Duration::ZERO;
        for (meter, quota) in self.0.iter_mut().zip(&set.0) {
            let Some(wait) = meter.wait(quota.amount(need), quota.ahead(ahead), now) else {
                return Turn::TooLarge;
            };
            if wait > quota.max_wait() {
                return Turn::TooLate;
            }
            longest = longest.max(wait);
        }
        Turn::After(longest)
    }

    /// Whether an attempt may pass all now.
    pub fn are_ready(&mut self, set: &Set, need: Need, now: Instant) -> bool {
        let mut pairs = self.0.iter_mut().zip(&set.0);
        pairs.all(|(meter, quota)| meter.has(quota.amount(need), now))
    }

    /// How long until an attempt that nobody stands ahead of may pass all, if ever.
    pub fn wait(&mut self, set: &Set, need: Need, now: Instant) -> Duration {
        let pairs = self.0.iter_mut().zip(&set.0);
        let waits = pairs.map(|(meter, quota)| meter.wait(quota.amount(need), 0, now));
        waits
            .map(|wait| wait.unwrap_or(Duration::MAX))
            .max()
            .unwrap_or(Duration::ZERO)
    }

    /// Takes what an attempt needs from all.
    pub fn take(&mut self, set: &Set, need: Need, now: Instant) {
        for (meter, quota) in self.0.iter_mut().zip(&set.0) {
            meter.take(quota.amount(need), now);
        }
    }

    /// An attempt ended: an adaptive quota learns of it.
    pub fn learn(&mut self, set: &Set, class: Class, now: Instant) {
        for (meter, quota) in self.0.iter_mut().zip(&set.0) {
            if let (Meter::Adaptive(state), Config::Adaptive(c)) = (meter, quota)
                && let Some(throttled) = adaptive::Config::throttled(class)
            {
                state.on_end(c, throttled, now);
            }
        }
    }

    /// Corrects what an attempt took by what it was billed for.
    pub fn settle(&mut self, set: &Set, need: Need, usage: Usage, now: Instant) {
        for (meter, quota) in self.0.iter_mut().zip(&set.0) {
            let Config::Tokens(c) = quota else { continue };
            let (took, used) = (c.amount(need), tokens::Config::used(usage));
            match took.checked_sub(used) {
                _ if !c.settle => {}
                Some(0) => {}
                Some(unused) => meter.put_back(unused, now),
                None => meter.take(used - took, now),
            }
        }
    }

    /// Takes over, from those of which all processes took, those that are the fleet's.
    pub fn adopt(&mut self, set: &Set, all: &Quotas) {
        let pairs = self.0.iter_mut().zip(&all.0);
        for ((meter, common), quota) in pairs.zip(&set.0) {
            if quota.is_fleet() {
                meter.clone_from(common);
            }
        }
    }
}
