//! The file as LiteLLM's proxy reads it: which key counts where several say the same, and what its defaults are.

use super::Found;
use crate::base::{Class, Duration};
use crate::deploy::litellm::router::{Cooldown, DEFAULTS, EXCEPTIONS, Strategy};
use crate::deploy::yaml_in::{Node, Yaml, parse};
use crate::policy::retry::UNLIMITED;
use crate::scenario::{WrongLine, nearest};

/// Collects what was found and what is wrong.
pub(super) struct Reader<'t> {
    text: &'t str,
    pub(super) found: Found,
    wrong: Vec<WrongLine>,
}

/// Reads a file.
pub(super) fn read(text: &str) -> Result<Found, Vec<WrongLine>> {
    let mut reader = Reader {
        text,
        found: Found {
            router: DEFAULTS,
            ..Found::default()
        },
        wrong: Vec::new(),
    };
    match parse(text) {
        Ok(root) => reader.file(&root),
        Err((line, why)) => {
            let help = "LiteLLM's proxy reads a YAML file with `model_list` and `router_settings`";
            reader.wrong(line, "this cannot be read as YAML", &why, help);
        }
    }
    match reader.wrong.is_empty() {
        true => Ok(reader.found),
        false => Err(reader.wrong),
    }
}

impl Reader<'_> {
    pub(super) fn wrong(&mut self, line: usize, title: &str, label: &str, help: &str) {
        let text = line.checked_sub(1).and_then(|i| self.text.lines().nth(i));
        let text = text.unwrap_or_default();
        let start = text.len() - text.trim_start().len();
        self.wrong.push(WrongLine {
            // Past the end of a file nothing can be shown.
            line: if text.trim().is_empty() { 0 } else { line },
            text: text.to_string(),
            at: start..text.trim_end().len().max(start),
            title: match line {
                0 => format!("{title}: {label}"),
                _ if text.trim().is_empty() => format!("{title}: {label}, in line {line}"),
                _ => title.to_string(),
            },
            label: label.to_string(),
            help: help.to_string(),
        });
    }

    pub(super) fn leave_out(&mut self, line: &str) {
        if !self.found.left_out.iter().any(|own| own == line) {
            self.found.left_out.push(line.to_string());
        }
    }

    fn file(&mut self, root: &Node) {
        const SECTIONS: [&str; 3] = ["model_list", "router_settings", "litellm_settings"];
        let Yaml::Table(entries) = &root.value else {
            let help = "a LiteLLM configuration has `model_list:` and `router_settings:`";
            return self.wrong(root.line, "this is no configuration", root.what(), help);
        };
        for (key, node) in entries {
            if !SECTIONS.contains(&key.as_str()) {
                let near = nearest(key, SECTIONS).map(|n| format!("; did you mean `{n}`?"));
                let near = near.unwrap_or_default();
                self.leave_out(&format!("{key}: nothing that Squall knows{near}"));
            } else if key != "model_list" && !matches!(node.value, Yaml::Table(_) | Yaml::Null) {
                let help = "write `key: value` lines below it";
                self.wrong(node.line, "not a table of settings", node.what(), help);
            }
        }
        self.models(root);
        let none = Node {
            line: 0,
            value: Yaml::Null,
        };
        let router = root.get("router_settings").unwrap_or(&none);
        let library = root.get("litellm_settings").unwrap_or(&none);
        self.settings(router, library);
        self.chain(router, library);
        self.rest(router, library);
    }

    fn whole(&mut self, node: Option<&Node>, key: &str, most: u32) -> Option<u32> {
        let node = node?;
        let fits = |n: &f64| (0.0..=f64::from(most)).contains(n) && libm::floor(*n) == *n;
        let number = node.number().filter(fits);
        if number.is_none() {
            let help = format!("a whole number from 0 to {most}");
            self.wrong(
                node.line,
                &format!("`{key}` is no count"),
                node.what(),
                &help,
            );
        }
        number.map(|n| n as u32)
    }

    fn time(&mut self, node: Option<&Node>, key: &str) -> Option<Duration> {
        let node = node?;
        // Nothing is no time of its own: what stands behind it counts.
        if node.number() == Some(0.0) {
            return None;
        }
        let seconds = node.number().filter(|s| (1e-3..=1e9).contains(s));
        if seconds.is_none() {
            let help = "seconds, such as 30 or 0.5";
            self.wrong(node.line, &format!("`{key}` is no time"), node.what(), help);
        }
        seconds.map(Duration::from_s_f64)
    }

    /// Counts and times: `router_settings` before `litellm_settings`, but for `request_timeout`.
    fn settings(&mut self, router: &Node, library: &Node) {
        let either = |key: &str| router.get(key).or_else(|| library.get(key));
        // A thousand and more are as many as fit.
        if let Some(n) = self.whole(either("num_retries"), "num_retries", u32::MAX) {
            let unlimited = UNLIMITED - 1;
            self.found.router.num_retries = u16::try_from(n).map_or(unlimited, |n| match n {
                0..1000 => n,
                _ => unlimited,
            });
        }
        if let Some(n) = self.whole(either("max_fallbacks"), "max_fallbacks", 255) {
            self.found.router.max_fallbacks = n as u8;
        }
        let both = self.time(library.get("request_timeout"), "request_timeout");
        let timeout = self.time(router.get("timeout"), "timeout");
        let streamed = self.time(router.get("stream_timeout"), "stream_timeout");
        self.found.router.timeout = both.or(timeout);
        self.found.router.stream_timeout = streamed.or(both);
        if let Some(time) = self.time(either("cooldown_time"), "cooldown_time") {
            self.found.router.cooldown_time = time;
        }
        let allowed = self.whole(either("allowed_fails"), "allowed_fails", 1_000_000);
        let by_exception = self.allowed_by_exception(router.get("allowed_fails_policy"));
        let none = either("cooldown_time").and_then(Node::number) == Some(0.0);
        let off = router.get("disable_cooldowns").and_then(Node::truth);
        let off = off.map(|off| off || none).or(none.then_some(true));
        self.found.router.cooldown = match (off, allowed.or(by_exception)) {
            (Some(true), _) => Cooldown::Off,
            (_, Some(n)) => Cooldown::AllowedFails(n),
            (_, None) => Cooldown::Share,
        };
        self.strategy(router);
        self.retry_policy(router.get("retry_policy"));
    }

    /// Counts by exception have no counterpart: the smallest stands for all.
    fn allowed_by_exception(&mut self, policy: Option<&Node>) -> Option<u32> {
        let mut least = None;
        for (key, node) in policy?.entries() {
            let n = self.whole(Some(node), key, 1_000_000);
            least = match (least, n) {
                (Some(a), Some(b)) if b > a => Some(a),
                (a, b) => b.or(a),
            };
        }
        if let Some(least) = least {
            self.leave_out(&format!(
                "router_settings.allowed_fails_policy: counts by exception; here all failures count together, and \
                 {least} are allowed if `allowed_fails` does not say more"
            ));
        }
        least
    }

    fn strategy(&mut self, router: &Node) {
        let Some(node) = router.get("routing_strategy") else {
            return;
        };
        let name = node.text().unwrap_or_default();
        match Strategy::named(name) {
            Some(strategy) => self.found.router.strategy = strategy,
            None => self.leave_out(&format!(
                "router_settings.routing_strategy: {name:?} is not known; simple-shuffle stands in for it"
            )),
        }
        let arguments = router.get("routing_strategy_args");
        let argument = |key: &str| arguments.and_then(|a| a.get(key));
        let time = self.time(argument("ttl"), "ttl");
        if let Strategy::Latency { buffer, ttl } = &mut self.found.router.strategy {
            let wanted = argument("lowest_latency_buffer").and_then(Node::number);
            *buffer = wanted
                .filter(|b| (0.0..=100.0).contains(b))
                .unwrap_or(*buffer);
            *ttl = time.unwrap_or(*ttl);
        }
    }

    fn retry_policy(&mut self, policy: Option<&Node>) {
        let Some(policy) = policy else { return };
        for (key, node) in policy.entries() {
            match EXCEPTIONS.iter().position(|(name, _)| name == key) {
                Some(place) => {
                    let n = self.whole(Some(node), key, 999);
                    self.found.router.retry_policy[place] = n.map(|n| n as u16);
                }
                None if node.value == Yaml::Null => {}
                None => self.leave_out(&format!(
                    "router_settings.retry_policy.{key}: these are never tried again here"
                )),
            }
        }
        let classes: Vec<Class> = EXCEPTIONS.iter().map(|(_, class)| *class).collect();
        if !classes.is_empty() && self.found.router.retry_policy.iter().any(Option::is_some) {
            self.found.assumed.push(
                "retry_policy: attempts that end the same way are counted; LiteLLM goes by what failed first".into(),
            );
        }
    }

    /// The groups that calls come to, from the first with a list of fallbacks on.
    fn chain(&mut self, router: &Node, library: &Node) {
        let lists = |key: &str| router.get(key).or_else(|| library.get(key));
        let fallbacks = lists("fallbacks");
        let groups: Vec<String> = self
            .found
            .router
            .deployments
            .iter()
            .map(|d| d.group.clone())
            .collect();
        let behind = |group: &str| -> Option<Vec<String>> {
            let list = fallbacks?
                .items()
                .iter()
                .find_map(|entry| entry.get(group))?;
            let name = |node: &Node| node.text().map(str::to_string);
            Some(list.items().iter().filter_map(name).collect())
        };
        let by_default = lists("default_fallbacks").map(|list| {
            let names = list.items().iter().filter_map(Node::text);
            names.map(str::to_string).collect::<Vec<String>>()
        });
        let first = groups.iter().find(|group| behind(group).is_some());
        let Some(first) = first.or(groups.first()) else {
            return;
        };
        let mut chain: Vec<String> = Vec::new();
        let mut next = vec![first.clone()];
        let mut unknown = Vec::new();
        while let Some(group) = next.pop() {
            if chain.contains(&group) {
                continue;
            }
            if !groups.contains(&group) {
                unknown.push(group);
                continue;
            }
            let listed = behind(&group).or_else(|| behind("*"));
            let mut listed = listed.or_else(|| by_default.clone()).unwrap_or_default();
            listed.reverse();
            next.extend(listed);
            chain.push(group);
        }
        for name in unknown {
            self.leave_out(&format!(
                "fallbacks: {name:?} is no `model_name` of the list"
            ));
        }
        let others: Vec<&String> = groups
            .iter()
            .filter(|group| !chain.contains(group))
            .collect();
        let mut left: Vec<&str> = others.iter().map(|group| group.as_str()).collect();
        left.dedup();
        for group in left {
            self.leave_out(&format!(
                "model_list: {group:?} is neither asked nor fallen back to, and so left out"
            ));
        }
        if groups.iter().any(|group| group != first) {
            self.found
                .assumed
                .push(format!("every call asks for the model {first:?}"));
        }
        self.found
            .router
            .deployments
            .retain(|d| chain.contains(&d.group));
        self.found.router.chain = chain;
    }

    /// What else stands in the settings.
    fn rest(&mut self, router: &Node, library: &Node) {
        const ROUTER: [&str; 15] = [
            "num_retries",
            "max_fallbacks",
            "timeout",
            "stream_timeout",
            "cooldown_time",
            "allowed_fails",
            "allowed_fails_policy",
            "disable_cooldowns",
            "routing_strategy",
            "routing_strategy_args",
            "retry_policy",
            "fallbacks",
            "default_fallbacks",
            "set_verbose",
            "debug_level",
        ];
        const LIBRARY: [&str; 7] = [
            "num_retries",
            "max_fallbacks",
            "request_timeout",
            "cooldown_time",
            "allowed_fails",
            "fallbacks",
            "default_fallbacks",
        ];
        for (key, node) in router.entries() {
            if !ROUTER.contains(&key.as_str()) && !says_nothing(node) {
                let near = nearest(key, ROUTER).filter(|_| why(key).is_none());
                let near = near.map(|name| format!("not known; did you mean `{name}`?"));
                let why = why(key)
                    .map(str::to_string)
                    .or(near)
                    .unwrap_or("not known".into());
                self.leave_out(&format!("router_settings.{key}: {why}"));
            }
        }
        for (key, node) in library.entries() {
            if !LIBRARY.contains(&key.as_str()) && !says_nothing(node) {
                let why = why(key).unwrap_or("not known");
                self.leave_out(&format!("litellm_settings.{key}: {why}"));
            }
        }
    }
}

