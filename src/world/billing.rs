//! Bills: the tokens of a job by class, and what they cost.

use crate::base::Usage;
use crate::base::units::Price;
use crate::provider::Config;
use crate::provider::billing::Rule;

use super::job::{Bill, Job, Phase};
use super::state::World;

/// Billed tokens that have a price of their own: parts of the prompt's and the answer's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Classes {
    /// Prompt tokens found in the provider's cache.
    pub cached_input: u32,
    /// Prompt tokens that the cache took in.
    pub cache_write: u32,
    /// Answer tokens that were thought and not said.
    pub reasoning: u32,
}

/// A provider's prices and rules.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tariff {
    input: Price,
    output: Price,
    cached_input: Price,
    cache_write: Price,
    reasoning: Price,
    /// The share of an answer's tokens that are reasoning.
    reasoning_share: f64,
    /// The shortest prompt that its cache takes in; None without a cache.
    taken_in: Option<u32>,
    /// Whether there are classes at all.
    pub(super) has_classes: bool,
    pub(super) abandoned: Rule,
    pub(super) truncated: Rule,
    errors: Rule,
    refused: Rule,
}

impl Tariff {
    pub(super) fn new(config: &Config) -> Tariff {
        let price = config.price;
        Tariff {
            input: price.input,
            output: price.output,
            cached_input: price.cached(),
            cache_write: price.cache_write.unwrap_or(price.input),
            reasoning: price.reasoning.unwrap_or(price.output),
            reasoning_share: config.reasoning.0,
            taken_in: config.cache.map(|cache| cache.min_tokens),
            has_classes: config.cache.is_some() || config.reasoning.0 > 0.0,
            abandoned: config.billed.on_abandoned(config.abandoned),
            truncated: config.billed.truncated,
            errors: config.billed.errors,
            refused: config.billed.refused,
        }
    }

    /// The same at prices so many times as high.
    pub(super) fn scaled(&self, factor: f64) -> Tariff {
        let scaled = |price: Price| Price {
            pico_per_token: (price.pico_per_token as f64 * factor + 0.5) as u64,
        };
        Tariff {
            input: scaled(self.input),
            output: scaled(self.output),
            cached_input: scaled(self.cached_input),
            cache_write: scaled(self.cache_write),
            reasoning: scaled(self.reasoning),
            ..self.clone()
        }
    }

    /// What a status is charged for.
    pub(super) fn on_status(&self, status: u16) -> Rule {
        match status {
            500.. => self.errors,
            _ => self.refused,
        }
    }

    /// The tokens of a bill that have prices of their own.
    fn classes(&self, prompt: u32, cached: u32, answer: u32) -> Classes {
        let taken_in = self.taken_in.is_some_and(|least| prompt >= least);
        Classes {
            cached_input: cached,
            cache_write: if taken_in { prompt - cached } else { 0 },
            reasoning: ((f64::from(answer) * self.reasoning_share + 0.5) as u32).min(answer),
        }
    }
}

impl<N> Job<N> {
    /// Its bill in tokens and money.
    pub(super) fn usage(&self, tariff: &Tariff) -> Usage {
        let Bill::Answered(answer) = self.bill else {
            return Usage::default();
        };
        let prompt = self.request.prompt_tokens;
        let cost =
            |tokens: u32, price: Price| u128::from(tokens) * u128::from(price.pico_per_token);
        let mut pico_usd = cost(prompt, tariff.input) + cost(answer, tariff.output);
        if tariff.has_classes {
            let Classes {
                cached_input,
                cache_write,
                reasoning,
            } = tariff.classes(prompt, self.cached, answer);
            pico_usd = cost(cached_input, tariff.cached_input)
                + cost(cache_write, tariff.cache_write)
                + cost(prompt - cached_input - cache_write, tariff.input)
                + cost(answer - reasoning, tariff.output)
                + cost(reasoning, tariff.reasoning);
        }
        Usage {
            input_tokens: u64::from(prompt),
            output_tokens: u64::from(answer),
            // Only more than 10⁸ tokens at absurd prices come near the end of a u64.
            pico_usd: u64::try_from(pico_usd).unwrap_or(u64::MAX),
        }
    }

    /// What stands on its bill by this rule if it ends now.
    pub(super) fn charged(&self, rule: Rule, now: crate::base::Instant) -> Bill {
        let begun = match self.bill_by(now) {
            Bill::Answered(tokens) => Some(tokens),
            Bill::Open | Bill::Nothing => None,
        };
        match (rule, begun) {
            (Rule::SoFar | Rule::ToEnd, Some(tokens)) => Bill::Answered(tokens),
            (Rule::Prompt, Some(_)) => Bill::Answered(0),
            (Rule::Nothing, _) | (_, None) => Bill::Nothing,
        }
    }
}

impl<N> World<N> {
    /// A client went away: what its provider charges for by its rule, as far as that is known now.
    pub(super) fn charge_abandoned(&mut self, now: crate::base::Instant, job: u32) {
        let p = &self.providers[self.jobs[job].provider()];
        let (rule, clock) = (p.tariff.abandoned, p.clock(now));
        let state = &mut self.jobs[job];
        match (state.phase, rule) {
            // What is produced from here on counts.
            (
                Phase::Outbound { .. } | Phase::Queued | Phase::Serving(_) | Phase::Sharing(_),
                Rule::ToEnd,
            ) => {}
            (Phase::Outbound { .. } | Phase::Queued, _) => state.bill = Bill::Nothing,
            (Phase::Serving(_) | Phase::Sharing(_), rule) => {
                state.bill = state.charged(rule, clock);
            }
            (Phase::Stalled { .. }, rule) if !state.settled => {
                state.bill = state.charged(rule, clock)
            }
            (Phase::Stalled { .. } | Phase::Returning(_) | Phase::Dropped, _) => {}
        }
    }

    /// The tokens of a job's bill that have prices of their own; None if its provider has no such classes or it
    /// is not billed.
    #[inline]
    pub fn classes(&self, job: u32) -> Option<Classes> {
        let job = &self.jobs[job];
        let tariff = &self.providers[job.provider()].tariff;
        match job.bill {
            Bill::Answered(answer) if tariff.has_classes => {
                Some(tariff.classes(job.request.prompt_tokens, job.cached, answer))
            }
            _ => None,
        }
    }
}
