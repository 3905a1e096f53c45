//! Why a metric is absent: it is never shown as zero.

use std::fmt;

/// Why a metric has no value for a policy in a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// Nothing it counts has happened: no call, no success, no first token.
    Nothing,
    /// No provider has a price.
    Unpriced,
    /// The traffic is no closed loop.
    OpenTraffic,
    /// The policy has no breaker.
    NoBreaker,
    /// The policy has nothing that raises alerts.
    NoAlerts,
    /// All that raises alerts in the policy counts what was spent, and is never wrong.
    NeverWrong,
    /// The policy has no drift monitor, which alone look for faults.
    NoMonitor,
    /// No alert met a fault, so none has a delay.
    NotAlerted,
    /// There is no fault, or what came after it cannot be told.
    NoRecovery,
    /// Half of all recoveries or more were not seen.
    NotRecovered,
    /// It is counted over whole runs, not by when calls arrived.
    WholeRuns,
    /// The fault is on now and then, and there is no one stretch of time that it is about.
    NowAndThen,
    /// Under ten pooled calls lie beyond the percentile.
    TooFew {
        /// About how many replications would give ten.
        replications: u64,
    },
    /// No window of the peak (10 s, wider in runs over 10 000 s) in the scope had 100 calls over all replications.
    NoPeakWindow,
}

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Absent::Nothing => f.write_str("does not apply: nothing of the kind happened"),
            Absent::Unpriced => f.write_str("does not apply: no provider has a price"),
            Absent::OpenTraffic => f.write_str(
                "does not apply: the traffic is no closed loop, and calls come as they come",
            ),
            Absent::NoBreaker => f.write_str("does not apply: the policy has no breaker"),
            Absent::NoAlerts => {
                f.write_str("does not apply: the policy has nothing that raises alerts")
            }
            Absent::NeverWrong => f.write_str(
                "does not apply: alerts of limits and `costly-fallback` are never wrong",
            ),
            Absent::NoMonitor => f.write_str("does not apply: the policy has no drift monitor"),
            Absent::NotAlerted => f.write_str("does not apply: no alert met a fault"),
            Absent::NoRecovery => {
                f.write_str("does not apply: there is no fault, or too little before or after it")
            }
            Absent::NotRecovered => {
                f.write_str("none: in half of all cases or more no recovery was seen")
            }
            Absent::WholeRuns => {
                f.write_str("does not apply: it is counted over whole runs, not during a fault")
            }
            Absent::NowAndThen => f.write_str(
                "does not apply: the fault is on now and then, not for one stretch of time",
            ),
            Absent::TooFew { replications } => write!(
                f,
                "too few calls: under 10 lie beyond this percentile \
                 (about {replications} replications would do)"
            ),
            Absent::NoPeakWindow => f.write_str(
                "does not apply: no window of 10 s (wider in runs over 10 000 s) had 100 calls \
                     over all replications",
            ),
        }
    }
}
