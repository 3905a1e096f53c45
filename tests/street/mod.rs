//! A street: one world and the requests that come to it, in virtual time.
//!
//! The test is the client: it sends, goes away and lets time pass. What the world says is kept as
//! lines of text, `"<ms> <word> … #<number>"`, and as data for tests that count.

use std::collections::BTreeMap;

use squall::base::draw::{Root, Stage};
use squall::base::wire::{Finish, Priority};
use squall::base::{
    CallId, Capabilities, Draws, Ending, EndpointId, Instant, Receipt, Request, Signal, Usage,
};
use squall::world::{Fact, NewJob, Output, Plan, Shown, Truth, World};

use crate::settings::typed;

/// In place of a job: its one provider wants to be woken itself.
const PROVIDER: u32 = u32::MAX;

/// More steps than any street takes.
const BOUND: usize = 1_000_000;

/// What became of one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fate {
    pub(crate) sent: Instant,
    pub(crate) first: Option<Instant>,
    pub(crate) end: Option<(Instant, Ending)>,
    pub(crate) good: bool,
    pub(crate) abandoned: Option<Instant>,
    pub(crate) bills: Vec<(Instant, Usage)>,
    /// Signals that came after the client went away.
    pub(crate) late: u32,
}

/// One world and what became of the requests.
pub(crate) struct Street {
    /// The note of a job is the number of its request.
    pub(crate) world: World<u32>,
    /// When each job wants to be woken.
    due: BTreeMap<u32, Instant>,
    pub(crate) job_of: BTreeMap<u32, u32>,
    faults: Vec<(Instant, Fact)>,
    pub(crate) fates: Vec<Fate>,
    log: Vec<String>,
    pub(crate) now: Instant,
    stream: bool,
    shown: Shown,
    needs: Capabilities,
}

impl Street {
    /// One provider `p` with faults: each is a table without `name` and `on`.
    pub(crate) fn new(provider: &str, faults: &[&str]) -> Street {
        Street::seeded(provider, faults, 1)
    }

    /// The same under another seed.
    pub(crate) fn seeded(provider: &str, faults: &[&str], seed: u64) -> Street {
        let fault = |(i, text): (usize, &&str)| -> squall::fault::Config {
            typed(&format!("name = \"f{i}\"\non = [\"p\"]\n{text}"))
        };
        let configs: Vec<_> = faults.iter().enumerate().map(fault).collect();
        let draws = Draws::new(Root::new(seed, Stage::Run, 0));
        let world = Plan::new(&[("p".into(), typed(provider))], &configs).world(draws);
        let mut at = Vec::new();
        for (fault, times) in world.faults().enumerate() {
            let fault = fault as u16;
            for time in times {
                at.push((time.from, Fact::FaultStarts { fault }));
                at.push((time.to, Fact::FaultStops { fault }));
            }
        }
        at.sort_by_key(|(when, _)| *when);
        at.reverse();
        Street {
            world,
            due: BTreeMap::new(),
            job_of: BTreeMap::new(),
            faults: at,
            fates: Vec::new(),
            log: Vec::new(),
            now: Instant::ZERO,
            stream: true,
            shown: Shown::Nothing,
            needs: Capabilities::NONE,
        }
    }

    /// Requests from now on are not streamed.
    pub(crate) fn whole(mut self) -> Street {
        self.stream = false;
        self
    }

    /// Requests from now on show this to a judge.
    pub(crate) fn showing(mut self, shown: Shown) -> Street {
        self.shown = shown;
        self
    }

    /// Requests from now on need these.
    pub(crate) fn needing(&mut self, needs: Capabilities) {
        self.needs = needs;
    }

    /// Sends a request of 100 tokens for an answer of 101; returns its number.
    pub(crate) fn send(&mut self) -> u32 {
        self.send_sized(100, 1000, 101)
    }

