//! Endings as the exceptions of Spring's `RestClient`.

use std::collections::BTreeSet;

use super::is_connection;
use crate::deploy::conduct::Seen;
use crate::deploy::yaml::texts;
use crate::policy::config::Config;

const PACKAGE: &str = "org.springframework.web.client.";

/// Statuses with an exception of their own (Spring 6, `HttpClientErrorException.create` and its neighbour).
const OWN: [(u16, &str); 13] = [
    (400, "HttpClientErrorException$BadRequest"),
    (401, "HttpClientErrorException$Unauthorized"),
    (403, "HttpClientErrorException$Forbidden"),
    (404, "HttpClientErrorException$NotFound"),
    (405, "HttpClientErrorException$MethodNotAllowed"),
    (409, "HttpClientErrorException$Conflict"),
    (422, "HttpClientErrorException$UnprocessableEntity"),
    (429, "HttpClientErrorException$TooManyRequests"),
    (500, "HttpServerErrorException$InternalServerError"),
    (501, "HttpServerErrorException$NotImplemented"),
    (502, "HttpServerErrorException$BadGateway"),
    (503, "HttpServerErrorException$ServiceUnavailable"),
    (504, "HttpServerErrorException$GatewayTimeout"),
];

/// A list of exceptions.
pub(super) struct Listed {
    /// None: any.
    names: Option<BTreeSet<&'static str>>,
}

/// The endings of which something is true, as near as exceptions come.
pub(super) fn listed(config: &Config, is: impl Fn(Seen) -> bool) -> Listed {
    let all = Seen::all(config);
    if all.iter().all(|seen| is(*seen)) {
        return Listed { names: None };
    }
    let mut names = BTreeSet::new();
    for (family, base) in [
        (4, "HttpClientErrorException"),
        (5, "HttpServerErrorException"),
    ] {
        // A code in the body makes no exception of its own.
        let of = all.iter().filter_map(|seen| match seen {
            Seen::Status(p) if p.code.is_none() && p.status / 100 == family => {
                Some((*seen, p.status))
            }
            _ => None,
        });
        let of: Vec<(Seen, u16)> = of.collect();
        if of.iter().all(|(seen, _)| is(*seen)) {
            names.insert(base);
            continue;
        }
        let own = of.iter().filter(|(seen, _)| is(*seen));
        names.extend(own.filter_map(|(_, status)| own_name(*status)));
    }
    if all.iter().any(|seen| is_connection(*seen) && is(*seen)) {
        names.insert("ResourceAccessException");
    }
    Listed { names: Some(names) }
}

fn own_name(status: u16) -> Option<&'static str> {
    let found = OWN.iter().find(|(own, _)| *own == status);
    found.map(|(_, name)| *name)
}

impl Listed {
    /// Whether an ending is in the list.
    pub(super) fn contains(&self, seen: Seen) -> bool {
        let Some(names) = &self.names else {
            return true;
        };
        match seen {
            Seen::Other(_) => is_connection(seen) && names.contains("ResourceAccessException"),
            Seen::Status(pattern) => {
                let base = match pattern.status / 100 {
                    4 => "HttpClientErrorException",
                    5 => "HttpServerErrorException",
                    _ => return false,
                };
                let own = own_name(pattern.status);
                names.contains(base) || own.is_some_and(|own| names.contains(own))
            }
        }
    }

    /// The setting that lists them; None: any exception, which is the default, as an empty list would be.
    pub(super) fn setting(&self, key: &'static str) -> Option<(&'static str, String)> {
        let names = self.names.as_ref()?;
        let full: Vec<String> = names
            .iter()
            .map(|name| format!("{PACKAGE}{name}"))
            .collect();
        Some(match full.is_empty() {
            true => ("ignore-exceptions", texts(["java.lang.Throwable"])),
            false => (key, texts(full.iter().map(String::as_str))),
        })
    }
}
