//! Which calls a sum or a metric is about.

use serde::{Deserialize, Serialize};

use crate::base::wire::Priority;

/// A part of the cohort, by arrival.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    /// `all`, the fault's name, or what [`Calls::name`] says, such as `critical calls`.
    pub name: String,
    /// Whose calls alone count; absent: all that arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// The tenant whose calls alone count; absent: all that arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The fault after whose end they arrived; absent: it is not about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Of part of the calls, the fault during which they arrived. The scope of a fault itself goes by its
    /// name, and this is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub during: Option<String>,
    /// Calls that arrived from here …
    pub from_ns: u64,
    /// … to before here.
    pub to_ns: u64,
    /// Whether only part of that time counts: the fault is on now and then, or in each run at other
    /// times. Then there is no rate per second.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partly: bool,
}

/// A fault: its name, start and end in ns, and whether its times are drawn anew in each run.
pub type FaultTime<'a> = (&'a str, u64, u64, bool);

impl Scope {
    /// All scopes of a run: the cohort that arrives in [warm-up, duration), then for each fault
    /// (name, start, end) the part of it that arrived while the fault was on.
    pub fn list<'a>(
        warm_up_ns: u64,
        duration_ns: u64,
        faults: impl IntoIterator<Item = (&'a str, u64, u64)>,
    ) -> Vec<Scope> {
        let scope = |(name, from, to): (&str, u64, u64)| Scope {
            name: name.to_owned(),
            from_ns: from.clamp(warm_up_ns, duration_ns.max(warm_up_ns)),
            to_ns: to.clamp(warm_up_ns, duration_ns.max(warm_up_ns)),
            ..Scope::default()
        };
        let all = ("all", warm_up_ns, duration_ns);
        std::iter::once(all).chain(faults).map(scope).collect()
    }

    /// The part of the cohort that these calls are. `faults` are (name, start, end, whether it is drawn) of
    /// every fault.
    pub fn of(
        calls: &Calls,
        (warm_up_ns, duration_ns): (u64, u64),
        faults: &[FaultTime<'_>],
    ) -> Scope {
        let named = |wanted: &Option<String>| {
            let wanted = wanted.as_deref()?;
            faults.iter().position(|(name, ..)| *name == wanted)
        };
        let (from, to) = match (named(&calls.during), named(&calls.after)) {
            (Some(fault), _) => (faults[fault].1, faults[fault].2),
            (None, Some(fault)) => after(faults, fault, duration_ns),
            (None, None) => (warm_up_ns, duration_ns),
        };
        let end = duration_ns.max(warm_up_ns);
        Scope {
            name: calls.name(),
            priority: calls.priority,
            tenant: calls.tenant.clone(),
            after: calls.after.clone(),
            during: calls.during.clone(),
            from_ns: from.clamp(warm_up_ns, end),
            to_ns: to.clamp(warm_up_ns, end),
            partly: false,
        }
    }

    /// Whether it is all calls, or all that arrived during a fault.
    pub fn is_whole(&self) -> bool {
        self.priority.is_none() && self.tenant.is_none() && self.after.is_none()
    }

    /// Whether it is all calls of a priority.
    pub fn is_of_priority(&self) -> bool {
        let rest = (&self.tenant, &self.after, &self.during);
        self.priority.is_some() && rest == (&None, &None, &None)
    }

    /// Whether it is all calls of a tenant.
    pub fn is_of_tenant(&self) -> bool {
        let rest = (&self.after, &self.during);
        self.tenant.is_some() && self.priority.is_none() && rest == (&None, &None)
    }
}

/// From the end of a fault until another is on, or to the end of arrivals, as recovery is watched; nothing
/// if another is on at its end. Faults that are drawn anew in each run do not count.
pub fn after(faults: &[FaultTime<'_>], fault: usize, duration_ns: u64) -> (u64, u64) {
    let end = faults[fault].2;
    let others = faults.iter().enumerate();
    let others = others.filter(|&(place, &(_, _, to, drawn))| place != fault && !drawn && to > end);
    let next = others.map(|(_, &(_, from, ..))| from.max(end)).min();
    (end, next.unwrap_or(duration_ns).max(end))
}

/// Which calls are meant: those to which all of this applies; nothing: all calls.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calls {
    /// They arrived while this fault was on.
    pub during: Option<String>,
    /// They arrived after this fault, see [`after`].
    pub after: Option<String>,
    /// They are of this priority.
    pub priority: Option<Priority>,
    /// They are this tenant's.
    pub tenant: Option<String>,
}

impl Calls {
    /// Whether all calls are meant.
    pub fn is_all(&self) -> bool {
        *self == Calls::default()
    }

    /// What they are called: `all`, `outage`, `after outage`, `critical calls`, `calls of acme`,
    /// `outage, critical calls of acme`.
    pub fn name(&self) -> String {
        let whose = match (self.priority, &self.tenant) {
            (None, None) => None,
            (Some(priority), None) => Some(format!("{} calls", priority.name())),
            (None, Some(tenant)) => Some(format!("calls of {tenant}")),
            (Some(priority), Some(tenant)) => {
                Some(format!("{} calls of {tenant}", priority.name()))
            }
        };
        let after = self.after.as_ref().map(|fault| format!("after {fault}"));
        let when = self.during.clone().or(after);
        let parts: Vec<String> = when.into_iter().chain(whose).collect();
        match parts.as_slice() {
            [] => "all".to_owned(),
            parts => parts.join(", "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_the_part_of_a_fault_that_counts() {
        let scopes = Scope::list(
            10,
            100,
            [("early", 0, 20), ("late", 90, 120), ("over", 0, 5)],
        );
        let times: Vec<_> = scopes.iter().map(|s| (s.from_ns, s.to_ns)).collect();
        assert_eq!(times, [(10, 100), (10, 20), (90, 100), (10, 10)]);
    }

    #[test]
    fn after_a_fault_is_until_another_is_on() {
        let faults = [
            ("a", 10, 20, false),
            ("b", 30, 40, false),
            ("c", 35, 50, false),
            ("drawn", 22, 90, true),
        ];
        let times: Vec<_> = (0..3).map(|fault| after(&faults, fault, 100)).collect();
        assert_eq!(times, [(20, 30), (40, 40), (50, 100)]);
    }

    #[test]
    fn calls_are_called_by_what_they_are() {
        let text = |value: &str| Some(value.to_owned());
        let of = |during, after, priority, tenant| {
            let calls = Calls {
                during,
                after,
                priority,
                tenant,
            };
            calls.name()
        };
        let critical = Some(Priority::Critical);
        assert_eq!(of(None, None, None, None), "all");
        assert_eq!(of(text("x"), None, None, None), "x");
        assert_eq!(of(None, text("x"), None, None), "after x");
        assert_eq!(of(None, None, critical, None), "critical calls");
        assert_eq!(of(None, None, None, text("acme")), "calls of acme");
        let all = of(text("x"), None, critical, text("acme"));
        assert_eq!(all, "x, critical calls of acme");
    }
}
