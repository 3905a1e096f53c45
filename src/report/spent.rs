//! What money went for, in words: billed tokens by class, and what was wasted by cause; the same in the page and in
//! the terminal.

use std::collections::BTreeMap;

use super::number::grouped;
use crate::record::replication::UsageRow;
use crate::record::results::PolicyResults;

/// Of many causes so many are named.
const MOST: usize = 4;

fn rows(policy: &PolicyResults) -> impl Iterator<Item = &UsageRow> {
    let all = policy
        .replications
        .iter()
        .filter_map(|run| run.scopes.first());
    all.flat_map(|sums| &sums.usage)
}

/// How the attempts ended that cost money and answered no call, as shares of that money: `timed out 71 %,
/// cancelled 29 %`. Empty if none did.
pub(super) fn causes(policy: &PolicyResults) -> String {
    let mut by_class: BTreeMap<&str, u128> = BTreeMap::new();
    for row in rows(policy).filter(|row| row.outcome == "lost") {
        *by_class.entry(&row.class).or_default() += row.pico_usd;
    }
    let all: u128 = by_class.values().sum();
    let mut costly: Vec<(&str, u128)> = by_class.into_iter().filter(|(_, usd)| *usd > 0).collect();
    // Stable: of equal ones the first by name.
    costly.sort_by_key(|(_, usd)| std::cmp::Reverse(*usd));
    let told = costly.iter().take(MOST).map(|(class, usd)| {
        let share = 100.0 * *usd as f64 / all as f64;
        format!("{} {share:.0}\u{202f}%", class.replace('-', " "))
    });
    told.collect::<Vec<_>>().join(", ")
}

/// The tokens billed in one run, by class; None where none has a price of its own.
pub(super) fn tokens(policy: &PolicyResults) -> Option<String> {
    let runs = policy.replications.len().max(1) as f64;
    let sum =
        |of: fn(&UsageRow) -> u64| rows(policy).map(|row| u128::from(of(row))).sum::<u128>() as f64;
    let (input, output) = (sum(|row| row.input_tokens), sum(|row| row.output_tokens));
    let cached = sum(|row| row.cached_input_tokens);
    let written = sum(|row| row.cache_write_tokens);
    let reasoning = sum(|row| row.reasoning_tokens);
    if cached + written + reasoning == 0.0 {
        return None;
    }
    let mean = |all: f64| grouped(libm::round(all / runs) as u64);
    let share = |part: f64, all: f64| format!("{:.0}\u{202f}%", 100.0 * part / f64::max(all, 1.0));
    let mut told = format!("{} prompt tokens", mean(input));
    if cached + written > 0.0 {
        let (cached, written) = (share(cached, input), share(written, input));
        told.push_str(&format!(
            " ({cached} from a cache, {written} taken into it)"
        ));
    }
    told.push_str(&format!(", {} answer tokens", mean(output)));
    if reasoning > 0.0 {
        told.push_str(&format!(" ({} reasoning)", share(reasoning, output)));
    }
    Some(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Replication, Sums};

    fn policy(rows: Vec<UsageRow>) -> PolicyResults {
        let sums = Sums {
            usage: rows,
            ..Sums::default()
        };
        let run = Replication {
            scopes: vec![sums],
            ..Replication::default()
        };
        PolicyResults {
            replications: vec![run],
            ..PolicyResults::default()
        }
    }

    fn row(class: &str, outcome: &str, pico_usd: u128) -> UsageRow {
        UsageRow {
            class: class.into(),
            outcome: outcome.into(),
            pico_usd,
            input_tokens: 100,
            output_tokens: 20,
            ..UsageRow::default()
        }
    }

    #[test]
    fn waste_is_told_by_how_its_attempts_ended_the_dearest_first() {
        let all = vec![
            row("ok", "won", 900),
            row("cancelled", "lost", 25),
            row("timed-out", "lost", 75),
            row("rate-limited", "lost", 0),
        ];
        assert_eq!(
            causes(&policy(all.clone())),
            "timed out 75\u{202f}%, cancelled 25\u{202f}%"
        );
        assert_eq!(
            tokens(&policy(all)),
            None,
            "no token has a price of its own"
        );
        assert_eq!(causes(&policy(Vec::new())), "");
    }

    #[test]
    fn tokens_with_prices_of_their_own_are_told_as_shares() {
        let cached = UsageRow {
            cached_input_tokens: 60,
            cache_write_tokens: 40,
            reasoning_tokens: 15,
            ..row("ok", "won", 1)
        };
        let told = tokens(&policy(vec![cached]))
            .unwrap()
            .replace('\u{202f}', " ");
        let expected = "100 prompt tokens (60 % from a cache, 40 % taken into it), 20 answer tokens (75 % reasoning)";
        assert_eq!(told, expected);
    }
}
