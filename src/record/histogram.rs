//! A histogram as a sorted list of (value, count): small, exact to merge.
//!
//! Values are microseconds on the grid of an HDR histogram with three significant digits, each
//! standing for the highest value of its bucket. All replications of a scenario use one grid.

pub mod grid;

/// Counts by value, sorted by value, no zero counts. In JSON a list of steps from bucket to bucket, see [`grid`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sparse {
    /// (microseconds, how many).
    pub counts: Vec<(u64, u64)>,
}

impl Sparse {
    /// How many values were recorded.
    pub fn n(&self) -> u64 {
        self.counts.iter().map(|&(_, count)| count).sum()
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// How many values are ≤ `us`.
    pub fn at_most(&self, us: u64) -> u64 {
        self.counts
            .iter()
            .take_while(|&&(value, _)| value <= us)
            .map(|&(_, count)| count)
            .sum()
    }

    /// The smallest recorded value with at least a share `p` of all at or below it; None if empty.
    pub fn quantile(&self, p: f64) -> Option<u64> {
        let n = self.n();
        let wanted = (p * n as f64).ceil().max(1.0);
        let mut seen = 0;
        for &(value, count) in &self.counts {
            seen += count;
            if seen as f64 >= wanted {
                return Some(value);
            }
        }
        self.counts.last().map(|&(value, _)| value)
    }

    /// Adds all counts of several histograms of one grid.
    pub fn pooled<'a>(parts: impl IntoIterator<Item = &'a Sparse>) -> Sparse {
        let mut all: Vec<(u64, u64)> = Vec::new();
        for part in parts {
            all.extend(&part.counts);
        }
        // The stable sort finds the sorted parts and merges them.
        all.sort_by_key(|&(value, _)| value);
        all.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        Sparse { counts: all }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_counts_are_those_of_the_list() {
        let h = Sparse {
            counts: vec![(10, 5), (20, 4), (30, 1)],
        };
        assert_eq!(h.n(), 10);
        assert_eq!(h.at_most(20), 9);
        assert_eq!(h.at_most(9), 0);
        assert_eq!(h.quantile(0.5), Some(10));
        assert_eq!(h.quantile(0.51), Some(20));
        assert_eq!(h.quantile(1.0), Some(30));
        assert_eq!(Sparse::default().quantile(0.5), None);
    }

    #[test]
    fn pooling_does_not_depend_on_order() {
        let a = Sparse {
            counts: vec![(1, 1), (5, 2)],
        };
        let b = Sparse {
            counts: vec![(2, 7), (5, 1)],
        };
        assert_eq!(Sparse::pooled([&a, &b]), Sparse::pooled([&b, &a]));
        assert_eq!(Sparse::pooled([&a, &b]).counts, [(1, 1), (2, 7), (5, 3)]);
    }
}