/// Whether a value sets nothing.
fn says_nothing(node: &Node) -> bool {
    match &node.value {
        Yaml::Null | Yaml::Bool(false) => true,
        Yaml::List(items) => items.is_empty(),
        Yaml::Table(entries) => entries.is_empty(),
        _ => false,
    }
}

/// Why a known setting is not taken over.
fn why(key: &str) -> Option<&'static str> {
    Some(match key {
        "context_window_fallbacks" => {
            "lists of their own for prompts that are too long; here such a call goes on to the next group"
        }
        "content_policy_fallbacks" => {
            "lists of their own for refused content; here such an answer goes on to the next group"
        }
        "retry_after" => "a least wait before retries; the waits here are those without it",
        "enable_pre_call_checks" => {
            "try `steering.fits = true`, with `context-window` at each provider"
        }
        "model_group_alias" => "other names of a model",
        "model_group_retry_policy" => "retries of single groups",
        "provider_budget_config" | "max_budget" | "budget_duration" => {
            "a budget in dollars; see `budget.dollars` and `limit.cost-per-call`"
        }
        "redis_host" | "redis_url" | "redis_port" | "redis_password" | "cache" | "cache_params"
        | "cache_responses" | "cache_kwargs" => {
            "what processes share over Redis; `trip.scope = \"fleet\"` shares cooldowns, `fallback.cached` is a cache"
        }
        "default_max_parallel_requests" => "see `limiter.fixed`",
        "enable_weighted_failover" => "another choice within a group before the next group",
        "optional_pre_call_checks" | "enable_tag_filtering" => "a filter of deployments",
        _ => return None,
    })
}
