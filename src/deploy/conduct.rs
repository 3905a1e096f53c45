//! What a policy does, in a form in which two that do the same are written the same: settings in vain are left out,
//! and what becomes of an ending is told by ending, whatever class stands between.

use std::collections::BTreeMap;

use super::settings::{Line, lines};
use crate::base::Class;
use crate::base::wire::{Advice, Code, Ending};
use crate::engine::policy::counting;
use crate::policy::breaker::window::Threshold;
use crate::policy::breaker::{self, Counting};
use crate::policy::classify::{self, FailOver, Pattern};
use crate::policy::config::Config;
use crate::policy::route::failover;
use crate::policy::route::groups;
use crate::policy::route::steering::Label;
use crate::policy::{hedge, retry, route};

/// An endpoint of a policy, as far as other software knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// What it is labelled, by label.
    pub labels: Vec<(Label, String)>,
}

impl Place {
    /// Its value of a label.
    pub fn label(&self, label: Label) -> Option<&str> {
        let found = self.labels.iter().find(|(own, _)| *own == label);
        found.map(|(_, value)| value.as_str())
    }
}

/// The places of a route as groups, in the order in which the route first names one of theirs.
pub fn grouped(places: &[Place], by: Label) -> Vec<Vec<&Place>> {
    let mut groups: Vec<Vec<&Place>> = Vec::new();
    for place in places {
        let same = |group: &&mut Vec<&Place>| group[0].label(by) == place.label(by);
        match groups.iter_mut().find(same) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    groups
}

/// Statuses that providers of language models send, and the endings without one.
const STATUSES: [u16; 19] = [
    400, 401, 402, 403, 404, 405, 408, 409, 413, 422, 425, 429, 500, 501, 502, 503, 504, 505, 529,
];

/// An ending of an attempt, as other software can tell it from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// A status, perhaps with a code in its body.
    Status(Pattern),
    /// One without a status.
    Other(Class),
}

impl Seen {
    /// What it is called.
    pub fn told(self) -> String {
        match self {
            Seen::Status(pattern) => pattern.to_string(),
            Seen::Other(class) => class.name().to_string(),
        }
    }

    /// All that are compared, and those that a policy names itself.
    pub fn all(config: &Config) -> Vec<Seen> {
        let status = |status, code| Seen::Status(Pattern { status, code });
        let mut all: Vec<Seen> = STATUSES.iter().map(|&s| status(s, None)).collect();
        all.push(status(429, Some(Code::InsufficientQuota)));
        all.push(status(429, Some(Code::RequestTooLarge)));
        all.extend(config.classify.keys().map(|pattern| Seen::Status(*pattern)));
        let others = [
            Class::Transport,
            Class::TimedOut,
            Class::Truncated,
            Class::Malformed,
            Class::BadAnswer,
        ];
        all.extend(others.map(Seen::Other));
        all.sort();
        all.dedup();
        all
    }

    /// What it is to a policy.
    pub fn class(self, config: &Config) -> Class {
        match self {
            Seen::Other(class) => class,
            Seen::Status(pattern @ Pattern { status, code }) => {
                let own = config.classify.get(&pattern);
                let any = Pattern { status, code: None };
                let own = own.or_else(|| config.classify.get(&any)).copied();
                own.unwrap_or_else(|| {
                    let code = code.unwrap_or(Code::None);
                    let advice = Advice::NONE;
                    classify::class(
                        Ending::Status {
                            status,
                            code,
                            advice,
                        },
                        false,
                    )
                })
            }
        }
    }
}

/// What becomes of an ending.
#[derive(Clone, Debug, PartialEq)]
pub struct Fate {
    /// What follows.
    pub follows: Follows,
    /// Endings of this class a call bears; None: as many as it may make attempts.
    pub most: Option<u16>,
    /// A schedule of its own, as TOML.
    pub backoff: Option<String>,
    /// What it is to the breaker.
    pub counts: Counting,
}

/// What follows an ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// Nothing: the call fails.
    Nothing,
    /// Another attempt, wherever the route says.
    Again,
    /// Another endpoint, never this one.
    Elsewhere,
    /// Another attempt at the same endpoint.
    Here,
    /// The next group.
    NextGroup,
}

impl Follows {
    /// In words.
    pub fn told(self) -> &'static str {
        match self {
            Follows::Nothing => "final",
            Follows::Again => "tried again",
            Follows::Elsewhere => "tried elsewhere at once",
            Follows::Here => "tried again at the same endpoint",
            Follows::NextGroup => "tried in the next group",
        }
    }
}

