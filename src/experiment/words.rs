//! Estimates in words: as many digits as the interval is worth, with units people use.

use std::cmp::Ordering;

use crate::record::metric::Metric;
use crate::record::results::Bound;

use super::needed::ONE_SIDED;
use super::sample::{Sample, Spread, hits, possible};

/// How numbers of a unit are shown.
struct Shown {
    factor: f64,
    before: &'static str,
    after: &'static str,
}

/// The unit of a difference of two ratios.
const POINTS: &str = "points";

/// The unit in which a difference of a metric is told.
pub fn unit_of_difference(metric: &Metric) -> &'static str {
    if metric.unit == "ratio" {
        POINTS
    } else {
        metric.unit
    }
}

/// Milliseconds from a thousand up are seconds; ratios are percentages.
fn shown(unit: &str, magnitude: f64) -> Shown {
    let (factor, before, after) = match unit {
        "ratio" => (100.0, "", " %"),
        POINTS => (100.0, "", " points"),
        "ms" if magnitude.abs() >= 1000.0 => (0.001, "", " s"),
        "ms" => (1.0, "", " ms"),
        "s" => (1.0, "", " s"),
        "per_s" => (1.0, "", "/s"),
        "usd" => (1.0, "$", ""),
        _ => (1.0, "", ""),
    };
    Shown {
        factor,
        before,
        after,
    }
}

/// A number as a person would write it: six significant digits, no trailing zeros. For limits.
pub fn amount(value: f64, unit: &str) -> String {
    with_digits(value, unit, 6)
}

/// How far something may be off: nobody means more than three digits of it.
pub fn tolerance(value: f64, unit: &str) -> String {
    with_digits(value, unit, TOLERANCE_DIGITS)
}

/// Significant digits of a tolerance.
const TOLERANCE_DIGITS: i32 = 3;

fn with_digits(value: f64, unit: &str, significant: i32) -> String {
    let shown = shown(unit, value);
    let scaled = value * shown.factor;
    let text = format!("{scaled:.*}", decimals(scaled, significant));
    let text = match text.split_once('.') {
        Some(_) => text.trim_end_matches('0').trim_end_matches('.'),
        None => &text,
    };
    format!("{}{text}{}", shown.before, shown.after)
}

/// On which side of what it was held against a number lies. What is printed of it lies there too.
pub type Judged<'a> = &'a dyn Fn(f64) -> Ordering;

/// Nothing was judged.
pub const UNJUDGED: Judged<'static> = &|_| Ordering::Equal;

/// Which of two numbers is larger; what only rounding tells apart is equal.
pub fn compare(x: f64, y: f64) -> Ordering {
    if (x - y).abs() <= 1e-9 * y.abs() {
        Ordering::Equal
    } else {
        x.total_cmp(&y)
    }
}

