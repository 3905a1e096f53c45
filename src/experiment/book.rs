//! Every metric of every policy in every scope, estimated once and looked up by name.

use super::Samples;
use super::estimate::Setting;
use super::estimate::absent::Absent;
use super::sample::Sample;
use crate::base::Stop;
use crate::record::Replication;
use crate::record::metric::Metric;

/// The estimates of a whole experiment.
#[derive(Debug)]
pub struct Book<'a> {
    /// Names of the policies, in order of the file.
    pub policies: Vec<&'a str>,
    /// What the estimates know beside the replications.
    pub setting: &'a Setting,
    /// By policy, then by scope.
    samples: Vec<Vec<Samples>>,
}

impl<'a> Book<'a> {
    /// Estimates everything; None if it was told to stop. `runs` are the replications by policy.
    pub fn new(
        policies: Vec<&'a str>,
        runs: &[Vec<Replication>],
        setting: &'a Setting,
        stop: &Stop,
    ) -> Option<Book<'a>> {
        let scopes = 0..setting.scopes.len();
        let of = |(policy, runs): (usize, &Vec<Replication>)| {
            let each = scopes
                .clone()
                .map(|scope| Samples::of(runs, (policy, scope), setting, stop));
            each.collect()
        };
        Some(Book {
            policies,
            setting,
            samples: runs.iter().enumerate().map(of).collect::<Option<_>>()?,
        })
    }

    /// All metrics of a policy in a scope, by their places.
    pub fn samples(&self, policy: usize, scope: usize) -> &Samples {
        &self.samples[policy][scope]
    }

    /// One metric of a policy, over all calls or those of a scope.
    ///
    /// # Errors
    /// If it is absent, with the reason.
    pub fn find(
        &self,
        policy: &str,
        during: Option<&str>,
        metric: &Metric,
    ) -> Result<&Sample, Absent> {
        let (policy, scope) = self.place(policy, during).ok_or(Absent::Nothing)?;
        self.samples(policy, scope).of_metric(metric)
    }

    /// The places of a policy and of a scope by their names; None where there is no such.
    pub fn place(&self, policy: &str, during: Option<&str>) -> Option<(usize, usize)> {
        let policy = self.policies.iter().position(|&name| name == policy);
        let scope = match during {
            None => Some(0),
            // The first scope is all calls, whatever a fault may be called.
            Some(fault) => {
                let faults = self.setting.scopes.iter().skip(1);
                faults
                    .map(|s| &s.name)
                    .position(|name| name == fault)
                    .map(|i| i + 1)
            }
        };
        policy.zip(scope)
    }
}
