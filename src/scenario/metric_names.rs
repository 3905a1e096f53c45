//! The names of metrics: the list of them, and which one was meant by a name that is none.

use super::nearest::nearest;
use super::phrases::with_names;
use super::report::{Diagnostic, Report};
use super::words::Unit;
use crate::record::metric::{Formula, METRICS, Metric};

/// A mistake about the name of a metric.
pub(super) fn unknown_metric(
    unit: &Unit,
    path: &[&str],
    name: &str,
    report: &Report,
) -> Diagnostic {
    let title = format!("unknown metric `{name}`");
    let mistake = unit.key_mistake(path, title, "no such metric", report);
    let near = near_metrics(name);
    with_names(mistake, name, &near).note("`squall check --help` lists all metrics")
}

/// The metrics that may have been meant: those with words of the name, and the nearest.
fn near_metrics(name: &str) -> Vec<&'static str> {
    let words = |name: &str| -> Vec<String> {
        let words = name.split(['_', '-', '.']).filter(|word| word.len() > 1);
        words.map(str::to_lowercase).collect()
    };
    let wrong = words(name);
    let shared = |metric: &str| words(metric).iter().filter(|w| wrong.contains(w)).count();
    let all = METRICS.iter().map(|metric| metric.name);
    let mut near: Vec<&str> = all.clone().filter(|metric| shared(metric) > 0).collect();
    near.sort_by_key(|metric| std::cmp::Reverse(shared(metric)));
    near.truncate(MOST_NEAR);
    let nearest = nearest(name, all);
    near.extend(nearest.filter(|nearest| !near.contains(nearest)));
    near
}

/// More names than these do not help anybody to find one.
const MOST_NEAR: usize = 6;

/// The names of all metrics in lines of at most 80 columns, each begun with `indent`: families of
/// percentiles in one word, those of the whole run with a star.
pub fn metric_list(indent: &str) -> String {
    let mut text = String::new();
    let mut line = String::from(indent);
    for name in short_names() {
        if line.len() + 2 + name.len() > 80 {
            text.push_str(line.trim_end());
            text.push('\n');
            line = indent.into();
        }
        line.push_str(&name);
        line.push_str("  ");
    }
    text.push_str(line.trim_end());
    text.push('\n');
    text
}

fn short_names() -> Vec<String> {
    let ends = |family: &str| -> Vec<&str> {
        let ends = METRICS.iter().filter_map(|m| m.name.strip_prefix(family));
        ends.map(|end| end.trim_start_matches('_')).collect()
    };
    let families = METRICS.iter().filter_map(|m| m.name.strip_suffix("_mean"));
    let families: Vec<&str> = families.collect();
    let mut names: Vec<String> = Vec::new();
    for metric in &METRICS {
        let family = families.iter().find(|f| metric.name.starts_with(**f));
        let star = if is_split_by_fault(metric) { "" } else { "*" };
        match family {
            None => names.push(format!("{}{star}", metric.name)),
            Some(family) if metric.name.ends_with("_mean") => {
                names.push(format!("{family}_{{{}}}", ends(family).join(",")));
            }
            Some(_) => {}
        }
    }
    names
}

/// Whether a metric can be asked for each fault: its sums are kept for the arrivals of each, or it is about
/// faults one by one.
pub(super) fn is_split_by_fault(metric: &Metric) -> bool {
    match metric.formula {
        Formula::Ratio(..)
        | Formula::PerSecond(_)
        | Formula::Total(..)
        | Formula::Mean(_)
        | Formula::Percentile(..)
        | Formula::ConversationCost(_)
        | Formula::Max(_)
        | Formula::Recovery
        | Formula::RecoveryMedian
        | Formula::RecoveredRatio
        | Formula::AlertDelay
        | Formula::AlertedRatio => true,
        Formula::AmplificationPeak | Formula::RunTotal(..) | Formula::LockUpShare => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_lists_every_metric() {
        let list = metric_list("#   ");
        assert!(crate::scenario::DEFAULT.contains(&list), "{list}");
        let short = "latency_good_ms_{mean,p50,p90,p95,p99,p999,max}";
        assert!(
            list.contains(short) && list.contains("lock_up_share*"),
            "{list}"
        );
        assert!(list.lines().all(|line| line.len() <= 80), "{list}");
    }

    #[test]
    fn only_what_is_near_is_offered() {
        assert_eq!(near_metrics("speed"), [""; 0]);
        assert_eq!(near_metrics("p99_latency")[0], "latency_good_ms_p99");
        assert_eq!(near_metrics("amplifcation"), ["amplification"]);
    }
}
