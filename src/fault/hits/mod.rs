//! Which requests a fault hits while it is on.
//!
//! A share of requests is hit by lot: whoever draws a number below the share. Numbers do not change
//! while a share grows, so who was hit stays hit. `by` says whose number counts:
//! `try`, a new one for each try, as where a load balancer sends each request to a shard by chance;
//! `call`, one for all tries of a call at all providers of the fault, as where the request itself decides;
//! `conversation` and `user`, one for all that these send, as where they stick to a server. What has no
//! user or conversation draws by call. An incident has numbers of its own.

pub mod all;
pub mod first;
pub mod path;
pub mod share;

use serde::Deserialize;

use crate::base::registry::registry;
use crate::base::wire::Sender;
use crate::base::{Draws, Duration, Purpose, Receipt};

registry! {
    /// Which requests a fault hits.
    "hits":
        All = all,
        Share = share,
        Path = path,
        First = first,
}

impl Default for Config {
    fn default() -> Config {
        Config::All(all::Config::default())
    }
}

/// Whose lot decides whether a request is hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// Each try's own.
    #[default]
    Try,
    /// The call's.
    Call,
    /// The conversation's.
    Conversation,
    /// The user's.
    User,
}

/// A request that a fault may hit.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Which try of which call at which endpoint.
    pub receipt: &'a Receipt,
    /// On whose behalf.
    pub sender: Sender,
}

/// Where a fault stands in its course.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// The fault's place in the scenario.
    pub fault: u16,
    /// How long ago it began for the first time.
    pub since: Duration,
    /// The share of requests that its incident hits.
    pub share: f64,
    /// Which incident it is.
    pub incident: u32,
}

impl Config {
    /// Whether it hits every request.
    pub fn is_all(&self) -> bool {
        matches!(self, Config::All(_))
    }

    /// Whether it counts requests, and so must be asked of each once.
    pub fn counts(&self) -> bool {
        matches!(self, Config::First(_))
    }

    /// Whether who is hit may change while the fault is on.
    pub fn changes(&self) -> bool {
        matches!(self, Config::First(_) | Config::Path(_))
    }

    /// Whose lot decides, if lots are drawn.
    pub fn by(&self) -> Option<By> {
        match self {
            Config::Share(share) => Some(share.by),
            Config::Path(path) => Some(path.by),
            Config::All(_) | Config::First(_) => None,
        }
    }

    /// The largest share of requests that it hits.
    pub fn most(&self) -> f64 {
        match self {
            Config::All(_) | Config::First(_) => 1.0,
            Config::Share(share) => share.of.0,
            Config::Path(path) => path
                .points
                .values()
                .map(|share| share.0)
                .fold(0.0, f64::max),
        }
    }

    /// In words; nothing of all.
    pub fn said(&self) -> Option<String> {
        let whose = |by: By| match by {
            By::Try => "requests, each try by a lot of its own",
            By::Call => "calls, with all their tries",
            By::Conversation => "conversations, with all their calls",
            By::User => "users, with all their calls",
        };
        let percent = |share: f64| format!("{} %", (share * 1e6).round() / 1e4);
        Some(match self {
            Config::All(_) => return None,
            Config::Share(share) => format!("{} of {}", percent(share.of.0), whose(share.by)),
            Config::Path(path) => {
                format!("up to {} of {}", percent(self.most()), whose(path.by))
            }
            Config::First(first) => first.said(),
        })
    }

    /// Whether a request is hit. `counted` is how many requests of its provider the fault has met;
    /// asking counts.
    pub fn strikes(&self, at: Moment, of: Target<'_>, counted: &mut u32, draws: &Draws) -> bool {
        let (share, by) = match self {
            Config::First(first) => {
                let before = *counted;
                *counted = counted.saturating_add(1);
                if !first.strikes(before, of.receipt) {
                    return false;
                }
                (1.0, By::Try)
            }
            Config::All(_) => (1.0, By::Try),
            Config::Share(share) => (share.of.0, share.by),
            Config::Path(path) => (path.at(at.since), path.by),
        };
        let share = share * at.share;
        share >= 1.0 || share > 0.0 && lot(by, at, of, draws) < share
    }
}

/// The number that a request draws, in (0, 1). Its key: whose it is, and (by, fault, incident), with the
/// endpoint and the try where each try has its own.
fn lot(by: By, at: Moment, of: Target<'_>, draws: &Draws) -> f64 {
    let (call, sender) = (of.receipt.call.word(), of.sender);
    let (entity, by, tried) = match by {
        By::User if sender.user > 0 => (u64::from(sender.user), By::User, 0),
        By::Conversation if sender.conversation > 0 => {
            (u64::from(sender.conversation), By::Conversation, 0)
        }
        By::Call | By::User | By::Conversation => (call, By::Call, 0),
        By::Try => {
            let tried = u64::from(of.receipt.endpoint.0) << 16;
            (call, By::Try, tried | u64::from(of.receipt.nth_at_endpoint))
        }
    };
    // 2 bits, 6 bits (there are at most 60 faults), 24 bits, and 32 for the try.
    let incident = u64::from(at.incident) & 0xff_ffff;
    let ordinal = (by as u64) << 62 | u64::from(at.fault) << 56 | incident << 32 | tried;
    draws.lot(Purpose::Struck, entity, ordinal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::draw::{Root, Stage};
    use crate::base::units::Ratio;
    use crate::base::wire::Priority;
    use crate::base::{CallId, EndpointId};

    fn receipt(call: u64, nth: u16) -> Receipt {
        Receipt {
            call: CallId::new(0, call),
            endpoint: EndpointId(0),
            attempt: nth,
            nth_at_endpoint: nth,
            priority: Priority::Normal,
        }
    }

    fn struck(by: By, of: f64, call: u64, nth: u16, user: u32) -> bool {
        let draws = Draws::new(Root::new(5, Stage::Run, 0));
        let hits = Config::Share(share::Config { of: Ratio(of), by });
        let moment = Moment {
            fault: 1,
            since: Duration::ZERO,
            share: 1.0,
            incident: 0,
        };
        let sender = Sender {
            user,
            ..Sender::NOBODY
        };
        let target = Target {
            receipt: &receipt(call, nth),
            sender,
        };
        hits.strikes(moment, target, &mut 0, &draws)
    }

    #[test]
    fn the_share_that_is_hit_is_the_share_that_is_written() {
        let hit = (0..20_000).filter(|&call| struck(By::Call, 0.1, call, 0, 0));
        let share = hit.count() as f64 / 20_000.0;
        assert!((share - 0.1).abs() < 4.0 * 0.0021, "seed 5: {share}");
    }

    #[test]
    fn users_and_calls_stick_and_tries_do_not() {
        for user in 1..200 {
            let of = |call, nth| struck(By::User, 0.3, call, nth, user);
            assert!((0..20).all(|call| of(call, 0) == of(0, 3)), "user {user}");
        }
        for call in 0..200 {
            let of = |nth| struck(By::Call, 0.3, call, nth, 0);
            assert!((1..5).all(|nth| of(nth) == of(0)), "call {call}");
        }
        let second = (0..2000)
            .filter(|&call| struck(By::Try, 0.5, call, 0, 0) && struck(By::Try, 0.5, call, 1, 0));
        let both = second.count() as f64 / 2000.0;
        assert!((both - 0.25).abs() < 0.04, "seed 5: {both}");
    }

    #[test]
    fn who_is_hit_stays_hit_while_the_share_grows() {
        for user in 1..500 {
            let of = |share| struck(By::User, share, 7, 0, user);
            assert!(!of(0.1) || of(0.2), "user {user}");
        }
    }
}
