//! A call on its way in: from layer to layer, and to the provider.

use crate::base::wire::{Ending, Signal};
use crate::base::{CallId, Duration, Instant, Origin, Receipt, Usage};
use crate::engine::{Call, Fact, Notice, Output};
use crate::world::{NewJob, Truth};

use super::super::slot::{AttemptNote, Jobs, Slot};
use super::super::{JOB, PASSAGE, RANK_SIGNAL, RANK_SUBMIT, Run, event, inherited};
use super::{
    ARRIVES, BEGINS, Link, NOBODY, Owed, Passage, STEP_BITS, State, Tree, seen_from_outside,
};

impl Run<'_> {
    /// An original call begins its way through the layers.
    pub(in super::super) fn begin_tree(&mut self, slot: u32) {
        let Some(chain) = &mut self.chain else { return };
        let Slot { call, record, .. } = &self.calls[slot];
        let tree = chain.trees.insert(Tree {
            root: call.id(),
            head: *record,
            tries: Vec::new(),
            open: 1,
            queue_wait: Duration::ZERO,
        });
        chain.link_up(slot, Link::new(0, tree, NOBODY, Origin::First));
    }

    /// Does what an engine says where layers make a difference; false where they make none.
    #[inline(never)]
    pub(in super::super) fn obey_in_chain(
        &mut self,
        now: Instant,
        slot: u32,
        output: Output,
    ) -> bool {
        let Some(chain) = &mut self.chain else {
            return false;
        };
        let innermost = chain.is_innermost(slot);
        match output {
            Output::Dispatch {
                receipt,
                origin,
                probe,
            } => {
                let layer = chain.link(slot).layer;
                self.recorder.on_layer_sent(&self.calls[slot].record, layer);
                match innermost {
                    true => self.send_for(now, slot, receipt, (origin, probe)),
                    false => self.pass(now, slot, receipt, origin),
                }
            }
            Output::Abort { receipt, .. } if !receipt.call.is_of_judge() && !innermost => {
                let passage = self.calls[slot].jobs.job(receipt.attempt);
                chain.given_up.extend(passage);
            }
            Output::Deliver { receipt } => self.deliver(now, slot, receipt),
            Output::Ended { receipt, class } => {
                let link = chain.link_mut(slot);
                let seen = link
                    .pending
                    .filter(|(attempt, _)| *attempt == receipt.attempt);
                link.last = Some((class, seen.map(|(_, ending)| ending)));
                if innermost {
                    return false;
                }
                if let Some(passage) = self.calls[slot].jobs.remove(receipt.attempt) {
                    self.stop_awaiting(passage);
                }
            }
            // Answers of another layer have no embedding of their own: no checked policy asks for one.
            Output::Embed { .. } => return !innermost,
            Output::Finish { verdict, .. } => self.finish_in_chain(now, slot, verdict),
            Output::Notice(Notice::Guarded {
                receipt,
                guard,
                measure,
            }) if !innermost => self.on_guarded_passage(now, slot, receipt, (guard, measure)),
            Output::Notice(Notice::Degraded { by }) if chain.link(slot).passage != NOBODY => {
                chain.link_mut(slot).degraded = Some(by);
            }
            _ => return false,
        }
        true
    }

    /// Sends an attempt of the innermost layer to its provider.
    fn send_for(
        &mut self,
        now: Instant,
        slot: u32,
        receipt: Receipt,
        (origin, probe): (Origin, bool),
    ) {
        let Some(chain) = &mut self.chain else { return };
        let Link {
            tree,
            passage,
            origin: outer,
            ..
        } = *chain.link(slot);
        let tree = &mut chain.trees[tree];
        let state = &mut self.calls[slot];
        let origin = match (tree.head.has_sent(), seen_from_outside(origin, outer)) {
            (false, _) => Origin::First,
            // Another layer's extra attempt was sooner at a provider.
            (true, Origin::First) => Origin::Retry,
            (true, other) => other,
        };
        let record = self
            .recorder
            .on_dispatch(now, &mut tree.head, receipt, origin, probe);
        let new = NewJob {
            note: AttemptNote {
                slot,
                process: state.process,
                record,
            },
            // To the world it is a try of the original call: the same coins fall as without layers.
            receipt: Receipt {
                call: tree.root,
                nth_at_endpoint: tree.next_try(receipt.endpoint),
                ..receipt
            },
            request: *state.call.request(),
            truth: Truth::of_call(state.answer_tokens),
        };
        let (job, at) = self.world.request(now, new);
        if let Some(journal) = &mut self.journal {
            journal.sends(now, (job, at), &new);
        }
        state.jobs.add(receipt.attempt, job);
        chain.owe(
            job,
            Owed {
                call: receipt.call,
                nth_at_endpoint: receipt.nth_at_endpoint,
                passage,
            },
        );
        if passage != NOBODY {
            chain.passages[passage].unbilled += 1;
        }
        self.queue.push(at, RANK_SIGNAL, event(JOB, job));
    }

    /// Sends an attempt of an outer layer to the next.
    fn pass(&mut self, now: Instant, slot: u32, receipt: Receipt, origin: Origin) {
        let Some(chain) = &mut self.chain else { return };
        let link = *chain.link(slot);
        let state = &mut self.calls[slot];
        let arrives = now + chain.plan.layers[usize::from(link.layer)].network;
        let number = chain.passages.insert(Passage {
            parent: slot,
            process: state.process,
            receipt,
            outer: link.passage,
            layer: link.layer + 1,
            tree: link.tree,
            origin: seen_from_outside(origin, link.origin),
            request: *state.call.request(),
            answer_tokens: state.answer_tokens,
            deadline: state.call.deadline(),
            arrives,
            child: NOBODY,
            state: State::Underway { closed: false },
            awaited: true,
            events: 1,
            unbilled: 0,
            usage: Usage::default(),
            billed: false,
            answer: None,
            ending: None,
            ended_at: Instant::NEVER,
            good: false,
            degraded: None,
        });
        if link.passage != NOBODY {
            chain.passages[link.passage].unbilled += 1;
        }
        let tree = &mut chain.trees[link.tree];
        tree.open += 1;
        self.recorder.on_passed(&tree.head);
        state.jobs.add(receipt.attempt, number);
        let step = event(PASSAGE, number << STEP_BITS | ARRIVES);
        self.queue.push(arrives, RANK_SUBMIT, step);
    }

    /// Something of a passage is due.
    pub(in super::super) fn step_passage(&mut self, now: Instant, number: u32) {
        let (step, number) = (number & ((1 << STEP_BITS) - 1), number >> STEP_BITS);
        let Some(chain) = &mut self.chain else { return };
        let passage = &mut chain.passages[number];
        passage.events -= 1;
        let (parent, attempt) = (passage.parent, passage.receipt.attempt);
        match (step, passage.ending) {
            (ARRIVES, _) => self.arrive(now, number),
            _ if !passage.awaited => {}
            (BEGINS, _) => {
                let signal = Signal::FirstToken;
                self.tell_call(now, parent, Fact::Signal { attempt, signal });
            }
            (_, Some(ending)) => self.tell_ending(now, number, ending),
            (_, None) => debug_assert!(false, "a passage that is over has ended"),
        }
        self.release(number);
    }

    /// A call arrives at the next layer.
    fn arrive(&mut self, now: Instant, number: u32) {
        let Some(chain) = &mut self.chain else { return };
        let passage = chain.passages[number];
        if (passage.state == State::Underway { closed: true }) {
            chain.passages[number].state = State::Over;
            self.bill_passage(now, number);
            return;
        }
        let id: CallId = passage.receipt.call.within(passage.receipt.attempt);
        let process = chain.process_for(
            passage.layer,
            passage.process,
            id.word(),
            passage.receipt.endpoint,
        );
        let record = chain.trees[passage.tree].head.passed_on(now);
        let timers = &mut self.timers;
        let slot = self.calls.insert_with(|slot| Slot {
            timers: inherited(timers, slot),
            call: Call::new(id, slot, passage.request, passage.deadline),
            process,
            answer_tokens: passage.answer_tokens,
            jobs: Jobs::none(),
            record,
        });
        let link = Link::new(passage.layer, passage.tree, number, passage.origin);
        chain.link_up(slot, link);
        let passage = &mut chain.passages[number];
        (passage.child, passage.state) = (slot, State::There);
        self.tell_call(now, slot, Fact::Submitted);
    }

    /// Closes the connection of a passage that nobody waits for; false if there is none.
    pub(in super::super) fn give_up_passage(&mut self, now: Instant) -> bool {
        let Some(chain) = &mut self.chain else {
            return false;
        };
        let Some(number) = chain.given_up.pop_front() else {
            return false;
        };
        // It may have come to its end in the same instant, and all of it be over.
        let Some(passage) = chain.passages.get_mut(number) else {
            return true;
        };
        if chain.plan.layers[usize::from(passage.layer)].goes_on {
            return true;
        }
        match passage.state {
            State::Underway { .. } => passage.state = State::Underway { closed: true },
            State::There => {
                let child = passage.child;
                self.tell_call(now, child, Fact::Cancelled);
            }
            State::Over => {}
        }
        true
    }

    /// When the newest token of an attempt came, as far as its caller can know; None: it is not connected.
    pub(in super::super) fn heard_in_chain(
        &self,
        slot: u32,
        attempt: u16,
        now: Instant,
    ) -> Option<Option<Instant>> {
        let job = self.calls.get(slot)?.jobs.job(attempt)?;
        let chain = self.chain.as_deref()?;
        if chain.is_innermost(slot) {
            return Some(self.world.heard(job, now));
        }
        let passage = &chain.passages[job];
        let network = chain.plan.layers[usize::from(passage.layer) - 1].network;
        let connected = passage.arrives + network;
        if now < connected {
            return Some(None);
        }
        let heard = match passage.state {
            State::Over => Some(passage.ended_at),
            State::There => chain
                .link(passage.child)
                .delivered
                .and_then(|inner| self.heard_in_chain(passage.child, inner, now)?),
            State::Underway { .. } => None,
        };
        let at = heard.map_or(connected, |at| (at + network).max(connected));
        Some(Some(at.min(now)))
    }
}

impl Link {
    fn new(layer: u8, tree: u32, passage: u32, origin: Origin) -> Link {
        Link {
            layer,
            tree,
            passage,
            origin,
            pending: None,
            last: None,
            delivered: None,
            degraded: None,
        }
    }

    /// Keeps what was seen of the end of an attempt.
    pub(in super::super) fn sees(&mut self, attempt: u16, ending: Ending) {
        self.pending = Some((attempt, ending));
    }
}
