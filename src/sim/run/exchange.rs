//! The processes of a client exchange what they know.

use crate::base::Instant;
use crate::engine::{Client, Output};

use super::{EXCHANGE, RANK_WAKE, Run, event};

impl Run<'_> {
    /// Plans the next exchange, if anything is the fleet's.
    pub(super) fn plan_exchange(&mut self, now: Instant) {
        if let Some(sync) = self.policy.sync() {
            self.queue.push(now + sync, RANK_WAKE, event(EXCHANGE, 0));
        }
    }

    /// Every process takes over what all of them have told.
    pub(super) fn exchange(&mut self, now: Instant) {
        self.plan_exchange(now);
        let Some(fleet) = self.fleet.as_mut().filter(|fleet| fleet.has_news()) else {
            return;
        };
        fleet.meet(self.clients.iter().map(Client::busy).sum());
        for (process, client) in (0..).zip(&mut self.clients) {
            client.adopt(self.policy, fleet, process, now, &mut self.own_out);
            for output in self.own_out.drain(..) {
                match output {
                    Output::Ready { slot } => self.ready.push_back(slot),
                    Output::Notice(notice) => self.recorder.on_own_notice(now, process, notice),
                    _ => debug_assert!(false, "an exchange is no fact of a call"),
                }
            }
        }
        if self.wakes_clients {
            (0..self.clients.len() as u32).for_each(|process| self.park_client(process));
        }
    }
}
