//! The model as a plain loop: what somebody writes who needs this one simulation and no other.
//!
//! No engine, no world, no recorder, nothing that could be configured: policies are constants and
//! the branches of one program. It shares with the simulator what decides nothing (the queue, the
//! slab, buckets, windows, keyed draws, samplers) and says the same totals to the last bit. So it
//! is two things at once: the measure of what the simulator's generality costs, and an oracle. Where
//! the engine's rules were sharpened later (stale endings, the failure that decides, waits that
//! outlast a detour) it follows them: there it tells that the rule is kept, not that it is right.
//!
//! This file holds the state and the loop; [`client`], [`endings`] and [`process`] the client's
//! side, [`provider`] and [`outage`] the server's, [`sums`] what is added up.

mod client;
mod endings;
mod outage;
mod process;
mod provider;
mod sums;

use squall::base::draw::{Root, Stage};
use squall::base::{CallId, Draws, Duration, Instant, Purpose, Slab, quantile};
use squall::sim::Queue;
use squall::workload::tokens::{Clamped, Law};

use super::model::{DEADLINE, MAX_TOKENS, Model, PROCESSES};
use super::totals::Totals;
use client::Call;
use process::Process;
use provider::{Job, Provider};
use sums::Sums;

/// Signals before wake-ups before submissions.
const SIGNAL: u8 = 0;
const WAKE: u8 = 1;
const SUBMIT: u8 = 2;

/// What an event is about: its two low bits.
const ABOUT_JOB: u32 = 0;
const ABOUT_CALL: u32 = 1;
const ABOUT_ARRIVAL: u32 = 2;
const ABOUT_OUTAGE: u32 = 3;

/// All that changes in a run.
struct Loop {
    queue: Queue,
    draws: Draws,
    calls: Slab<Call>,
    jobs: Slab<Job>,
    processes: Vec<Process>,
    providers: [Provider; 2],
    outage: bool,
    sums: Sums,
    arrivals: Arrivals,
    /// Calls of the cohort that are open, and attempts of the cohort without a bill.
    open: u64,
    unsettled: u64,
}

/// When calls come, and how large.
struct Arrivals {
    n: u64,
    area: f64,
    rate: f64,
    prompt: Clamped,
    answer: Clamped,
}

/// Runs the model and says its totals.
pub(crate) fn run(model: &Model) -> Totals {
    let mut state = Loop::new(model);
    let (from, to) = model.outage();
    state.queue.push(from, SIGNAL, 1 << 2 | ABOUT_OUTAGE);
    state.queue.push(to, SIGNAL, ABOUT_OUTAGE);
    state.plan_arrival();
    let end = state.until_over(Instant::ZERO + model.duration);
    state.sums.into_totals(end, &model.providers())
}

impl Loop {
    fn new(model: &Model) -> Loop {
        let Law::Drawn { input, output } = model.tokens().law() else {
            unreachable!("the model draws its sizes");
        };
        let [first, second] = model.providers();
        let law = model.latency();
        Loop {
            queue: Queue::new(),
            draws: Draws::new(Root::new(model.seed, Stage::Run, 0)),
            calls: Slab::new(),
            jobs: Slab::new(),
            processes: (0..PROCESSES).map(|_| Process::new()).collect(),
            providers: [
                Provider::new(&first, law.law()),
                Provider::new(&second, law.law()),
            ],
            outage: false,
            sums: Sums::new(model),
            arrivals: Arrivals {
                n: 0,
                area: 0.0,
                rate: f64::from(model.rate),
                prompt: input,
                answer: output,
            },
            open: 0,
            unsettled: 0,
        }
    }

    /// Until every call that counts is over and billed; returns when that was.
    fn until_over(&mut self, duration: Instant) -> Instant {
        let latest = duration + DEADLINE;
        let mut now = Instant::ZERO;
        while let Some(at) = self.queue.peek_time() {
            assert!(at <= latest, "bills of this model come within the horizon");
            if at >= duration && self.open == 0 && self.unsettled == 0 {
                break;
            }
            let Some((at, event)) = self.queue.pop() else {
                break;
            };
            now = at;
            let number = event >> 2;
            match event & 3 {
                ABOUT_JOB => self.wake_job(now, number),
                ABOUT_CALL => self.wake_call(now, number),
                ABOUT_ARRIVAL => self.submit(now),
                _ => self.turn_outage(now, number == 1),
            }
        }
        now.max(duration)
    }

    fn plan_arrival(&mut self) {
        let Arrivals { n, area, rate, .. } = &mut self.arrivals;
        *area += quantile::exponential(self.draws.unit(Purpose::Arrival, *n, 0));
        let at = Instant::ZERO + Duration::from_s_f64(*area / *rate);
        self.queue.push(at, SUBMIT, ABOUT_ARRIVAL);
    }

    fn submit(&mut self, now: Instant) {
        let id = CallId::new(0, self.arrivals.n).word();
        let u = |purpose| self.draws.unit(purpose, id, 0);
        let prompt = self.arrivals.prompt.at(u(Purpose::InputTokens));
        let answer = self.arrivals.answer.at(u(Purpose::OutputTokens));
        let process = u(Purpose::Process) * f64::from(PROCESSES);
        let scopes = self.sums.on_submit(now, prompt, answer);
        self.open += u64::from(scopes & 1);
        let process = (process as u32).min(PROCESSES - 1);
        let call = Call::new(id, now, process, prompt, answer.min(MAX_TOKENS), scopes);
        let call = self.calls.insert(call);
        self.begin(now, call);
        self.arrivals.n += 1;
        self.plan_arrival();
    }
}
