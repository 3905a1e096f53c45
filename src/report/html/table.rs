//! The table of policies: value, interval, verdict word under the number.

use std::fmt::Write as _;

use super::escape;
use super::figures::{mark, whisker};
use crate::record::Results;
use crate::record::metric::peak_window_ns;
use crate::record::results::{Judgement, PolicyResults};
use crate::report::chart::{Look, Scene};
use crate::report::measure::{Measure, apart};
use crate::report::number::{fixed, plain, span};
use crate::report::reading::{difference, word};
use crate::report::told::both_at_horizon;

/// Writes the table.
pub(super) fn write(out: &mut String, scene: &Scene<'_>) {
    let results = scene.results;
    let ranges: Vec<(f64, f64)> = scene
        .reading
        .headline
        .iter()
        .map(|m| range(results, m))
        .collect();
    let extra = Extra::of(results);
    out.push_str("<div class=\"scroll\"><table class=\"main\"><thead><tr>");
    heading(out, "policy", "");
    for (measure, range) in scene.reading.headline.iter().zip(&ranges) {
        let small = format!(
            "{}, {}–{}",
            measure.unit_words,
            plain(range.0, 3),
            plain(range.1, 3)
        );
        heading(out, &measure.label, &small);
    }
    let peak = if results.policies.iter().any(has_peak) {
        let window = span(peak_window_ns(results.window_ns));
        format!("mean, most in any {window}")
    } else {
        "mean".to_owned()
    };
    for measure in &extra.shares {
        heading(out, &measure.label, measure.unit_words);
    }
    for (shown, label, small) in [
        (extra.attempts, "attempts per call", peak.as_str()),
        (extra.stability, "lock-up", "runs, 95\u{202f}% bound"),
        (extra.stability, "recovery", "median after fault"),
    ] {
        if shown {
            heading(out, label, small);
        }
    }
    out.push_str("</tr></thead><tbody>\n");
    for look in scene.looks.iter() {
        row(out, scene, look, &ranges, &extra);
    }
    out.push_str("</tbody></table></div>\n");
    let words = if results.policies.len() > 1 {
        " Words judge the paired difference to the baseline, not the dots."
    } else {
        ""
    };
    let headline = scene.reading.headline.iter();
    let arrow = if results.policies.iter().any(|p| {
        headline
            .clone()
            .any(|m| p.metrics.get(&m.name).is_some_and(|e| e.at_horizon))
    }) {
        " Arrow: at the deadline, so at least that."
    } else {
        ""
    };
    let _ = writeln!(
        out,
        "<p class=\"how foot\">Dot: estimate. Bar: its 95\u{202f}% interval.{words}{arrow}</p>"
    );
}

/// Which columns besides the headline metrics there are.
struct Extra {
    /// Degraded and bad answers, where there are any.
    shares: Vec<Measure>,
    attempts: bool,
    stability: bool,
}

impl Extra {
    fn of(results: &Results) -> Extra {
        let headline = results
            .compare
            .metrics
            .iter()
            .any(|name| name == "amplification");
        Extra {
            shares: apart(results),
            attempts: !headline
                && results
                    .policies
                    .iter()
                    .any(|p| p.metrics.contains_key("amplification")),
            stability: results
                .policies
                .iter()
                .any(|p| p.stability.as_ref().is_some_and(|s| s.of > 0)),
        }
    }
}

fn heading(out: &mut String, label: &str, small: &str) {
    let _ = write!(
        out,
        "<th scope=\"col\">{}<small>{}</small></th>",
        escape(label),
        escape(small)
    );
}

/// The range the whiskers of a column share: all values and intervals, widened to round numbers.
fn range(results: &Results, measure: &Measure) -> (f64, f64) {
    let values = results
        .policies
        .iter()
        .filter_map(|policy| policy.metrics.get(&measure.name))
        .flat_map(|e| [Some(e.value), e.ci95[0], e.ci95[1]])
        .flatten()
        .map(|value| measure.scaled(value));
    let (low, high) = values.fold((f64::MAX, f64::MIN), |(lo, hi), v| (lo.min(v), hi.max(v)));
    if low > high {
        return (0.0, 1.0);
    }
    let step = crate::report::chart::round_step((high - low).max(high.abs() * 0.02), 6.0);
    // A share beyond its ends would be an interval's, not a reader's.
    let top = if measure.suffix.ends_with('%') {
        100.0
    } else {
        f64::MAX
    };
    let end = ((high / step).ceil() * step).min(top);
    let start = ((low / step).floor() * step).min(end - step).max(0.0);
    (start, end.max(start + step))
}

