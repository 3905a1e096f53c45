//! What metrics are called, in a sentence and at the head of a narrow column.

const LABELS: [(&str, &str, &str); 53] = [
    ("success_ratio", "success", "success"),
    ("degraded_ratio", "degraded", "degraded"),
    ("failed_ratio", "failed", "failed"),
    ("unfinished_ratio", "unfinished", "unfinished"),
    ("refused_ratio", "never sent", "never sent"),
    ("good_ratio", "good answers", "good"),
    ("bad_answer_ratio", "bad answers", "bad"),
    ("goodput_per_s", "good answers per second", "good"),
    ("throughput_per_s", "calls per second", "calls/s"),
    ("amplification", "attempts per call", "attempts"),
    (
        "attempts_per_sent_call",
        "attempts per call sent",
        "att./sent",
    ),
    ("amplification_peak", "peak attempts per call", "peak"),
    (
        "retries_peak_per_100ms",
        "most retries in 100 ms",
        "retries/100ms",
    ),
    ("cost_usd_total", "cost of one run", "$/run"),
    (
        "cost_usd_per_success",
        "cost per 1\u{202f}000 successes",
        "$/1000",
    ),
    (
        "cost_usd_per_good_answer",
        "cost per 1\u{202f}000 good answers",
        "$/1000 good",
    ),
    (
        "cost_usd_per_conversation",
        "cost per 1\u{202f}000 conversations",
        "$/1000 conv.",
    ),
    (
        "cached_input_ratio",
        "prompt tokens from the cache",
        "cached",
    ),
    (
        "reasoning_ratio",
        "reasoning tokens of answers",
        "reasoning",
    ),
    ("cost_usd_wasted", "cost wasted in one run", "wasted $"),
    ("cost_usd_judge", "cost of judges in one run", "judges $"),
    ("judgements_per_call", "judgements per call", "judgements"),
    (
        "bad_answers_flagged_ratio",
        "bad answers flagged",
        "bad flagged",
    ),
    (
        "good_answers_flagged_ratio",
        "good answers flagged",
        "good flagged",
    ),
    ("breaker_open_good_s", "open in vain", "in vain"),
    ("breaker_open_bad_s", "rightly open", "open"),
    ("recovery_s", "recovery", "recovery"),
    ("status_429_ratio", "status 429", "429s"),
    (
        "cost_usd_per_conversation_p50",
        "median cost per conversation",
        "med. $/conv.",
    ),
    (
        "cost_usd_per_conversation_p95",
        "p95 of the cost per conversation",
        "p95 $/conv.",
    ),
    (
        "cost_usd_per_conversation_p99",
        "p99 of the cost per conversation",
        "p99 $/conv.",
    ),
    ("recovery_s_p50", "median recovery", "med. recov."),
    ("recovered_ratio", "runs recovered", "recovered"),
    ("lock_up_share", "lock-up", "lock-up"),
    ("alerts", "alerts in one run", "alerts"),
    ("false_alerts", "false alerts in one run", "false"),
    ("alert_delay_s", "time to the first alert", "to alert"),
    ("alerted_ratio", "faults alerted of", "alerted"),
    ("degraded_cached_ratio", "degraded: cached", "cached"),
    ("degraded_rule_ratio", "degraded: by rules", "by rules"),
    ("degraded_message_ratio", "degraded: message", "message"),
    ("degraded_deferred_ratio", "degraded: deferred", "deferred"),
    (
        "deferred_answered_ratio",
        "deferred and answered late",
        "late answers",
    ),
    ("deferred_lost_ratio", "deferred and lost", "lost"),
    ("limited_ratio", "attempts refused for a limit", "limited"),
    (
        "limited_by_requests_ratio",
        "limited by requests",
        "by requests",
    ),
    (
        "limited_by_input_ratio",
        "limited by prompt tokens",
        "by input",
    ),
    (
        "limited_by_output_ratio",
        "limited by answer tokens",
        "by output",
    ),
    ("limited_by_tokens_ratio", "limited by tokens", "by tokens"),
    ("limited_by_day_ratio", "limited by the day", "by day"),
    ("limited_by_pool_ratio", "limited by a pool", "by pool"),
    ("limited_by_growth_ratio", "limited by growth", "by growth"),
    (
        "limited_by_suspended_ratio",
        "refused as suspended",
        "suspended",
    ),
];

const TIMES_OF: [(&str, &str, &str); 7] = [
    ("latency_good_ms_", "to a good answer", ""),
    ("latency_verdict_ms_", "to a verdict", "verd."),
    ("latency_success_ms_", "to success", "succ."),
    ("ttft_ms_", "to the first token", "token"),
    ("queue_wait_ms_", "wait in the queue", "queue"),
    ("failover_added_ms_", "added by failing over", "failover"),
    ("deferred_delay_ms_", "to a late answer", "late"),
];

/// A percentile, mean or maximum of a time: what it is of, and which.
fn time_parts(name: &str) -> Option<(&'static str, &'static str, &str)> {
    TIMES_OF.iter().find_map(|&(prefix, words, short)| {
        name.strip_prefix(prefix).map(|which| (words, short, which))
    })
}

/// A metric in words: "p99 to a good answer".
pub(super) fn label(name: &str) -> String {
    if let Some(&(_, label, _)) = LABELS.iter().find(|(metric, ..)| *metric == name) {
        return label.to_owned();
    }
    match time_parts(name) {
        Some((words, _, which)) => {
            let which = match which {
                "p50" => "median",
                "p999" => "p99.9",
                "max" => "longest",
                other => other,
            };
            format!("{which} {words}")
        }
        None => name.replace('_', " "),
    }
}

/// The heading of a narrow column: "p99 s".
pub(super) fn short(name: &str, suffix: &str) -> String {
    let base = match LABELS.iter().find(|(metric, ..)| *metric == name) {
        Some(&(_, _, short)) => short.to_owned(),
        None => match time_parts(name) {
            Some((_, "", which)) => which.to_owned(),
            Some((_, short, which)) => format!("{short} {which}"),
            None => name.replace('_', " "),
        },
    };
    match suffix {
        "" | "\u{a0}×" => base,
        _ => format!("{base}{suffix}"),
    }
}
