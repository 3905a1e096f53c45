//! Keyed draws: common random numbers that stay valid when policies diverge.
//!
//! Every draw is a pure function of (root, purpose, entity, ordinal). Two policies that meet the
//! same call, try or moment draw the same number, and a draw that one of them skips shifts nothing
//! for the other. One value is one stream: a portable, named generator seeded by a mixing hash of
//! the key, so a sampler may take as many words as it likes and nobody else notices.
//!
//! No key is drawn twice in a run: debug builds remember the keys and assert it, of each [`Draws`] by itself. A
//! run has several, of which nobody asserts that they share no key.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

#[cfg(debug_assertions)]
use std::{cell::RefCell, collections::BTreeSet};

/// What the replications of a command are for. Replications of different stages share no draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// `squall run`.
    Run = 1,
    /// Searching for settings.
    Search = 2,
    /// Choosing among the best of a search.
    Select = 3,
    /// Certifying what was chosen.
    Certify = 4,
}

/// What a draw decides. The name is part of the key, so two purposes never share a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Purpose {
    /// The gap before the n-th arrival.
    Arrival = 1,
    /// Which client process a call belongs to.
    Process,
    /// A call's prompt tokens.
    InputTokens,
    /// The length of a call's complete answer.
    OutputTokens,
    /// A call's priority.
    Priority,
    /// The network on the way to the provider, per try.
    NetworkOut,
    /// The network on the way back, per try.
    NetworkBack,
    /// Service noise of the first token, per try.
    FirstToken,
    /// Service noise of the decoding, per try.
    Decode,
    /// Whether a try meets the error rate of its moment.
    ErrorCoin,
    /// Whether an answer is truly good.
    QualityCoin,
    /// The length of the n-th good or bad spell of an error regime.
    Regime,
    /// The jitter of a client's wait.
    Jitter,
    /// The jitter on a wait that the server asked for.
    ServerWaitJitter,
    /// When a limiter forgets what it has learned, per attempt.
    LimiterProbe,
    /// The jitter of a breaker's open time, per trip.
    OpenJitter,
    /// Where a breaker's ramp begins to count, per trip.
    RampStart,
    /// Whether a throttle holds an attempt back, each time it is asked.
    Throttle,
    /// Which endpoint a route prefers, per call and look.
    Route,
    /// Whether a cached answer to a call exists.
    CachedAnswer,
    /// Whether rules cover a call.
    RuleAnswer,
    /// Whether an answer in JSON can be read, per try.
    ContentCoin,
    /// Whether a judge finds fault with an answer, per judgement.
    Judgement,
    /// Whether an answer is shown to the judge, per attempt.
    JudgeSample,
    /// Whether a monitor is given an observation, per monitor and attempt.
    MonitorSample,
    /// The user of a call.
    User,
    /// The noise of an answer's embedding, per try and coordinate.
    Embedding,
    /// What a call needs of an endpoint, per capability.
    Needs,
    /// When the n-th incident of a fault begins, how long it lasts and how bad it is.
    Incident,
    /// Whether a fault that hits only some requests hits this one.
    Struck,
    /// How far an answer comes that a fault breaks off, per try.
    CutPoint,
    /// How often a request is lost on its way and sent again below the client, per try.
    PacketLoss,
    /// Whether a status page tells of the n-th time a fault is on.
    StatusPage,
    /// The share of limits that other tenants take, per place and step.
    OtherTenants,
    /// A second way back within one try, of what it read, per try.
    ReadBack,
    /// A second way out within one try, of what it writes, per try.
    WriteOut,
    /// How long slots take to come that an autoscaler orders, per provider and order.
    ScaleOut,
    /// Where a level that wanders passes, per provider and path, by number.
    Level,
    /// The noise of service that all tries of a call have in common.
    CallNoise,
    /// How long a provider takes to warm up after idling, per provider and time.
    WarmUp,
    /// Whether a try meets a cold start.
    ColdCoin,
    /// How long the cold start of a try takes.
    ColdStart,
    /// The state of the arrivals: which comes next, and how long it lasts.
    ArrivalState,
    /// How many calls the n-th batch has.
    BatchSize,
    /// How long somebody thinks, or a tool takes, before the next call.
    Think,
    /// How long a caller waits for an answer, and whether and when he asks again.
    Patience,
    /// What kind of conversation it is.
    Conversation,
    /// Whose call it is among tenants.
    Tenant,
    /// Whether a provider's cache has the beginning of a prompt, per try.
    CacheCoin,
    /// What a call is about, per call.
    Task,
    /// Free for tests of the keys themselves.
    Probe,
}

