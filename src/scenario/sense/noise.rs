//! Shares of a noise that a provider does not have.

use crate::base::dist::Sampler;
use crate::scenario::parts::Parts;
use crate::scenario::report::Report;

/// Warns of a `variance` that is shared out where service times have none.
pub(super) fn check(parts: &Parts, report: &mut Report) {
    for (_, provider) in &parts.providers {
        if !["latency", "variance"]
            .iter()
            .all(|key| provider.knows(key))
        {
            continue;
        }
        provider.check(report, |config, check| {
            if config.variance.is_each_trys() {
                return;
            }
            let law = config.latency.law();
            let samplers = [&law.first_token_factor, &law.decode_factor];
            if samplers.iter().all(|s| matches!(s, Sampler::Constant(_))) {
                check
                    .warning(
                        "variance",
                        "there is nothing to share out",
                        "`latency` has no noise",
                    )
                    .help("give the latency a `sigma` or a distribution, or use `level`");
            }
        });
    }
}