/// What becomes of an ending by a policy, as the engine lays out its rules.
pub fn fate(config: &Config, seen: Seen, alone: bool) -> Fate {
    let class = seen.class(config);
    let own = config.on.get(&class).cloned().unwrap_or_default();
    let retried = config.retry.on.contains(&class);
    let elsewhere_only = matches!(class, Class::QuotaExhausted | Class::Unsuited);
    let fail_over = own.fail_over.unwrap_or_default();
    let leaves = matches!(fail_over, FailOver::Now | FailOver::NextGroup);
    // With one attempt of its class there is no second.
    let ends = !leaves && own.attempts == Some(1);
    let follows = match fail_over {
        _ if ends => Follows::Nothing,
        FailOver::AsRoute | FailOver::Now | FailOver::NextGroup if alone => match retried {
            true if !leaves || own.attempts.is_some_and(|n| n > 1) => Follows::Again,
            true | false => Follows::Nothing,
        },
        FailOver::AsRoute if retried => Follows::Again,
        FailOver::AsRoute if elsewhere_only => Follows::Elsewhere,
        FailOver::AsRoute => Follows::Nothing,
        FailOver::Now if own.attempts.unwrap_or(1) == 1 || !retried => Follows::Elsewhere,
        FailOver::Now => Follows::Again,
        FailOver::NextGroup => Follows::NextGroup,
        FailOver::Never if retried => Follows::Here,
        FailOver::Never => Follows::Nothing,
    };
    let goes_on = follows != Follows::Nothing;
    Fate {
        follows,
        most: own
            .attempts
            .filter(|&n| goes_on && n > 1 && n < config.retry.attempts),
        backoff: own
            .backoff
            .filter(|_| goes_on)
            .map(|backoff| format!("{} of its own", backoff.kind())),
        counts: own.counts_for_breaker.unwrap_or(counting(class)),
    }
}

/// Everything a policy does.
#[derive(Clone, Debug, PartialEq)]
pub struct Conduct {
    /// Its settings, but for what becomes of endings.
    pub settings: Vec<Line>,
    /// What becomes of each ending.
    pub fates: BTreeMap<Seen, Fate>,
}

impl Conduct {
    /// What a policy does at these places, in order of its route.
    pub fn of(config: &Config, places: &[Place]) -> Conduct {
        let plain = normal(config, places);
        let alone = places.len() == 1;
        let goes_on = plain.retry.attempts > 1 || !matches!(plain.groups, groups::Config::None(_));
        let breaks = !matches!(plain.breaker, breaker::Config::None(_));
        let fates = Seen::all(config).into_iter().map(|seen| {
            let mut fate = fate(&plain, seen, alone);
            if !goes_on {
                (fate.follows, fate.most, fate.backoff) = (Follows::Nothing, None, None);
            }
            if !breaks {
                fate.counts = Counting::Ignored;
            }
            (seen, fate)
        });
        let fates = fates.collect();
        Conduct {
            settings: settings(plain, places),
            fates,
        }
    }
}

/// The lines of what is not told by ending.
fn settings(mut config: Config, places: &[Place]) -> Vec<Line> {
    config.classify.clear();
    config.on.clear();
    config.retry.on.clear();
    let by = config.groups.by();
    let mut lines = lines(&config);
    if let Some(by) = by {
        // Which label they have in common is nothing to others: who is in them is.
        lines.retain(|line| !line.key.ends_with(".by") || !line.key.starts_with("groups."));
        let group = |group: &Vec<&Place>| {
            let names: Vec<&str> = group.iter().map(|place| place.name.as_str()).collect();
            format!("[{}]", names.join(", "))
        };
        let told: Vec<String> = grouped(places, by).iter().map(group).collect();
        lines.push(Line {
            key: "groups".into(),
            value: told.join(", "),
        });
    }
    lines
}

/// The same policy without settings in vain, and with one form for what can be written in several.
pub fn normal(config: &Config, places: &[Place]) -> Config {
    let mut plain = config.clone();
    name_endpoints(&mut plain, places);
    unite_groups(&mut plain, places);
    if let breaker::Config::MaxFails(most) = &mut plain.breaker
        && most.threshold == Threshold::AtLeast
    {
        most.threshold = Threshold::Above;
        most.failures = most.failures.saturating_sub(1);
    }
    if let breaker::Config::CountWindow(window) = &mut plain.breaker {
        let volume = window.min_volume.unwrap_or(window.size);
        window.min_volume = Some(volume.min(window.size));
    }
    if matches!(plain.breaker, breaker::Config::None(_)) {
        plain.trip = breaker::trip::Config::default();
        plain.readmit = breaker::readmit::Config::default();
    }
    let default = retry::Config::default();
    let hedges = !matches!(plain.hedge, hedge::Config::None(_));
    if !hedges {
        plain.hedging = hedge::rules::Config::default();
    }
    if plain.retry.attempts == 1 {
        plain.retry = retry::Config {
            attempts: 1,
            on: plain.retry.on,
            ..default.clone()
        };
    }
    if plain.retry.attempts_per_endpoint >= Some(plain.retry.attempts) {
        plain.retry.attempts_per_endpoint = None;
    }
    if !plain.retry.server_wait.honour {
        plain.retry.server_wait = crate::policy::server_wait::Config {
            honour: false,
            ..Default::default()
        };
    }
    if plain.retry.attempts == 1 && !hedges {
        plain.budget.0.clear();
    }
    if plain.quota.0.is_empty() && !plain.limiter.limits() {
        plain.line = crate::policy::line::Config::default();
    }
    if crate::policy::fleet::scopes(&plain).is_empty() {
        plain.fleet = crate::policy::fleet::Config::default();
    }
    plain
}

