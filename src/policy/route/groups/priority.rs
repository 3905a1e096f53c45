//! Groups that share the load by priority, as Envoy's: the first takes all while enough of it is healthy, and
//! what it cannot take spills over to the next.
//!
//! Health is the share of a group's endpoints whose breakers are not open. With the overprovisioning factor f
//! (1.4) a group of health h can take min(100, f·h) per cent, so that the first takes everything down to
//! 100/f ≈ 72 % healthy. If all together can take less than 100 %, each takes its part of what there is; and then
//! a group below the panic threshold ignores its breakers. If all groups do, each takes its part of the
//! endpoints, healthy or not; if none is healthy and the threshold is 0, the first takes all. Every attempt,
//! retries too, draws its group by these shares, and the route chooses within it.
//!
//! Source: Envoy, `load_balancer_impl.cc` (`recalculatePerPriorityState`, `recalculatePerPriorityPanic`,
//! `recalculateLoadInTotalPanic`, in whole per cent, rounded down, the rest to the first that is healthy) and
//! "Priority levels" and "Panic threshold" of its documentation.

use serde::{Deserialize, Serialize};

use super::MAX_PLACES;
use crate::base::Check;
use crate::base::registry::Kind;
use crate::base::units::Ratio;
use crate::policy::route::steering::Label;

/// This kind.
pub const INFO: Kind = Kind {
    name: "priority",
    summary: "load spills over to the next group as health falls (Envoy)",
};

/// Settings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// The label that the endpoints of a priority have in common.
    pub by: Label,
    /// How many times its share of healthy endpoints a group can take; 1 or more.
    pub overprovisioning: f32,
    /// With a smaller share healthy than this, and too little healthy in all, a group's breakers are ignored;
    /// 0: never.
    pub panic: Ratio,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            by: Label::Group,
            overprovisioning: 1.4,
            panic: Ratio(0.5),
        }
    }
}

/// How the load is shared just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loads {
    /// By group, its share in per cent.
    pub share: [u8; MAX_PLACES],
    /// The groups that ignore their breakers, one bit each.
    pub panic: u16,
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if !(1.0..=100.0).contains(&self.overprovisioning) {
            check
                .mistake(
                    "overprovisioning",
                    "a factor that is not from 1 to 100",
                    "1.4 is Envoy's",
                )
                .help("with 1 the load spills over as soon as one endpoint is out");
        }
    }

    /// How the load is shared among groups of which so many are healthy, of so many.
    pub fn loads(&self, groups: &[(u32, u32)]) -> Loads {
        let factor = (f64::from(self.overprovisioning) * 100.0).round() as u32;
        let can = |&(healthy, all): &(u32, u32)| (factor * healthy / all.max(1)).min(100);
        let total = groups.iter().map(can).sum::<u32>().min(100);
        let mut loads = Loads {
            share: [0; MAX_PLACES],
            panic: 0,
        };
        for (group, (healthy, all)) in groups.iter().enumerate() {
            let few = f64::from(*healthy) < self.panic.0 * f64::from(*all);
            loads.panic |= u16::from(total < 100 && few) << group;
        }
        let hosts: u32 = groups.iter().map(|(_, all)| all).sum();
        let all_panic = loads.panic.count_ones() as usize == groups.len();
        let (mut left, mut first) = (100, None);
        for (group, health) in groups.iter().enumerate() {
            let share = match all_panic {
                true => 100 * health.1 / hosts.max(1),
                false => can(health) * 100 / total.max(1),
            };
            let share = share.min(left);
            first = first.or((share > 0).then_some(group));
            loads.share[group] = share as u8;
            left -= share;
        }
        loads.share[first.unwrap_or(0)] += left as u8;
        loads
    }
}

impl Loads {
    /// The group of a uniform.
    pub fn pick(&self, u: f64) -> usize {
        let at = (u * 100.0) as u32;
        let mut sum = 0;
        let under = |share: &u8| {
            sum += u32::from(*share);
            at < sum
        };
        self.share.iter().position(under).unwrap_or(0)
    }
}
