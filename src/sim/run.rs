//! One run: a scenario, a policy, a replication, from the first event to the last.
//!
//! The driver of the simulator: it supplies `now` from the event queue and carries attempts between
//! the engine and the world by function calls. It decides nothing.

use std::collections::VecDeque;

use crate::base::{Draws, Instant, Slab, Stop};
use crate::engine::{Call, Client, ClientFact, Fact, MAX_IN_FLIGHT, Output, Policy};
use crate::record::Replication;
use crate::workload::traffic::{Submission, Traffic};
use crate::world::{self, NewJob, Truth, World};

use super::frame::Setup;
use super::queue::Queue;
use super::record::{CallRecord, Recorder};
use super::timer::Timers;

/// What a run leaves behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The data.
    pub replication: Replication,
    /// For tests of identities.
    pub audit: Audit,
}

/// Two sides of identities that must hold exactly in every run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// ∫ N dt: calls in the system, integrated over the run, ns.
    pub calls_integral_ns: u128,
    /// Σ over calls of the time they were in the system, ns.
    pub calls_time_ns: u128,
    /// Attempts sent.
    pub attempts: u64,
    /// Attempts that ended.
    pub attempts_ended: u64,
    /// Attempts in flight when the run was cut.
    pub attempts_open: u64,
    /// Bills that came, in pico-dollars.
    pub billed_pico_usd: u128,
    /// What the clients counted, in pico-dollars.
    pub clients_pico_usd: u128,
}

/// One call in the driver's hands.
#[derive(Debug)]
struct Slot {
    call: Call,
    process: u32,
    truth: Truth,
    /// Numbers of the records of its attempts in flight.
    attempts: [u32; MAX_IN_FLIGHT],
    record: CallRecord,
}

const NO_ATTEMPT: u32 = u32::MAX;

/// The number of the event that submits the next call: no slot is as high.
const SUBMIT: u32 = (1 << 26) - 1;

/// Signals before wake-ups before submissions.
const RANK_SIGNAL: u8 = 0;
const RANK_WAKE: u8 = 1;
const RANK_SUBMIT: u8 = 2;

/// What an event is about: the two low bits of its slot; the number is above them.
const JOB: u32 = 0;
const FAULT: u32 = 1;
const CALL: u32 = 2;
const CLIENT: u32 = 3;

/// Events between two looks at whether to stop: a few milliseconds of work.
const LOOK_EVERY: u64 = 4096;

/// Runs one replication of one policy.
pub fn run(setup: &Setup<'_>, policy: usize, replication: u32) -> Outcome {
    run_until(setup, policy, replication, &Stop::default()).expect("nobody says stop")
}

/// The same; None if it was told to stop before its end.
pub fn run_until(
    setup: &Setup<'_>,
    policy: usize,
    replication: u32,
    stop: &Stop,
) -> Option<Outcome> {
    let mut run = Run::new(setup, policy, replication);
    run.prepare();
    let end = run.until_over(stop)?;
    Some(run.close(end, replication))
}

struct Run<'a> {
    setup: &'a Setup<'a>,
    policy: &'a Policy,
    queue: Queue,
    world: World,
    clients: Vec<Client>,
    client_timers: Vec<Timers>,
    calls: Slab<Slot>,
    /// By slot, whoever has it: a timer outlives its call and serves the next.
    timers: Vec<Timers>,
    traffic: Traffic<'a>,
    traffic_draws: Draws,
    /// The next call, not yet submitted.
    next: Option<Submission>,
    recorder: Recorder<'a>,
    engine_out: Vec<Output>,
    world_out: Vec<world::Output>,
    inner_out: Vec<world::Output>,
    own_out: Vec<Output>,
    ready: VecDeque<u32>,
    events: u64,
    is_paced: bool,
}

