//! One run: a scenario, a policy, a replication, from the first event to the last.
//!
//! The driver of the simulator: it supplies `now` from the event queue and carries attempts between
//! the engine and the world by function calls. It decides nothing. This file holds the loop;
//! `obey` does what the engine and the world say, `exchange` carries news between processes, `chain` carries
//! calls between services.

mod again;
mod chain;
mod exchange;
mod judging;
mod obey;
mod reacting;
mod slot;

use std::collections::VecDeque;

use crate::base::{Draws, EndpointId, Instant, Receipt, Slab, Stop};
use crate::engine::{Call, Client, ClientFact, Fact, Fleet, Output, Policy};
use crate::workload::traffic::{Submission, Traffic};
use crate::world::{self, World};

use super::frame::{Frame, Setup};
use super::journal::{Attempt, Journal};
use super::outcome::Outcome;
use super::queue::Queue;
use super::record::{Policies, Recorder};
use super::timer::Timers;
use again::Deferred;
use chain::Chained;
use judging::Judgements;
use reacting::Reacting;
use slot::{AttemptNote, Jobs, Slot};

/// Signals before wake-ups before submissions.
const RANK_SIGNAL: u8 = 0;
const RANK_WAKE: u8 = 1;
const RANK_SUBMIT: u8 = 2;

/// What an event is about: the low bits of its slot.
const JOB: u32 = 0;
const FAULT: u32 = 1;
const CALL: u32 = 2;
const CLIENT: u32 = 3;
const SUBMISSION: u32 = 4;
const EXCHANGE: u32 = 5;
const JUDGEMENT: u32 = 6;
const STATUS: u32 = 7;
const TICK: u32 = 8;
const PASSAGE: u32 = 9;

/// How many low bits say so; a number, such as that of a call's slot, stands above them.
const KIND_BITS: u32 = 4;

/// The slot of an event in the queue.
fn event(kind: u32, number: u32) -> u32 {
    debug_assert!(number >> (32 - KIND_BITS) == 0, "{number} is cut off");
    number << KIND_BITS | kind
}

/// The most calls that may be open at once, so that their timers have numbers.
const MOST_CALLS: u32 = 1 << 26;

/// Events between two looks at whether to stop: a few milliseconds of work.
const LOOK_EVERY: u64 = 4096;

/// Runs one replication of one policy.
pub fn run(setup: &Setup<'_>, policy: usize, replication: u32) -> Outcome {
    run_until(setup, policy, replication, &Stop::default()).expect("nobody says stop")
}

/// The same, and every attempt of it in order of sending.
pub fn run_noted(setup: &Setup<'_>, policy: usize, replication: u32) -> (Outcome, Vec<Attempt>) {
    let world = setup.world.world(setup.draws(replication));
    let frame = setup.frame.of_run(&world);
    let mut run = Run::new(setup, (&frame, world), policy, replication);
    run.journal = Some(Box::default());
    run.prepare();
    let end = run.until_over(&Stop::default()).expect("nobody says stop");
    run.settle_all(end);
    let attempts = run.journal.take().map(|journal| journal.into_attempts());
    (run.close(end, replication), attempts.unwrap_or_default())
}

/// The same; None if it was told to stop before its end.
pub fn run_until(
    setup: &Setup<'_>,
    policy: usize,
    replication: u32,
    stop: &Stop,
) -> Option<Outcome> {
    let world = setup.world.world(setup.draws(replication));
    let frame = setup.frame.of_run(&world);
    let mut run = Run::new(setup, (&frame, world), policy, replication);
    run.prepare();
    let end = run.until_over(stop)?;
    run.settle_all(end);
    Some(run.close(end, replication))
}

struct Run<'a> {
    setup: &'a Setup<'a>,
    /// The setup's, with the faults of this run.
    frame: &'a Frame,
    policy: &'a Policy,
    queue: Queue,
    world: World<AttemptNote>,
    clients: Vec<Client>,
    /// What they know together; None if nothing is the fleet's.
    fleet: Option<Box<Fleet>>,
    /// The layers; None if calls go straight to providers.
    chain: Option<Box<Chained<'a>>>,
    client_timers: Vec<Timers>,
    calls: Slab<Slot>,
    /// By slot, as its last call left them: a timer outlives its call and serves the next.
    timers: Vec<Timers>,
    traffic: Traffic<'a>,
    traffic_draws: Draws,
    /// The next call, not yet submitted.
    next: Option<Submission>,
    /// The traffic if it depends on how calls end; None if it does not.
    reacting: Option<Box<Reacting<'a>>>,
    recorder: Recorder<'a>,
    /// Every attempt; None if nobody reads it.
    journal: Option<Box<Journal>>,
    engine_out: Vec<Output>,
    world_out: Vec<world::Output>,
    inner_out: Vec<world::Output>,
    own_out: Vec<Output>,
    ready: VecDeque<u32>,
    /// Answers that somebody listens for: the slot of the call, and its attempt.
    listening: VecDeque<(u32, u16)>,
    deferred: Deferred,
    judgements: Judgements,
    /// Embeddings to be told: of which process, and of which attempt.
    embeddings: VecDeque<(u32, Receipt, Vec<f64>)>,
    events: u64,
    wakes_clients: bool,
}

