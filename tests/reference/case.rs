//! Random endpoints.

use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;
use squall::base::wire::{Advice, Code, Forms};
use squall::base::{Duration, Ending};

/// How one attempt goes: (first token after ms, how it ends and after how many ms); None: never.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Script {
    pub(crate) first_token: Option<u64>,
    pub(crate) end: Option<(u64, Ending)>,
}

/// How an attempt goes. Times are on a grid of 100 ms, as are timeouts and deadlines, so that
/// things fall due in one instant all the time.
pub(crate) fn script(r: &mut Xoshiro256PlusPlus, stream: bool) -> Script {
    let after = 100 * r.random_range(0..12);
    let first_token = (stream && r.random_bool(0.6)).then(|| 100 * r.random_range(0..=after / 100));
    let status = |status, code| Ending::Status {
        status,
        code,
        advice: Advice::NONE,
    };
    let ending = match r.random_range(0..12) {
        0..4 => Ending::text(100),
        4 | 5 => status(500, Code::ServerError),
        6 => status(503, Code::Overloaded),
        7 => {
            let wait = 100 * r.random_range(0..30);
            let stated = r.random_bool(0.7).then(|| Duration::from_ms(wait));
            Ending::Status {
                status: 429,
                code: Code::RateLimit,
                advice: Advice::stated(stated, Forms::EXACT),
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