impl<'a> Run<'a> {
    fn new(setup: &'a Setup<'a>, policy: usize, replication: u32) -> Run<'a> {
        let scenario = setup.scenario;
        let policy = &setup.policies[policy];
        let endpoints = scenario.providers.len();
        let processes = scenario.workload.processes;
        let client = |_| Client::new(policy, endpoints, setup.draws(replication));
        let draws = setup.draws(replication);
        Run {
            setup,
            policy,
            queue: Queue::new(),
            world: setup.world.world(draws),
            clients: (0..processes).map(client).collect(),
            client_timers: vec![Timers::new(); processes as usize],
            calls: Slab::new(),
            timers: Vec::new(),
            traffic: setup.traffic.traffic(),
            traffic_draws: setup.draws(replication),
            next: None,
            recorder: Recorder::new(&setup.frame, endpoints),
            engine_out: Vec::new(),
            world_out: Vec::new(),
            inner_out: Vec::new(),
            own_out: Vec::new(),
            ready: VecDeque::new(),
            events: 0,
            is_paced: policy.is_paced(),
        }
    }

    fn prepare(&mut self) {
        for (i, fault) in self.setup.frame.faults.iter().enumerate() {
            let number = (i as u32) << 1;
            self.queue
                .push(fault.from, RANK_SIGNAL, number << 2 | FAULT);
            self.queue
                .push(fault.to, RANK_SIGNAL, (number | 1) << 2 | FAULT);
        }
        self.plan_submission();
    }

    /// Handles events until the cohort has ended, or for the horizon after it; returns the end.
    fn until_over(&mut self, stop: &Stop) -> Option<Instant> {
        let frame = &self.setup.frame;
        let latest = frame.duration + frame.horizon;
        let mut now = Instant::ZERO;
        // What is popped at the end and not handled is missed by nobody.
        while let Some((at, event)) = self.queue.pop() {
            if at > latest {
                return Some(latest);
            }
            if at >= frame.duration && self.recorder.cohort_is_over() {
                return Some(now.max(frame.duration));
            }
            now = at;
            self.events += 1;
            if self.events.is_multiple_of(LOOK_EVERY) {
                stop.check()?;
            }
            self.on_event(now, event);
        }
        Some(now.max(frame.duration).min(latest))
    }

    fn on_event(&mut self, now: Instant, event: u32) {
        let number = event >> 2;
        match event & 3 {
            JOB => self.tell_world(now, world::Fact::Wake { job: number }),
            FAULT if number & 1 == 0 => {
                let fault = (number >> 1) as u16;
                self.tell_world(now, world::Fact::FaultStarts { fault });
            }
            FAULT => {
                let fault = (number >> 1) as u16;
                self.tell_world(now, world::Fact::FaultStops { fault });
            }
            CALL if number == SUBMIT => self.submit(now),
            CALL => self.wake_call(now, number),
            _ => self.wake_client(now, number),
        }
        self.serve_ready(now);
    }

    fn plan_submission(&mut self) {
        self.next = self.traffic.next(&self.traffic_draws);
        if let Some(next) = &self.next {
            self.queue.push(next.at, RANK_SUBMIT, SUBMIT << 2 | CALL);
        }
    }

    fn submit(&mut self, now: Instant) {
        let Some(next) = self.next.take() else { return };
        let deadline = self.setup.scenario.workload.deadline;
        let deadline = deadline.map_or(Instant::NEVER, |d| now + d);
        let truth = Truth {
            answer_tokens: next.answer_tokens,
        };
        let record = self.recorder.on_submit(now, &next);
        let slot = self.calls.insert_with(|slot| Slot {
            call: Call::new(next.id, slot, next.request, deadline),
            process: next.process.0,
            truth,
            attempts: [NO_ATTEMPT; MAX_IN_FLIGHT],
            record,
        });
        if self.timers.len() <= slot as usize {
            assert!(slot < SUBMIT, "more than {SUBMIT} calls are open at once");
            self.timers.push(Timers::new());
        }
        self.tell_call(now, slot, Fact::Submitted);
        self.plan_submission();
    }

    /// A slot's timer fired; the call may want to wait longer, or be another by now.
    fn wake_call(&mut self, now: Instant, slot: u32) {
        if !self.timers[slot as usize].fires(now) {
            return;
        }
        let due = |state: &Slot| state.call.wake_at() <= now;
        if self.calls.get(slot).is_some_and(due) {
            self.tell_call(now, slot, Fact::Wake);
        } else {
            self.park(slot);
        }
    }

    fn wake_client(&mut self, now: Instant, process: u32) {
        if !self.client_timers[process as usize].fires(now) {
            return;
        }
        if self.clients[process as usize].wake_at() <= now {
            self.tell_client(now, process, ClientFact::Wake);
        }
        self.park_client(process);
    }

    /// Parks a timer for a call that is open, if none is parked as near.
    fn park(&mut self, slot: u32) {
        let Some(state) = self.calls.get(slot) else {
            return;
        };
        let at = state.call.wake_at();
        if self.timers[slot as usize].park(at) {
            self.queue.push(at, RANK_WAKE, slot << 2 | CALL);
        }
    }

    fn park_client(&mut self, process: u32) {
        let at = self.clients[process as usize].wake_at();
        if self.client_timers[process as usize].park(at) {
            self.queue.push(at, RANK_WAKE, process << 2 | CLIENT);
        }
    }

    fn serve_ready(&mut self, now: Instant) {
        while let Some(slot) = self.ready.pop_front() {
            self.tell_call(now, slot, Fact::Wake);
        }
    }

    /// Tells an engine a fact of a call and does what it says.
    fn tell_call(&mut self, now: Instant, slot: u32, fact: Fact) {
        let Slot { call, process, .. } = &mut self.calls[slot];
        let process = *process;
        let client = &mut self.clients[process as usize];
        client.handle(self.policy, call, now, fact, &mut self.engine_out);
        // By number and without a drain: to obey takes all of `self`, and an output is a copy.
        let mut obeyed = 0;
        while let Some(&output) = self.engine_out.get(obeyed) {
            self.obey(now, slot, output);
            obeyed += 1;
        }
        self.engine_out.clear();
        self.park(slot);
        // Without quotas and a limiter a client never wants to be woken.
        if self.is_paced {
            self.park_client(process);
        }
    }

    fn tell_client(&mut self, now: Instant, process: u32, fact: ClientFact) {
        self.clients[process as usize].handle_own(self.policy, now, fact, &mut self.own_out);
        for output in &self.own_out {
            if let Output::Ready { slot } = output {
                self.ready.push_back(*slot);
            }
        }
        self.own_out.clear();
    }

    fn obey(&mut self, now: Instant, slot: u32, output: Output) {
        match output {
            Output::Dispatch {
                receipt,
                origin,
                probe,
            } => {
                let state = &mut self.calls[slot];
                let tag =
                    self.recorder
                        .on_dispatch(now, slot, &mut state.record, receipt, origin, probe);
                let free = state.attempts.iter_mut().find(|a| **a == NO_ATTEMPT);
                if let Some(place) = free {
                    *place = tag;
                }
                let request = *state.call.request();
                let new = NewJob {
                    tag,
                    receipt,
                    request,
                    truth: state.truth,
                };
                self.tell_world_inner(now, world::Fact::Request(new));
            }
            Output::Abort { receipt, reason: _ } => {
                if let Some(tag) = self.attempt(slot, receipt.attempt)
                    && let Some(job) = self.recorder.job(tag)
                {
                    self.tell_world_inner(now, world::Fact::Abandoned { job });
                }
            }
            Output::Deliver { receipt } => {
                let tag = self.attempt(slot, receipt.attempt);
                self.recorder
                    .on_deliver(now, &mut self.calls[slot].record, tag);
            }
            Output::Ended { receipt, class } => {
                if let Some(tag) = self.attempt(slot, receipt.attempt) {
                    let state = &mut self.calls[slot];
                    state
                        .attempts
                        .iter_mut()
                        .filter(|a| **a == tag)
                        .for_each(|a| *a = NO_ATTEMPT);
                    self.recorder.on_ended(tag, class);
                }
            }
            Output::Ready { slot } => self.ready.push_back(slot),
            Output::Finish {
                verdict,
                answered_by: _,
            } => {
                let state = &self.calls[slot];
                let wait = state.call.queue_wait();
                self.recorder.on_finish(now, &state.record, verdict, wait);
                self.calls.discard(slot);
            }
            Output::Notice(notice) => {
                self.recorder
                    .on_notice(now, &self.calls[slot].record, notice);
            }
        }
    }

    /// The number of the record of a call's attempt in flight.
    fn attempt(&self, slot: u32, attempt: u16) -> Option<u32> {
        let numbers = self.calls.get(slot)?.attempts;
        let is_it = |tag: &u32| *tag != NO_ATTEMPT && self.recorder.attempt_of(*tag) == attempt;
        numbers.into_iter().find(is_it)
    }

    /// Tells the world a fact and passes on what comes of it.
    fn tell_world(&mut self, now: Instant, fact: world::Fact) {
        self.world.handle(now, fact, &mut self.world_out);
        let mut passed = 0;
        while let Some(&output) = self.world_out.get(passed) {
            self.pass_on(now, output);
            passed += 1;
        }
        self.world_out.clear();
    }

    /// The same from within an engine's output: requests and abandonments signal nothing at once.
    fn tell_world_inner(&mut self, now: Instant, fact: world::Fact) {
        self.world.handle(now, fact, &mut self.inner_out);
        let mut passed = 0;
        while let Some(&output) = self.inner_out.get(passed) {
            debug_assert!(
                !matches!(output, world::Output::Signal { .. }),
                "a request or an abandonment signals nothing at once"
            );
            if let world::Output::Next { job, tag, .. } = output {
                self.recorder.on_job(tag, job);
            }
            self.pass_on(now, output);
            passed += 1;
        }
        self.inner_out.clear();
    }

    fn pass_on(&mut self, now: Instant, output: world::Output) {
        match output {
            world::Output::Next { job, tag: _, at } => {
                self.queue.push(at, RANK_SIGNAL, job << 2 | JOB);
            }
            world::Output::Signal { tag, signal, good } => {
                let Some(slot) = self.recorder.on_signal(tag, signal, good) else {
                    return;
                };
                self.calls[slot].record.good = good;
                let attempt = self.recorder.attempt_of(tag);
                self.tell_call(now, slot, Fact::Signal { attempt, signal });
            }
            world::Output::Settled {
                tag,
                receipt,
                usage,
            } => {
                let process = self.recorder.process_of(tag);
                self.recorder.on_settled(tag, usage);
                self.tell_client(now, process, ClientFact::Settled { receipt, usage });
            }
        }
    }

    /// Settles what is open and hands over the data.
    fn close(mut self, end: Instant, replication: u32) -> Outcome {
        let mut bills = Vec::new();
        self.world.settle_all(end, &mut bills);
        for bill in bills {
            self.pass_on(end, bill);
        }
        for (_, slot) in self.calls.iter() {
            self.recorder.on_unfinished(end, &slot.record);
        }
        let clients_pico_usd = self.clients.iter().map(Client::spent_pico_usd).sum();
        let providers = &self.setup.scenario.providers;
        let names: Vec<String> = providers.iter().map(|(name, _)| name.clone()).collect();
        self.recorder
            .close(end, replication, self.events, &names, clients_pico_usd)
    }
}
