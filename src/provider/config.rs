//! `[provider.NAME]`: one endpoint and the truth about it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    advice, billing, cache, can, capacity, cold_start, latency, limits, noise, status_page, task,
};
use crate::base::dist::Dist;
use crate::base::units::{Price, Ratio};
use crate::base::{Check, Duration};

/// One provider's settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Which wire format it speaks over HTTP (`anthropic`, `openai`); no matter in simulation.
    pub dialect: Option<String>,
    /// Label: who runs it.
    pub vendor: Option<String>,
    /// Label: the model.
    pub model: Option<String>,
    /// Label: where it runs.
    pub region: Option<String>,
    /// Label: the account that is billed and limited.
    pub account: Option<String>,
    /// Label: the group it stands in for others of, for `groups`.
    pub group: Option<String>,
    /// The network delay, each way, drawn for each try.
    pub network: Network,
    /// First token, then decoding.
    pub latency: latency::Config,
    /// Whose the noise of its service times is: the moment's, the call's, each try's.
    pub variance: noise::Variance,
    /// How the level of its service times wanders.
    pub level: noise::Level,
    /// When nothing is warm to serve a request. Absent: never.
    pub cold_start: Option<cold_start::Config>,
    /// How much it can do at once.
    pub capacity: capacity::Config,
    /// What it allows per minute.
    pub limits: limits::Config,
    /// How its refusals speak of trying again.
    pub advice: advice::Config,
    /// What it charges.
    pub price: PriceConfig,
    /// What it charges for what did not become a whole answer.
    pub billed: billing::Config,
    /// Its cache of prompts. Absent: it has none.
    pub cache: Option<cache::Config>,
    /// The share of its answers' tokens that are thought and not said: billed, and part of the answer's length.
    pub reasoning: Ratio,
    /// The most tokens of prompt and longest answer together; more are refused with status 400. Absent:
    /// any number.
    pub context_window: Option<u32>,
    /// What it can do, and what it does when it is asked for more.
    pub can: can::Config,
    /// The share of its answers that are truly good.
    pub quality: Ratio,
    /// How its answers keep to JSON. Absent: they are text, but for those that are asked to be JSON
    /// (`workload.needs`), which all are. Where some are asked for, only those are JSON.
    pub json: Option<Json>,
    /// How good its answers are to calls of one task, by the names of tasks.
    pub task: BTreeMap<String, task::Task>,
    /// What it is worth as a judge of other answers.
    pub judge: Judge,
    /// What becomes of work whose client went away.
    pub abandoned: Abandoned,
    /// What it says of itself; absent: nothing.
    pub status_page: Option<status_page::Config>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            dialect: None,
            vendor: None,
            model: None,
            region: None,
            account: None,
            group: None,
            network: Network::default(),
            latency: latency::Config::default(),
            variance: noise::Variance::default(),
            level: noise::Level::default(),
            cold_start: None,
            capacity: capacity::Config::default(),
            limits: limits::Config::default(),
            advice: advice::Config::default(),
            price: PriceConfig::default(),
            billed: billing::Config::default(),
            cache: None,
            reasoning: Ratio(0.0),
            context_window: None,
            can: can::Config::default(),
            quality: Ratio(1.0),
            json: None,
            task: BTreeMap::new(),
            judge: Judge::default(),
            abandoned: Abandoned::default(),
            status_page: None,
        }
    }
}

/// `network`: the delay each way.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Network {
    /// To the provider.
    pub out: Dist<Duration>,
    /// Back to the client.
    pub back: Dist<Duration>,
}

impl Default for Network {
    fn default() -> Network {
        let none = || Dist::Constant(Duration::ZERO);
        Network {
            out: none(),
            back: none(),
        }
    }
}

/// `price`, per million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct PriceConfig {
    /// Prompt tokens.
    pub input: Price,
    /// Answer tokens.
    pub output: Price,
    /// Prompt tokens found in the cache. Absent: a tenth of `input`.
    pub cached_input: Option<Price>,
    /// Prompt tokens that the cache takes in. Absent: as `input`.
    pub cache_write: Option<Price>,
    /// Reasoning tokens. Absent: as `output`.
    pub reasoning: Option<Price>,
}

/// The dearest price, $10 000 per million tokens, in pico-dollars a token. A bill is a `u64`: with
/// 10⁸ tokens each way it is at most 10¹⁰ · 2·10⁸ = 2·10¹⁸, and 2⁶⁴ is 1.8·10¹⁹.
const DEAREST_PICO: u64 = 10_000_000_000;

