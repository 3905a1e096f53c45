//! The presets of drift monitors along recorded streams: after which of their numbers each alarms.

use serde_json::Value;
use squall::policy::Config;
use squall::policy::monitor::Observation;

use crate::script::{numbers, text};

/// One preset, the kind of monitor in it, and what it is called in the recording.
pub(crate) struct Row {
    pub(crate) preset: &'static str,
    /// The kind, of which `squall explain` says the same.
    pub(crate) kind: &'static str,
    pub(crate) stem: &'static str,
    pub(crate) detector: &'static str,
    /// Its settings there and here.
    keys: &'static [(&'static str, &'static str)],
}

pub(crate) const MONITORS: &[Row] = &[
    Row {
        preset: "adwin-river",
        kind: "adwin",
        stem: "river-0.26.1",
        detector: "ADWIN",
        keys: &[
            ("delta", "threshold"),
            ("clock", "clock"),
            ("max_buckets", "max-buckets"),
            ("min_window_length", "min-window"),
            ("grace_period", "grace"),
        ],
    },
    Row {
        preset: "page-hinkley-river",
        kind: "page-hinkley",
        stem: "river-0.26.1",
        detector: "PageHinkley",
        keys: &[
            ("threshold", "threshold"),
            ("delta", "tolerance"),
            ("alpha", "keep"),
            ("min_instances", "min-observations"),
            ("mode", "side"),
        ],
    },
];

impl Row {
    /// The keys that a case sets beside the preset's.
    pub(crate) fn settings(&self, case: &Value) -> String {
        let settings = case["settings"].as_object().expect("settings");
        let line = |(theirs, value): (&String, &Value)| {
            let known = self.keys.iter().find(|(key, _)| key == theirs);
            let (_, ours) = known.unwrap_or_else(|| panic!("{theirs} is not known"));
            format!("monitor.river.test.{}.{ours} = {value}\n", self.kind)
        };
        settings.iter().map(line).collect()
    }
}

/// After which numbers the preset's monitor alarms, from 0.
pub(crate) fn alarms(config: &Config, stream: &[f64]) -> Vec<u64> {
    let mut monitor = config.monitor["river"].test.start();
    let seen = stream
        .iter()
        .map(|x| monitor.observe(Observation::Score(*x)));
    let alarms = (0..).zip(seen).filter(|(_, alarm)| *alarm);
    alarms.map(|(place, _)| place).collect()
}

/// The numbers of a case.
pub(crate) fn stream(recording: &Value, case: &Value) -> Vec<f64> {
    numbers(&recording["streams"], text(case, "stream"))
}

/// After which numbers the package alarmed.
pub(crate) fn recorded(case: &Value) -> Vec<u64> {
    let list = case["alarms"].as_array().expect("alarms").iter();
    list.map(|place| place.as_u64().expect("a place")).collect()
}
