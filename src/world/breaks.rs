//! Answers that faults break off or make longer, and the price of the moment in which one begins.

use crate::base::wire::{Advice, Code, Content, Ending, Finish};
use crate::base::{Instant, Purpose};
use crate::fault::effect::Break;

use super::billing::Tariff;
use super::job::{Bill, Job, Phase};
use super::provider::Provider;
use super::state::{Output, World, try_key};

/// Longer answers no model gives, whatever a fault makes of them.
const LONGEST: f64 = 1e8;

impl<N> Job<N> {
    /// A fault makes its answer so many times as long.
    pub(super) fn lengthen(&mut self, factor: f64) {
        let tokens = f64::from(self.complete_tokens) * factor;
        self.complete_tokens = (tokens.min(LONGEST) + 0.5) as u32;
    }

    /// What its client sees of an answer that comes to its end.
    pub(super) fn said(&self) -> Ending {
        let status = |status, code| Ending::Status {
            status,
            code,
            advice: Advice::NONE,
        };
        let streamed = self.request.stream;
        match self.breaks {
            Break::Dirty => Ending::ConnectionLost,
            Break::Overloaded => status(if streamed { 200 } else { 529 }, Code::Overloaded),
            Break::ServerError => status(if streamed { 200 } else { 500 }, Code::ServerError),
            Break::Never | Break::Clean | Break::Stall => Ending::Answer {
                finish: match self.breaks {
                    Break::Never if self.is_cut() => Finish::Length,
                    Break::Never => Finish::Stop,
                    _ => Finish::Missing,
                },
                tokens: self.answer_tokens(),
                content: self.content,
            },
        }
    }
}

impl<N> World<N> {
    /// Whether and where the answer to a job breaks off that begins now: at one of its tokens, each as
    /// likely as any other, or before the first.
    #[inline(never)]
    pub(super) fn break_off(&mut self, now: Instant, job: u32) {
        let state = &mut self.jobs[job];
        let p = &self.providers[state.provider()];
        let of = (state.target(), state.request.stream);
        let how = self.weather.breaks(&p.faults, of, &self.draws, now);
        if how == Break::Never {
            return;
        }
        let (entity, ordinal) = try_key(&state.receipt);
        let u = self.draws.unit(Purpose::CutPoint, entity, ordinal);
        let tokens = (f64::from(state.answer_tokens()) * u) as u32;
        state.complete_tokens = tokens;
        state.breaks = how;
    }

    /// What is true of an answer that will break off: it is bad, and JSON cannot be read.
    pub(super) fn spoil(&mut self, job: u32) {
        let state = &mut self.jobs[job];
        state.good = false;
        match state.content {
            Content::Json | Content::FencedJson => state.content = Content::BrokenJson,
            Content::Text | Content::BrokenJson | Content::Passed | Content::Flagged => {}
        }
        if state.answer_tokens() == 0 {
            state.first_seen = Instant::NEVER;
        }
    }

    /// An answer breaks off here: what of it is charged for.
    pub(super) fn charge_broken(&mut self, now: Instant, job: u32) {
        let state = &mut self.jobs[job];
        let p = &self.providers[state.provider()];
        if state.bill == Bill::Open {
            state.bill = state.charged(p.tariff.truncated, p.clock(now));
        }
    }

    /// An answer stops where it is, and its slot is free for another.
    pub(super) fn go_silent(&mut self, now: Instant, job: u32, outputs: &mut Vec<Output>) {
        let (provider, phase) = (self.jobs[job].provider(), self.jobs[job].phase);
        self.stall(now, job, outputs);
        self.free_slot(now, job, phase);
        self.start_queued(now, provider, outputs);
    }
}

impl<N> Job<N> {
    /// Whether its answer is to fall silent before its end.
    pub(super) fn falls_silent(&self) -> bool {
        self.breaks == Break::Stall && matches!(self.phase, Phase::Serving(_) | Phase::Sharing(_))
    }
}

impl Provider {
    /// Answers that begin from now on cost what the faults that are on make of its price.
    pub(super) fn change_price(&mut self) {
        if self.factors.price == 1.0 {
            self.tariff_now = 0;
            return;
        }
        let now = self.tariff.scaled(self.factors.price);
        let known = self.tariffs.iter().position(|tariff| *tariff == now);
        let place = known.unwrap_or(self.tariffs.len());
        // Faults that hit everybody are on or off: there are as many prices as sets of those with one.
        // Of more than 255 the last holds for all.
        if known.is_none() && place < usize::from(u8::MAX) {
            self.tariffs.push(now);
        }
        self.tariff_now = (place + 1).min(usize::from(u8::MAX)) as u8;
    }

    /// The tariff that held when an answer began.
    pub(super) fn price_of(&self, tariff: u8) -> &Tariff {
        let place = usize::from(tariff).checked_sub(1);
        let changed = place.and_then(|place| self.tariffs.get(place));
        changed.unwrap_or(&self.tariff)
    }
}
