//! Packet loss: a request that is lost on its way is sent again below the client, after a timeout that
//! doubles each time.
//!
//! TCP's retransmission (RFC 6298): the first timeout is 1 s for a connection that knows nothing of its
//! round trip, and doubles; so a request that is lost k times comes (2^k − 1) timeouts late. Lost more often
//! than `tries` says, it never comes, and only a timeout of the client ends it. Each packet is lost by a lot
//! of its own, so k is geometric. Requests that are sent while it is on are hit; answers are not.

use serde::Deserialize;

use super::Effect;
use crate::base::Check;
use crate::base::Duration;
use crate::base::registry::Kind;
use crate::base::units::Ratio;

/// This kind.
pub const INFO: Kind = Kind {
    name: "packet-loss",
    summary: "requests come late or never: lost on their way and sent again",
};

/// Settings.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The share of packets that is lost.
    pub loss: Ratio,
    /// How long until one is sent again, the first time.
    #[serde(default = "initial")]
    pub timeout: Duration,
    /// How often a request is sent again before it is lost for good; at most 20. Linux tries six times to
    /// connect.
    #[serde(default = "syn_retries")]
    pub tries: u32,
}

/// RFC 6298, 2.1.
fn initial() -> Duration {
    Duration::from_s(1)
}

/// `tcp_syn_retries`.
fn syn_retries() -> u32 {
    6
}

impl Config {
    pub(super) fn check(&self, check: &mut Check) {
        if self.loss.0 == 0.0 {
            let mistake = check.mistake("loss", "a fault that hits nobody", "is zero");
            mistake.value_alone();
        }
        if self.tries > 20 {
            check
                .mistake("tries", "more than any network tries", "above 20")
                .help("each wait is twice the one before: the twentieth is twelve days");
        }
    }

    /// How much later a request comes whose lot is `u` in (0, 1); None: never. P(lost k times or more) is
    /// loss^k, so k is the whole part of ln(u)/ln(loss).
    pub fn delay(&self, u: f64) -> Option<Duration> {
        if self.loss.0 >= 1.0 {
            return None;
        }
        let lost = libm::log(u) / libm::log(self.loss.0);
        if lost >= f64::from(self.tries) + 1.0 {
            return None;
        }
        let lost = lost as u32;
        Some(self.timeout.scale(((1u64 << lost) - 1) as f64))
    }
}

impl Effect for Config {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_loss_doubles_the_wait_and_the_last_is_for_good() {
        let loss = Config {
            loss: Ratio(0.1),
            timeout: Duration::from_s(1),
            tries: 2,
        };
        let delay = |u| loss.delay(u).map(|d| d.0 / 1_000_000_000);
        assert_eq!(
            [delay(0.5), delay(0.09), delay(0.009), delay(0.0009)],
            [Some(0), Some(1), Some(3), None]
        );
    }
}
