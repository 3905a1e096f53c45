//! What drift monitors, guards and limits raised alerts about, and what weather they did it in.

use std::ops::{AddAssign, Range};

use crate::base::{EndpointId, Guard, Instant, Limit};
use crate::engine::Policy;
use crate::record::alert::{Alert, Alerts, ByName, MOST_ALERTS, Met};

use super::super::frame::{FaultSpan, Frame};

/// Who raises an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A monitor or `costly-fallback`, by its number.
    Monitor(u16),
    /// A guard found fault with an answer.
    Guard(Guard),
    /// A call reached a limit.
    Limit(Limit),
}

/// What is true of what an alert was raised about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    /// Of a drift monitor: the faults that are on tell.
    Faults,
    /// Of a guard: whether the answer was bad.
    Answer {
        /// Whether it was.
        bad: bool,
    },
    /// Of what counts what was spent: it says what is so.
    Counted,
}

/// What guards and limits had occasion to raise alerts about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// A call was submitted, also one more time.
    Call,
    /// An answer came whole.
    Answer,
    /// A judge gave a verdict.
    Verdict,
}

impl Source {
    fn occasion(self) -> Option<Occasion> {
        match self {
            Source::Monitor(_) => None,
            Source::Guard(Guard::Judge | Guard::NoVerdict) => Some(Occasion::Verdict),
            Source::Guard(Guard::Schema | Guard::FinishReason) => Some(Occasion::Answer),
            Source::Limit(_) => Some(Occasion::Call),
        }
    }
}

/// Alerts of one run as they come.
#[derive(Debug)]
pub(super) struct AlertLog {
    /// When, by whose place in `tallies`, about which endpoint, in which process.
    list: Vec<(Instant, u16, EndpointId, u32)>,
    /// By fault: what is told of by itself.
    told: Vec<Vec<Range<Instant>>>,
    /// How many of them are of monitors.
    of_monitors: usize,
    all: Tally,
    sources: Vec<Source>,
    /// By distinct name: two priorities may each have a monitor of one name.
    tallies: Vec<(String, Tally)>,
    /// By number of a monitor: whether it is `costly-fallback`.
    counts: Vec<bool>,
    /// By source: the place of its name.
    places: Vec<u16>,
    occasions: [u64; 3],
}

/// By fault: what is told of by itself.
type Told = [Vec<Range<Instant>>];

/// Alerts that are counted together.
#[derive(Clone, Debug)]
struct Tally {
    count: u64,
    false_alerts: u64,
    first: Option<Instant>,
    /// By fault, and by what is told of it ([`FaultSpan::told`]): when it was met first.
    met: Vec<Vec<Option<Instant>>>,
}

impl AlertLog {
    /// For these policies, whose monitors are numbered through.
    pub(super) fn new(frame: &Frame, policies: &[&Policy]) -> AlertLog {
        let names = || policies.iter().flat_map(|policy| policy.monitors());
        // No monitor may be called so.
        let counts = names().map(|name| name == "costly-fallback").collect();
        let monitors = names().enumerate();
        let monitors = monitors.map(|(i, name)| (Source::Monitor(i as u16), name.to_owned()));
        let guards = policies.iter().flat_map(|policy| policy.alerting_guards());
        let guards = guards.map(|guard| (Source::Guard(guard), format!("guard.{}", guard.name())));
        let limits = policies.iter().flat_map(|policy| policy.alerting_limits());
        let limits = limits.map(|limit| (Source::Limit(limit), format!("limit.{}", limit.name())));
        let told: Vec<_> = frame.faults.iter().map(FaultSpan::told).collect();
        let tally = Tally {
            count: 0,
            false_alerts: 0,
            first: None,
            met: told.iter().map(|told| vec![None; told.len()]).collect(),
        };
        let mut log = AlertLog {
            told,
            list: Vec::new(),
            of_monitors: 0,
            all: tally.clone(),
            sources: Vec::new(),
            tallies: Vec::new(),
            counts,
            places: Vec::new(),
            occasions: [0; 3],
        };
        for (source, name) in monitors.chain(guards).chain(limits) {
            if log.sources.contains(&source) {
                continue;
            }
            let known = log.tallies.iter().position(|(other, _)| *other == name);
            let place = known.unwrap_or(log.tallies.len());
            if known.is_none() {
                log.tallies.push((name, tally.clone()));
            }
            log.sources.push(source);
            log.places.push(place as u16);
        }
        log
    }

    /// Something happened that an alert may be raised about.
    #[inline]
    pub(super) fn on_occasion(&mut self, now: Instant, occasion: Occasion, frame: &Frame) {
        if (frame.warm_up..frame.duration).contains(&now) {
            self.occasions[occasion as usize].add_assign(1);
        }
    }

