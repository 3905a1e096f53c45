//! Status pages: when each says that there is trouble, and when that it is over.

use crate::base::{Draws, Instant, Purpose};
use crate::provider::status_page;

use super::faults::Faults;
use super::state::World;

impl<N> World<N> {
    /// The changes of a provider's page, in order: when, and whether it says from then on that there is
    /// trouble.
    pub fn page(&self, provider: u16) -> Vec<(Instant, bool)> {
        let Some(page) = &self.providers[usize::from(provider)].page else {
            return Vec::new();
        };
        changes(page, provider, &self.weather, &self.draws)
    }
}

fn changes(
    page: &status_page::Config,
    provider: u16,
    faults: &Faults,
    draws: &Draws,
) -> Vec<(Instant, bool)> {
    let mut told: Vec<(Instant, i32)> = Vec::new();
    for (fault, config, times) in faults.at(provider) {
        if config.effect.effect().is_silent() {
            continue;
        }
        for (time, i) in times.iter().zip(0u64..) {
            let lot = || {
                draws.lot(
                    Purpose::StatusPage,
                    u64::from(fault),
                    u64::from(provider) << 32 | i,
                )
            };
            let small = time.share * config.hits.most() < page.least.0;
            if !small && (page.misses.0 == 0.0 || lot() >= page.misses.0) {
                told.push((time.from + page.delay, 1));
                told.push((time.to + page.delay, -1));
            }
        }
    }
    told.sort_unstable();
    let (mut troubles, mut changes) = (0, Vec::<(Instant, bool)>::new());
    for (at, change) in told {
        troubles += change;
        let says = troubles > 0;
        // What changes twice in one instant has not changed.
        while changes.last().is_some_and(|last| last.0 == at) {
            changes.pop();
        }
        if changes.last().is_some_and(|last| last.1) != says {
            changes.push((at, says));
        }
    }
    changes
}
