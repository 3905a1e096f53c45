//! Which providers a fault hits: those it names, or all that bear some labels.
//!
//! `on = ["a", "b"]`, or `on.region = "eu"`; of several labels a provider bears all. One cause hits all of
//! them at once: a call that goes by lot (`hits`) goes by the same one at each.

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

/// The targets of a fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// Names of providers; of labels, once the scenario has found who bears them.
    pub names: Vec<String>,
    /// Labels that all of them bear.
    pub labels: Labels,
}

impl From<Vec<String>> for Targets {
    fn from(names: Vec<String>) -> Targets {
        Targets {
            names,
            labels: Labels::default(),
        }
    }
}

/// Labels of providers; those that are absent do not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Labels {
    /// Who runs it.
    pub vendor: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// Where it runs.
    pub region: Option<String>,
    /// The account that is billed and limited.
    pub account: Option<String>,
    /// The group it stands in for others of.
    pub group: Option<String>,
}

impl Labels {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        *self == Labels::default()
    }

    /// Whether a provider with these bears all that are asked.
    pub fn are_borne_by(&self, own: &Labels) -> bool {
        let bears = |asked: &Option<String>, own: &Option<String>| asked.is_none() || asked == own;
        bears(&self.vendor, &own.vendor)
            && bears(&self.model, &own.model)
            && bears(&self.region, &own.region)
            && bears(&self.account, &own.account)
            && bears(&self.group, &own.group)
    }
}

impl<'de> Deserialize<'de> for Targets {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Targets, D::Error> {
        d.deserialize_any(Either)
    }
}

/// A list of names or a table of labels.
struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Targets;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of names of providers, or labels such as on.region = \"eu\"")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Targets, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Targets::from)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Targets, A::Error> {
        Ok(Targets {
            names: Vec::new(),
            labels: Labels::deserialize(MapAccessDeserializer::new(map))?,
        })
    }
}
