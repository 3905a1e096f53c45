//! Chains of services, made ready: which policy each layer follows, and where it asks.
//!
//! Endpoints are providers at every layer. One layer chooses among them: the innermost whose route leads to
//! several. To those in front of it the next layer is one endpoint, known by the first provider of that
//! route; those behind it ask the provider they are asked for, with a client for each.

use crate::base::{Duration, EndpointId};
use crate::engine::Policy;
use crate::engine::policy::Unusable;
use crate::policy;
use crate::policy::layers::{Abort, Layer, asked, chooser};
use crate::policy::route::{self, Endpoint, single};

/// The layers of one policy, the outermost first.
#[derive(Debug)]
pub struct Chain {
    /// At least one.
    pub layers: Vec<Ready>,
    /// Which of them chooses among providers.
    pub chooser: usize,
}

/// One layer, ready.
#[derive(Debug)]
pub struct Ready {
    /// Its policy; of layers behind the one that chooses one for each endpoint they may be asked for.
    pub policies: Vec<Policy>,
    /// By endpoint: the place of its policy there. Empty if there is one policy.
    by_endpoint: Vec<u16>,
    /// How many processes it has.
    pub processes: u32,
    /// Whether one of them is drawn for each call; else a call stays in the process it comes from.
    pub drawn: bool,
    /// To the next layer, each way.
    pub network: Duration,
    /// Whether it goes on when its caller has gone away.
    pub goes_on: bool,
}

impl Ready {
    /// The place of the policy for calls that are to go to an endpoint.
    pub fn policy_for(&self, endpoint: EndpointId) -> u16 {
        let place = self.by_endpoint.get(usize::from(endpoint.0));
        place.copied().unwrap_or(0)
    }
}

impl Chain {
    /// Makes a chain ready.
    ///
    /// # Errors
    /// If the route of a layer does not fit the endpoints.
    pub fn new(layers: &[Layer], processes: u32, all: &[Endpoint<'_>]) -> Result<Chain, Unusable> {
        let names: Vec<&str> = all.iter().map(|endpoint| endpoint.name).collect();
        let chooser = chooser(layers, &names);
        let asked = asked(&layers[chooser].config, &names);
        let mut ready: Vec<Ready> = Vec::new();
        for (place, layer) in layers.iter().enumerate() {
            let follows = place > chooser && layer.config.route.endpoints().is_empty();
            let config = &layer.config;
            let (policies, by_endpoint) = if place < chooser {
                let nominal = asked.first().ok_or(Unusable::NoEndpoint)?;
                let alone = to_one(config, nominal);
                (vec![Policy::among(&alone, all)?], Vec::new())
            } else if follows {
                let each = asked
                    .iter()
                    .map(|name| Policy::among(&to_one(config, name), all));
                let of = |name: &&str| asked.iter().position(|a| a == name).unwrap_or(0) as u16;
                (
                    each.collect::<Result<_, _>>()?,
                    names.iter().map(of).collect(),
                )
            } else {
                (vec![Policy::among(config, all)?], Vec::new())
            };
            let before = ready.last().map_or(processes, |before| before.processes);
            ready.push(Ready {
                policies,
                by_endpoint,
                processes: layer.place.processes.unwrap_or(before),
                drawn: layer.place.processes.is_some(),
                network: layer.place.network,
                goes_on: layer.place.abort == Abort::GoesOn,
            });
        }
        Ok(Chain {
            layers: ready,
            chooser,
        })
    }
}

/// A policy that asks one endpoint.
fn to_one(config: &policy::Config, endpoint: &str) -> policy::Config {
    let mut alone = config.clone();
    alone.route = route::Config::Single(single::Config {
        endpoint: Some(endpoint.to_owned()),
    });
    alone.groups = route::groups::Config::default();
    for own in alone.priority.values_mut() {
        *own = to_one(own, endpoint);
    }
    alone
}
