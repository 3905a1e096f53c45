//! The configuration file of LiteLLM's proxy, which its router reads.

use super::router::{Cooldown, DEFAULTS, Deployment, EXCEPTIONS, Router, Strategy};
use crate::deploy::lost::comments;
use crate::deploy::writer::decimal;
use crate::deploy::yaml::{number, seconds, text, texts};
use crate::deploy::{Lost, Subject};

/// The file.
pub(super) fn yaml(subject: &Subject<'_>, router: &Router, lost: &[Lost]) -> String {
    let mut file = format!(
        "# The policy {} of {} for LiteLLM's router 1.109, written by `squall export`.\n\
         # Models and keys are what the scenario says of its providers: look at them before you use it.\n#\n",
        text(subject.name),
        text(subject.file)
    );
    file.push_str(&comments(lost, "#", "LiteLLM"));
    file.push_str("\nmodel_list:\n");
    for deployment in &router.deployments {
        file.push_str(&self::deployment(deployment));
    }
    file.push_str("\nrouter_settings:\n");
    for (key, value) in settings(router) {
        file.push_str(&format!("  {key}: {value}\n"));
    }
    file
}

fn deployment(deployment: &Deployment) -> String {
    let mut lines = vec![
        format!("- model_name: {}", text(&deployment.group)),
        "  litellm_params:".into(),
        format!("    model: {}", text(&deployment.model)),
    ];
    let vendor = deployment.model.split('/').next().unwrap_or_default();
    let key: String = vendor
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    let key = text(&format!("os.environ/{key}_API_KEY"));
    lines.push(format!("    api_key: {key}"));
    let limits = [("rpm", deployment.rpm), ("tpm", deployment.tpm)];
    for (key, limit) in limits {
        lines.extend(limit.map(|limit| format!("    {key}: {limit}")));
    }
    lines.extend(
        deployment
            .weight
            .map(|w| format!("    weight: {}", number(w))),
    );
    if let Some((input, output)) = deployment.prices {
        let prices = [("input", input), ("output", output)];
        for (what, pico) in prices {
            let price = decimal(pico, 12);
            let point = if price.contains('.') { "" } else { ".0" };
            lines.push(format!("    {what}_cost_per_token: {price}{point}"));
        }
    }
    lines.push("  model_info:".into());
    lines.push(format!("    id: {}", text(&deployment.id)));
    lines.iter().map(|line| format!("  {line}\n")).collect()
}

/// Keys and values of `router_settings`.
fn settings(router: &Router) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("routing_strategy", text(router.strategy.name())),
        ("num_retries", router.num_retries.to_string()),
    ];
    if let Strategy::Latency { buffer, ttl } = router.strategy {
        let (buffer, ttl) = (number(buffer), seconds(ttl));
        let value = format!("{{lowest_latency_buffer: {buffer}, ttl: {ttl}}}");
        all.push(("routing_strategy_args", value));
    }
    let policy = EXCEPTIONS.iter().zip(router.retry_policy);
    let policy = policy.filter_map(|((key, _), n)| Some(format!("{key}: {}", n?)));
    let policy: Vec<String> = policy.collect();
    if !policy.is_empty() {
        all.push(("retry_policy", format!("{{{}}}", policy.join(", "))));
    }
    all.extend(router.timeout.map(|t| ("timeout", seconds(t))));
    all.extend(
        router
            .stream_timeout
            .map(|t| ("stream_timeout", seconds(t))),
    );
    match router.cooldown {
        Cooldown::Off => all.push(("disable_cooldowns", "true".into())),
        Cooldown::Share => all.push(("cooldown_time", seconds(router.cooldown_time))),
        Cooldown::AllowedFails(n) => {
            all.push(("allowed_fails", n.to_string()));
            all.push(("cooldown_time", seconds(router.cooldown_time)));
        }
    }
    if router.max_fallbacks != DEFAULTS.max_fallbacks {
        all.push(("max_fallbacks", router.max_fallbacks.to_string()));
    }
    // Calls ask for the first group.
    if let Some((first, behind)) = router.chain.split_first().filter(|(_, b)| !b.is_empty()) {
        let list = texts(behind.iter().map(String::as_str));
        all.push(("fallbacks", format!("[{{{}: {list}}}]", text(first))));
    }
    all
}
