//! Whose meters changed between two exchanges of a fleet, so that no more is copied than did.
//!
//! The fleet and each process keep one. At an exchange the fleet hands out what changed since the one
//! before; a process takes over those users and the ones it changed itself, and knows the same as if it had
//! copied everything. Whoever missed an exchange, or cannot tell any more what changed, copies everything.

use std::collections::BTreeSet;
use std::mem;

use super::per::MOST_USERS;

/// The most users that are kept apart: at about so many copying everybody costs as much.
const MOST: usize = MOST_USERS / 4;

/// Users whose meters changed.
#[derive(Clone, Debug)]
enum Changed {
    These(BTreeSet<u32>),
    /// More than are kept apart.
    Many,
}

impl Default for Changed {
    fn default() -> Changed {
        Changed::These(BTreeSet::new())
    }
}

impl Changed {
    fn note(&mut self, user: u32) {
        if let Changed::These(users) = self {
            users.insert(user);
            if users.len() > MOST {
                *self = Changed::Many;
            }
        }
    }
}

/// What changed since the last exchange, and, with the fleet, between the last two.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    /// How many exchanges there were: of the fleet, or up to the one whose state a process took over.
    exchanges: u64,
    since: Changed,
    before: Changed,
}

impl Journal {
    /// A user's meter changed, or was forgotten.
    pub(super) fn note(&mut self, user: u32) {
        self.since.note(user);
    }

    /// An exchange begins: what the fleet heard up to now is handed out.
    pub(super) fn meet(&mut self) {
        self.exchanges += 1;
        self.before = mem::take(&mut self.since);
    }

    /// A process takes over what the fleet knows. Returns the users that may differ, some of them twice;
    /// None: any may.
    pub(super) fn adopt<'f>(
        &mut self,
        fleet: &'f Journal,
    ) -> Option<impl Iterator<Item = u32> + use<'f>> {
        let follows = fleet.exchanges == self.exchanges + 1;
        self.exchanges = fleet.exchanges;
        match (mem::take(&mut self.since), &fleet.before) {
            (Changed::These(own), Changed::These(theirs)) if follows => {
                Some(own.into_iter().chain(theirs.iter().copied()))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::meter::Method;
    use super::super::per::{ByUser, Per};
    use super::super::{Config, Need, requests};
    use super::*;
    use crate::base::units::parse_rate;
    use crate::base::{Duration, Instant};
    use crate::policy::fleet::Scope;
    use rand::rngs::Xoshiro256PlusPlus;
    use rand::{RngExt, SeedableRng};

    fn quota(method: Method) -> Config {
        Config::Requests(requests::Config {
            rate: parse_rate("3/s").unwrap(),
            burst: None,
            max_wait: Duration::ZERO,
            method,
            scope: Scope::Fleet,
            per: Per::User,
        })
    }

    /// A process twice: one that takes over what changed, and the slow and obvious one, which forgets all
    /// it knows and copies everything.
    struct Twice {
        fast: ByUser,
        slow: ByUser,
    }

    impl Twice {
        fn take(&mut self, quota: &Config, need: Need, now: Instant) {
            self.fast.take(quota, need, now);
            self.slow.take(quota, need, now);
        }
    }

    /// Few users and as many as are forgotten again, exchanges often, seldom and missed: all three
    /// processes always know the same of every user.
    #[test]
    fn taking_over_what_changed_is_taking_over_everything() {
        let methods = [
            Method::Bucket,
            Method::Gcra,
            Method::FixedWindow,
            Method::CalendarWindow,
            Method::SlidingLog,
            Method::SlidingCounter,
        ];
        for (seed, method) in (0..).zip(methods) {
            for (users, takes, every) in [(20, 3000, 7), (12_000, 24_000, 900), (9000, 9000, 4000)]
            {
                let r = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
                let (quota, mut fleet) = (quota(method), ByUser::new(true));
                let fresh = || Twice {
                    fast: ByUser::new(true),
                    slow: ByUser::new(true),
                };
                let mut processes: Vec<Twice> = (0..3).map(|_| fresh()).collect();
                let mut now = Instant::ZERO;
                for step in 1..=takes {
                    now = now + Duration(r.random_range(0..2_000_000));
                    let user = r.random_range(1..=users);
                    let need = Need {
                        user,
                        ..Need::default()
                    };
                    let at = r.random_range(0..3);
                    processes[at].take(&quota, need, now);
                    fleet.take(&quota, need, now);
                    if step % every == 0 {
                        fleet.meet();
                        // One in ten misses it.
                        for twice in processes.iter_mut().filter(|_| r.random_bool(0.9)) {
                            twice.fast.adopt(&fleet);
                            twice.slow = fleet.clone();
                        }
                    }
                    for twice in &mut processes {
                        let wait = |side: &mut ByUser| side.wait(&quota, need, now);
                        let (fast, slow) = (wait(&mut twice.fast), wait(&mut twice.slow));
                        assert_eq!(fast, slow, "seed {seed}, {method:?}, step {step}");
                    }
                }
                for Twice { fast, slow } in &processes {
                    assert!(fast.remembers_as(slow), "seed {seed}, {method:?}, {users}");
                }
            }
        }
    }

    #[test]
    fn no_more_users_are_kept_apart_than_there_is_room_for() {
        let mut journal = Journal::default();
        (0..MOST as u32).for_each(|user| journal.note(user));
        assert!(matches!(&journal.since, Changed::These(users) if users.len() == MOST));
        journal.note(MOST as u32);
        assert!(matches!(&journal.since, Changed::Many));
        journal.meet();
        assert!(Journal::default().adopt(&journal).is_none());
    }
}
