//! The worst load of a policy against what its providers can do, without flying it.
//!
//! λ·(1 + R) ÷ μ. Of attempts only those count that a provider works for: all that are sent because an answer came
//! too late, for it works on what was given up, and refusals cost it nothing. μ is slots ÷ mean service time; for
//! answers that slow one another down, what they come to together; for a limit that refusals count against, its rate.
//! Where a route leads to several providers each is to bear the whole, as if the others were down.

use super::alone::Alone;
use crate::base::{Class, Duration};
use crate::policy::budget::{self, Scope, share};
use crate::policy::{self, Mode, breaker, hedge, layers, throttle};
use crate::provider::limits::{Refused, Settle, counts};
use crate::provider::{self, capacity};
use crate::record::results::{Law, WorstLoad};
use crate::scenario::Scenario;

/// What the law says of a policy.
pub fn of(scenario: &Scenario, policy: &policy::Config, alone: &Alone) -> Law {
    if scenario.workload.reacts() {
        return Law::None("the traffic reacts to answers".to_owned());
    }
    let names: Vec<&str> = scenario.providers.iter().map(|p| p.0.as_str()).collect();
    let (layers, chooser) = match policy.chain.as_slice() {
        [] => (vec![policy], policy),
        chain => {
            let chooser = &chain[layers::chooser(chain, &names)].config;
            (chain.iter().map(|layer| &layer.config).collect(), chooser)
        }
    };
    let asked = layers::asked(chooser, &names);
    let case = Case {
        scenario,
        alone,
        endpoints: asked.len(),
    };
    let product = |late| -> f64 { layers.iter().map(|own| case.attempts(own, late)).product() };
    let (late, refused) = (product(true), product(false));
    let mut worst: Option<WorstLoad> = None;
    for (place, (name, provider)) in scenario.providers.iter().enumerate() {
        if !asked.contains(&name.as_str()) {
            continue;
        }
        let bounds = match bounds(scenario, provider, alone, place) {
            Ok(bounds) => bounds,
            Err(why) => return Law::None(format!("{name}: {why}")),
        };
        for bound in bounds {
            let attempts = match bound.amplified {
                Amplified::Late => late,
                Amplified::Refused => refused,
                Amplified::Not => 1.0,
            };
            let load = alone.calls_per_s * attempts / bound.per_s;
            if worst.as_ref().is_some_and(|worst| worst.load >= load) {
                continue;
            }
            worst = Some(WorstLoad {
                calls_per_s: alone.calls_per_s,
                attempts,
                capacity_per_s: bound.per_s,
                load,
                bound: format!("`{name}` ({})", bound.setting),
                unless: case.unless(policy, provider, &bound),
            });
        }
    }
    worst.map_or(Law::Unbounded, Law::Load)
}

/// Which attempts take from a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Amplified {
    /// All that follow answers that came too late.
    Late,
    /// All that follow refusals.
    Refused,
    /// What is refused takes nothing of it, and what is not is answered.
    Not,
}

/// What a provider can do.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bound {
    per_s: f64,
    setting: &'static str,
    amplified: Amplified,
    /// The longest that a request waits for its turn, s; None: any time.
    longest_wait_s: Option<f64>,
}

