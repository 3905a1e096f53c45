//! Doing what the engine and the world say.

use crate::base::wire::Signal;
use crate::base::{Class, EndpointId, Instant, Origin, Receipt, Usage};
use crate::engine::{AbortReason, ClientFact, Fact, Notice, Output};
use crate::policy::monitor::watch::Seen;
use crate::workload::config::CutAnswers;
use crate::world::{self, NewJob, Truth};

use super::super::queue::Queue;
use super::chain::Heard;
use super::slot::{AttemptNote, Slot};
use super::{JOB, RANK_SIGNAL, Run, TICK, event};

impl Run<'_> {
    /// Tells an engine a fact of a call and does what it says.
    pub(super) fn tell_call(&mut self, now: Instant, slot: u32, fact: Fact) {
        let Slot { call, process, .. } = &mut self.calls[slot];
        let process = *process;
        let client = &mut self.clients[process as usize];
        let (policy, fleet) = match &mut self.chain {
            None => (self.policy, &mut self.fleet),
            Some(chain) => (chain.policy_of(process), chain.fleet_of(process)),
        };
        client.handle(policy, call, now, fact, &mut self.engine_out);
        if let Some(fleet) = fleet {
            client.news().for_each(|n| fleet.hear(policy, now, n));
            self.recorder.on_trips(now, fleet.trips());
        }
        // By number and without a drain: to obey takes all of `self`, and an output is a copy.
        let mut obeyed = 0;
        while let Some(&output) = self.engine_out.get(obeyed) {
            self.obey(now, slot, output);
            obeyed += 1;
        }
        self.engine_out.clear();
        self.park(slot);
        // Most clients never want to be woken.
        if self.wakes_clients {
            self.park_client(process);
        }
    }

    pub(super) fn tell_client(&mut self, now: Instant, process: u32, fact: ClientFact) {
        let policy = self.policy_of(process);
        let client = &mut self.clients[process as usize];
        client.handle_own(policy, now, fact, &mut self.own_out);
        let fleet = self.fleet.is_some() | self.chain.is_some();
        // Nearly always: a bill, of which nothing follows.
        if !self.own_out.is_empty() | self.wakes_clients | fleet {
            self.obey_own(now, process);
        }
    }

    /// Does what a client says of itself, and passes on what its fleet is to hear.
    #[inline(never)]
    pub(super) fn obey_own(&mut self, now: Instant, process: u32) {
        let (policy, fleet) = match &mut self.chain {
            None => (self.policy, &mut self.fleet),
            Some(chain) => (chain.policy_of(process), chain.fleet_of(process)),
        };
        if let Some(fleet) = fleet {
            let client = &mut self.clients[process as usize];
            client.news().for_each(|n| fleet.hear(policy, now, n));
            self.recorder.on_trips(now, fleet.trips());
        }
        let mut obeyed = 0;
        while let Some(&output) = self.own_out.get(obeyed) {
            self.obey_client(now, process, output);
            obeyed += 1;
        }
        self.own_out.clear();
        // A bill may let the line go on sooner than it was to be woken.
        if self.wakes_clients {
            self.park_client(process);
        }
    }

    /// What a client says of itself, or of calls that are not in flight.
    fn obey_client(&mut self, now: Instant, process: u32, output: Output) {
        match output {
            Output::Ready { slot } => self.ready.push_back(slot),
            Output::Submit { id, request } => self.submit_soon(process, id, request),
            Output::Forget { id, answered } => self.forget(now, process, id, answered),
            // What a guard found after the delivery is noted where its judgement is.
            Output::Notice(Notice::Guarded { .. }) => {}
            Output::Notice(notice) => self.note_own(now, process, notice),
            _ => debug_assert!(false, "{output:?} is about a call"),
        }
    }

    /// Notes what is about a process.
    pub(super) fn note_own(&mut self, now: Instant, process: u32, notice: Notice) {
        match self.chain.as_ref().map(|c| c.to_record(process, notice)) {
            None => self.recorder.on_own_notice(now, process, notice),
            Some(Heard::Notice(notice)) => self.recorder.on_own_notice(now, process, notice),
            Some(Heard::OfLayer(policy, notice)) => {
                self.recorder.on_layer_breaker(now, policy, notice);
            }
        }
    }

    /// Embeds an answer; it is told once the engine has said all it has to say.
    fn embed(&mut self, slot: u32, receipt: Receipt, dimensions: u16) {
        let Slot { jobs, process, .. } = &self.calls[slot];
        if let Some(job) = jobs.job(receipt.attempt) {
            let vector = self.world.embedding(job, dimensions);
            self.embeddings.push_back((*process, receipt, vector));
        }
    }

    /// Tells a client the embedding of an answer.
    pub(super) fn tell_embedding(
        &mut self,
        now: Instant,
        process: u32,
        receipt: Receipt,
        vector: &[f64],
    ) {
        let seen = Seen::Embedded(vector);
        let policy = self.policy_of(process);
        let client = &mut self.clients[process as usize];
        client.observe(policy, receipt, seen, now, &mut self.own_out);
        self.obey_own(now, process);
    }

    /// Tells a call when it heard last of an attempt, if that is still in flight.
    pub(super) fn tell_heard(&mut self, now: Instant, slot: u32, attempt: u16) {
        let heard = match &self.chain {
            None => {
                let state = self.calls.get(slot);
                let job = state.and_then(|state| state.jobs.job(attempt));
                job.map(|job| self.world.heard(job, now))
            }
            Some(_) => self.heard_in_chain(slot, attempt, now),
        };
        if let Some(at) = heard {
            self.tell_call(now, slot, Fact::Heard { attempt, at });
        }
    }

    fn obey(&mut self, now: Instant, slot: u32, output: Output) {
        if self.chain.is_some() && self.obey_in_chain(now, slot, output) {
            return;
        }
        match output {
            Output::Dispatch {
                receipt,
                origin,
                probe,
            } => self.send(now, slot, receipt, origin, probe),
            Output::Judge {
                receipt,
                answer_tokens,
                inline,
                until,
            } => self.send_judge(now, slot, receipt, answer_tokens, (inline, until)),
            Output::Abort { receipt, .. } if receipt.call.is_of_judge() => {
                self.stop_judge(now, slot);
            }
            Output::Abort { receipt, reason } => self.abort(now, slot, receipt, reason),
            Output::Deliver { receipt } => {
                let Slot { jobs, record, .. } = &mut self.calls[slot];
                if let Some(job) = jobs.job(receipt.attempt) {
                    let attempt = &self.world.note(job).record;
                    self.recorder
                        .on_deliver(now, record, attempt, receipt.endpoint);
                }
            }
            Output::Ended { receipt, class } => {
                if let Some(job) = self.calls[slot].jobs.remove(receipt.attempt) {
                    self.on_ended(job, receipt.endpoint, class);
                }
            }
            Output::Embed {
                receipt,
                dimensions,
            } => self.embed(slot, receipt, dimensions),
            Output::Listen { receipt } => self.listening.push_back((slot, receipt.attempt)),
            Output::Ready { slot } => self.ready.push_back(slot),
            Output::Submit { .. } | Output::Forget { .. } => {
                let process = self.calls[slot].process;
                self.obey_client(now, process, output);
            }
            Output::Defer { id } => self.defer(now, slot, id),
            Output::Finish {
                verdict,
                answered_by: _,
            } => {
                let state = &self.calls[slot];
                let wait = state.call.queue_wait();
                self.recorder.on_finish(now, &state.record, verdict, wait);
                self.timers[slot as usize] = state.timers;
                let call = state.call.id();
                self.calls.discard(slot);
                if self.reacting.is_some() {
                    self.tell_traffic(now, call, verdict);
                }
            }
            Output::Notice(Notice::Guarded {
                receipt,
                guard,
                measure,
            }) => self.on_guarded(now, slot, receipt, (guard, measure)),
            Output::Notice(notice) => self.note(now, slot, notice),
        }
    }

    /// Goes away from an attempt.
    fn abort(&mut self, now: Instant, slot: u32, receipt: Receipt, reason: AbortReason) {
        if let Some(job) = self.calls[slot].jobs.job(receipt.attempt) {
            if reason == AbortReason::ConnectTimeout {
                self.world.give_up_connecting(job);
            }
            self.abandon(now, job);
        }
    }

    /// Notes what is about a call, or about the process it belongs to.
    fn note(&mut self, now: Instant, slot: u32, notice: Notice) {
        let Slot {
            call,
            record,
            process,
            ..
        } = &self.calls[slot];
        let policy = self.policy_of(*process);
        let observes = policy.of(call.request().priority).observes();
        let heard = self.chain.as_ref().map(|c| c.to_record(*process, notice));
        let notice = match heard {
            None => notice,
            Some(Heard::Notice(notice)) => notice,
            Some(Heard::OfLayer(policy, notice)) => {
                self.recorder.on_layer_breaker(now, policy, notice);
                return;
            }
        };
        let whose = (record, *process, observes);
        self.recorder.on_notice(now, whose, notice);
    }

    /// Sends an attempt of a call.
    fn send(&mut self, now: Instant, slot: u32, receipt: Receipt, origin: Origin, probe: bool) {
        let state = &mut self.calls[slot];
        let record = self
            .recorder
            .on_dispatch(now, &mut state.record, receipt, origin, probe);
        let new = NewJob {
            note: AttemptNote {
                slot,
                process: state.process,
                record,
            },
            receipt,
            request: *state.call.request(),
            truth: Truth::of_call(state.answer_tokens),
        };
        let (job, at) = self.world.request(now, new);
        if let Some(journal) = &mut self.journal {
            journal.sends(now, (job, at), &new);
        }
        state.jobs.add(receipt.attempt, job);
        self.queue.push(at, RANK_SIGNAL, event(JOB, job));
    }

    /// An attempt ended for its client.
    fn on_ended(&mut self, job: u32, endpoint: EndpointId, class: Class) {
        let record = &mut self.world.note_mut(job).record;
        self.recorder.on_ended(record, class);
        if record.is_billed() {
            let usage = self.world.bill(job).unwrap_or_default();
            self.file(job, endpoint, usage);
        }
    }

    /// Files an attempt of which nothing more will come, and lets go of it.
    fn file(&mut self, job: u32, endpoint: EndpointId, usage: Usage) {
        let classes = self.world.classes(job);
        let record = &self.world.note(job).record;
        self.recorder.file(record, endpoint, (usage, classes));
        self.world.release(job);
    }

    /// Tells the world a fact and passes on what comes of it.
    pub(super) fn tell_world(&mut self, now: Instant, fact: world::Fact) {
        self.world.handle(now, fact, &mut self.world_out);
        let mut passed = 0;
        while let Some(&output) = self.world_out.get(passed) {
            self.pass_on(now, output);
            passed += 1;
        }
        self.world_out.clear();
    }

    /// Closes the connection of a job. From within what the world said, so into a list of its own.
    pub(super) fn abandon(&mut self, now: Instant, job: u32) {
        if let Some(journal) = &mut self.journal {
            journal.leaves(now, job);
        }
        let fact = world::Fact::Abandoned { job };
        self.world.handle(now, fact, &mut self.inner_out);
        let mut passed = 0;
        while let Some(&output) = self.inner_out.get(passed) {
            debug_assert!(
                !matches!(output, world::Output::Signal { .. }),
                "an abandonment signals nothing at once"
            );
            self.pass_on(now, output);
            passed += 1;
        }
        self.inner_out.clear();
    }

    fn pass_on(&mut self, now: Instant, output: world::Output) {
        if let Some(journal) = &mut self.journal {
            journal.hears(now, &output, &self.world);
        }
        match output {
            world::Output::Next { job, at } => {
                self.queue.push(at, RANK_SIGNAL, event(JOB, job));
            }
            world::Output::Tick { provider, at } => {
                self.queue
                    .push(at, RANK_SIGNAL, event(TICK, u32::from(provider)));
            }
            world::Output::Signal { job, signal, good } => {
                let limit = self.world.refused_for(job);
                let subtle = !good && self.world.is_subtle(job);
                let (receipt, AttemptNote { slot, record, .. }) = self.world.noted_mut(job);
                if receipt.call.is_of_judge() {
                    self.on_judge_signal(now, job, signal);
                    return;
                }
                if record.has_ended() {
                    return;
                }
                let strips = || match &self.chain {
                    None => self.policy.of(receipt.priority).strips_fences(),
                    Some(chain) => chain.strips_fences(receipt.priority),
                };
                let good = good && (!signal.is_fenced() || strips());
                let workload = &self.setup.scenario.workload;
                let good = good && !(signal.is_cut() && workload.cut_answers == CutAnswers::Bad);
                record.note_subtle(subtle);
                self.recorder.on_signal(now, record, signal, good);
                if let Some(dimension) = limit {
                    self.recorder.on_limited(record, dimension);
                }
                let (slot, attempt) = (*slot, receipt.attempt);
                self.calls[slot].record.good = good;
                if let (Some(chain), Signal::End(ending)) = (&mut self.chain, signal) {
                    chain.sees(slot, attempt, ending);
                }
                self.tell_call(now, slot, Fact::Signal { attempt, signal });
            }
            world::Output::Settled {
                job,
                receipt,
                usage,
            } if receipt.call.is_of_judge() => {
                self.on_judge_settled(now, job, receipt, usage);
            }
            world::Output::Settled {
                job,
                receipt,
                usage,
            } => self.on_bill(now, job, receipt, usage),
        }
    }

    /// The bill of an attempt has come.
    fn on_bill(&mut self, now: Instant, job: u32, receipt: Receipt, usage: Usage) {
        let AttemptNote {
            process, record, ..
        } = self.world.note_mut(job);
        self.recorder.on_settled(record, usage);
        let process = *process;
        let own = self.chain.as_ref().map(|c| c.own(job, receipt));
        if record.has_ended() {
            self.file(job, receipt.endpoint, usage);
        }
        let receipt = own.map_or(receipt, |(own, _)| own);
        self.tell_client(now, process, ClientFact::Settled { receipt, usage });
        if let Some((_, passage)) = own {
            self.bill_passed(now, passage, usage);
        }
    }

    /// The run is cut: every bill comes, and what has not ended is filed as it stands.
    pub(super) fn settle_all(&mut self, end: Instant) {
        // What was planned for later does not happen; nor does what these bills would lead to.
        self.queue = Queue::new();
        let mut bills = Vec::new();
        self.world.settle_all(end, &mut bills);
        for bill in bills {
            self.pass_on(end, bill);
        }
        for job in self.world.numbers() {
            let Receipt { call, endpoint, .. } = self.world.receipt(job);
            if call.is_of_judge() {
                self.file_judge(job);
                continue;
            }
            let usage = self.world.bill(job).unwrap_or_default();
            self.file(job, endpoint, usage);
        }
        debug_assert_eq!(self.world.jobs(), 0, "every attempt is filed once");
    }
}
