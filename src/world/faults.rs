//! The faults of a run: when each is on, whom it hits, and what all that are on make of a request.

use crate::base::wire::{Code, RetryAfter};
use crate::base::{Draws, Instant};
use crate::fault::Config;
use crate::fault::effect::error_rate::Spells;
use crate::fault::effect::{Break, Config as Effect, Cut, Factors, Verdict};
use crate::fault::hits::{Moment, Target};
use crate::fault::schedule::Occurrence;

/// The faults of a scenario.
#[derive(Clone, Debug)]
pub(super) struct Faults {
    faults: Vec<Fault>,
}

#[derive(Clone, Debug)]
struct Fault {
    config: Config,
    /// Providers it hits.
    on: Vec<u16>,
    spells: Option<Spells>,
    /// When it is on, once the run has draws.
    times: Vec<Occurrence>,
    /// How often it has begun.
    begun: usize,
    /// Requests it has met, by provider in the order of `on`.
    met: Vec<u32>,
}

impl Fault {
    /// The time in which it is on, or was last.
    fn occurrence(&self) -> Option<&Occurrence> {
        self.times.get(self.begun.checked_sub(1)?)
    }

    /// Whether it hits every request as long as it is on.
    fn is_whole(&self) -> bool {
        self.config.hits.is_all() && self.occurrence().is_none_or(|now| now.share >= 1.0)
    }
}

impl Faults {
    pub(super) fn new(faults: &[Config], names: &[&str]) -> Faults {
        let fault = |(i, config): (usize, &Config)| {
            let on: Vec<u16> = (0..names.len() as u16)
                .filter(|&p| {
                    config
                        .on
                        .names
                        .iter()
                        .any(|name| name == names[usize::from(p)])
                })
                .collect();
            Fault {
                config: config.clone(),
                met: vec![0; on.len()],
                on,
                spells: match &config.effect {
                    Effect::ErrorRate(rate) => Some(rate.spells(i as u64, config.from())),
                    _ => None,
                },
                times: Vec::new(),
                begun: 0,
            }
        };
        Faults {
            faults: faults.iter().enumerate().map(fault).collect(),
        }
    }

    /// Lays down when each is on.
    pub(super) fn lay_down(&mut self, draws: &Draws) {
        for (place, fault) in self.faults.iter_mut().enumerate() {
            fault.times = fault.config.times(place, draws);
        }
    }

    /// When each is on.
    pub(super) fn times(&self) -> impl Iterator<Item = &[Occurrence]> {
        self.faults.iter().map(|fault| &fault.times[..])
    }

    /// The faults that hit a provider: which, its settings, and when it is on.
    pub(super) fn at(&self, provider: u16) -> impl Iterator<Item = (u16, &Config, &[Occurrence])> {
        let all = self.faults.iter().zip(0u16..);
        let of = all.filter(move |(fault, _)| fault.on.contains(&provider));
        of.map(|(fault, place)| (place, &fault.config, &fault.times[..]))
    }

    /// Providers that a fault hits.
    pub(super) fn on(&self, fault: u16) -> &[u16] {
        &self.faults[usize::from(fault)].on
    }

    /// A fault begins.
    pub(super) fn begin(&mut self, fault: u16) {
        self.faults[usize::from(fault)].begun += 1;
    }

    /// What becomes of the answers in progress that a fault hits which begins.
    pub(super) fn cut(&self, fault: u16) -> Option<Cut> {
        let config = &self.faults[usize::from(fault)].config;
        // What counts requests has met none yet.
        config
            .effect
            .effect()
            .cut()
            .filter(|_| !config.hits.counts())
    }

    /// Whether a fault hits every request while it is on.
    pub(super) fn is_whole(&self, fault: u16) -> bool {
        self.faults[usize::from(fault)].is_whole()
    }

    /// Whether a fault that is on hits a request.
    pub(super) fn strikes(
        &mut self,
        fault: u16,
        of: Target<'_>,
        draws: &Draws,
        now: Instant,
    ) -> bool {
        let state = &mut self.faults[usize::from(fault)];
        if state.is_whole() {
            return true;
        }
        let Some(occurrence) = state.occurrence() else {
            return false;
        };
        let at = Moment {
            fault,
            since: now.since(state.config.from()),
            share: occurrence.share,
            incident: occurrence.incident,
        };
        let place = state.on.iter().position(|&p| p == of.receipt.endpoint.0);
        let Some(met) = place.and_then(|place| state.met.get_mut(place)) else {
            return false;
        };
        state.config.hits.strikes(at, of, met, draws)
    }

