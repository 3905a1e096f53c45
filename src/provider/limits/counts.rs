//! What a request takes of a limit: one, or an estimate of its tokens made before it is answered.

use serde::Deserialize;

use crate::base::Check;

/// Settings of `counts`: a·prompt and b·max-tokens, their sum or the larger of them.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// What a token of the prompt counts for.
    pub prompt: f64,
    /// What a token of max-tokens counts for: 0 reserves nothing for the answer.
    pub max_tokens: f64,
    /// How limits on both together count.
    pub by: By,
    /// Of what another token of the prompt counts for, the part that one counts for which the provider's
    /// cache has (Anthropic: 0).
    pub cached: f64,
    /// The same once the answer is over, where reservations are corrected (Bedrock: 0). Absent: as before.
    pub cached_at_end: Option<f64>,
}

/// How prompt and max-tokens count together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// Their sum.
    #[default]
    Sum,
    /// The larger of the two.
    Larger,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            prompt: 1.0,
            max_tokens: 1.0,
            by: By::Sum,
            cached: 1.0,
            cached_at_end: None,
        }
    }
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        for (key, weight) in [("prompt", self.prompt), ("max-tokens", self.max_tokens)] {
            if !(0.0..=100.0).contains(&weight) {
                check.mistake(key, "what a token counts for", "not between 0 and 100");
            }
        }
        let parts = [
            ("cached", Some(self.cached)),
            ("cached-at-end", self.cached_at_end),
        ];
        for (key, part) in parts {
            if part.is_some_and(|part| !(0.0..=1.0).contains(&part)) {
                check.mistake(
                    key,
                    "a part of what a token counts for",
                    "not between 0 and 1",
                );
            }
        }
    }

    /// Whether it matters at admission what a cache has.
    pub fn looks_into_cache(&self) -> bool {
        self.cached != 1.0
    }

    fn weights(&self) -> Weights {
        let mille = |weight: f64| (weight * 1000.0 + 0.5) as u32;
        Weights {
            prompt: mille(self.prompt),
            answer: mille(self.max_tokens),
            answer_at_end: 1000,
            larger: self.by == By::Larger,
            cached: mille(self.prompt * self.cached),
            cached_at_end: mille(self.prompt * self.cached_at_end.unwrap_or(self.cached)),
        }
    }
}

/// What a request asks for, as its provider sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Tokens of its prompt.
    pub prompt: u64,
    /// The longest answer it asks for.
    pub max: u64,
    /// Of its prompt, what its provider's cache has.
    pub cached: u64,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// Each request as one.
    Requests,
    /// Prompt tokens and the reserved answer together.
    Tokens,
    /// Prompt tokens.
    Prompt,
    /// The reserved answer.
    Answer,
    /// Tokens, not each as one.
    Weighed(Weights),
}

/// Thousandths that a token counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Weights {
    prompt: u32,
    answer: u32,
    /// A token of the answer, once it is known.
    answer_at_end: u32,
    larger: bool,
    /// A token of the prompt that the cache has, at admission and at the end.
    cached: u32,
    cached_at_end: u32,
}

impl Weights {
    /// `cached` tokens of the prompt count for `each`.
    fn of(self, asked: Asked, (answer, per_answer): (u64, u32), each: u32) -> u64 {
        let cached = asked.cached.min(asked.prompt);
        let uncached = (asked.prompt - cached).saturating_mul(self.prompt.into());
        let prompt = uncached.saturating_add(cached.saturating_mul(each.into()));
        let answer = answer.saturating_mul(per_answer.into());
        let both = match self.larger {
            true => prompt.max(answer),
            false => prompt.saturating_add(answer),
        };
        both.div_ceil(1000)
    }
}

