//! Which columns of the table fit into the terminal, and how wide the names may be.

/// Space between columns.
pub(super) const GAP: usize = 2;
/// A name may be cut to this, so that the numbers stay.
const SHORTEST_NAME: usize = 16;

/// What the table could show, in columns of the terminal.
#[derive(Clone, Debug)]
pub(super) struct Wishes {
    /// The longest name, the mark of the baseline included.
    pub(super) name: usize,
    /// Each metric: with its interval, and without.
    pub(super) metrics: Vec<(usize, usize)>,
    /// What follows the metrics (attempts, lock-up), if anything.
    pub(super) tail: Vec<usize>,
    /// Whether there is a course of events to draw, and the width its heading needs.
    pub(super) spark: Option<usize>,
}

/// What it will show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Columns for names.
    pub(super) name: usize,
    /// How many metrics.
    pub(super) metrics: usize,
    /// Whether with intervals.
    pub(super) halves: bool,
    /// Signs of the sparkline; none: left out.
    pub(super) spark: usize,
}

/// The richest plan that fits: the sparkline goes first, then intervals, then the last metrics.
pub(super) fn plan(wishes: &Wishes, columns: usize) -> Plan {
    let all = wishes.metrics.len();
    let sparks: &[usize] = if wishes.spark.is_some() {
        &[9, 7, 5, 0]
    } else {
        &[0]
    };
    let mut plans: Vec<(bool, usize, usize)> = Vec::new();
    for halves in [true, false] {
        plans.extend(sparks.iter().map(|&spark| (halves, spark, all)));
    }
    plans.extend((1..all).rev().map(|metrics| (false, 0, metrics)));
    for (halves, spark, metrics) in plans {
        let used = used(wishes, halves, spark, metrics);
        let least = wishes.name.min(SHORTEST_NAME);
        if used + least <= columns {
            return Plan {
                name: wishes.name.min(columns - used),
                metrics,
                halves,
                spark,
            };
        }
    }
    Plan {
        name: SHORTEST_NAME,
        metrics: all.min(1),
        halves: false,
        spark: 0,
    }
}

/// Columns taken by everything but the names.
fn used(wishes: &Wishes, halves: bool, spark: usize, metrics: usize) -> usize {
    let metrics: usize = wishes.metrics[..metrics]
        .iter()
        .map(|&(with, without)| GAP + if halves { with } else { without })
        .sum();
    let tail: usize = wishes.tail.iter().map(|width| GAP + width).sum();
    let spark = match wishes.spark {
        Some(heading) if spark > 0 => GAP + spark.max(heading),
        _ => 0,
    };
    metrics + tail + spark
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes(name: usize, metric: usize, count: usize) -> Wishes {
        Wishes {
            name,
            metrics: vec![(metric, metric / 2); count],
            tail: vec![8, 7],
            spark: Some(4),
        }
    }

    #[test]
    fn what_is_left_out_is_what_matters_least() {
        assert_eq!(plan(&wishes(12, 9, 3), 80).spark, 9);
        assert_eq!(plan(&wishes(16, 10, 3), 80).spark, 7);
        let tight = plan(&wishes(70, 20, 3), 80);
        assert!(!tight.halves);
        assert!(tight.name >= SHORTEST_NAME);
        assert!(plan(&wishes(20, 40, 6), 80).metrics < 6);
    }

    #[test]
    fn every_plan_fits() {
        for name in [1, 16, 40, 200] {
            for metric in [4, 12, 30] {
                for count in 1..8 {
                    let wishes = wishes(name, metric, count);
                    for columns in [80, 120] {
                        let plan = plan(&wishes, columns);
                        let used = used(&wishes, plan.halves, plan.spark, plan.metrics);
                        let width = plan.name + used;
                        assert!(width <= columns, "{name} {metric} {count}: {width}");
                    }
                }
            }
        }
    }
}
