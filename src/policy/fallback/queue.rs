//! The calls that a process has put off, until they are answered or too old.

use std::collections::{BTreeMap, VecDeque};

use super::defer::Config;
use crate::base::wire::Request;
use crate::base::{DeferralId, Duration, Instant};

/// One call that was put off.
#[derive(Clone, Copy, Debug)]
struct Entry {
    id: DeferralId,
    request: Request,
    since: Instant,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// This one is sent now.
    Send(DeferralId, Request),
    /// This one has become too old.
    TooOld(DeferralId),
}

/// What becomes of one whose call has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It is answered.
    Answered,
    /// It is back in its place.
    Kept,
    /// It is lost.
    TooOld,
}

/// The state of one process.
#[derive(Clone, Debug)]
pub struct Queue {
    /// The oldest first.
    waiting: VecDeque<Entry>,
    /// Those that were sent and have not ended.
    sent: BTreeMap<DeferralId, Entry>,
    /// Whether the last that ended was answered: then several may be under way.
    well: bool,
    /// The last that ended, if it failed.
    failed: Option<DeferralId>,
    /// The next is not sent before.
    next_at: Instant,
    due_at: Instant,
}

impl Default for Queue {
    fn default() -> Queue {
        Queue {
            waiting: VecDeque::new(),
            sent: BTreeMap::new(),
            well: false,
            failed: None,
            next_at: Instant::ZERO,
            due_at: Instant::NEVER,
        }
    }
}

impl Queue {
    /// When something is due; [`Instant::NEVER`] if it depends on one that was sent.
    #[inline]
    pub fn due_at(&self) -> Instant {
        self.due_at
    }

    /// How many are put off, those under way included.
    pub fn len(&self) -> usize {
        self.waiting.len() + self.sent.len()
    }

    /// Whether none is put off.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether one more may be put off.
    pub fn has_room(&self, config: &Config) -> bool {
        self.len() < config.max as usize
    }

    /// Puts a call off that has just failed; ids count up.
    pub fn defer(&mut self, config: &Config, id: DeferralId, request: Request, now: Instant) {
        if self.is_empty() {
            self.well = false;
            self.next_at = now + config.retry_every;
        }
        self.next_at = self.next_at.max(now + Duration::from_ns(1));
        let since = now;
        self.waiting.push_back(Entry { id, request, since });
        self.plan(config);
    }

    /// What is due by now, one at a time. After one that failed again the next in order has its turn.
    pub fn next(&mut self, config: &Config, now: Instant) -> Option<Due> {
        let first = self.waiting.front().filter(|_| self.due_at <= now)?;
        let due = if first.since + config.max_age <= now {
            Due::TooOld(self.waiting.pop_front()?.id)
        } else {
            let after = |failed: DeferralId| self.waiting.iter().position(|e| e.id > failed);
            let place = self.failed.and_then(after).unwrap_or(0);
            let entry = self.waiting.remove(place)?;
            self.sent.insert(entry.id, entry);
            self.next_at = now + config.drain.interval();
            Due::Send(entry.id, entry.request)
        };
        self.plan(config);
        Some(due)
    }

    /// The call of one that was sent has ended; None if none of them was sent under this id.
    pub fn on_end(
        &mut self,
        config: &Config,
        id: DeferralId,
        answered: bool,
        now: Instant,
    ) -> Option<Then> {
        let entry = self.sent.remove(&id)?;
        let was_well = std::mem::replace(&mut self.well, answered);
        self.failed = (!answered).then_some(id);
        // While all is well they are sent at the drain rate, whatever comes back.
        let pause = match answered {
            true if was_well => Duration::from_ns(1),
            true => config.drain.interval(),
            false => config.retry_every,
        };
        self.next_at = self.next_at.max(now + pause);
        let then = match answered {
            true => Then::Answered,
            false if entry.since + config.max_age <= now => Then::TooOld,
            false => {
                let younger = self.waiting.iter().position(|other| other.id > id);
                let place = younger.unwrap_or(self.waiting.len());
                self.waiting.insert(place, entry);
                Then::Kept
            }
        };
        self.plan(config);
        Some(then)
    }

