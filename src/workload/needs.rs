//! `workload.needs`: which calls ask for JSON or for tools, and so for an endpoint that has them.
//!
//! Each is a coin of the call's own key, so the n-th call needs the same under every policy; what is
//! certain is not drawn.

use serde::Deserialize;

use crate::base::capability::{Capabilities, Capability};
use crate::base::units::Ratio;
use crate::base::wire::Priority;
use crate::base::{Draws, Purpose};

/// Settings of `workload.needs`: shares of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Answers in JSON.
    pub json: Ratio,
    /// Calls of tools.
    pub tools: Ratio,
    /// The shares among calls of this priority, where they differ.
    pub batch: Own,
    /// The same.
    pub normal: Own,
    /// The same.
    pub critical: Own,
}

/// Shares among the calls of one priority; absent: as for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Own {
    /// Answers in JSON.
    pub json: Option<Ratio>,
    /// Calls of tools.
    pub tools: Option<Ratio>,
}

impl Config {
    /// The shares of a priority that differ from those of all.
    pub fn own(&self, priority: Priority) -> Own {
        match priority {
            Priority::Batch => self.batch,
            Priority::Normal => self.normal,
            Priority::Critical => self.critical,
        }
    }

    /// The share of the calls of a priority that need this.
    pub fn share(&self, priority: Priority, capability: Capability) -> f64 {
        let own = self.own(priority);
        let (own, all) = match capability {
            Capability::Json => (own.json, self.json),
            Capability::Tools => (own.tools, self.tools),
        };
        own.unwrap_or(all).0
    }

    /// What some calls of these priorities need.
    pub fn any(&self, priorities: impl Iterator<Item = Priority>) -> Capabilities {
        let needs = |priority| {
            let all = Capability::ALL.iter().copied();
            all.filter(move |capability| self.share(priority, *capability) > 0.0)
        };
        Capabilities::of(priorities.flat_map(needs))
    }

    /// What a call needs.
    pub fn of_call(&self, draws: &Draws, entity: u64, priority: Priority) -> Capabilities {
        let needs = |capability: &Capability| {
            let share = self.share(priority, *capability);
            let u = || draws.unit(Purpose::Needs, entity, capability.index() as u64);
            share >= 1.0 || share > 0.0 && u() < share
        };
        Capabilities::of(Capability::ALL.iter().copied().filter(needs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::CallId;
    use crate::base::draw::{Root, Stage};

    #[test]
    fn shares_are_met_by_priority_and_the_two_needs_are_independent() {
        let (seed, n) = (11, 40_000);
        let config = Config {
            json: Ratio(0.3),
            tools: Ratio(0.2),
            batch: Own {
                json: Some(Ratio(1.0)),
                tools: None,
            },
            ..Config::default()
        };
        let draws = Draws::new(Root::new(seed, Stage::Run, 0));
        let count = |priority, from: u64, what: &[Capability]| {
            let all = (from..from + n).map(|call| {
                let entity = CallId::new(0, call).word();
                config.of_call(&draws, entity, priority)
            });
            let has = |needs: Capabilities| what.iter().all(|one| needs.has(*one));
            all.filter(|needs| has(*needs)).count() as f64 / n as f64
        };
        use Capability::{Json, Tools};
        let both = count(Priority::Normal, 0, &[Json, Tools]);
        // Four standard deviations of a share of 40 000.
        let near = |is: f64, p: f64| (is - p).abs() <= 4.0 * (p * (1.0 - p) / n as f64).sqrt();
        assert!(near(both, 0.06), "seed {seed}: {both}");
        let json = count(Priority::Normal, n, &[Json]);
        assert!(near(json, 0.3), "seed {seed}: {json}");
        let (all, tools) = (
            count(Priority::Batch, 2 * n, &[Json]),
            count(Priority::Batch, 3 * n, &[Tools]),
        );
        assert!(
            all == 1.0 && near(tools, 0.2),
            "seed {seed}: {all}, {tools}"
        );
    }

    #[test]
    fn what_some_priority_of_the_traffic_needs_is_needed() {
        let config = Config {
            critical: Own {
                json: None,
                tools: Some(Ratio(0.5)),
            },
            ..Config::default()
        };
        let any = |priorities: &[Priority]| config.any(priorities.iter().copied());
        assert!(any(&[Priority::Batch, Priority::Normal]).is_empty());
        let tools = Capabilities::of([Capability::Tools]);
        assert_eq!(any(&Priority::ALL), tools);
    }
}
