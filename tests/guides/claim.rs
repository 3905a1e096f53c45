//! A claim: what a guide says, the figure it quotes, and where a run gives that figure.

use std::path::Path;

use serde::Deserialize;
use squall::record::results::{Estimate, PolicyResults, Results};

/// What was found, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    Holds,
    HoldsIf,
    DoesNotHold,
}

impl Verdict {
    pub(crate) fn holds(self) -> bool {
        self != Verdict::DoesNotHold
    }
}

/// One row of the list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claim {
    pub(crate) guide: String,
    pub(crate) says: String,
    /// The scenario, with its point if it has several.
    pub(crate) scenario: String,
    pub(crate) policy: String,
    pub(crate) during: Option<String>,
    /// Then the figure is how many times that of this policy it is.
    pub(crate) than: Option<String>,
    pub(crate) metric: String,
    pub(crate) quoted: String,
    /// The claim holds from here to there, in the unit of the metric.
    pub(crate) holds: [f64; 2],
    pub(crate) verdict: Verdict,
    #[serde(rename = "if")]
    pub(crate) condition: Option<String>,
    pub(crate) why: String,
}

/// A simulated figure and its 95 % interval; of a maximum and of what never varies the value alone.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) value: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) unit: String,
}

/// What an interval says of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Holds,
    Fails,
    NotShown,
}

/// A claim about the quoted figures alone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sum {
    pub(crate) guide: String,
    pub(crate) says: String,
    pub(crate) quoted: String,
    /// The product of the first list over that of the second.
    of: [Vec<f64>; 2],
    pub(crate) unit: String,
    holds: [f64; 2],
    pub(crate) verdict: Verdict,
    pub(crate) why: String,
}

impl Sum {
    pub(crate) fn value(&self) -> f64 {
        let [over, under] = &self.of;
        over.iter().product::<f64>() / under.iter().product::<f64>()
    }

    /// Whether the quoted figure is what its own figures give.
    pub(crate) fn holds(&self) -> bool {
        let [from, to] = self.holds;
        (from..=to).contains(&self.value())
    }
}

/// All rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct List {
    #[serde(rename = "claim")]
    pub(crate) claims: Vec<Claim>,
    #[serde(rename = "sum")]
    pub(crate) sums: Vec<Sum>,
}

/// All rows of a file.
pub(crate) fn read(path: &Path) -> List {
    let text = std::fs::read_to_string(path).expect("the list of claims");
    toml::from_str(&text).expect("claims")
}

impl Claim {
    /// The file of its scenario, without `.toml`.
    pub(crate) fn file(&self) -> &str {
        self.scenario.split('@').next().unwrap_or_default()
    }

    /// The figure that a run gives.
    pub(crate) fn figure(&self, results: &Results) -> Figure {
        let own = Figure::of(self.estimate(results, &self.policy));
        let Some(than) = &self.than else { return own };
        let base = Figure::of(self.estimate(results, than));
        // Bounds over the opposite bounds: wider than the paired interval, never narrower.
        Figure {
            value: own.value / base.value,
            low: own.low / base.high,
            high: own.high / base.low,
            unit: "times".to_owned(),
        }
    }

    fn estimate<'a>(&self, results: &'a Results, policy: &str) -> &'a Estimate {
        let named = |p: &&PolicyResults| p.name == policy;
        let policy = results.policies.iter().find(named).expect("its policy");
        let metrics = match &self.during {
            Some(fault) => &policy.during[fault],
            None => &policy.metrics,
        };
        metrics
            .get(&self.metric)
            .unwrap_or_else(|| panic!("{}: no {}", self.scenario, self.metric))
    }

    /// Whether it holds, as far as the interval says.
    pub(crate) fn found(&self, figure: &Figure) -> Found {
        let [from, to] = self.holds;
        if from <= figure.low && figure.high <= to {
            Found::Holds
        } else if figure.high < from || to < figure.low {
            Found::Fails
        } else {
            Found::NotShown
        }
    }
}

impl Figure {
    fn of(estimate: &Estimate) -> Figure {
        let [low, high] = estimate.ci95;
        Figure {
            value: estimate.value,
            low: low.unwrap_or(estimate.value),
            high: high.unwrap_or(estimate.value),
            unit: estimate.unit.clone(),
        }
    }
}
