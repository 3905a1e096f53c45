//! The traffic of one run: calls with their traits, in order of arrival.
//!
//! Every trait of a call is drawn from the call's own key, so the n-th call is the same call under
//! every policy.

use std::sync::Arc;

use super::arrivals::Arrivals;
use super::config::Config;
use super::laws::Laws;
use super::needs;
use super::senders::{self, Senders};
use super::shape::Shape;
use super::tenants::{Mix, Mixes};
use super::tokens::Law;
use super::trace::Trace;
use crate::base::capability::Capabilities;
use crate::base::wire::{Priority, Request, Sender};
use crate::base::{CallId, Draws, Instant, ProcessId, Purpose};

/// One call as it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Its id.
    pub id: CallId,
    /// When it arrives.
    pub at: Instant,
    /// The process it falls on.
    pub process: ProcessId,
    /// What the client asks for.
    pub request: Request,
    /// Tokens of its complete answer, before max-tokens cuts it.
    pub answer_tokens: u32,
    /// Whose call it is: from one, its tenant's place in order of names; zero: nobody's.
    pub tenant: u16,
}

/// What all runs of a scenario share: the laws, made ready once.
#[derive(Clone, Debug)]
pub struct Plan {
    config: Config,
    arrivals: Arrivals,
    shape: Option<Shape>,
    mixes: Mixes,
    laws: Laws,
    senders: senders::Plan,
    /// Whether any call needs anything.
    needs_any: bool,
    trace: Option<Arc<Trace>>,
}

impl Plan {
    /// A plan for a checked configuration and the trace it names.
    pub fn new(config: &Config, trace: Option<Arc<Trace>>) -> Plan {
        Plan {
            config: config.clone(),
            arrivals: Arrivals::new(&config.arrivals),
            shape: config.shape.ready(),
            mixes: Mixes::new(config),
            laws: Laws::new(config),
            senders: senders::Plan::new(config.users, config.conversations.as_ref()),
            needs_any: config.needs != needs::Config::default(),
            trace,
        }
    }

    /// The traffic of one run, from its start; nothing, if it reacts: then it is [`super::reactive`].
    pub fn traffic(&self) -> Traffic<'_> {
        Traffic {
            plan: self,
            starts: (!self.config.reacts()).then(|| self.starts()),
            senders: Senders::new(&self.senders),
        }
    }

    /// When calls, or what begins with a call, arrive in one run.
    pub(super) fn starts(&self) -> Starts<'_> {
        Starts {
            arrivals: self.arrivals.clone(),
            shape: self.shape.as_ref(),
            trace: self.trace.as_deref(),
        }
    }

    /// How the traffic is configured.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The laws of traffic that reacts.
    pub(super) fn laws(&self) -> &Laws {
        &self.laws
    }

    /// The trace, if there is one.
    pub fn trace(&self) -> Option<&Trace> {
        self.trace.as_deref()
    }

    /// Whose mix of calls something of this key has.
    pub(super) fn tenant(&self, draws: &Draws, entity: u64) -> usize {
        self.mixes.place(draws, entity)
    }

    /// A call of a tenant that arrives now, on somebody's behalf or, if that is nobody, of whom it falls on.
    pub(super) fn submission(
        &self,
        id: CallId,
        at: Instant,
        (tenant, row): (usize, u64),
        mut sender: Sender,
        draws: &Draws,
    ) -> Submission {
        let entity = id.word();
        if sender.user == 0 {
            sender.user = self.senders.user(draws, entity);
        }
        // A row that is not there is one call of one token: checked settings never get there.
        let mix = self.mixes.of(tenant);
        let tokens = self.tokens(mix, draws, entity, row).unwrap_or((1, 1));
        self.with((id, at), (mix, tokens), sender, draws)
    }

    /// Prompt and answer tokens of a call; None past the end of a trace.
    fn tokens(&self, mix: &Mix, draws: &Draws, entity: u64, row: u64) -> Option<(u32, u32)> {
        match &mix.law {
            Law::Drawn { input, output } => Some((
                input.drawn(|| draws.unit(Purpose::InputTokens, entity, 0)),
                output.drawn(|| draws.unit(Purpose::OutputTokens, entity, 0)),
            )),
            Law::Trace => {
                let rows = &self.trace.as_deref()?.rows;
                let row = rows.get(usize::try_from(row).ok()?)?;
                Some((row.input, row.output))
            }
            Law::Sampled(sizes) => Some(sizes.at(draws.unit(Purpose::InputTokens, entity, 0))),
        }
    }

    /// A call of this size on this behalf, with the traits of its own.
    fn with(
        &self,
        (id, at): (CallId, Instant),
        (mix, (prompt_tokens, answer_tokens)): (&Mix, (u32, u32)),
        sender: Sender,
        draws: &Draws,
    ) -> Submission {
        let Plan {
            config, needs_any, ..
        } = self;
        let entity = id.word();
        let priority = priority(mix, draws, entity);
        let request = Request {
            prompt_tokens,
            max_tokens: mix.max_tokens,
            stream: config.stream,
            priority,
            sender,
            needs: match needs_any {
                true => config.needs.of_call(draws, entity, priority),
                false => Capabilities::NONE,
            },
        };
        Submission {
            id,
            at,
            process: ProcessId(self.process(draws, entity, sender)),
            request,
            answer_tokens,
            tenant: mix.tenant,
        }
    }

    fn process(&self, draws: &Draws, entity: u64, sender: Sender) -> u32 {
        let processes = self.config.processes;
        if processes == 1 {
            return 0;
        }
        // Whoever leads a conversation leads all of it.
        if sender.conversation > 0 {
            return sender.conversation % processes;
        }
        let u = draws.unit(Purpose::Process, entity, 0);
        ((u * f64::from(processes)) as u32).min(processes - 1)
    }
}

