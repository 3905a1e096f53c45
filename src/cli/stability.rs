//! `--stability`: the verdict on every policy, flown beside the runs of the comparison.

use crate::base::Stop;
use crate::experiment::resilience::{self, Crew, Halt, Plan};
use crate::record::results::Results;
use crate::scenario::Scenario;

use super::args::Run;
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::run::cores;

/// Puts a verdict on every policy into the results.
///
/// # Errors
/// If it was interrupted, or a policy cannot be flown.
pub(super) fn enter(
    args: &Run,
    scenario: &Scenario,
    results: &mut Results,
    interrupt: &Interrupt,
) -> Result<(), Halt> {
    let plan = Plan::default();
    let most = plan.looks() as usize * plan.runs as usize * scenario.policies.len();
    let name = format!("{} stability", scenario.name);
    let progress = Progress::new(&name, most, args.quiet, &interrupt.line_stands);
    let stop: &Stop = &interrupt.stop;
    let crew = Crew {
        threads: args.jobs.map_or_else(cores, usize::from),
        stop,
        done: &|| progress.step(),
    };
    let verdicts = resilience::verdicts(scenario, &plan, crew);
    progress.end();
    for (policy, verdict) in results.policies.iter_mut().zip(verdicts?) {
        policy.stability_verdict = Some(verdict);
    }
    Ok(())
}
