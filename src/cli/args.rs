//! What a user types.

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::LazyLock;

use clap::builder::PossibleValue;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::deploy;
use crate::experiment::fit::columns;
use crate::experiment::settle;
use crate::scenario::{MAX_REPLICATIONS, MAX_SEED, metric_list};

/// A wind tunnel for LLM-API resilience: fly retry, breaker, failover and budget policies through
/// the same outages, 429 storms and brownouts, and see which is better and by how much.
#[derive(Debug, Parser)]
#[command(name = "squall", version, max_term_width = 80, after_help = EXIT_CODES)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 an expectation failed or was not shown, or --fail-on worse
and it is; 2 the input is wrong or unusable; 3 an internal fault (please report); 130 interrupted,
nothing half written.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Compare every policy of a scenario: verdict, table, report
    Run(Run),
    /// Read and explain scenarios; run nothing
    Check(Check),
    /// Run a scenario at every point of one or two varied keys: curves and maps
    Sweep(Sweep),
    /// Find settings that hold: search the ranges of [tune], certify on weather held out
    Tune(Tune),
    /// Make a scenario of a log of calls: its traffic, its providers, how far each law is from it
    Fit(Fit),
    /// Write a policy for the software it is deployed with; settings it does not have are listed
    Export(Export),
    /// Make a scenario of a LiteLLM configuration: the stack of today as its baseline
    Import(Import),
    /// List what there is: presets, backoff, jitter, breaker, budget …
    List(List),
    /// Explain a preset, a kind or a setting in full
    Explain(Explain),
}

/// What makes files of what `check --resolved` prints of several scenarios.
pub(super) const SPLIT: &str =
    r#"squall check --resolved FILE… | awk '/^# file: /{n++} {print >("scenario-" n ".toml")}'"#;

/// What stands below the settings of `squall check --help`.
fn below_check() -> String {
    format!(
        "Several resolved scenarios become files by\n  {SPLIT}\n\n\
         Metrics, for [compare] and [[expect]]; those marked * are of the whole run,\n\
         without `during`:\n\n{}",
        metric_list("  ")
    )
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
    /// Threads, 1 to 1024; the results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = jobs)]
    pub(super) jobs: Option<u16>,
    /// Seed, instead of the scenario's: a whole number from 0 to 9223372036854775807
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = seed)]
    pub(super) seed: Option<u64>,
    /// Runs per policy, instead of the scenario's: 1 to 100000
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = replications)]
    pub(super) replications: Option<u32>,
    /// Add replications until every verdict is reached: looks at 32, 64, 128 … of them, and
    /// intervals that hold over all looks together
    #[arg(long, conflicts_with = "replications")]
    pub(super) until_settled: bool,
    /// The most replications of --until-settled: 32 to 100000 [default: 512]
    #[arg(long, value_name = "N", allow_negative_numbers = true, requires = "until_settled", value_parser = most)]
    pub(super) max_replications: Option<u32>,
    /// Say of every policy whether an overload would outlive its trigger: its worst load against what the
    /// providers can do, the smallest trigger that locks it up in half of 60 runs, green, amber or red
    #[arg(long)]
    pub(super) stability: bool,
    /// Compare every policy with itself in an earlier run of the same weather: its results.json, or
    /// the directory of its report or of several
    #[arg(long, value_name = "PATH")]
    pub(super) against: Option<PathBuf>,
    /// Exit code 1 if a policy is worse than before on a headline metric
    #[arg(long, value_name = "VERDICT", requires = "against")]
    pub(super) fail_on: Option<FailOn>,
    /// Print nothing but mistakes
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// `squall sweep`.
#[derive(Debug, ClapArgs)]
pub(super) struct Sweep {
    /// A scenario file (TOML)
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// What varies, once or twice: KEY=A,B,C or KEY=FROM..TO, with :N for the number of points and
    /// :log for equal factors, as in policy.x.retry.backoff.exponential.base=250ms..8s:6:log; without
    /// it [run] vary of the file
    #[arg(long, value_name = "KEY=VALUES")]
    pub(super) vary: Vec<String>,
    /// A metric to show, several times if wanted [default: those of [compare]]
    #[arg(long, value_name = "NAME")]
    pub(super) metric: Vec<String>,
    /// Where the result goes: DIR/NAME@sweep/index.html and the rest
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub(super) out: PathBuf,
    /// Threads, 1 to 1024; the results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = jobs)]
    pub(super) jobs: Option<u16>,
    /// Seed, instead of the scenario's: a whole number from 0 to 9223372036854775807
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = seed)]
    pub(super) seed: Option<u64>,
    /// Runs per policy and point, instead of the scenario's: 1 to 100000
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = replications)]
    pub(super) replications: Option<u32>,
    /// Print nothing but mistakes
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// `squall tune`.
#[derive(Debug, ClapArgs)]
pub(super) struct Tune {
    /// A file with [tune] and the policies (TOML)
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// For an optimiser of your own, in JSON lines: ask prints what may be moved; tell reads a candidate a
    /// line and answers with how it does in each weather
    #[arg(value_name = "ask|tell", value_enum, hide_possible_values = true)]
    pub(super) session: Option<TuneSession>,
    /// Where the result goes: DIR/NAME@tuned/policy.toml and the rest
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub(super) out: PathBuf,
    /// Threads, 1 to 1024; the result does not depend on it [default: all cores]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = jobs)]
    pub(super) jobs: Option<u16>,
    /// Seed, instead of the file's: a whole number from 0 to 9223372036854775807
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = seed)]
    pub(super) seed: Option<u64>,
    /// Runs of the search and the selection, instead of the file's: 100 to 10000000
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = budget)]
    pub(super) budget: Option<u64>,
    /// Print nothing but mistakes
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// The two ways to use a tuning without its search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TuneSession {
    /// Prints the problem
    Ask,
    /// Answers to candidates
    Tell,
}

