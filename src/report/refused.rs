//! What policies refused and why, and what those that only observe would have done, in words: the same in
//! the page and in the terminal.

use super::limited;
use super::number::{fixed, grouped, three};
use crate::base::{Detour, Fallback, Guard, Origin, Refusal, Timeout};
use crate::record::refusals::{Act, holds_back};
use crate::record::results::PolicyResults;

/// Words that finish "refused, because …", for every [`Refusal`].
const WHY: [(Refusal, &str); Refusal::COUNT] = [
    (Refusal::BreakerOpen, "the breaker was open"),
    (Refusal::BudgetShare, "the share of retries was used up"),
    (Refusal::BudgetTime, "the time for retries was used up"),
    (Refusal::BudgetQuota, "the retry quota was used up"),
    (Refusal::BudgetThrottle, "too many attempts had failed"),
    (Refusal::BudgetConcurrent, "too many extra attempts at once"),
    (
        Refusal::BudgetTokens,
        "the tokens for extra attempts were used up",
    ),
    (
        Refusal::BudgetDollars,
        "the money for extra attempts was used up",
    ),
    (Refusal::CostLimit, "it might have cost more than the limit"),
    (
        Refusal::CostlyFallback,
        "dear endpoints had answered for too long",
    ),
    (Refusal::Throttled, "too many attempts were not accepted"),
    (Refusal::Hopeless, "hardly an answer by the deadline"),
    (
        Refusal::QuotaWait,
        "the quota would have made it wait too long",
    ),
    (Refusal::QuotaTooSmall, "the call is larger than the quota"),
    (Refusal::UserQuota, "its user had used up the quota"),
    (Refusal::LimiterFull, "too many in flight for too long"),
    (Refusal::LineFull, "the line was full"),
    (Refusal::Shed, "made way for a call that matters more"),
    (
        Refusal::DeferralsFull,
        "too many calls were put off already",
    ),
    (Refusal::TurnLimit, "the conversation had had all its turns"),
    (Refusal::AttemptsSpent, "no attempts left"),
    (Refusal::NotRetried, "its class is not retried"),
    (
        Refusal::ServerWaitTooLong,
        "the server asked for too long a wait",
    ),
    (
        Refusal::PastDeadline,
        "the next would have started after the deadline",
    ),
    (
        Refusal::LimitsUsed,
        "the endpoint's limits of the minute were used up",
    ),
    (
        Refusal::Unfit,
        "the endpoint could not do what the call needed",
    ),
    (Refusal::NoEndpoint, "every endpoint was used up"),
];

/// The same for guards on answers.
const BY_GUARD: [(Guard, &str); Guard::COUNT] = [
    (Guard::FinishReason, "the answer stopped at max-tokens"),
    (Guard::Schema, "the answer was not the JSON asked for"),
    (Guard::Judge, "the judge found fault with the answer"),
    (Guard::NoVerdict, "the judge gave no verdict"),
];

/// Why something was refused, in words; the name itself of what is not known.
pub(super) fn why(reason: &str) -> &str {
    let refusal = WHY.iter().find(|(refusal, _)| refusal.name() == reason);
    let guard = || BY_GUARD.iter().find(|(guard, _)| guard.name() == reason);
    refusal
        .map(|(_, words)| *words)
        .or_else(|| guard().map(|(_, words)| *words))
        .or_else(|| limited::known(reason).map(|(_, words)| words))
        .unwrap_or(reason)
}

/// One thing a policy did, or would have done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Entry<'a> {
    /// What.
    pub(super) act: Act,
    /// The section of the policy that did.
    pub(super) section: &'a str,
    /// Why, by name.
    pub(super) reason: &'a str,
    /// How often for each thousand calls.
    pub(super) per_1000_calls: f64,
}

/// What a policy refused.
pub(super) fn refused(policy: &PolicyResults) -> Vec<Entry<'_>> {
    let rows = policy.refused.iter().map(|row| Entry {
        act: Act::Refused,
        section: &row.section,
        reason: &row.reason,
        per_1000_calls: row.per_1000_calls,
    });
    rows.collect()
}

/// What a policy that only observes would have done.
pub(super) fn would(policy: &PolicyResults) -> Vec<Entry<'_>> {
    let rows = policy.would.iter().map(|row| Entry {
        act: row.act,
        section: &row.section,
        reason: &row.reason,
        per_1000_calls: row.per_1000_calls,
    });
    rows.collect()
}