/// One more than the highest purpose: the length of a table of them. A new purpose does not compile
/// before it is looked at here.
const PURPOSES: usize = {
    let last = Purpose::Probe;
    match last {
        Purpose::Arrival
        | Purpose::Process
        | Purpose::InputTokens
        | Purpose::OutputTokens
        | Purpose::Priority
        | Purpose::NetworkOut
        | Purpose::NetworkBack
        | Purpose::FirstToken
        | Purpose::Decode
        | Purpose::ErrorCoin
        | Purpose::QualityCoin
        | Purpose::Regime
        | Purpose::Jitter
        | Purpose::ServerWaitJitter
        | Purpose::LimiterProbe
        | Purpose::OpenJitter
        | Purpose::RampStart
        | Purpose::Throttle
        | Purpose::Route
        | Purpose::CachedAnswer
        | Purpose::RuleAnswer
        | Purpose::ContentCoin
        | Purpose::Judgement
        | Purpose::JudgeSample
        | Purpose::MonitorSample
        | Purpose::User
        | Purpose::Embedding
        | Purpose::Needs
        | Purpose::Incident
        | Purpose::Struck
        | Purpose::CutPoint
        | Purpose::PacketLoss
        | Purpose::StatusPage
        | Purpose::OtherTenants
        | Purpose::ReadBack
        | Purpose::WriteOut
        | Purpose::ScaleOut
        | Purpose::Level
        | Purpose::CallNoise
        | Purpose::WarmUp
        | Purpose::ColdCoin
        | Purpose::ColdStart
        | Purpose::ArrivalState
        | Purpose::BatchSize
        | Purpose::Think
        | Purpose::Patience
        | Purpose::Conversation
        | Purpose::Tenant
        | Purpose::CacheCoin
        | Purpose::Task => panic!("`Probe` is the last"),
        Purpose::Probe => last as usize + 1,
    }
};

/// The root of one run's draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root(u64);

impl Root {
    /// hash(seed, stage, replication): never `seed + replication`, with which seeds 1 and 2 would
    /// share all replications but one.
    pub fn new(seed: u64, stage: Stage, replication: u32) -> Root {
        let stage_word = (stage as u64) << 32 | u64::from(replication);
        Root(mix(
            mix(seed ^ 0x5c0a_11ed_5ea5_0c0d).wrapping_add(stage_word)
        ))
    }
}

/// A source of keyed draws for one run.
#[derive(Debug)]
pub struct Draws {
    /// The root with each purpose mixed in.
    stems: [u64; PURPOSES],
    #[cfg(debug_assertions)]
    seen: RefCell<BTreeSet<(Purpose, u64, u64)>>,
}

impl Draws {
    /// Draws under a root.
    pub fn new(root: Root) -> Draws {
        let stem = |purpose: usize| stem(root, purpose as u64);
        Draws {
            stems: std::array::from_fn(stem),
            #[cfg(debug_assertions)]
            seen: RefCell::new(BTreeSet::new()),
        }
    }

    /// One uniform in the open interval (0, 1), on a grid of 2⁻⁵³.
    ///
    /// # Panics
    /// In debug builds, if the key was drawn before.
    #[inline]
    pub fn unit(&self, purpose: Purpose, entity: u64, ordinal: u64) -> f64 {
        self.audit(purpose, entity, ordinal);
        self.lot(purpose, entity, ordinal)
    }

    /// The same for what is a trait of its entity, such as whether a user sits on a bad server: it
    /// may be looked at as often as one likes, for it is drawn once and kept nowhere. A purpose is
    /// for lots alone or for units alone.
    #[inline]
    pub fn lot(&self, purpose: Purpose, entity: u64, ordinal: u64) -> f64 {
        let key = key(self.stems[purpose as usize], entity, ordinal);
        let word = Xoshiro256PlusPlus::seed_from_u64(key).next_u64();
        // Half a step off zero: inverses at 0 and 1 are infinite.
        ((word >> 11) as f64 + 0.5) * (1.0 / (1u64 << 53) as f64)
    }

    #[cfg(debug_assertions)]
    fn audit(&self, purpose: Purpose, entity: u64, ordinal: u64) {
        let fresh = self.seen.borrow_mut().insert((purpose, entity, ordinal));
        assert!(
            fresh,
            "the key ({purpose:?}, {entity:#x}, {ordinal}) was drawn twice"
        );
    }