/// All bounds of a provider.
fn bounds(
    scenario: &Scenario,
    provider: &provider::Config,
    alone: &Alone,
    place: usize,
) -> Result<Vec<Bound>, &'static str> {
    let service_s =
        alone.service_s[place].ok_or("it answers nothing even when it is left alone")?;
    let room = provider.capacity.room();
    let queue = room.map(|room| f64::from(room.slots) + f64::from(room.queue));
    let work = |per_s: f64, setting| Bound {
        per_s,
        setting,
        amplified: Amplified::Late,
        longest_wait_s: queue.map(|queue| queue / per_s),
    };
    let mut all = Vec::new();
    match &provider.capacity {
        capacity::Config::Unlimited(_) => {}
        capacity::Config::Slots(slots) => {
            all.push(work(f64::from(slots.count) / service_s, "capacity.slots"));
        }
        capacity::Config::ProcessorSharing(sharing) => {
            let per_s = f64::from(sharing.full_speed) / service_s;
            all.push(work(per_s, "capacity.processor-sharing"));
        }
        capacity::Config::Batching(batch) => {
            // What n answers do together, n ÷ (1 + s·(n − 1)), grows with n towards 1 ÷ s.
            let together = match batch.count.map(f64::from) {
                Some(n) => n / (1.0 + batch.slowdown.0 * (n - 1.0)),
                None => 1.0 / batch.slowdown.0,
            };
            all.push(work(together / service_s, "capacity.batching"));
        }
        // Each answer in progress adds k to the next: no fixed point once k·λ ≥ 1.
        capacity::Config::Concurrency(law) => {
            all.push(work(1.0 / law.adds.as_s_f64(), "capacity.concurrency"));
        }
        capacity::Config::Autoscaled(_) => return Err("its slots come and go"),
        capacity::Config::Optimistic(_) => return Err("its clients contend for a row"),
    }
    all.retain(|bound| bound.per_s.is_finite());
    all.extend(limited(scenario, provider, alone));
    Ok(all)
}

/// The limits per minute of a provider, as far as what a request takes of them is known beforehand.
fn limited(scenario: &Scenario, provider: &provider::Config, alone: &Alone) -> Vec<Bound> {
    let limits = &provider.limits;
    let plain = limits.settle == Settle::None && limits.counts == counts::Config::default();
    let answer = f64::from(scenario.workload.max_tokens);
    let whole = alone.prompt_tokens + answer;
    let each = [
        (
            limits.rpm,
            1.0,
            "limits.rpm",
            limits.refused != Refused::Free,
        ),
        (
            limits.tpm.filter(|_| plain),
            whole,
            "limits.tpm",
            limits.refused == Refused::All,
        ),
        (
            limits.input_tpm.filter(|_| plain),
            alone.prompt_tokens,
            "limits.input-tpm",
            limits.refused == Refused::All,
        ),
        (
            limits.output_tpm.filter(|_| plain),
            answer,
            "limits.output-tpm",
            limits.refused == Refused::All,
        ),
    ];
    let bound = |(limit, takes, setting, counts): (Option<u64>, f64, &'static str, bool)| {
        let per_s = limit? as f64 / 60.0 / takes;
        per_s.is_finite().then_some(Bound {
            per_s,
            setting,
            amplified: match counts {
                true => Amplified::Refused,
                false => Amplified::Not,
            },
            longest_wait_s: None,
        })
    };
    each.into_iter().filter_map(bound).collect()
}

/// What is the same for every layer of a policy.
struct Case<'a> {
    scenario: &'a Scenario,
    alone: &'a Alone,
    /// Providers that the route leads to.
    endpoints: usize,
}

