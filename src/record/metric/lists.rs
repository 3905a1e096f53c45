//! The metrics that are no quantities of time, each with what it is made of.

use super::{Better, Formula, Metric, metric};

pub(super) const SCALARS: [Metric; 28] = [
    metric(
        "success_ratio",
        "ratio",
        Better::Higher,
        Formula::Ratio(|s| s.success.into(), |s| s.calls.into(), 1.0),
        "calls with a complete answer by the deadline",
    ),
    metric(
        "degraded_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(|s| s.degraded.into(), |s| s.calls.into(), 1.0),
        "calls that ended with a fallback",
    ),
    metric(
        "failed_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(|s| s.failed.into(), |s| s.calls.into(), 1.0),
        "calls without an answer",
    ),
    metric(
        "unfinished_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(|s| s.unfinished.into(), |s| s.calls.into(), 1.0),
        "calls still open when the run was cut",
    ),
    metric(
        "refused_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(
            |s| s.calls.saturating_sub(s.sent_calls).into(),
            |s| s.calls.into(),
            1.0,
        ),
        "calls of which nothing was ever sent",
    ),
    metric(
        "good_ratio",
        "ratio",
        Better::Higher,
        Formula::Ratio(|s| s.good.into(), |s| s.calls.into(), 1.0),
        "calls with a truly good answer by the deadline",
    ),
    metric(
        "bad_answer_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(|s| (s.success - s.good).into(), |s| s.success.into(), 1.0),
        "successes whose answer was bad",
    ),
    metric(
        "goodput_per_s",
        "per_s",
        Better::Higher,
        Formula::PerSecond(|s| s.good.into()),
        "truly good answers per second",
    ),
    metric(
        "amplification",
        "attempts_per_call",
        Better::Lower,
        Formula::Ratio(|s| s.attempts_total().into(), |s| s.calls.into(), 1.0),
        "attempts per call, refused calls included",
    ),
    metric(
        "attempts_per_sent_call",
        "attempts_per_call",
        Better::Lower,
        Formula::Ratio(
            |s| s.attempts_total().into(),
            |s| (s.sent_calls + s.fallbacks.sent_again).into(),
            1.0,
        ),
        "attempts per call that sent one, those that were put off and sent again included",
    ),
    metric(
        "retry_ratio",
        "attempts_per_call",
        Better::Lower,
        Formula::Ratio(|s| s.attempts[1].into(), |s| s.calls.into(), 1.0),
        "retries per call",
    ),
    metric(
        "failover_ratio",
        "attempts_per_call",
        Better::Neither,
        Formula::Ratio(|s| s.attempts[2].into(), |s| s.calls.into(), 1.0),
        "failovers per call",
    ),
    metric(
        "hedge_ratio",
        "attempts_per_call",
        Better::Neither,
        Formula::Ratio(|s| s.attempts[3].into(), |s| s.calls.into(), 1.0),
        "hedges per call",
    ),
    metric(
        "amplification_peak",
        "attempts_per_call",
        Better::Lower,
        Formula::AmplificationPeak,
        "most attempts per arriving call in any 10 s (of a run over 10 000 s: in any of its windows)",
    ),
    metric(
        "retries_peak_per_100ms",
        "count",
        Better::Lower,
        Formula::RunTotal(|r| r.retries_peak_per_100ms.into(), 1.0),
        "most attempts other than first ones in any 100 ms",
    ),
    metric(
        "cost_usd_total",
        "usd",
        Better::Lower,
        Formula::Total(|s| s.pico_usd(), 1e-12),
        "money spent in one run",
    ),
    metric(
        "cost_usd_per_success",
        "usd",
        Better::Lower,
        Formula::Ratio(|s| s.pico_usd(), |s| s.success.into(), 1e-12),
        "money per success",
    ),
    metric(
        "cost_usd_per_good_answer",
        "usd",
        Better::Lower,
        Formula::Ratio(|s| s.pico_usd(), |s| s.good.into(), 1e-12),
        "money per truly good answer",
    ),
    metric(
        "cost_usd_wasted",
        "usd",
        Better::Lower,
        Formula::Total(|s| s.pico_usd_wasted(), 1e-12),
        "money for attempts that answered no call, in one run",
    ),
    metric(
        "cost_usd_judge",
        "usd",
        Better::Lower,
        Formula::Total(|s| s.pico_usd_judge(), 1e-12),
        "money for judges of answers, in one run",
    ),
    metric(
        "judgements_per_call",
        "attempts_per_call",
        Better::Neither,
        Formula::Ratio(|s| s.guarding.judge.asked.into(), |s| s.calls.into(), 1.0),
        "requests to judges per call",
    ),
    metric(
        "bad_answers_flagged_ratio",
        "ratio",
        Better::Higher,
        Formula::Ratio(
            |s| s.guarding.flagged_bad.into(),
            |s| s.bad_answers().into(),
            1.0,
        ),
        "truly bad answers that a guard refused or raised an alert about, of all that came whole",
    ),
    metric(
        "good_answers_flagged_ratio",
        "ratio",
        Better::Lower,
        Formula::Ratio(
            |s| s.guarding.flagged_good.into(),
            |s| s.good_answers().into(),
            1.0,
        ),
        "truly good answers that a guard refused or raised an alert about, of all that came whole",
    ),
    metric(
        "breaker_trips",
        "count",
        Better::Neither,
        Formula::RunTotal(|r| r.breaker_trips.into(), 1.0),
        "decisions of breakers to open, in one run: of each process by itself, or of all that share one; \
         not to stay open for longer",
    ),
    metric(
        "breaker_open_good_s",
        "s",
        Better::Lower,
        Formula::RunTotal(|r| r.breaker_open_good_ns, 1e-9),
        "time breakers were open in vain, summed over processes",
    ),
    metric(
        "breaker_open_bad_s",
        "s",
        Better::Neither,
        Formula::RunTotal(|r| r.breaker_open_bad_ns, 1e-9),
        "time breakers were rightly open, summed over processes",
    ),
    metric(
        "recovery_s",
        "s",
        Better::Lower,
        Formula::Recovery,
        "mean time to recover after the fault, capped at the time watched",
    ),
    metric(
        "recovered_ratio",
        "ratio",
        Better::Higher,
        Formula::RecoveredRatio,
        "runs that recovered",
    ),
];

pub(super) const LOCK_UP: [Metric; 1] = [metric(
    "lock_up_share",
    "ratio",
    Better::Lower,
    Formula::LockUpShare,
    "runs that never recovered though watched for 60 s",
)];

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

pub(super) const ALERTS: [Metric; 4] = [
    metric(
        "alerts",
        "count",
        Better::Neither,
        Formula::RunTotal(|r| r.alerts.count().into(), 1.0),
        "alerts of drift monitors, guards and limits, in one run, over all processes and endpoints",
    ),
    metric(
        "false_alerts",
        "count",
        Better::Lower,
        Formula::RunTotal(|r| r.alerts.false_alerts.into(), 1.0),
        "alerts in one run that were wrong: of monitors, about an endpoint that no fault was on at; of guards, about \
         a good answer",
    ),
    metric(
        "alert_delay_s",
        "s",
        Better::Lower,
        Formula::AlertDelay,
        "mean time from the start of a fault to the first alert of a drift monitor about it, of faults that had one",
    ),
    metric(
        "alerted_ratio",
        "ratio",
        Better::Higher,
        Formula::AlertedRatio,
        "faults that an alert of a drift monitor met while they were on",
    ),
];
