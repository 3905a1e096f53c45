//! The columns of a log of calls: what each holds, and by which names it is known.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// When the attempt was sent.
    Start,
    /// When its last byte came.
    End,
    /// Who served it.
    Provider,
    /// Which model.
    Model,
    /// Which deployment or host.
    Endpoint,
    /// The HTTP status.
    Status,
    /// What went wrong, in words or as a status; empty, 0, false or ok: nothing.
    Error,
    /// Prompt tokens, cached ones included.
    Input,
    /// Prompt tokens read from the provider's cache.
    Cached,
    /// Answer tokens, reasoning included.
    Output,
    /// Of those, the ones spent on reasoning.
    Reasoning,
    /// From sending to the first token.
    FirstToken,
    /// From sending to the last byte.
    Duration,
    /// Which attempt of its call it is, from 1.
    Attempt,
    /// The same, from 0.
    Resend,
    /// The conversation it belongs to.
    Conversation,
    /// On whose behalf.
    User,
}

/// What a number in a column counts, in seconds; None: it is no time, or its text says.
pub type Unit = Option<f64>;

/// One name of a column.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    /// As it stands in the header or as a key; capitals do not matter.
    pub name: &'static str,
    /// What it holds.
    pub column: Column,
    /// What its numbers count.
    pub unit: Unit,
}

const fn name(name: &'static str, column: Column, unit: Unit) -> Name {
    Name { name, column, unit }
}

const S: Unit = Some(1.0);
const MS: Unit = Some(1e-3);
const NS: Unit = Some(1e-9);

/// Every name. Of several names of one column in a file the first in this list counts. Those with dots are of
/// OpenTelemetry's semantic conventions (`gen_ai`, `http`, `error`, `server`, `session`, `user`).
pub const NAMES: &[Name] = &[
    name("start", Column::Start, None),
    name("start_time", Column::Start, None),
    name("timestamp", Column::Start, None),
    name("time", Column::Start, None),
    name("start_ms", Column::Start, MS),
    name("t_ms", Column::Start, MS),
    name("start_s", Column::Start, S),
    name("t_s", Column::Start, S),
    name("startTimeUnixNano", Column::Start, NS),
    name("end", Column::End, None),
    name("end_time", Column::End, None),
    name("endTimeUnixNano", Column::End, NS),
    name("provider", Column::Provider, None),
    name("gen_ai.provider.name", Column::Provider, None),
    name("gen_ai.system", Column::Provider, None),
    name("model", Column::Model, None),
    name("gen_ai.request.model", Column::Model, None),
    name("gen_ai.response.model", Column::Model, None),
    name("endpoint", Column::Endpoint, None),
    name("deployment", Column::Endpoint, None),
    name("server.address", Column::Endpoint, None),
    name("status", Column::Status, None),
    name("status_code", Column::Status, None),
    name("http.response.status_code", Column::Status, None),
    name("http.status_code", Column::Status, None),
    name("error", Column::Error, None),
    name("error_type", Column::Error, None),
    name("error.type", Column::Error, None),
    name("error_code", Column::Error, None),
    name("input_tokens", Column::Input, None),
    name("in_tokens", Column::Input, None),
    name("prompt_tokens", Column::Input, None),
    name("gen_ai.usage.input_tokens", Column::Input, None),
    name("gen_ai.usage.prompt_tokens", Column::Input, None),
    name("cached_tokens", Column::Cached, None),
    name("cache_read_input_tokens", Column::Cached, None),
    name("gen_ai.usage.cache_read.input_tokens", Column::Cached, None),
    name("prefix_hit_tokens", Column::Cached, None),
    name("output_tokens", Column::Output, None),
    name("out_tokens", Column::Output, None),
    name("completion_tokens", Column::Output, None),
    name("gen_ai.usage.output_tokens", Column::Output, None),
    name("gen_ai.usage.completion_tokens", Column::Output, None),
    name("reasoning_tokens", Column::Reasoning, None),
    name(
        "gen_ai.usage.reasoning.output_tokens",
        Column::Reasoning,
        None,
    ),
    name("ttft_ms", Column::FirstToken, MS),
    name("ttft_s", Column::FirstToken, S),
    name("time_to_first_token_ms", Column::FirstToken, MS),
    name("gen_ai.server.time_to_first_token", Column::FirstToken, S),
    name("gen_ai.response.time_to_first_chunk", Column::FirstToken, S),
    name("duration_ms", Column::Duration, MS),
    name("duration_s", Column::Duration, S),
    name("latency_ms", Column::Duration, MS),
    name("e2e_ms", Column::Duration, MS),
    name("api_ms", Column::Duration, MS),
    name("gen_ai.client.operation.duration", Column::Duration, S),
    name("attempt", Column::Attempt, None),
    name("http.request.resend_count", Column::Resend, None),
    name("conversation", Column::Conversation, None),
    name("gen_ai.conversation.id", Column::Conversation, None),
    name("session", Column::Conversation, None),
    name("session.id", Column::Conversation, None),
    name("user", Column::User, None),
    name("user.id", Column::User, None),
    name("enduser.id", Column::User, None),
];

/// The place of a name in [`NAMES`].
pub fn known(name: &str) -> Option<usize> {
    let name = name.trim();
    NAMES.iter().position(|n| n.name.eq_ignore_ascii_case(name))
}

/// What the columns are, for help: one line each, with all names.
pub fn help(indent: &str) -> String {
    let mut text = String::new();
    for (column, what) in SUMMARIES {
        let names: Vec<&str> = NAMES
            .iter()
            .filter(|n| n.column == *column)
            .map(|n| n.name)
            .collect();
        text.push_str(&format!("{indent}{what}\n{indent}  {}\n", names.join(", ")));
    }
    text
}

const SUMMARIES: &[(Column, &str)] = &[
    (
        Column::Start,
        "when it was sent: RFC 3339, or a number (s, ms, µs or ns since 1970 by its size)",
    ),
    (
        Column::End,
        "when its last byte came, likewise; instead of a duration",
    ),
    (
        Column::Provider,
        "provider; with model and endpoint it names the [provider.NAME] it becomes",
    ),
    (Column::Model, "model"),
    (Column::Endpoint, "endpoint"),
    (Column::Status, "HTTP status; empty: see the error"),
    (
        Column::Error,
        "error: a status or words (timeout, rate limit, overloaded …); empty, 0, ok: none",
    ),
    (Column::Input, "prompt tokens, cached ones included"),
    (Column::Cached, "of these, read from the provider's cache"),
    (Column::Output, "answer tokens, reasoning included"),
    (Column::Reasoning, "of these, reasoning"),
    (
        Column::FirstToken,
        "time to the first token (…_ms in milliseconds, the others in seconds)",
    ),
    (Column::Duration, "time to the last byte, likewise"),
    (
        Column::Attempt,
        "which attempt of its call, from 1; absent: all are first ones",
    ),
    (Column::Resend, "the same, from 0"),
    (Column::Conversation, "conversation"),
    (Column::User, "user"),
];