fn row(out: &mut String, scene: &Scene<'_>, look: &Look<'_>, ranges: &[(f64, f64)], extra: &Extra) {
    let policy = look.policy;
    let picked = scene.reading.named(scene.results) == Some(policy.name.as_str());
    let class = if picked && scene.looks.len() > 1 {
        format!(" class=\"pick k-{}\"", look.ink.name())
    } else {
        String::new()
    };
    let _ = write!(
        out,
        "<tr{class}><th scope=\"row\">{}{}{}</th>",
        mark(look),
        escape(&policy.name),
        if policy.observes {
            "<div class=\"vw\">observes only</div>"
        } else {
            ""
        }
    );
    for (measure, range) in scene.reading.headline.iter().zip(ranges) {
        metric(out, scene, look, measure, *range);
    }
    for measure in &extra.shares {
        let value = policy.metrics.get(&measure.name).map(|e| measure.value(e));
        let value = value.unwrap_or_else(|| "none".to_owned());
        let _ = write!(out, "<td>{}</td>", escape(&value));
    }
    if extra.attempts {
        attempts(out, policy);
    }
    if extra.stability {
        stability(out, policy);
    }
    out.push_str("</tr>\n");
}

fn metric(
    out: &mut String,
    scene: &Scene<'_>,
    look: &Look<'_>,
    measure: &Measure,
    range: (f64, f64),
) {
    let policy = look.policy;
    let Some(estimate) = policy.metrics.get(&measure.name) else {
        out.push_str("<td><span class=\"u\">none</span></td>");
        return;
    };
    let number = measure.number(estimate, measure.decimals(estimate));
    let verdict = verdict(scene, &policy.name, measure);
    let _ = write!(
        out,
        "<td><b>{}</b><span class=\"u\">{}</span>{}<div class=\"vw\">{verdict}</div></td>",
        escape(&number),
        escape(measure.suffix),
        whisker(measure, estimate, range, look)
    );
}

/// The word under the number.
fn verdict(scene: &Scene<'_>, policy: &str, measure: &Measure) -> String {
    if scene.results.policies.len() < 2 {
        return String::new();
    }
    if policy == scene.results.compare.baseline {
        return "baseline".to_owned();
    }
    let Some(d) = difference(scene.results, policy, &measure.name) else {
        return String::new();
    };
    match d.verdict {
        Some(Judgement::Better) => "<b class=\"good\">better</b>".to_owned(),
        Some(Judgement::Worse) => "<b class=\"bad\">worse</b>".to_owned(),
        // Of two values at the deadline no difference is known: the arrow says so.
        _ if both_at_horizon(scene.results, measure, d) => "at the deadline".to_owned(),
        Some(other) => word(other).to_owned(),
        None => String::new(),
    }
}

/// Whether the peak of attempts per call is one: retries of a crowd that arrived before the window
/// are in none, so the largest window may lie below the mean.
fn has_peak(policy: &PolicyResults) -> bool {
    let value = |name: &str| policy.metrics.get(name).map(|e| e.value);
    let (peak, mean) = (value("amplification_peak"), value("amplification"));
    peak.zip(mean).is_some_and(|(peak, mean)| peak >= mean)
}

fn attempts(out: &mut String, policy: &PolicyResults) {
    let value =
        |name: &str, decimals: usize| policy.metrics.get(name).map(|e| fixed(e.value, decimals));
    let mean = value("amplification", 2).unwrap_or_else(|| "none".to_owned());
    let peak = value("amplification_peak", 1)
        .filter(|_| has_peak(policy))
        .map_or(String::new(), |peak| format!("peak {peak}"));
    let _ = write!(
        out,
        "<td>{mean}<span class=\"u\"> ×</span><div class=\"vw\">{peak}</div></td>"
    );
}

fn stability(out: &mut String, policy: &PolicyResults) {
    let Some(s) = policy.stability.as_ref().filter(|s| s.of > 0) else {
        out.push_str("<td></td><td></td>");
        return;
    };
    let count = if s.locked > 0 {
        format!("<b class=\"bad\">{}</b>", s.locked)
    } else {
        "0".to_owned()
    };
    let bound = fixed((s.share_upper95 * 100.0).ceil(), 0);
    let _ = write!(
        out,
        "<td>{count}<span class=\"u\"> of {}</span><div class=\"vw\">≤ {bound}\u{202f}%</div></td>",
        s.of
    );
    let median = match s.recovery_median_s {
        Some(median) if median < 1.0 => "at once".to_owned(),
        Some(median) => format!("{}\u{a0}s", fixed(median, 0)),
        None => "<b class=\"bad\">never</b>".to_owned(),
    };
    let _ = write!(
        out,
        "<td>{median}<div class=\"vw\">{} of {} runs</div></td>",
        s.recovered, s.of
    );
}
