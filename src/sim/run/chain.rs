//! Chains in the driver's hands: what is kept of layers, and of calls on their way between them.
//!
//! The processes of all layers stand in one list, those of the outermost first; a call's process says whose
//! policy it is under. A call of an inner layer is a call like any other to its engine. What it is to the
//! simulator stands here, by its slot: which attempt of which call it is made for.

mod back;
mod crew;
mod passing;
mod status;

use std::collections::VecDeque;

use crate::base::wire::{Ending, Request};
use crate::base::{
    CallId, Class, Draws, Duration, EndpointId, Fallback, Instant, Origin, Receipt, Slab, Usage,
};

use super::super::chain::Chain;
use super::super::record::{AttemptRecord, CallRecord};
use crew::Crew;
pub(super) use crew::Heard;

/// No passage, no slot.
const NOBODY: u32 = u32::MAX;

/// What a run of a chain keeps beside what every run does.
#[derive(Debug)]
pub(super) struct Chained<'a> {
    plan: &'a Chain,
    crews: Vec<Crew<'a>>,
    /// By process: its crew.
    crew_of: Vec<u16>,
    /// By layer: its first crew.
    first_crew: Vec<u16>,
    /// Which layer's breakers are those for providers.
    chooser: u8,
    /// By slot of a call.
    links: Vec<Link>,
    passages: Slab<Passage>,
    trees: Slab<Tree>,
    /// By job of the world: who owes its bill.
    owed: Vec<Owed>,
    /// Passages whose caller has gone away, to be told.
    given_up: VecDeque<u32>,
    /// Bills that were told to an outer layer too.
    passed_pico_usd: u128,
    /// Which process of a layer serves which call.
    draws: Draws,
}

/// What a call is in its chain.
#[derive(Clone, Copy, Debug)]
struct Link {
    layer: u8,
    tree: u32,
    /// What it is made for; [`NOBODY`]: it is an original call.
    passage: u32,
    /// Why it is made, seen from outside: an outer layer's retry is one however often it is passed on.
    origin: Origin,
    /// The newest ending of an attempt that has not been taken note of yet, and whose it is.
    pending: Option<(u16, Ending)>,
    /// How its newest attempt ended, and what was seen of that.
    last: Option<(Class, Option<Ending>)>,
    /// The attempt whose answer it delivers.
    delivered: Option<u16>,
    /// What its own fallback gave, or that of the layer that answered.
    degraded: Option<Fallback>,
}

/// One attempt of a layer, as a call of the next.
#[derive(Clone, Copy, Debug)]
struct Passage {
    /// The slot of the call whose attempt it is, as long as that waits, and its process.
    parent: u32,
    process: u32,
    /// The attempt.
    receipt: Receipt,
    /// The passage which that call is made for.
    outer: u32,
    /// The layer of that call's next one, where it leads.
    layer: u8,
    tree: u32,
    origin: Origin,
    request: Request,
    answer_tokens: u32,
    deadline: Instant,
    /// When it arrives at the next layer.
    arrives: Instant,
    /// Its call there, while that is open.
    child: u32,
    state: State,
    /// Whether the attempt has not ended for its caller.
    awaited: bool,
    /// Events of it in the queue.
    events: u8,
    /// Requests to providers and inner passages without a bill, and the bills so far.
    unbilled: u32,
    usage: Usage,
    billed: bool,
    /// The provider's attempt whose answer comes back.
    answer: Option<(AttemptRecord, EndpointId)>,
    /// How it ended, when, and whether what came is truly good.
    ending: Option<Ending>,
    ended_at: Instant,
    good: bool,
    degraded: Option<Fallback>,
}

/// How far a passage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// On its way; the connection may be closed meanwhile.
    Underway { closed: bool },
    /// The next layer has it.
    There,
    /// The next layer is done with it.
    Over,
}

/// All calls that are made for one original call.
#[derive(Clone, Debug)]
struct Tree {
    root: CallId,
    /// The original's record, with when and where the first attempt at a provider was sent.
    head: CallRecord,
    /// Tries at each provider, whoever made them: the key of the world's draws, as if there were no layers.
    tries: Vec<(EndpointId, u16)>,
    /// The original, and passages.
    open: u32,
    /// In lines of all layers.
    queue_wait: Duration,
}

/// Whose a job of the world is, in the words of the layer that sent it.
#[derive(Clone, Copy, Debug)]
struct Owed {
    call: CallId,
    nth_at_endpoint: u16,
    passage: u32,
}

/// What happens to a passage: the low bits of its events.
const ARRIVES: u32 = 0;
const BEGINS: u32 = 1;
const ENDS: u32 = 2;
const STEP_BITS: u32 = 2;

impl Chained<'_> {
    /// Whether passages have to be told that nobody waits for them.
    #[inline]
    pub(super) fn has_given_up(&self) -> bool {
        !self.given_up.is_empty()
    }

    /// Whether a call is one that the traffic made.
    pub(super) fn is_original(&self, slot: u32) -> bool {
        self.link(slot).passage == NOBODY
    }

    /// Keeps what was seen of the end of an attempt at a provider.
    pub(super) fn sees(&mut self, slot: u32, attempt: u16, ending: Ending) {
        self.link_mut(slot).sees(attempt, ending);
    }

    /// Money that was told to more than one layer.
    pub(super) fn passed_pico_usd(&self) -> u128 {
        self.passed_pico_usd
    }

    fn link(&self, slot: u32) -> &Link {
        &self.links[slot as usize]
    }

    fn link_mut(&mut self, slot: u32) -> &mut Link {
        &mut self.links[slot as usize]
    }

    fn is_innermost(&self, slot: u32) -> bool {
        usize::from(self.link(slot).layer) + 1 == self.plan.layers.len()
    }

    /// Notes what a call is.
    fn link_up(&mut self, slot: u32, link: Link) {
        let slot = slot as usize;
        if self.links.len() <= slot {
            self.links.resize(slot + 1, link);
        }
        self.links[slot] = link;
    }

    /// The receipt of an attempt at a provider in the words of the layer that sent it, and what it was
    /// made for.
    pub(super) fn own(&self, job: u32, receipt: Receipt) -> (Receipt, u32) {
        let owed = self.owed[job as usize];
        let own = Receipt {
            call: owed.call,
            nth_at_endpoint: owed.nth_at_endpoint,
            ..receipt
        };
        (own, owed.passage)
    }

    fn owe(&mut self, job: u32, owed: Owed) {
        let job = job as usize;
        if self.owed.len() <= job {
            self.owed.resize(job + 1, owed);
        }
        self.owed[job] = owed;
    }

    /// Something of a tree is over.
    fn leave_tree(&mut self, tree: u32) {
        let open = &mut self.trees[tree].open;
        *open -= 1;
        if *open == 0 {
            self.trees.discard(tree);
        }
    }
}

impl Tree {
    /// Which try at an endpoint the next is.
    fn next_try(&mut self, endpoint: EndpointId) -> u16 {
        match self.tries.iter_mut().find(|(known, _)| *known == endpoint) {
            Some((_, tries)) => {
                *tries += 1;
                *tries - 1
            }
            None => {
                self.tries.push((endpoint, 1));
                0
            }
        }
    }
}

/// Why an attempt is sent, seen from outside: what is no first attempt says so itself.
fn seen_from_outside(own: Origin, outer: Origin) -> Origin {
    match own {
        Origin::First => outer,
        Origin::Retry | Origin::Failover | Origin::Hedge => own,
    }
}
