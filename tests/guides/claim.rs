//! A claim: what a guide says, the figure it quotes, and where a run gives that figure.

use std::collections::BTreeMap;
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
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Claim {
    pub(crate) guide: String,
    pub(crate) says: String,
    /// The scenario, with its point if it has several.
    pub(crate) scenario: String,
    pub(crate) policy: String,
    pub(crate) during: Option<String>,
    /// Then the figure is how many times that of this policy it is …
    pub(crate) than: Option<String>,
    /// … at this scenario and point, if it is another one.
    pub(crate) than_at: Option<String>,
    pub(crate) metric: String,
    /// The figure in the unit of the quoted one: so many of it.
    #[serde(rename = "as")]
    pub(crate) shown_as: Option<Shown>,
    pub(crate) quoted: String,
    /// The claim holds from here to there, in the unit that is shown.
    pub(crate) holds: [f64; 2],
    pub(crate) verdict: Verdict,
    #[serde(rename = "if")]
    pub(crate) condition: Option<String>,
    pub(crate) why: String,
    /// Its place among the findings at the top of the page.
    pub(crate) top: Option<u32>,
}

/// Another unit for a figure.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shown {
    times: f64,
    unit: String,
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
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct List {
    #[serde(rename = "claim", default)]
    pub(crate) claims: Vec<Claim>,
    #[serde(rename = "sum", default)]
    pub(crate) sums: Vec<Sum>,
}

/// The files of the list, in order of the page.
const FILES: [&str; 7] = [
    "foundations",
    "chatbot",
    "production-failover",
    "production",
    "playbook",
    "patterns",
    "sums",
];

/// All rows of all files of a folder.
pub(crate) fn read(dir: &Path) -> List {
    let mut all = List::default();
    for name in FILES {
        let path = dir.join(format!("{name}.toml"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
        let list: List = toml::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        all.claims.extend(list.claims);
        all.sums.extend(list.sums);
    }
    all
}

impl Claim {
    /// The file of its scenario, without `.toml`.
    pub(crate) fn file(&self) -> &str {
        self.scenario.split('@').next().unwrap_or_default()
    }

    /// The figure that the runs give.
    pub(crate) fn figure(&self, flights: &BTreeMap<String, Results>) -> Figure {
        let own = Figure::of(self.estimate(flights, &self.scenario, &self.policy));
        let figure = match &self.than {
            Some(than) => {
                let at = self.than_at.as_ref().unwrap_or(&self.scenario);
                own.over(&Figure::of(self.estimate(flights, at, than)))
            }
            None => own,
        };
        match &self.shown_as {
            Some(shown) => figure.shown_as(shown),
            None => figure,
        }
    }

    fn estimate<'a>(
        &self,
        flights: &'a BTreeMap<String, Results>,
        scenario: &str,
        policy: &str,
    ) -> &'a Estimate {
        let results = flights.get(scenario);
        let results = results.unwrap_or_else(|| panic!("no scenario {scenario}"));
        let named = |p: &&PolicyResults| p.name == policy;
        let policy = results.policies.iter().find(named);
        let policy = policy.unwrap_or_else(|| panic!("{scenario}: no policy of {}", self.says));
        let metrics = match &self.during {
            Some(scope) => policy.during.get(scope),
            None => Some(&policy.metrics),
        };
        let metric = metrics.and_then(|all| all.get(&self.metric));
        metric.unwrap_or_else(|| panic!("{scenario}: no {} of {}", self.metric, policy.name))
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

    /// How many times another it is. Bounds over the opposite bounds: wider than the paired interval, never narrower.
    fn over(&self, base: &Figure) -> Figure {
        Figure {
            value: self.value / base.value,
            low: self.low / base.high,
            high: self.high / base.low,
            unit: "times".to_owned(),
        }
    }

    fn shown_as(self, shown: &Shown) -> Figure {
        Figure {
            value: self.value * shown.times,
            low: self.low * shown.times,
            high: self.high * shown.times,
            unit: format!("={}", shown.unit),
        }
    }
}
