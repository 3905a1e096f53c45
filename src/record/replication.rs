//! One run of one policy: integer sums, sparse histograms, counts by window.
//!
//! Calls are the cohort that arrives in [warm-up, duration). A scope is that cohort or the part of
//! it that arrived while one fault was on, so every policy is judged on the same calls.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::alert::Alerts;
use super::fallbacks::Fallbacks;
use super::guarding::Guarding;
use super::histogram::Sparse;
use super::refusals::Observed;
use super::zeros;

/// u128 as a decimal string: JSON numbers stop at 2⁵³ for most readers.
pub mod decimal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the number as a string.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &u128, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(value)
    }

    /// Reads the number from a string.
    ///
    /// # Errors
    /// If it is no decimal number.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<u128, D::Error> {
        String::deserialize(d)?.parse().map_err(D::Error::custom)
    }
}

/// Everything one replication of one policy leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Replication {
    /// Which replication, from zero.
    pub index: u32,
    /// Sums by scope: first all calls, then one per fault, in the order of `Results::scopes`.
    pub scopes: Vec<Sums>,
    /// Counts by window of virtual time from 0 to `duration`, all calls, warm-up included.
    pub windows: Windows,
    /// The most attempts other than first ones started in any aligned 100 ms, from the end of the
    /// warm-up to `duration`.
    pub retries_peak_per_100ms: u64,
    /// Recovery after each fault, in the order of the faults; None where it does not apply, and of faults
    /// whose incidents are drawn.
    pub recovery: Vec<Option<Recovery>>,
    /// By fault, if incidents are drawn: recovery after each of them of which it can be told, in order of time;
    /// see [`super::recovery`]. Absent if none are drawn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<Vec<Recovery>>,
    /// Whether it never recovered though it was watched for 60 s or more after the last fault;
    /// None where that does not apply.
    pub lock_up: Option<bool>,
    /// Decisions of breakers to open from the end of the warm-up to `duration`, over all breakers: one
    /// that several endpoints share, or all processes (`trip.scope`), opens once. An open breaker that
    /// is to stay open for longer decides nothing anew.
    pub breaker_trips: u64,
    /// Σ ns breakers were open while their provider was bad / good, over all processes and endpoints,
    /// from the end of the warm-up to `duration`. However many reasons one has, it is open once.
    #[serde(with = "decimal")]
    pub breaker_open_bad_ns: u128,
    /// See [`Self::breaker_open_bad_ns`].
    #[serde(with = "decimal")]
    pub breaker_open_good_ns: u128,
    /// What the policy's drift monitors said.
    pub alerts: Alerts,
    /// When the run ended, in ns of virtual time.
    pub end_ns: u64,
    /// Events the simulator handled.
    pub events: u64,
    /// All calls ever submitted, warm-up and after-run included.
    pub submitted: u64,
}

/// How a run came back after one fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// From the fault's end to the start of the first of three good windows; None: not seen.
    pub recovered_ns: Option<u64>,
    /// How long it was watched: until the next fault or the end.
    pub horizon_ns: u64,
}

/// Integer sums over the calls of one scope.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    /// Calls that arrived.
    pub calls: u64,
    /// Prompt tokens of those calls, each counted once whatever became of it.
    pub prompt_tokens: u64,
    /// Tokens of their complete answers, each counted once whatever became of it.
    pub answer_tokens: u64,
    /// Conversations whose first call is one of those; absent: none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub conversations: u64,
    /// What each of them cost, in nano-dollars: all of its calls that arrived before `duration`, judgements too.
    #[serde(default, skip_serializing_if = "Sparse::is_empty")]
    pub conversation_cost: Sparse,
    /// Calls that sent at least one attempt.
    pub sent_calls: u64,
    /// Calls with a complete answer by the deadline.
    pub success: u64,
    /// Calls that ended with a fallback.
    pub degraded: u64,
    /// Calls without an answer.
    pub failed: u64,
    /// Calls still open when the run was cut.
    pub unfinished: u64,
    /// Successes whose answer was truly good.
    pub good: u64,
    /// Failed calls by reason (names of `Failure`).
    pub failures: BTreeMap<String, u64>,
    /// Attempts by origin: first, retry, failover, hedge.
    pub attempts: [u64; 4],
    /// Of a chain: what each layer sent to the next, the outermost first; the last sent to providers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<u64>,
    /// Attempts that were a half-open breaker's probes.
    pub probes: u64,
    /// Why nothing was sent, by name of `Refusal`; those of a policy that only observes are in `observed`.
    pub refusals: BTreeMap<String, u64>,
    /// HTTP statuses that came back, by status; 200 is a complete answer, or an error within a stream.
    pub statuses: BTreeMap<u16, u64>,
    /// Attempts that were refused for a limit, by name of `Dimension`; as clients saw it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limited: BTreeMap<String, u64>,
    /// Bills, by endpoint, class and outcome.
    pub usage: Vec<UsageRow>,
    /// What degraded calls ended with; absent if there were none.
    #[serde(default, skip_serializing_if = "Fallbacks::is_empty")]
    pub fallbacks: Fallbacks,
    /// What guards on answers found and did.
    #[serde(default, skip_serializing_if = "Guarding::is_empty")]
    pub guarding: Guarding,
    /// What a policy that only observes would have done; absent if that was nothing.
    #[serde(default, skip_serializing_if = "Observed::is_empty")]
    pub observed: Observed,
    /// Time to a good answer; failures, bad, degraded and unfinished calls count as H.
    pub latency_good: Times,
    /// Time to a verdict; unfinished calls count as H.
    pub latency_verdict: Times,
    /// Time to success, successes only.
    pub latency_success: Times,
    /// Time to the first token of the answer that was delivered, streamed successes only.
    pub ttft: Times,
    /// Time a call waited in the client's own queue; calls that waited only.
    pub queue_wait: Times,
    /// From the first attempt to the attempt that answered, calls answered by another endpoint.
    pub failover_added: Times,
}