impl<'a> Run<'a> {
    fn new(
        setup: &'a Setup<'a>,
        (frame, world): (&'a Frame, World<AttemptNote>),
        policy: usize,
        replication: u32,
    ) -> Run<'a> {
        let scenario = setup.scenario;
        let plan = setup.chains[policy].as_ref();
        let policy = &setup.policies[policy];
        let endpoints = scenario.providers.len();
        let client = |_| Client::new(policy, endpoints, setup.draws(replication));
        let alone = |n| (0..n).map(client).collect();
        let layers: Vec<&Policy> = match plan {
            None => vec![policy],
            Some(plan) => plan.layers.iter().map(|l| &l.policies[0]).collect(),
        };
        let policies = Policies {
            all: &layers,
            chooser: plan.map_or(0, |plan| plan.chooser),
        };
        let (chain, clients) = match plan {
            None => (None, alone(scenario.workload.processes)),
            Some(plan) => {
                let (chain, clients) = Chained::new(plan, endpoints, || setup.draws(replication));
                (Some(Box::new(chain)), clients)
            }
        };
        let traffic_draws = setup.draws(replication);
        Run {
            reacting: Reacting::new(&setup.traffic, &traffic_draws),
            setup,
            frame,
            policy,
            queue: Queue::new(),
            world,
            fleet: (policy.sync().filter(|_| plan.is_none()))
                .map(|_| Box::new(Fleet::new(policy, endpoints, setup.draws(replication)))),
            client_timers: vec![Timers::new(); clients.len()],
            clients,
            chain,
            calls: Slab::new(),
            timers: Vec::new(),
            traffic: setup.traffic.traffic(),
            traffic_draws,
            next: None,
            recorder: Recorder::new(frame, policies, endpoints),
            journal: None,
            engine_out: Vec::new(),
            world_out: Vec::new(),
            inner_out: Vec::new(),
            own_out: Vec::new(),
            ready: VecDeque::new(),
            listening: VecDeque::new(),
            deferred: Deferred::default(),
            judgements: Judgements::default(),
            embeddings: VecDeque::new(),
            events: 0,
            wakes_clients: layers.iter().any(|policy| policy.wakes_clients()),
        }
    }

    fn prepare(&mut self) {
        for (i, fault) in self.frame.faults.iter().enumerate() {
            let number = (i as u32) << 1;
            let (starts, stops) = (event(FAULT, number), event(FAULT, number | 1));
            for time in &fault.times {
                self.queue.push(time.start, RANK_SIGNAL, starts);
                self.queue.push(time.end, RANK_SIGNAL, stops);
            }
        }
        for provider in 0..self.setup.scenario.providers.len() as u16 {
            for (at, trouble) in self.world.page(provider) {
                let number = u32::from(provider) << 1 | u32::from(trouble);
                self.queue.push(at, RANK_SIGNAL, event(STATUS, number));
            }
        }
        for crew in 0..self.chain.as_ref().map_or(1, |chain| chain.crews()) {
            self.plan_exchange(Instant::ZERO, crew);
        }
        self.plan_submission();
        self.park_traffic();
    }

    /// Handles events until the cohort has ended, or for the horizon after it; returns the end.
    fn until_over(&mut self, stop: &Stop) -> Option<Instant> {
        let frame = self.frame;
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
        let number = event >> KIND_BITS;
        match event & ((1 << KIND_BITS) - 1) {
            JOB => self.tell_world(now, world::Fact::Wake { job: number }),
            FAULT if number & 1 == 0 => {
                let fault = (number >> 1) as u16;
                self.tell_world(now, world::Fact::FaultStarts { fault });
            }
            FAULT => {
                let fault = (number >> 1) as u16;
                self.tell_world(now, world::Fact::FaultStops { fault });
            }
            CALL => self.wake_call(now, number),
            CLIENT => self.wake_client(now, number),
            EXCHANGE => self.exchange(now, number),
            JUDGEMENT => self.drop_judgement(now, number),
            STATUS => self.tell_page(now, number),
            TICK => {
                let provider = number as u16;
                self.tell_world(now, world::Fact::Tick { provider });
            }
            PASSAGE => self.step_passage(now, number),
            _ if number == 0 => self.submit(now),
            _ => self.wake_traffic(now),
        }
        self.serve_ready(now);
    }

    /// A status page changes: every process reads it.
    fn tell_page(&mut self, now: Instant, number: u32) {
        let (endpoint, trouble) = (EndpointId((number >> 1) as u16), number & 1 == 1);
        for process in 0..self.clients.len() as u32 {
            self.tell_client(now, process, ClientFact::Status { endpoint, trouble });
        }
    }

