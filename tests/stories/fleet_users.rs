//! Quotas of single users that are a fleet's, against a slow obvious model: each process knows a list of
//! all that happened, and counts through it from the beginning at every call.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::crowd::{Crowd, FAILS, OK};

/// Random fleets; a failure prints its number, which is the seed.
const CASES: u64 = 400;

/// What an attempt reserves, and what an answer and a failure are billed for: see [`Crowd`].
const RESERVED: i128 = 200;
const ANSWERED: i128 = 170;
const FAILED: i128 = 100;

/// Tokens × milliseconds per minute: a token is worth so much, and a millisecond adds the rate.
const MINUTE: i128 = 60_000;

#[derive(Clone, Copy)]
struct Event {
    ms: u64,
    process: usize,
    user: u32,
    /// Tokens taken; below zero: put back.
    tokens: i128,
}

/// Everything that happened, and how much of it each process has heard of.
struct Model {
    rate: i128,
    burst: i128,
    events: Vec<Event>,
    heard: Vec<usize>,
}

impl Model {
    /// The tokens of a user, as a process knows them: a bucket that fills up and never overflows.
    fn level(&self, process: usize, user: u32, ms: u64) -> i128 {
        let full = self.burst * MINUTE;
        let (mut level, mut at) = (full, 0);
        let known = |&(i, e): &(usize, &Event)| i < self.heard[process] || e.process == process;
        let events = self.events.iter().enumerate().filter(known);
        for (_, event) in events.filter(|(_, e)| e.user == user) {
            level = full.min(level + self.rate * i128::from(event.ms - at));
            level = full.min(level - event.tokens * MINUTE);
            at = event.ms;
        }
        full.min(level + self.rate * i128::from(ms - at))
    }

    fn passes(&self, process: usize, user: u32, ms: u64) -> bool {
        user == 0 || self.level(process, user, ms) >= RESERVED * MINUTE
    }

    fn exchange(&mut self) {
        self.heard.fill(self.events.len());
    }
}

/// One random fleet; how many calls passed and how many were refused.
fn play(seed: u64) -> (usize, usize) {
    let r = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
    let (processes, users) = (r.random_range(1..6), r.random_range(1..8));
    let (rate, burst) = (r.random_range(500..5000), r.random_range(200..1500));
    let text = format!(
        "route.failover = {{ endpoints = [\"a\"] }}\n\
         quota.tokens = {{ rate = \"{rate}/min\", burst = {burst}, per = \"user\", scope = \"fleet\" }}"
    );
    let mut crowd = Crowd::new(&text, processes);
    let mut model = Model {
        rate,
        burst,
        events: Vec::new(),
        heard: vec![0; processes],
    };
    let mut open = Vec::new();
    let (mut ms, mut passed, mut refused) = (0, 0, 0);
    for _ in 0..150 {
        ms += r.random_range(0..400);
        crowd.reach(ms);
        match r.random_range(0..10) {
            0 => {
                crowd.exchange();
                model.exchange();
            }
            1..4 if !open.is_empty() => {
                let (call, mut event): (usize, Event) =
                    open.swap_remove(r.random_range(0..open.len()));
                let (ending, used) = [(OK, ANSWERED), (FAILS, FAILED)][r.random_range(0..2)];
                crowd.end(call, ending);
                (event.ms, event.tokens) = (ms, used - RESERVED);
                model.events.push(event);
            }
            _ => {
                let (process, user) = (r.random_range(0..processes), r.random_range(0..users));
                let passes = model.passes(process, user, ms);
                let call = crowd.submit_for(process, user);
                assert_eq!(
                    !crowd.is_refused(call),
                    passes,
                    "seed {seed} at {ms}\n{text}"
                );
                if !passes {
                    refused += 1;
                    continue;
                }
                passed += 1;
                let tokens = RESERVED;
                let event = Event {
                    ms,
                    process,
                    user,
                    tokens,
                };
                model.events.push(event);
                open.push((call, event));
            }
        }
    }
    (passed, refused)
}

#[test]
fn a_process_lets_a_user_pass_by_what_it_did_and_heard_of_and_nothing_else() {
    let (mut passed, mut refused) = (0, 0);
    for seed in 0..CASES {
        let (more, less) = play(seed);
        passed += more;
        refused += less;
    }
    // It is no law about silence.
    assert!(passed > 10_000 && refused > 5000, "{passed} {refused}");
}
