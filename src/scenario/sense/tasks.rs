//! Warnings about tasks that only one side knows: the calls or the providers.

use super::super::parts::Parts;
use super::super::report::Report;
use crate::workload;

/// Warns about providers that tell of a task that no call has, and about tasks nobody tells of.
pub(super) fn check(parts: &Parts, workload: &workload::Config, report: &mut Report) {
    for (_, provider) in &parts.providers {
        if !provider.knows("task") {
            continue;
        }
        provider.check(report, |config, check| {
            for name in config
                .task
                .keys()
                .filter(|name| !workload.task.contains_key(*name))
            {
                check
                    .warning(
                        &format!("task.{name}"),
                        "a task that no call has",
                        "this changes nothing",
                    )
                    .help(format!(
                        "write workload.task.{name} = {{ share = \"30%\" }}"
                    ));
            }
        });
    }
    if parts.lacks.providers || parts.providers.iter().any(|(_, p)| !p.knows("task")) {
        return;
    }
    parts.workload.check(report, |config, check| {
        let told = |name: &String| {
            let mut providers = parts.providers.iter();
            providers.any(|(_, p)| p.value.as_ref().is_none_or(|p| p.task.contains_key(name)))
        };
        for name in config.task.keys().filter(|name| !told(name)) {
            check
                .warning(
                    &format!("task.{name}"),
                    "a task that is like all others",
                    "no provider says what its answers to it are worth",
                )
                .help(format!("write task.{name}.quality = 0.9 at a provider"));
        }
    });
}
