//! Drift monitors at work: what they are told of attempts and answers, and what an alarm does.
//!
//! Whoever learns something of an answer tells it through [`Client::observe`], valid after the call is
//! gone. A policy without monitors pays one branch for it.

use std::collections::BTreeMap;

use crate::base::{Class, Detour, Instant, Purpose, Receipt, Usage};
use crate::policy::monitor::watch::{Seen, Subject, Then, Watch};
use crate::policy::monitor::{self, State};

use super::call::Attempt;
use super::client::Client;
use super::output::{Notice, Output};
use super::policy::Policy;

/// The monitors of a policy, laid out.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// What any of them watches, one bit each.
    subjects: u8,
    monitors: Vec<Monitor>,
}

#[derive(Clone, Debug)]
struct Monitor {
    name: String,
    watch: Watch,
    /// One that has seen nothing: its threshold takes long to compute.
    fresh: State,
}

impl Plan {
    pub(super) fn new(monitors: &BTreeMap<String, Watch>) -> Plan {
        let monitor = |(name, watch): (&String, &Watch)| Monitor {
            name: name.clone(),
            watch: watch.clone(),
            fresh: watch.test.start(),
        };
        Plan {
            subjects: monitors.values().fold(0, |all, m| all | m.watch.bit()),
            monitors: monitors.iter().map(monitor).collect(),
        }
    }

    /// Whether an alarm changes the order of the route.
    pub(super) fn steers(&self) -> bool {
        self.monitors.iter().any(|m| m.watch.then == Then::FailOver)
    }

    /// Their names; a monitor's number is its place here.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.monitors.iter().map(|m| m.name.as_str())
    }

    /// Whether there are any.
    #[inline]
    pub(super) fn is_on(&self) -> bool {
        self.subjects != 0
    }

    /// Whether any watches what is billed.
    pub(super) fn watch_bills(&self) -> bool {
        self.watches(Seen::Billed(Usage::default()).subjects())
    }

    #[inline]
    fn watches(&self, subjects: u8) -> bool {
        self.subjects & subjects != 0
    }

    /// The monitor of embeddings, of which a policy has at most one, and the numbers in a vector.
    fn embedding(&self) -> Option<(usize, u16)> {
        let place = |m: &Monitor| m.watch.watch == Subject::Embedding;
        let at = self.monitors.iter().position(place)?;
        match &self.monitors[at].watch.test {
            monitor::Config::Embedding(test) => Some((at, test.dimensions as u16)),
            _ => None,
        }
    }
}

/// What the monitors of a process have seen, each of each endpoint.
#[derive(Debug, Default)]
pub(super) struct Watcher {
    /// By monitor, then by endpoint; made when the first observation comes.
    states: Vec<Option<State>>,
    /// Likewise: until when it looks at nothing, after an alarm.
    quiet_until: Vec<Instant>,
    endpoints: usize,
}

impl Watcher {
    pub(super) fn new(plan: &Plan, endpoints: usize) -> Watcher {
        Watcher {
            states: vec![None; plan.monitors.len() * endpoints],
            quiet_until: vec![Instant::ZERO; plan.monitors.len() * endpoints],
            endpoints,
        }
    }
}

impl Client {
    /// Something was seen of an attempt, or of its answer: each fact once. Also valid after its call is
    /// gone.
    #[inline]
    pub fn observe(
        &mut self,
        policy: &Policy,
        receipt: Receipt,
        seen: Seen<'_>,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        let policy = self.under(policy, receipt.priority);
        if policy.monitors.watches(seen.subjects()) {
            self.put_to_test(policy, receipt, seen, now, outputs);
        }
    }

    #[inline(never)]
    fn put_to_test(
        &mut self,
        policy: &Policy,
        receipt: Receipt,
        seen: Seen<'_>,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        for (place, monitor) in policy.monitors.monitors.iter().enumerate() {
            let Some(observation) = monitor.watch.observation(seen) else {
                continue;
            };
            // An embedding was drawn before it was asked for.
            let drawn = monitor.watch.watch == Subject::Embedding;
            if !drawn && !self.draws_it(place, monitor, receipt) {
                continue;
            }
            let at = place * self.watcher.endpoints + usize::from(receipt.endpoint.0);
            if now < self.watcher.quiet_until[at] {
                continue;
            }
            let state = self.watcher.states[at].get_or_insert_with(|| monitor.fresh.clone());
            if state.observe(observation) {
                self.watcher.quiet_until[at] = now + monitor.watch.lasts.unwrap_or_default();
                self.alarm(policy, place, receipt, now, outputs);
            }
        }
    }

    /// Whether an observation is among those that a monitor is given.
    fn draws_it(&self, place: usize, monitor: &Monitor, receipt: Receipt) -> bool {
        let ordinal = (place as u64) << 16 | u64::from(receipt.attempt);
        let entity = receipt.call.word();
        let u = || self.draws.unit(Purpose::MonitorSample, entity, ordinal);
        monitor.watch.sample.0 >= 1.0 || u() < monitor.watch.sample.0
    }

    /// Asks for the embedding of an answer that came whole, if a monitor wants it. Before the attempt is
    /// said to have ended: the driver may let go of the answer then.
    pub(super) fn ask_embedding(
        &self,
        policy: &Policy,
        receipt: Receipt,
        class: Class,
        outputs: &mut Vec<Output>,
    ) {
        if class != Class::Ok || !policy.monitors.watches(Subject::Embedding.bit()) {
            return;
        }
        if let Some((place, dimensions)) = policy.monitors.embedding()
            && self.draws_it(place, &policy.monitors.monitors[place], receipt)
        {
            outputs.push(Output::Embed {
                receipt,
                dimensions,
            });
        }
    }

    /// The monitors learn how an attempt ended.
    pub(super) fn observe_end(
        &mut self,
        policy: &Policy,
        receipt: Receipt,
        (attempt, class): (Attempt, Class),
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        let seen = Seen::Ended {
            class,
            counting: policy.rule(class).counting,
            took: now.since(attempt.sent_at),
        };
        self.observe(policy, receipt, seen, now, outputs);
    }

    /// A monitor alarms: it is noted, and done about what the policy says.
    fn alarm(
        &mut self,
        policy: &Policy,
        place: usize,
        receipt: Receipt,
        now: Instant,
        outputs: &mut Vec<Output>,
    ) {
        let endpoint = receipt.endpoint;
        outputs.push(Output::Notice(Notice::Alert {
            monitor: policy.first_monitor + place as u16,
            endpoint,
        }));
        let watch = &policy.monitors.monitors[place].watch;
        let until = now + watch.lasts.unwrap_or_default();
        let alarm = (watch.then, Detour::Monitor);
        self.act_on_alarm(policy, alarm, receipt, (now, until), outputs);
    }
}
