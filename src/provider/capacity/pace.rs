//! How fast answers in progress go, by their number.

/// The speed of each of n answers in progress, as a share of its speed alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// min(1, full ÷ n).
    Shared {
        /// Answers that run at full speed.
        full: f64,
    },
    /// 1 ÷ (1 + slowdown · (n − 1)).
    Batched {
        /// What each other answer adds.
        slowdown: f64,
    },
}

impl Pace {
    /// The speed of each of `n` answers; nothing runs where there is none.
    pub fn speed(self, n: u32) -> f64 {
        let others = f64::from(n) - 1.0;
        match self {
            _ if n == 0 => 0.0,
            Pace::Shared { full } => (full / f64::from(n)).min(1.0),
            Pace::Batched { slowdown } => 1.0 / (1.0 + slowdown * others),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_is_as_much_as_there_is_and_no_more() {
        let pace = Pace::Shared { full: 4.0 };
        let total = |n| pace.speed(n) * f64::from(n);
        let totals = [0, 1, 4, 5, 1000].map(total);
        assert_eq!(totals, [0.0, 1.0, 4.0, 4.0, 4.0]);
        assert_eq!(pace.speed(8), 0.5);
    }

    #[test]
    fn a_batch_does_more_the_larger_it_is_and_never_more_than_its_bound() {
        let pace = Pace::Batched { slowdown: 0.1 };
        let total = |n| pace.speed(n) * f64::from(n);
        assert_eq!(total(1), 1.0);
        assert_eq!(pace.speed(11), 0.5);
        assert!((1..1000).all(|n| total(n) < total(n + 1) && total(n) < 10.0));
    }
}