fn priority(mix: &Mix, draws: &Draws, entity: u64) -> Priority {
    let shares = mix.priority;
    if shares.batch.0 == 0.0 && shares.critical.0 == 0.0 {
        return Priority::Normal;
    }
    let u = draws.unit(Purpose::Priority, entity, 0);
    if u < shares.batch.0 {
        Priority::Batch
    } else if u < shares.batch.0 + shares.critical.0 {
        Priority::Critical
    } else {
        Priority::Normal
    }
}

/// When calls, or what begins with a call, arrive in one run.
#[derive(Clone, Debug)]
pub(super) struct Starts<'a> {
    arrivals: Arrivals,
    shape: Option<&'a Shape>,
    trace: Option<&'a Trace>,
}

impl Starts<'_> {
    /// The next one's number and instant; None after the last.
    pub(super) fn next(&mut self, draws: &Draws) -> Option<(u64, Instant)> {
        let (n, at) = self.arrivals.next(draws, self.trace)?;
        Some((n, self.shape.map_or(at, |shape| shape.inverse(at))))
    }
}

/// The traffic of one run.
#[derive(Clone, Debug)]
pub struct Traffic<'a> {
    plan: &'a Plan,
    /// None if it reacts.
    starts: Option<Starts<'a>>,
    senders: Senders,
}

impl Traffic<'_> {
    /// The next call; None after the last, and of traffic that reacts.
    pub fn next(&mut self, draws: &Draws) -> Option<Submission> {
        let plan = self.plan;
        let (n, at) = self.starts.as_mut()?.next(draws)?;
        let id = CallId::new(0, n);
        let mix = plan.mixes.of(plan.tenant(draws, id.word()));
        let tokens = plan.tokens(mix, draws, id.word(), n)?;
        let sender = self.senders.next(&plan.senders, draws, id.word());
        Some(plan.with((id, at), (mix, tokens), sender, draws))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::draw::{Root, Stage};
    use crate::base::units::parse_rate;
    use crate::workload::arrivals::{self, poisson};
    use crate::workload::tokens;

    fn config(rate: &str) -> Config {
        Config {
            processes: 7,
            arrivals: arrivals::Config::Poisson(poisson::Config {
                rate: parse_rate(rate).unwrap(),
            }),
            tokens: tokens::Config::default(),
            stream: true,
            max_tokens: 256,
            cut_answers: crate::workload::config::CutAnswers::default(),
            deadline: None,
            priority: crate::workload::config::PriorityShares::default(),
            needs: crate::workload::needs::Config::default(),
            users: None,
            conversations: None,
            impatience: None,
            tenant: std::collections::BTreeMap::new(),
            task: std::collections::BTreeMap::new(),
            shape: crate::workload::shape::Config::default(),
        }
    }

    fn calls(config: &Config, n: usize) -> Vec<Submission> {
        let plan = Plan::new(config, None);
        let draws = Draws::new(Root::new(9, Stage::Run, 0));
        let mut traffic = plan.traffic();
        (0..n).map(|_| traffic.next(&draws).unwrap()).collect()
    }

    #[test]
    fn another_rate_moves_calls_and_changes_nothing_else_about_them() {
        let (slow, fast) = (calls(&config("10/s"), 500), calls(&config("20/s"), 500));
        for (a, b) in slow.iter().zip(&fast) {
            let expected = Submission { at: b.at, ..*a };
            assert_eq!(expected, *b);
            assert!(
                a.at.0.abs_diff(2 * b.at.0) <= 2,
                "twice the rate, half the time"
            );
        }
    }

    #[test]
    fn poisson_arrivals_have_the_rate_they_were_given() {
        let calls = calls(&config("50/s"), 40_000);
        let seconds = calls[39_999].at.0 as f64 / 1e9;
        // Relative standard error 1/√40 000 = 0.5 %.
        assert!(
            (40_000.0 / seconds / 50.0 - 1.0).abs() < 0.02,
            "seed 9: {seconds} s"
        );
        let first = calls.iter().filter(|c| c.process.0 == 0).count() as f64 / 40_000.0;
        assert!(
            (first - 1.0 / 7.0).abs() < 0.007,
            "processes share evenly: {first}"
        );
    }
}