impl Counted {
    /// The same with a scenario's weights.
    pub(super) fn weighed(self, config: &Config) -> Counted {
        if *config == Config::default() {
            return self;
        }
        let all = config.weights();
        match self {
            Counted::Tokens => Counted::Weighed(all),
            Counted::Prompt => Counted::Weighed(Weights {
                answer: 0,
                answer_at_end: 0,
                ..all
            }),
            Counted::Answer => Counted::Weighed(Weights {
                prompt: 0,
                cached: 0,
                cached_at_end: 0,
                ..all
            }),
            Counted::Requests | Counted::Weighed(_) => self,
        }
    }

    /// What it takes for one request.
    #[inline]
    pub(super) fn wanted(self, asked: Asked) -> u64 {
        match self {
            Counted::Requests => 1,
            Counted::Tokens => asked.prompt + asked.max,
            Counted::Prompt => asked.prompt,
            Counted::Answer => asked.max,
            // Where nothing is reserved, one token must be left to come in.
            Counted::Weighed(by) => by.of(asked, (asked.max, by.answer), by.cached).max(1),
        }
    }

    /// What it has taken once the answer is known, if each token of that counts for `burndown`.
    pub(super) fn used(self, asked: Asked, produced: u64, burndown: u64) -> u64 {
        let answer = produced.saturating_mul(burndown);
        match self {
            Counted::Requests => 1,
            Counted::Tokens => asked.prompt + answer,
            Counted::Prompt => asked.prompt,
            Counted::Answer => answer,
            Counted::Weighed(by) => by.of(asked, (answer, by.answer_at_end), by.cached_at_end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Asked = Asked {
        prompt: 1000,
        max: 300,
        cached: 0,
    };

    #[test]
    fn the_estimate_is_the_sum_or_the_larger_of_what_is_weighed() {
        let wanted = |prompt, max_tokens, by| {
            let config = Config {
                prompt,
                max_tokens,
                by,
                ..Config::default()
            };
            Counted::Tokens.weighed(&config).wanted(ASKED)
        };
        assert_eq!(wanted(1.0, 1.0, By::Sum), 1300);
        assert_eq!(wanted(1.0, 1.0, By::Larger), 1000);
        assert_eq!(wanted(1.0, 5.0, By::Larger), 1500);
        assert_eq!(wanted(0.1, 0.5, By::Sum), 250);
        assert_eq!(wanted(1.0, 0.0, By::Sum), 1000);
    }

    /// Whatever else a token counts for, prompts stay prompts and answers answers, before and after.
    #[test]
    fn a_limit_on_one_side_never_counts_the_other() {
        let config = Config {
            prompt: 0.5,
            cached: 0.0,
            ..Config::default()
        };
        let asked = Asked {
            cached: 400,
            ..ASKED
        };
        let both = |counted: Counted| {
            let weighed = counted.weighed(&config);
            (weighed.wanted(asked), weighed.used(asked, 70, 1))
        };
        assert_eq!(both(Counted::Prompt), (300, 300));
        assert_eq!(both(Counted::Answer), (300, 70));
        assert_eq!(both(Counted::Tokens), (600, 370));
    }

    /// Bedrock reserves what its cache has, and gives it back at the end.
    #[test]
    fn what_a_cache_has_may_count_until_the_end_and_not_after_it() {
        let config = Config {
            cached_at_end: Some(0.0),
            ..Config::default()
        };
        let asked = Asked {
            cached: 400,
            ..ASKED
        };
        let weighed = Counted::Tokens.weighed(&config);
        assert_eq!(
            (weighed.wanted(asked), weighed.used(asked, 100, 5)),
            (1300, 1100)
        );
    }

    #[test]
    fn an_answer_that_is_known_counts_by_its_length_and_its_burndown() {
        for counted in [Counted::Tokens, Counted::Answer, Counted::Prompt] {
            let prompt = if counted == Counted::Answer { 0 } else { 1000 };
            let answer = if counted == Counted::Prompt { 0 } else { 100 };
            assert_eq!(counted.used(ASKED, 100, 1), prompt + answer);
            assert_eq!(counted.used(ASKED, 100, 5), prompt + 5 * answer);
        }
    }
}
