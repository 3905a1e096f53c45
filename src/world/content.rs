//! What a program can read out of an answer: JSON that was asked for, or the verdict of a judge.

use crate::base::Purpose;
use crate::base::capability::Capability;
use crate::base::wire::Content;
use crate::fault::effect::Factors;
use crate::provider::config::Json;

use super::job::{Job, Shown};
use super::provider::Provider;

impl Provider {
    /// What can be read out of the answer to a job that begins now. `u` draws for the job; nothing is
    /// drawn that is certain.
    pub(super) fn content<N>(
        &self,
        job: &Job<N>,
        (json, factors): (Option<Json>, &Factors),
        u: impl Fn(Purpose) -> f64,
    ) -> Content {
        match job.shown {
            Shown::Nothing => self.json(job, (json, factors), u),
            Shown::BadAnswer => verdict(self.judge.sensitivity.0, u),
            Shown::SubtlyBadAnswer => verdict(self.judge.sensitivity.0 * self.judge.subtle.0, u),
            Shown::GoodAnswer => verdict(1.0 - self.judge.specificity.0, u),
        }
    }

    /// One coin for both ways to go wrong: the shares that faults add are of what is left, first of
    /// what can be read, then of what stands without a fence.
    fn json<N>(
        &self,
        job: &Job<N>,
        (json, factors): (Option<Json>, &Factors),
        u: impl Fn(Purpose) -> f64,
    ) -> Content {
        let needed = job.request.needs.has(Capability::Json);
        if needed && !self.can.json {
            // It was asked in vain.
            return Content::BrokenJson;
        }
        let json = match json {
            _ if !needed && self.json_when_needed => return Content::Text,
            None if !needed => return Content::Text,
            own => own.unwrap_or_default(),
        };
        let (broken, fenced) = (json.broken.0, json.fenced.0);
        let readable = (1.0 - broken) * factors.readable;
        // Of all that could be read before, the part in a fence stays in it.
        let alone = (1.0 - broken - fenced).max(0.0);
        let plain = alone * factors.readable * factors.unfenced;
        if job.is_cut() {
            return Content::BrokenJson;
        }
        if plain >= 1.0 {
            return Content::Json;
        }
        let u = u(Purpose::ContentCoin);
        if u < plain {
            Content::Json
        } else if u < readable {
            Content::FencedJson
        } else {
            Content::BrokenJson
        }
    }
}

/// The verdict of a judge that finds fault with this share of such answers.
fn verdict(flagged: f64, u: impl Fn(Purpose) -> f64) -> Content {
    let flags = flagged >= 1.0 || flagged > 0.0 && u(Purpose::Judgement) < flagged;
    match flags {
        true => Content::Flagged,
        false => Content::Passed,
    }
}
