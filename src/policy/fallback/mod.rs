//! The final fallback: what is said when nothing worked.
//!
//! A cached answer, a rule, an honest message: it ends the call as degraded, never as a success.

pub mod answer;
pub mod none;

use crate::base::registry::registry;

registry! {
    /// What is said when nothing worked.
    "fallback": None = none, Answer = answer
}

impl Default for Config {
    fn default() -> Config {
        Config::None(none::Config {})
    }
}
