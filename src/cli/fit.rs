//! `squall fit`: a scenario made of a log of calls, put to the proof, or a profile held against it.

use std::path::{Path, PathBuf};

use crate::experiment::fit::against::{Row, against, names};
use crate::experiment::fit::distance::{LEVELS, W1_WITHIN, WITHIN};
use crate::experiment::fit::latency::Law;
use crate::experiment::fit::log::{Format, Log};
use crate::experiment::fit::predict::{Figure, Incidents, NoPrediction, predict};
use crate::experiment::fit::recorded;
use crate::experiment::fit::toml::{Traffic, scenario, trace};
use crate::experiment::fit::{Distance, Fit, Provider, fit as fitted};
use crate::scenario::files::{Disk, Files};
use crate::scenario::{Style, wrong_lines};

use super::Exit;
use super::args;
use super::files::write_new;
use super::terminal::{Look, complain, print};

/// A larger log is cut into shares first.
const MAX_BYTES: u64 = 1 << 30;

pub(super) fn fit(args: &args::Fit) -> Exit {
    let Some(log) = read(&args.log) else {
        return Exit::BadInput;
    };
    if let Some(profile) = &args.against {
        return hold_against(&log, profile);
    }
    if args.check {
        return check(&log, args.replay, args.runs);
    }
    let found = fitted(&log);
    if args.replay
        && let Some(why) = not_replayed(&log, args)
    {
        complain(why);
        return Exit::BadInput;
    }
    let source = args.log.display().to_string();
    match &args.out {
        Some(out) => match write(&found, &log, &source, out, args.replay) {
            Ok(written) => done(print(&(table(&found) + &written))),
            Err(why) => {
                complain(&why);
                Exit::BadInput
            }
        },
        None => {
            complain(&table(&found));
            done(print(&scenario(&found, &source, Traffic::Fitted(None))))
        }
    }
}

fn done(is_printed: bool) -> Exit {
    match is_printed {
        true => Exit::Done,
        false => Exit::BadInput,
    }
}

fn read(path: &Path) -> Option<Log> {
    let name = path.display().to_string();
    let bytes = match Disk.read(path, MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(why) => {
            complain(&format!("error: the log `{name}` cannot be read: {why}\n"));
            return None;
        }
    };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let line = 1 + error.as_bytes()[..at]
                .iter()
                .filter(|b| **b == b'\n')
                .count();
            complain(&format!(
                "error: {name}:{line}: this is no UTF-8 text\n  \
                 = help: a log is CSV or JSON lines in UTF-8; unpack it if it is packed\n"
            ));
            return None;
        }
    };
    let ending = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default();
    let format = match ending.to_ascii_lowercase().as_str() {
        "jsonl" | "ndjson" | "json" => Format::Jsonl,
        _ => Format::Csv,
    };
    match Log::parse(&text, format) {
        Ok(log) => Some(log),
        Err(errors) => {
            let look = Look::of_stderr();
            let style = Style {
                color: look.color,
                unicode: look.unicode,
            };
            complain(&wrong_lines(&name, &errors.first, errors.more).render(style));
            None
        }
    }
}

/// Why a log cannot be flown again as it was.
fn not_replayed(log: &Log, args: &args::Fit) -> Option<&'static str> {
    if args.out.is_none() {
        return Some(
            "error: a log that is flown again is more than one file\n  \
             = help: say where they go: --out FILE\n",
        );
    }
    (!log.timed).then_some(
        "error: the log has no times, so it cannot be flown again\n  \
         = help: without --replay its sizes and times of answers are fitted\n",
    )
}

/// The files of a fit: what the scenario reads, and then the scenario.
fn files(fit: &Fit, log: &Log, source: &str, out: &Path, replay: bool) -> Vec<(PathBuf, String)> {
    let trace_at = trace_of(out);
    let name = |path: &Path| {
        path.file_name()
            .and_then(|n| n.to_str())
            .map(str::to_string)
    };
    let trace_name = name(&trace_at).unwrap_or_default();
    let mut files = Vec::new();
    if replay {
        let stem = name(&out.with_extension("")).unwrap_or_default();
        let traffic = Traffic::Recorded {
            trace: &trace_name,
            stem: &stem,
        };
        let text = scenario(fit, source, traffic) + &recorded::expectations(log, fit);
        files.push((trace_at, trace(log, true)));
        let beside = |(name, text): (String, String)| (out.with_file_name(name), text);
        files.extend(recorded::files(fit, &stem).into_iter().map(beside));
        files.push((out.to_path_buf(), text));
        return files;
    }
    let replayed = fit.arrivals.is_some_and(|a| !a.are_independent());
    let traffic = Traffic::Fitted(replayed.then_some(trace_name.as_str()));
    let text = scenario(fit, source, traffic);
    if replayed {
        files.push((trace_at, trace(log, false)));
    }
    files.push((out.to_path_buf(), text));
    files
}