/// Endpoints by name, in order of the route; one alone has no order.
fn name_endpoints(config: &mut Config, places: &[Place]) {
    let names: Vec<String> = places.iter().map(|place| place.name.clone()).collect();
    if names.len() == 1 {
        let endpoint = names.into_iter().next();
        config.route = route::Config::Single(route::single::Config { endpoint });
        config.steering.apart_by = None;
        config.retry.attempts_per_endpoint = None;
        return;
    }
    let endpoints = match &mut config.route {
        route::Config::Single(_) => return,
        route::Config::Failover(kind) => &mut kind.endpoints,
        route::Config::RoundRobin(kind) => &mut kind.endpoints,
        route::Config::Weighted(kind) => &mut kind.endpoints,
        route::Config::LeastBusy(kind) => &mut kind.endpoints,
        route::Config::Latency(kind) => &mut kind.endpoints,
        route::Config::LowestCost(kind) => &mut kind.endpoints,
        route::Config::Usage(kind) => &mut kind.endpoints,
    };
    *endpoints = names;
}

/// Groups of one endpoint each, one after the other, are a list of endpoints; a single endpoint is no group.
fn unite_groups(config: &mut Config, places: &[Place]) {
    let groups::Config::Fallback(kind) = &mut config.groups else {
        if places.len() == 1 {
            config.groups = groups::Config::default();
        }
        return;
    };
    let count = grouped(places, kind.by).len();
    kind.max = kind
        .max
        .min(u8::try_from(count.saturating_sub(1)).unwrap_or(u8::MAX));
    if count < places.len() || usize::from(kind.max) + 1 < count {
        return;
    }
    if kind.spares_single {
        config.breaker = breaker::Config::default();
    }
    config.groups = groups::Config::default();
    for rule in config.on.values_mut() {
        if rule.fail_over == Some(FailOver::NextGroup) {
            rule.fail_over = Some(FailOver::Now);
        }
    }
    if count == 1 {
        return;
    }
    let attempts = config.retry.attempts;
    config.retry.attempts_per_endpoint = Some(attempts);
    config.retry.attempts = attempts.saturating_mul(count as u16);
    config.route = route::Config::Failover(failover::Config {
        endpoints: places.iter().map(|place| place.name.clone()).collect(),
        on_failure: route::OnFailure::ExhaustThenNext,
    });
}

/// Makes a policy do with each ending what is said of it. Classes that statuses are given only stand for what is
/// done: software that goes by statuses has none.
pub fn tell(config: &mut Config, named: &Config, told: impl Fn(Seen) -> (bool, Counting)) {
    const STAND_INS: [Class; 6] = [
        Class::Overloaded,
        Class::ServerFault,
        Class::RateLimited,
        Class::Rejected,
        Class::QuotaExhausted,
        Class::Unsuited,
    ];
    config.classify.clear();
    config.on.clear();
    config.retry.on.clear();
    let mut used: Vec<(bool, Counting)> = Vec::new();
    let mut rules: Vec<(Class, bool, Counting)> = Vec::new();
    for seen in Seen::all(named) {
        let (again, counts) = told(seen);
        match seen {
            Seen::Other(class) => rules.push((class, again, counts)),
            Seen::Status(pattern) => {
                let place = used.iter().position(|own| *own == (again, counts));
                let place = place.unwrap_or_else(|| {
                    used.push((again, counts));
                    used.len() - 1
                });
                // Two truths and three counts are six; a fourth kind of count no status has.
                let class = STAND_INS[place.min(STAND_INS.len() - 1)];
                config.classify.insert(pattern, class);
                rules.push((class, again, counts));
            }
        }
    }
    for (class, again, counts) in rules {
        let rule = config.on.entry(class).or_default();
        rule.counts_for_breaker = Some(counts);
        if again && !config.retry.on.contains(&class) {
            config.retry.on.push(class);
        } else if !again {
            rule.fail_over = Some(FailOver::Never);
        }
    }
}
