//! Every output as a line of text.

use squall::base::{EndpointId, Instant};
use squall::engine::{Notice, Output};

use super::{Judgement, NAMES, Pair};

impl Pair {
    pub(super) fn note(&mut self, number: u32, output: Output) {
        let name = |id: EndpointId| NAMES[usize::from(id.0)];
        let kebab = |text: String| {
            let mut out = String::new();
            for c in text.chars() {
                if c.is_uppercase() && !out.is_empty() {
                    out.push('-');
                }
                out.push(c.to_ascii_lowercase());
            }
            out
        };
        let line = match output {
            Output::Dispatch {
                receipt,
                origin,
                probe,
            } => {
                self.open.push((number, receipt));
                self.newest = receipt;
                let probe = if probe { " probe" } else { "" };
                format!("send {} {origin}{probe}", name(receipt.endpoint))
            }
            Output::Judge {
                receipt,
                inline,
                until,
                ..
            } => {
                let mut open = self.open.iter();
                let answer = open.find(|(n, r)| *n == number && r.attempt == receipt.attempt);
                self.judged.push_back(Judgement {
                    number,
                    answer: answer.expect("an answer that has just come").1,
                    inline,
                });
                let when = if inline { "inline" } else { "beside" };
                let until = match until {
                    Instant::NEVER => String::new(),
                    until => format!(" until {}", until.0 / 1_000_000),
                };
                format!("judge {} {when}{until}", name(receipt.endpoint))
            }
            Output::Abort { receipt, reason } if receipt.call.is_of_judge() => {
                self.judged
                    .retain(|j| j.number != number || j.answer.attempt != receipt.attempt);
                format!("stop judge {}", kebab(format!("{reason:?}")))
            }
            Output::Abort { receipt, reason } => {
                format!(
                    "abort {} {}",
                    name(receipt.endpoint),
                    kebab(format!("{reason:?}"))
                )
            }
            Output::Deliver { receipt } => format!("deliver {}", name(receipt.endpoint)),
            Output::Listen { receipt } => {
                self.listening.push_back((number, receipt.attempt));
                return;
            }
            Output::Embed {
                receipt,
                dimensions,
            } => {
                self.answers.push(receipt);
                format!("embed {} {dimensions}", name(receipt.endpoint))
            }
            Output::Ready { slot } => {
                self.ready.push_back(slot);
                return;
            }
            Output::Ended { receipt, class } => {
                self.open.retain(|(_, r)| *r != receipt);
                self.unbilled.push_back(receipt);
                format!("end {} {class}", name(receipt.endpoint))
            }
            Output::Defer { id } => format!("defer {id:?}"),
            Output::Submit { id, request } => {
                self.again.push_back((id, request));
                format!("submit {id:?}")
            }
            Output::Forget { id, answered } => {
                let how = if answered { "answered" } else { "lost" };
                format!("forget {id:?} {how}")
            }
            Output::Finish {
                verdict,
                answered_by,
            } => {
                self.calls.remove(&number);
                let by = answered_by.map_or(String::new(), |r| format!(" by {}", name(r.endpoint)));
                let verdict = format!("{verdict:?}").replace(['(', ')'], "");
                format!("finish {}{by}", kebab(verdict))
            }
            Output::Notice(notice) => match notice {
                Notice::BreakerTripped {
                    endpoint, until, ..
                } => {
                    format!("trip {} until {}", name(endpoint), until.0 / 1_000_000)
                }
                Notice::BreakerClosed { endpoint } => format!("close {}", name(endpoint)),
                Notice::Refused { refusal, endpoint } => {
                    let at = endpoint.map_or(String::new(), |e| format!(" {}", name(e)));
                    format!("refused {refusal}{at}")
                }
                Notice::Alert { monitor, endpoint } => {
                    let by = self.policy.monitors().nth(usize::from(monitor));
                    format!("alert {} {}", by.unwrap_or("?"), name(endpoint))
                }
                Notice::LimitReached { limit, endpoint } => {
                    format!("limit {limit} {}", name(endpoint))
                }
                Notice::HedgeWon => "won".into(),
                Notice::Degraded { by } => format!("degraded {by}"),
                Notice::WouldDegrade { by } => format!("would degrade {by}"),
                Notice::Guarded {
                    receipt,
                    guard,
                    measure,
                } => format!("guard {} {guard} {measure}", name(receipt.endpoint)),
                Notice::Judged { endpoint, bad } => {
                    let word = if bad { "bad" } else { "good" };
                    format!("verdict {} {word}", name(endpoint))
                }
                Notice::WouldSend { origin } => format!("would {origin}"),
                Notice::WouldWait => "would wait".into(),
                Notice::WouldTimeOut { timeout } => format!("would time out {timeout}"),
                Notice::WouldSteer { detour } => format!("would steer {detour}"),
            },
        };
        let whose = if number == 0 {
            String::new()
        } else {
            format!(" #{number}")
        };
        self.log
            .push(format!("{} {line}{whose}", self.now.0 / 1_000_000));
    }
}
