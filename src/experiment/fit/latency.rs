//! The law of service times of one endpoint, from its answers.
//!
//! With times to the first token: their law, and that of the time per token after it. Where longer prompts make
//! the first token later by enough to be seen, a line in the prompt with log-normal noise is tried first, for it
//! keeps the dependence. Without them: the slope of the whole time over the answer's tokens (a median line), and
//! the law of what is left.

use super::distance::Distance;
use super::drawn::{self, Answer};
use super::law::{Fitted, Unit};
use super::log::{Attempt, Outcome};
use crate::base::dist::Sampler;

/// A fitted latency.
#[derive(Clone, Debug, PartialEq)]
pub struct Latency {
    /// Its law.
    pub law: Law,
    /// How far its whole times are from the measured ones, drawn for the recorded prompts and answers.
    pub whole: Option<Distance>,
    /// How far its first tokens are.
    pub first_token: Option<Distance>,
    /// Spearman's rank correlation of prompt and first token (without first tokens: of prompt and whole time).
    pub prompt_rank: f64,
}

/// The two kinds that are written.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one for each provider of a log"
)]
pub enum Law {
    /// `latency.linear`: base and slope per token in seconds, sigma, time per token and its sigma.
    Linear(Line),
    /// `latency.distribution`: the first token, and the time per token if there is one.
    Distribution(Fitted, Option<Fitted>),
}

/// A line in the prompt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Seconds for an empty prompt.
    pub base_s: f64,
    /// Seconds per prompt token.
    pub slope_s: f64,
    /// Of the noise of the first token.
    pub sigma: f64,
    /// Seconds per answer token.
    pub per_token_s: f64,
    /// Of its noise.
    pub per_token_sigma: f64,
}

/// Fewer answers than these have no law.
pub const FEWEST: usize = 30;

/// Fits the answers of an endpoint; None if too few of them say how long they took.
pub fn fit<'a>(attempts: impl Iterator<Item = &'a Attempt>) -> Option<Latency> {
    let answered = attempts.filter(|a| a.outcome == Outcome::Answered);
    let answers: Vec<Answer> = answered.map(Answer::of).collect();
    let streamed = answers.iter().copied().filter(|a| a.first_s.is_some());
    let streamed: Vec<Answer> = streamed.collect();
    if streamed.len() >= FEWEST {
        return of_streamed(&streamed);
    }
    let whole: Vec<Answer> = answers
        .into_iter()
        .filter(|a| a.whole_s.is_some())
        .collect();
    if whole.len() >= FEWEST {
        of_whole(&whole)
    } else {
        None
    }
}

/// Ranks that differ by less say nothing of a line.
const SEEN: f64 = 0.2;

fn of_streamed(answers: &[Answer]) -> Option<Latency> {
    let firsts: Vec<f64> = answers.iter().filter_map(|a| a.first_s).collect();
    let prompts: Vec<f64> = answers.iter().map(|a| a.prompt).collect();
    let paces: Vec<f64> = answers.iter().filter_map(Answer::pace_s).collect();
    let pace = match paces.len() >= FEWEST {
        true => Fitted::of(paces.clone(), Unit::Seconds),
        false => None,
    };
    let prompt_rank = rank_correlation(&prompts, &firsts);
    let free = Law::Distribution(Fitted::of(firsts.clone(), Unit::Seconds)?, pace);
    let mut latency = measured(free, answers, prompt_rank);
    if prompt_rank > SEEN {
        let line = measured(
            Law::Linear(line(&prompts, &firsts, &paces)),
            answers,
            prompt_rank,
        );
        let close = |d: &Option<Distance>| d.as_ref().is_none_or(Distance::is_close);
        if close(&line.first_token) && (close(&line.whole) || !close(&latency.whole)) {
            latency = line;
        }
    }
    Some(latency)
}

fn of_whole(answers: &[Answer]) -> Option<Latency> {
    let wholes: Vec<f64> = answers.iter().filter_map(|a| a.whole_s).collect();
    let outputs: Vec<f64> = answers.iter().map(|a| a.tokens).collect();
    let prompts: Vec<f64> = answers.iter().map(|a| a.prompt).collect();
    let (base, slope) = median_line(&outputs, &wholes);
    // What is left for the first token is more than nothing.
    let least = (base * 0.1).max(0.001);
    let left: Vec<f64> = wholes
        .iter()
        .zip(&outputs)
        .map(|(t, n)| (t - slope * (n - 1.0)).max(least))
        .collect();
    let pace = (slope > 1e-6)
        .then(|| Fitted::of(vec![slope], Unit::Seconds))
        .flatten();
    let law = Law::Distribution(Fitted::of(left, Unit::Seconds)?, pace);
    Some(measured(law, answers, rank_correlation(&prompts, &wholes)))
}

/// A law with its distances.
fn measured(law: Law, answers: &[Answer], prompt_rank: f64) -> Latency {
    let (first, pace) = law.samplers();
    let (line, per_token) = match &law {
        Law::Linear(line) => (Some(*line), line.per_token_s),
        Law::Distribution(..) => (None, 1.0),
    };
    let median = |answer: &Answer| line.map_or(1.0, |l| l.base_s + l.slope_s * answer.prompt);
    let [first_token, whole] = drawn::distances(
        answers,
        |answer, u| median(answer) * first.at(u),
        |_, u| per_token * pace.at(u),
    );
    Latency {
        law,
        whole,
        first_token,
        prompt_rank,
    }
}

