//! Metrics of refusals: status 429, and what limits were for.

use super::{Better, Formula, Metric, metric};

pub(super) const LIMITED: [Metric; 10] = [
    metric(
        "status_429_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(
            |s| s.statuses.get(&429).copied().unwrap_or(0).into(),
            |s| s.attempts_total().into(),
            1.0,
        ),
        "attempts that were answered with status 429, whatever for: a limit, a storm, a quota, a full provider",
    ),
    metric(
        "limited_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(
            |s| s.limited_total().into(),
            |s| s.attempts_total().into(),
            1.0,
        ),
        "attempts that a provider refused for a limit",
    ),
    metric(
        "limited_by_requests_ratio",
        "ratio",
        Better::Neither,
        Formula::Ratio(
            |s| s.limited_by("requests").into(),
            |s| s.limited_total().into(),
            1.0,
        ),
        "of attempts refused for a limit: requests per minute",
    ),
    metric(
        "limited_by_input_ratio",
        "ratio",
        Better::Neither,
        Formula::Ratio(
            |s| s.limited_by("input").into(),
            |s| s.limited_total().into(),
            1.0,
        ),
        "of attempts refused for a limit: prompt tokens per minute",
    ),
    metric(
        "limited_by_output_ratio",
        "ratio",
        Better::Neither,
        Formula::Ratio(
            |s| s.limited_by("output").into(),
            |s| s.limited_total().into(),
            1.0,
        ),
        "of attempts refused for a limit: answer tokens per minute",
    ),
    metric(
        "limited_by_tokens_ratio",
        "ratio",
        Better::Neither,
        Formula::Ratio(
            |s| s.limited_by("tokens").into(),
            |s| s.limited_total().into(),
            1.0,
        ),
        "of attempts refused for a limit: tokens per minute",
    ),
    metric(
        "limited_by_day_ratio",
        "ratio",
        Better::Neither,
        Formula::Ratio(
            |s| s.limited_by("day").into(),
            |s| s.limited_total().into(),
            1.0,
        ),
        "of attempts refused for a limit: requests or tokens per day",
    ),
    metric(
        "limited_by_pool_ratio",
        "ratio",
        Better::Neither,
        Formula::Ratio(
            |s| s.limited_by("pool").into(),
            |s| s.limited_total().into(),
            1.0,
        ),
        "of attempts refused for a limit: what several endpoints have together",
    ),
    metric(
        "limited_by_growth_ratio",
        "ratio",
        Better::Neither,
        Formula::Ratio(
            |s| s.limited_by("growth").into(),
            |s| s.limited_total().into(),
            1.0,
        ),
        "of attempts refused for a limit: how fast traffic may grow",
    ),
    metric(
        "limited_by_suspended_ratio",
        "ratio",
        Better::Neither,
        Formula::Ratio(
            |s| s.limited_by("suspended").into(),
            |s| s.limited_total().into(),
            1.0,
        ),
        "of attempts refused for a limit: refused too often before, and shut out",
    ),
];
