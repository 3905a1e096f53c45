//! `runs = "95%"`: a share of runs, each of which meets the limit by itself.
//!
//! How many do is binomial: the share is shown where the exact one-sided 95 % bound of Clopper and Pearson
//! lies inside, which takes 59 clean runs for 95 % ([`Gate::clean_runs`]).

use super::{Court, Verdict, inside};
use crate::experiment::distributions::{share_lower, share_upper};
use crate::experiment::estimate::{absent::Absent, in_run};
use crate::experiment::layers;
use crate::experiment::needed;
use crate::experiment::sample::{Sample, hits};
use crate::experiment::words::amount;
use crate::record::Replication;
use crate::record::metric::Metric;
use crate::record::results::{Bound, Outcome};
use crate::scenario::model::{Condition, Gate};

/// The confidence of the bound.
const CONFIDENCE: f64 = 0.95;

impl Court<'_> {
    /// What was found in words, and the verdict.
    pub(super) fn in_runs(
        &self,
        share: f64,
        metric: &Metric,
        condition: &Condition,
        policy: &str,
    ) -> (String, Option<Bound>, Verdict) {
        let (side, limit) = match condition {
            Condition::Min(_, limit) => (Bound::AtLeast, *limit),
            Condition::Max(_, limit) => (Bound::AtMost, *limit),
            _ => return (String::new(), None, (Outcome::NotShown, None)),
        };
        let each = self.each_run(metric, policy).into_iter().map(|sample| {
            let sample = sample.ok()?;
            Some(inside(&sample, side, limit, sample.value))
        });
        match Sample::share(each.collect()) {
            Some(sample) => judged(&sample, share),
            None => {
                let absent = Absent::Nothing;
                (absent.to_string(), None, (Outcome::Failed, None))
            }
        }
    }

    /// The metric of each run by itself.
    fn each_run(&self, metric: &Metric, policy: &str) -> Vec<Result<Sample, Absent>> {
        let Some((policy_place, scope)) = self.book.place(policy, self.scope) else {
            return Vec::new();
        };
        let layer = self.layer(policy);
        let setting = self.book.setting;
        let one = |run: &Replication| {
            let run = std::slice::from_ref(run);
            match layer {
                Some(layer) => layers::sample(run, layer, scope).ok_or(Absent::Nothing),
                None => in_run(metric, run, (policy_place, scope), setting),
            }
        };
        self.runs[policy_place].iter().map(one).collect()
    }
}

/// A share of runs that each meet a limit against the share that is asked for.
fn judged(sample: &Sample, share: f64) -> (String, Option<Bound>, Verdict) {
    let super::Spread::Share(answers) = &sample.spread else {
        return (String::new(), None, (Outcome::NotShown, None));
    };
    let (met, of) = hits(answers);
    let low = share_lower(met, of, CONFIDENCE);
    let high = share_upper(met, of, CONFIDENCE);
    let verdict = if low >= share {
        (Outcome::Passed, None)
    } else if high < share {
        (Outcome::Failed, None)
    } else {
        let needed = needed::replications(sample, Bound::AtLeast, share);
        (Outcome::NotShown, needed)
    };
    let percent = |x: f64, up: bool| {
        // Rounded away from what it would have to be, so that what is printed is never too good.
        let tenths = if up {
            (x * 1000.0).ceil()
        } else {
            (x * 1000.0).floor()
        };
        amount(tenths / 1000.0, "ratio")
    };
    let (bound, words) = match verdict.0 {
        Outcome::Failed => (Bound::AtMost, format!("at most {}", percent(high, true))),
        _ => (Bound::AtLeast, format!("at least {}", percent(low, false))),
    };
    let mut text = format!("met in {met} of {of} runs, {words}");
    if verdict.0 == Outcome::NotShown && met == of {
        let clean = Gate::clean_runs(share);
        text.push_str(&format!(
            "; {} takes {clean} clean runs",
            amount(share, "ratio")
        ));
    }
    (text, Some(bound), verdict)
}
