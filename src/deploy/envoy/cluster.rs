//! The cluster: who is chosen, how many retries are under way, who is ejected.

use super::route::time;
use crate::base::Duration;
use crate::base::units::Ratio;
use crate::deploy::preset::preset;
use crate::deploy::yaml::number;
use crate::policy::breaker::trip::Growth;
use crate::policy::breaker::{self, Counts};
use crate::policy::budget::{self, concurrent};
use crate::policy::config::Config;
use crate::policy::{limiter, route};

/// Writes the cluster's settings, and what they do into the policy.
pub(super) fn cluster(plain: &Config, there: &mut Config, into: &mut String) {
    let mut all = vec![format!("lb_policy: {}", balance(plain, there))];
    if let Some(connect) = plain.timeout.connect {
        all.push(format!("connect_timeout: {}", time(connect)));
        there.timeout.connect = Some(connect);
    }
    all.extend(thresholds(plain, there));
    all.extend(outlier(plain, there));
    for line in all {
        into.push_str(&format!("    {line}\n"));
    }
}

fn balance(plain: &Config, there: &mut Config) -> &'static str {
    let round_robin = || route::Config::RoundRobin(route::round_robin::Config::default());
    there.route = match &plain.route {
        route::Config::Weighted(kind) if kind.weights.is_empty() && kind.price_power == 0 => {
            there.route = route::Config::Weighted(route::weighted::Config::default());
            return "RANDOM";
        }
        route::Config::Single(kind) => route::Config::Single(kind.clone()),
        _ => round_robin(),
    };
    "ROUND_ROBIN"
}

/// `circuit_breakers`: how many retries and requests at once.
fn thresholds(plain: &Config, there: &mut Config) -> Vec<String> {
    let concurrent = plain.budget.0.iter().find_map(|kind| match kind {
        budget::Config::Concurrent(kind) => Some(kind.clone()),
        _ => None,
    });
    let mut parts = Vec::new();
    there.budget.0.clear();
    if let Some(own) = concurrent {
        let carried = concurrent::Config {
            of: concurrent::Of::Attempts,
            slot: concurrent::Slot::WaitAndAttempt,
            threshold: concurrent::Threshold::AtLeast,
            scope: crate::policy::fleet::Scope::Process,
            ..own
        };
        if carried.share.0 > 0.0 {
            let percent = number(carried.share.0 * 100.0);
            let least = carried.min;
            parts.push(format!(
                "retry_budget: {{budget_percent: {{value: {percent}}}, min_retry_concurrency: {least}}}"
            ));
        } else if carried.min != DEFAULT_RETRIES {
            parts.push(format!("max_retries: {}", carried.min));
        }
        there.budget.0.push(budget::Config::Concurrent(carried));
    } else if plain.retry.attempts > 1 {
        parts.push(format!("max_retries: {}", u32::MAX));
    }
    there.limiter = limiter::Config::default();
    if let limiter::Config::Fixed(kind) = &plain.limiter {
        parts.push(format!("max_requests: {}", kind.limit));
        there.limiter = limiter::Config::Fixed(limiter::fixed::Config {
            limit: kind.limit,
            max_wait: Duration::ZERO,
        });
    }
    match parts.is_empty() {
        true => Vec::new(),
        false => vec![
            "circuit_breakers:".into(),
            format!("  thresholds: [{{{}}}]", parts.join(", ")),
        ],
    }
}

/// Envoy's `max_retries`.
const DEFAULT_RETRIES: u32 = 3;

/// `outlier_detection` and the threshold of panic.
fn outlier(plain: &Config, there: &mut Config) -> Vec<String> {
    if matches!(plain.breaker, breaker::Config::None(_)) {
        return Vec::new();
    }
    let ejection = Ejection::of(plain);
    let base = preset("envoy-outlier");
    there.breaker = ejection.breaker.clone();
    there.trip = base.trip.clone();
    there.readmit = base.readmit;
    there.trip.growth = (ejection.longest > ejection.open).then_some(Growth {
        factor: 1.0,
        step: ejection.open,
        cap: ejection.longest,
        forget_after: ejection.every,
        forget: breaker::trip::Forget::One,
    });
    there.trip.ended_every = Some(ejection.every);
    there.trip.max_open = Some(Ratio(f64::from(ejection.percent) / 100.0));
    let panic = match &plain.groups {
        route::groups::Config::Priority(kind) => kind.panic,
        _ => plain.trip.panic,
    };
    there.trip.panic = panic;
    let mut all = vec!["outlier_detection:".to_string()];
    all.extend(ejection.lines());
    if panic != base.trip.panic {
        let panic = number(panic.0 * 100.0);
        all.push(format!(
            "common_lb_config: {{healthy_panic_threshold: {{value: {panic}}}}}"
        ));
    }
    all
}

