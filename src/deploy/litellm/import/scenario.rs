//! The scenario that is written: the stack of today as its baseline, beside it one change to compare.

use super::model::assumed;
use super::{Found, Import};
use crate::deploy::litellm::carried::{carried, in_order};
use crate::deploy::litellm::router::{Deployment, Router};
use crate::deploy::preset::preset;
use crate::deploy::settings::written_on;
use crate::deploy::writer::decimal;
use crate::engine::MAX_ROUTE;
use crate::scenario::{toml_key, toml_text};

const PRESET: &str = "litellm-router-1.109";

/// The traffic and the weather, which no configuration says.
const FRAME: &str = r#"
[run]
duration = "10m"
warm-up = "1m"
replications = 16
seed = 1

[compare]
baseline = "today"

[workload]
arrivals.poisson = { rate = "2/s" } # assumed: write yours, or make it of a log with `squall fit`
tokens.profile = "chat"             # assumed
deadline = "60s"                    # assumed: how long a caller waits
"#;

/// The scenario of what was read.
pub(super) fn scenario(file: &str, found: Found) -> Import {
    let Found {
        mut router,
        mut left_out,
        mut assumed,
    } = found;
    shorten(&mut router, &mut left_out);
    assumed
        .push("two calls a second like those of a chat, each of which waits for a minute".into());
    let providers: String = in_order(&router)
        .into_iter()
        .map(|deployment| provider(deployment, &mut assumed))
        .collect();
    if router.stream_timeout.is_some() {
        assumed.push("answers are streamed, since there is a timeout for streams".into());
    }
    assumed.push("an outage of two minutes at the first deployment".into());
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let mut text = format!(
        "# Written by `squall import` from {}.\n",
        name.escape_debug()
    );
    text.push_str(&list("What that file does not say is assumed:", &assumed));
    text.push_str(&list(
        "What of that file is not in this scenario, or only nearly:",
        &left_out,
    ));
    let title = format!("Today's LiteLLM: {name}");
    text.push_str(&format!("\n[meta]\ntitle = {}\n", toml_text(&title)));
    text.push_str(
        "why = \"What the stack of today does in an outage, and what a change to it would do.\"\n",
    );
    text.push_str(FRAME);
    if router.stream_timeout.is_some() {
        // Only answers that are streamed have a time to their first token.
        text.push_str(
            "stream = true                       # assumed: there is a time for streams\n",
        );
    }
    text.push_str(&providers);
    text.push_str(&weather(&router));
    text.push_str(&policies(&router));
    Import {
        scenario: text,
        left_out,
        assumed,
    }
}

/// A route has so many places; a call that may fall back nowhere stays with the first group.
fn shorten(router: &mut Router, left_out: &mut Vec<String>) {
    if router.max_fallbacks == 0 {
        router.chain.truncate(1);
        router.max_fallbacks = super::super::router::DEFAULTS.max_fallbacks;
    }
    let kept: Vec<Deployment> = in_order(router)
        .into_iter()
        .take(MAX_ROUTE)
        .cloned()
        .collect();
    let ids: Vec<String> = in_order(router).iter().map(|d| d.id.clone()).collect();
    for id in ids.iter().skip(MAX_ROUTE) {
        left_out.push(format!(
            "model_list: {id:?}, for a route has {MAX_ROUTE} places"
        ));
    }
    router
        .chain
        .retain(|group| kept.iter().any(|d| d.group == *group));
    router.deployments = kept;
}

fn list(title: &str, items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let item = |item: &String| {
        // A comment ends with its line, whatever a name contains.
        let plain: String = item.chars().filter(|c| !c.is_control()).collect();
        format!("# - {plain}\n")
    };
    let items: String = items.iter().map(item).collect();
    format!("# {title}\n{items}")
}

fn provider(deployment: &Deployment, all_assumed: &mut Vec<String>) -> String {
    let Deployment {
        id,
        group,
        model,
        rpm,
        tpm,
        weight: _,
        prices,
    } = deployment;
    let (vendor, name) = match model.split_once('/') {
        Some((vendor, name)) => (Some(vendor), name),
        None => (None, model.as_str()),
    };
    let known = assumed(vendor, name);
    let mut text = format!("\n[provider.{}]\n", toml_key(id));
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    let limited = rpm.is_some() || tpm.is_some();
    if let Some(preset) = known.limits.filter(|_| !limited) {
        line(format!("preset = {}", toml_text(preset)));
        all_assumed.push(format!("{id}: the limits of {preset}"));
    }
    if let Some(vendor) = vendor {
        line(format!("vendor = {}", toml_text(vendor)));
    }
    line(format!("model = {}", toml_text(name)));
    line(format!("group = {}", toml_text(group)));
    line("network = \"20ms\"".into());
    line(format!("latency.profile = {}", toml_text(known.profile)));
    all_assumed.push(format!("{id}: as fast as {}", known.profile));
    for (key, limit) in [("rpm", rpm), ("tpm", tpm)] {
        if let Some(limit) = limit {
            line(format!("limits.{key} = {limit}"));
        }
    }
    if limited {
        all_assumed.push(format!(
            "{id}: its provider's limits are the rpm and tpm of the file"
        ));
    }
    let price = |input: &str, output: &str| {
        format!("price = {{ input = \"${input}/M\", output = \"${output}/M\" }}")
    };
    match (prices, known.prices) {
        (Some((input, output)), _) => line(price(&decimal(*input, 6), &decimal(*output, 6))),
        (None, Some((input, output))) => {
            line(price(input, output));
            all_assumed.push(format!("{id}: ${input} and ${output} a million tokens"));
        }
        (None, None) => {
            line("#price = { input = \"$3/M\", output = \"$15/M\" }".into());
            all_assumed.push(format!("{id}: costs nothing, for its price is not known"));
        }
    }
    text
}

fn weather(router: &Router) -> String {
    let first = in_order(router).first().map(|d| toml_text(&d.id));
    let on = first.unwrap_or_default();
    format!(
        "\n[[fault]]\nname = \"outage\"\non = [{on}]\nat = \"4m\"\nfor = \"2m\"\neffect.outage = {{ status = 503 }}\n"
    )
}

fn policies(router: &Router) -> String {
    let today = carried(router);
    let mut text = format!("\n[policy.today]\npreset = \"{PRESET}\"\n");
    for difference in written_on(&preset(PRESET), &today.config) {
        if let Some(value) = difference.wanted {
            text.push_str(&format!("{} = {value}\n", difference.key));
        }
    }
    text.push_str(
        "\n# One change to compare: retries at most a fifth of what is sent.\n[policy.with-budget]\n\
         extends = \"today\"\nbudget.share = { ratio = \"20%\" }\n",
    );
    text
}
