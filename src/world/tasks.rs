//! What calls are about, and how good a provider's answers to that are.

use std::sync::Arc;

use crate::base::{CallId, Draws, Purpose};
use crate::provider::config::{Config, Json};

use super::provider::Provider;

/// The shares of the first so many tasks together; empty without tasks.
#[derive(Clone, Debug, Default)]
pub(super) struct Tasks(Arc<[f64]>);

impl Tasks {
    /// Of shares that are together no more than 1.
    pub(super) fn new(shares: impl Iterator<Item = f64>) -> Tasks {
        let mut sum = 0.0;
        let sums = shares.map(|share| {
            sum += share;
            sum
        });
        Tasks(sums.collect())
    }

    /// The place of a call's task; None: it is about nothing in particular.
    #[inline]
    pub(super) fn of(&self, call: CallId, draws: &Draws) -> Option<usize> {
        if self.0.is_empty() || call.is_of_judge() {
            return None;
        }
        let u = draws.lot(Purpose::Task, call.word(), 0);
        let place = self.0.partition_point(|sum| *sum <= u);
        (place < self.0.len()).then_some(place)
    }
}

/// How good answers are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Worth {
    pub(super) quality: f64,
    pub(super) json: Option<Json>,
}

impl Provider {
    /// The worth of its answers to each of these tasks.
    pub(super) fn worths<'a>(config: &Config, tasks: impl Iterator<Item = &'a str>) -> Vec<Worth> {
        let worth = |name: &str| {
            let task = config.task.get(name).copied().unwrap_or_default();
            Worth {
                quality: task.quality.unwrap_or(config.quality).0,
                json: task.json.or(config.json),
            }
        };
        tasks.map(worth).collect()
    }

    /// The worth of its answers to a task.
    #[inline]
    pub(super) fn worth(&self, task: Option<usize>) -> Worth {
        let own = Worth {
            quality: self.quality,
            json: self.json,
        };
        task.and_then(|task| self.worths.get(task))
            .copied()
            .unwrap_or(own)
    }
}
