//! A call on its way back: first tokens, endings and bills, from layer to layer.

use crate::base::wire::{Ending, Signal};
use crate::base::{Failure, Guard, Instant, Measure, Receipt, Usage, Verdict};
use crate::engine::{ClientFact, Fact, Notice};

use super::super::super::record::AttemptRecord;
use super::super::slot::Slot;
use super::super::{PASSAGE, RANK_SIGNAL, RANK_SUBMIT, Run, event};
use super::status::{outward, without_fence};
use super::{BEGINS, ENDS, NOBODY, STEP_BITS, State};

impl Run<'_> {
    /// From here on an attempt's answer is the call's.
    pub(super) fn deliver(&mut self, now: Instant, slot: u32, receipt: Receipt) {
        let Some(chain) = &mut self.chain else { return };
        let Slot {
            jobs, record, call, ..
        } = &mut self.calls[slot];
        let Some(job) = jobs.job(receipt.attempt) else {
            return;
        };
        let answer = match chain.is_innermost(slot) {
            true => Some((self.world.note(job).record, receipt.endpoint)),
            false => chain.passages[job].answer,
        };
        let link = chain.link_mut(slot);
        link.delivered = Some(receipt.attempt);
        let (layer, number) = (link.layer, link.passage);
        if number == NOBODY {
            self.recorder.on_passed_answer(now, record, answer);
            return;
        }
        let passage = &mut chain.passages[number];
        passage.answer = answer;
        if call.request().stream && passage.awaited {
            passage.events += 1;
            let network = chain.plan.layers[usize::from(layer) - 1].network;
            let step = event(PASSAGE, number << STEP_BITS | BEGINS);
            self.queue.push(now + network, RANK_SIGNAL, step);
        }
    }

    /// A call of some layer is over.
    pub(super) fn finish_in_chain(&mut self, now: Instant, slot: u32, verdict: Verdict) {
        let Some(chain) = &mut self.chain else { return };
        let state = &self.calls[slot];
        let link = *chain.link(slot);
        let tree = &mut chain.trees[link.tree];
        tree.queue_wait += state.call.queue_wait();
        if link.passage == NOBODY {
            self.finish_original(now, slot, verdict);
            return;
        }
        let policy = chain.policy_of(state.process);
        let strips = policy.of(state.call.request().priority).strips_fences();
        let ending = outward(verdict, link.last);
        let passage = &mut chain.passages[link.passage];
        passage.ending = Some(match strips {
            true => without_fence(ending),
            false => ending,
        });
        if verdict == Verdict::Degraded {
            let answer = state.record.fallback_answer(now);
            passage.answer = Some((answer, passage.receipt.endpoint));
        }
        passage.good = verdict == Verdict::Success && state.record.good;
        passage.degraded = link
            .degraded
            .filter(|_| !matches!(verdict, Verdict::Failed(_)));
        (passage.child, passage.state, passage.ended_at) = (NOBODY, State::Over, now);
        if passage.awaited {
            passage.events += 1;
            // A caller whose own deadline comes in this instant gives up by itself.
            let rank = match verdict {
                Verdict::Failed(Failure::Expired) => RANK_SUBMIT,
                _ => RANK_SIGNAL,
            };
            let network = chain.plan.layers[usize::from(link.layer) - 1].network;
            let step = event(PASSAGE, link.passage << STEP_BITS | ENDS);
            self.queue.push(now + network, rank, step);
        }
        self.timers[slot as usize] = state.timers;
        self.calls.discard(slot);
        self.bill_passage(now, link.passage);
        self.release(link.passage);
    }

    /// A call that the traffic made is over.
    fn finish_original(&mut self, now: Instant, slot: u32, verdict: Verdict) {
        let Some(chain) = &mut self.chain else { return };
        let state = &mut self.calls[slot];
        let link = *chain.link(slot);
        let tree = &chain.trees[link.tree];
        state.record.sent_as(&tree.head);
        let wait = tree.queue_wait;
        // An answer that is some inner layer's fallback is no success for being passed on. A call that was
        // put off has ended as degraded before.
        let verdict = match (verdict, link.degraded) {
            (Verdict::Success, Some(by)) if !state.record.is_again() => {
                let whose = (&state.record, state.process, false);
                self.recorder.on_notice(now, whose, Notice::Degraded { by });
                Verdict::Degraded
            }
            _ => verdict,
        };
        self.recorder.on_finish(now, &state.record, verdict, wait);
        self.timers[slot as usize] = state.timers;
        self.calls.discard(slot);
        chain.leave_tree(link.tree);
    }

    /// The ending of a passage reaches its caller.
    pub(super) fn tell_ending(&mut self, now: Instant, number: u32, ending: Ending) {
        let Some(chain) = &mut self.chain else { return };
        let passage = chain.passages[number];
        let (parent, attempt) = (passage.parent, passage.receipt.attempt);
        let link = chain.link_mut(parent);
        link.sees(attempt, ending);
        if matches!(ending, Ending::Answer { .. }) {
            link.degraded = passage.degraded;
            self.calls[parent].record.good = passage.good;
        }
        let signal = Signal::End(ending);
        self.tell_call(now, parent, Fact::Signal { attempt, signal });
    }

    /// The attempt that a passage is has ended for its caller.
    pub(super) fn stop_awaiting(&mut self, number: u32) {
        if let Some(chain) = &mut self.chain {
            chain.passages[number].awaited = false;
        }
        self.release(number);
    }

    /// The bill of what an attempt at a provider was made for.
    pub(in super::super) fn bill_passed(&mut self, now: Instant, number: u32, usage: Usage) {
        let Some(chain) = &mut self.chain else { return };
        if number == NOBODY {
            return;
        }
        let passage = &mut chain.passages[number];
        passage.unbilled -= 1;
        let sum = &mut passage.usage;
        sum.input_tokens += usage.input_tokens;
        sum.output_tokens += usage.output_tokens;
        sum.pico_usd += usage.pico_usd;
        self.bill_passage(now, number);
        self.release(number);
    }

    /// Tells the caller of a passage that is over what all of it cost, once all of it is billed.
    pub(super) fn bill_passage(&mut self, now: Instant, number: u32) {
        let Some(chain) = &mut self.chain else { return };
        let passage = &mut chain.passages[number];
        if passage.state != State::Over || passage.unbilled > 0 || passage.billed {
            return;
        }
        passage.billed = true;
        let (outer, process) = (passage.outer, passage.process);
        let (receipt, usage) = (passage.receipt, passage.usage);
        chain.passed_pico_usd += u128::from(usage.pico_usd);
        self.tell_client(now, process, ClientFact::Settled { receipt, usage });
        self.bill_passed(now, outer, usage);
    }

    /// Forgets a passage if all of it is over.
    pub(super) fn release(&mut self, number: u32) {
        let Some(chain) = &mut self.chain else { return };
        let Some(passage) = chain.passages.get(number) else {
            return;
        };
        if passage.billed && !passage.awaited && passage.events == 0 {
            let tree = passage.tree;
            self.recorder.on_passed_back(&chain.trees[tree].head);
            chain.passages.discard(number);
            chain.leave_tree(tree);
        }
    }

    /// A guard of an outer layer found something about what the next one answered.
    pub(super) fn on_guarded_passage(
        &mut self,
        now: Instant,
        slot: u32,
        receipt: Receipt,
        found: (Guard, Measure),
    ) {
        let Some(chain) = &mut self.chain else { return };
        let Slot { jobs, process, .. } = &self.calls[slot];
        let passage = jobs
            .job(receipt.attempt)
            .map(|number| &mut chain.passages[number]);
        // What it finds about a fallback is about no answer.
        let passage = passage.filter(|passage| passage.degraded.is_none());
        if let Some(Some((record, endpoint))) = passage.map(|passage| &mut passage.answer) {
            self.recorder
                .on_guarded(now, record, (*process, *endpoint), found);
        }
    }

    /// The answer of an attempt that has just come, and its receipt as its own layer has it.
    pub(in super::super) fn answer_of(
        &self,
        slot: u32,
        attempt: u16,
    ) -> Option<(AttemptRecord, Receipt)> {
        let job = self.calls[slot].jobs.job(attempt)?;
        let Some(chain) = &self.chain else {
            return Some((self.world.note(job).record, self.world.receipt(job)));
        };
        if chain.is_innermost(slot) {
            let (own, _) = chain.own(job, self.world.receipt(job));
            return Some((self.world.note(job).record, own));
        }
        let passage = &chain.passages[job];
        let (record, _) = passage.answer?;
        Some((record, passage.receipt))
    }
}
