//! Every preset against its recordings; what `squall explain` says of that is counted here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{env, fs};

use crate::breakers::{self, Timeline};
use crate::retries::{Done, recorded, replayed};
use crate::script::{cases, recording, text};
use crate::table::{RETRIES, Row, policy};
use crate::timelines::{self, BREAKERS};

/// Their floats against our nanoseconds: a few nanoseconds (each attempt takes one), a relative 10⁻¹²,
/// and to what they round.
fn alike(ours: &Done, theirs: &Done, grain: u64) -> bool {
    let close = |(a, b): (&u64, &u64)| a.abs_diff(*b) <= 10 + b / 1_000_000_000_000 + grain;
    ours.sent == theirs.sent
        && ours.succeeded == theirs.succeeded
        && ours.waits.len() == theirs.waits.len()
        && ours.waits.iter().zip(&theirs.waits).all(close)
}

/// What came of one row.
#[derive(Default)]
struct Told {
    /// Decisions that agree: one after each attempt.
    decisions: usize,
    differences: String,
    not_expressed: BTreeMap<&'static str, usize>,
}

fn compare(row: &Row) -> Told {
    let recording = recording(row.stem);
    let mut told = Told::default();
    let mut used = vec![false; row.otherwise.len()];
    for case in cases(&recording) {
        let name = text(case, "name");
        let Some(settings) = (row.settings)(case) else {
            *told
                .not_expressed
                .entry("settings of another policy")
                .or_default() += 1;
            continue;
        };
        let ours = match replayed(&policy(row.preset, &settings), case, row.mirrored) {
            Ok(done) => done,
            Err(why) => {
                *told.not_expressed.entry(why).or_default() += 1;
                continue;
            }
        };
        let theirs = recorded(case);
        let known = row
            .otherwise
            .iter()
            .position(|(begins, _)| name.starts_with(begins));
        match (alike(&ours, &theirs, row.grain), known) {
            (true, _) => told.decisions += theirs.sent,
            (false, Some(known)) => used[known] = true,
            (false, None) => {
                let _ = writeln!(
                    told.differences,
                    "{name}\n  theirs {theirs:?}\n  ours   {ours:?}"
                );
            }
        }
    }
    for ((begins, _), _) in row.otherwise.iter().zip(used).filter(|(_, used)| !used) {
        let _ = writeln!(told.differences, "no longer decided otherwise: {begins}");
    }
    told
}

/// The same for a breaker: one decision a step.
fn compare_breaker(row: &timelines::Row) -> Told {
    let recording = recording(row.stem);
    let mut told = Told::default();
    let mut used = vec![false; row.otherwise.len()];
    for case in cases(&recording) {
        let name = text(case, "name");
        let Some(settings) = (row.settings)(case) else {
            *told
                .not_expressed
                .entry("settings of another policy")
                .or_default() += 1;
            continue;
        };
        let mut timeline = Timeline::new(&policy(row.preset, &settings));
        let steps = case["steps"].as_array().expect("a timeline");
        let mut differs = None;
        for step in steps {
            let ours = timeline.step(step, row.cancel_fails);
            let theirs = breakers::recorded(step);
            if ours != theirs {
                differs = Some(format!(
                    "{name}\n  at     {step}\n  theirs {theirs:?}\n  ours   {ours:?}"
                ));
                break;
            }
        }
        let known = row
            .otherwise
            .iter()
            .position(|(part, _)| name.contains(part));
        match (differs, known) {
            (None, _) => told.decisions += steps.len(),
            (Some(_), Some(known)) => used[known] = true,
            (Some(how), None) => {
                let _ = writeln!(told.differences, "{how}");
            }
        }
    }
    for ((part, _), _) in row.otherwise.iter().zip(used).filter(|(_, used)| !used) {
        let _ = writeln!(told.differences, "no longer decided otherwise: {part}");
    }
    told
}

#[test]
fn every_preset_decides_as_its_package_did() {
    let retries = RETRIES
        .iter()
        .map(|row| (row.preset, row.stem, compare(row)));
    let breakers = BREAKERS
        .iter()
        .map(|row| (row.preset, row.stem, compare_breaker(row)));
    let (mut wrong, mut lines) = (String::new(), Vec::new());
    for (preset, stem, told) in retries.chain(breakers) {
        println!(
            "{preset} {stem} {} {:?}",
            told.decisions, told.not_expressed
        );
        if !told.differences.is_empty() {
            let _ = writeln!(wrong, "== {preset} and {stem}\n{}", told.differences);
        }
        assert!(told.decisions > 0, "{preset}: nothing was compared");
        let recording = recording(stem);
        let (package, version) = (text(&recording, "package"), text(&recording, "version"));
        lines.push(format!("{preset} {package} {version} {}\n", told.decisions));
    }
    assert!(wrong.is_empty(), "{wrong}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/scenario/verified.txt");
    let counted = lines.concat();
    if env::var("SQUALL_VERIFIED").is_ok_and(|word| word == "write") {
        fs::write(path, &counted).expect("the table can be written");
    }
    let written = fs::read_to_string(path).expect("the table");
    assert_eq!(
        written, counted,
        "SQUALL_VERIFIED=write cargo test --test golden renews it"
    );
}
