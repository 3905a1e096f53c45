//! Random policies for the endpoints `a`, `b` and `c`.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// A generator of one case's random choices.
pub(crate) fn rng(seed: u64, what: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed << 8 | what)
}

fn pick<'a>(rng: &mut Xoshiro256PlusPlus, from: &[&'a str]) -> &'a str {
    from[rng.random_range(0..from.len())]
}

fn backoff(rng: &mut Xoshiro256PlusPlus) -> String {
    let jitter = pick(
        rng,
        &[
            "none = {}",
            "full = {}",
            "equal = {}",
            "additive = { max = \"300ms\" }",
            "proportional = { low = 0.75, high = 1 }",
        ],
    );
    let cap = pick(
        rng,
        &[
            "",
            ", cap = \"1500ms\"",
            ", cap = \"900ms\", cap-stage = \"after-jitter\"",
            ", cap = \"900ms\", cap-stage = \"both\"",
        ],
    );
    match rng.random_range(0..9) {
        0 => "none = {}".into(),
        5 => format!("schedule = {{ waits = [\"0s\", \"900ms\"], jitter.{jitter} }}"),
        6 => "decorrelated-v2 = { base = \"300ms\", cap = \"2s\" }".into(),
        7 => "random-walk = { base = \"200ms\", cap = \"2s\" }".into(),
        8 => "finagle = { form = \"exponential\", base = \"200ms\", cap = \"2s\" }".into(),
        1 => format!("constant = {{ wait = \"700ms\", jitter.{jitter} }}"),
        2 => format!("linear = {{ base = \"200ms\", step = \"300ms\", jitter.{jitter}{cap} }}"),
        3 => format!("exponential = {{ base = \"250ms\", origin = 1, jitter.{jitter}{cap} }}"),
        _ => format!("exponential = {{ base = \"250ms\", jitter.decorrelated = {{}}{cap} }}"),
    }
}

