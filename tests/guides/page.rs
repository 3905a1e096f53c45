//! The published table.

use super::claim::{Claim, Figure, Sum, Verdict};

const HEAD: &str = "\
# What the guides say, and what the runs say

Five guides on calling LLM APIs, and the figures they quote. Each is answered by a run of the guide's own preset:
what was simulated, with its 95 % interval, and whether the claim holds as written. An interval says nothing about
whether the weather is right: the scenario says what was assumed.

Made by `SQUALL_GUIDES=write cargo test --test guides` from `tests/guides/claims.toml`; the same test holds it to be
of these runs.
";

/// The page of all claims.
pub(crate) fn page(answered: &[(Claim, Figure)], sums: &[Sum]) -> String {
    let mut page = HEAD.to_owned();
    page.push_str(&count(answered, sums));
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
    let during = claim.during.as_ref();
    let during = during.map_or(String::new(), |fault| format!(", during {fault}"));
    let than = claim.than.as_ref();
    let than = than.map_or(String::new(), |than| format!(" against {than}"));
    format!(
        "| {} | {} | {} ({} of {}{than}{during}) | {verdict} | {} | `squall run scenarios/guides/{}.toml` |\n",
        claim.says,
        claim.quoted,
        shown(figure),
        claim.metric,
        claim.policy,
        claim.why,
        claim.file(),
    )
}

/// A figure with its interval, in a unit that people read.
fn shown(figure: &Figure) -> String {
    let (scale, digits, unit) = match figure.unit.as_str() {
        "ms" if figure.value < 1_000.0 => (1.0, 1, " ms"),
        "ms" => (1e-3, 2, " s"),
        "ratio" => (100.0, 1, " %"),
        "times" => (1.0, 2, " ×"),
        _ => (1.0, 1, ""),
    };
    let text = |x: f64| format!("{:.digits$}", x * scale);
    let value = format!("{}{unit}", text(figure.value));
    match figure.low < figure.high {
        true => format!("{value} [{}, {}]", text(figure.low), text(figure.high)),
        false => value,
    }
}
