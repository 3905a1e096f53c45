//! `model_list`: the deployments, each with a name of its own.

use super::read::Reader;
use crate::deploy::litellm::router::Deployment;
use crate::deploy::yaml_in::{Node, Yaml};

impl Reader<'_> {
    /// `model_list`.
    pub(super) fn models(&mut self, root: &Node) {
        let help = "`model_list:` holds entries with a `model_name` and `litellm_params.model`";
        let Some(list) = root.get("model_list") else {
            return self.wrong(0, "there are no models", "no `model_list`", help);
        };
        if list.items().is_empty() {
            return self.wrong(list.line, "there are no models", list.what(), help);
        }
        for entry in list.items() {
            let params = entry.get("litellm_params");
            let name = entry.get("model_name").and_then(Node::text);
            let model = params.and_then(|p| p.get("model")).and_then(Node::text);
            match (name, params, model) {
                (Some(name), Some(params), Some(model)) => {
                    let deployment = self.deployment(name, model, entry, params);
                    self.found.router.deployments.push(deployment);
                }
                (None, ..) => self.wrong(
                    entry.line,
                    "a model without a name",
                    "no `model_name`",
                    help,
                ),
                _ => {
                    let label = "no `litellm_params.model`";
                    self.wrong(entry.line, "a model without a deployment", label, help);
                }
            }
        }
    }

    fn deployment(&mut self, name: &str, model: &str, entry: &Node, params: &Node) -> Deployment {
        let of = |key: &str| params.get(key).or_else(|| entry.get(key));
        let whole = |reader: &mut Self, key: &str| {
            let node = of(key)?;
            reader.count(node, key)
        };
        let (rpm, tpm) = (whole(self, "rpm"), whole(self, "tpm"));
        let weight = params.get("weight").and_then(|node| {
            let weight = node.number().filter(|w| (1e-9..=1e9).contains(w));
            if weight.is_none() {
                self.wrong(
                    node.line,
                    "not a weight",
                    "no number above 0",
                    "leave it out, or write 1",
                );
            }
            weight
        });
        let info = entry.get("model_info");
        let price = |key: &str| {
            let node = params
                .get(key)
                .or_else(|| info.and_then(|info| info.get(key)))?;
            // To the pico-dollar, the unit of prices.
            let pico = libm::round(node.number()? * 1e12);
            (0.0..=1e12).contains(&pico).then_some(pico as u64)
        };
        let prices = (
            price("input_cost_per_token"),
            price("output_cost_per_token"),
        );
        let prices = match prices {
            (None, None) => None,
            (input, output) => Some((input.unwrap_or(0), output.unwrap_or(0))),
        };
        let id = info.and_then(|info| info.get("id")).and_then(Node::text);
        let id = self.id(id.unwrap_or(name));
        const READ: [&str; 6] = [
            "model",
            "rpm",
            "tpm",
            "weight",
            "input_cost_per_token",
            "output_cost_per_token",
        ];
        for (key, node) in params.entries() {
            let is_read = READ.contains(&key.as_str()) || node.value == Yaml::Null;
            if !is_read && decides(key) {
                self.leave_out(&format!(
                    "litellm_params.{key}: not known of a single deployment"
                ));
            }
        }
        Deployment {
            id,
            group: name.into(),
            model: model.into(),
            rpm,
            tpm,
            weight,
            prices,
        }
    }

    /// A name for a provider: of letters, digits and marks, and no other's.
    fn id(&mut self, wanted: &str) -> String {
        let plain = |c: char| match c.is_ascii_alphanumeric() || "._-".contains(c) {
            true => c,
            false => '-',
        };
        let base: String = wanted.chars().take(60).map(plain).collect();
        let base = if base.is_empty() {
            "model".into()
        } else {
            base
        };
        let taken = |id: &str| self.found.router.deployments.iter().any(|d| d.id == id);
        if !taken(&base) {
            return base;
        }
        let numbered = (2..).map(|n| format!("{base}-{n}")).find(|id| !taken(id));
        numbered.unwrap_or(base)
    }

    fn count(&mut self, node: &Node, key: &str) -> Option<u64> {
        let number = node.number().filter(|n| (1.0..=1e12).contains(n));
        if number.is_none() {
            let help = "a whole number of 1 or more a minute";
            self.wrong(
                node.line,
                &format!("`{key}` is no limit"),
                node.what(),
                help,
            );
        }
        number.map(|n| n as u64)
    }
}

/// Whether a parameter of a deployment decides who is asked when, and not where it is or who pays.
fn decides(key: &str) -> bool {
    let words = [
        "timeout",
        "retries",
        "cooldown",
        "order",
        "max_parallel",
        "budget",
        "tags",
        "itpm",
        "otpm",
    ];
    words.iter().any(|word| key.contains(word))
}
