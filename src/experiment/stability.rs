//! Recovery and lock-up of a policy after the last fault.
//!
//! Lock-ups are counted for every policy: with a few locked runs no interval on a mean is honest.

use super::distributions::{mcnemar, share_upper};
use super::sample::hits;
use crate::record::Replication;
use crate::record::results::{LockUps, Stability};

/// Counts lock-ups and recoveries; None where neither applies to any replication. `last_fault` is
/// the place of the fault that ends last.
pub fn stability(runs: &[Replication], last_fault: Option<usize>) -> Option<Stability> {
    let fault = last_fault?;
    let lock_ups: Vec<Option<bool>> = runs.iter().map(|run| run.lock_up).collect();
    let (locked, of) = hits(&lock_ups);
    let recovery = |run: &Replication| run.recovery.get(fault).copied().flatten();
    let mut times: Vec<Option<u64>> = runs
        .iter()
        .filter_map(recovery)
        .map(|recovery| recovery.recovered_ns)
        .collect();
    if of == 0 && times.is_empty() {
        return None;
    }
    // Those that did not recover took for ever: they come last.
    times.sort_by_key(|took| took.unwrap_or(u64::MAX));
    let middle = times.get(times.len().saturating_sub(1) / 2);
    let mixture = 0 < locked && locked < of;
    Some(Stability {
        locked,
        of,
        share_upper95: if of == 0 {
            1.0
        } else {
            share_upper(locked, of, 0.95)
        },
        recovered: times.iter().flatten().count() as u64,
        recovery_median_s: middle.copied().flatten().map(|ns| ns as f64 / 1e9),
        mixture,
        success_locked_other: mixture.then(|| [success(runs, true), success(runs, false)]),
    })
}

/// Every policy against the baseline by the runs in which only one of the two locked up; `runs` by policy, named
/// in the same order. Those that no run tells apart are left out.
pub fn lock_ups(names: &[&str], runs: &[Vec<Replication>], baseline: &str) -> Vec<LockUps> {
    let Some(base) = names.iter().position(|name| *name == baseline) else {
        return Vec::new();
    };
    let one = |(name, list): (&&str, &Vec<Replication>)| {
        let pairs = list.iter().zip(&runs[base]);
        let pairs = pairs.filter_map(|(a, b)| Some((a.lock_up?, b.lock_up?)));
        let (mut of, mut only_policy, mut only_baseline) = (0, 0, 0);
        for (policy, baseline) in pairs {
            of += 1;
            only_policy += u64::from(policy && !baseline);
            only_baseline += u64::from(baseline && !policy);
        }
        (only_policy + only_baseline > 0).then(|| LockUps {
            policy: (*name).to_owned(),
            baseline: baseline.to_owned(),
            of,
            only_policy,
            only_baseline,
            p: mcnemar(only_policy, only_baseline),
        })
    };
    names.iter().zip(runs).filter_map(one).collect()
}

/// The success ratio of the runs that did or did not lock up.
fn success(runs: &[Replication], locked: bool) -> f64 {
    let half = runs.iter().filter(|run| run.lock_up == Some(locked));
    let sums = half.filter_map(|run| run.scopes.first());
    let (success, calls) = sums.fold((0, 0), |(success, calls), sums| {
        (success + sums.success, calls + sums.calls)
    });
    success as f64 / calls.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Sums;
    use crate::record::replication::Recovery;

    fn run(recovered_s: Option<u64>, success: u64) -> Replication {
        Replication {
            scopes: vec![Sums {
                calls: 100,
                success,
                ..Sums::default()
            }],
            recovery: vec![Some(Recovery {
                recovered_ns: recovered_s.map(|s| s * 1_000_000_000),
                horizon_ns: 90_000_000_000,
            })],
            lock_up: Some(recovered_s.is_none()),
            ..Replication::default()
        }
    }

    #[test]
    fn a_few_locked_runs_make_a_mixture_with_both_halves_shown() {
        let runs = [
            run(Some(5), 99),
            run(None, 20),
            run(Some(10), 97),
            run(Some(0), 98),
        ];
        let found = stability(&runs, Some(0)).unwrap();
        assert_eq!((found.locked, found.of, found.recovered), (1, 4, 3));
        assert!(found.mixture);
        assert_eq!(found.success_locked_other, Some([0.2, 0.98]));
        assert_eq!(found.recovery_median_s, Some(5.0));
        assert!((found.share_upper95 - 0.7514).abs() < 1e-4);
    }

    #[test]
    fn the_median_is_none_only_where_more_than_half_did_not_recover() {
        let half = [run(Some(5), 99), run(None, 20)];
        assert_eq!(
            stability(&half, Some(0)).unwrap().recovery_median_s,
            Some(5.0)
        );
        let most = [run(Some(5), 99), run(None, 20), run(None, 20)];
        assert_eq!(stability(&most, Some(0)).unwrap().recovery_median_s, None);
    }

    #[test]
    fn lock_ups_are_compared_run_by_run() {
        let of = |locked: [bool; 4]| -> Vec<Replication> {
            let each = locked.iter().map(|&locked| run((!locked).then_some(1), 9));
            each.collect()
        };
        let runs = [
            of([true; 4]),
            of([false, false, false, true]),
            of([true; 4]),
        ];
        let found = lock_ups(&["base", "other", "twin"], &runs, "base");
        assert_eq!(found.len(), 1, "the twin is not told apart: {found:?}");
        let other = &found[0];
        assert_eq!((other.policy.as_str(), other.of), ("other", 4));
        assert_eq!((other.only_policy, other.only_baseline), (0, 3));
        // Three heads or three tails of three throws.
        assert!((other.p - 0.25).abs() < 1e-12);
    }

    #[test]
    fn without_a_fault_there_is_nothing_to_recover_from() {
        assert_eq!(stability(&[run(None, 0)], None), None);
        let untold = Replication {
            recovery: vec![None],
            ..Replication::default()
        };
        assert_eq!(stability(&[untold], Some(0)), None);
    }
}
