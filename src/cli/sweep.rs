//! `squall sweep`: the same comparison at every point of one or two varied keys.

use crate::base::Stop;
use crate::experiment::{self, sweep as swept};
use crate::record::Replication;
use crate::record::metric::Metric;
use crate::record::sweep::{Cell, Sweep as Record};
use crate::report;
use crate::scenario::files::Disk;
use crate::scenario::{self, Scenario};
use crate::sim::{self, Setup};

use super::Exit;
use super::args::Sweep;
use super::interrupt::Interrupt;
use super::output;
use super::progress::Progress;
use super::run::cores;
use super::terminal::{Look, complain, print};

pub(super) fn sweep(args: &Sweep) -> Exit {
    let Some((points, metrics)) = load(args) else {
        return Exit::BadInput;
    };
    let interrupt = match output::begin(&args.out) {
        Ok(interrupt) => interrupt,
        Err(exit) => return exit,
    };
    match fly(args, &points, &metrics, &interrupt) {
        Ok(Some(record)) => done(args, &record, &interrupt),
        Ok(None) => {
            complain(&format!(
                "{}  interrupted: nothing written\n",
                args.file.display()
            ));
            Exit::Interrupted
        }
        Err(why) => {
            complain(&format!("error: {why}\n"));
            Exit::BadInput
        }
    }
}

/// The scenarios of all points, and what is to be shown; None after saying what is wrong.
fn load(args: &Sweep) -> Option<(Vec<Scenario>, Vec<&'static Metric>)> {
    let wrong = |title: &str, help: &str| complain(&format!("error: {title}\n  = help: {help}\n"));
    let mut vary = String::new();
    for text in &args.vary {
        match written(text) {
            Some(line) => vary.push_str(&line),
            None => {
                let example = "write KEY=A,B,C or KEY=FROM..TO, with :N points and :log";
                wrong(
                    &format!("--vary {text}: this says nothing of what varies"),
                    example,
                );
                return None;
            }
        }
    }
    let overrides = scenario::Overrides {
        seed: args.seed,
        replications: args.replications,
    };
    let vary = (!vary.is_empty()).then_some(vary.as_str());
    let points = match scenario::load_varied(&Disk, &args.file, overrides, vary) {
        Ok(points) => points,
        Err(mistakes) => {
            let look = Look::of_stderr();
            complain(&mistakes.render(scenario::Style {
                color: look.color,
                unicode: look.unicode,
            }));
            return None;
        }
    };
    let axes = swept::axes(&points);
    if axes.is_empty() || axes.len() > 2 {
        let title = format!("{}: {} keys vary", args.file.display(), axes.len());
        wrong(
            &title,
            "one or two keys make a curve or a map: --vary KEY=VALUES",
        );
        return None;
    }
    let mut metrics = points.first()?.compare.metrics.clone();
    if !args.metric.is_empty() {
        metrics.clear();
    }
    for name in &args.metric {
        match Metric::named(name) {
            Some(metric) => metrics.push(metric),
            None => {
                let title = format!("unknown metric `{name}`");
                wrong(&title, "`squall check --help` lists all metrics");
                return None;
            }
        }
    }
    Some((points, metrics))
}

/// `KEY=VALUES` as a line of `[run.vary]`.
fn written(text: &str) -> Option<String> {
    let (key, values) = text.split_once('=')?;
    let key = quoted(key.trim());
    if key.is_empty() || key.contains(['\n', '\'']) {
        return None;
    }
    let value = match values.split_once("..") {
        Some((from, rest)) => range(from, rest)?,
        None => {
            let all: Vec<String> = values.split(',').map(literal).collect();
            format!("[{}]", all.join(", "))
        }
    };
    Some(format!("'{key}' = {value}\n"))
}

/// A dotted key with quotes around each of its parts that TOML wants them for, such as a fault's name with
/// spaces. What has quotes already stays as it is.
fn quoted(key: &str) -> String {
    let part = |part: &str| match part.trim() {
        "" => String::new(),
        part => scenario::toml_key(part),
    };
    if key.contains(['"', '\'']) {
        return key.to_owned();
    }
    let parts: Vec<String> = key.split('.').map(part).collect();
    parts.join(".")
}

/// `FROM..TO:N:log` as a range.
fn range(from: &str, rest: &str) -> Option<String> {
    let mut parts = rest.split(':');
    let to = parts.next()?;
    let mut table = format!("{{ from = {}, to = {}", literal(from), literal(to));
    for part in parts {
        match part {
            "log" | "linear" => table.push_str(&format!(", scale = \"{part}\"")),
            steps => table.push_str(&format!(", steps = {}", steps.parse::<u32>().ok()?)),
        }
    }
    Some(table + " }")
}

