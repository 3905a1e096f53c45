//! Limits that nothing can meet, or that no number of runs can show to be met.

use super::super::quantity::Quantity;
use super::super::report::{Diagnostic, Report};
use super::super::typing::Typed;
use super::{At, Limit, Written};
use crate::record::metric::{Formula, Metric};
use crate::record::results::Bound;

/// What nothing could meet, or no number of runs show.
pub(super) fn impossible(
    typed: &Typed<Written>,
    path: &[&str],
    metric: &Metric,
    side: Bound,
    quantity: &Quantity,
    report: &mut Report,
) -> Option<Diagnostic> {
    let mistake = |title: String, label: &str, help: &str| {
        Some(typed.unit.mistake(path, title, label, report).help(help))
    };
    if matches!(metric.formula, Formula::Max(_)) {
        let title = format!("no runs can show a limit on `{}`", metric.name);
        let help = "the largest seen says nothing of how large the next may be: limit a percentile, such as \
                    _p999";
        return mistake(title, "a maximum has no interval", help);
    }
    if quantity.times().is_some() {
        return None;
    }
    let at = quantity.of(metric).ok()?;
    let most = if metric.unit == "ratio" {
        1.0
    } else {
        f64::INFINITY
    };
    let within = match side {
        Bound::AtLeast => at >= 0.0 && at <= most && at.is_finite(),
        Bound::AtMost => at >= 0.0 && at.is_finite(),
    };
    if within {
        return None;
    }
    let title = format!("no policy can meet this limit on `{}`", metric.name);
    let help = match most.is_finite() {
        true => "shares lie between 0 and 1, or 0% and 100%",
        false => "no metric is negative, and a limit is a number",
    };
    mistake(title, "out of what it can be", help)
}

/// Limits of one metric that leave nothing between them.
pub(in crate::scenario) fn contradictions(
    limits: &[Limit],
    typed: &Typed<Written>,
    report: &mut Report,
) {
    for limit in limits {
        let (At::Value(most), Bound::AtMost) = (limit.at, limit.side) else {
            continue;
        };
        let least = limits.iter().find_map(|other| match other.at {
            At::Value(least) if other.side == Bound::AtLeast => {
                (other.metric.name == limit.metric.name).then_some(least)
            }
            _ => None,
        });
        if least.is_some_and(|least| least > most) {
            let path = ["limits", limit.metric.name, "max"];
            let title = format!("`{}` cannot be both", limit.metric.name);
            let mistake = typed.unit.mistake(&path, title, "below its `min`", report);
            typed.unit.push(
                &path,
                mistake.help("swap `min` and `max`, or leave one out"),
                report,
            );
        }
    }
}
