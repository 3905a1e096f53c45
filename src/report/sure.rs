//! How sure it is, in sentences: the same in the terminal, on the page and in `summary.md`.

use super::measure::Measure;
use super::number::{list, plain};
use crate::record::Results;
use crate::record::results::LockUps;

/// All there is to say, in order.
pub(super) fn sentences(results: &Results) -> Vec<String> {
    let mut all: Vec<String> = settling(results).into_iter().collect();
    let tests = results.policies.len().saturating_sub(1).max(1);
    all.extend(results.lock_ups.iter().map(|pair| lock_ups(pair, tests)));
    all.extend(pairing(results));
    all
}

/// How the looks went, where there were looks.
fn settling(results: &Results) -> Option<String> {
    let settling = results.settling.as_ref()?;
    let (taken, of) = (settling.taken, settling.looks.len());
    let runs = results.meta.replications;
    let looks = format!("look {taken} of {of}, with {runs} replications");
    let joint = "the intervals hold jointly over all looks";
    let open = settling.pairs.saturating_sub(settling.settled);
    Some(match (open, taken as usize == of) {
        (0, _) => format!("Every verdict was settled by {looks}; {joint}."),
        (open, true) => format!(
            "{open} of {} verdicts are still open after {looks}; {joint}.",
            settling.pairs
        ),
        (open, false) => format!(
            "All verdicts that more replications could settle were settled by {looks}; of {open} \
             nothing more can be shown; {joint}."
        ),
    })
}

/// Which of two policies locks up more often, by the runs in which only one did; of so many tests all hold together
/// at 95 % (Bonferroni).
fn lock_ups(pair: &LockUps, tests: usize) -> String {
    let runs = |n: u64| if n == 1 { "run" } else { "runs" };
    let p = match pair.p {
        p if p < 0.0001 => "under 0.0001".to_owned(),
        p => plain(p, 4),
    };
    let verdict = match pair.p < 0.05 / tests as f64 {
        true => "more than chance explains",
        false => "not shown to be more than chance",
    };
    let among = match tests {
        1 => String::new(),
        n => format!(", one of {n} tests"),
    };
    format!(
        "Lock-up: of {} {}, {} locked up under {} alone and {} under {} alone: {verdict} (exact \
         McNemar test, p = {p}{among}).",
        pair.of,
        runs(pair.of),
        pair.only_policy,
        pair.policy,
        pair.only_baseline,
        pair.baseline,
    )
    .replace("p = under", "p under")
}

/// What pairing gained.
fn pairing(results: &Results) -> Option<String> {
    let gains = results.pairing_gains();
    let median = results.pairing_gain()?;
    let times = |gain: f64| match gain {
        gain if gain >= 10.0 => plain(gain, 0),
        gain => plain(gain, 1),
    };
    let each = gains.iter().map(|(metric, gain)| {
        let label = Measure::of(results, metric).label;
        format!("{label} ÷{}", times(*gain))
    });
    let each: Vec<String> = each.collect();
    let by = match each.as_slice() {
        [] | [_] => String::new(),
        all => format!(" (median; {})", list(all)),
    };
    Some(format!(
        "Paired by the same weather: variance of differences ÷{} against independent runs{by}.",
        times(median)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::results::Settling;
    use crate::report::fixture;

    #[test]
    fn what_was_settled_and_gained_is_said() {
        let mut results = fixture::outage();
        let gained = "Paired by the same weather: variance of differences ÷1.9 against independent \
                      runs (median; success ÷1.9, p99 to a good answer ÷1.9 and ";
        let said = sentences(&results);
        assert!(said.len() == 1 && said[0].starts_with(gained), "{said:?}");
        results.lock_ups = vec![LockUps {
            policy: "breaker".into(),
            baseline: "naive".into(),
            of: 32,
            only_policy: 0,
            only_baseline: 16,
            p: 0.000_030_5,
        }];
        let mut settling = Settling {
            looks: vec![32, 64],
            taken: 1,
            pairs: 12,
            settled: 12,
        };
        results.settling = Some(settling.clone());
        let said = sentences(&results);
        let done = "Every verdict was settled by look 1 of 2, with 32 replications";
        assert!(said[0].starts_with(done), "{said:?}");
        let tests = results.policies.len() - 1;
        let locked = format!(
            "Lock-up: of 32 runs, 0 locked up under breaker alone and 16 under naive alone: more \
             than chance explains (exact McNemar test, p under 0.0001, one of {tests} tests)."
        );
        assert_eq!(said[1], locked);
        settling.settled = 11;
        settling.taken = 2;
        results.settling = Some(settling);
        assert!(sentences(&results)[0].starts_with("1 of 12 verdicts are still open after look 2"));
    }
}
