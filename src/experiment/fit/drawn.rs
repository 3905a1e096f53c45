//! What a law of latency would have made of the recorded prompts and answers, and how far that is from what it was.

use super::distance::{Distance, middle};
use super::latency::FEWEST;
use super::log::Attempt;

/// One answer: prompt, answer tokens, first token, whole time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    /// Prompt tokens; none if they were not told.
    pub(super) prompt: f64,
    /// Answer tokens, at least one.
    pub(super) tokens: f64,
    /// Seconds to the first token.
    pub(super) first_s: Option<f64>,
    /// Seconds to the last.
    pub(super) whole_s: Option<f64>,
}

impl Answer {
    pub(super) fn of(attempt: &Attempt) -> Answer {
        Answer {
            prompt: f64::from(attempt.input.unwrap_or(0)),
            tokens: f64::from(attempt.output.unwrap_or(1).max(1)),
            first_s: attempt.first_token_s,
            whole_s: attempt.took_s,
        }
    }

    /// Seconds per token after the first.
    pub(super) fn pace_s(&self) -> Option<f64> {
        let rest = self.tokens - 1.0;
        Some((self.whole_s? - self.first_s?) / rest).filter(|_| rest > 0.0)
    }
}

/// The least number of draws: a law's 99th percentile is known by two hundred of them, however short the log is.
const DRAWS: usize = 20_000;

/// How far first tokens and whole times are; None of what too few answers say. `first` and `pace` are seconds at a
/// share of their laws, for an answer.
///
/// Each answer is drawn for equally often, in an order that has nothing to do with the answers': by two
/// low-discrepancy sequences (Kronecker's, at √2 and the golden ratio), spread evenly, and together too.
pub(super) fn distances(
    answers: &[Answer],
    first: impl Fn(&Answer, f64) -> f64,
    pace: impl Fn(&Answer, f64) -> f64,
) -> [Option<Distance>; 2] {
    let n = answers.len() * DRAWS.div_ceil(answers.len().max(1));
    let spread = |i: usize, step: f64| {
        let share = ((i as f64 + 0.5) * step).fract();
        share.clamp(middle(0, n), middle(n - 1, n))
    };
    let drawn = |i: usize| {
        let answer = &answers[i % answers.len()];
        let start = first(answer, spread(i, 0.414_213_562_373_095_1));
        let each = pace(answer, spread(i, 0.618_033_988_749_894_9));
        (start, start + (answer.tokens - 1.0) * each)
    };
    let (firsts, wholes): (Vec<f64>, Vec<f64>) = (0..n).map(drawn).unzip();
    let distance = |recorded: Vec<f64>, drawn: Vec<f64>| {
        (recorded.len() >= FEWEST).then(|| Distance::between(&sorted(recorded), &sorted(drawn)))
    };
    let recorded = |of: fn(&Answer) -> Option<f64>| answers.iter().filter_map(of).collect();
    [
        distance(recorded(|a| a.first_s), firsts),
        distance(recorded(|a| a.whole_s), wholes),
    ]
}

pub(super) fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_law_that_made_the_answers_is_no_way_off_however_few_they_are() {
        let of = |i: u32| {
            let (u, v) = ((f64::from(i) + 0.5) / 40.0, f64::from((i * 17) % 40) / 40.0);
            Answer {
                prompt: 0.0,
                tokens: 101.0,
                first_s: Some(1.0 + u),
                whole_s: Some(1.0 + u + 100.0 * (0.01 + 0.01 * v)),
            }
        };
        let answers: Vec<Answer> = (0..40).map(of).collect();
        let [first, whole] = distances(&answers, |_, u| 1.0 + u, |_, u| 0.01 + 0.01 * u);
        let (first, whole) = (first.expect("all say it"), whole.expect("all say it"));
        assert!(first.is_close() && first.w1 < 0.01, "{}", first.told());
        assert!(whole.is_close() && whole.w1 < 0.02, "{}", whole.told());
        let [slow, _] = distances(&answers, |_, u| 1.2 * (1.0 + u), |_, _| 0.0);
        assert!((slow.expect("all say it").w1 - 0.2).abs() < 0.01);
    }
}