    /// Somebody in a process raised an alert about an endpoint; of a guard, about an answer that was bad or
    /// was not.
    pub(super) fn on_alert(
        &mut self,
        now: Instant,
        (process, source, endpoint): (u32, Source, EndpointId),
        bad: bool,
        frame: &Frame,
    ) {
        let source_at = self.sources.iter().position(|known| *known == source);
        debug_assert!(source_at.is_some(), "{source:?} raises no alerts");
        let Some(source_at) = source_at else { return };
        if now < frame.warm_up || now >= frame.duration {
            return;
        }
        let place = self.places[source_at];
        let (_, own) = &mut self.tallies[usize::from(place)];
        let listed = match source {
            Source::Monitor(_) => self.of_monitors < MOST_ALERTS,
            Source::Guard(_) | Source::Limit(_) => own.count == 0,
        };
        if listed {
            self.list.push((now, place, endpoint, process));
            self.of_monitors += usize::from(matches!(source, Source::Monitor(_)));
        }
        let truth = match source {
            Source::Guard(_) => Truth::Answer { bad },
            source if self.watches(source) => Truth::Faults,
            Source::Monitor(_) | Source::Limit(_) => Truth::Counted,
        };
        let (_, own) = &mut self.tallies[usize::from(place)];
        own.add(now, endpoint, truth, (frame, &self.told));
        self.all.add(now, endpoint, truth, (frame, &self.told));
    }

    /// Whether it is a drift monitor, which looks for faults.
    fn watches(&self, source: Source) -> bool {
        matches!(source, Source::Monitor(number) if !self.counts[usize::from(number)])
    }

    /// The data, with names for numbers.
    pub(super) fn close(self, frame: &Frame, endpoints: &[String]) -> Alerts {
        if self.sources.is_empty() {
            return Alerts::default();
        }
        let alert = |(at, place, endpoint, process): (Instant, u16, EndpointId, u32)| Alert {
            at_ns: at.0,
            monitor: self.tallies[usize::from(place)].0.clone(),
            endpoint: endpoints[usize::from(endpoint.0)].clone(),
            process,
        };
        let watches = self.sources.iter().any(|source| self.watches(*source));
        Alerts {
            list: self.list.iter().copied().map(alert).collect(),
            left_out: self.all.count - self.list.len() as u64,
            false_alerts: self.all.false_alerts,
            faults: self.all.faults(watches, (frame, &self.told)),
            by_name: self.by_name(frame),
        }
    }

    /// The data by name.
    fn by_name(&self, frame: &Frame) -> Vec<ByName> {
        let places = self.tallies.iter().enumerate();
        let one = |(place, (name, tally)): (usize, &(String, Tally))| {
            let known = self.places.iter().position(|p| usize::from(*p) == place);
            let source = self.sources[known?];
            let (watches, occasion) = (self.watches(source), source.occasion());
            let may_be_wrong = watches || matches!(source, Source::Guard(_));
            Some(ByName {
                name: name.clone(),
                count: tally.count,
                of: occasion.map(|occasion| self.occasions[occasion as usize]),
                false_alerts: may_be_wrong.then_some(tally.false_alerts),
                first_ns: tally.first.map(|first| first.0),
                faults: tally.faults(watches, (frame, &self.told)),
            })
        };
        places.filter_map(one).collect()
    }
}

impl Tally {
    fn add(
        &mut self,
        now: Instant,
        endpoint: EndpointId,
        truth: Truth,
        (frame, told): (&Frame, &Told),
    ) {
        self.count += 1;
        self.first.get_or_insert(now);
        match truth {
            Truth::Faults => {}
            Truth::Answer { bad } => {
                self.false_alerts += u64::from(!bad);
                return;
            }
            Truth::Counted => return,
        }
        let mut in_fault = false;
        for ((fault, told), met) in frame.faults.iter().zip(told).zip(&mut self.met) {
            if fault.is_on(now) && fault.on.contains(&endpoint.0) {
                in_fault = true;
                let place = told.partition_point(|time| time.end <= now);
                if let Some(met) = met.get_mut(place) {
                    met.get_or_insert(now);
                }
            }
        }
        self.false_alerts += u64::from(!in_fault);
    }

    /// How each fault was met from its first beginning on, or each of its incidents that are drawn; not
    /// where it is on outside of the time that counts only. Nothing of what does not look for faults.
    fn faults(&self, watches: bool, (frame, told): (&Frame, &Told)) -> Vec<Vec<Met>> {
        if !watches {
            return Vec::new();
        }
        let met = |(time, met): (&Range<Instant>, &Option<Instant>)| {
            let from = time.start.max(frame.warm_up);
            let lasted = time.end.min(frame.duration).since(from);
            (!lasted.is_zero()).then(|| Met {
                after_ns: met.map(|met| met.since(from).0),
                lasted_ns: lasted.0,
            })
        };
        let of = |(told, list): (&Vec<_>, &Vec<_>)| told.iter().zip(list).filter_map(met).collect();
        told.iter().zip(&self.met).map(of).collect()
    }
}
