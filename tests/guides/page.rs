//! The published table.

use super::claim::{Claim, Figure, Sum, Verdict};

const HEAD: &str = "\
# What the guides say, and what the runs say

Five guides on calling LLM APIs, and the figures they quote. Each is answered by a run of the guide's own preset:
what was simulated, with its 95 % interval, and whether the claim holds as written. An interval says nothing about
whether the weather is right: the scenario says what was assumed. That of one policy against another takes each bound
over the other's opposite one, and is wider than it need be. Where a recommendation comes without a figure the row says
what was asked of it.

Made by `SQUALL_GUIDES=write cargo test --test guides` from `tests/guides/claims`; the same test holds it to be
of these runs.
";

/// The page of all claims.
pub(crate) fn page(answered: &[(Claim, Figure)], sums: &[Sum]) -> String {
    let mut page = HEAD.to_owned();
    page.push_str(&count(answered, sums));
    page.push_str(&findings(answered));
    let mut guide = "";
    for (claim, figure) in answered {
        if claim.guide != guide {
            guide = &claim.guide;
            page.push_str(&format!("\n## {guide} guide\n\n"));
            page.push_str("| the guide says | quoted | simulated | | why | run |\n|---|---|---|---|---|---|\n");
        }
        page.push_str(&row(claim, figure));
    }
    page.push_str(SUMS);
    for sum in sums {
        let (says, quoted, why) = (&sum.says, &sum.quoted, &sum.why);
        let verdict = in_words(sum.verdict, None);
        let (guide, value, unit) = (&sum.guide, sum.value(), &sum.unit);
        page.push_str(&format!(
            "| {guide}: {says} | {quoted} | {value:.1} {unit} | {verdict} | {why} |\n"
        ));
    }
    page
}

const SUMS: &str = "
## Sums

What follows from the quoted figures alone.

| the guide says | quoted | it is | | why |
|---|---|---|---|---|
";

/// The rows that surprise most, in the order that they say.
fn findings(answered: &[(Claim, Figure)]) -> String {
    let mut top: Vec<_> = answered.iter().filter(|(c, _)| c.top.is_some()).collect();
    top.sort_by_key(|(claim, _)| claim.top);
    let mut text = "\n## What surprises most\n\n".to_owned();
    for (claim, figure) in top {
        let (guide, says, why) = (&claim.guide, &claim.says, &claim.why);
        let verdict = in_words(claim.verdict, claim.condition.as_deref());
        text.push_str(&format!(
            "* {guide} guide: *{says}*. Quoted: {}; simulated: {}, {}; {verdict}. {why}\n",
            claim.quoted,
            shown(figure),
            of_what(claim),
        ));
    }
    text
}

fn in_words(verdict: Verdict, condition: Option<&str>) -> String {
    match verdict {
        Verdict::Holds => "**holds**".to_owned(),
        Verdict::HoldsIf => format!("**holds if** {}", condition.unwrap_or_default()),
        Verdict::DoesNotHold => "**does not hold**".to_owned(),
    }
}

fn count(answered: &[(Claim, Figure)], sums: &[Sum]) -> String {
    let claims = answered.iter().map(|(claim, _)| claim.verdict);
    let all: Vec<Verdict> = claims.chain(sums.iter().map(|sum| sum.verdict)).collect();
    let of = |verdict| all.iter().filter(|v| **v == verdict).count();
    format!(
        "\n{} rows: {} hold as written, {} hold under a condition, {} do not hold.\n",
        all.len(),
        of(Verdict::Holds),
        of(Verdict::HoldsIf),
        of(Verdict::DoesNotHold),
    )
}

fn row(claim: &Claim, figure: &Figure) -> String {
    let verdict = in_words(claim.verdict, claim.condition.as_deref());
    format!(
        "| {} | {} | {} ({}) | {verdict} | {} | `squall run scenarios/guides/{}.toml` |\n",
        claim.says,
        claim.quoted,
        shown(figure),
        of_what(claim),
        claim.why,
        claim.file(),
    )
}

/// Which figure of which policy it is, of which calls and at which point.
fn of_what(claim: &Claim) -> String {
    let mut text = format!("{} of {}", claim.metric, claim.policy);
    let point = |scenario: &str| scenario.split_once('@').map(|(_, point)| point.to_owned());
    if let Some(than) = &claim.than {
        let at = claim.than_at.as_deref().and_then(point);
        let at = at.map_or(String::new(), |at| format!(" at {at}"));
        text.push_str(&format!(" against {than}{at}"));
    }
    if let Some(during) = &claim.during {
        text.push_str(&format!(", during {during}"));
    }
    if let Some(at) = point(&claim.scenario) {
        text.push_str(&format!(", at {at}"));
    }
    text
}

/// A figure with its interval, in a unit that people read.
fn shown(figure: &Figure) -> String {
    let (scale, digits, unit) = match figure.unit.as_str() {
        "ms" if figure.value < 1_000.0 => (1.0, 1, " ms"),
        "ms" if figure.value < 120_000.0 => (1e-3, 2, " s"),
        "ms" => (1e-3 / 60.0, 1, " min"),
        "s" if figure.value >= 172_800.0 => (1.0 / 86_400.0, 1, " days"),
        "s" if figure.value >= 120.0 => (1.0 / 60.0, 1, " min"),
        "s" if figure.value >= 1.0 => (1.0, 1, " s"),
        "s" => (1e3, 1, " ms"),
        "ratio" => (100.0, 1, " %"),
        "times" => (1.0, 2, " ×"),
        "usd" => return shown_with(figure, |x| format!("${}", money(x)), ""),
        unit => match unit.strip_prefix('=') {
            Some(unit) => return shown_with(figure, plain, &format!(" {unit}")),
            None if figure.value >= 100.0 => (1.0, 0, ""),
            None => (1.0, 1, ""),
        },
    };
    shown_with(figure, |x| format!("{:.digits$}", x * scale), unit)
}

fn shown_with(figure: &Figure, text: impl Fn(f64) -> String, unit: &str) -> String {
    let value = format!("{}{unit}", text(figure.value));
    let (low, high) = (text(figure.low), text(figure.high));
    match low != high {
        true => format!("{value} [{low}, {high}]"),
        false => value,
    }
}

/// Dollars, and cents below a hundred of them.
fn money(dollars: f64) -> String {
    match dollars < 100.0 {
        true => format!("{dollars:.2}"),
        false => format!("{dollars:.0}"),
    }
}

/// Three digits or so.
fn plain(x: f64) -> String {
    let digits = match x {
        x if x < 1.0 => 3,
        x if x < 10.0 => 2,
        x if x < 100.0 => 1,
        _ => 0,
    };
    format!("{x:.digits$}")
}