/// Writes the scenario and what it reads, each beside its place and then put there; or why not.
fn write(fit: &Fit, log: &Log, source: &str, out: &Path, replay: bool) -> Result<String, String> {
    let files = files(fit, log, source, out, replay);
    write_new(&files)
}

/// `calls.toml` has its trace in `calls.trace.csv`.
fn trace_of(out: &Path) -> PathBuf {
    out.with_extension("trace.csv")
}

/// What was found, one quantity a line.
fn table(fit: &Fit) -> String {
    let mut rows: Vec<[String; 4]> = Vec::new();
    let mut row = |what: &str, kind: &str, distance: Option<&Distance>| {
        let [off, w1] = told(distance);
        rows.push([what.to_string(), kind.to_string(), off, w1]);
    };
    for (what, law) in [
        ("prompt tokens", &fit.input),
        ("answer tokens", &fit.output),
    ] {
        if let Some(law) = law {
            row(what, &law.kind(), Some(&law.distance));
        }
    }
    for provider in &fit.providers {
        latency_rows(provider, &mut row);
    }
    let mut text = head(fit);
    if !rows.is_empty() {
        let titles = ["", "law", "quantiles within", "W1 ÷ mean"].map(String::from);
        text.push_str(&columns(&titles, &rows));
    }
    for provider in &fit.providers {
        text.push_str(&errors(provider));
    }
    if !fit.ignored.is_empty() {
        text.push_str(&format!(
            "not known and ignored: {}\n",
            fit.ignored.join(", ")
        ));
    }
    text
}

fn head(fit: &Fit) -> String {
    let span = fit
        .span_s
        .map_or(", without times".into(), |s| format!(" over {s:.0} s"));
    let mut text = format!("{} attempts{span}\n", fit.attempts);
    if let Some(arrivals) = &fit.arrivals {
        let independent = match arrivals.are_independent() {
            true => "as good as independent",
            false => "not independent",
        };
        text.push_str(&format!("arrivals: {}: {independent}\n", arrivals.told()));
    }
    text
}

fn latency_rows(provider: &Provider, row: &mut impl FnMut(&str, &str, Option<&Distance>)) {
    let Some(latency) = &provider.latency else {
        return row(
            &format!("{}: latency", provider.name),
            "too few answers with times",
            None,
        );
    };
    let kind = match &latency.law {
        Law::Linear(_) => "a line in the prompt".to_string(),
        Law::Distribution(first, _) => first.kind(),
    };
    let parts = [
        ("first token", &latency.first_token),
        ("whole answer", &latency.whole),
    ];
    for (what, distance) in parts {
        if distance.is_some() {
            row(
                &format!("{}: {what}", provider.name),
                &kind,
                distance.as_ref(),
            );
        }
    }
}

fn errors(provider: &Provider) -> String {
    let mut text = String::new();
    for errors in &provider.errors {
        let (name, of) = (&provider.name, provider.attempts);
        let share = 100.0 * errors.n as f64 / of.max(1) as f64;
        let what = match errors.status {
            429 => "429s".to_string(),
            status => format!("other failures, most often {status}"),
        };
        let when = match errors.spells.lengths {
            None => "at any time".into(),
            Some((bad, good)) => format!(
                "in spells of {bad:.0} s with {:.0} %, {good:.0} s apart with {:.1} %",
                errors.spells.bad * 100.0,
                errors.spells.good * 100.0
            ),
        };
        text.push_str(&format!(
            "{name}: {} {what} ({share:.2} %), {when}\n",
            errors.n
        ));
    }
    text
}

fn told(distance: Option<&Distance>) -> [String; 2] {
    distance.map_or([String::new(), String::new()], |d| {
        let (worst, at) = d.worst();
        let far = |is_far: bool| if is_far { ": not close" } else { "" };
        [
            format!(
                "{:.1} % (p{:.0}){}",
                worst * 100.0,
                at * 100.0,
                far(worst > WITHIN)
            ),
            format!("{:.1} %{}", d.w1 * 100.0, far(d.w1 > W1_WITHIN)),
        ]
    })
}