impl Case<'_> {
    /// How long an attempt is waited for; None: as long as the call.
    fn patience(&self, policy: &policy::Config) -> Option<Duration> {
        let limits = policy.timeout.limits(true, self.scenario.workload.stream);
        let both = [limits.begin, limits.total].into_iter().flatten();
        both.min()
    }

    /// 1 + R of one policy, of the priority with the most: attempts per call, in the long run, that follow answers too
    /// late or refusals.
    fn attempts(&self, policy: &policy::Config, late: bool) -> f64 {
        let own = policy.priority.values();
        own.map(|own| self.attempts(own, late))
            .fold(self.own_attempts(policy, late), f64::max)
    }

    fn own_attempts(&self, policy: &policy::Config, late: bool) -> f64 {
        let class = if late {
            Class::TimedOut
        } else {
            Class::RateLimited
        };
        let patience = self.patience(policy);
        let hedges = !matches!(policy.hedge, hedge::Config::None(_));
        let again = policy.retry.on.contains(&class) && (!late || patience.is_some());
        if policy.mode == Mode::Observe || !(again || hedges) {
            return 1.0;
        }
        let mut most = f64::from(policy.retry.attempts);
        let at_one = policy
            .retry
            .attempts_per_endpoint
            .filter(|_| self.endpoints == 1);
        let rule = policy.on.get(&class).and_then(|rule| rule.attempts);
        for n in [at_one, rule].into_iter().flatten() {
            most = most.min(f64::from(n));
        }
        // So many follow one another until the call is over.
        let over = [policy.timeout.call, Some(self.scenario.workload.horizon())];
        let over = over.into_iter().flatten().min();
        if let (true, false, Some(over), Some(patience)) = (late, hedges, over, patience) {
            most = most.min((over.as_s_f64() / patience.as_s_f64()).ceil());
        }
        let extra = policy
            .budget
            .0
            .iter()
            .filter_map(|budget| self.ratio(budget));
        1.0 + extra.fold((most - 1.0).max(0.0), f64::min)
    }

    /// What a budget allows per call in the long run, where that does not depend on how calls end.
    fn ratio(&self, budget: &budget::Config) -> Option<f64> {
        match budget {
            budget::Config::Share(share) if share.scope != Scope::Call => {
                let purses = match share.scope {
                    Scope::Fleet => 1.0,
                    _ => f64::from(self.scenario.workload.processes),
                };
                let refill = share.refill.map_or(0.0, |rate| rate.per_s() * purses);
                Some(share.ratio.0 + refill / self.alone.calls_per_s)
            }
            // A share of what is there within `ttl`, beside a reserve for as long.
            budget::Config::ExpiringShare(share) => {
                let reserve = f64::from(share.reserve) / share.ttl.as_s_f64();
                let purses = f64::from(self.scenario.workload.processes);
                Some(share.ratio.0 + reserve * purses / self.alone.calls_per_s)
            }
            // Retries go on only while failures are fewer than p = ρ ÷ (1 + ρ), so attempts are at most 1 + ρ.
            budget::Config::RetryThrottle(throttle) => Some(throttle.ratio.0),
            _ => None,
        }
    }

    /// Why a load above the bound need not keep itself up; None: by the law it does.
    fn unless(
        &self,
        policy: &policy::Config,
        provider: &provider::Config,
        bound: &Bound,
    ) -> Option<String> {
        let holds_back = !matches!(policy.breaker, breaker::Config::None(_))
            || !matches!(policy.throttle, throttle::Config::None(_))
            || policy.limiter.limits()
            || !policy.quota.0.is_empty()
            || policy.retry.skip_hopeless.is_some();
        let per_call = |budget: &budget::Config| match budget {
            budget::Config::Share(share) => share.deposit == share::Deposit::PerCall,
            budget::Config::ExpiringShare(share) => share.deposit == share::Deposit::PerCall,
            _ => false,
        };
        let patience = self.patience(policy).map(Duration::as_s_f64);
        let in_time = bound.longest_wait_s.zip(patience);
        let why = match () {
        () if bound.amplified == Amplified::Not => {
            "what it refuses takes nothing of it".to_owned()
        }
        () if !policy.chain.is_empty() => "the layers of a chain hold each other back".to_owned(),
        () if !policy.priority.is_empty() => "not all calls have the same policy".to_owned(),
        () if self.endpoints > 1 => "another provider may take the load".to_owned(),
        () if holds_back => {
            "a breaker, throttle, quota or limiter holds calls back, which the law does not know"
                .to_owned()
        }
        () if !policy.budget.0.iter().all(per_call) => {
            "its budget runs dry when nothing succeeds".to_owned()
        }
        () if bound.amplified == Amplified::Refused => return None,
        () if !provider.abandoned.keeps_slot => "work that is given up ends".to_owned(),
        () if patience.is_none() => "nothing is given up before the call is".to_owned(),
        () if in_time.is_some_and(|(longest, patience)| longest <= patience) => {
            "its queue is too short for an answer to come too late".to_owned()
        }
        () => return None,
    };
        Some(why)
    }
}
