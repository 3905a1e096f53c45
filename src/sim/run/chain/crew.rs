//! The processes of layers: who is under which policy, and who exchanges news with whom.

use std::ops::Range;

use crate::base::wire::Priority;
use crate::base::{Draws, EndpointId, Purpose, Slab};
use crate::engine::{Client, Fleet, Notice, Policy};

use super::super::super::chain::Chain;
use super::Chained;

/// Processes under one policy.
#[derive(Debug)]
pub(super) struct Crew<'a> {
    pub(super) policy: &'a Policy,
    pub(super) layer: u8,
    /// What they know together; None if nothing is the fleet's.
    pub(super) fleet: Option<Box<Fleet>>,
    /// Their places among all processes.
    pub(super) processes: Range<u32>,
    /// The number of their first monitor among those of all layers.
    first_monitor: u16,
}

impl<'a> Chained<'a> {
    /// The processes of a chain, and all else it begins with.
    pub(in super::super) fn new(
        plan: &'a Chain,
        endpoints: usize,
        draws: impl Fn() -> Draws,
    ) -> (Chained<'a>, Vec<Client>) {
        let mut chained = Chained {
            plan,
            crews: Vec::new(),
            crew_of: Vec::new(),
            first_crew: Vec::new(),
            chooser: plan.chooser as u8,
            links: Vec::new(),
            passages: Slab::new(),
            trees: Slab::new(),
            owed: Vec::new(),
            given_up: Default::default(),
            passed_pico_usd: 0,
            draws: draws(),
        };
        let (mut clients, mut first_monitor) = (Vec::new(), 0);
        for (layer, ready) in plan.layers.iter().enumerate() {
            chained.first_crew.push(chained.crews.len() as u16);
            for policy in &ready.policies {
                let first = clients.len() as u32;
                let number = chained.crews.len() as u16;
                let client = |_| Client::new(policy, endpoints, draws());
                clients.extend((0..ready.processes).map(client));
                chained.crew_of.resize(clients.len(), number);
                let fleet = || Box::new(Fleet::new(policy, endpoints, draws()));
                chained.crews.push(Crew {
                    policy,
                    layer: layer as u8,
                    fleet: policy.sync().map(|_| fleet()),
                    processes: first..clients.len() as u32,
                    first_monitor,
                });
            }
            first_monitor += ready.policies[0].monitors().count() as u16;
        }
        (chained, clients)
    }

    pub(super) fn crew(&self, process: u32) -> &Crew<'a> {
        &self.crews[usize::from(self.crew_of[process as usize])]
    }

    /// The policy of a process.
    pub(in super::super) fn policy_of(&self, process: u32) -> &'a Policy {
        self.crew(process).policy
    }

    /// What a process knows together with others.
    pub(in super::super) fn fleet_of(&mut self, process: u32) -> &mut Option<Box<Fleet>> {
        &mut self.crews[usize::from(self.crew_of[process as usize])].fleet
    }

    /// How many groups of processes exchange news, each by itself.
    pub(in super::super) fn crews(&self) -> u32 {
        self.crews.len() as u32
    }

    /// A group of processes: its policy, what it knows together, who belongs to it.
    pub(in super::super) fn crew_numbered(
        &mut self,
        number: u32,
    ) -> (&'a Policy, &mut Option<Box<Fleet>>, Range<u32>) {
        let crew = &mut self.crews[number as usize];
        (crew.policy, &mut crew.fleet, crew.processes.clone())
    }

    /// Whether any layer takes an answer out of its code fence.
    pub(in super::super) fn strips_fences(&self, priority: Priority) -> bool {
        let mut crews = self.crews.iter();
        crews.any(|crew| crew.policy.of(priority).strips_fences())
    }

    /// The process of a layer that serves a call to an endpoint, which comes from another process.
    pub(super) fn process_for(&self, layer: u8, from: u32, entity: u64, to: EndpointId) -> u32 {
        let ready = &self.plan.layers[usize::from(layer)];
        let crew = self.first_crew[usize::from(layer)] + ready.policy_for(to);
        let local = match ready.drawn {
            true => {
                let u = self.draws.unit(Purpose::Process, entity, 0);
                ((u * f64::from(ready.processes)) as u32).min(ready.processes - 1)
            }
            false => from - self.crew(from).processes.start,
        };
        self.crews[usize::from(crew)].processes.start + local
    }

    /// What is to be recorded of something that a process noted.
    pub(in super::super) fn to_record(&self, process: u32, notice: Notice) -> Heard<'a> {
        let crew = self.crew(process);
        match notice {
            Notice::Alert { monitor, endpoint } => Heard::Notice(Notice::Alert {
                monitor: monitor + crew.first_monitor,
                endpoint,
            }),
            Notice::BreakerTripped { .. } | Notice::BreakerClosed { .. }
                if crew.layer != self.chooser =>
            {
                Heard::OfLayer(crew.policy, notice)
            }
            _ => Heard::Notice(notice),
        }
    }
}

/// What is made of a notice.
pub(in super::super) enum Heard<'a> {
    /// It is recorded so.
    Notice(Notice),
    /// It is about a breaker in front of another layer.
    OfLayer(&'a Policy, Notice),
}