/// On which side of a range a number lies; its ends are inside.
pub fn side_of(x: f64, [low, high]: [f64; 2]) -> Ordering {
    match (compare(x, low), compare(x, high)) {
        (Ordering::Less, _) => Ordering::Less,
        (_, Ordering::Greater) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

/// A value with the bound that decides about it, of the one-sided 95 % bounds the lower or the
/// upper: `1.37, at most 1.39`, `27.3 s, no upper bound`, `≥ 60 s, at least 60 s`; with None what
/// is judged by the value alone.
pub fn found(sample: &Sample, metric: &Metric, bound: Option<Bound>, judged: Judged<'_>) -> String {
    let Some(side) = bound else {
        let alone = like(sample.value, sample.value, 0.0, metric.unit, judged);
        return format!("{}{alone}", before(sample));
    };
    let bound = one_sided(sample, side, metric.unit);
    let (words, none) = match side {
        Bound::AtLeast => ("at least", "no lower bound"),
        Bound::AtMost => ("at most", "no upper bound"),
    };
    let reach = bound.map_or(0.0, |bound| (bound - sample.value).abs());
    let value = number(sample.value, reach, metric.unit);
    let bound = match bound {
        // In the unit and with the digits of the value, whatever its own size.
        Some(bound) => {
            let bound = like(bound, sample.value, reach, metric.unit, judged);
            format!("{words} {bound}")
        }
        None => none.to_owned(),
    };
    format!("{}{value}, {bound}", before(sample))
}

/// A one-sided 95 % bound, if there is one.
pub fn one_sided(sample: &Sample, side: Bound, unit: &str) -> Option<f64> {
    let [low, high] = possible(sample.interval(ONE_SIDED), unit);
    match side {
        Bound::AtLeast => low,
        Bound::AtMost => high,
    }
}

/// A value with its standard error, as laws are judged by it: `1.203, standard error 0.0021
/// (0.0025 allowed)`.
pub fn with_error(sample: &Sample, metric: &Metric, most: f64, judged: Judged<'_>) -> String {
    let (x, se) = (sample.value, sample.se());
    let value = like(x, x, se.unwrap_or(0.0), metric.unit, judged);
    let unit = unit_of_difference(metric);
    let error = se.map_or(String::new(), |se| {
        let (se, most) = apart(se, most, unit);
        format!(", standard error {se} ({most} allowed)")
    });
    format!("{}{value}{error}", before(sample))
}

/// A number and the most it may be, both with so many digits that one beyond it is seen to be.
fn apart(x: f64, most: f64, unit: &str) -> (String, String) {
    let both = |digits| {
        (
            with_digits(x, unit, digits),
            with_digits(most, unit, digits),
        )
    };
    let is_seen = |(x, most): &(String, String)| x != most;
    let beyond = compare(x, most) == Ordering::Greater;
    let more = (TOLERANCE_DIGITS..=MOST_DECIMALS as i32).map(both);
    let seen = beyond.then(|| more.into_iter().find(is_seen)).flatten();
    seen.unwrap_or_else(|| both(TOLERANCE_DIGITS))
}

/// What stands before a value: "≥ " where failures sit, and how many of the runs say so.
fn before(sample: &Sample) -> String {
    let at_least = if sample.at_horizon() { "≥ " } else { "" };
    let runs = match &sample.spread {
        Spread::Share(answers) => {
            let (hits, of) = hits(answers);
            format!("{hits} of {of} runs, ")
        }
        _ => String::new(),
    };
    format!("{runs}{at_least}")
}

/// A value with an interval in a unit.
pub fn interval(
    value: f64,
    [low, high]: [Option<f64>; 2],
    unit: &str,
    judged: Judged<'_>,
) -> String {
    let shown = shown(unit, value);
    // The farther bound says how much the value is worth.
    let reach = [low, high]
        .into_iter()
        .flatten()
        .map(|bound| (bound - value).abs());
    let reach = reach.fold(0.0, f64::max);
    if low.is_none() && high.is_none() {
        return number(value, reach, unit);
    }
    let enough = |bound: f64| enough(bound, worth(value, reach, &shown), &shown, judged);
    let decimals = [low.map(enough), high.map(enough)];
    let decimals = decimals.into_iter().flatten().max().unwrap_or_default();
    let (sign, digits) = signed(value * shown.factor, decimals);
    let text = format!("{sign}{}{digits}{}", shown.before, shown.after);
    let bound = |x: Option<f64>| {
        x.map_or("none".to_owned(), |x| {
            let (sign, digits) = signed(x * shown.factor, decimals);
            format!("{sign}{digits}")
        })
    };
    format!("{text} [{}, {}]", bound(low), bound(high))
}

/// A value in its unit, with the digits that an interval of this reach is worth: `−$0.000349`.
fn number(value: f64, reach: f64, unit: &str) -> String {
    like(value, value, reach, unit, UNJUDGED)
}

/// A number in the unit and with the digits in which another is shown; with more where those would
/// put it on the other side of what it was held against.
fn like(x: f64, value: f64, reach: f64, unit: &str, judged: Judged<'_>) -> String {
    let shown = shown(unit, value);
    let decimals = enough(x, worth(value, reach, &shown), &shown, judged);
    let (sign, digits) = signed(x * shown.factor, decimals);
    format!("{sign}{}{digits}{}", shown.before, shown.after)
}

/// The decimals, from so many up, with which a number is printed on the side where it lies.
fn enough(x: f64, least: usize, shown: &Shown, judged: Judged<'_>) -> usize {
    let printed = |decimals: usize| {
        let digits = format!("{:.decimals$}", x * shown.factor);
        digits
            .parse()
            .map_or(x, |scaled: f64| scaled / shown.factor)
    };
    let lies_there = |&decimals: &usize| judged(printed(decimals)) == judged(x);
    (least..=MOST_DECIMALS).find(lies_there).unwrap_or(least)
}

/// Cents of a cent of a cent are enough for anybody.
const MOST_DECIMALS: usize = 12;

/// Decimals: one digit of the interval's reach, two where it begins with a one.
fn worth(value: f64, reach: f64, shown: &Shown) -> usize {
    let (reach, scaled) = (reach * shown.factor, value * shown.factor);
    let worth = decimals(reach * 0.501, 1);
    match (reach > 0.0, scaled == 0.0) {
        (true, true) => worth,
        (true, false) => worth.min(decimals(scaled, 6)),
        (false, _) => decimals(scaled, 4),
    }
}

/// The sign and the digits of a number; what rounds to nothing has no sign.
fn signed(x: f64, decimals: usize) -> (&'static str, String) {
    let text = format!("{:.decimals$}", x.abs());
    let nothing = text.chars().all(|c| c == '0' || c == '.');
    let sign = if x < 0.0 && !nothing { "−" } else { "" };
    (sign, text)
}

/// Decimal places that show so many significant digits.
fn decimals(value: f64, significant: i32) -> usize {
    let value = value.abs();
    if value == 0.0 || !value.is_finite() {
        return 0;
    }
    let place = libm::floor(libm::log10(value)) as i32;
    let places = usize::try_from(significant - 1 - place).unwrap_or(0);
    places.min(MOST_DECIMALS)
}

#[cfg(test)]
mod tests;