    fn plan(&mut self, config: &Config) {
        let may_send = self.well || self.sent.is_empty();
        let send_at = if may_send {
            self.next_at
        } else {
            Instant::NEVER
        };
        self.due_at = match self.waiting.front() {
            Some(first) => send_at.min(first.since + config.max_age),
            None => Instant::NEVER,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Duration;
    use crate::base::wire::Priority;

    const REQUEST: Request = Request {
        prompt_tokens: 1,
        max_tokens: 1,
        stream: false,
        priority: Priority::Batch,
        sender: crate::base::Sender::NOBODY,
        needs: crate::base::Capabilities::NONE,
    };

    fn at(s: u64) -> Instant {
        Instant(s * 1_000_000_000)
    }

    /// Drains by 1/s, retries every 10 s, keeps for 60 s.
    fn config() -> Config {
        Config {
            max: 5,
            drain: crate::base::units::parse_rate("1/s").unwrap(),
            retry_every: Duration::from_s(10),
            max_age: Duration::from_s(60),
        }
    }

    fn id(n: u32) -> DeferralId {
        DeferralId::new(n)
    }

    fn filled() -> Queue {
        let mut queue = Queue::default();
        for n in 1..=5 {
            assert!(queue.has_room(&config()));
            queue.defer(&config(), id(n), REQUEST, at(0));
        }
        assert!(!queue.has_room(&config()));
        queue
    }

    #[test]
    fn one_alone_is_tried_until_one_is_answered_and_then_they_drain_in_order() {
        let (config, mut queue) = (config(), filled());
        assert_eq!(queue.due_at(), at(10));
        assert_eq!(queue.next(&config, at(9)), None);
        assert_eq!(queue.next(&config, at(10)), Some(Due::Send(id(1), REQUEST)));
        // Nothing beside it, but for what grows too old.
        assert_eq!(queue.due_at(), at(60));
        assert_eq!(
            queue.on_end(&config, id(1), false, at(12)),
            Some(Then::Kept)
        );
        assert_eq!(queue.due_at(), at(22));
        // The next in order: the first may be one that never succeeds.
        assert_eq!(queue.next(&config, at(22)), Some(Due::Send(id(2), REQUEST)));
        assert_eq!(
            queue.on_end(&config, id(2), true, at(23)),
            Some(Then::Answered)
        );
        for (n, s) in [(1, 24), (3, 25), (4, 26)] {
            assert_eq!(queue.due_at(), at(s));
            assert_eq!(queue.next(&config, at(s)), Some(Due::Send(id(n), REQUEST)));
        }
        // Two of three under way fail: those go back to their places.
        assert_eq!(
            queue.on_end(&config, id(3), false, at(27)),
            Some(Then::Kept)
        );
        assert_eq!(
            queue.on_end(&config, id(1), false, at(28)),
            Some(Then::Kept)
        );
        assert_eq!(
            queue.on_end(&config, id(4), true, at(29)),
            Some(Then::Answered)
        );
        assert_eq!(queue.due_at(), at(38));
        assert_eq!(queue.next(&config, at(38)), Some(Due::Send(id(1), REQUEST)));
    }

    #[test]
    fn answers_that_come_back_and_calls_that_are_put_off_meanwhile_do_not_slow_the_drain() {
        let (config, mut queue) = (config(), filled());
        assert!(matches!(queue.next(&config, at(10)), Some(Due::Send(..))));
        queue.on_end(&config, id(1), true, at(11));
        for (n, s) in [(2, 12), (3, 13), (4, 14)] {
            assert_eq!(queue.due_at(), at(s));
            assert_eq!(queue.next(&config, at(s)), Some(Due::Send(id(n), REQUEST)));
            let half = Instant(at(s).0 + 500_000_000);
            queue.on_end(&config, id(n), true, half);
            queue.defer(&config, id(n + 10), REQUEST, half);
        }
    }

    #[test]
    fn what_is_too_old_is_lost_whether_it_waits_or_comes_back() {
        let (config, mut queue) = (config(), filled());
        assert!(matches!(queue.next(&config, at(10)), Some(Due::Send(..))));
        for n in 2..=5 {
            assert_eq!(queue.next(&config, at(60)), Some(Due::TooOld(id(n))));
        }
        assert_eq!(queue.due_at(), Instant::NEVER);
        assert_eq!(
            queue.on_end(&config, id(1), false, at(61)),
            Some(Then::TooOld)
        );
        assert_eq!(queue.on_end(&config, id(1), false, at(61)), None);
        assert!(queue.is_empty());
    }
}