impl Law {
    /// Of the first token and of the time per token; factors for a line.
    fn samplers(&self) -> (Sampler, Sampler) {
        match self {
            Law::Linear(line) => (noise(line.sigma), noise(line.per_token_sigma)),
            Law::Distribution(first, pace) => (
                first.sampler(),
                pace.as_ref()
                    .map_or(Sampler::Constant(0.0), Fitted::sampler),
            ),
        }
    }
}

fn noise(sigma: f64) -> Sampler {
    match sigma > 0.0 {
        true => Sampler::LogNormal { mu: 0.0, sigma },
        false => Sampler::Constant(1.0),
    }
}

/// A line in the prompt, with what is left as log-normal noise around it.
fn line(prompts: &[f64], firsts: &[f64], paces: &[f64]) -> Line {
    let (base_s, slope_s) = super::line::by_ratios(median_line(prompts, firsts), prompts, firsts);
    let ratios = prompts
        .iter()
        .zip(firsts)
        .map(|(p, t)| libm::log((t / (base_s + slope_s * p)).max(1e-6)));
    let (_, sigma) = moments(ratios.collect());
    let (mu, per_token_sigma) = moments(
        paces
            .iter()
            .filter(|p| **p > 0.0)
            .map(|p| libm::log(*p))
            .collect(),
    );
    let rounded = |x: f64| libm::round(x * 1e4) / 1e4;
    Line {
        base_s,
        slope_s,
        sigma: rounded(sigma.min(3.0)),
        per_token_s: if paces.is_empty() { 0.0 } else { libm::exp(mu) },
        per_token_sigma: rounded(per_token_sigma.min(3.0)),
    }
}

fn moments(values: Vec<f64>) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

/// Intercept and slope of a line through medians: of eight groups of equal size by x, the medians of both; the
/// slope is the median over pairs of groups, weighted by how far apart they are (Theil and Sen; Jaeckel, 1972), the
/// intercept the median of what is left.
fn median_line(x: &[f64], y: &[f64]) -> (f64, f64) {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|a, b| x[*a].total_cmp(&x[*b]));
    let groups = order.chunks(order.len().div_ceil(8).max(1));
    let middle = |group: &[usize]| {
        let of = |values: &[f64]| median(group.iter().map(|i| values[*i]).collect());
        (of(x), of(y))
    };
    let middles: Vec<(f64, f64)> = groups.map(middle).collect();
    let mut slopes = Vec::new();
    for (i, a) in middles.iter().enumerate() {
        let others = middles[i + 1..].iter().filter(|b| b.0 > a.0);
        slopes.extend(others.map(|b| ((b.1 - a.1) / (b.0 - a.0), b.0 - a.0)));
    }
    let slope = weighted_median(slopes).max(0.0);
    let base = median(x.iter().zip(y).map(|(x, y)| y - slope * x).collect());
    (base, slope)
}

/// The value with half of all weight at or below it; 0 of nothing.
fn weighted_median(mut values: Vec<(f64, f64)>) -> f64 {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f64 = values.iter().map(|(_, weight)| weight).sum();
    let mut below = 0.0;
    let middle = values.iter().find(|(_, weight)| {
        below += weight;
        below >= all / 2.0
    });
    middle.map_or(0.0, |(value, _)| *value)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    super::distance::quantile(&values, 0.5)
}

/// Spearman's rank correlation; 0 where one of the two is always the same.
pub(super) fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    let (ra, rb) = (ranks(a), ranks(b));
    let ((ma, sa), (mb, sb)) = (moments(ra.clone()), moments(rb.clone()));
    let n = a.len().max(1) as f64;
    let together = ra
        .iter()
        .zip(&rb)
        .map(|(x, y)| (x - ma) * (y - mb))
        .sum::<f64>()
        / n;
    if sa * sb > 0.0 {
        together / (sa * sb)
    } else {
        0.0
    }
}

/// Ranks; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let same = |i: &&usize| values[**i] == values[order[from]];
        let n = order[from..].iter().take_while(same).count();
        let rank = from as f64 + (n - 1) as f64 / 2.0;
        order[from..from + n].iter().for_each(|i| ranks[*i] = rank);
        from += n;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_know_rising_falling_and_nothing() {
        let up = [1.0, 2.0, 2.0, 9.0];
        assert!((rank_correlation(&up, &up) - 1.0).abs() < 1e-12);
        let down: Vec<f64> = up.iter().map(|x| -x).collect();
        assert!((rank_correlation(&up, &down) + 1.0).abs() < 1e-12);
        assert_eq!(rank_correlation(&up, &[3.0; 4]), 0.0);
    }

    #[test]
    fn a_median_line_is_not_moved_by_a_tenth_of_giants() {
        let x: Vec<f64> = (0..400).map(f64::from).collect();
        let giant = |i: usize| if i % 10 == 3 { 500.0 } else { 0.0 };
        let y: Vec<f64> = x
            .iter()
            .enumerate()
            .map(|(i, x)| 2.0 + 0.01 * x + giant(i))
            .collect();
        let (base, slope) = median_line(&x, &y);
        assert!(
            (slope / 0.01 - 1.0).abs() < 0.05 && (base - 2.0).abs() < 0.2,
            "{base} {slope}"
        );
    }
}
