//! Metrics of degraded calls: what they ended with, and what became of those that were put off.

use super::{Better, Formula, Metric, metric};

pub(super) const FALLBACKS: [Metric; 6] = [
    metric(
        "degraded_cached_ratio",
        "ratio",
        Better::Neither,
        Formula::Ratio(
            |s| s.fallbacks.given("cached").into(),
            |s| s.degraded.into(),
            1.0,
        ),
        "of degraded calls: those that ended with a cached answer",
    ),
    metric(
        "degraded_rule_ratio",
        "ratio",
        Better::Neither,
        Formula::Ratio(
            |s| s.fallbacks.given("rule").into(),
            |s| s.degraded.into(),
            1.0,
        ),
        "of degraded calls: those that ended with an answer by rules",
    ),
    metric(
        "degraded_message_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(
            |s| s.fallbacks.given("message").into(),
            |s| s.degraded.into(),
            1.0,
        ),
        "of degraded calls: those that ended with a message",
    ),
    metric(
        "degraded_deferred_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(
            |s| s.fallbacks.given("defer").into(),
            |s| s.degraded.into(),
            1.0,
        ),
        "of degraded calls: those that were put off",
    ),
    metric(
        "deferred_answered_ratio",
        "ratio",
        Better::Higher,
        Formula::Ratio(
            |s| s.fallbacks.answered.into(),
            |s| s.fallbacks.given("defer").into(),
            1.0,
        ),
        "of the calls that were put off: answered before the run was over",
    ),
    metric(
        "deferred_lost_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(
            |s| s.fallbacks.lost.into(),
            |s| s.fallbacks.given("defer").into(),
            1.0,
        ),
        "of the calls that were put off: too old before they were answered",
    ),
];
