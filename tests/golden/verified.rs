//! Every preset against its recordings; what `squall explain` says of that is counted here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{env, fs};

use crate::breakers::{self, Timeline};
use crate::cooldowns::{self, COOLDOWNS, Group};
use crate::groups::{self, GROUPS};
use serde_json::Value;
use squall::base::Duration;
use squall::policy::Config;

use crate::monitors::{self, MONITORS};
use crate::retries::{Done, calls, recorded, replayed};
use crate::script::{cases, numbers, recording, text};
use crate::strategies::{self, STRATEGIES};
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

/// Attempts sent in a case: after each it was decided what follows.
fn decisions(case: &Value) -> usize {
    calls(case).iter().map(|call| recorded(call).sent).sum()
}

/// How a preset decides otherwise in a case, if it does.
///
/// # Errors
/// What in the case cannot be expressed.
fn differs(row: &Row, config: &Config, case: &Value) -> Result<Option<String>, &'static str> {
    let ours = replayed(config, case, row.mirrored)?;
    let calls = calls(case).iter().zip(ours);
    let mut differing = calls.filter(|(call, (ours, took))| !same(call, ours, *took, row.grain));
    Ok(differing.next().map(|(call, (ours, took))| {
        let theirs = recorded(call);
        format!("  {call}\n  theirs {theirs:?}\n  ours   {ours:?}, in all {took:?}")
    }))
}

/// Whether our call went as theirs did. Where their limiter slept as well only the sum can be told.
fn same(call: &Value, ours: &Done, took: Duration, grain: u64) -> bool {
    let theirs = recorded(call);
    let their_sum = match (call["at_s"].as_f64(), call["until_s"].as_f64()) {
        (Some(at), Some(until)) => until - at,
        _ if call["paced_s"].is_array() => {
            let slept = ["waits_s", "paced_s"].map(|key| numbers(call, key));
            slept.iter().flatten().sum()
        }
        _ => return alike(ours, &theirs, grain),
    };
    ours.sent == theirs.sent
        && ours.succeeded == theirs.succeeded
        && took.0.abs_diff(Duration::from_s_f64(their_sum).0) <= SLEEPS
}

/// Their limiter sleeps a nanosecond at least, and again until its floats add up to a token; in ns.
const SLEEPS: u64 = 100;

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
        let differs = match differs(row, &policy(row.preset, &settings), case) {
            Ok(differs) => differs,
            Err(why) => {
                *told.not_expressed.entry(why).or_default() += 1;
                continue;
            }
        };
        let known = row
            .otherwise
            .iter()
            .position(|(begins, _)| name.starts_with(begins));
        match (differs, known) {
            (None, _) => told.decisions += decisions(case),
            (Some(_), Some(known)) => used[known] = true,
            (Some(how), None) => {
                let _ = writeln!(told.differences, "{name}\n{how}");
            }
        }
    }
    for ((begins, _), _) in row.otherwise.iter().zip(used).filter(|(_, used)| !used) {
        let _ = writeln!(told.differences, "no longer decided otherwise: {begins}");
    }
    told
}

