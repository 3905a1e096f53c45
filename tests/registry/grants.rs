//! What each kind may grant at most, added up from what happened and nothing else.

use std::collections::BTreeMap;

use squall::base::{CallId, Class, Duration, Fallback, Instant, Origin, Receipt, Refusal};

use crate::crowd::{Flown, MAX_TOKENS, NAMES, PROMPT, What};

fn sent(flown: &Flown) -> impl Iterator<Item = (Instant, Receipt, Origin, u64)> {
    flown.log.iter().filter_map(|(at, what)| match what {
        What::Sent {
            receipt,
            origin,
            tokens,
        } => Some((*at, *receipt, *origin, *tokens)),
        _ => None,
    })
}

fn seconds(at: Instant) -> f64 {
    at.0 as f64 / 1e9
}

/// No call has more attempts than it may, and each number once.
pub(crate) fn attempts(flown: &Flown, most: u16) {
    let mut made: BTreeMap<CallId, u16> = BTreeMap::new();
    for (_, receipt, origin, _) in sent(flown) {
        let n = made.entry(receipt.call).or_default();
        assert_eq!(receipt.attempt, *n);
        assert_eq!(origin == Origin::First, *n == 0);
        *n += 1;
        assert!(*n <= most);
    }
    let finished = flown
        .log
        .iter()
        .filter(|(_, what)| matches!(what, What::Over { .. }));
    let arrived = flown
        .log
        .iter()
        .filter(|(_, what)| matches!(what, What::Arrived));
    assert_eq!(finished.count(), arrived.count());
}

/// Extra attempts are at most the reserve and a share of the calls, at every instant.
pub(crate) fn share(flown: &Flown, reserve: f64, ratio: f64) {
    let (mut calls, mut extra) = (0.0, 0.0);
    for (_, what) in &flown.log {
        match what {
            What::Arrived => calls += 1.0,
            What::Sent { origin, .. } if *origin != Origin::First => {
                extra += 1.0;
                assert!(
                    extra <= reserve + ratio * calls + 1e-6,
                    "{extra} of {calls}"
                );
            }
            _ => {}
        }
    }
    assert!(extra > reserve, "the law was put to the test");
}

/// The same over the last `ttl`; the window moves in tenths of it, so withdrawals of nine tenths are
/// surely counted, and no deposit older than all of it.
pub(crate) fn expiring_share(flown: &Flown, reserve: f64, ratio: f64, ttl: f64) {
    let calls: Vec<f64> = times(flown, |what| matches!(what, What::Arrived));
    let is_extra =
        |what: &What| matches!(what, What::Sent { origin, .. } if *origin != Origin::First);
    let extras = times(flown, is_extra);
    for now in &extras {
        let within = |all: &[f64], span: f64| {
            all.iter()
                .filter(|at| **at <= *now && **at > now - span)
                .count() as f64
        };
        let (extra, deposits) = (within(&extras, 0.9 * ttl), within(&calls, ttl));
        assert!(
            extra <= reserve + ratio * deposits + 1e-6,
            "{extra} with {deposits} at {now}"
        );
    }
    assert!(extras.len() as f64 > reserve);
}

fn times(flown: &Flown, is: impl Fn(&What) -> bool) -> Vec<f64> {
    let those = flown.log.iter().filter(|(_, what)| is(what));
    those.map(|(at, _)| seconds(*at)).collect()
}

/// What retries cost, less what came back, is never more than the capacity; what would be over it is lost.
pub(crate) fn retry_quota(
    flown: &Flown,
    capacity: i64,
    (cost, throttled): (i64, i64),
    income: i64,
) {
    let mut left = capacity;
    let mut last: BTreeMap<CallId, Class> = BTreeMap::new();
    let mut paid: BTreeMap<CallId, i64> = BTreeMap::new();
    for (_, what) in &flown.log {
        match what {
            What::Ended { receipt, class } => {
                last.insert(receipt.call, *class);
            }
            What::Sent {
                receipt, origin, ..
            } if *origin != Origin::First => {
                let price = match last[&receipt.call] {
                    Class::RateLimited => throttled,
                    _ => cost,
                };
                left -= price;
                assert!(left >= 0, "it is used up");
                paid.insert(receipt.call, price);
            }
            What::Over { call, success } => {
                let back = paid.get(call).copied().unwrap_or(income);
                if *success {
                    left = (left + back).min(capacity);
                }
            }
            _ => {}
        }
    }
}

