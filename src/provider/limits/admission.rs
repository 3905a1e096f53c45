//! All limits of one place, an endpoint or a pool: whether a request may pass, and what it takes.

use super::counts::{Asked, Counted};
use super::growth::Growth;
use super::limit::{Limit, Terms};
use super::others::Others;
use super::suspension::Suspension;
use super::{Config, Refused, Settle};
use crate::base::ending::Dimension;
use crate::base::wire::RetryAfter;
use crate::base::{Draws, Duration, Instant};

/// The limits that there are.
#[derive(Clone, Debug)]
pub struct Limits {
    all: Vec<Limit>,
    settle: Settle,
    burndown: u64,
    /// What its refusals say about waiting.
    pub retry_after: RetryAfter,
    /// What few places have.
    more: Option<Box<More>>,
}

#[derive(Clone, Debug)]
struct More {
    refused: Refused,
    growth: Option<Growth>,
    suspension: Option<Suspension>,
    others: Option<Others>,
    /// What a storm leaves of the limits, and what other tenants do.
    storm: f64,
    left: f64,
}

/// Why a request may not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The limit it is for: the one that is waited for longest.
    pub dimension: Dimension,
    /// How long until it could pass if nobody else asked; None: waiting does not help.
    pub wait: Option<Duration>,
    /// Whether it alone is larger than the limit.
    pub too_large: bool,
}

impl Bound {
    /// Of two the one that is waited for longer; the first of equals.
    #[must_use]
    pub fn or_longer(self, other: Bound) -> Bound {
        let never = |bound: &Bound| bound.wait.unwrap_or(Duration::MAX);
        if self.too_large || (!other.too_large && never(&self) >= never(&other)) {
            self
        } else {
            other
        }
    }
}

const MINUTE: Duration = Duration::from_s(60);
const DAY: Duration = Duration::from_s(86_400);

impl Limits {
    /// Limits of which nothing has been taken yet.
    pub fn new(config: &Config) -> Limits {
        let minute = |per_period, slice| Terms {
            per_period,
            period: MINUTE,
            slice,
            method: config.method,
            phase: Duration::ZERO,
        };
        let day = |per_period| Terms {
            per_period,
            period: DAY,
            slice: DAY,
            method: config.day.method,
            phase: config.day.resets,
        };
        use Dimension as D;
        let all = [
            (
                Counted::Requests,
                D::Requests,
                config.rpm.map(|n| minute(n, config.slice)),
            ),
            (
                Counted::Tokens,
                D::Tokens,
                config.tpm.map(|n| minute(n, MINUTE)),
            ),
            (
                Counted::Prompt,
                D::Input,
                config.input_tpm.map(|n| minute(n, MINUTE)),
            ),
            (
                Counted::Answer,
                D::Output,
                config.output_tpm.map(|n| minute(n, MINUTE)),
            ),
            (Counted::Requests, D::Day, config.rpd.map(day)),
            (Counted::Tokens, D::Day, config.tpd.map(day)),
        ];
        let limit = |(counted, dimension, terms): (Counted, Dimension, Option<Terms>)| {
            Some(Limit::new(
                counted.weighed(&config.counts),
                dimension,
                terms?,
            ))
        };
        Limits {
            all: all.into_iter().filter_map(limit).collect(),
            settle: config.settle,
            burndown: config.burndown.into(),
            retry_after: config.retry_after,
            more: More::new(config).map(Box::new),
        }
    }

    /// Whether it has nothing but limits that a request passes or not.
    pub fn is_plain(&self) -> bool {
        self.more.is_none()
    }

    /// Whether reservations are corrected at the end of an answer.
    pub fn settles(&self) -> bool {
        self.settle == Settle::Actual
    }

    /// Whether it must be known at the end of an answer when it was admitted.
    pub fn remembers(&self) -> bool {
        self.settles() && self.all.iter().any(Limit::has_windows)
    }

