//! The vocabulary of the wire: what a client sends and what it can see of the answer.
//!
//! The truth of a call (how long its answer really is, whether it is good) is not here: the engine
//! must decide with what a real client knows.

use serde::{Deserialize, Serialize};

pub use super::advice::{Advice, Form, Forms};
use super::capability::Capabilities;
use super::time::Duration;

/// One logical request as the client knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The client's estimate of its prompt, in tokens.
    pub prompt_tokens: u32,
    /// The longest answer it asks for, in tokens.
    pub max_tokens: u32,
    /// Whether the answer is read token by token.
    pub stream: bool,
    /// How much it matters.
    pub priority: Priority,
    /// On whose behalf it is made.
    pub sender: Sender,
    /// What it needs an endpoint to be able to do.
    pub needs: Capabilities,
}

/// On whose behalf a request is made, as far as the client knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// The user, from 1; 0: nobody in particular.
    pub user: u32,
    /// The conversation, from 1, the later the higher; 0: none.
    pub conversation: u32,
    /// Which call of its conversation it is, from 0.
    pub turn: u16,
    /// Tokens at the beginning of its prompt that its conversation has said before: what a cache may have.
    pub repeats: u32,
}

impl Sender {
    /// Nobody in particular, and no conversation.
    pub const NOBODY: Sender = Sender {
        user: 0,
        conversation: 0,
        turn: 0,
        repeats: 0,
    };
}

/// How much a call matters.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// Nobody waits for it.
    Batch,
    /// The default.
    #[default]
    Normal,
    /// Payments, health checks.
    Critical,
}

impl Priority {
    /// Every priority, the lowest first.
    pub const ALL: [Priority; 3] = [Priority::Batch, Priority::Normal, Priority::Critical];

    /// The name in TOML, JSON and reports.
    pub fn name(self) -> &'static str {
        match self {
            Priority::Batch => "batch",
            Priority::Normal => "normal",
            Priority::Critical => "critical",
        }
    }
}

/// The provider's own code beside the status: the same status can mean opposite things.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// None, or none that matters.
    #[default]
    None,
    /// Requests or tokens per minute: waiting helps.
    RateLimit,
    /// Credit, budget or spend limit: waiting does not help.
    InsufficientQuota,
    /// The request alone is larger than the limit: it can never succeed here.
    RequestTooLarge,
    /// It asks for what the model or endpoint cannot do. A client that looks at nothing but the status takes
    /// it for a mistake of the caller.
    Unsupported,
    /// The service has too much to do.
    Overloaded,
    /// The provider broke.
    ServerError,
}

/// What refusals for a limit say about waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RetryAfter {
    /// How long until the bucket could serve this request, as if nobody else waited; the end of a
    /// storm, and the full refill from then on, are foreseen.
    #[default]
    Right,
    /// Nothing.
    Missing,
    /// The same in every refusal.
    Identical(Duration),
}

/// How an attempt ended, as it can be seen on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// HTTP 200 and a complete answer.
    Answer {
        /// Why it stopped.
        finish: Finish,
        /// Its length in tokens, as its usage says.
        tokens: u32,
        /// What a program can read out of it.
        content: Content,
    },
    /// An HTTP status other than 200; or 200, and then an error within the stream.
    Status {
        /// The status, 200 or 400 to 599.
        status: u16,
        /// The provider's own code.
        code: Code,
        /// What it says about trying again.
        advice: Advice,
    },
    /// The connection was refused.
    ConnectionRefused,
    /// The connection broke; whether an answer had begun is known from the signals before.
    ConnectionLost,
}

impl Ending {
    /// A complete answer of text that stopped by itself.
    pub const fn text(tokens: u32) -> Ending {
        Ending::Answer {
            finish: Finish::Stop,
            tokens,
            content: Content::Text,
        }
    }
}

/// Why an answer stopped: its finish reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Finish {
    /// By itself: `stop`, `end_turn`.
    #[default]
    Stop,
    /// At max-tokens: `length`, `max_tokens`.
    Length,
    /// It does not say: the stream ended cleanly, and no finish reason ever came.
    Missing,
}

/// What a program can read out of a whole answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// Text for people: there is nothing to read.
    #[default]
    Text,
    /// JSON as it was asked for.
    Json,
    /// The same within a Markdown code fence (```` ```json ````): whoever strips that can read it.
    FencedJson,
    /// Meant to be JSON, and none: it cannot be read.
    BrokenJson,
    /// The verdict of a judge: it found no fault.
    Passed,
    /// The verdict of a judge: the answer it was shown is bad.
    Flagged,
}

/// What a client can see of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The first token of a streamed answer.
    FirstToken,
    /// The end, whatever it is.
    End(Ending),
}

impl Signal {
    /// Whether it is a whole answer that stands within a code fence.
    pub fn is_fenced(self) -> bool {
        let fenced = Content::FencedJson;
        matches!(self, Signal::End(Ending::Answer { content, .. }) if content == fenced)
    }

    /// Whether it is an answer that stops at max-tokens.
    pub fn is_cut(self) -> bool {
        matches!(self, Signal::End(Ending::Answer { finish, .. }) if finish == Finish::Length)
    }
}

/// What an attempt is billed for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Prompt tokens.
    pub input_tokens: u64,
    /// Answer tokens.
    pub output_tokens: u64,
    /// Money, in pico-dollars (10⁻¹² USD).
    pub pico_usd: u64,
}