/// What is ejected when, for how long.
struct Ejection {
    breaker: breaker::Config,
    every: Duration,
    open: Duration,
    longest: Duration,
    percent: u32,
}

impl Ejection {
    fn of(plain: &Config) -> Ejection {
        let every = match &plain.breaker {
            breaker::Config::Outlier(kind) => kind.every,
            _ => plain.trip.ended_every.unwrap_or(Duration::from_s(10)),
        };
        let of = |failures: u32, open: Duration| {
            let breaker = breaker::Config::Consecutive(breaker::consecutive::Config {
                failures: failures.max(1),
                open,
                probes: 1,
                counts: Counts::Attempts,
            });
            (breaker, open)
        };
        let (breaker, open) = match &plain.breaker {
            breaker::Config::Outlier(kind) => {
                let own = breaker::outlier::Config {
                    probes: 1,
                    counts: Counts::Attempts,
                    ..kind.clone()
                };
                (breaker::Config::Outlier(own), kind.open)
            }
            breaker::Config::Consecutive(kind) => of(kind.failures, kind.open),
            breaker::Config::MaxFails(kind) => of(kind.failures.saturating_add(1), kind.open),
            breaker::Config::CountWindow(kind) => of(5, kind.open),
            breaker::Config::TimeWindow(kind) => of(5, kind.open),
            breaker::Config::Ema(kind) => of(kind.in_a_row.unwrap_or(5), kind.open),
            breaker::Config::None(_) => of(5, Duration::from_s(30)),
        };
        let growth = plain.trip.growth.as_ref();
        let longest = growth.map_or(open, |growth| growth.cap).max(open);
        let share = plain.trip.max_open.map_or(1.0, |share| share.0);
        Ejection {
            breaker,
            every,
            open,
            longest,
            percent: libm::round(share * 100.0) as u32,
        }
    }

    /// What differs from Envoy's defaults: 10 s, 30 s up to 300 s, 10 %, five in a row, 1.9 σ of five hosts with a
    /// hundred requests.
    fn lines(&self) -> Vec<String> {
        let default = |is: bool, line: String| (!is).then_some(line);
        let seconds = Duration::from_s;
        let mut all = vec![
            default(
                self.every == seconds(10),
                format!("interval: {}", time(self.every)),
            ),
            default(
                self.open == seconds(30),
                format!("base_ejection_time: {}", time(self.open)),
            ),
            default(
                self.longest == seconds(300),
                format!("max_ejection_time: {}", time(self.longest)),
            ),
            default(
                self.percent == 10,
                format!("max_ejection_percent: {}", self.percent),
            ),
        ];
        match &self.breaker {
            breaker::Config::Outlier(kind) => {
                match kind.in_a_row {
                    Some(n) => all.push(default(n == 5, format!("consecutive_5xx: {n}"))),
                    None => all.push(Some("enforcing_consecutive_5xx: 0".into())),
                }
                let sigmas = libm::round(kind.deviations * 1000.0);
                all.extend([
                    default(
                        kind.min_endpoints == 5,
                        format!("success_rate_minimum_hosts: {}", kind.min_endpoints),
                    ),
                    default(
                        kind.min_volume == 100,
                        format!("success_rate_request_volume: {}", kind.min_volume),
                    ),
                    default(
                        sigmas == 1900.0,
                        format!("success_rate_stdev_factor: {sigmas:.0}"),
                    ),
                ]);
            }
            breaker::Config::Consecutive(kind) => {
                all.push(default(
                    kind.failures == 5,
                    format!("consecutive_5xx: {}", kind.failures),
                ));
                all.push(Some("enforcing_success_rate: 0".into()));
            }
            _ => {}
        }
        let lines: Vec<String> = all.into_iter().flatten().collect();
        match lines.is_empty() {
            // An empty message switches it on with its defaults.
            true => vec!["  {}".into()],
            false => lines.iter().map(|line| format!("  {line}")).collect(),
        }
    }
}
