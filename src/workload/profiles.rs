//! Fitted token counts, with what they rest on.
//!
//! Mixtures of log-normals, rounded and clamped; fitted on public traces (see
//! `scenarios/traces/README.md`). Prompt and answer lengths are drawn apart: in all traces but one
//! they are all but uncorrelated (Spearman 0.07, −0.02, 0.07, 0.16; retrieval 0.42).

use crate::base::dist::LogNormalPart;

/// One profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenProfile {
    /// The name in TOML.
    pub name: &'static str,
    /// What the numbers rest on.
    pub basis: &'static str,
    /// Prompt tokens.
    pub input: Field,
    /// Answer tokens.
    pub output: Field,
}

/// The law of one field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field {
    /// The mixture.
    pub mix: &'static [LogNormalPart],
    /// The smallest value.
    pub min: u32,
    /// The largest value.
    pub max: u32,
}

impl TokenProfile {
    /// The profile of a name.
    pub fn named(name: &str) -> Option<&'static TokenProfile> {
        TOKENS.iter().find(|profile| profile.name == name)
    }
}

const fn part(w: f64, mu: f64, sigma: f64) -> LogNormalPart {
    LogNormalPart { w, mu, sigma }
}

/// All profiles.
pub const TOKENS: &[TokenProfile] = &[
    TokenProfile {
        name: "chat",
        basis: "measured: azure2023_conv (tokens, arrivals)",
        input: Field {
            mix: &[
                part(0.605, 6.262, 0.916),
                part(0.277, 6.977, 0.056),
                part(0.118, 8.316, 0.04),
            ],
            min: 1,
            max: 16384,
        },
        output: Field {
            mix: &[
                part(0.681, 4.45, 0.573),
                part(0.261, 6.002, 0.046),
                part(0.058, 6.248, 0.179),
            ],
            min: 1,
            max: 4096,
        },
    },
    TokenProfile {
        name: "rag",
        basis: "measured: ragpulse (one university Q&A service, one week)",
        input: Field {
            mix: &[part(0.2, 7.11, 0.184), part(0.8, 8.107, 0.157)],
            min: 200,
            max: 16384,
        },
        output: Field {
            mix: &[part(0.55, 4.934, 0.585), part(0.45, 5.939, 0.447)],
            min: 1,
            max: 4096,
        },
    },
    TokenProfile {
        name: "code",
        basis: "measured: azure2023_code (completion-style code assistant)",
        input: Field {
            mix: &[part(0.305, 5.535, 1.312), part(0.695, 7.64, 0.729)],
            min: 1,
            max: 8192,
        },
        output: Field {
            mix: &[part(0.666, 2.366, 0.382), part(0.334, 3.596, 0.894)],
            min: 1,
            max: 2048,
        },
    },
    TokenProfile {
        name: "reasoning-api",
        basis: "measured: servegen deepseek-r1 pool, rate-weighted",
        input: Field {
            mix: &[part(1.0, 5.506, 1.819)],
            min: 1,
            max: 65536,
        },
        output: Field {
            mix: &[part(1.0, 6.751, 0.963)],
            min: 1,
            max: 32768,
        },
    },
    TokenProfile {
        name: "batch-api",
        basis: "measured: servegen m-large windows, upper quartile of client burstiness",
        input: Field {
            mix: &[part(1.0, 6.338, 1.177)],
            min: 1,
            max: 32768,
        },
        output: Field {
            mix: &[part(1.0, 3.775, 1.962)],
            min: 1,
            max: 8192,
        },
    },
];
