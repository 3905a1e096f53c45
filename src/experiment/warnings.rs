//! What a reader should know before trusting the numbers, in sentences.

use super::book::Book;
use super::estimate::absent::Absent;
use super::moments::variance;
use super::sample::{Sample, Spread};
use crate::record::LEAST_REPLICATIONS;
use crate::record::metric::{METRICS, Metric};
use crate::record::results::PolicyResults;

/// All warnings, those of the scenario first.
pub fn warnings(
    scenario: &[String],
    headline: &[&'static Metric],
    policies: &[PolicyResults],
    book: &Book<'_>,
) -> Vec<String> {
    let mut all = scenario.to_vec();
    all.extend(closed_loop(policies, book));
    all.extend(replications(policies));
    all.extend(policies.iter().filter_map(mixture));
    all.extend(policies.iter().filter_map(unfinished));
    all.extend(empty_scopes(policies, book));
    all.extend(gathered(
        headline.iter().flat_map(|m| about_headline(m, book)),
    ));
    all.extend(too_few(headline, book));
    all
}

fn replications(policies: &[PolicyResults]) -> Option<String> {
    let runs = policies.iter().map(|p| p.replications.len()).min()?;
    match runs {
        0 => Some("Nothing was run.".into()),
        1 => Some("One replication: values without intervals, and no verdict.".into()),
        _ if runs < LEAST_REPLICATIONS as usize => Some(format!(
            "{runs} replications: under {LEAST_REPLICATIONS} there is no verdict."
        )),
        _ => None,
    }
}

/// Who waits for answers calls less often when they are slow: fewer calls meet what is bad.
fn closed_loop(policies: &[PolicyResults], book: &Book<'_>) -> Option<String> {
    let throughput = |policy: &PolicyResults| {
        let estimate = policy.metrics.get("throughput_per_s")?;
        Some(format!("`{}` {:.4}", policy.name, estimate.value))
    };
    let all: Vec<String> = policies.iter().filter_map(throughput).collect();
    (book.setting.closed && !all.is_empty()).then(|| {
        format!(
            "A closed loop: the slower the answers, the fewer the calls. Read latencies beside the \
             throughput (calls per second: {}).",
            all.join(", ")
        )
    })
}

fn mixture(policy: &PolicyResults) -> Option<String> {
    let stability = policy.stability.as_ref().filter(|s| s.mixture)?;
    let [locked, other] = stability.success_locked_other?;
    Some(format!(
        "`{}` locked up in {} of {} runs: its means mix two kinds of run (success {:.1} % in the \
         locked, {:.1} % in the others), and no interval on them is honest.",
        policy.name,
        stability.locked,
        stability.of,
        100.0 * locked,
        100.0 * other
    ))
}

fn unfinished(policy: &PolicyResults) -> Option<String> {
    let sums = policy
        .replications
        .iter()
        .filter_map(|run| run.scopes.first());
    let calls: u64 = sums.map(|sums| sums.unfinished).sum();
    (calls > 0).then(|| {
        format!(
            "`{}`: {calls} calls were still open when their runs were cut; they count as \
             unfinished, and as H in the times.",
            policy.name
        )
    })
}

/// Scopes in which some replication saw no call: the same under every policy with open arrivals.
fn empty_scopes(policies: &[PolicyResults], book: &Book<'_>) -> Vec<String> {
    let scopes = book.setting.scopes.iter().enumerate();
    let empty = scopes.filter(|(scope, _)| {
        let runs = policies.iter().flat_map(|policy| &policy.replications);
        let mut sums = runs.filter_map(|run| run.scopes.get(*scope)).peekable();
        sums.peek().is_some() && sums.all(|sums| sums.calls == 0)
    });
    let sentence = |(place, scope): (usize, &crate::record::results::Scope)| match place {
        0 => "No call arrived after the warm-up.".to_owned(),
        _ if scope.after.is_some() || scope.during.is_some() => {
            format!("There were no calls of `{}` that count.", scope.name)
        }
        _ if !scope.is_whole() => format!("There were no {} that count.", scope.name),
        _ => format!("No call that counts arrived during `{}`.", scope.name),
    };
    empty.map(sentence).collect()
}

/// What is said of one metric of one policy.
struct Said<'a> {
    metric: &'static str,
    policy: &'a str,
    what: String,
}

/// A headline metric that is absent, or has no interval or bound, for some policy.
fn about_headline<'a>(metric: &'static Metric, book: &'a Book<'_>) -> Vec<Said<'a>> {
    let about = |policy: &&'a str| {
        let what = match book.find(policy, None, metric) {
            Err(absent) => format!("{absent}."),
            // One replication has no interval of anything; that is said once.
            Ok(sample) => match sample.interval(super::sample::LEVEL) {
                _ if sample.influence().is_some_and(|e| e.len() < 2) => return None,
                [None, None] => "has no interval, so nothing is judged by it.".to_owned(),
                [_, None] => no_upper_bound(sample).to_owned(),
                _ => return None,
            },
        };
        Some(Said {
            metric: metric.name,
            policy,
            what,
        })
    };
    book.policies.iter().filter_map(about).collect()
}

