//! Random policies and random endpoints.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use squall::base::wire::Code;
use squall::base::{Duration, Ending};

/// How one attempt goes: (first token after ms, how it ends and after how many ms); None: never.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Script {
    pub(crate) first_token: Option<u64>,
    pub(crate) end: Option<(u64, Ending)>,
}

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
        ],
    );
    match rng.random_range(0..5) {
        0 => "none = {}".into(),
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
    if r.random_bool(0.3) {
        line("fallback.answer", "{}".into());
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
    text
}

/// How an attempt goes. Times are on a grid of 100 ms, as are timeouts and deadlines, so that
/// things fall due in one instant all the time.
pub(crate) fn script(r: &mut Xoshiro256PlusPlus, stream: bool) -> Script {
    let after = 100 * r.random_range(0..12);
    let first_token = (stream && r.random_bool(0.6)).then(|| 100 * r.random_range(0..=after / 100));
    let status = |status, code| Ending::Status {
        status,
        code,
        retry_after: None,
    };
    let ending = match r.random_range(0..12) {
        0..4 => Ending::Answer {
            cut_by_max_tokens: false,
        },
        4 | 5 => status(500, Code::ServerError),
        6 => status(503, Code::Overloaded),
        7 => {
            let wait = 100 * r.random_range(0..30);
            let retry_after = r.random_bool(0.7).then(|| Duration::from_ms(wait));
            Ending::Status {
                status: 429,
                code: Code::RateLimit,
                retry_after,
            }
        }
        8 => status(429, Code::InsufficientQuota),
        9 => status(400, Code::None),
        10 => Ending::ConnectionRefused,
        _ => Ending::ConnectionLost,
    };
    let end = (!r.random_bool(0.08)).then_some((after, ending));
    Script { first_token, end }
}