/// The policy of a case, as it would stand in a file.
pub(crate) fn policy_text(seed: u64) -> String {
    let r = &mut rng(seed, 0);
    let mut text = String::new();
    let mut line = |key: &str, value: String| text.push_str(&format!("{key} = {value}\n"));
    if r.random_bool(0.08) {
        line("mode", "\"observe\"".into());
    }
    let route = pick(r, &["[\"a\"]", "[\"a\", \"b\"]", "[\"c\", \"a\", \"b\"]"]);
    let on_failure = pick(r, &["next", "exhaust-then-next"]);
    line(
        "route.failover",
        format!("{{ endpoints = {route}, on-failure = \"{on_failure}\" }}"),
    );
    line("retry.attempts", r.random_range(1..8).to_string());
    if r.random_bool(0.3) {
        line(
            "retry.attempts-per-endpoint",
            r.random_range(1..4).to_string(),
        );
    }
    line("retry.backoff", format!("{{ {} }}", backoff(r)));
    if r.random_bool(0.4) {
        let too_long = pick(r, &["ignore", "clamp", "fail", "fail", "honour"]);
        line(
            "retry.server-wait",
            format!(
                "{{ floor = \"200ms\", cap = \"1s\", jitter = 0.5, too-long = \"{too_long}\" }}"
            ),
        );
    }
    if r.random_bool(0.4) {
        let scope = pick(r, &["call", "process"]);
        let deposit = pick(r, &["per-call", "per-success"]);
        let refill = pick(r, &["", ", refill = \"30/min\""]);
        line(
            "budget.share",
            format!(
                "{{ ratio = 0.4, reserve = {}, scope = \"{scope}\", deposit = \"{deposit}\"{refill} }}",
                r.random_range(0..3)
            ),
        );
    }
    if r.random_bool(0.3) {
        let scope = pick(r, &["call", "process"]);
        line(
            "budget.time",
            format!("{{ limit = \"1500ms\", scope = \"{scope}\", per = \"7s\" }}"),
        );
    }
    let counts = pick(r, &["attempts", "attempts", "calls"]);
    let common = format!(
        "open = \"{}ms\", probes = {}, counts = \"{counts}\"",
        500 * r.random_range(1..6),
        r.random_range(1..4)
    );
    match r.random_range(0..4) {
        0 | 1 => line(
            "breaker.consecutive",
            format!("{{ failures = {}, {common} }}", r.random_range(1..4)),
        ),
        2 => line(
            "breaker.time-window",
            format!("{{ failures = 0.5, span = \"3s\", min-volume = 3, {common} }}"),
        ),
        _ => {}
    }
    if r.random_bool(0.4) {
        let to = pick(r, &["same", "other"]);
        line(
            "hedge.fixed",
            format!(
                "{{ after = \"{}ms\", to = \"{to}\", max = {} }}",
                100 * r.random_range(0..8),
                r.random_range(1..4)
            ),
        );
    }
    if r.random_bool(0.3) {
        line(
            "quota.requests",
            format!(
                "{{ rate = \"{}/s\", burst = {}, max-wait = \"2s\" }}",
                r.random_range(1..5),
                r.random_range(1..3)
            ),
        );
    }
    if r.random_bool(0.2) {
        let method = pick(r, &["bucket", "gcra", "fixed-window", "sliding-log"]);
        line(
            "quota.tokens",
            format!(
                "{{ rate = \"{}/s\", method = \"{method}\", max-wait = \"3s\" }}",
                200 * r.random_range(1..10)
            ),
        );
    }
    if r.random_bool(0.25) {
        let kind = pick(
            r,
            &[
                "fixed = { limit = 2",
                "aimd = { initial = 3, min = 1, max = 5",
                "vegas = { initial = 3, max = 5",
                "gradient2 = { initial = 3, min = 1, max = 5",
            ],
        );
        let wait = pick(r, &["0s", "1s", "60s"]);
        let (kind, settings) = kind.split_once(" = ").unwrap_or((kind, ""));
        line(
            &format!("limiter.{kind}"),
            format!("{settings}, max-wait = \"{wait}\" }}"),
        );
    }
    if r.random_bool(0.3) {
        line(
            "timeout.total",
            format!("\"{}ms\"", 100 * r.random_range(8..20)),
        );
    }
    if r.random_bool(0.3) {
        line(
            "timeout.first-token",
            format!("\"{}ms\"", 100 * r.random_range(2..8)),
        );
    }
    if r.random_bool(0.2) {
        line(
            "timeout.headers",
            format!("\"{}ms\"", 100 * r.random_range(2..8)),
        );
    }
    if r.random_bool(0.2) {
        line(
            "timeout.retry.total",
            format!("\"{}ms\"", 100 * r.random_range(8..12)),
        );
    }
    if r.random_bool(0.3) {
        line("fallback.message", "{}".into());
    }
    if r.random_bool(0.2) {
        line("classify.\"500\"", "\"overloaded\"".into());
    }
    if r.random_bool(0.3) {
        let fail_over = pick(r, &["as-route", "now", "never"]);
        line(
            "on.overloaded",
            format!(
                "{{ attempts = {}, fail-over = \"{fail_over}\" }}",
                r.random_range(1..4)
            ),
        );
    }
    if r.random_bool(0.2) {
        line(
            "on.rate-limited",
            "{ backoff.constant = { wait = \"1100ms\" }, counts-for-breaker = true }".into(),
        );
    }
    shared(&mut rng(seed, 15), &mut text);
    text
}

/// Makes some of it the fleet's, with draws of its own.
fn shared(r: &mut Xoshiro256PlusPlus, text: &mut String) {
    if r.random_bool(0.3) {
        *text = text.replace("scope = \"process\"", "scope = \"fleet\"");
    }
    if r.random_bool(0.3) && text.contains("breaker.") {
        text.push_str("trip.scope = \"fleet\"\n");
    }
    if r.random_bool(0.3) {
        *text = text.replace(
            ", max-wait = \"2s\" }",
            ", max-wait = \"2s\", scope = \"fleet\" }",
        );
    }
    if r.random_bool(0.5) {
        let sync = pick(r, &["10ms", "700ms", "5s"]);
        text.push_str(&format!("fleet.sync = \"{sync}\"\n"));
    }
}