/// Left-aligned columns.
fn columns<const N: usize>(titles: &[String; N], rows: &[[String; N]]) -> String {
    let all = || std::iter::once(titles).chain(rows);
    let width = |i: usize| all().map(|row| row[i].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |row: &[String; N]| {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        format!("{}\n", line.trim_end())
    };
    all().map(line).collect()
}

fn check(log: &Log, replay: bool, runs: u32) -> Exit {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (incidents, given) = match replay {
        true => (
            Incidents::Recorded,
            " and its spells of errors when they were",
        ),
        false => (Incidents::Fitted, ""),
    };
    let figures = match predict(log, incidents, runs, cores) {
        Ok((_, figures)) => figures,
        Err(NoPrediction::Log(why)) => {
            complain(&format!("error: nothing can be predicted: {why}\n"));
            return Exit::BadInput;
        }
        Err(NoPrediction::Scenario(wrong)) => {
            complain(&wrong.render(Style::PLAIN));
            return Exit::BadInput;
        }
    };
    let titles = ["second half", "recorded", "predicted", "interval", ""].map(String::from);
    let rows: Vec<[String; 5]> = figures.iter().map(figure).collect();
    let all = figures.iter().all(Figure::holds);
    let note = format!(
        "Fitted on the first half of {} attempts; {runs} runs with the second half's own traffic{given}.\n",
        log.attempts.len()
    );
    match (print(&(note + &columns(&titles, &rows))), all) {
        (false, _) => Exit::BadInput,
        (true, true) => Exit::Done,
        (true, false) => Exit::GateFailed,
    }
}

fn figure(figure: &Figure) -> [String; 5] {
    let number = |x: f64| match (figure.is_share, figure.unit) {
        (true, _) => format!("{:.2} %", x * 100.0),
        (false, "") => format!("{x:.0}"),
        (false, unit) => format!("{x:.2} {unit}"),
    };
    let [low, high] = figure.interval;
    let verdict = match figure.holds() {
        true => "inside",
        false => "outside",
    };
    [
        figure.name.to_string(),
        number(figure.recorded),
        number(figure.predicted),
        format!("{} to {}", number(low), number(high)),
        verdict.to_string(),
    ]
}

fn hold_against(log: &Log, profile: &str) -> Exit {
    let Some(rows) = against(log, profile) else {
        let names = names().join(", ");
        complain(&format!(
            "error: unknown profile `{profile}`\n  = help: there are {names}\n"
        ));
        return Exit::BadInput;
    };
    if rows.is_empty() {
        complain(&format!(
            "error: the log says nothing of what `{profile}` is about\n  \
             = help: token profiles need token counts, latency profiles times; 30 answers at least\n"
        ));
        return Exit::BadInput;
    }
    let mut text = String::new();
    for row in &rows {
        text.push_str(&quantiles(row, profile));
    }
    done(print(&text))
}

/// The quantiles of one quantity: measured, by the profile, by a fit of the log's own.
fn quantiles(row: &Row, profile: &str) -> String {
    let n = row.profile.n;
    let mut titles: Vec<String> = vec![format!("{} (n = {n})", row.what)];
    titles.extend(LEVELS.map(|p| format!("p{:.0}", p * 100.0)));
    titles.extend(["quantiles within".into(), "W1 ÷ mean".into()]);
    let line = |name: &str, values: &[f64; 7], distance: Option<&Distance>| {
        let mut cells = vec![name.to_string()];
        cells.extend(values.map(|v| {
            if v < 100.0 {
                format!("{v:.2}")
            } else {
                format!("{v:.0}")
            }
        }));
        cells.extend(told(distance));
        cells
    };
    let mut rows = vec![
        line("measured", &row.profile.measured, None),
        line(profile, &row.profile.fitted, Some(&row.profile)),
    ];
    if let Some(own) = &row.own {
        rows.push(line(
            &format!("own fit, {}", own.kind()),
            &own.distance.fitted,
            Some(&own.distance),
        ));
    }
    let fixed = |cells: Vec<String>| -> [String; 10] {
        cells
            .try_into()
            .unwrap_or_else(|_| std::array::from_fn(|_| String::new()))
    };
    let rows: Vec<[String; 10]> = rows.into_iter().map(fixed).collect();
    columns(&fixed(titles), &rows) + "\n"
}
