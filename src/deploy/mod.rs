//! Floor 6: a policy as it is deployed: in the settings of other software, and the settings of today's stack as a
//! scenario.
//!
//! A target writes its file and says what policy that file makes of it. Both are brought to one form
//! ([`conduct`]), and every line in which they differ is listed: so what cannot be expressed is not what somebody
//! thought of, but what is left over. A new setting of a policy is in that list from its first day.

pub mod conduct;
pub mod envoy;
pub mod litellm;
mod lost;
pub mod polly;
mod preset;
pub mod resilience4j;
pub mod settings;
pub mod squall;
mod subject;
mod writer;
mod yaml;
mod yaml_in;

pub use lost::Lost;
pub use subject::{NoSubject, Subject};

/// Software that a policy is deployed with.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name in `--to`.
    pub name: &'static str,
    /// One line, without a full stop.
    pub summary: &'static str,
    /// Writes its file.
    pub write: fn(&Subject<'_>) -> Export,
}

/// What is written for a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    /// The file.
    pub text: String,
    /// Every setting of the policy that the target does not have, or has otherwise; also in the file, in comments.
    pub lost: Vec<Lost>,
}

/// Every target.
pub const TARGETS: &[Target] = &[
    litellm::TARGET,
    envoy::TARGET,
    resilience4j::TARGET,
    polly::TARGET,
    squall::TARGET,
];

/// The target of a name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
