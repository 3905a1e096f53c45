//! Guards that are set in vain, and judges that are asked for more than their verdict.

use super::super::parts::Parts;
use super::super::report::Report;
use crate::base::{Capability, Check};
use crate::policy::guard::Then;
use crate::policy::guard::finish_reason::Length;
use crate::policy::{self, Mode};
use crate::workload::config::CutAnswers;
use crate::{provider, workload};

/// Warns about guards of every policy.
pub(super) fn check(parts: &Parts, workload: Option<&workload::Config>, report: &mut Report) {
    let judges = judges(parts);
    for (_, policy) in &parts.policies {
        if !policy.knows("guard") || !policy.knows("route") {
            continue;
        }
        policy.check(report, |config, check| {
            if let Some(workload) = workload {
                schema(config, workload, parts, check);
                limit(config, workload, check);
                cut(config, workload, check);
            }
            if policy.knows("retry") && policy.knows("on") {
                ask_again(config, check);
            }
            if !parts.lacks.policies && !parts.lacks.providers {
                default_route(config, &judges, parts, check);
            }
        });
    }
}

/// The judges of all policies.
fn judges(parts: &Parts) -> Vec<String> {
    let configs = parts.policies.iter().filter_map(|(_, p)| p.value.as_ref());
    let judges = configs.filter_map(|config| config.guard.judge());
    judges.map(|judge| judge.endpoint.clone()).collect()
}

/// A guard on the form of answers that nobody asks to have one.
fn schema(config: &policy::Config, workload: &workload::Config, parts: &Parts, check: &mut Check) {
    if workload.needed().has(Capability::Json) {
        return;
    }
    let route = parts.asked_by(config);
    let asked = |name: &String| route.contains(&name.as_str());
    let all_text = parts.providers.iter().all(|(name, provider)| {
        let text = |config: &provider::Config| config.json.is_none();
        !asked(name) || provider.knows("json") && provider.value.as_ref().is_some_and(text)
    });
    if config.guard.schema().is_some() && all_text && !parts.lacks.providers {
        check
            .warning(
                "guard.schema",
                "this guard never finds anything",
                "no provider of its route answers in JSON",
            )
            .help(
                "say so with `json = { broken = \"2%\", fenced = \"5%\" }` at the provider, or let calls ask for it \
                 with `workload.needs.json`",
            );
    }
}

/// A cap that leaves nothing larger to ask for.
fn limit(config: &policy::Config, workload: &workload::Config, check: &mut Check) {
    let Some(rules) = config.guard.finish_reason() else {
        return;
    };
    let asks = rules.length == Length::AskAgain;
    if asks && rules.cap.is_some_and(|cap| cap <= workload.max_tokens) {
        check
            .warning(
                "guard.finish-reason.cap",
                "this guard never asks again",
                format!("not above the limit of {}", workload.max_tokens),
            )
            .help("raise it above `workload.max-tokens`");
    }
}

/// What stops at max-tokens is refused and would have counted as good.
fn cut(config: &policy::Config, workload: &workload::Config, check: &mut Check) {
    let Some(rules) = config.guard.finish_reason() else {
        return;
    };
    let refuses = rules.length != Length::Accept && rules.then == Then::Refuse;
    let prose = config.guard.schema().is_none();
    if refuses && prose && workload.cut_answers == CutAnswers::Good {
        check
            .warning(
                "guard.finish-reason",
                "this guard refuses answers that count as good",
                "they stop at max-tokens",
            )
            .help("leave out `workload.cut-answers`: then a text that stops there counts as bad");
    }
}

/// Asking again is an attempt.
fn ask_again(config: &policy::Config, check: &mut Check) {
    let rules = config.guard.finish_reason();
    let asks = rules.is_some_and(|rules| rules.length == Length::AskAgain);
    if asks && config.retry.attempts == 1 && config.mode == Mode::Act {
        check
            .warning(
                "guard.finish-reason.length",
                "this guard never asks again",
                "one attempt per call is allowed",
            )
            .help("asking again is an attempt: raise `retry.attempts` to 2 or more");
    }
}

/// Without a route all providers are asked, also those that are there to judge.
fn default_route(config: &policy::Config, judges: &[String], parts: &Parts, check: &mut Check) {
    let own = config.guard.judge().map(|judge| judge.endpoint.as_str());
    let other = judges.iter().find(|judge| Some(judge.as_str()) != own);
    let route = parts.asked_by(config);
    let asked = |judge: &&String| route.contains(&judge.as_str());
    if let Some(judge) = other.filter(asked)
        && config.route.endpoints().is_empty()
    {
        check
            .warning(
                "route",
                format!("`{judge}`, the judge of another policy, is asked for answers"),
                "no endpoints are named: all are asked",
            )
            .help("name those that answer, such as route.failover = [\"primary\"]");
    }
}
