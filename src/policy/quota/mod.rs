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
mod journal;
pub mod meter;
pub mod per;
pub mod requests;
pub mod tokens;

use crate::base::registry::registry;
use crate::base::several::Several;
use crate::base::wire::Request;
use crate::base::{Check, Class, Duration, Instant, Usage};
use meter::{Meter, Method};
use per::{ByUser, Per};

registry! {
    /// A quota.
    #[derive(serde::Serialize)]
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

/// Warns of a wait that is written for quotas of users, whose calls do not wait.
fn wait_of_a_user(check: &mut Check, per: Per, max_wait: Duration) {
    if per == Per::User && max_wait != minute() {
        check
            .warning(
                "max-wait",
                "nobody waits for a quota of his own",
                "does nothing",
            )
            .help("a user who has used it up is refused");
    }
}

/// What an attempt needs, as the client knows it beforehand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// The estimate of its prompt, in tokens.
    pub prompt: u32,
    /// The longest answer it asks for, in tokens.
    pub max_tokens: u32,
    /// The user it is for; 0: nobody in particular.
    pub user: u32,
}

impl From<&Request> for Need {
    fn from(request: &Request) -> Need {
        Need {
            prompt: request.prompt_tokens,
            max_tokens: request.max_tokens,
            user: request.sender.user,
        }
    }
}

/// What an attempt took, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What it needed.
    pub need: Need,
    /// When it was sent.
    pub at: Instant,
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
    /// Its user has used up what he may.
    UserSpent,
}

impl Config {
    fn meter(&self) -> Meter {
        match self {
            Config::Requests(c) => c.meter(),
            Config::Tokens(c) => c.meter(),
            Config::Adaptive(c) => c.meter(),
        }
    }

    /// Whose it is.
    pub fn per(&self) -> Per {
        match self {
            Config::Requests(c) => c.per,
            Config::Tokens(c) => c.per,
            Config::Adaptive(_) => Per::Process,
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
pub struct Quotas(Vec<Kept>);

/// What one of them has let pass.
#[derive(Clone, Debug)]
enum Kept {
    /// Of everybody together.
    All(Meter),
    /// Of each user by himself.
    Each(ByUser),
}

impl Quotas {
    /// Fresh ones.
    pub fn new(set: &Set) -> Quotas {
        let kept = |quota: &Config| match quota.per() {
            Per::Process => Kept::All(quota.meter()),
            Per::User => Kept::Each(ByUser::new(quota.is_fleet())),
        };
        Quotas(set.0.iter().map(kept).collect())
    }

    /// When an attempt may pass behind those ahead of it. Takes nothing.
    pub fn turn(&mut self, set: &Set, need: Need, ahead: Ahead, now: Instant) -> Turn {
        let mut longest = Duration::ZERO;
        for (kept, quota) in self.0.iter_mut().zip(&set.0) {
            let (wait, most) = match kept {
                Kept::All(meter) => (
                    meter.wait(quota.amount(need), quota.ahead(ahead), now),
                    quota.max_wait(),
                ),
                // In this line everybody waits for everybody: no user is made to wait for another.
                Kept::Each(users) => match users.wait(quota, need, now) {
                    Some(wait) if !wait.is_zero() => return Turn::UserSpent,
                    wait => (wait, Duration::ZERO),
                },
            };
            let Some(wait) = wait else {
                return Turn::TooLarge;
            };
            if wait > most {
                return Turn::TooLate;
            }
            longest = longest.max(wait);
        }
        Turn::After(longest)
    }

    /// Whether an attempt may pass all now.
    pub fn are_ready(&mut self, set: &Set, need: Need, now: Instant) -> bool {
        let mut pairs = self.0.iter_mut().zip(&set.0);
        pairs.all(|(kept, quota)| match kept {
            Kept::All(meter) => meter.has(quota.amount(need), now),
            Kept::Each(users) => users.wait(quota, need, now) == Some(Duration::ZERO),
        })
    }

    /// Whether those that are kept for each user let this one pass: he is never made to wait.
    pub fn lets_user(&mut self, set: &Set, need: Need, now: Instant) -> bool {
        let mut pairs = self.0.iter_mut().zip(&set.0);
        pairs.all(|(kept, quota)| match kept {
            Kept::All(_) => true,
            Kept::Each(users) => users.wait(quota, need, now) == Some(Duration::ZERO),
        })
    }

    /// How long until an attempt that nobody stands ahead of may pass all, if ever.
    pub fn wait(&mut self, set: &Set, need: Need, now: Instant) -> Duration {
        let pairs = self.0.iter_mut().zip(&set.0);
        let waits = pairs.map(|(kept, quota)| match kept {
            Kept::All(meter) => meter.wait(quota.amount(need), 0, now),
            // It is refused once it has its turn.
            Kept::Each(_) => Some(Duration::ZERO),
        });
        waits
            .map(|wait| wait.unwrap_or(Duration::MAX))
            .max()
            .unwrap_or(Duration::ZERO)
    }

    /// Takes what an attempt needs from all.
    pub fn take(&mut self, set: &Set, need: Need, now: Instant) {
        for (kept, quota) in self.0.iter_mut().zip(&set.0) {
            match kept {
                Kept::All(meter) => meter.take(quota.amount(need), now),
                Kept::Each(users) => users.take(quota, need, now),
            }
        }
    }

    /// An attempt ended: an adaptive quota learns of it.
    pub fn learn(&mut self, set: &Set, class: Class, now: Instant) {
        for (kept, quota) in self.0.iter_mut().zip(&set.0) {
            if let (Kept::All(Meter::Adaptive(state)), Config::Adaptive(c)) = (kept, quota)
                && let Some(throttled) = adaptive::Config::throttled(class)
            {
                state.on_end(c, throttled, now);
            }
        }
    }

    /// Corrects what an attempt took by what it was billed for.
    pub fn settle(&mut self, set: &Set, taken: Taken, usage: Usage, now: Instant) {
        let Taken { need, at } = taken;
        for (kept, quota) in self.0.iter_mut().zip(&set.0) {
            let Config::Tokens(c) = quota else { continue };
            let meter = match kept {
                Kept::All(meter) => meter,
                Kept::Each(users) => match users.meter(need.user) {
                    Some(meter) => meter,
                    None => continue,
                },
            };
            let (took, used) = (c.amount(need), tokens::Config::used(usage));
            match took.checked_sub(used) {
                _ if !c.settle => {}
                Some(0) => {}
                Some(unused) => meter.put_back(unused, at, now),
                None => meter.take(used - took, now),
            }
        }
    }

    /// An exchange begins, at which processes take over what these have let pass of all of them.
    pub fn meet(&mut self) {
        for kept in &mut self.0 {
            if let Kept::Each(users) = kept {
                users.meet();
            }
        }
    }

    /// Takes over, from those of which all processes took, those that are the fleet's.
    pub fn adopt(&mut self, set: &Set, all: &Quotas) {
        let pairs = self.0.iter_mut().zip(&all.0);
        for ((kept, common), quota) in pairs.zip(&set.0) {
            match (kept, common) {
                _ if !quota.is_fleet() => {}
                (Kept::Each(users), Kept::Each(all)) => users.adopt(all),
                (kept, common) => kept.clone_from(common),
            }
        }
    }
}
