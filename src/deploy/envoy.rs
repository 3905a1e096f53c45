//! Envoy: retries, retry budget, outlier detection and timeouts of a route and its cluster, in a bootstrap file that
//! Envoy's own parser accepts.
//!
//! What is not written is Envoy's default, and that is what the presets `envoy-default` and `envoy-outlier` are; both
//! were read in its source. Statuses are told apart as `retriable_status_codes`, so a policy's classes come out as
//! the statuses they stand for. `max_retries` is written where a policy has no budget, since Envoy's own is three.

mod cluster;
mod route;

use super::conduct::{Conduct, Follows, Place, Seen, fate, grouped, normal, tell};
use super::lost::{comments, lost};
use super::preset::preset;
use super::yaml::text;
use super::{Export, Subject, Target};
use crate::base::Class;
use crate::policy::breaker::Counting;
use crate::policy::classify::Pattern;
use crate::policy::config::Config;
use crate::policy::route::groups;

/// This target.
pub const TARGET: Target = Target {
    name: "envoy",
    summary: "a bootstrap of Envoy 1.40: retry policy, retry budget, outlier detection",
    write,
};

fn write(subject: &Subject<'_>) -> Export {
    let plain = normal(subject.config, &subject.places);
    let mut there = preset("envoy-default");
    let mut retried = retried(subject.config, &subject.places);
    let mut route = String::new();
    route::route(&plain, &mut retried, &mut there, &mut route);
    let mut cluster = String::new();
    cluster::cluster(&plain, &mut there, &mut cluster);
    endings(&mut there, subject.config, &retried);
    let levels = levels(subject, &plain, &mut there);
    let wanted = Conduct::of(subject.config, &subject.places);
    let lost = lost(
        subject.config,
        &wanted,
        &Conduct::of(&there, &subject.places),
    );
    Export {
        text: bootstrap(subject, &lost, &route, &cluster, &levels),
        lost,
    }
}

/// What of endings is tried again.
struct Retried {
    statuses: Vec<u16>,
    connections: bool,
    timeouts: bool,
}

fn retried(config: &Config, places: &[Place]) -> Retried {
    let again = |seen: Seen| {
        let follows = fate(config, seen, places.len() == 1).follows;
        config.retry.attempts > 1 && follows != Follows::Nothing
    };
    let statuses = Seen::all(config).into_iter().filter_map(|seen| match seen {
        Seen::Status(Pattern { status, code: None }) if again(seen) => Some(status),
        _ => None,
    });
    Retried {
        statuses: statuses.collect(),
        connections: again(Seen::Other(Class::Transport)),
        timeouts: again(Seen::Other(Class::TimedOut)),
    }
}

/// What Envoy does with endings: it goes by statuses alone, 5xx and broken connections count for outlier detection,
/// whatever becomes of them, and the rest of an answer is never looked at.
fn endings(there: &mut Config, named: &Config, retried: &Retried) {
    tell(there, named, |seen| match seen {
        Seen::Status(pattern) => {
            let counts = match pattern.status >= 500 {
                true => Counting::Failure,
                false => Counting::Success,
            };
            (retried.statuses.contains(&pattern.status), counts)
        }
        Seen::Other(Class::Transport) => (retried.connections, Counting::Failure),
        Seen::Other(Class::TimedOut) => (retried.timeouts, Counting::Failure),
        Seen::Other(Class::Truncated) => (false, Counting::Failure),
        Seen::Other(_) => (false, Counting::Success),
    });
}

/// The hosts by priority.
fn levels<'s>(subject: &'s Subject<'_>, plain: &Config, there: &mut Config) -> Vec<Vec<&'s Place>> {
    match &plain.groups {
        groups::Config::Priority(kind) => {
            // One threshold of panic, level by level.
            there.trip.panic = crate::base::units::Ratio(0.0);
            let own = groups::priority::Config {
                overprovisioning: 1.4,
                ..kind.clone()
            };
            there.groups = groups::Config::Priority(own);
            grouped(&subject.places, kind.by)
        }
        groups::Config::None(_) | groups::Config::Fallback(_) => {
            vec![subject.places.iter().collect()]
        }
    }
}

const MANAGER: &str =
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

fn bootstrap(
    subject: &Subject<'_>,
    lost: &[super::Lost],
    route: &str,
    cluster: &str,
    levels: &[Vec<&Place>],
) -> String {
    let (name, file) = (text(subject.name), text(subject.file));
    let head = format!(
        "# The policy {name} of {file} for Envoy 1.40, written by `squall export`.\n\
         # The addresses of the endpoints are the names of the scenario's providers: put yours there.\n#\n{}\n",
        comments(lost, "#", "Envoy")
    );
    let (mut hosts, mut taken) = (String::new(), Vec::new());
    for (priority, level) in levels.iter().enumerate() {
        hosts.push_str(&format!(
            "      - priority: {priority}\n        lb_endpoints:\n"
        ));
        for place in level {
            hosts.push_str(&format!(
                "        - endpoint: {{address: {{socket_address: {{address: {}, port_value: 443}}}}}}\n",
                text(&host(&place.name, &mut taken))
            ));
        }
    }
    format!(
        "{head}static_resources:
  listeners:
  - name: squall
    address: {{socket_address: {{address: 127.0.0.1, port_value: 10000}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          \"@type\": type.googleapis.com/{MANAGER}
          stat_prefix: squall
          http_filters:
          - name: envoy.filters.http.router
            typed_config:
              \"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
          route_config:
            virtual_hosts:
            - name: squall
              domains: [\"*\"]
              routes:
              - match: {{prefix: \"/\"}}
                route:
                  cluster: {name}
{route}  clusters:
  - name: {name}
    type: STRICT_DNS
{cluster}    load_assignment:
      cluster_name: {name}
      endpoints:
{hosts}"
    )
}

/// The name of a provider as that of a host, of letters, digits and hyphens; with a number behind it where another
/// provider has the same.
fn host(name: &str, taken: &mut Vec<String>) -> String {
    let plain = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_lowercase(),
        false => '-',
    };
    let label: String = name.chars().take(55).map(plain).collect();
    let label = match label.trim_matches('-') {
        "" => "provider",
        label => label,
    };
    let numbered = (2..).map(|n| format!("{label}-{n}"));
    let mut all = std::iter::once(label.to_owned()).chain(numbered);
    let free = all.find(|one| !taken.contains(one)).unwrap_or_default();
    taken.push(free.clone());
    format!("{free}.example")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_providers_have_one_host() {
        let mut taken = Vec::new();
        let names = ["eu.west", "eu-west", "EU_West", "eu-west-2", "…", "?"];
        let hosts = names.map(|name| host(name, &mut taken));
        let expected = [
            "eu-west",
            "eu-west-2",
            "eu-west-3",
            "eu-west-2-2",
            "provider",
            "provider-2",
        ];
        assert_eq!(hosts, expected.map(|name| format!("{name}.example")));
    }
}