    #[cfg(not(debug_assertions))]
    #[inline]
    fn audit(&self, _: Purpose, _: u64, _: u64) {}
}

/// Stafford's thirteenth variant of the MurmurHash3 finalizer (the mixer of SplitMix64).
#[inline]
pub(super) fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Purpose, entity and ordinal enter one after the other, each through the full mixer and each
/// with its own odd multiplier, so neighbouring keys share nothing.
#[inline]
fn key(stem: u64, entity: u64, ordinal: u64) -> u64 {
    let b = mix(stem ^ entity.wrapping_mul(0xd1b5_4a32_d192_ed03));
    mix(b ^ ordinal
        .wrapping_mul(0xaef1_7502_108e_f2d9)
        .wrapping_add(GOLDEN))
}

/// A root with a purpose mixed in.
fn stem(root: Root, purpose: u64) -> u64 {
    mix(root.0 ^ purpose.wrapping_mul(GOLDEN))
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::*;

    fn pearson(a: &[f64], b: &[f64]) -> f64 {
        let n = a.len() as f64;
        let (ma, mb) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
        let (mut sab, mut saa, mut sbb) = (0.0, 0.0, 0.0);
        for (x, y) in a.iter().zip(b) {
            sab += (x - ma) * (y - mb);
            saa += (x - ma) * (x - ma);
            sbb += (y - mb) * (y - mb);
        }
        sab / (saa * sbb).sqrt()
    }

    /// The rule of the reference: |r| ≤ 4/√n over a million neighbouring keys.
    #[test]
    fn neighbouring_keys_are_uncorrelated() {
        const N: u64 = 1_000_000;
        let root = Root::new(1, Stage::Run, 0);
        let other = Root::new(1, Stage::Run, 1);
        let next_seed = Root::new(2, Stage::Run, 0);
        let draw = |r, p, e, o| {
            let word = Xoshiro256PlusPlus::seed_from_u64(key(stem(r, p as u64), e, o)).next_u64();
            (word >> 11) as f64 / (1u64 << 53) as f64
        };
        let call = |n| CALL | n;
        const CALL: u64 = 1 << 48;
        let base: Vec<f64> = (0..N)
            .map(|i| draw(root, Purpose::Probe, call(i), 0))
            .collect();
        let limit = 4.0 / (N as f64).sqrt();
        let mean = base.iter().sum::<f64>() / N as f64;
        assert!(
            (mean - 0.5).abs() < 4.0 / (12.0 * N as f64).sqrt(),
            "mean {mean}"
        );
        type Neighbour<'a> = (&'a str, Box<dyn Fn(u64) -> f64 + 'a>);
        let neighbours: [Neighbour<'_>; 6] = [
            (
                "entity",
                Box::new(|i| draw(root, Purpose::Probe, call(i + 1), 0)),
            ),
            (
                "ordinal",
                Box::new(|i| draw(root, Purpose::Probe, call(i), 1)),
            ),
            (
                "endpoint",
                Box::new(|i| draw(root, Purpose::Probe, call(i), 1 << 16)),
            ),
            (
                "purpose",
                Box::new(|i| draw(root, Purpose::Jitter, call(i), 0)),
            ),
            (
                "replication",
                Box::new(|i| draw(other, Purpose::Probe, call(i), 0)),
            ),
            (
                "seed",
                Box::new(|i| draw(next_seed, Purpose::Probe, call(i), 0)),
            ),
        ];
        for (what, neighbour) in neighbours {
            let there: Vec<f64> = (0..N).map(neighbour).collect();
            let r = pearson(&base, &there);
            assert!(
                r.abs() <= limit,
                "neighbours by {what}: r = {r}, limit {limit}"
            );
        }
    }

    #[test]
    fn a_draw_is_a_pure_function_of_its_key() {
        let root = Root::new(7, Stage::Run, 3);
        let (a, b) = (Draws::new(root), Draws::new(root));
        b.unit(Purpose::Decode, 1, 1);
        assert_eq!(
            a.unit(Purpose::Jitter, 42, 0),
            b.unit(Purpose::Jitter, 42, 0)
        );
        assert_ne!(
            a.unit(Purpose::Jitter, 42, 1),
            b.unit(Purpose::Jitter, 43, 0)
        );
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "was drawn twice")]
    fn drawing_a_key_twice_is_caught() {
        let draws = Draws::new(Root::new(1, Stage::Run, 0));
        draws.unit(Purpose::Jitter, 1, 1);
        draws.unit(Purpose::Jitter, 1, 1);
    }
}
