//! What a user types.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

use crate::scenario::MAX_SEED;

/// A wind tunnel for LLM-API resilience: fly retry, breaker, failover and budget policies through
/// the same outages, 429 storms and brownouts, and see which is better and by how much.
#[derive(Debug, Parser)]
#[command(name = "squall", version, max_term_width = 80, after_help = EXIT_CODES)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 an expectation failed or was not shown; 2 the input is
wrong or unusable; 3 an internal fault (please report); 130 interrupted,
nothing half written.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Compare every policy of a scenario: verdict, table, report
    Run(Run),
    /// Read and explain scenarios; run nothing
    Check(Check),
    /// List what there is: presets, backoff, jitter, breaker, budget …
    List(List),
    /// Explain a preset or a kind in full
    Explain(Explain),
}

/// `squall run`.
#[derive(Debug, ClapArgs)]
pub(super) struct Run {
    /// Scenario files (TOML)
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Where reports go: DIR/SCENARIO/index.html and the rest
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub(super) out: PathBuf,
    /// Threads; the results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: Option<u16>,
    /// Seed, instead of the scenario's: a whole number from 0 to 9223372036854775807
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = seed)]
    pub(super) seed: Option<u64>,
    /// Runs per policy, instead of the scenario's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(super) replications: Option<u32>,
    /// Print nothing but mistakes
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// `squall check`.
#[derive(Debug, ClapArgs)]
pub(super) struct Check {
    /// Scenario files (TOML)
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Print what includes, presets and inheritance made of them, with the full path of a trace
    #[arg(long)]
    pub(super) resolved: bool,
}

/// `squall list`.
#[derive(Debug, ClapArgs)]
pub(super) struct List {
    /// What to list; without it, what can be listed
    #[arg(value_name = "KIND")]
    pub(super) what: Option<String>,
}

/// `squall explain`.
#[derive(Debug, ClapArgs)]
pub(super) struct Explain {
    /// A name from a list: a preset or a kind
    #[arg(value_name = "NAME")]
    pub(super) name: String,
}

fn seed(text: &str) -> Result<u64, String> {
    let number = text.parse::<u64>().ok().filter(|n| *n <= MAX_SEED);
    number.ok_or_else(|| format!("not a whole number from 0 to {MAX_SEED}"))
}