/// The same along timelines, step by step: what of a step differs, if anything.
fn along(
    (stem, otherwise): (&str, &'static [(&'static str, &'static str)]),
    settings: fn(&Value) -> Option<String>,
    mut differs: impl FnMut(&Value, &str) -> Result<Option<String>, &'static str>,
) -> Told {
    let recording = recording(stem);
    let mut told = Told::default();
    let mut used = vec![false; otherwise.len()];
    for case in cases(&recording) {
        let name = text(case, "name");
        let how = match settings(case).map(|settings| differs(case, &settings)) {
            Some(Ok(how)) => how,
            without => {
                let why = without
                    .and_then(Result::err)
                    .unwrap_or("settings of another policy");
                *told.not_expressed.entry(why).or_default() += 1;
                continue;
            }
        };
        let known = otherwise.iter().position(|(part, _)| name.contains(part));
        match (how, known) {
            (None, _) => {
                let steps = case["steps"].as_array().map(Vec::len);
                told.decisions += steps.unwrap_or_else(|| decisions(case));
            }
            (Some(_), Some(known)) => used[known] = true,
            (Some(how), None) => {
                let _ = writeln!(told.differences, "{name}\n{how}");
            }
        }
    }
    for ((part, _), _) in otherwise.iter().zip(used).filter(|(_, used)| !used) {
        let _ = writeln!(told.differences, "no longer decided otherwise: {part}");
    }
    told
}

fn compare_breaker(row: &timelines::Row) -> Told {
    along((row.stem, row.otherwise), row.settings, |case, settings| {
        let mut timeline = Timeline::new(&policy(row.preset, settings));
        let steps = case["steps"].as_array().expect("a timeline");
        let step = |step| {
            let (ours, theirs) = (
                timeline.step(step, row.cancel_fails),
                breakers::recorded(step),
            );
            (ours != theirs)
                .then(|| format!("  at     {step}\n  theirs {theirs:?}\n  ours   {ours:?}"))
        };
        Ok(steps.iter().find_map(step))
    })
}

fn compare_cooldown(row: &cooldowns::Row) -> Told {
    along((row.stem, row.otherwise), row.settings, |case, settings| {
        let mut group = Group::new(&policy(row.preset, settings), case);
        for step in case["steps"].as_array().expect("a timeline") {
            let (ours, theirs) = (group.step(step)?, cooldowns::recorded(step));
            if ours != theirs {
                return Ok(Some(format!(
                    "  at     {step}\n  theirs {theirs:?}\n  ours   {ours:?}"
                )));
            }
        }
        Ok(None)
    })
}

/// A decision after each number: to alarm or not.
fn compare_monitor(row: &monitors::Row) -> Told {
    let recording = recording(row.stem);
    let mut told = Told::default();
    let its = |case: &&Value| text(case, "detector") == row.detector;
    for case in cases(&recording).iter().filter(its) {
        let stream = monitors::stream(&recording, case);
        let config = policy(row.preset, &row.settings(case));
        let (ours, theirs) = (monitors::alarms(&config, &stream), monitors::recorded(case));
        if ours == theirs {
            told.decisions += stream.len();
        } else {
            let name = text(case, "name");
            let _ = writeln!(
                told.differences,
                "{name}\n  theirs {theirs:?}\n  ours   {ours:?}"
            );
        }
    }
    told
}

fn compare_strategy(row: &strategies::Row) -> Told {
    along((row.stem, row.otherwise), row.settings, |case, settings| {
        let mut group = strategies::Group::new(&policy(row.preset, settings), case);
        let steps = case["steps"].as_array().expect("a timeline");
        Ok(steps.iter().find_map(|step| {
            let (ours, theirs) = (group.step(step), strategies::recorded(step));
            let agrees = strategies::alike(&ours, &theirs, step["weights"].is_object());
            (!agrees).then(|| format!("  at     {step}\n  theirs {theirs:?}\n  ours   {ours:?}"))
        }))
    })
}

fn compare_group(row: &cooldowns::Row) -> Told {
    along((row.stem, row.otherwise), row.settings, |case, settings| {
        let (ours, theirs) = (
            groups::replayed(&policy(row.preset, settings), case)?,
            groups::recorded(case),
        );
        Ok((ours != theirs).then(|| format!("  theirs {theirs:?}\n  ours   {ours:?}")))
    })
}

#[test]
fn every_preset_decides_as_its_package_did() {
    let retries = RETRIES
        .iter()
        .map(|row| (row.preset, row.stem, compare(row)));
    let breakers = BREAKERS
        .iter()
        .map(|row| (row.preset, row.stem, compare_breaker(row)));
    let cooldowns = COOLDOWNS
        .iter()
        .map(|row| (row.preset, row.stem, compare_cooldown(row)));
    let strategies = STRATEGIES
        .iter()
        .map(|row| (row.preset, row.stem, compare_strategy(row)));
    let groups = GROUPS
        .iter()
        .map(|row| (row.preset, row.stem, compare_group(row)));
    let (mut wrong, mut lines) = (String::new(), Vec::new());
    let monitors = MONITORS.iter().flat_map(|row| {
        let of = |name| (name, row.stem, compare_monitor(row));
        [of(row.preset), of(row.kind)]
    });
    let all = retries.chain(breakers).chain(cooldowns).chain(strategies);
    for (preset, stem, told) in all.chain(groups).chain(monitors) {
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