impl PriceConfig {
    /// The price of prompt tokens found in the cache: where it is not written a tenth of the others', as most
    /// providers have it.
    pub fn cached(&self) -> Price {
        let tenth = Price {
            pico_per_token: self.input.pico_per_token / 10,
        };
        self.cached_input.unwrap_or(tenth)
    }

    fn check(&self, check: &mut Check) {
        let prices = [
            ("input", Some(self.input)),
            ("output", Some(self.output)),
            ("cached-input", self.cached_input),
            ("cache-write", self.cache_write),
            ("reasoning", self.reasoning),
        ];
        for (key, price) in prices {
            if price.is_some_and(|price| price.pico_per_token > DEAREST_PICO) {
                check
                    .mistake(key, "an absurd price", "more than $10000/M")
                    .help("prices are per million tokens, such as \"$2.50/M\"");
            }
        }
    }
}

/// `json`: how often answers that are to be JSON are not. One that stopped at max-tokens never can
/// be read, and helps nobody, however good it was meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Json {
    /// The share that no program can read. They are bad answers.
    pub broken: Ratio,
    /// The share that stands within a Markdown code fence. Whoever does not strip it cannot read them.
    pub fenced: Ratio,
}

/// `judge`: how well it tells good answers from bad ones.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Judge {
    /// The share of bad answers that it finds fault with.
    pub sensitivity: Ratio,
    /// The share of good answers that it finds no fault with.
    pub specificity: Ratio,
    /// How much of its sensitivity is left where the faults are subtle (`effect.drift`).
    pub subtle: Ratio,
}

impl Default for Judge {
    fn default() -> Judge {
        Judge {
            sensitivity: Ratio(1.0),
            specificity: Ratio(1.0),
            subtle: Ratio(1.0),
        }
    }
}

impl Json {
    pub(super) fn check(self, check: &mut Check) {
        if self.broken.0 + self.fenced.0 > 1.0 {
            let broken = check.path("broken");
            check
                .mistake("fenced", "more than all answers", "too much with `broken`")
                .also(broken, "these are broken")
                .help("the two shares are of the same answers: together they are at most 100 %");
        }
    }
}

/// `abandoned`: what becomes of work whose client timed out or went away. It decides whether a
/// retry storm is fatal: a provider that goes on working for nobody has less left for the retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Abandoned {
    /// Whether it goes on in its slot to the end.
    pub keeps_slot: bool,
    /// Whether what it produces after that is billed, too: "to-end" or "so-far" of `billed.abandoned`, which
    /// counts where both are written.
    pub billed: bool,
}

impl Default for Abandoned {
    fn default() -> Abandoned {
        Abandoned {
            keeps_slot: true,
            billed: true,
        }
    }
}

impl Config {
    /// Warns of prices of tokens that there are none of.
    fn check_classes(&self, check: &mut Check) {
        let price = self.price;
        let prices = [
            (
                "cached-input",
                price.cached_input,
                self.cache.is_some(),
                "cache",
            ),
            (
                "cache-write",
                price.cache_write,
                self.cache.is_some(),
                "cache",
            ),
            (
                "reasoning",
                price.reasoning,
                self.reasoning.0 > 0.0,
                "reasoning",
            ),
        ];
        for (key, price, has_any, setting) in prices {
            if price.is_some() && !has_any {
                check
                    .warning(
                        &format!("price.{key}"),
                        "a price of tokens that there are none of",
                        "nothing is billed at it",
                    )
                    .help(format!(
                        "set `{setting}` of this provider, or leave the price out"
                    ));
            }
        }
    }

    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        check.at("network", |c| {
            c.at("out", |c| self.network.out.check(c));
            c.at("back", |c| self.network.back.check(c));
        });
        check.at("latency", |c| self.latency.check(c));
        check.at("variance", |c| self.variance.check(c));
        check.at("level", |c| self.level.check(c));
        if let Some(cold) = &self.cold_start {
            check.at("cold-start", |c| cold.check(c));
        }
        check.at("capacity", |c| self.capacity.check(c));
        check.at("limits", |c| self.limits.check(c));
        check.at("advice", |c| self.advice.check(c));
        check.at("price", |c| self.price.check(c));
        check.at("billed", |c| self.billed.check(c));
        if self.context_window == Some(0) {
            check
                .mistake("context-window", "it takes no request at all", "is zero")
                .help(
                    "leave it out for no limit; for a provider that refuses everything use a fault",
                );
        }
        self.check_classes(check);
        if let Some(cache) = self.cache {
            check.at("cache", |c| cache.check(c));
        }
        if let Some(json) = self.json {
            check.at("json", |c| json.check(c));
        }
        for (name, task) in &self.task {
            check.at("task", |c| c.at(name, |c| task.check(c)));
        }
    }
}