/// A value as TOML: numbers and booleans as they are, all else as a text.
fn literal(text: &str) -> String {
    let text = text.trim();
    let plain = text.parse::<i64>().is_ok()
        || (text.parse::<f64>().is_ok_and(f64::is_finite)
            && !text.ends_with('.')
            && !text.starts_with('.'))
        || ["true", "false"].contains(&text);
    match plain {
        true => text.to_owned(),
        false => scenario::toml_text(text),
    }
}

/// Flies all points; None if it was told to stop.
fn fly(
    args: &Sweep,
    points: &[Scenario],
    metrics: &[&'static Metric],
    interrupt: &Interrupt,
) -> Result<Option<Record>, String> {
    let runs = |point: &Scenario| point.policies.len() * point.run.replications as usize;
    let all: usize = points.iter().map(runs).sum();
    let name = name(&points[0]);
    let progress = Progress::new(&name, all, args.quiet, &interrupt.line_stands);
    let axes = swept::axes(points);
    let mut cells = Vec::new();
    for point in points {
        let at = swept::place(&axes, point);
        match one(args, point, (&at, metrics), (&interrupt.stop, &progress))? {
            Some(found) => cells.extend(found),
            None => {
                progress.end();
                return Ok(None);
            }
        }
    }
    progress.end();
    Ok(Some(swept::sweep(&name, points, metrics, cells)))
}

/// The file's name without what tells the points apart.
fn name(point: &Scenario) -> String {
    point
        .name
        .split('@')
        .next()
        .unwrap_or(&point.name)
        .to_owned()
}

/// Flies one point.
fn one(
    args: &Sweep,
    point: &Scenario,
    (at, metrics): (&[usize], &[&'static Metric]),
    (stop, progress): (&Stop, &Progress<'_>),
) -> Result<Option<Vec<Cell>>, String> {
    let setup = Setup::new(point)
        .map_err(|(policy, why)| format!("{}: policy `{policy}`: {why:?}", point.name))?;
    let replications = point.run.replications as usize;
    let threads = args.jobs.map_or_else(cores, usize::from);
    let run = |i: usize| {
        let (policy, replication) = (i / replications, (i % replications) as u32);
        Some(sim::run_until(&setup, policy, replication, stop)?.replication)
    };
    let n = setup.policies.len() * replications;
    let Some(flown) = sim::parallel::map(n, threads, stop, run, || progress.step()) else {
        return Ok(None);
    };
    let mut flown = flown.into_iter();
    let runs: Vec<Vec<Replication>> = (0..setup.policies.len())
        .map(|_| flown.by_ref().take(replications).collect())
        .collect();
    let frame = experiment::Frame {
        window_ns: setup.frame.window.0,
    };
    let results = experiment::results_until(point, runs, (frame, None), stop);
    Ok(results.map(|results| swept::cells(&results, at, metrics)))
}

fn done(args: &Sweep, record: &Record, interrupt: &Interrupt) -> Exit {
    let files = match output::put(
        report::sweep::bundle(record, &interrupt.stop),
        &args.out,
        interrupt,
    ) {
        Ok(files) => files,
        Err(exit) => return exit,
    };
    if args.quiet {
        return Exit::Done;
    }
    let mut text = report::sweep::terminal(record, Look::of_stdout().unicode);
    text.push('\n');
    for file in files {
        text.push_str(&format!("  {}\n", file.display()));
    }
    match print(&text) {
        true => Exit::Done,
        false => Exit::BadInput,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_is_written_as_in_a_file() {
        let line = |text: &str| written(text).unwrap_or_default();
        assert_eq!(line("a.b=1,2.5,250ms"), "'a.b' = [1, 2.5, \"250ms\"]\n");
        assert_eq!(
            line("a=250ms..8s:6:log"),
            "'a' = { from = \"250ms\", to = \"8s\", steps = 6, scale = \"log\" }\n"
        );
        assert_eq!(
            line("fault.429 storm.for=1m,2m"),
            "'fault.\"429 storm\".for' = [\"1m\", \"2m\"]\n"
        );
        assert_eq!(line("a.\"b.c\"=1"), "'a.\"b.c\"' = [1]\n");
        assert_eq!(line("a=1..4"), "'a' = { from = 1, to = 4 }\n");
        for wrong in ["", "a", "=1", "a=1..4:x"] {
            assert_eq!(written(wrong), None, "{wrong}");
        }
    }
}
