//! A policy, ready to be consulted: names resolved, rules laid out by class.

use crate::base::several::Several;
use crate::base::wire::Ending;
use crate::base::{Class, Duration, EndpointId};
use crate::policy::breaker::{Counting, plan::Plan};
use crate::policy::classify::{self, FailOver, Pattern};
use crate::policy::config::{Config, Mode};
use crate::policy::route::router::Plan as Router;
use crate::policy::route::{self, Endpoint, OnFailure};
use crate::policy::server_wait;
use crate::policy::{backoff, budget, fallback, hedge, hopeless, limiter, line, quota, throttle};

use super::MAX_ROUTE;
use super::alarm;
use super::fleet::Shared;
use super::guarding::Guards;
use super::lanes::ByPriority;
use super::spending;
use super::timeouts::Timeouts;
use super::watch;

/// What is done about one class.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// Whether it may be tried again at the same endpoint.
    pub(super) here: bool,
    /// Whether another endpoint may be tried.
    pub(super) elsewhere: bool,
    /// Whether it leads out of the endpoint's group.
    pub(super) leaves_group: bool,
    /// Whether this call is never sent there again, also after the last endpoint.
    pub(super) bars: bool,
    /// Endings of this class a call bears before it gives up.
    pub(super) attempts: u16,
    /// Attempts at an endpoint after which it leads to the next at once; None: the route decides.
    pub(super) leaves_after: Option<u16>,
    /// Its own schedule of waits.
    pub(super) backoff: Option<backoff::Config>,
    /// What it is to the breaker.
    pub(super) counting: Counting,
}

impl Rule {
    /// Whether another attempt may follow at all.
    pub(super) fn goes_on(&self) -> bool {
        self.here || self.elsewhere
    }

    /// Whether it may be tried again at an endpoint that was tried so often.
    pub(super) fn stays(&self, tries: u16) -> bool {
        self.here && self.leaves_after.is_none_or(|most| tries < most)
    }
}

/// An immutable policy, shared by all clients that run it.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(super) observe: bool,
    pub(super) attempts: u16,
    pub(super) attempts_per_endpoint: u16,
    pub(super) backoff: backoff::Config,
    pub(super) server_wait: server_wait::Config,
    pub(super) server_veto: bool,
    pub(super) wait_at_end: bool,
    pub(super) budgets: budget::Set,
    /// Whether one of them counts what each call costs.
    pub(super) budgets_per_call: bool,
    /// Whether anything counts what a single call spends, or how it was answered.
    pub(super) counts_calls: bool,
    pub(super) breaker: Plan,
    pub(super) throttle: throttle::Config,
    pub(super) hopeless: Option<hopeless::Config>,
    pub(super) hedge: Option<hedge::Config>,
    pub(super) hedging: hedge::rules::Config,
    /// What hedges alone may cost, beside the budgets of all extra attempts.
    pub(super) hedge_budget: budget::Set,
    pub(super) quotas: quota::Set,
    /// Whether a bill corrects what a quota was asked for.
    pub(super) quotas_settle: bool,
    /// Whether some quota learns from endings.
    pub(super) quotas_learn: bool,
    /// Whether calls may have to stand in line at quotas or limiter.
    paced: bool,
    /// Whether anything but the sum of all bills takes note of a bill.
    pub(super) heeds_bills: bool,
    pub(super) limiter: limiter::Config,
    pub(super) line: line::Config,
    pub(super) timeouts: Timeouts,
    pub(super) guards: Guards,
    /// In the order they are tried in.
    pub(super) fallback: Vec<fallback::Config>,
    pub(super) route: Vec<EndpointId>,
    pub(super) router: Router,
    /// Groups of places; None for most.
    pub(super) groups: Option<Box<route::groups::Plan>>,
    pub(super) on_failure: OnFailure,
    /// What of it all processes have together, and how often they exchange what they know.
    pub(super) shared: Shared,
    pub(super) sync: Duration,
    pub(super) monitors: watch::Plan,
    /// The number of the first of them among those of all priorities.
    pub(super) first_monitor: u16,
    pub(super) spending: spending::Plan,
    rules: Vec<Rule>,
    overrides: Vec<(Pattern, Class)>,
    /// How it differs by priority; None for most.
    pub(super) by_priority: Option<Box<ByPriority>>,
}

/// Why a policy cannot be made ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// The route names an endpoint that does not exist.
    UnknownEndpoint(String),
    /// There is no endpoint at all.
    NoEndpoint,
    /// The route is longer than [`MAX_ROUTE`].
    RouteTooLong(usize),
}

impl Policy {
    /// Makes a policy ready for endpoints of which only the names are known; their places are their ids.
    ///
    /// # Errors
    /// If its route does not fit them.
    pub fn new(config: &Config, endpoints: &[&str]) -> Result<Policy, Unusable> {
        let named: Vec<Endpoint<'_>> = endpoints.iter().map(|name| Endpoint::named(name)).collect();
        Policy::among(config, &named)
    }

