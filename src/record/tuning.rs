//! What a tuning leaves behind, as versioned data.

use serde::{Deserialize, Serialize};

use super::results::{Estimate, Outcome};

/// The whole of `tuning.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tuned {
    /// See [`super::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// See [`super::MODEL_VERSION`].
    pub model_version: u32,
    /// The version of the program.
    pub squall_version: String,
    /// The file's name without the ending.
    pub name: String,
    /// The file as the user gave it.
    pub file: String,
    /// The question.
    pub title: String,
    /// The seed.
    pub seed: u64,
    /// Runs that search, selection and moves may take.
    pub budget: u64,
    /// The policy that moved.
    pub policy: String,
    /// What was to be reached.
    pub objective: Objective,
    /// What had to hold in every weather.
    pub limits: Vec<Limit>,
    /// The weathers, those held out last.
    pub weathers: Vec<Weather>,
    /// What moved, and what was found.
    pub parameters: Vec<Parameter>,
    /// Whether something meets every limit by the selection's bounds. If not, what is told is the
    /// nearest.
    pub feasible: bool,
    /// Confidence of the selection's one-sided bounds.
    pub confidence: f64,
    /// The trials of the search, evenly thinned if there are many: as noisy as their few runs.
    pub progress: Vec<Step>,
    /// Runs that each stage took.
    pub spent: Spent,
    /// Those the selection chose among, the best first: what was found is the first.
    pub finalists: Vec<Finalist>,
    /// What was found and each other policy, in each weather.
    pub certificate: Vec<Certified>,
    /// What it comes to, in sentences.
    pub sentences: Vec<String>,
    /// The policy that was found, as a policy file.
    pub policy_file: String,
}

impl Tuned {
    /// Whether what was found is within every limit, by the selection and by the certificate in every weather.
    pub fn holds(&self) -> bool {
        let mut own = self
            .certificate
            .iter()
            .filter(|row| row.policy == self.policy);
        let passed = |held: &Held| held.outcome == Outcome::Passed;
        let certified = own.clone().count() == self.weathers.len()
            && own.all(|row| row.held.iter().all(passed));
        self.feasible && certified
    }
}

/// What was to be reached.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// The metric.
    pub metric: String,
    /// Whether less is better.
    pub minimize: bool,
    /// `mean` or `worst`: how those of several weathers become one.
    pub combine: String,
    /// The unit.
    pub unit: String,
}

/// A limit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// The metric.
    pub metric: String,
    /// In words: `≥ 99.5 %`, `≤ 1.1 × defaults`.
    pub text: String,
    /// Whether it is what keeps the objective from being better: moving a parameter that improves the
    /// objective exceeds it, or what was found is within two standard errors of it.
    pub binds: bool,
}

/// A weather.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Weather {
    /// Its name.
    pub name: String,
    /// The scenario file.
    pub file: String,
    /// Whether only the certificate saw it.
    pub held_out: bool,
}

/// A parameter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// The key below the policy.
    pub name: String,
    /// What it could be, in words.
    pub range: String,
    /// What was found, as it is written; None: it does not apply there.
    pub found: Option<String>,
    /// The least and the largest value at which a candidate meets every limit and is shown to be worse by
    /// at most 2 % of the objective, on replications that had no part in finding it.
    pub flat: Option<[String; 2]>,
    /// It alone moved.
    pub nudges: Vec<Nudge>,
}

/// A parameter moved alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Nudge {
    /// Where to.
    pub to: String,
    /// The objective there less that of what was found, in its unit; positive is worse if less is
    /// better.
    pub change: f64,
    /// Its paired 95 % interval; a bound that does not exist is null.
    pub ci95: [Option<f64>; 2],
    /// Metrics whose limits are exceeded there.
    pub beyond: Vec<String>,
}

/// Runs by stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// The baseline's figures that limits are multiples of.
    pub reference: u64,
    /// The search.
    pub search: u64,
    /// The selection.
    pub select: u64,
    /// Moving one parameter at a time.
    pub sense: u64,
    /// The certificate.
    pub certify: u64,
}

/// One that the selection chose among.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Finalist {
    /// Whether the selection's bounds show every limit to be met (`passed`), one to be missed (`failed`), or
    /// neither.
    pub outcome: Outcome,
    /// The limits it is not shown to meet.
    pub misses: Vec<Miss>,
    /// Its settings, in the order of the parameters; None where one does not apply.
    pub settings: Vec<Option<String>>,
    /// The objective over all weathers of the suite; None if it cannot be flown.
    pub objective: Option<f64>,
    /// How far its bounds are beyond the limits, in the limits' scales; 0: within all. None if nothing is
    /// known of one.
    pub excess: Option<f64>,
}

/// A trial of the search.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Which, from 1.
    pub trial: u64,
    /// How far it was beyond the limits, in their scales; None if nothing is known of one.
    pub excess: Option<f64>,
    /// Its objective; None if it does not apply.
    pub objective: Option<f64>,
}

/// A limit that a finalist is not shown to meet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Miss {
    /// The weather.
    pub weather: String,
    /// The metric.
    pub metric: String,
    /// Its value; None if it does not apply, or stands on too few calls.
    pub estimate: Option<Estimate>,
    /// The limit, in the metric's unit.
    pub limit: f64,
    /// Whether it is shown to be beyond (`failed`) or nothing is shown.
    pub outcome: Outcome,
    /// Replications of a candidate that would show it to be within, if all stays as it is; None if none would.
    pub needs: Option<u64>,
}

/// One policy in one weather, on the certificate's replications.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Certified {
    /// The policy.
    pub policy: String,
    /// The weather.
    pub weather: String,
    /// Replications.
    pub replications: u32,
    /// The objective; None if it does not apply.
    pub objective: Option<Estimate>,
    /// The metrics with limits.
    pub held: Vec<Held>,
    /// Runs that locked up.
    pub locked: u64,
    /// Of so many that were watched long enough.
    pub of: u64,
    /// Exact one-sided 95 % upper bound of the lock-up share; absent if none was watched.
    pub share_upper95: Option<f64>,
}

/// A metric against its limit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// The metric.
    pub metric: String,
    /// The metric's value; None if it does not apply.
    pub estimate: Option<Estimate>,
    /// The limit in this weather, in the metric's unit.
    pub limit: f64,
    /// The one-sided 95 % bound that has to be within it.
    pub bound: Option<f64>,
    /// Whether it is.
    pub outcome: Outcome,
    /// If that is not shown: replications that would show it, if all stays as it is.
    pub needs: Option<u64>,
}
