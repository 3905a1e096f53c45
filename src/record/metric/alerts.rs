//! Metrics of alerts: how many, how wrong, and how soon they met faults.

use super::{Better, Formula, Metric, metric};

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
