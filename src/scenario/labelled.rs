//! Faults that hit whoever bears some labels: who that is.

use super::parts::Parts;
use super::report::Report;
use crate::fault::targets::Labels;
use crate::provider;

fn own(config: &provider::Config) -> Labels {
    Labels {
        vendor: config.vendor.clone(),
        model: config.model.clone(),
        region: config.region.clone(),
        account: config.account.clone(),
        group: config.group.clone(),
    }
}

/// Writes the names of those who bear the labels of a fault among its targets.
pub(super) fn resolve(parts: &mut Parts, report: &mut Report) {
    let Parts {
        providers,
        faults,
        lacks,
        ..
    } = parts;
    for fault in faults {
        let Some(config) = &mut fault.value else {
            continue;
        };
        if config.on.labels.is_empty() {
            continue;
        }
        let mut all_known = !lacks.providers;
        for (name, provider) in providers.iter() {
            match &provider.value {
                Some(own_config) if config.on.labels.are_borne_by(&own(own_config)) => {
                    config.on.names.push(name.clone());
                }
                Some(_) => {}
                None => all_known = false,
            }
        }
        if config.on.names.is_empty() && all_known {
            let title = "a fault that hits nobody";
            let mistake = fault
                .unit
                .mistake(&["on"], title, "no provider bears these labels", report)
                .help("labels are those of [provider.NAME]: vendor, model, region, account, group");
            fault.unit.push(&["on"], mistake, report);
        }
    }
}