    /// Sends a request of these sizes.
    pub(crate) fn send_sized(&mut self, prompt: u32, max: u32, answer: u32) -> u32 {
        let number = self.fates.len() as u32;
        self.fates.push(Fate {
            sent: self.now,
            ..Fate::default()
        });
        let new = NewJob {
            note: number,
            receipt: Receipt {
                call: CallId::new(0, u64::from(number)),
                endpoint: EndpointId(0),
                attempt: 0,
                nth_at_endpoint: 0,
                priority: Priority::Normal,
            },
            request: Request {
                prompt_tokens: prompt,
                max_tokens: max,
                stream: self.stream,
                priority: Priority::Normal,
                sender: squall::base::Sender::NOBODY,
                needs: self.needs,
            },
            truth: Truth {
                answer_tokens: answer,
                shown: self.shown,
            },
        };
        let (job, at) = self.world.request(self.now, new);
        self.wake_at(job, at);
        self.job_of.insert(number, job);
        number
    }

    /// The client of a request goes away.
    pub(crate) fn abandon(&mut self, number: u32) {
        self.fates[number as usize]
            .abandoned
            .get_or_insert(self.now);
        let Some(&job) = self.job_of.get(&number) else {
            return;
        };
        self.tell(Fact::Abandoned { job });
        self.release_if_over(number);
    }

    /// Whether a request is still with the world.
    pub(crate) fn is_open(&self, number: u32) -> bool {
        let fate = &self.fates[number as usize];
        fate.abandoned.is_none() && fate.end.is_none()
    }

    /// When the client of a request that is still with the world heard of it last, in ms; −1: it is not
    /// connected.
    pub(crate) fn heard(&self, number: u32) -> f64 {
        let at = self.world.heard(self.job_of[&number], self.now);
        at.map_or(-1.0, |at| at.0 as f64 / 1e6)
    }

    /// Time passes.
    pub(crate) fn pass(&mut self, ms: u64) {
        self.reach(Instant(self.now.0 + ms * 1_000_000));
    }

    /// Time passes up to and with this instant.
    pub(crate) fn reach(&mut self, until: Instant) {
        for _ in 0..BOUND {
            let job = self.due.iter().map(|(job, at)| (*at, *job)).min();
            let fault = self.faults.last().map(|(at, _)| *at);
            let next = job.map(|(at, _)| at).into_iter().chain(fault).min();
            let Some(at) = next.filter(|at| *at <= until) else {
                self.now = until;
                return;
            };
            self.now = at;
            if fault == Some(at) {
                let (_, fact) = self.faults.pop().expect("it was just looked at");
                self.tell(fact);
            } else if let Some((_, job)) = job {
                self.due.remove(&job);
                self.tell(match job {
                    PROVIDER => Fact::Tick { provider: 0 },
                    job => Fact::Wake { job },
                });
            }
        }
        panic!("the world wants to be woken without end");
    }

    /// Time is over: every bill comes.
    pub(crate) fn close(&mut self) {
        let mut outputs = Vec::new();
        self.world.settle_all(self.now, &mut outputs);
        outputs.into_iter().for_each(|output| self.note(output));
        for job in self.world.numbers() {
            self.world.release(job);
        }
        assert_eq!(self.world.jobs(), 0, "nobody is left");
    }

    /// When its status page changes, and whether it then says that there is trouble.
    pub(crate) fn page(&self) -> Vec<(Instant, bool)> {
        self.world.page(0)
    }

    /// Jobs the world keeps.
    pub(crate) fn jobs(&self) -> usize {
        self.world.jobs()
    }

    /// All lines with this word.
    pub(crate) fn told(&self, word: &str) -> Vec<&str> {
        let has = |line: &&str| line.split(' ').nth(1) == Some(word);
        self.log.iter().map(String::as_str).filter(has).collect()
    }

    /// All lines.
    pub(crate) fn log(&self) -> Vec<&str> {
        self.log.iter().map(String::as_str).collect()
    }

