//! What a layer says to its caller: the ending of its own call as one of the caller's attempt.
//!
//! An answer is passed on as it is. Of a failure:
//!
//! | how the call ended | what the caller sees |
//! |---|---|
//! | its deadline, or its last attempt's timeout | 504 |
//! | it was refused: nothing was ever sent | 503 |
//! | its last attempt got a status | that status and code, with its `Retry-After` |
//! | its last attempt got none (connection, unreadable or refused answer) | 502 |
//! | its answer broke off on the way | the connection breaks |
//!
//! So a 429 stays a 429 and says how long to wait. `x-should-retry` is not passed on: it is what the provider
//! told its own client.

use crate::base::wire::{Advice, Code, Content, Ending};
use crate::base::{Class, Failure, Verdict};

/// The ending that the caller of a layer sees. `last` is how the newest attempt of its call ended, and what
/// was seen of that.
pub(super) fn outward(verdict: Verdict, last: Option<(Class, Option<Ending>)>) -> Ending {
    let (class, seen) = last.map_or((None, None), |(class, seen)| (Some(class), seen));
    match verdict {
        Verdict::Success => match seen {
            Some(answer @ Ending::Answer { .. }) => answer,
            _ => Ending::text(0),
        },
        Verdict::Degraded => Ending::text(0),
        Verdict::Failed(Failure::Truncated) => Ending::ConnectionLost,
        Verdict::Failed(Failure::Expired) => bare(504),
        Verdict::Failed(Failure::Refused | Failure::Cancelled) => bare(503),
        Verdict::Failed(Failure::Exhausted) => match (class, seen) {
            (Some(Class::TimedOut), _) => bare(504),
            (
                _,
                Some(Ending::Status {
                    status,
                    code,
                    mut advice,
                }),
            ) => {
                advice.should_retry = None;
                Ending::Status {
                    status,
                    code,
                    advice,
                }
            }
            _ => bare(502),
        },
    }
}

/// The same answer without its code fence, where the layer takes it out.
pub(super) fn without_fence(ending: Ending) -> Ending {
    match ending {
        Ending::Answer {
            finish,
            tokens,
            content: Content::FencedJson,
        } => Ending::Answer {
            finish,
            tokens,
            content: Content::Json,
        },
        other => other,
    }
}

fn bare(status: u16) -> Ending {
    Ending::Status {
        status,
        code: Code::None,
        advice: Advice::NONE,
    }
}
