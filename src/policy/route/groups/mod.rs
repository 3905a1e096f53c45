//! Groups of endpoints: which of them serve one another's calls, and in which order the groups are asked.
//!
//! A group is the endpoints of the route that have one label in common, as LiteLLM's deployments of one
//! `model_name` or the hosts of one of Envoy's priorities; those without the label are one group as well. The
//! groups stand in the order in which the route first names one of theirs. Within a group the kind of the
//! route chooses, anew for every attempt and also among those that were tried: that is what both do.

pub mod fallback;
pub mod none;
pub mod priority;

use super::Endpoint;
use super::router::MAX_PLACES;
use super::steering::Label;
use crate::base::registry::registry;

registry! {
    /// Groups of endpoints.
    #[derive(serde::Serialize)]
    "groups": None = none, Fallback = fallback, Priority = priority
}

impl Default for Config {
    fn default() -> Config {
        Config::None(none::Config {})
    }
}

impl Config {
    /// Whether there is a next group that a failure may lead to.
    pub fn has_next(&self) -> bool {
        matches!(self, Config::Fallback(_))
    }

    /// The label that the endpoints of a group have in common; None: there are no groups.
    pub fn by(&self) -> Option<Label> {
        match self {
            Config::None(_) => None,
            Config::Fallback(kind) => Some(kind.by),
            Config::Priority(kind) => Some(kind.by),
        }
    }
}

/// Groups, laid out over the places of a route.
#[derive(Clone, Debug)]
pub struct Plan {
    kind: Config,
    /// By place, its group.
    of: Vec<u8>,
    /// By group, its places, one bit each.
    members: Vec<u16>,
    /// Attempts of a call in one group, and in all.
    attempts: u16,
}

impl Plan {
    /// Lays groups out; `endpoints` are those of the route, `attempts` is `retry.attempts`. None: there are none.
    pub fn new(kind: &Config, endpoints: &[Endpoint<'_>], attempts: u16) -> Option<Plan> {
        let by = kind.by()?;
        let (mut of, mut members, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        for (place, endpoint) in endpoints.iter().enumerate().take(MAX_PLACES) {
            let label = endpoint.label(by);
            let group = labels.iter().position(|known| *known == label);
            let group = group.unwrap_or_else(|| {
                labels.push(label);
                members.push(0);
                labels.len() - 1
            });
            of.push(group as u8);
            members[group] |= 1 << place;
        }
        if let Config::Fallback(kind) = kind {
            members.truncate(usize::from(kind.max) + 1);
        }
        Some(Plan {
            kind: kind.clone(),
            of,
            members,
            attempts,
        })
    }

    /// The attempts that a call may make in all.
    pub fn attempts(&self) -> u16 {
        match self.kind {
            Config::Fallback(_) => self.attempts.saturating_mul(self.members.len() as u16),
            Config::None(_) | Config::Priority(_) => self.attempts,
        }
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The group of a place.
    pub fn of(&self, place: u8) -> usize {
        usize::from(self.of[usize::from(place)])
    }

    /// The places of a group, one bit each; none of one that is never asked.
    pub fn members(&self, group: usize) -> u16 {
        self.members.get(group).copied().unwrap_or(0)
    }

    /// The settings of groups that share the load by priority, if they do.
    pub fn priority(&self) -> Option<&priority::Config> {
        match &self.kind {
            Config::Priority(kind) => Some(kind),
            Config::None(_) | Config::Fallback(_) => None,
        }
    }

    /// The first place of the group after that of a place, if a failure leads there.
    pub fn next(&self, place: u8) -> Option<u8> {
        let next = self.members(self.of(place) + 1);
        (self.kind.has_next() && next != 0).then(|| next.trailing_zeros() as u8)
    }

    /// The first place of the group of a place.
    pub fn first(&self, place: u8) -> u8 {
        self.members(self.of(place)).trailing_zeros() as u8
    }

    /// The places whose breakers are not asked, one bit each.
    pub fn spared(&self) -> u16 {
        let Config::Fallback(fallback::Config {
            spares_single: true,
            ..
        }) = self.kind
        else {
            return 0;
        };
        let single = |members: &&u16| members.count_ones() == 1;
        self.members.iter().filter(single).sum()
    }

    /// Whether a place has others in its group.
    pub fn has_siblings(&self, place: u8) -> bool {
        self.members(self.of(place)).count_ones() > 1
    }

    /// Whether an attempt at one of two places may stand in for one at the other.
    pub fn together(&self, a: u8, b: u8) -> bool {
        !self.kind.has_next() || self.of(a) == self.of(b)
    }

    /// Whether a failure at one place may lead to another: within its group or to a later one, or to whoever
    /// shares the load.
    pub fn leads(&self, from: u8, to: u8) -> bool {
        let on = || self.of(to) >= self.of(from) && self.members(self.of(to)) != 0;
        from != to && (!self.kind.has_next() || on())
    }

    /// The attempts that count together with those at a place: those in its group, or all.
    pub fn tries(&self, tries: &[u16], place: u8) -> u16 {
        let all = tries.iter().enumerate().take(self.of.len());
        let counted = all.filter(|(at, _)| self.together(place, *at as u8));
        counted.fold(0, |sum: u16, (_, tries)| sum.saturating_add(*tries))
    }

    /// Whether the group of a place may be asked once more.
    pub fn has_attempts(&self, tries: &[u16], place: u8) -> bool {
        self.tries(tries, place) < self.attempts
    }
}

#[cfg(test)]
mod tests;
