//! Chains: several services in front of the provider, each with a policy of its own.
//!
//! A call passes the layers from the outermost to the innermost, and the innermost asks the provider. What a
//! layer sends is a call of the next one, so whatever two layers retry is multiplied: in a total outage n
//! attempts at each of d layers are n^d at the provider.
//!
//! A layer is a service of so many processes, or a library in the processes of the layer before it. It sees
//! of the next one what any caller sees: a first token, an answer, or a status.

use serde::{Deserialize, Serialize};

use super::config::Config;
use crate::base::{Check, Duration};

/// The most layers of a chain. Who has more has other troubles.
pub const MAX_LAYERS: usize = 8;

/// Settings of a layer beside its policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Place {
    /// Processes of the service, one drawn for each request; absent: it is a library in the processes of
    /// the layer before it. Those of the outermost are the workload's.
    pub processes: Option<u32>,
    /// From it to the next layer, each way.
    pub network: Duration,
    /// What it does when its caller goes away.
    pub abort: Abort,
}

/// What a layer does when its caller has closed the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Abort {
    /// It notices at once and gives up its own call.
    #[default]
    Cancels,
    /// It notices nothing: it goes on, retries included, until its call is over or the deadline comes.
    GoesOn,
}

/// One layer, whole: by whoever reads the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// The name of its policy.
    pub name: String,
    /// Its policy.
    pub config: Config,
    /// Where it stands.
    pub place: Place,
}

/// Which layer chooses among providers: the innermost whose route leads to several, else the innermost.
pub fn chooser(layers: &[Layer], providers: &[&str]) -> usize {
    let chooses = |layer: &Layer| asked(&layer.config, providers).len() > 1;
    let last = layers.len().saturating_sub(1);
    layers.iter().rposition(chooses).unwrap_or(last)
}

/// The providers that a policy asks, as far as the file names them or it may ask them all.
pub fn asked<'a>(config: &'a Config, providers: &[&'a str]) -> Vec<&'a str> {
    let judge = config.guard.judge().map(|judge| judge.endpoint.as_str());
    let mut all = providers.to_vec();
    all.retain(|name| providers.len() == 1 || Some(*name) != judge);
    config.route.asked(&all)
}

/// The most processes of a layer, as of the workload.
const MAX_PROCESSES: u32 = 1_000_000;

impl Place {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if let Some(n) = self.processes
            && !(1..=MAX_PROCESSES).contains(&n)
        {
            check
                .mistake(
                    "processes",
                    "an absurd number of processes",
                    "not 1 to 1 000 000",
                )
                .value_alone()
                .help("leave it out for a library in the processes of the layer before it");
        }
    }
}

impl Config {
    /// Whether it is a chain of other policies.
    pub fn is_chain(&self) -> bool {
        !self.layers.is_empty()
    }

    /// What the same chain is called in which the layer at a place passes every call on once.
    pub fn name_without(&self, name: &str, place: usize) -> String {
        let layer = &self.layers[place];
        match self.layers.iter().filter(|other| *other == layer).count() {
            1 => format!("{name} without {layer}"),
            _ => format!("{name} without {layer} ({})", place + 1),
        }
    }

    /// The same, but it passes every call on once: nothing is retried, hedged or asked elsewhere.
    pub fn passing_on(&self) -> Config {
        let mut once = self.clone();
        once.retry.attempts = 1;
        once.hedge = super::hedge::Config::default();
        once.groups = super::route::groups::Config::default();
        for own in once.priority.values_mut() {
            *own = own.passing_on();
        }
        once
    }

    /// The most attempts of one call, hedges included; with groups of endpoints, in one of them.
    pub fn most_attempts(&self) -> u16 {
        let own = self.priority.values().map(Config::most_attempts);
        own.fold(self.retry.attempts, u16::max)
    }
}