/// One sentence for all policies and metrics of which the same is said: of one metric where they are
/// several policies, else of several metrics of the policy.
fn gathered<'a>(said: impl Iterator<Item = Said<'a>>) -> Vec<String> {
    let mut groups: Vec<(Vec<&str>, Vec<&str>, String)> = Vec::new();
    for Said {
        metric,
        policy,
        what,
    } in said
    {
        let same =
            |group: &&mut (Vec<&str>, Vec<&str>, String)| group.2 == what && group.1 == [metric];
        match groups.iter_mut().find(same) {
            Some(group) => group.0.push(policy),
            None => groups.push((vec![policy], vec![metric], what)),
        }
    }
    // Metrics of which the same is said of the same policies.
    let mut whole: Vec<(Vec<&str>, Vec<&str>, String)> = Vec::new();
    for (policies, metrics, what) in groups {
        match whole.iter_mut().find(|w| w.0 == policies && w.2 == what) {
            Some(group) => group.1.extend(metrics),
            None => whole.push((policies, metrics, what)),
        }
    }
    let sentence = |(policies, metrics, what): (Vec<&str>, Vec<&str>, String)| {
        let policies: Vec<String> = policies.iter().map(|name| format!("`{name}`")).collect();
        format!("{}: {} {what}", policies.join(", "), metrics.join(", "))
    };
    whole.into_iter().map(sentence).collect()
}

/// Why an interval is open above, and whether more replications would close it.
fn no_upper_bound(sample: &Sample) -> &'static str {
    if sample.at_horizon() {
        return "lies at the deadline, where failures count: it is at least that, and no number of \
                replications would bound it from above.";
    }
    let Spread::Percentile { p, z, pooled } = &sample.spread else {
        return "has no upper bound.";
    };
    // Calls that know nothing of each other lie beyond it with this variance between runs.
    let per_run = pooled.n() as f64 / z.len() as f64;
    let by_chance = p * (1.0 - p) / per_run;
    if variance(z).is_some_and(|found| found > 4.0 * by_chance) {
        "has no upper bound: runs differ too much in how many calls lie beyond it."
    } else {
        "has no upper bound with so few calls beyond it; more replications would give one."
    }
}

/// Percentiles that are absent because too few calls lie beyond them; the headline is named apart.
fn too_few(headline: &[&'static Metric], book: &Book<'_>) -> Option<String> {
    let absent = METRICS.iter().filter(|metric| {
        let short =
            |policy: &&str| matches!(book.find(policy, None, metric), Err(Absent::TooFew { .. }));
        let apart = headline.iter().any(|h| h.name == metric.name);
        !apart && book.policies.iter().any(short)
    });
    let names: Vec<&str> = absent.map(|metric| metric.name).collect();
    (!names.is_empty()).then(|| {
        format!(
            "Absent for some policy because under 10 calls lie beyond the percentile: {}.",
            names.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::experiment::fixture::{run, scenario, weather};
    use crate::experiment::{Frame, results};
    use crate::record::Replication;

    /// The warnings of one policy, each run changed by hand.
    fn warned(n: u32, change: impl Fn(u32, &mut Replication)) -> Vec<String> {
        let runs = (0..n).map(|r| {
            let mut run = run(r, 1970 - weather(r) / 2, 0, false);
            change(r, &mut run);
            run
        });
        let frame = Frame {
            window_ns: 1_000_000_000,
        };
        results(&scenario(&["plain"], vec![]), vec![runs.collect()], frame).warnings
    }

    #[test]
    fn a_plain_experiment_has_nothing_to_warn_of() {
        assert_eq!(warned(32, |_, _| ()), [] as [&str; 0]);
    }

    #[test]
    fn what_a_reader_must_know_is_said() {
        let open = warned(32, |_, run| run.scopes[0].unfinished = 2);
        assert!(
            open[0].starts_with("`plain`: 64 calls were still open"),
            "{open:?}"
        );
        let silent = warned(32, |_, run| run.scopes[1] = Default::default());
        assert_eq!(silent, ["No call that counts arrived during `outage`."]);
        let one = warned(1, |_, _| ());
        assert!(one[0].starts_with("One replication"), "{one:?}");
        let few = warned(4, |_, _| ());
        assert!(few[0].starts_with("4 replications: under 16"), "{few:?}");
        assert!(few[1].contains("latency_good_ms_p999"), "{few:?}");
    }

    #[test]
    fn what_is_said_of_several_is_said_once() {
        let said = |metric, policy, what: &str| super::Said {
            metric,
            policy,
            what: what.to_owned(),
        };
        let all = [
            said("cost", "a", "does not apply."),
            said("cost", "b", "does not apply."),
            said("p99", "a", "has no upper bound."),
            said("p999", "a", "has no upper bound."),
            said("p999", "c", "has no interval."),
        ];
        assert_eq!(
            super::gathered(all.into_iter()),
            [
                "`a`, `b`: cost does not apply.",
                "`a`: p99, p999 has no upper bound.",
                "`c`: p999 has no interval.",
            ]
        );
    }

    #[test]
    fn a_headline_without_an_upper_bound_is_named() {
        // In every other run half of the calls fail: how many of a hundred is anybody's guess.
        let wild = warned(4, |r, run| {
            if r % 2 == 0 {
                run.scopes[0].latency_good.histogram.counts =
                    vec![(1_000_000, 1000), (2_000_000, 1000)];
            }
        });
        let named = |w: &String| w.contains("latency_good_ms_p99 has no upper bound: runs differ");
        assert!(wild.iter().any(named), "{wild:?}");
        // In every run one call in fifty fails: p99 is the deadline, whatever is added.
        let down = warned(32, |_, run| {
            run.scopes[0].latency_good.max_ns = 60_000_000_000;
            run.scopes[0].latency_good.histogram.counts = vec![(1_000_000, 1960), (60_000_000, 40)];
        });
        assert!(
            !down.iter().any(|w| w.contains("replications would give")),
            "{down:?}"
        );
        // In every other run all fail.
        let half = warned(4, |r, run| {
            run.scopes[0].latency_good.max_ns = 60_000_000_000;
            if r % 2 == 0 {
                run.scopes[0].latency_good.histogram.counts = vec![(60_000_000, 2000)];
            }
        });
        let named = |w: &String| w.contains("latency_good_ms_p99 lies at the deadline");
        assert!(half.iter().any(named), "{half:?}");
    }
}
