//! The taxonomy of endings: how attempts and calls end, and why nothing was sent.
//!
//! Every enum is exhaustive and matched without a catch-all, so a new ending is a compile error
//! wherever somebody must decide about it.

use serde::{Deserialize, Serialize};

/// Defines a fieldless enum whose kebab-case names serve in TOML, JSON and reports alike.
macro_rules! names {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vmeta])* #[serde(rename = $text)] $variant),+
        }
        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// How many values there are.
            pub const COUNT: usize = Self::ALL.len();
            /// The name in TOML, JSON and reports.
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }
            /// Its place in [`Self::ALL`], for arrays of counts.
            pub fn index(self) -> usize {
                self as usize
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

pub(crate) use names;

names! {
    /// How an attempt ended, as the client understands it.
    Class {
        /// A complete answer.
        Ok = "ok",
        /// 429: too many requests or tokens for this caller, for now.
        RateLimited = "rate-limited",
        /// 429: the paid or granted amount is used up; waiting does not help.
        QuotaExhausted = "quota-exhausted",
        /// 503, 529: the provider has too much to do.
        Overloaded = "overloaded",
        /// 500, 502, 504: the provider broke.
        ServerFault = "server-fault",
        /// No connection, or it broke before an answer began.
        Transport = "transport",
        /// The client gave up waiting.
        TimedOut = "timed-out",
        /// The answer began and broke off.
        Truncated = "truncated",
        /// The answer came whole and cannot be read.
        Malformed = "malformed",
        /// A guard refused the answer.
        BadAnswer = "bad-answer",
        /// This endpoint cannot serve the call; another may.
        Unsuited = "unsuited",
        /// 400, 401, 403, 404, 413, 422: the call itself is at fault.
        Rejected = "rejected",
        /// The caller went away, or a hedge won.
        Cancelled = "cancelled",
    }
}

names! {
    /// Which limit a provider refused an attempt for.
    Dimension {
        /// Requests per minute.
        Requests = "requests",
        /// Prompt tokens per minute.
        Input = "input",
        /// Answer tokens per minute.
        Output = "output",
        /// Tokens per minute, prompt and answer together.
        Tokens = "tokens",
        /// Requests or tokens per day.
        Day = "day",
        /// What several endpoints have together, whatever it counts.
        Pool = "pool",
        /// How fast traffic may grow.
        Growth = "growth",
        /// Refused too often, the client is shut out.
        Suspended = "suspended",
    }
}

names! {
    /// Why an attempt was sent.
    Origin {
        /// The call's first attempt.
        First = "first",
        /// Another try at the same endpoint.
        Retry = "retry",
        /// A try at another endpoint.
        Failover = "failover",
        /// A try while another was in flight.
        Hedge = "hedge",
    }
}

names! {
    /// Why nothing was sent.
    Refusal {
        /// The breaker of the endpoint was open.
        BreakerOpen = "breaker-open",
        /// The share of retries was used up.
        BudgetShare = "budget-share",
        /// The time for retries was used up.
        BudgetTime = "budget-time",
        /// The retry quota was used up.
        BudgetQuota = "budget-quota",
        /// Too many attempts had failed for the retry throttle.
        BudgetThrottle = "budget-throttle",
        /// Too many extra attempts were under way at once.
        BudgetConcurrent = "budget-concurrent",
        /// The tokens for extra attempts were used up.
        BudgetTokens = "budget-tokens",
        /// The money for extra attempts was used up.
        BudgetDollars = "budget-dollars",
        /// It might have made the call cost more than its limit.
        CostLimit = "cost-limit",
        /// The endpoint is dear, and dear ones had answered for too long.
        CostlyFallback = "costly-fallback",
        /// The client held it back, for too many attempts were not accepted.
        Throttled = "throttled",
        /// It could hardly have been answered by the deadline.
        Hopeless = "hopeless",
        /// The client's own pacing would have made the call wait too long.
        QuotaWait = "quota-wait",
        /// The call is larger than what the client's own quotas let pass at once.
        QuotaTooSmall = "quota-too-small",
        /// The user of the call has used up what he may.
        UserQuota = "user-quota",
        /// Too many attempts were in flight for too long.
        LimiterFull = "limiter-full",
        /// As many stood in the client's own line as may.
        LineFull = "line-full",
        /// It stood in the client's own line and had to go for a call that matters more.
        Shed = "shed",
        /// As many calls were put off as may be.
        DeferralsFull = "deferrals-full",
        /// Its conversation has had all its turns.
        TurnLimit = "turn-limit",
        /// The call had no attempts left.
        AttemptsSpent = "attempts-spent",
        /// The class of the ending is not retried.
        NotRetried = "not-retried",
        /// The server asked for a longer wait than the policy accepts.
        ServerWaitTooLong = "server-wait-too-long",
        /// The next attempt would have started at or after the deadline.
        PastDeadline = "past-deadline",
        /// The endpoint's own limits of the minute are used up, as the route counts them.
        LimitsUsed = "limits-used",
        /// The endpoint cannot do what the call needs, or none of the route can.
        Unfit = "unfit",
        /// Every endpoint of the route was used up.
        NoEndpoint = "no-endpoint",
    }
}

names! {
    /// Why a call failed.
    Failure {
        /// Nothing was ever sent.
        Refused = "refused",
        /// The deadline came first.
        Expired = "expired",
        /// The caller went away.
        Cancelled = "cancelled",
        /// The last attempt failed and no other was to be made.
        Exhausted = "exhausted",
        /// The answer was being delivered and broke off.
        Truncated = "truncated",
    }
}

names! {
    /// What a call that got no answer ended with instead.
    Fallback {
        /// A cached answer.
        Cached = "cached",
        /// An answer by rules.
        Rule = "rule",
        /// "Later": the work was put off.
        Deferred = "defer",
        /// An honest message.
        Message = "message",
    }
}

names! {
    /// What found something about an answer.
    Guard {
        /// It stopped at max-tokens.
        FinishReason = "finish-reason",
        /// It is not the JSON that was asked for.
        Schema = "schema",
        /// The judge finds fault with it.
        Judge = "judge",
        /// The judge was to see it, and gave no verdict.
        NoVerdict = "no-verdict",
    }
}

names! {
    /// What a guard did about an answer.
    Measure {
        /// It refused it.
        Refused = "refused",
        /// It let it pass and raised an alert.
        Alerted = "alerted",
        /// It made it readable.
        Repaired = "repaired",
        /// Observing: it would have refused it.
        WouldRefuse = "would-refuse",
    }
}

names! {
    /// What a call or its conversation may have no more of.
    Limit {
        /// What all attempts of the call cost.
        CostPerCall = "cost-per-call",
        /// What all attempts of all calls of its conversation cost.
        CostPerConversation = "cost-per-conversation",
        /// Calls of its conversation.
        Turns = "turns",
    }
}

names! {
    /// Which timeout is over.
    Timeout {
        /// The one to connect.
        Connect = "connect",
        /// The one to the first token, or to the headers.
        FirstToken = "first-token",
        /// The one between two tokens.
        Inactivity = "inactivity",
        /// The attempt's.
        Total = "total",
        /// The call's.
        Call = "call",
    }
}

names! {
    /// Why a call is sent to another endpoint than the first of its route.
    Detour {
        /// The first cannot do what the call needs.
        Fits = "fits",
        /// A drift monitor alarmed about it.
        Monitor = "monitor",
        /// A guard found fault with its answer.
        Guard = "guard",
        /// A limit was reached there.
        Limit = "limit",
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A complete answer by the deadline.
    Success,
    /// What a fallback of the policy said: never a success.
    Degraded,
    /// No answer.
    Failed(Failure),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_indices_count_up() {
        for (i, class) in Class::ALL.iter().enumerate() {
            assert_eq!(class.index(), i);
            assert!(
                Class::ALL
                    .iter()
                    .filter(|c| c.name() == class.name())
                    .count()
                    == 1
            );
        }
        assert_eq!(Refusal::PastDeadline.to_string(), "past-deadline");
    }
}