    fn tell(&mut self, fact: Fact) {
        let mut outputs = Vec::new();
        self.world.handle(self.now, fact, &mut outputs);
        outputs.into_iter().for_each(|output| self.note(output));
    }

    fn note(&mut self, output: Output) {
        let now = self.now;
        let (number, text) = match output {
            Output::Next { job, at } => return self.wake_at(job, at),
            Output::Tick { at, .. } => return self.wake_at(PROVIDER, at),
            Output::Signal { job, signal, good } => {
                let number = *self.world.note(job);
                let fate = &mut self.fates[number as usize];
                fate.late += u32::from(fate.abandoned.is_some());
                match signal {
                    Signal::FirstToken => {
                        assert!(fate.first.is_none() && fate.end.is_none(), "one, and first");
                        fate.first = Some(now);
                        (number, "first".to_string())
                    }
                    Signal::End(ending) => {
                        assert!(fate.end.is_none(), "an attempt ends once");
                        fate.end = Some((now, ending));
                        fate.good = good;
                        (number, format!("end {}", spoken(ending)))
                    }
                }
            }
            Output::Settled {
                job,
                receipt,
                usage,
            } => {
                let number = *self.world.note(job);
                let id = CallId::new(0, u64::from(number));
                assert_eq!(receipt.call, id, "its own bill");
                assert_eq!(self.world.bill(job), Some(usage), "it stands");
                self.fates[number as usize].bills.push((now, usage));
                (
                    number,
                    format!("bill {}+{}", usage.input_tokens, usage.output_tokens),
                )
            }
        };
        self.log
            .push(format!("{} {text} #{number}", now.0 / 1_000_000));
        self.release_if_over(number);
    }

    fn wake_at(&mut self, job: u32, at: Instant) {
        let now = self.now;
        assert!(at >= now, "a wake-up in the past: {at:?} at {now:?}");
        self.due.insert(job, at);
    }

    /// Lets go of a job that has ended for its client and was billed.
    fn release_if_over(&mut self, number: u32) {
        let fate = &self.fates[number as usize];
        if !self.is_open(number)
            && !fate.bills.is_empty()
            && let Some(job) = self.job_of.remove(&number)
        {
            self.world.release(job);
        }
    }
}

fn spoken(ending: Ending) -> String {
    match ending {
        Ending::Answer { finish, .. } => match finish {
            Finish::Stop => "answer".into(),
            Finish::Length => "answer cut".into(),
            Finish::Missing => "answer unfinished".into(),
        },
        Ending::Status { status, advice, .. } => match advice.meant() {
            None => status.to_string(),
            Some(wait) => format!("{status} after {wait}"),
        },
        Ending::ConnectionRefused => "refused".into(),
        Ending::ConnectionLost => "lost".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every word of the harness once, so that each test binary that includes it uses all of it.
    #[test]
    fn the_street_does_what_it_says() {
        let mut street = Street::seeded("", &["at = \"1h\"\nfor = \"1s\"\neffect.hang = {}"], 3);
        street.needing(Capabilities::NONE);
        assert!(street.page().is_empty());
        let number = street.send();
        assert!(street.is_open(number));
        assert_eq!(street.heard(number), -1.0);
        street.abandon(number);
        street.pass(60_000);
        street.close();
        assert_eq!(street.jobs(), 0);
        assert_eq!(street.told("bill").len(), 1);
        assert_eq!(street.log().len(), 1);
        let fate = &street.fates[0];
        assert_eq!(
            (fate.sent, fate.first, fate.late, fate.good),
            (Instant::ZERO, None, 0, false)
        );
        let mut quiet = Street::new("", &[]).showing(Shown::Nothing).whole();
        quiet.send_sized(1, 1, 5);
        quiet.reach(Instant(3_600_000_000_000));
        assert_eq!(quiet.now.0, 3_600_000_000_000);
        assert!(quiet.told("end")[0].contains("answer cut"));
    }
}