    /// What the faults that are on make of a request: the first that does not pass counts.
    #[inline]
    pub(super) fn verdict(
        &mut self,
        on: &[u16],
        (of, stream): (Target<'_>, bool),
        draws: &Draws,
        now: Instant,
    ) -> Verdict {
        for &fault in on {
            let effect = &self.faults[usize::from(fault)].config.effect;
            let verdict = effect.effect().verdict(stream);
            if verdict != Verdict::Pass && self.strikes(fault, of, draws, now) {
                return verdict;
            }
        }
        Verdict::Pass
    }

    /// How an answer breaks off that begins: by the first fault that makes it.
    pub(super) fn breaks(
        &mut self,
        on: &[u16],
        (of, stream): (Target<'_>, bool),
        draws: &Draws,
        now: Instant,
    ) -> Break {
        for &fault in on {
            let effect = &self.faults[usize::from(fault)].config.effect;
            if let Some(how) = effect.effect().breaks(stream)
                && self.strikes(fault, of, draws, now)
            {
                return how;
            }
        }
        Break::Never
    }

    /// What the first 429 storm that is on says about waiting, and when the last of them ends.
    pub(super) fn storm(&self, on: &[u16]) -> Option<(Option<RetryAfter>, Instant)> {
        let storms = on.iter().filter_map(|&i| {
            let fault = &self.faults[usize::from(i)];
            let until = fault.occurrence()?.to;
            match &fault.config.effect {
                Effect::RateLimit(limit) => Some((limit.retry_after, until)),
                _ => None,
            }
        });
        storms.reduce(|(stated, until), (_, other)| (stated, until.max(other)))
    }

    /// The status of a try that meets an error rate now: 1 − Π(1 − p) over the rates that are on and hit it
    /// fail, each rate's part of them with its own status. `u` is the try's own coin, thrown if there is a rate.
    pub(super) fn error(
        &mut self,
        on: &[u16],
        of: Target<'_>,
        (draws, u): (&Draws, impl FnOnce() -> f64),
        now: Instant,
    ) -> Option<(u16, Code)> {
        let (mut pass, mut u, mut coin) = (1.0, Some(u), 1.0);
        for &i in on {
            let is_rate = self.faults[usize::from(i)].spells.is_some();
            if !is_rate || !self.strikes(i, of, draws, now) {
                continue;
            }
            let fault = &mut self.faults[usize::from(i)];
            if let (Effect::ErrorRate(config), Some(spells)) =
                (&fault.config.effect, &mut fault.spells)
            {
                if let Some(u) = u.take() {
                    coin = u();
                }
                pass *= 1.0 - spells.rate(draws, now);
                if coin < 1.0 - pass {
                    return Some((config.status, config.code()));
                }
            }
        }
        None
    }

    /// How much later a request comes that packet loss delays; None: never.
    pub(super) fn late(
        &mut self,
        on: &[u16],
        of: Target<'_>,
        (draws, u): (&Draws, impl FnOnce() -> f64),
        now: Instant,
    ) -> Option<crate::base::Duration> {
        for &fault in on {
            let Effect::PacketLoss(loss) = self.faults[usize::from(fault)].config.effect else {
                continue;
            };
            if self.strikes(fault, of, draws, now) {
                return loss.delay(u());
            }
        }
        Some(crate::base::Duration::ZERO)
    }

    /// What the faults that hit everybody make of their provider, and whether there are others that
    /// change what some requests get.
    pub(super) fn factors(&self, on: &[u16]) -> (Factors, bool) {
        let of = |&i: &u16| self.faults[usize::from(i)].config.effect.factors();
        let (whole, some): (Vec<u16>, Vec<u16>) = on.iter().partition(|&&i| self.is_whole(i));
        let factors = whole.iter().map(of).fold(Factors::default(), Factors::and);
        (factors, some.iter().any(|i| of(i) != Factors::default()))
    }

    /// What the faults that hit only some make of a request.
    pub(super) fn own_factors(
        &mut self,
        on: &[u16],
        of: Target<'_>,
        draws: &Draws,
        now: Instant,
    ) -> Factors {
        let mut all = Factors::default();
        for &fault in on {
            let factors = self.faults[usize::from(fault)].config.effect.factors();
            if factors != Factors::default()
                && !self.is_whole(fault)
                && self.strikes(fault, of, draws, now)
            {
                all = all.and(factors);
            }
        }
        all
    }

    /// How much slower the requests are that a fault hits which hits only some.
    pub(super) fn own_slowdown(&self, fault: u16) -> f64 {
        match self.is_whole(fault) {
            true => 1.0,
            false => {
                self.faults[usize::from(fault)]
                    .config
                    .effect
                    .factors()
                    .slowdown
            }
        }
    }
}
