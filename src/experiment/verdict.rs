//! From an interval to a word. The interval that is printed is the verdict.

use super::pair::Paired;
use crate::record::metric::Better;
use crate::record::results::Judgement;

/// What the interval of policy − baseline says, given the least effect that matters.
///
/// Within ± the least effect: equivalent. Excluding zero, and then reaching beyond the least
/// effect: better or worse. Otherwise no difference is shown. None where a difference is shown in
/// a metric of which neither direction is better.
///
/// Times at H are "at least H", and two of them are not shown to be equivalent.
pub fn judge(found: &Paired, min_effect: f64, better: Better) -> Option<Judgement> {
    let [low, high] = found.interval;
    if low.is_some_and(|low| low >= -min_effect) && high.is_some_and(|high| high <= min_effect) {
        return Some(match found.at_horizon {
            true => Judgement::NoDifferenceShown,
            false => Judgement::Equivalent,
        });
    }
    let higher = low.is_some_and(|low| low > 0.0);
    let lower = high.is_some_and(|high| high < 0.0);
    if !higher && !lower {
        return Some(Judgement::NoDifferenceShown);
    }
    match better {
        Better::Neither => None,
        Better::Higher if higher => Some(Judgement::Better),
        Better::Lower if lower => Some(Judgement::Better),
        Better::Higher | Better::Lower => Some(Judgement::Worse),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Judgement::{Better as Won, Equivalent, NoDifferenceShown, Worse};

    fn found(interval: [Option<f64>; 2], at_horizon: bool) -> Paired {
        Paired {
            value: 0.0,
            se: None,
            interval,
            at_horizon,
            gain: None,
        }
    }

    #[test]
    fn times_at_the_horizon_are_never_equivalent() {
        let at = |low, high| judge(&found([Some(low), Some(high)], true), 1.0, Better::Lower);
        assert_eq!(at(0.0, 0.0), Some(NoDifferenceShown));
        assert_eq!(at(0.1, 0.9), Some(NoDifferenceShown));
        assert_eq!(at(0.1, 1.1), Some(Worse));
        assert_eq!(at(-1.1, -0.1), Some(Won));
    }

    #[test]
    fn the_table_of_verdicts() {
        let cases = [
            // low, high, least effect, verdict where higher is better, where lower is
            (Some(0.5), Some(2.0), 1.0, Won, Worse),
            (Some(1.5), Some(2.0), 1.0, Won, Worse),
            (Some(-2.0), Some(-0.1), 1.0, Worse, Won),
            (Some(0.1), Some(0.9), 1.0, Equivalent, Equivalent),
            (Some(-1.0), Some(1.0), 1.0, Equivalent, Equivalent),
            (
                Some(-0.1),
                Some(1.1),
                1.0,
                NoDifferenceShown,
                NoDifferenceShown,
            ),
            (
                Some(-3.0),
                Some(3.0),
                1.0,
                NoDifferenceShown,
                NoDifferenceShown,
            ),
            (
                Some(0.0),
                Some(2.0),
                1.0,
                NoDifferenceShown,
                NoDifferenceShown,
            ),
            (Some(0.0), Some(0.0), 0.0, Equivalent, Equivalent),
            (Some(1e-9), Some(2e-9), 0.0, Won, Worse),
            (Some(0.5), None, 1.0, Won, Worse),
            (None, Some(-0.5), 1.0, Worse, Won),
            (None, Some(0.5), 1.0, NoDifferenceShown, NoDifferenceShown),
            (None, None, 1.0, NoDifferenceShown, NoDifferenceShown),
        ];
        for (low, high, effect, up, down) in cases {
            let at = format!("[{low:?}, {high:?}] ± {effect}");
            assert_eq!(
                judge(&found([low, high], false), effect, Better::Higher),
                Some(up),
                "{at}"
            );
            assert_eq!(
                judge(&found([low, high], false), effect, Better::Lower),
                Some(down),
                "{at}"
            );
        }
        assert_eq!(
            judge(&found([Some(1.0), Some(2.0)], false), 0.5, Better::Neither),
            None
        );
    }
}
