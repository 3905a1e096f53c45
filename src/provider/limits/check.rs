//! Limits that make no sense, and settings that change nothing.

use super::{Config, Settle};
use crate::base::meter::Method;
use crate::base::{Check, Duration};

const DAY: Duration = Duration::from_s(86_400);

pub(super) fn check(config: &Config, check: &mut Check) {
    for (key, limit) in config.amounts() {
        if limit.is_some_and(|l| l == 0 || l > 1_000_000_000_000) {
            check
                .mistake(
                    key,
                    "an absurd limit",
                    "not between 1 and 1 000 000 000 000",
                )
                .help("for no limit leave it out; for none at all use a fault");
        }
    }
    if config.slice.is_zero() || config.slice > Duration::from_s(60) {
        check.mistake("slice", "a slice of a minute", "not between 0 and 60s");
    }
    if config.day.resets >= DAY {
        check.mistake("day.resets", "a time of day", "not before 24h");
    }
    if !(1..=100).contains(&config.burndown) {
        check.mistake("burndown", "an absurd burndown", "not between 1 and 100");
    }
    check.at("counts", |c| config.counts.check(c));
    if let Some(growth) = &config.growth {
        check.at("growth", |c| growth.check(c));
    }
    if let Some(suspend) = &config.suspend {
        check.at("suspend", |c| suspend.check(c));
    }
    if let Some(others) = &config.others {
        check.at("others", |c| others.check(c));
    }
    vain(config, check);
}

/// What is set and changes nothing.
fn vain(config: &Config, check: &mut Check) {
    let of_answers = config.tpm.or(config.output_tpm).or(config.tpd).is_some();
    if config.burndown > 1 && config.settle == Settle::None {
        check
            .warning(
                "burndown",
                "this counts nothing",
                "reservations are never corrected",
            )
            .help("write settle = \"actual\" beside it");
    } else if config.burndown > 1 && !of_answers {
        let why = "no limit counts answers";
        check.warning("burndown", "this counts nothing", why);
    }
    let daily = config.rpd.or(config.tpd).is_some();
    if !daily && config.day != super::Day::default() {
        let why = "there is neither `rpd` nor `tpd`";
        check.warning("day", "no limit lasts a day", why);
    } else if config.day.method != Method::CalendarWindow && !config.day.resets.is_zero() {
        let why = "only days on the calendar end at an hour";
        check.warning("day.resets", "this changes nothing", why);
    }
    if config.is_empty() {
        let why = "nothing is limited here";
        if config.suspend.is_some() {
            check.warning("suspend", "nobody is ever refused", why);
        }
        if config.others.is_some() {
            check.warning("others", "there is nothing to take", why);
        }
    }
}
