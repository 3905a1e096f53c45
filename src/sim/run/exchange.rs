//! The processes of a client exchange what they know.

use crate::base::Instant;
use crate::engine::{Client, Output};

use super::{EXCHANGE, RANK_WAKE, Run, event};

impl Run<'_> {
    /// Plans the next exchange of a crew (those who are under one policy; all, but in a chain), if anything
    /// is the fleet's.
    pub(super) fn plan_exchange(&mut self, now: Instant, crew: u32) {
        let policy = match &mut self.chain {
            None => self.policy,
            Some(chain) => chain.crew_numbered(crew).0,
        };
        if let Some(sync) = policy.sync() {
            self.queue
                .push(now + sync, RANK_WAKE, event(EXCHANGE, crew));
        }
    }

    /// Every process of a crew takes over what all of them have told.
    pub(super) fn exchange(&mut self, now: Instant, crew: u32) {
        self.plan_exchange(now, crew);
        let everybody = 0..self.clients.len() as u32;
        let (policy, fleet, processes) = match &mut self.chain {
            None => (self.policy, &mut self.fleet, everybody),
            Some(chain) => chain.crew_numbered(crew),
        };
        let Some(fleet) = fleet.as_mut().filter(|fleet| fleet.has_news()) else {
            return;
        };
        let first = processes.start as usize;
        let clients = &mut self.clients[first..processes.end as usize];
        fleet.meet(clients.iter().map(Client::busy).sum());
        let mut noted = Vec::new();
        for (process, client) in (0..).zip(clients) {
            client.adopt(policy, fleet, process, now, &mut self.own_out);
            for output in self.own_out.drain(..) {
                match output {
                    Output::Ready { slot } => self.ready.push_back(slot),
                    Output::Notice(notice) => noted.push((processes.start + process, notice)),
                    _ => debug_assert!(false, "an exchange is no fact of a call"),
                }
            }
        }
        for (process, notice) in noted {
            self.note_own(now, process, notice);
        }
        if self.wakes_clients {
            processes.for_each(|process| self.park_client(process));
        }
    }
}
