//! A log flown again: its incidents at their recorded times, and its own figures as what is expected.

use super::distance::quantile;
use super::incidents::{Incident, csv};
use super::law::{Unit, decimals};
use super::log::{Attempt, Log, Outcome};
use super::toml::{fault_name, line};
use super::{Errors, Fit, Provider};

/// The files that the faults of a replayed log read, by name.
pub fn files(fit: &Fit, stem: &str) -> Vec<(String, String)> {
    let of = |provider: &Provider| {
        let with = provider.errors.iter().filter(|e| !e.incidents.is_empty());
        let file = |e: &Errors| (file_of(stem, provider, e.status), csv(&e.incidents));
        with.map(file).collect::<Vec<_>>()
    };
    fit.providers.iter().flat_map(of).collect()
}

fn file_of(stem: &str, provider: &Provider, status: u16) -> String {
    let what = if status == 429 { "429s" } else { "failures" };
    format!("{stem}.{}-{what}.csv", provider.name)
}

/// The errors of one status: what came between incidents at any time, and the incidents when they were.
pub(super) fn faults(text: &mut String, provider: &Provider, errors: &Errors, stem: &str, s: f64) {
    let name = fault_name(errors.status, &provider.name);
    // Nobody meets less than one in a hundred thousand: the end of what the likelihood was climbed to.
    let share = |p: f64| decimals(p, 5);
    let mut fault = |name: &str, schedule: &str, bad: &str| {
        line(text, &format!("\n[[fault]]\nname = \"{name}\""));
        line(text, &format!("on = [\"{}\"]", provider.name));
        line(text, &format!("at = \"0s\"\nfor = \"{s:.0}s\"{schedule}"));
        let status = errors.status;
        line(
            text,
            &format!("effect.error-rate = {{ bad = {bad}, status = {status} }}"),
        );
    };
    let between = errors.between_incidents();
    if share(between) != "0" {
        let name = match errors.incidents.is_empty() {
            true => name.clone(),
            false => format!("{name} between incidents"),
        };
        fault(&name, "", &share(between));
    }
    if !errors.incidents.is_empty() {
        let file = file_of(stem, provider, errors.status);
        let schedule = format!("\nschedule.replay = \"{file}\"");
        fault(&name, &schedule, "1");
    }
}

/// Far enough from a recorded share or quantile that chance alone is further in one case of a thousand.
const Z: f64 = 3.29;

/// What the log has of success and of the time to an answer, as expectations: in all, and of the calls that came
/// during the incidents of a provider, if there were enough of them.
pub fn expectations(log: &Log, fit: &Fit) -> String {
    let mut text = String::from(
        "\n# What was recorded, give or take what one log leaves to chance (99.9 %), and the tenth within which\n\
         # a law counts as close.\n",
    );
    let all: Vec<&Attempt> = log.attempts.iter().collect();
    expectation(&mut text, &all, None);
    for provider in &fit.providers {
        for errors in provider.errors.iter().filter(|e| !e.incidents.is_empty()) {
            let during = |a: &&Attempt| errors.incidents.iter().any(|i| holds(i, a.at_s));
            let own: Vec<&Attempt> = log.attempts.iter().filter(during).collect();
            let fault = fault_name(errors.status, &provider.name);
            expectation(&mut text, &own, Some(&fault));
        }
    }
    text
}

fn holds(incident: &Incident, at_s: f64) -> bool {
    (incident.start_s..incident.end_s).contains(&at_s)
}

/// Attempts fewer than these say too little of a share.
const FEWEST: usize = 100;

fn expectation(text: &mut String, attempts: &[&Attempt], during: Option<&str>) {
    let n = attempts.len() as f64;
    if attempts.len() < FEWEST {
        return;
    }
    line(text, "\n[[expect]]\npolicy = \"as-logged\"");
    if let Some(fault) = during {
        line(text, &format!("during = \"{fault}\""));
    }
    let is_answered = |a: &&&Attempt| a.outcome == Outcome::Answered;
    let success = attempts.iter().filter(is_answered).count() as f64 / n;
    // Wilson's interval (1927): it has a width where all were answered, too.
    let center = (success + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half =
        Z * (success * (1.0 - success) / n + Z * Z / (4.0 * n * n)).sqrt() / (1.0 + Z * Z / n);
    let percent = |p: f64| format!("\"{}%\"", decimals(100.0 * p.clamp(0.0, 1.0), 2));
    let (low, high) = (percent(center - half), percent(center + half));
    let recorded = percent(success);
    line(
        text,
        &format!(
            "metric.success_ratio = {{ min = {low}, max = {high} }}     # recorded {}",
            recorded.trim_matches('"')
        ),
    );
    let times = attempts.iter().filter(is_answered).filter_map(|a| a.took_s);
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    if during.is_none() && times.len() >= FEWEST {
        slowest(text, &times);
    }
}

/// The p99 lies between two order statistics, whatever the law.
fn slowest(text: &mut String, sorted: &[f64]) {
    let off = Z * (0.99 * 0.01 / sorted.len() as f64).sqrt();
    let [low, p99, high] = [0.99 - off, 0.99, 0.99 + off].map(|u| quantile(sorted, u.min(1.0)));
    let ms = |s: f64| Unit::Seconds.written(s);
    let (least, most) = (ms(low.min(0.9 * p99)), ms(high.max(1.1 * p99)));
    let recorded = ms(p99);
    line(
        text,
        &format!(
            "metric.latency_success_ms_p99 = {{ min = {least}, max = {most} }}     # recorded {}",
            recorded.trim_matches('"')
        ),
    );
}
