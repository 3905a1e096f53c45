//! The breakers of a client on the bench: asked, passed and told by hand, times in ms.

use squall::base::draw::{Root, Stage};
use squall::base::{Class, Draws, Duration, EndpointId, Instant};
use squall::policy::Config;
use squall::policy::breaker::answer::{Answer, Change, Pass};
use squall::policy::breaker::plan::{Dice, Plan};
use squall::policy::breaker::set::{Breakers, Told};
use squall::policy::breaker::{Counting, Outcome};

use crate::settings::typed;

/// What an ending is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    Good,
    Bad,
    /// It says nothing.
    Mute,
    /// Bad, and of a class that trips at once, with what the endpoint asked for in ms.
    Trips(Option<u64>),
}

pub(crate) struct Bench {
    config: Config,
    plan: Plan,
    set: Breakers,
    draws: Draws,
    asked: u64,
    /// Every change: when, of whom, and until when it is open.
    pub(crate) changes: Vec<(u64, u16, Option<u64>)>,
}

pub(crate) fn ms(ms: u64) -> Instant {
    Instant(ms * 1_000_000)
}

impl Bench {
    /// One endpoint under a policy's `breaker`, `trip` and `readmit`.
    pub(crate) fn new(text: &str) -> Bench {
        Bench::of(text, 1, 1)
    }

    pub(crate) fn of(text: &str, endpoints: u16, seed: u64) -> Bench {
        Bench::under(typed(text), endpoints, seed)
    }

    /// So many endpoints under a whole policy.
    pub(crate) fn under(config: Config, endpoints: u16, seed: u64) -> Bench {
        let plan = Plan::new(&config.breaker, &config.trip, &config.readmit);
        let route: Vec<EndpointId> = (0..endpoints).map(EndpointId).collect();
        Bench {
            set: Breakers::new(&plan, route.len(), &route),
            plan,
            config,
            draws: Draws::new(Root::new(seed, Stage::Run, 0)),
            asked: 0,
            changes: Vec::new(),
        }
    }

    /// Asks as a call of its own; nothing is taken and nothing refused.
    pub(crate) fn ask_at(&mut self, endpoint: u16, at: u64) -> Answer {
        self.asked += 1;
        let dice = Dice {
            draws: &self.draws,
            call: self.asked,
        };
        let answer = self.set.ask(&self.plan, EndpointId(endpoint), ms(at), dice);
        self.note(at);
        answer
    }

    pub(crate) fn ask(&mut self, at: u64) -> Answer {
        self.ask_at(0, at)
    }

    /// Sends an attempt, if it may be sent.
    pub(crate) fn send_to(&mut self, endpoint: u16, at: u64) -> Option<Pass> {
        let answer = self.ask_at(endpoint, at);
        let endpoint = EndpointId(endpoint);
        if answer == Answer::No {
            self.set.refuse(&self.plan, endpoint, ms(at));
            return None;
        }
        let probe = answer == Answer::AsProbe;
        Some(self.set.pass(&self.plan, endpoint, probe, ms(at)))
    }

    pub(crate) fn send(&mut self, at: u64) -> Option<Pass> {
        self.send_to(0, at)
    }

    /// An attempt ended after so many ms. True if a breaker did something.
    pub(crate) fn end_of(
        &mut self,
        endpoint: u16,
        pass: Pass,
        end: End,
        took: u64,
        at: u64,
    ) -> bool {
        let (class, counting) = match end {
            End::Good => (Class::Ok, Counting::Ignored),
            End::Bad => (Class::ServerFault, Counting::Failure),
            End::Mute => (Class::Cancelled, Counting::Ignored),
            End::Trips(_) => (Class::RateLimited, Counting::Trips),
        };
        let stated = match end {
            End::Trips(wait) => wait.map(Duration::from_ms),
            End::Good | End::Bad | End::Mute => None,
        };
        let outcome = self.plan.outcome(class, counting, Duration::from_ms(took));
        self.tell(endpoint, pass, outcome, stated, at)
    }

    /// An attempt ended in a class, which is to the breaker what the policy says: `on`, or a failure
    /// if it says that the endpoint is broken.
    pub(crate) fn class_of(
        &mut self,
        endpoint: u16,
        pass: Pass,
        (class, stated): (Class, Option<u64>),
        took: u64,
        at: u64,
    ) -> bool {
        let own = self.config.on.get(&class);
        let counting = own.and_then(|rule| rule.counts_for_breaker);
        let counting = counting.unwrap_or(match class {
            Class::ServerFault | Class::Transport | Class::TimedOut => Counting::Failure,
            _ => Counting::Ignored,
        });
        let outcome = self.plan.outcome(class, counting, Duration::from_ms(took));
        self.tell(endpoint, pass, outcome, stated.map(Duration::from_ms), at)
    }

    fn tell(
        &mut self,
        endpoint: u16,
        pass: Pass,
        outcome: Outcome,
        stated: Option<Duration>,
        at: u64,
    ) -> bool {
        let told = Told {
            endpoint: EndpointId(endpoint),
            pass,
            outcome,
            stated,
        };
        self.asked += 1;
        let dice = Dice {
            draws: &self.draws,
            call: self.asked,
        };
        self.set.on_end(&self.plan, told, ms(at), dice);
        self.note(at)
    }

    pub(crate) fn end(&mut self, pass: Pass, end: End, at: u64) -> bool {
        self.end_of(0, pass, end, 0, at)
    }

    /// Sends one that ends at once; None if it is refused, else whether that changed anything.
    pub(crate) fn one(&mut self, end: End, at: u64) -> Option<bool> {
        let pass = self.send(at)?;
        Some(self.end(pass, end, at))
    }

    /// Until when it was opened last, in ms.
    pub(crate) fn open_until(&self) -> Option<u64> {
        self.changes.iter().rev().find_map(|(.., until)| *until)
    }

    pub(crate) fn trips(&self) -> usize {
        self.changes
            .iter()
            .filter(|(.., until)| until.is_some())
            .count()
    }

    pub(crate) fn probes_in_flight(&self) -> u32 {
        self.set.probes_in_flight()
    }

    /// How much it remembers, as long as it takes to tell.
    pub(crate) fn size(&self) -> usize {
        format!("{:?}", self.set).len()
    }

    fn note(&mut self, at: u64) -> bool {
        let before = self.changes.len();
        for (endpoint, change) in self.set.changes() {
            let until = match change {
                Change::Tripped { until, .. } => Some(until.0.div_ceil(1_000_000)),
                Change::Closed => None,
            };
            self.changes.push((at, endpoint.0, until));
        }
        self.changes.len() > before
    }
}