/// Extra attempts only while more than half of the tokens are left; tokens in thousandths.
pub(crate) fn retry_throttle(flown: &Flown, tokens: i64, earned: i64) {
    let all = tokens * 1000;
    let mut left = all;
    for (_, what) in &flown.log {
        match what {
            What::Ended {
                class: Class::Ok, ..
            } => left = (left + earned).min(all),
            What::Ended { .. } => left = (left - 1000).max(0),
            What::Sent { origin, .. } if *origin != Origin::First => assert!(left * 2 > all),
            _ => {}
        }
    }
}

/// Of all in flight at most a share, or the least, are extra attempts.
pub(crate) fn concurrent(flown: &Flown, share: f64, min: usize) {
    let (mut all, mut extra) = (0usize, 0usize);
    for (_, what) in &flown.log {
        match what {
            What::Sent { origin, .. } => {
                if *origin != Origin::First {
                    assert!(
                        extra < min.max((share * all as f64) as usize),
                        "{extra} of {all}"
                    );
                    extra += 1;
                }
                all += 1;
            }
            What::Ended { receipt, .. } => {
                all -= 1;
                extra -= usize::from(receipt.attempt > 0);
            }
            _ => {}
        }
    }
}

/// No extra attempt starts so long after its call's first failure.
pub(crate) fn time_of_a_call(flown: &Flown, limit: f64) {
    let mut failed: BTreeMap<CallId, f64> = BTreeMap::new();
    for (at, what) in &flown.log {
        match what {
            What::Ended { receipt, class } if *class != Class::Ok => {
                failed.entry(receipt.call).or_insert(seconds(*at));
            }
            What::Sent {
                receipt, origin, ..
            } if *origin != Origin::First => {
                assert!(seconds(*at) - failed[&receipt.call] < limit);
            }
            _ => {}
        }
    }
}

/// What extra attempts used, and may still use, is at most the reserve and a share of the first ones'.
pub(crate) fn tokens(flown: &Flown, share: f64, reserve: f64) {
    let (mut granted, mut spent) = (reserve, 0.0);
    for (_, what) in &flown.log {
        match what {
            What::Sent {
                receipt, tokens, ..
            } if receipt.attempt > 0 => {
                spent += *tokens as f64;
                assert!(spent <= granted + 1e-3, "{spent} of {granted}");
            }
            What::Billed { receipt, usage } => {
                let used = (usage.input_tokens + usage.output_tokens) as f64;
                match receipt.attempt {
                    0 => granted += share * used,
                    _ => spent += used - f64::from(PROMPT + MAX_TOKENS),
                }
            }
            _ => {}
        }
    }
    assert!(spent > reserve, "the law was put to the test");
}

/// No extra attempt is sent while the bills of those before are more than was granted.
pub(crate) fn dollars(flown: &Flown, share: f64, reserve: f64) {
    let (mut granted, mut spent) = (reserve, 0.0);
    for (_, what) in &flown.log {
        match what {
            What::Sent { receipt, .. } if receipt.attempt > 0 => {
                assert!(spent <= granted, "{spent} of {granted}");
            }
            What::Billed { receipt, usage } if receipt.attempt == 0 => {
                granted += share * usage.pico_usd as f64;
            }
            What::Billed { usage, .. } => spent += usage.pico_usd as f64,
            _ => {}
        }
    }
    assert!(spent > reserve, "the law was put to the test");
}

