//! A fit as a scenario: what it rests on stands beside every line, in comments.

use std::fmt::Write;

use super::latency::{Latency, Law, Line};
use super::law::{Unit, decimals};
use super::log::{Log, Outcome};
use super::spells::Spells;
use super::{Errors, Fit, Provider, recorded};

/// Where the traffic of the scenario comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic<'a> {
    /// From the fitted laws; arrivals from this trace if they are not independent.
    Fitted(Option<&'a str>),
    /// Arrivals and sizes from this trace.
    Replayed(&'a str),
    /// Likewise, and the incidents when they were: the files of [`super::recorded::files`], by what begins their names.
    Recorded {
        /// The trace.
        trace: &'a str,
        /// What the names of the files begin with.
        stem: &'a str,
    },
}

/// The scenario: `[run]`, `[workload]`, a `[provider.NAME]` for each, their errors as faults, and a policy that does
/// what the log shows: one attempt for each line.
pub fn scenario(fit: &Fit, source: &str, traffic: Traffic<'_>) -> String {
    let mut text = String::new();
    let duration = fit
        .span_s
        .map_or(600.0, |span| libm::ceil(span + 0.001).max(1.0));
    text.push_str(&head(fit, source));
    line(&mut text, "[run]");
    line(&mut text, &format!("duration = \"{duration:.0}s\""));
    line(&mut text, "\n[workload]");
    arrivals(&mut text, fit, traffic);
    match traffic {
        Traffic::Replayed(_) | Traffic::Recorded { .. } => {
            line(&mut text, "tokens = \"trace\"");
        }
        Traffic::Fitted(_) => tokens(&mut text, fit),
    }
    line(&mut text, &format!("stream = {}", fit.streamed));
    // Of a log without answers' tokens nothing is known, and answers that are not its own must not be cut.
    let own =
        matches!(traffic, Traffic::Replayed(_)) || fit.input.is_some() && fit.output.is_some();
    if own && fit.longest_answer > 0 {
        let longest = fit.longest_answer;
        let why = "# the longest answer of the log";
        line(
            &mut text,
            &format!("max-tokens = {longest}                   {why}"),
        );
    }
    senders(&mut text, fit);
    fit.providers.iter().for_each(|p| provider(&mut text, p));
    for provider in &fit.providers {
        for of in &provider.errors {
            match traffic {
                Traffic::Recorded { stem, .. } => {
                    recorded::faults(&mut text, provider, of, stem, duration);
                }
                _ => errors(&mut text, provider, of, duration),
            }
        }
    }
    policy(&mut text, fit);
    text
}

/// The calls of a log as a trace: when they came and how large they were. What the log does not say of a call (the
/// answer to one that failed) is that of the answered call before it.
pub fn trace(log: &Log, all_attempts: bool) -> String {
    let mut text = String::from("t_ms,in_tokens,out_tokens\n");
    let complete = log
        .attempts
        .iter()
        .filter(|a| a.outcome == Outcome::Answered);
    let mut complete = complete.filter_map(|a| Some((a.input?, a.output?.max(1))));
    let (mut input, mut output) = complete.next().unwrap_or((1000, 200));
    for attempt in log.attempts.iter().filter(|a| a.first || all_attempts) {
        input = attempt.input.unwrap_or(input);
        if attempt.outcome == Outcome::Answered {
            output = attempt.output.unwrap_or(output).max(1);
        }
        let ms = libm::round(attempt.at_s * 1e3);
        let _ = writeln!(text, "{ms:.0},{input},{output}");
    }
    text
}

pub(super) fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn head(fit: &Fit, source: &str) -> String {
    let mut text = String::new();
    let source = quoted(source);
    line(
        &mut text,
        "# Written by `squall fit`. Distances: the largest relative error of a quantile from p10 to p99,",
    );
    line(
        &mut text,
        "# and W1, the mean distance between equal ranks, as a share of the mean. Close is within 10 %",
    );
    line(&mut text, "# and 5 %; what is not close says so.");
    line(&mut text, "\n[meta]");
    line(
        &mut text,
        &format!(
            "title = {}",
            quoted(&format!("Fitted to {}", source.trim_matches('"')))
        ),
    );
    let span = fit.span_s.map_or("without times".into(), |span| {
        format!("over {}", span_told(span))
    });
    line(
        &mut text,
        &format!(
            "why = {}\n",
            quoted(&format!("{} attempts {span}", fit.attempts))
        ),
    );
    text
}

fn span_told(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

fn arrivals(text: &mut String, fit: &Fit, traffic: Traffic<'_>) {
    let Some(found) = fit.arrivals.as_ref() else {
        line(
            text,
            "# The log has no times: write the rate of your calls.",
        );
        return line(text, "arrivals.poisson = { rate = \"1/s\" }");
    };
    let told = found.told();
    let rate = format!(
        "arrivals.poisson = {{ rate = \"{}/s\" }}",
        decimals(found.rate.max(0.000_001), 6)
    );
    match traffic {
        Traffic::Replayed(trace) | Traffic::Recorded { trace, .. } => {
            line(text, &format!("arrivals.trace = {}", quoted(trace)))
        }
        Traffic::Fitted(_) if found.are_independent() => {
            line(text, &format!("# As good as independent: {told}"));
            line(text, &rate);
        }
        Traffic::Fitted(Some(trace)) => {
            line(text, &format!("# Not independent, so replayed: {told}"));
            line(text, &format!("arrivals.trace = {}", quoted(trace)));
            line(text, &format!("#{rate}"));
        }
        Traffic::Fitted(None) => {
            line(text, &format!("# Not independent: {told}."));
            line(
                text,
                "# Their mean rate; with `squall fit --out FILE` a trace beside it replays them as they came.",
            );
            line(text, &rate);
        }
    }
}

fn tokens(text: &mut String, fit: &Fit) {
    let (Some(input), Some(output)) = (&fit.input, &fit.output) else {
        return line(
            text,
            "# The log has no prompt or no answer tokens: tokens stay those of the profile `chat`.",
        );
    };
    for (what, law) in [("Prompts", input), ("Answers", output)] {
        line(
            text,
            &format!("# {what}, {}: {}", law.kind(), law.distance.told()),
        );
    }
    let rank = fit.tokens_rank;
    if rank.abs() > 0.3 {
        let note = "long prompts have long answers or short ones, and here they are drawn apart";
        line(
            text,
            &format!(
                "# Rank correlation of prompts and answers {rank:.2}: {note}; a trace keeps them together."
            ),
        );
    }
    line(text, &format!("tokens.distribution.input{}", input.toml()));
    line(
        text,
        &format!("tokens.distribution.output{}", output.toml()),
    );
}

fn senders(text: &mut String, fit: &Fit) {
    if (1..=1_000_000).contains(&fit.users) {
        line(text, &format!("users = {{ count = {} }}", fit.users));
    }
    if fit.conversations > 0 {
        let mean = fit.in_conversations as f64 / fit.conversations as f64;
        let turns = libm::round(mean).clamp(1.0, 65_535.0);
        line(
            text,
            &format!(
                "# {} conversations of {mean:.1} calls each",
                fit.conversations
            ),
        );
        line(text, &format!("conversations = {{ turns = {turns:.0} }}"));
    }
}

fn provider(text: &mut String, provider: &Provider) {
    let Provider {
        attempts, answered, ..
    } = provider;
    line(text, &format!("\n[provider.{}]", provider.name));
    line(text, &format!("# {attempts} attempts, {answered} answered"));
    let labels = [
        ("vendor", &provider.endpoint.provider),
        ("model", &provider.endpoint.model),
    ];
    for (key, label) in labels.into_iter().filter(|(_, label)| !label.is_empty()) {
        line(text, &format!("{key} = {}", quoted(label)));
    }
    match &provider.latency {
        Some(latency) => self::latency(text, latency),
        None => line(
            text,
            "# Too few answers say how long they took: latency stays that of `frontier-mid`.",
        ),
    }
    billed(text, provider);
    line(
        text,
        "# The log says no prices: write what you pay, such as",
    );
    line(text, "#price = { input = \"$3/M\", output = \"$15/M\" }");
}

/// What the log says of tokens with prices of their own.
fn billed(text: &mut String, provider: &Provider) {
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    if let Some(cached) = provider.cached {
        let (all, hit, prefix) = (
            percent(cached.of_all),
            decimals(cached.calls, 4),
            decimals(cached.of_theirs, 4),
        );
        line(
            text,
            &format!(
                "# {all} of all prompt tokens were read from a cache, in whichever calls; where turns of"
            ),
        );
        line(
            text,
            "# a conversation find the turn before, `cache = {}` alone says so.",
        );
        line(
            text,
            &format!("cache = {{ hit = {hit}, prefix = {prefix}, min-tokens = 0 }}"),
        );
    }
    if let Some(reasoning) = provider.reasoning {
        line(
            text,
            &format!("reasoning = {}", decimals(reasoning.of_all, 4)),
        );
    }
}

fn latency(text: &mut String, latency: &Latency) {
    if let Some(distance) = &latency.first_token {
        line(text, &format!("# First tokens: {}", distance.told()));
    }
    if let Some(distance) = &latency.whole {
        line(text, &format!("# Whole answers: {}", distance.told()));
    }
    match &latency.law {
        Law::Linear(fitted) => line(text, &format!("latency.linear = {}", linear(fitted))),
        Law::Distribution(first, pace) => {
            if latency.prompt_rank > 0.2 {
                let rank = latency.prompt_rank;
                line(
                    text,
                    &format!(
                        "# Rank correlation with the prompt {rank:.2}: not kept, no line was close."
                    ),
                );
            }
            line(
                text,
                &format!("latency.distribution.first-token{}", first.toml()),
            );
            if let Some(pace) = pace {
                line(
                    text,
                    &format!("latency.distribution.per-token{}", pace.toml()),
                );
            }
        }
    }
}

fn linear(line: &Line) -> String {
    let time = |s: f64| Unit::Seconds.written(s);
    format!(
        "{{ base = {}, per-1k-prompt-tokens = {}, sigma = {}, per-token = {}, per-token-sigma = {} }}",
        time(line.base_s),
        time(line.slope_s * 1000.0),
        line.sigma,
        time(line.per_token_s),
        line.per_token_sigma
    )
}

fn errors(text: &mut String, provider: &Provider, errors: &Errors, duration: f64) {
    let Errors {
        status, n, spells, ..
    } = errors;
    let name = &provider.name;
    line(text, "\n[[fault]]");
    match status {
        429 => {
            line(
                text,
                &format!(
                    "# {n} answers of 429, as weather. If a limit of yours made them, write it as"
                ),
            );
            line(
                text,
                &format!(
                    "# `limits` of [provider.{name}] and take this out: a limit depends on what is sent."
                ),
            );
        }
        status => line(text, &format!("# {n} other failures, most often {status}")),
    }
    line(text, &format!("name = \"{}\"", fault_name(*status, name)));
    line(
        text,
        &format!("on = [\"{name}\"]\nat = \"0s\"\nfor = \"{duration:.0}s\""),
    );
    let share = |p: f64| decimals(p, 6);
    let Spells { bad, good, lengths } = *spells;
    line(
        text,
        &match lengths {
            None => format!(
                "effect.error-rate = {{ bad = {}, status = {status} }}",
                share(bad)
            ),
            Some((bad_for, good_for)) => format!(
                "effect.error-rate = {{ bad = {}, good = {}, bad-for = {}, good-for = {}, \
                 first = \"by-chance\", status = {status} }}",
                share(bad),
                share(good),
                Unit::Seconds.written(bad_for.max(0.001)),
                Unit::Seconds.written(good_for.max(0.001)),
            ),
        },
    );
}

pub(super) fn fault_name(status: u16, provider: &str) -> String {
    match status {
        429 => format!("429s of {provider}"),
        _ => format!("failures of {provider}"),
    }
}

fn policy(text: &mut String, fit: &Fit) {
    line(
        text,
        "\n# One attempt for each line of the log. Put the policies to compare beside it.",
    );
    line(text, "[policy.as-logged]");
    let names: Vec<String> = fit
        .providers
        .iter()
        .map(|p| format!("\"{}\"", p.name))
        .collect();
    match names.as_slice() {
        [one] => line(text, &format!("route.single = {{ endpoint = {one} }}")),
        names => {
            let weights: Vec<String> = fit
                .providers
                .iter()
                .map(|p| p.attempts.max(1).to_string())
                .collect();
            let (names, weights) = (names.join(", "), weights.join(", "));
            line(
                text,
                &format!("route.weighted = {{ endpoints = [{names}], weights = [{weights}] }}"),
            );
        }
    }
    line(text, "retry.attempts = 1");
}

/// A text as TOML has it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
