//! Squall: a wind tunnel for LLM-API resilience.
//!
//! You describe the weather (providers, outages, 429 storms, silent quality drift), the traffic
//! and the policies you are choosing between in one TOML file. Squall flies every policy through
//! the same weather in virtual time and says which is better and by how much. The policy code that
//! is measured is the policy code that is deployed.
//!
//! ARCHITECTURE.md is the plan of the house: a folder imports only from floors below it.

pub mod base;
pub mod engine;
pub mod policy;

#[cfg(feature = "scenario")]
pub mod fault;
#[cfg(feature = "scenario")]
pub mod provider;
#[cfg(feature = "scenario")]
pub mod record;
#[cfg(feature = "scenario")]
pub mod scenario;
#[cfg(feature = "scenario")]
pub mod workload;
#[cfg(feature = "scenario")]
pub mod world;

#[cfg(feature = "sim")]
pub mod experiment;
#[cfg(feature = "sim")]
pub mod sim;

#[cfg(feature = "deploy")]
pub mod deploy;

#[cfg(feature = "report")]
pub mod report;

#[cfg(feature = "cli")]
pub mod cli;
