//! From a text to estimates, and the rule of every law.

use squall::experiment;
use squall::record::results::Estimate;
use squall::record::{Replication, Results};
use squall::scenario::{Scenario, Style, check_str};
use squall::sim::{self, Outcome, Setup};

/// Exact laws of means and ratios hold within 2 %.
pub(crate) const MEAN: f64 = 0.02;
/// Exact laws of 99th percentiles hold within 4 %.
pub(crate) const P99: f64 = 0.04;

/// The one scenario of a text.
pub(crate) fn scenario(text: &str) -> Scenario {
    let style = Style {
        color: false,
        unicode: true,
    };
    let mut points = match check_str("law.toml", text) {
        Ok(points) => points,
        Err(mistakes) => panic!("{}", mistakes.render(style)),
    };
    assert_eq!(points.len(), 1, "a law is one scenario");
    points.remove(0)
}

/// What came of all runs of a scenario.
pub(crate) struct Flown {
    /// As `squall run` would write it.
    pub(crate) results: Results,
}

/// Runs every policy of a text as often as it says.
pub(crate) fn fly(text: &str) -> Flown {
    fly_scenario(&scenario(text))
}

/// Runs every policy of a scenario as often as it says.
pub(crate) fn fly_scenario(scenario: &Scenario) -> Flown {
    let setup = Setup::new(scenario).expect("the policies fit the providers");
    let replications = scenario.run.replications;
    println!("seed {}, R = {replications}", scenario.run.seed);
    let all = |policy| (0..replications).map(|r| run(&setup, policy, r)).collect();
    let runs = (0..setup.policies.len()).map(all).collect();
    let frame = experiment::Frame {
        window_ns: setup.frame.window.0,
    };
    Flown {
        results: experiment::results(scenario, runs, frame),
    }
}

/// One run, with the identities that hold exactly whatever the scenario is.
pub(crate) fn run(setup: &Setup<'_>, policy: usize, replication: u32) -> Replication {
    let Outcome { replication, audit } = sim::run(setup, policy, replication);
    assert_eq!(
        audit.calls_integral_ns, audit.calls_time_ns,
        "Little: the integral of the number of calls is the sum of their times"
    );
    assert_eq!(audit.billed_pico_usd, audit.clients_pico_usd);
    assert!(audit.attempts_ended <= audit.attempts);
    let all = &replication.scopes[0];
    assert_eq!(
        all.calls,
        all.success + all.degraded + all.failed + all.unfinished,
        "verdicts partition the calls"
    );
    replication
}

impl Flown {
    /// The replications of a policy.
    pub(crate) fn runs(&self, policy: &str) -> &[Replication] {
        let found = self.results.policies.iter().find(|p| p.name == policy);
        &found.expect("the policy is in the file").replications
    }

    /// The estimate of a metric of a policy over all calls.
    pub(crate) fn metric(&self, policy: &str, metric: &str) -> Estimate {
        let found = self.results.policies.iter().find(|p| p.name == policy);
        let metrics = &found.expect("the policy is in the file").metrics;
        let estimate = metrics.get(metric);
        estimate.expect("the metric applies").clone()
    }

    /// Asserts a law of a metric of a policy, within a share of its value.
    pub(crate) fn law(&self, policy: &str, metric: &str, law: f64, within: f64) {
        let what = format!("{policy}: {metric}");
        holds(&what, &self.metric(policy, metric), law, within);
    }
}

/// The rule: |estimate − law| ≤ tolerance and se ≤ tolerance ÷ 4, over 50 replications or more.
pub(crate) fn holds(what: &str, estimate: &Estimate, law: f64, within: f64) {
    let tolerance = within * law.abs();
    let se = estimate
        .se
        .expect("every law is of a statistic with a standard error");
    let value = estimate.value;
    let off = (value - law) / law;
    println!(
        "{what}: {value:.5e}, law {law:.5e}, off by {:+.2} % ± {:.2} % (tolerance {:.1} %)",
        100.0 * off,
        100.0 * se / law.abs(),
        100.0 * within
    );
    assert!(estimate.n >= 50, "{what}: only {} replications", estimate.n);
    assert!(
        (value - law).abs() <= tolerance,
        "{what}: {value} is not {law} ± {tolerance}"
    );
    assert!(
        se <= tolerance / 4.0,
        "{what}: a standard error of {se} cannot show {law} ± {tolerance}"
    );
}
