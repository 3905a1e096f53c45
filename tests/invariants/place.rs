//! A place of limits, drawn: as it stands in a file, and as numbers for the models.

use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;
use squall::base::Dimension;

use super::flight::{S, pick};

/// What a limit counts, in the words of the manual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Counts {
    Requests,
    Tokens,
    Input,
    Output,
}

/// One limit: `per` in every `period_s`, of which `cap` may come at once.
#[derive(Clone, Debug)]
pub(crate) struct Limit {
    pub(crate) key: &'static str,
    pub(crate) counts: Counts,
    pub(crate) dimension: Dimension,
    pub(crate) cap: u64,
    pub(crate) per: u64,
    pub(crate) period: u64,
    /// The length of a window, where there are any: as much as `cap` is of `per`.
    pub(crate) window: u64,
    pub(crate) method: String,
    /// How long after whole windows those on the calendar begin.
    pub(crate) phase: u64,
}

/// All limits of a provider or a pool, and what else belongs to them.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) limits: Vec<Limit>,
    /// Thousandths that a token of the prompt and one of max-tokens count for.
    pub(crate) weights: (u64, u64),
    pub(crate) larger: bool,
    pub(crate) refused: &'static str,
    pub(crate) settles: bool,
    pub(crate) burndown: u64,
    /// Above so many prompt tokens a minute half as much more as in the window before.
    pub(crate) growth: Option<(u64, u64)>,
    /// After so many refusals within, for: in seconds.
    pub(crate) suspend: Option<(u64, u64, u64)>,
    /// The share that other tenants take, in percent.
    pub(crate) others: u64,
}

const METHODS: [&str; 6] = [
    "bucket",
    "gcra",
    "fixed-window",
    "calendar-window",
    "sliding-log",
    "sliding-counter",
];

/// The keys, what they count, how many there are of it at least, and the name of what they bind.
const KEYS: [(&str, Counts, u64, Dimension); 6] = [
    ("rpm", Counts::Requests, 30, Dimension::Requests),
    ("tpm", Counts::Tokens, 12_000, Dimension::Tokens),
    ("input-tpm", Counts::Input, 8_000, Dimension::Input),
    ("output-tpm", Counts::Output, 5_000, Dimension::Output),
    ("rpd", Counts::Requests, 60, Dimension::Day),
    ("tpd", Counts::Tokens, 90_000, Dimension::Day),
];

impl Place {
    /// One that binds the callers of [`super::flight::callers`] now and then.
    pub(crate) fn drawn(r: &mut Xoshiro256PlusPlus, is_pool: bool) -> Place {
        let (method, day) = (pick(r, &METHODS), pick(r, &METHODS));
        let slice = [60, 60, 10, 1][r.random_range(0..4)];
        let phase = if day == "calendar-window" { 86_300 } else { 0 };
        let mut limits = Vec::new();
        for (key, counts, least, dimension) in KEYS {
            if !r.random_bool(if key.ends_with('d') { 0.15 } else { 0.5 }) {
                continue;
            }
            let per = r.random_range(least..5 * least);
            let is_daily = key.ends_with('d');
            let length = match (is_daily, key) {
                (true, _) => 86_400,
                (_, "rpm") => slice,
                _ => 60,
            };
            let period = if is_daily { 86_400 } else { 60 };
            limits.push(Limit {
                key,
                counts,
                dimension,
                cap: (per * length / period).max(1),
                per,
                period: period * S,
                window: length * S,
                method: if is_daily { day } else { method }.into(),
                phase: if is_daily { phase * S } else { 0 },
            });
        }
        let settles = r.random_bool(0.3);
        let weights = [(1000, 1000), (1000, 1000), (1000, 0), (500, 250), (0, 1000)];
        Place {
            limits,
            weights: weights[r.random_range(0..weights.len())],
            larger: r.random_bool(0.2),
            refused: ["free", "free", "requests", "all"][r.random_range(0..4)],
            settles,
            burndown: if settles { r.random_range(1..6) } else { 1 },
            growth: r
                .random_bool(0.2)
                .then(|| (r.random_range(8_000..30_000), r.random_range(20..60))),
            suspend: (!is_pool && r.random_bool(0.2)).then(|| (r.random_range(3..30), 10, 15)),
            others: if r.random_bool(0.2) {
                r.random_range(10..60)
            } else {
                0
            },
        }
    }

    /// As it stands in a file.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for limit in &self.limits {
            text += &format!("limits.{} = {}\n", limit.key, limit.per);
            let method = &limit.method;
            match limit.key {
                "rpd" | "tpd" if !text.contains("limits.day") => {
                    let resets = limit.phase / S;
                    text += &format!(
                        "limits.day = {{ method = \"{method}\", resets = \"{resets}s\" }}\n"
                    );
                }
                "rpm" => text += &format!("limits.slice = \"{}s\"\n", limit.window / S),
                _ => {}
            }
            if !limit.key.ends_with('d') && !text.contains("limits.method") {
                text += &format!("limits.method = \"{method}\"\n");
            }
        }
        let (prompt, answer) = (self.weights.0 as f64 / 1e3, self.weights.1 as f64 / 1e3);
        let by = if self.larger { "larger" } else { "sum" };
        text += &format!(
            "limits.counts = {{ prompt = {prompt}, max-tokens = {answer}, by = \"{by}\" }}\n"
        );
        text += &format!("limits.refused = \"{}\"\n", self.refused);
        if self.settles {
            text += &format!(
                "limits.settle = \"actual\"\nlimits.burndown = {}\n",
                self.burndown
            );
        }
        if let Some((above, window)) = self.growth {
            text += &format!("limits.growth = {{ above = {above}, window = \"{window}s\" }}\n");
        }
        if let Some((after, within, lasts)) = self.suspend {
            text += &format!(
                "limits.suspend = {{ after = {after}, within = \"{within}s\", for = \"{lasts}s\" }}\n"
            );
        }
        if self.others > 0 {
            text += &format!("limits.others = {{ share = \"{}%\" }}\n", self.others);
        }
        text
    }

    /// What a request takes of a limit at admission, as the manual says.
    pub(crate) fn wants(&self, counts: Counts, prompt: u64, max: u64) -> u64 {
        let usual = self.weights == (1000, 1000) && !self.larger;
        let (a, b) = self.weights;
        match counts {
            Counts::Requests => 1,
            Counts::Input if usual => prompt,
            Counts::Output if usual => max,
            Counts::Tokens if usual => prompt + max,
            Counts::Input => (prompt * a).div_ceil(1000).max(1),
            Counts::Output => (max * b).div_ceil(1000).max(1),
            Counts::Tokens if self.larger => (prompt * a).max(max * b).div_ceil(1000).max(1),
            Counts::Tokens => (prompt * a + max * b).div_ceil(1000).max(1),
        }
    }

    /// What it has used of it once the answer is known.
    pub(crate) fn used(&self, counts: Counts, prompt: u64, answer: u64) -> u64 {
        let usual = self.weights == (1000, 1000) && !self.larger;
        let (prompt, answer) = (prompt * self.weights.0, answer * self.burndown * 1000);
        match counts {
            Counts::Requests => 1,
            Counts::Input => prompt.div_ceil(1000),
            Counts::Output => answer / 1000,
            Counts::Tokens if self.larger && !usual => prompt.max(answer).div_ceil(1000),
            Counts::Tokens => (prompt + answer).div_ceil(1000),
        }
    }
}
