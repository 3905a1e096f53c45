//! What can be read out of answers, and what judges make of them. Every seed is printed by the
//! assertion that fails.

use squall::base::Ending;
use squall::base::wire::{Content, Finish};
use squall::world::Shown;

use crate::street::Street;

const QUICK: &str = "latency.distribution = { first-token.constant = \"1ms\" }\n";
const DRIFT: &str =
    "at = \"0s\"\nfor = \"10h\"\neffect.drift = { factor = 1.0, broken = 0.2, fenced = 0.5 }";

/// Whether a count of n coins of probability p is within 4.5 standard deviations.
fn fits(count: usize, n: usize, p: f64) -> bool {
    let (n, count) = (n as f64, count as f64);
    (count - n * p).abs() < 4.5 * (n * p * (1.0 - p)).sqrt()
}

/// What n answers hold, each with whether it is truly good.
fn answers(
    provider: &str,
    faults: &[&str],
    shown: Shown,
    n: usize,
    seed: u64,
) -> Vec<(Content, bool)> {
    let provider = format!("{QUICK}{provider}");
    let mut street = Street::seeded(&provider, faults, seed)
        .whole()
        .showing(shown);
    (0..n).for_each(|_| _ = street.send());
    street.pass(1000);
    let content = |fate: &crate::street::Fate| match fate.end {
        Some((_, Ending::Answer { content, .. })) => (content, fate.good),
        other => panic!("no answer: {other:?}"),
    };
    street.fates.iter().map(content).collect()
}

fn count(answers: &[(Content, bool)], content: Content) -> usize {
    answers.iter().filter(|(c, _)| *c == content).count()
}

#[test]
fn answers_are_text_unless_they_are_to_be_json() {
    let all = answers("", &[DRIFT], Shown::Nothing, 100, 1);
    assert_eq!(count(&all, Content::Text), 100);
    let all = answers("json = {}", &[], Shown::Nothing, 100, 1);
    assert_eq!(count(&all, Content::Json), 100);
}

#[test]
fn json_is_broken_and_fenced_in_its_shares_and_what_is_broken_is_bad() {
    let n = 20_000;
    let text = "json = { broken = 0.1, fenced = 0.25 }\nquality = 0.8";
    let all = answers(text, &[], Shown::Nothing, n, 2);
    let (broken, fenced) = (
        count(&all, Content::BrokenJson),
        count(&all, Content::FencedJson),
    );
    assert!(fits(broken, n, 0.1), "seed 2: {broken} broken of {n}");
    assert!(fits(fenced, n, 0.25), "seed 2: {fenced} fenced of {n}");
    assert!(
        all.iter()
            .all(|(c, good)| !(*good && *c == Content::BrokenJson))
    );
    // Form and meaning are two coins: 0.9 of the 0.8.
    let good = all.iter().filter(|(_, good)| *good).count();
    assert!(fits(good, n, 0.72), "seed 2: {good} good of {n}");
}

#[test]
fn drift_breaks_and_fences_what_was_whole() {
    let n = 20_000;
    let text = "json = { broken = 0.1, fenced = 0.25 }";
    let calm = answers(text, &[], Shown::Nothing, n, 3);
    let all = answers(text, &[DRIFT], Shown::Nothing, n, 3);
    // Readable: 0.9 · 0.8 = 0.72. Alone: 0.65 · 0.8 · 0.5 = 0.26. Fenced: the rest of the readable.
    let (broken, fenced) = (
        count(&all, Content::BrokenJson),
        count(&all, Content::FencedJson),
    );
    assert!(fits(broken, n, 0.28), "seed 3: {broken} broken of {n}");
    assert!(fits(fenced, n, 0.46), "seed 3: {fenced} fenced of {n}");
    // The same coin: nothing that was broken is whole.
    let mended = calm.iter().zip(&all).filter(|(before, after)| {
        before.0 == Content::BrokenJson && after.0 != Content::BrokenJson
    });
    assert_eq!(mended.count(), 0);
}

#[test]
fn json_that_stops_at_max_tokens_is_broken_and_text_is_not() {
    for (json, content, good) in [
        ("json = {}", Content::BrokenJson, false),
        ("", Content::Text, true),
    ] {
        let mut street = Street::seeded(&format!("{QUICK}{json}"), &[], 1).whole();
        street.send_sized(10, 50, 51);
        street.pass(1000);
        let cut = Ending::Answer {
            finish: Finish::Length,
            tokens: 50,
            content,
        };
        assert_eq!(street.fates[0].end.map(|(_, ending)| ending), Some(cut));
        assert_eq!(street.fates[0].good, good);
    }
}

#[test]
fn a_judge_flags_bad_answers_by_its_sensitivity_and_good_ones_by_its_specificity() {
    let n = 20_000;
    let text = "judge = { sensitivity = 0.7, specificity = 0.95 }";
    for (shown, share) in [(Shown::BadAnswer, 0.7), (Shown::GoodAnswer, 0.05)] {
        let all = answers(text, &[], shown, n, 4);
        let flagged = count(&all, Content::Flagged);
        assert!(
            fits(flagged, n, share),
            "seed 4, {shown:?}: {flagged} of {n}"
        );
        assert_eq!(flagged + count(&all, Content::Passed), n);
    }
    // Without a word about it a judge is never wrong.
    let all = answers("", &[], Shown::BadAnswer, 100, 4);
    assert_eq!(count(&all, Content::Flagged), 100);
    let all = answers("", &[], Shown::GoodAnswer, 100, 4);
    assert_eq!(count(&all, Content::Passed), 100);
}