/// What makes `--against` fail the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// A verdict of worse
    Worse,
}

/// `squall check`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = below_check())]
pub(super) struct Check {
    /// Scenario files (TOML)
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Print what includes, presets and inheritance made of them, with the full path of a trace;
    /// of several scenarios each begins with a line `# file: FILE`
    #[arg(long)]
    pub(super) resolved: bool,
}

/// What stands below the settings of `squall fit --help`.
fn below_fit() -> String {
    format!(
        "A line of the log is one attempt, in CSV with a header or one JSON object a line; nested\n\
         objects and OTLP's `attributes` are read as if they stood outside. Every column may be\n\
         missing; what is not in the log is not in the scenario. These are known, each by\n\
         any of its names, and others are ignored:\n\n{}",
        columns::help("  ")
    )
}

/// `squall fit`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = below_fit())]
pub(super) struct Fit {
    /// A log of calls: CSV, or JSON lines if its name ends in .jsonl, .ndjson or .json
    #[arg(value_name = "CALLS")]
    pub(super) log: PathBuf,
    /// Where the scenario goes, and beside it the trace of the calls if their arrivals are not
    /// independent; without it the scenario is printed
    #[arg(long, value_name = "FILE", conflicts_with_all = ["check", "against"])]
    pub(super) out: Option<PathBuf>,
    /// Fly the log again: all its calls and its spells of errors when they were, for `squall run`, with
    /// the recorded success and p99 as expectations. With --check the second half's spells come when
    /// they were, and the rest is predicted
    #[arg(long, conflicts_with = "against")]
    pub(super) replay: bool,
    /// Fit the first half and predict the second: exit code 1 if a recorded figure lies outside
    /// the interval of its prediction
    #[arg(long, conflicts_with = "against")]
    pub(super) check: bool,
    /// Runs of the prediction: 2 to 1000
    #[arg(long, value_name = "N", default_value_t = 32, requires = "check", value_parser = runs)]
    pub(super) runs: u32,
    /// How far a profile that ships with Squall is from this log: one of workload.tokens or of
    /// provider.latency
    #[arg(long, value_name = "PROFILE")]
    pub(super) against: Option<String>,
}

/// What stands below the settings of `squall export --help`.
fn below_export() -> String {
    let line = |t: &deploy::Target| format!("  {:12}  {}\n", t.name, t.summary);
    let targets: String = deploy::TARGETS.iter().map(line).collect();
    format!(
        "Targets:\n\n{targets}\n\
         Every setting that the target does not have, or has otherwise, is listed in comments of\n\
         the file and on standard error. Of LiteLLM, Envoy, resilience4j and Polly the default\n\
         behaviour is that of the presets with their names."
    )
}

/// `squall export`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = below_export())]
pub(super) struct Export {
    /// A scenario file (TOML)
    #[arg(value_name = "SCENARIO")]
    pub(super) file: PathBuf,
    /// What it is deployed with
    #[arg(long, value_name = "TARGET", value_enum)]
    pub(super) to: Target,
    /// The policy of the scenario
    #[arg(long, value_name = "NAME")]
    pub(super) policy: String,
    /// Where the file goes; without it, it is printed
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

/// One of [`deploy::TARGETS`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Target(&'static str);

impl Target {
    pub(super) fn name(self) -> &'static str {
        self.0
    }
}

impl ValueEnum for Target {
    fn value_variants<'a>() -> &'a [Target] {
        static ALL: LazyLock<Vec<Target>> =
            LazyLock::new(|| deploy::TARGETS.iter().map(|t| Target(t.name)).collect());
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0))
    }
}

/// What stands below the settings of `squall import --help`.
const BELOW_IMPORT: &str = "\
Read are model_list (model_name, litellm_params.model, rpm, tpm, weight and prices),
router_settings and litellm_settings: num_retries, retry_policy, timeout, stream_timeout,
request_timeout, allowed_fails, cooldown_time, disable_cooldowns, routing_strategy and its
arguments, fallbacks, default_fallbacks, max_fallbacks. Everything else is listed, in comments
of the scenario and on standard error, and so is all that is assumed: how fast each model is,
its price and limits, the traffic, the outage. The scenario runs as it is written.";

/// `squall import`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = BELOW_IMPORT)]
pub(super) struct Import {
    /// A configuration file of LiteLLM's proxy (YAML)
    #[arg(value_name = "CONFIG")]
    pub(super) file: PathBuf,
    /// Where the scenario goes; without it, it is printed
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
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
    /// A name from a list, or a key of a scenario: a preset, a kind, a setting
    #[arg(value_name = "NAME")]
    pub(super) name: String,
}

fn seed(text: &str) -> Result<u64, String> {
    whole(text, 0, MAX_SEED)
}

fn budget(text: &str) -> Result<u64, String> {
    whole(text, 100, 10_000_000)
}

fn jobs(text: &str) -> Result<u16, String> {
    whole(text, 1, 1024)
}

fn runs(text: &str) -> Result<u32, String> {
    whole(text, 2, 1000)
}

fn replications(text: &str) -> Result<u32, String> {
    whole(text, 1, MAX_REPLICATIONS)
}

fn most(text: &str) -> Result<u32, String> {
    whole(text, settle::FIRST, MAX_REPLICATIONS)
}

/// A whole number in a range, or what it should have been.
fn whole<N>(text: &str, least: N, most: N) -> Result<N, String>
where
    N: FromStr + PartialOrd + Display,
{
    let number = text.parse().ok();
    number
        .filter(|n| (&least..=&most).contains(&n))
        .ok_or_else(|| format!("not a whole number from {least} to {most}"))
}