impl Entry<'_> {
    /// Whether something was kept from being sent or taken, and attempts did not merely come to their end.
    pub(super) fn holds_back(&self) -> bool {
        self.act == Act::Refused && holds_back(self.reason)
    }

    /// In words, after "would have": "refused because the breaker was open".
    pub(super) fn done(&self) -> String {
        let is = |name: &str| self.reason == name;
        let words = match self.act {
            Act::Refused => return format!("refused because {}", why(self.reason)),
            Act::Waited => "waited in line",
            Act::Sent if is(Origin::Hedge.name()) => "sent a hedge",
            Act::Sent if is(Origin::Failover.name()) => "failed over",
            Act::Sent if is(Origin::Retry.name()) => "sent a retry",
            Act::Sent => "sent an attempt",
            Act::TimedOut if is(Timeout::Connect.name()) => "given up connecting",
            Act::TimedOut if is(Timeout::FirstToken.name()) => {
                "waited no longer for the first token"
            }
            Act::TimedOut if is(Timeout::Inactivity.name()) => {
                "waited no longer for the next token"
            }
            Act::TimedOut if is(Timeout::Call.name()) => "ended the call at its timeout",
            Act::TimedOut => "aborted the attempt at its timeout",
            Act::Steered if is(Detour::Fits.name()) => "sent it to an endpoint that can serve it",
            Act::Steered if is(Detour::Monitor.name()) => {
                "asked the endpoint of a monitor's alarm last"
            }
            Act::Steered if is(Detour::Guard.name()) => "asked the endpoint of a bad answer last",
            Act::Steered => "asked the endpoint of a limit last",
            Act::Tripped => "opened a breaker",
            Act::Degraded if is(Fallback::Cached.name()) => "given a cached answer",
            Act::Degraded if is(Fallback::Rule.name()) => "answered by rules",
            Act::Degraded if is(Fallback::Deferred.name()) => "put the call off",
            Act::Degraded if is(Fallback::Message.name()) => "sent an honest message",
            Act::Degraded => "ended with a fallback",
        };
        words.to_owned()
    }

    /// Where it stands among all: what was held back first, then how attempts came to their end.
    fn place(&self) -> (u8, bool, usize) {
        let of = |name: &str| self.reason == name;
        let refusal = WHY.iter().position(|(refusal, _)| of(refusal.name()));
        let guard = BY_GUARD.iter().position(|(guard, _)| of(guard.name()));
        let origin = Origin::ALL.iter().position(|origin| of(origin.name()));
        let fallback = Fallback::ALL.iter().position(|by| of(by.name()));
        let place = match self.act {
            Act::Refused => refusal
                .or(guard.map(|at| at + Refusal::COUNT))
                .or(limited::known(self.reason).map(|(at, _)| at + Refusal::COUNT + Guard::COUNT)),
            Act::Waited | Act::Tripped => None,
            Act::TimedOut => Timeout::ALL.iter().position(|timeout| of(timeout.name())),
            Act::Steered => Detour::ALL.iter().position(|detour| of(detour.name())),
            Act::Sent => origin,
            Act::Degraded => fallback,
        };
        let act = self.act as u8;
        (
            act,
            self.act == Act::Refused && !self.holds_back(),
            place.unwrap_or(usize::MAX),
        )
    }
}

/// One line of a table: what was done, and how often each policy did.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line<'a> {
    /// What was done; its rate is the first policy's that did.
    pub(super) entry: Entry<'a>,
    /// For each policy, for each thousand calls.
    pub(super) rates: Vec<Option<f64>>,
}

/// What several policies did, side by side, in the order that all tables share.
pub(super) fn side_by_side<'a>(policies: &[Vec<Entry<'a>>]) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = Vec::new();
    for (column, entries) in policies.iter().enumerate() {
        for &entry in entries {
            let key = |e: &Entry<'a>| (e.act, e.section, e.reason);
            let known = lines
                .iter()
                .position(|line| key(&line.entry) == key(&entry));
            let at = known.unwrap_or_else(|| {
                let rates = vec![None; policies.len()];
                lines.push(Line { entry, rates });
                lines.len() - 1
            });
            lines[at].rates[column] = Some(entry.per_1000_calls);
        }
    }
    lines.sort_by_key(|line| line.entry.place());
    lines
}

/// How often for each thousand calls, with three digits and no more than two decimals.
pub(super) fn rate(per_1000_calls: f64) -> String {
    match per_1000_calls {
        rate if rate < 0.005 => "<\u{a0}0.01".to_owned(),
        rate if rate >= 1000.0 => grouped(rate.round() as u64),
        rate => fixed(rate, three(rate).min(2)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_words_of_its_own() {
        let names = Refusal::ALL.iter().map(|refusal| refusal.name());
        let names: Vec<&str> = names.chain(Guard::ALL.iter().map(|g| g.name())).collect();
        for name in &names {
            assert_ne!(why(name), *name);
            let same = names.iter().filter(|other| why(other) == why(name));
            assert_eq!(same.count(), 1, "{name}");
        }
        assert_eq!(why("of another version"), "of another version");
    }

    #[test]
    fn lines_keep_their_order_whatever_policies_there_are() {
        let entry = |act, reason, per_1000_calls| Entry {
            act,
            section: "x",
            reason,
            per_1000_calls,
        };
        let a = vec![
            entry(Act::Refused, "attempts-spent", 3.0),
            entry(Act::Refused, "schema", 2.0),
            entry(Act::Tripped, "tripped", 1.0),
        ];
        let b = vec![
            entry(Act::Sent, "hedge", 5.0),
            entry(Act::Refused, "breaker-open", 4.0),
            entry(Act::Refused, "attempts-spent", 6.0),
        ];
        let told = |policies: &[Vec<Entry<'static>>]| -> Vec<(&str, Vec<Option<f64>>)> {
            let lines = side_by_side(policies);
            lines
                .into_iter()
                .map(|l| (l.entry.reason, l.rates))
                .collect()
        };
        assert_eq!(
            told(&[a.clone(), b.clone()]),
            [
                ("breaker-open", vec![None, Some(4.0)]),
                ("schema", vec![Some(2.0), None]),
                ("attempts-spent", vec![Some(3.0), Some(6.0)]),
                ("hedge", vec![None, Some(5.0)]),
                ("tripped", vec![Some(1.0), None]),
            ]
        );
        let order = |all: Vec<(&'static str, Vec<Option<f64>>)>| -> Vec<&str> {
            all.into_iter().map(|(reason, _)| reason).collect()
        };
        assert_eq!(order(told(&[a.clone(), b.clone()])), order(told(&[b, a])));
    }

    #[test]
    fn rates_have_three_digits_or_two_decimals() {
        let told: Vec<String> = [0.001, 0.0372, 4.0, 17.64, 176.4, 1764.4].map(rate).into();
        let told = told.join(" ").replace(['\u{a0}', '\u{202f}'], "");
        assert_eq!(told, "<0.01 0.04 4.00 17.6 176 1764");
    }
}
