//! Metrics of bills: what conversations cost, and which tokens have prices of their own.

use super::{Better, Formula, Metric, metric};
use crate::record::Sums;
use crate::record::replication::UsageRow;

pub(super) const BILLING: [Metric; 6] = [
    metric(
        "cost_usd_per_conversation",
        "usd",
        Better::Lower,
        Formula::Ratio(|s| s.pico_usd(), |s| s.conversations.into(), 1e-12),
        "money per conversation that began",
    ),
    metric(
        "cost_usd_per_conversation_p50",
        "usd",
        Better::Lower,
        Formula::ConversationCost(0.5),
        "median cost of a conversation that began, of its calls that arrived before the end of the run",
    ),
    metric(
        "cost_usd_per_conversation_p95",
        "usd",
        Better::Lower,
        Formula::ConversationCost(0.95),
        "95th percentile of the same",
    ),
    metric(
        "cost_usd_per_conversation_p99",
        "usd",
        Better::Lower,
        Formula::ConversationCost(0.99),
        "99th percentile of the same",
    ),
    metric(
        "cached_input_ratio",
        "ratio",
        Better::Higher,
        Formula::Ratio(cached, prompts, 1.0),
        "billed prompt tokens that a provider's cache had",
    ),
    metric(
        "reasoning_ratio",
        "ratio",
        Better::Neither,
        Formula::Ratio(reasoning, answers, 1.0),
        "billed answer tokens that were thought and not said",
    ),
];

fn sum(sums: &Sums, of: fn(&UsageRow) -> u64) -> u128 {
    sums.usage.iter().map(|row| u128::from(of(row))).sum()
}

fn cached(sums: &Sums) -> u128 {
    sum(sums, |row| row.cached_input_tokens)
}

fn reasoning(sums: &Sums) -> u128 {
    sum(sums, |row| row.reasoning_tokens)
}

/// All prompt tokens; none where no provider has a cache.
fn prompts(sums: &Sums) -> u128 {
    match cached(sums) + sum(sums, |row| row.cache_write_tokens) {
        0 => 0,
        _ => sum(sums, |row| row.input_tokens),
    }
}

/// All answer tokens; none where no provider reasons.
fn answers(sums: &Sums) -> u128 {
    match reasoning(sums) {
        0 => 0,
        _ => sum(sums, |row| row.output_tokens),
    }
}
