//! Quotas of single users: each has the rate for himself, and none is made to wait.
//!
//! A line is a process's, and whoever stands in it stands before others: a user who has used up what he
//! may would hold up everybody. So his attempts are refused, as gateways refuse them.

use std::collections::{BTreeMap, BTreeSet};

use super::journal::Journal;
use super::meter::Meter;
use super::{Config, Need};
use crate::base::{Duration, Instant};

/// Whose rate it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// All calls share it.
    #[default]
    Process,
    /// Each user has it for himself; calls of nobody in particular pass.
    User,
}

/// The most users that are remembered: the one who was quiet the longest is forgotten first, and begins
/// anew.
pub const MOST_USERS: usize = 10_000;

/// What the users of a process have let pass.
#[derive(Clone, Debug, Default)]
pub(super) struct ByUser {
    meters: BTreeMap<u32, (Meter, Instant)>,
    /// By when they took last.
    by_age: BTreeSet<(Instant, u32)>,
    /// What changed between exchanges; None if all this is the process's alone.
    journal: Option<Journal>,
}

impl ByUser {
    /// Nobody has let anything pass.
    pub(super) fn new(is_fleet: bool) -> ByUser {
        ByUser {
            journal: is_fleet.then(Journal::default),
            ..ByUser::default()
        }
    }

    /// How long until a user's attempt may pass; None: never.
    pub(super) fn wait(&mut self, quota: &Config, need: Need, now: Instant) -> Option<Duration> {
        if need.user == 0 {
            return Some(Duration::ZERO);
        }
        let amount = quota.amount(need);
        match self.meters.get_mut(&need.user) {
            Some((meter, _)) => meter.wait(amount, 0, now),
            None => quota.meter().wait(amount, 0, now),
        }
    }

    /// A user's attempt takes what it needs.
    pub(super) fn take(&mut self, quota: &Config, need: Need, now: Instant) {
        if need.user == 0 {
            return;
        }
        let fresh = || (quota.meter(), now);
        let (meter, took_at) = self.meters.entry(need.user).or_insert_with(fresh);
        meter.take(quota.amount(need), now);
        self.by_age.remove(&(*took_at, need.user));
        *took_at = now;
        self.by_age.insert((now, need.user));
        self.note(need.user);
        if self.meters.len() > MOST_USERS
            && let Some((_, oldest)) = self.by_age.pop_first()
        {
            self.meters.remove(&oldest);
            self.note(oldest);
        }
    }

    /// What a user has let pass, to be corrected, if he is remembered.
    pub(super) fn meter(&mut self, user: u32) -> Option<&mut Meter> {
        self.note(user);
        self.meters.get_mut(&user).map(|(meter, _)| meter)
    }

    fn note(&mut self, user: u32) {
        if let Some(journal) = &mut self.journal {
            journal.note(user);
        }
    }

    /// An exchange begins, if these are the fleet's own.
    pub(super) fn meet(&mut self) {
        if let Some(journal) = &mut self.journal {
            journal.meet();
        }
    }

    /// Takes over what the fleet knows of every user, by copying those of whom it may be something else.
    pub(super) fn adopt(&mut self, common: &ByUser) {
        let journals = self.journal.as_mut().zip(common.journal.as_ref());
        match journals.and_then(|(own, fleet)| own.adopt(fleet)) {
            Some(users) => users.for_each(|user| self.copy(user, common)),
            None => {
                self.meters.clone_from(&common.meters);
                self.by_age.clone_from(&common.by_age);
            }
        }
    }

    /// Whether the same users took last at the same time.
    #[cfg(test)]
    pub(super) fn remembers_as(&self, other: &ByUser) -> bool {
        self.by_age == other.by_age && self.meters.keys().eq(other.meters.keys())
    }

    fn copy(&mut self, user: u32, common: &ByUser) {
        let new = common.meters.get(&user).cloned();
        let new_at = new.as_ref().map(|(_, at)| *at);
        let old = match new {
            Some(new) => self.meters.insert(user, new),
            None => self.meters.remove(&user),
        };
        let old_at = old.map(|(_, at)| at);
        if old_at == new_at {
            return;
        }
        if let Some(at) = old_at {
            self.by_age.remove(&(at, user));
        }
        if let Some(at) = new_at {
            self.by_age.insert((at, user));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::units::parse_rate;
    use crate::policy::fleet::Scope;
    use crate::policy::quota::requests;

    fn quota() -> Config {
        Config::Requests(requests::Config {
            rate: parse_rate("1/s").unwrap(),
            burst: Some(2),
            max_wait: Duration::ZERO,
            method: super::super::meter::Method::Bucket,
            scope: Scope::Process,
            per: Per::User,
        })
    }

    fn of(user: u32) -> Need {
        Need {
            user,
            ..Need::default()
        }
    }

    #[test]
    fn each_user_has_the_rate_for_himself() {
        let (quota, mut users) = (quota(), ByUser::default());
        let now = Instant::ZERO;
        (0..2).for_each(|_| users.take(&quota, of(1), now));
        assert_eq!(users.wait(&quota, of(1), now), Some(Duration::from_s(1)));
        assert_eq!(users.wait(&quota, of(2), now), Some(Duration::ZERO));
        assert_eq!(users.wait(&quota, of(0), now), Some(Duration::ZERO));
    }

    #[test]
    fn no_more_users_are_remembered_than_there_is_room_for() {
        let (quota, mut users) = (quota(), ByUser::default());
        for user in 1..=2 * MOST_USERS as u32 {
            users.take(&quota, of(user), Instant(u64::from(user)));
        }
        assert_eq!(
            (users.meters.len(), users.by_age.len()),
            (MOST_USERS, MOST_USERS)
        );
        assert!(users.meter(MOST_USERS as u32).is_none(), "the oldest went");
        assert!(users.meter(2 * MOST_USERS as u32).is_some());
    }
}
