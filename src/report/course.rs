//! The course of events of one policy, by window: what the timeline, its tables and the terminal's
//! sparkline draw. Windows are merged only where there are more than pixels.

use crate::record::Results;
use crate::record::results::PolicyResults;

/// Signs of a sparkline, from nothing to all.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Where there are no bars: tenths, all of it as 9.
const ASCII: [char; 10] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/// Good answers beside offered calls, window by window, warm-up left out.
#[derive(Clone, Debug)]
pub(super) struct Course {
    /// (offered, good) per second; good is the median over replications.
    windows: Vec<(f64, f64)>,
}

/// The windows that are drawn: from the end of the warm-up, cut after the last in which anything
/// happened if that leaves out a good part of the run.
pub(super) fn window_range(results: &Results) -> std::ops::Range<usize> {
    let width = results.window_ns.max(1);
    let longest = results
        .policies
        .iter()
        .map(|policy| policy.series.offered.len())
        .max()
        .unwrap_or(0);
    let from = ((results.meta.warm_up_ns / width) as usize).min(longest);
    let last = results
        .policies
        .iter()
        .filter_map(last_active)
        .max()
        .map_or(from, |last| last + 1);
    let faults = results
        .faults
        .iter()
        .map(|f| f.to_ns.div_ceil(width) as usize)
        .max();
    let needed = last.max(faults.unwrap_or(0)).min(longest).max(from);
    // A few quiet windows at the end are part of the story, most of the chart is not.
    let to = if (needed - from) * 10 < (longest - from) * 7 {
        (needed + (needed - from) / 20 + 1).min(longest)
    } else {
        longest
    };
    from..to
}

/// The last window in which a call arrived, ended or was tried.
fn last_active(policy: &PolicyResults) -> Option<usize> {
    let series = &policy.series;
    let ends = [&series.good[2], &series.degraded[2], &series.failed[2]];
    let lists = ends.into_iter().chain([&series.offered]);
    lists
        .chain(&series.attempts)
        .filter_map(|list| list.iter().rposition(|&value| value > 0.0))
        .max()
}

/// The time of those windows, ns.
pub(super) fn spark_range(results: &Results) -> (u64, u64) {
    let range = window_range(results);
    let from = range.start as u64 * results.window_ns;
    let to = (range.end as u64 * results.window_ns).min(results.meta.duration_ns.max(from));
    (from, to)
}

impl Course {
    /// The course of one policy; None where calls arrive in too few windows to make one.
    pub(super) fn of(results: &Results, policy: &PolicyResults) -> Option<Course> {
        let series = &policy.series;
        let windows: Vec<(f64, f64)> = window_range(results)
            .map(|w| {
                let at = |list: &[f64]| list.get(w).copied().unwrap_or(0.0);
                (at(&series.offered), at(&series.good[1]))
            })
            .collect();
        let busy = windows.iter().filter(|(offered, _)| *offered > 0.0).count();
        (windows.len() >= 4 && busy * 2 >= windows.len()).then_some(Course { windows })
    }

    /// Good ÷ offered as so many signs.
    pub(super) fn spark(&self, signs: usize, unicode: bool) -> String {
        let signs = signs.min(self.windows.len());
        (0..signs)
            .map(|i| {
                let from = i * self.windows.len() / signs;
                let to = (i + 1) * self.windows.len() / signs;
                let (offered, good) = self.windows[from..to]
                    .iter()
                    .fold((0.0, 0.0), |(o, g), w| (o + w.0, g + w.1));
                // The highest bar would stand out of the line of names: full is the seventh.
                let share = if offered > 0.0 { good / offered } else { 0.0 };
                let share = share.clamp(0.0, 1.0);
                if unicode {
                    BARS[(share * 6.0 + 0.5) as usize]
                } else {
                    ASCII[((share * 10.0) as usize).min(9)]
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_sparkline_falls_with_the_outage() {
        let results = fixture::outage();
        let spark = Course::of(&results, &results.policies[2])
            .unwrap()
            .spark(9, true);
        assert_eq!(spark, "▇▇▁▁▇▇▇▇▇");
        let course = Course::of(&results, &results.policies[2]).unwrap();
        assert_eq!(course.spark(9, false), "990099999");
    }

    #[test]
    fn a_burst_has_no_sparkline_and_its_quiet_end_is_not_drawn() {
        let results = fixture::burst();
        assert!(Course::of(&results, &results.policies[0]).is_none());
        assert!(window_range(&results).len() < 40);
    }
}