impl Sums {
    /// All attempts.
    pub fn attempts_total(&self) -> u64 {
        self.attempts.iter().sum()
    }

    /// Attempts that were refused for a limit, of any dimension.
    pub fn limited_total(&self) -> u64 {
        self.limited.values().sum()
    }

    /// Those that were refused for one.
    pub fn limited_by(&self, dimension: &str) -> u64 {
        self.limited.get(dimension).copied().unwrap_or(0)
    }

    /// All money, in pico-dollars.
    pub fn pico_usd(&self) -> u128 {
        self.usage.iter().map(|row| row.pico_usd).sum()
    }

    /// Money for attempts that answered no call, in pico-dollars.
    pub fn pico_usd_wasted(&self) -> u128 {
        self.usage
            .iter()
            .filter(|row| row.outcome == "lost")
            .map(|row| row.pico_usd)
            .sum()
    }

    /// Money for judgements, in pico-dollars.
    pub fn pico_usd_judge(&self) -> u128 {
        let judge = self.usage.iter().filter(|row| row.outcome == "judge");
        judge.map(|row| row.pico_usd).sum()
    }

    /// Answers that came whole and were truly bad.
    pub fn bad_answers(&self) -> u64 {
        self.usage.iter().map(|row| row.bad_answers).sum()
    }

    /// Answers that came whole and were truly good.
    pub fn good_answers(&self) -> u64 {
        let whole = self.statuses.get(&200).copied().unwrap_or(0);
        whole.saturating_sub(self.bad_answers())
    }
}

/// What attempts of one kind were billed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UsageRow {
    /// Name of the endpoint.
    pub endpoint: String,
    /// How the attempts ended (names of `Class`).
    pub class: String,
    /// `won`: its answer was the call's (of a chain also one that nobody waited for further out);
    /// `late`: it answered a call that had been put off; `judge`: no attempts, but requests to a judge;
    /// `lost`:
    /// anything else.
    pub outcome: String,
    /// How many attempts, or requests to a judge.
    pub attempts: u64,
    /// Prompt tokens billed.
    pub input_tokens: u64,
    /// Answer tokens billed.
    pub output_tokens: u64,
    /// Money, in pico-dollars.
    #[serde(with = "decimal")]
    pub pico_usd: u128,
    /// Answers that came whole and were truly bad.
    pub bad_answers: u64,
    /// Of the prompt tokens, those found in the provider's cache; absent: none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cached_input_tokens: u64,
    /// Of the prompt tokens, those that the cache took in; absent: none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cache_write_tokens: u64,
    /// Of the answer tokens, those that were thought and not said; absent: none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reasoning_tokens: u64,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// A quantity of time over many calls.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Times {
    /// How many.
    pub n: u64,
    /// Exact sum in ns.
    #[serde(with = "decimal")]
    pub sum_ns: u128,
    /// Exact maximum in ns.
    pub max_ns: u64,
    /// Counts by value.
    pub histogram: Sparse,
}

/// Counts by window. All lists have one entry per window; the last window ends with the run, and
/// what happens after it is in none. In JSON a run of n zeros is one number, −n.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Windows {
    /// Calls that arrived in the window.
    #[serde(with = "zeros")]
    pub arrived: Vec<u32>,
    /// Of those, how many got a good answer, whenever it came.
    #[serde(with = "zeros")]
    pub arrived_good: Vec<u32>,
    /// Good answers given in the window.
    #[serde(with = "zeros")]
    pub good: Vec<u32>,
    /// Fallback answers given in the window.
    #[serde(with = "zeros")]
    pub degraded: Vec<u32>,
    /// Calls that failed in the window.
    #[serde(with = "zeros")]
    pub failed: Vec<u32>,
    /// Attempts started in the window, by origin.
    #[serde(with = "zeros")]
    pub first: Vec<u32>,
    /// Retries started in the window.
    #[serde(with = "zeros")]
    pub retry: Vec<u32>,
    /// Failovers started in the window.
    #[serde(with = "zeros")]
    pub failover: Vec<u32>,
    /// Hedges started in the window.
    #[serde(with = "zeros")]
    pub hedge: Vec<u32>,
    /// The most attempts other than first ones started in any aligned 100 ms of the window.
    #[serde(with = "zeros")]
    pub retries_peak: Vec<u32>,
    /// By endpoint: Σ over processes of milliseconds its breaker was open in the window.
    #[serde(with = "zeros::lists")]
    pub open_ms: Vec<Vec<u64>>,
}