/// No extra attempt is sent that might make a call use more than its limit, each counted as what it may use
/// until it is billed.
pub(crate) fn tokens_of_a_call(flown: &Flown, limit: u64) {
    let (mut used, mut largest): (BTreeMap<CallId, u64>, u64) = Default::default();
    for (_, what) in &flown.log {
        match what {
            What::Sent {
                receipt, tokens, ..
            } => {
                let used = used.entry(receipt.call).or_default();
                *used += tokens;
                assert!(receipt.attempt == 0 || *used <= limit, "{used} of {limit}");
                largest = largest.max(*used);
            }
            What::Billed { receipt, usage } => {
                let used = used.entry(receipt.call).or_default();
                *used += usage.input_tokens + usage.output_tokens;
                *used -= u64::from(PROMPT + MAX_TOKENS);
            }
            _ => {}
        }
    }
    let attempt = u64::from(PROMPT + MAX_TOKENS);
    assert!(largest + attempt > limit, "the law was put to the test");
}

/// Without prices: no extra attempt is sent once the bills of its call are the limit or more.
pub(crate) fn dollars_of_a_call(flown: &Flown, limit: u64) {
    let mut spent: BTreeMap<CallId, u64> = BTreeMap::new();
    for (_, what) in &flown.log {
        match what {
            What::Sent { receipt, .. } if receipt.attempt > 0 => {
                let spent = spent.get(&receipt.call).copied().unwrap_or(0);
                assert!(spent < limit, "{spent} of {limit}");
            }
            What::Billed { receipt, usage } => {
                *spent.entry(receipt.call).or_default() += usage.pico_usd;
            }
            _ => {}
        }
    }
    let refused = Refusal::BudgetDollars;
    let refused = |(_, what): &(Instant, What)| *what == What::Refused { refusal: refused };
    assert!(flown.log.iter().any(refused), "the law was put to the test");
}

/// In any time T at most burst + rate·T pass.
pub(crate) fn bucket(flown: &Flown, burst: f64, rate: f64, size: fn(u64) -> f64) {
    let (mut sum, mut least) = (0.0, f64::MAX);
    for (at, _, _, tokens) in sent(flown) {
        let gained = rate * seconds(at);
        least = f64::min(least, sum - gained);
        sum += size(tokens);
        assert!(sum - gained - least <= burst + 1e-3);
    }
}

/// In any window of this length, its end not included, at most so many pass.
pub(crate) fn any_window(flown: &Flown, span: Duration, most: f64, size: fn(u64) -> f64) {
    let all: Vec<(Instant, f64)> = sent(flown).map(|(at, .., n)| (at, size(n))).collect();
    for (i, (from, _)) in all.iter().enumerate() {
        let within = all[i..].iter().take_while(|(at, _)| *at < *from + span);
        let sum: f64 = within.map(|(_, n)| n).sum();
        assert!(sum <= most, "{sum} from {from:?}");
    }
}

/// Once something was refused for a limit, no second passes more than twice the highest rate that was
/// measured before it, and one more; the floor of half a token a second aside.
pub(crate) fn adaptive(flown: &Flown) {
    let refused = |(_, what): &&(Instant, What)| {
        matches!(
            what,
            What::Ended {
                class: Class::RateLimited,
                ..
            }
        )
    };
    let on = seconds(
        flown
            .log
            .iter()
            .find(refused)
            .expect("there are refusals")
            .0,
    );
    let ended = times(flown, |what| matches!(what, What::Ended { .. }));
    let sent: Vec<f64> = sent(flown).map(|(at, ..)| seconds(at)).collect();
    // The busiest half second of endings: its rate is the highest that smoothing can come to.
    let busiest = |until: f64| {
        let slots = (0..)
            .map(|n| f64::from(n) * 0.5)
            .take_while(|from| *from < until);
        let count = |from: f64| {
            ended
                .iter()
                .filter(|at| **at >= from && **at < from + 0.5)
                .count()
        };
        slots.map(count).max().unwrap_or(0) as f64 / 0.5
    };
    let mut held = 0;
    for from in sent.iter().filter(|at| **at > on) {
        let n = sent
            .iter()
            .filter(|at| **at >= *from && **at < from + 1.0)
            .count();
        // A bucket holds the tokens of a second.
        let most = 2.0 * (2.0 * busiest(from + 1.0)).max(0.5) + 1.0;
        assert!(n as f64 <= most, "{n} from {from}, at most {most}");
        held += 1;
    }
    assert!(held > 0);
}