    /// Makes a policy ready for these endpoints, whose places are their ids.
    ///
    /// # Errors
    /// If its route does not fit them.
    pub fn among(config: &Config, endpoints: &[Endpoint<'_>]) -> Result<Policy, Unusable> {
        let mut by_priority = ByPriority::new(config, |own| Policy::alone(own, endpoints))?;
        let usual = Policy::alone(config, endpoints)?;
        let mut monitors = usual.own_monitors().count() as u16;
        for own in by_priority.iter_mut().flat_map(ByPriority::own_mut) {
            own.first_monitor = monitors;
            monitors += own.own_monitors().count() as u16;
        }
        Ok(Policy {
            by_priority: by_priority.map(Box::new),
            ..usual
        })
    }

    /// The policy of all priorities that have none of their own.
    fn alone(config: &Config, endpoints: &[Endpoint<'_>]) -> Result<Policy, Unusable> {
        let judge = config.guard.judge().map(|judge| judge.endpoint.as_str());
        let judge = judge.map(|name| named(name, endpoints)).transpose()?;
        let route = resolve(&config.route, endpoints, judge)?;
        let observe = config.mode == Mode::Observe;
        let on_route = route.iter().map(|id| endpoints[usize::from(id.0)].clone());
        let on_route: Vec<Endpoint<'_>> = on_route.collect();
        let hedges = !matches!(config.hedge, hedge::Config::None(_));
        let limit = config.retry.attempts;
        let breaker = Plan::new(&config.breaker, &config.trip, &config.readmit)
            .among(config.trip.each, endpoints);
        let own = config.hedging.budget.iter().cloned();
        let hedge_budget: budget::Set = Several(own.map(budget::Config::Share).collect());
        let shared = Shared::of(config, &breaker, &hedge_budget);
        let monitors = watch::Plan::new(&config.monitor);
        let costly = config.costly_fallback;
        let spending = spending::Plan::new(&config.limit, costly, endpoints, route[0]);
        let groups = route::groups::Plan::new(&config.groups, &on_route, limit).map(Box::new);
        let router = Router::new(&config.route, &config.steering, &on_route);
        let learns_by_bills = router.wants_bills() || monitors.watch_bills();
        let counts_bills = config.budget.heeds_bills() || spending.limits();
        Ok(Policy {
            observe,
            attempts: groups.as_ref().map_or(limit, |groups| groups.attempts()),
            attempts_per_endpoint: config.retry.attempts_per_endpoint.unwrap_or(limit),
            backoff: config.retry.backoff.clone(),
            server_wait: config.retry.server_wait.clone(),
            server_veto: config.retry.server_veto,
            wait_at_end: config.retry.wait_at_end,
            budgets: config.budget.clone(),
            budgets_per_call: config.budget.is_per_call(),
            counts_calls: config.budget.is_per_call() || spending.is_on(),
            breaker,
            throttle: config.throttle.clone(),
            hopeless: config.retry.skip_hopeless,
            hedge: hedges.then(|| config.hedge.clone()),
            hedging: config.hedging.clone(),
            hedge_budget,
            quotas: config.quota.clone(),
            quotas_settle: config.quota.settles(),
            quotas_learn: config.quota.learns(),
            paced: !config.quota.0.is_empty() || config.limiter.limits(),
            heeds_bills: learns_by_bills || counts_bills || config.quota.settles(),
            limiter: config.limiter.clone(),
            line: config.line,
            timeouts: Timeouts::new(&config.timeout),
            guards: Guards::new(&config.guard, judge, observe),
            fallback: config.fallback.in_order(),
            route,
            router: router.steered(monitors.steers() || alarm::steers(config)),
            groups,
            on_failure: config.route.on_failure(),
            shared,
            sync: config.fleet.sync,
            monitors,
            first_monitor: 0,
            spending,
            rules: Class::ALL
                .iter()
                .map(|&class| rule(config, class))
                .collect(),
            overrides: overrides(config),
            by_priority: None,
        })
    }

    /// Whether it only observes: it decides and says so, and sends one plain attempt.
    pub fn observes(&self) -> bool {
        self.observe
    }

    /// The endpoints it may use, in order of preference.
    pub fn route(&self) -> &[EndpointId] {
        &self.route
    }

    /// Whether calls may have to stand in line at the client's own quotas or limiter.
    #[inline]
    pub fn is_paced(&self) -> bool {
        self.paced
    }

    /// Whether its clients may want to be told [`super::ClientFact::Wake`].
    pub fn wakes_clients(&self) -> bool {
        let wakes = |policy: &Policy| policy.is_paced() || policy.defers().is_some();
        let own = |by: &ByPriority| by.own().any(wakes);
        wakes(self) || self.by_priority.as_deref().is_some_and(own)
    }

    /// How calls are put off, if they are.
    pub(super) fn defers(&self) -> Option<&fallback::defer::Config> {
        self.fallback.iter().find_map(|kind| match kind {
            fallback::Config::Defer(config) => Some(config),
            fallback::Config::Cached(_)
            | fallback::Config::Rule(_)
            | fallback::Config::Message(_) => None,
        })
    }

    /// The names of its drift monitors, and `costly-fallback` if it has that; the number of a
    /// [`super::Notice::Alert`] is a place here.
    pub fn monitors(&self) -> impl Iterator<Item = &str> {
        let own = self.by_priority.iter().flat_map(|by| by.own());
        let own = own.flat_map(Policy::own_monitors);
        self.own_monitors().chain(own)
    }

    /// Those of one of its priorities.
    fn own_monitors(&self) -> impl Iterator<Item = &str> {
        let costly = self.spending.counts_dear().then_some("costly-fallback");
        self.monitors.names().chain(costly)
    }

    pub(super) fn rule(&self, class: Class) -> &Rule {
        &self.rules[class.index()]
    }

    /// The class of an ending: the policy's own entries first, then the table.
    pub(super) fn classify(&self, ending: Ending, answer_had_begun: bool) -> Class {
        if let Ending::Status { status, code, .. } = ending {
            let matches = |p: &Pattern| p.status == status && p.code.is_none_or(|c| c == code);
            if let Some((_, class)) = self.overrides.iter().find(|(p, _)| matches(p)) {
                return *class;
            }
        }
        classify::class(ending, answer_had_begun)
    }
}

/// The endpoint of a name.
fn named(name: &str, endpoints: &[Endpoint<'_>]) -> Result<EndpointId, Unusable> {
    let found = endpoints.iter().position(|e| e.name == name);
    found
        .map(|place| EndpointId(place as u16))
        .ok_or_else(|| Unusable::UnknownEndpoint(name.into()))
}

/// The endpoints that are named, in order. If none is: all but the policy's own judge, which is asked only
/// if there is no other, or the first of those.
fn resolve(
    config: &route::Config,
    endpoints: &[Endpoint<'_>],
    judge: Option<EndpointId>,
) -> Result<Vec<EndpointId>, Unusable> {
    let names = config.endpoints();
    let route: Vec<EndpointId> = if names.is_empty() {
        let all = (0..endpoints.len()).map(|place| EndpointId(place as u16));
        all.filter(|id| endpoints.len() == 1 || Some(*id) != judge)
            .take(config.most())
            .collect()
    } else {
        let name = |name: &String| named(name, endpoints);
        names.iter().map(name).collect::<Result<_, _>>()?
    };
    match route.len() {
        0 => Err(Unusable::NoEndpoint),
        n if n > MAX_ROUTE => Err(Unusable::RouteTooLong(n)),
        _ => Ok(route),
    }
}

/// The policy's own entries, those with a code before those without.
fn overrides(config: &Config) -> Vec<(Pattern, Class)> {
    let mut entries: Vec<(Pattern, Class)> = config
        .classify
        .iter()
        .map(|(pattern, class)| (*pattern, *class))
        .collect();
    entries.sort_by_key(|(pattern, _)| pattern.code.is_none());
    entries
}

fn rule(config: &Config, class: Class) -> Rule {
    let own = config.on.get(&class).cloned().unwrap_or_default();
    let retried = config.retry.on.contains(&class);
    // Waiting does not bring credit back and does not make an endpoint able: another may be.
    let elsewhere_only = matches!(class, Class::QuotaExhausted | Class::Unsuited);
    let fail_over = own.fail_over.unwrap_or_default();
    let leaves_group = fail_over == FailOver::NextGroup;
    let leaves_after =
        (fail_over == FailOver::Now || leaves_group).then(|| own.attempts.unwrap_or(1));
    let (here, elsewhere) = match fail_over {
        FailOver::AsRoute => (retried, retried || elsewhere_only),
        FailOver::Now | FailOver::NextGroup => (retried && leaves_after != Some(1), true),
        FailOver::Never => (retried, false),
    };
    Rule {
        here,
        elsewhere,
        leaves_group,
        bars: elsewhere_only && !here,
        // Where it leads on, its attempts are those at one endpoint.
        attempts: own
            .attempts
            .filter(|_| leaves_after.is_none())
            .unwrap_or(u16::MAX),
        leaves_after,
        backoff: own.backoff,
        counting: own.counts_for_breaker.unwrap_or(counting(class)),
    }
}

/// Whether a class says that the endpoint is broken, where the policy does not say it. A 429 says that this
/// caller is too fast.
pub fn counting(class: Class) -> Counting {
    match class {
        Class::Overloaded
        | Class::ServerFault
        | Class::Transport
        | Class::TimedOut
        | Class::Truncated
        | Class::Malformed => Counting::Failure,
        Class::Ok
        | Class::RateLimited
        | Class::QuotaExhausted
        | Class::BadAnswer
        | Class::Unsuited
        | Class::Rejected
        | Class::Cancelled => Counting::Ignored,
    }
}