    /// Brings the share that other tenants leave up to now. `place` tells its path from others'.
    pub fn advance(&mut self, now: Instant, draws: &Draws, place: u64) {
        let Some(More {
            others: Some(others),
            storm,
            left,
            ..
        }) = self.more.as_deref_mut()
        else {
            return;
        };
        while let Some((begins, share)) = others.next(now, draws, place) {
            if share != *left {
                *left = share;
                for limit in &mut self.all {
                    limit.scale(*storm * share, begins);
                }
            }
        }
    }

    /// The status that everything is refused with now, if it is shut out.
    pub fn suspended(&self, now: Instant) -> Option<u16> {
        let suspension = self.more.as_deref()?.suspension.as_ref()?;
        suspension.status(now)
    }

    /// Whether a request may pass; nothing is taken.
    ///
    /// # Errors
    /// The limit that is waited for longest, or the first that it is too large for.
    #[inline]
    pub fn ask(
        &mut self,
        asked: Asked,
        now: Instant,
        storm_ends: Option<Instant>,
    ) -> Result<(), Bound> {
        let mut bound: Option<Bound> = None;
        for limit in &mut self.all {
            let wanted = limit.wanted(asked);
            if wanted > limit.capacity {
                return Err(Bound {
                    dimension: limit.dimension,
                    wait: None,
                    too_large: true,
                });
            }
            if !limit.has(wanted, now) {
                let found = Bound {
                    dimension: limit.dimension,
                    wait: limit.wait(wanted, now, storm_ends),
                    too_large: false,
                };
                bound = Some(bound.map_or(found, |bound| bound.or_longer(found)));
            }
        }
        if let Some(More {
            growth: Some(growth),
            ..
        }) = self.more.as_deref_mut()
        {
            let wait = growth.wait(asked, now);
            if wait != Some(Duration::ZERO) {
                let found = Bound {
                    dimension: Dimension::Growth,
                    wait,
                    too_large: false,
                };
                bound = Some(bound.map_or(found, |bound| bound.or_longer(found)));
            }
        }
        bound.map_or(Ok(()), Err)
    }

    /// Takes a request from all limits.
    #[inline]
    pub fn take(&mut self, asked: Asked, now: Instant) {
        for limit in &mut self.all {
            let wanted = limit.wanted(asked);
            limit.charge(wanted, now);
        }
        if let Some(More {
            growth: Some(growth),
            ..
        }) = self.more.as_deref_mut()
        {
            growth.take(asked, now);
        }
    }

    /// A request was refused for these limits or for others that it also needed.
    pub fn refuse(&mut self, asked: Asked, now: Instant) {
        let Some(more) = self.more.as_deref_mut() else {
            return;
        };
        let counts = |limit: &Limit| match more.refused {
            Refused::Free => false,
            Refused::Requests => limit.counted == Counted::Requests,
            Refused::All => true,
        };
        for limit in self.all.iter_mut().filter(|limit| counts(limit)) {
            let wanted = limit.wanted(asked);
            limit.drain(wanted, now);
        }
        if let Some(suspension) = &mut more.suspension {
            suspension.on_refused(now);
        }
    }

    /// An answer is over: what was reserved for it is corrected, if it ever is.
    /// `answer`: the tokens that were produced, and when it was admitted.
    pub fn settle(&mut self, asked: Asked, answer: (u64, Instant), now: Instant) {
        if self.settles() {
            for limit in &mut self.all {
                limit.settle(asked, answer, self.burndown, now);
            }
        }
    }

    /// A storm leaves this share of the limits, or is over.
    pub fn scale(&mut self, factor: f64, now: Instant) {
        let mut left = 1.0;
        if let Some(more) = self.more.as_deref_mut() {
            more.storm = factor;
            left = more.left;
        }
        for limit in &mut self.all {
            limit.scale(factor * left, now);
        }
    }
}

impl More {
    fn new(config: &Config) -> Option<More> {
        let is_plain = config.refused == Refused::Free
            && config.growth.is_none()
            && config.suspend.is_none()
            && config.others.is_none();
        (!is_plain).then(|| More {
            refused: config.refused,
            growth: config.growth.map(Growth::new),
            suspension: config.suspend.map(Suspension::new),
            others: config.others.as_ref().map(Others::new),
            storm: 1.0,
            left: 1.0,
        })
    }
}