/// Never more in flight.
pub(crate) fn in_flight(flown: &Flown, most: usize) {
    let (mut now, mut highest) = (0, 0);
    for (_, what) in &flown.log {
        match what {
            What::Sent { .. } => now += 1,
            What::Ended { .. } => now -= 1,
            _ => {}
        }
        highest = highest.max(now);
        assert!(now <= most, "{now} in flight");
    }
    assert!(highest > 1);
}

/// It holds back at most its ceiling of what asks, within four standard deviations.
pub(crate) fn throttled(flown: &Flown, ceiling: f64) {
    let held = times(flown, |what| {
        matches!(
            what,
            What::Refused {
                refusal: Refusal::Throttled
            }
        )
    });
    let asked = (held.len() + sent(flown).count()) as f64;
    let most = ceiling * asked + 4.0 * (asked * ceiling * (1.0 - ceiling)).sqrt();
    assert!((held.len() as f64) < most);
    assert!(!held.is_empty());
}

/// At most so many hedges a call.
pub(crate) fn hedges_of_a_call(flown: &Flown, most: u32) {
    let mut made: BTreeMap<CallId, u32> = BTreeMap::new();
    for (_, receipt, origin, _) in sent(flown) {
        if origin == Origin::Hedge {
            *made.entry(receipt.call).or_default() += 1;
        }
    }
    assert!(made.values().all(|n| *n <= most));
    assert_eq!(made.is_empty(), most == 0);
}

/// Every attempt goes to an endpoint of the route, and within a call each endpoint's tries are numbered.
pub(crate) fn route(flown: &Flown) {
    let mut tries: BTreeMap<(CallId, u16), u16> = BTreeMap::new();
    for (_, receipt, ..) in sent(flown) {
        assert!(usize::from(receipt.endpoint.0) < NAMES.len());
        let n = tries.entry((receipt.call, receipt.endpoint.0)).or_default();
        assert_eq!(receipt.nth_at_endpoint, *n);
        *n += 1;
    }
}

/// Nothing is sent to an endpoint while its breaker is open.
pub(crate) fn open(flown: &Flown) {
    let mut until = [Instant::ZERO; NAMES.len()];
    for (at, what) in &flown.log {
        match what {
            What::Tripped {
                endpoint,
                until: end,
            } => until[usize::from(*endpoint)] = *end,
            What::Sent { receipt, .. } => assert!(*at >= until[usize::from(receipt.endpoint.0)]),
            _ => {}
        }
    }
    assert!(until.iter().any(|end| *end > Instant::ZERO), "some tripped");
}

/// Of the calls that got no answer a share is degraded by this kind, within four standard deviations, and
/// none by another.
pub(crate) fn degraded(flown: &Flown, kind: Fallback, share: f64) {
    let by = |what: &What| match what {
        What::Degraded { by } => *by == kind,
        _ => false,
    };
    let any = times(flown, |what| matches!(what, What::Degraded { .. })).len();
    let degraded = times(flown, by).len();
    assert_eq!(any, degraded);
    let without = times(flown, |what| {
        matches!(what, What::Over { success: false, .. })
    })
    .len() as f64;
    let spread = 4.0 * (without * share * (1.0 - share)).sqrt();
    assert!(without > 20.0);
    assert!(
        (degraded as f64 - share * without).abs() <= spread,
        "{degraded} of {without}"
    );
}

/// Never more are put off at once.
pub(crate) fn put_off(flown: &Flown, most: usize) {
    let (mut kept, mut highest) = (0, 0);
    for (_, what) in &flown.log {
        match what {
            What::PutOff => kept += 1,
            What::Forgotten => kept -= 1,
            _ => {}
        }
        highest = highest.max(kept);
        assert!(kept <= most, "{kept} are put off");
    }
    assert_eq!(highest, most, "the law was put to the test");
}
