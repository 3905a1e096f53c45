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
    }

    fn weights(&self) -> Weights {
        let mille = |weight: f64| (weight * 1000.0 + 0.5) as u32;
        Weights {
            prompt: mille(self.prompt),
            answer: mille(self.max_tokens),
            larger: self.by == By::Larger,
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
    larger: bool,
}

impl Weights {
    fn of(self, prompt: u64, answer: u64, per_answer: u32) -> u64 {
        let prompt = prompt.saturating_mul(self.prompt.into());
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
            Counted::Prompt => Counted::Weighed(Weights { answer: 0, ..all }),
            Counted::Answer => Counted::Weighed(Weights { prompt: 0, ..all }),
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
            Counted::Weighed(by) => by.of(asked.prompt, asked.max, by.answer).max(1),
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
            Counted::Weighed(by) => by.of(asked.prompt, answer, 1000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Asked = Asked {
        prompt: 1000,
        max: 300,
    };

    #[test]
    fn the_estimate_is_the_sum_or_the_larger_of_what_is_weighed() {
        let wanted = |prompt, max_tokens, by| {
            let config = Config {
                prompt,
                max_tokens,
                by,
            };
            Counted::Tokens.weighed(&config).wanted(ASKED)
        };
        assert_eq!(wanted(1.0, 1.0, By::Sum), 1300);
        assert_eq!(wanted(1.0, 1.0, By::Larger), 1000);
        assert_eq!(wanted(1.0, 5.0, By::Larger), 1500);
        assert_eq!(wanted(0.1, 0.5, By::Sum), 250);
        assert_eq!(wanted(1.0, 0.0, By::Sum), 1000);
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
