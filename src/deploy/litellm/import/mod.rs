//! A LiteLLM configuration file as a scenario: today's stack, to be compared with another.

mod deployments;
mod model;
mod read;
mod scenario;

use super::router::Router;
use crate::scenario::WrongLine;

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// The scenario, in TOML.
    pub scenario: String,
    /// What of the file Squall does not know or could not take over, a line each; also in the scenario, as comments.
    pub left_out: Vec<String>,
    /// What the scenario assumes because the file does not say it; also there.
    pub assumed: Vec<String>,
}

/// The settings as they were read.
#[derive(Clone, Debug, Default, PartialEq)]
struct Found {
    router: Router,
    left_out: Vec<String>,
    assumed: Vec<String>,
}

/// Reads a configuration file and makes a scenario of it; `file` is what it is called in messages.
///
/// # Errors
/// What keeps it from being read: it is no YAML, has no models, or a value that LiteLLM would refuse as well.
pub fn import(file: &str, text: &str) -> Result<Import, Vec<WrongLine>> {
    let found = read::read(text)?;
    Ok(scenario::scenario(file, found))
}

/// Reads the settings alone.
///
/// # Errors
/// As [`import`].
pub fn router(text: &str) -> Result<Router, Vec<WrongLine>> {
    read::read(text).map(|found| found.router)
}