    fn plan_submission(&mut self) {
        self.next = self.traffic.next(&self.traffic_draws);
        if let Some(next) = &self.next {
            self.queue.push(next.at, RANK_SUBMIT, event(SUBMISSION, 0));
        }
    }

    fn submit(&mut self, now: Instant) {
        let Some(next) = self.next.take() else { return };
        self.open(now, next);
        self.plan_submission();
    }

    /// Opens a call; what its engine says at once may have finished it.
    fn open(&mut self, now: Instant, next: Submission) {
        let deadline = self.setup.scenario.workload.deadline;
        let deadline = deadline.map_or(Instant::NEVER, |d| now + d);
        let record = self.recorder.on_submit(now, &next);
        let timers = &mut self.timers;
        let slot = self.calls.insert_with(|slot| Slot {
            timers: inherited(timers, slot),
            call: Call::new(next.id, slot, next.request, deadline),
            process: next.process.0,
            answer_tokens: next.answer_tokens,
            jobs: Jobs::none(),
            record,
        });
        if self.chain.is_some() {
            self.begin_tree(slot);
        }
        if let Some(reacting) = &mut self.reacting {
            reacting.opens(next.id, slot);
        }
        self.tell_call(now, slot, Fact::Submitted);
    }

    /// A slot's timer fired; the call may want to wait longer, or be another by now.
    fn wake_call(&mut self, now: Instant, slot: u32) {
        let Some(state) = self.calls.get_mut(slot) else {
            self.timers[slot as usize].fires(now);
            return;
        };
        if !state.timers.fires(now) {
            return;
        }
        if state.call.wake_at() <= now {
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
        } else {
            self.park_client(process);
        }
    }

    /// Parks a timer for a call that is open, if none is parked as near.
    fn park(&mut self, slot: u32) {
        let Some(state) = self.calls.get_mut(slot) else {
            return;
        };
        let at = state.call.wake_at();
        if state.timers.park(at) {
            self.queue.push(at, RANK_WAKE, event(CALL, slot));
        }
    }

    fn park_client(&mut self, process: u32) {
        let at = self.clients[process as usize].wake_at();
        if self.client_timers[process as usize].park(at) {
            self.queue.push(at, RANK_WAKE, event(CLIENT, process));
        }
    }

    /// The policy a process is under.
    #[inline]
    fn policy_of(&self, process: u32) -> &'a Policy {
        match &self.chain {
            None => self.policy,
            Some(chain) => chain.policy_of(process),
        }
    }

    /// After nearly all events there is nothing to serve.
    #[inline]
    fn serve_ready(&mut self, now: Instant) {
        let told = self.ready.is_empty() & self.listening.is_empty() & self.embeddings.is_empty();
        let given_up = |chain: &Chained<'_>| chain.has_given_up();
        if !told | self.deferred.is_due() | self.chain.as_deref().is_some_and(given_up) {
            self.serve_all_ready(now);
        }
    }

    #[inline(never)]
    fn serve_all_ready(&mut self, now: Instant) {
        loop {
            while let Some((slot, attempt)) = self.listening.pop_front() {
                self.tell_heard(now, slot, attempt);
            }
            while let Some((process, receipt, vector)) = self.embeddings.pop_front() {
                self.tell_embedding(now, process, receipt, &vector);
            }
            match self.ready.pop_front() {
                Some(slot) => self.tell_call(now, slot, Fact::Wake),
                // One at a time: who is told to go on must not be gone before.
                None if self.give_up_passage(now) => {}
                None if self.submit_again(now) => {}
                None => return,
            }
        }
    }

    /// Hands over the data of a run that is settled.
    fn close(mut self, end: Instant, replication: u32) -> Outcome {
        let original = |slot| self.chain.as_ref().is_none_or(|c| c.is_original(slot));
        for (_, state) in self.calls.iter().filter(|(slot, _)| original(*slot)) {
            self.recorder.on_unfinished(end, &state.record);
        }
        let spent: u128 = self.clients.iter().map(Client::spent_pico_usd).sum();
        let twice = self.chain.as_ref().map_or(0, |c| c.passed_pico_usd());
        let clients_pico_usd = spent - twice;
        let providers = &self.setup.scenario.providers;
        let names: Vec<String> = providers.iter().map(|(name, _)| name.clone()).collect();
        let mut outcome =
            self.recorder
                .close(end, replication, self.events, &names, clients_pico_usd);
        outcome.audit.places = self.timers.len() as u64;
        outcome
    }
}

/// The timers that the last call of a slot left parked.
fn inherited(timers: &mut Vec<Timers>, slot: u32) -> Timers {
    if timers.len() <= slot as usize {
        assert!(slot < MOST_CALLS, "more than {MOST_CALLS} calls at once");
        timers.push(Timers::new());
    }
    timers[slot as usize]
}
