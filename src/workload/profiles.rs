//! Fitted token counts, with what they rest on.
//!
//! Tables of the measured quantiles, or log-normal mixtures where no trace is at hand; rounded and clamped. Fitted on
//! public traces (see `scenarios/traces/README.md`), against which `squall fit TRACE --against NAME` holds them. Token
//! counts of real services come in spikes (one prompt template, one limit on answers), and three log-normals miss
//! their quantiles by up to 40 %. Prompt and answer lengths are drawn apart: in all traces but one
//! they are all but uncorrelated (Spearman 0.07, −0.02, 0.07, 0.16; retrieval 0.42).

use crate::base::dist::{LogNormalPart, Shape};

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
    /// Its shape.
    pub shape: Shape,
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

const fn log_normal(mu: f64, sigma: f64) -> LogNormalPart {
    LogNormalPart { w: 1.0, mu, sigma }
}

const fn mixture(mix: &'static [LogNormalPart], max: u32) -> Field {
    Field {
        shape: Shape::Mixture(mix),
        min: 1,
        max,
    }
}

/// A table of a trace: nothing is above its last value.
const fn measured(values: &'static [f64; 30]) -> Field {
    Field {
        shape: Shape::Quantiles(&OF_A_TRACE, values),
        min: 1,
        max: values[29] as u32,
    }
}

/// The shares of the tables made of a trace: 0 its smallest value, 1 its largest, between them Hazen's quantiles.
const OF_A_TRACE: [f64; 30] = [
    0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65,
    0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 1.0,
];

/// The shares at which ServeGen's token counts were tabulated.
const OF_SERVEGEN: [f64; 27] = [
    0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6,
    0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999,
];

/// `in_tokens` of `azure2023_conv.csv`.
const CHAT_IN: [f64; 30] = [
    2.0, 20.0, 42.0, 120.0, 191.0, 369.0, 380.0, 390.0, 397.0, 404.0, 414.0, 647.0, 993.0, 1024.0,
    1049.0, 1076.0, 1103.0, 1144.0, 1234.0, 1404.0, 2362.0, 4076.0, 4086.0, 4099.0, 4123.0, 4149.0,
    4504.0, 5097.0, 6454.0, 14050.0,
];

/// `out_tokens` of `azure2023_conv.csv`.
const CHAT_OUT: [f64; 30] = [
    7.0, 14.0, 16.0, 24.0, 38.0, 49.0, 59.0, 69.0, 79.0, 86.0, 91.0, 96.0, 104.0, 115.0, 137.0,
    163.0, 206.0, 378.0, 394.0, 399.0, 411.0, 423.0, 451.0, 549.0, 602.0, 648.0, 752.0, 937.0,
    957.0, 1000.0,
];

/// `in_tokens` of `ragpulse.csv`.
const RAG_IN: [f64; 30] = [
    1052.0, 1052.0, 1052.0, 1053.0, 1055.0, 1122.0, 1365.0, 1995.0, 2759.0, 2877.0, 2959.0, 3024.0,
    3085.0, 3142.0, 3194.0, 3250.0, 3305.0, 3364.0, 3437.0, 3529.0, 3689.0, 3925.0, 4362.0, 4893.0,
    5267.0, 5639.0, 6234.0, 6522.0, 7482.0, 7712.0,
];

/// `out_tokens` of `ragpulse.csv`.
const RAG_OUT: [f64; 30] = [
    7.0, 7.0, 36.0, 36.0, 66.0, 81.0, 93.0, 108.0, 125.0, 145.0, 166.0, 183.0, 206.0, 226.0, 249.0,
    275.0, 306.0, 337.0, 374.0, 424.0, 482.0, 556.0, 659.0, 784.0, 908.0, 1046.0, 1142.0, 1250.0,
    1424.0, 2183.0,
];

/// `in_tokens` of `azure2023_code.csv`.
const CODE_IN: [f64; 30] = [
    3.0, 12.0, 17.0, 36.0, 75.0, 146.0, 238.0, 381.0, 578.0, 767.0, 934.0, 1073.0, 1236.0, 1460.0,
    1685.0, 1891.0, 2147.0, 2415.0, 2716.0, 3151.0, 3940.0, 5049.0, 7383.0, 7436.0, 7436.0, 7436.0,
    7437.0, 7437.0, 7437.0, 7437.0,
];

/// `out_tokens` of `azure2023_code.csv`.
const CODE_OUT: [f64; 30] = [
    6.0, 6.0, 6.0, 6.0, 6.0, 7.0, 7.0, 8.0, 9.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 16.0, 17.0,
    19.0, 23.0, 28.0, 38.0, 55.0, 87.0, 157.0, 248.0, 359.0, 680.0, 841.0, 903.0, 1899.0,
];

/// The input tokens of ServeGen's pool `deepseek-r1`.
const REASONING_IN: [f64; 27] = [
    4.0, 6.0, 7.0, 9.0, 13.0, 25.0, 28.0, 42.0, 62.0, 91.0, 150.0, 204.0, 212.0, 260.0, 275.0,
    363.0, 426.0, 572.0, 791.0, 1109.0, 1341.0, 2349.0, 7085.0, 16606.0, 23612.0, 28272.0, 33854.0,
];

/// The output tokens of ServeGen's pool `deepseek-r1`.
const REASONING_OUT: [f64; 27] = [
    78.0, 115.0, 143.0, 172.0, 232.0, 296.0, 348.0, 390.0, 429.0, 469.0, 517.0, 549.0, 626.0,
    730.0, 857.0, 1009.0, 1180.0, 1308.0, 1451.0, 1637.0, 2177.0, 3465.0, 5705.0, 9296.0, 12584.0,
    15800.0, 20822.0,
];

/// `in_tokens` of `sizes/arxiv_summ.csv`.
const SUMMARIES_IN: [f64; 30] = [
    1.0, 26.0, 59.0, 169.0, 708.0, 1181.0, 1529.0, 1759.0, 1953.0, 2129.0, 2294.0, 2444.0, 2582.0,
    2714.0, 2846.0, 2987.0, 3125.0, 3246.0, 3363.0, 3486.0, 3589.0, 3702.0, 3815.0, 3892.0, 3930.0,
    3959.0, 3988.0, 4008.0, 4023.0, 4046.0,
];

/// `out_tokens` of `sizes/arxiv_summ.csv`.
const SUMMARIES_OUT: [f64; 30] = [
    5.0, 30.0, 36.0, 44.0, 59.0, 78.0, 92.0, 105.0, 114.0, 124.0, 134.0, 145.0, 155.0, 166.0,
    177.0, 190.0, 205.0, 221.0, 243.0, 270.0, 307.0, 380.0, 896.0, 2886.0, 3340.0, 3642.0, 3800.0,
    3882.0, 3936.0, 4056.0,
];

/// The input tokens of ServeGen's pool `m-large`.
const API_LARGE_IN: [f64; 27] = [
    9.0, 29.0, 51.0, 60.0, 64.0, 75.0, 130.0, 206.0, 329.0, 480.0, 561.0, 579.0, 617.0, 688.0,
    801.0, 838.0, 867.0, 976.0, 1163.0, 1373.0, 1850.0, 2369.0, 2417.0, 3824.0, 5850.0, 9152.0,
    24164.0,
];

/// The output tokens of ServeGen's pool `m-large`.
const API_LARGE_OUT: [f64; 27] = [
    1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 7.0, 11.0, 15.0, 26.0, 38.0, 51.0, 67.0, 81.0, 89.0, 110.0,
    147.0, 179.0, 290.0, 408.0, 461.0, 620.0, 875.0, 971.0, 1222.0, 2687.0,
];

/// The input tokens of ServeGen's pool `m-mid`.
const API_MID_IN: [f64; 27] = [
    29.0, 29.0, 30.0, 30.0, 132.0, 135.0, 138.0, 141.0, 145.0, 150.0, 156.0, 161.0, 167.0, 174.0,
    183.0, 194.0, 209.0, 230.0, 246.0, 279.0, 325.0, 649.0, 870.0, 1653.0, 3538.0, 4702.0, 9791.0,
];

/// The output tokens of ServeGen's pool `m-mid`.
const API_MID_OUT: [f64; 27] = [
    1.0, 1.0, 1.0, 1.0, 5.0, 9.0, 11.0, 13.0, 16.0, 19.0, 23.0, 27.0, 31.0, 36.0, 41.0, 45.0, 50.0,
    56.0, 62.0, 70.0, 81.0, 100.0, 148.0, 304.0, 511.0, 777.0, 1513.0,
];

/// The input tokens of ServeGen's pool `m-small`.
const API_SMALL_IN: [f64; 27] = [
    13.0, 13.0, 13.0, 14.0, 18.0, 19.0, 19.0, 19.0, 20.0, 21.0, 27.0, 28.0, 35.0, 40.0, 44.0, 49.0,
    51.0, 52.0, 54.0, 74.0, 180.0, 386.0, 647.0, 1232.0, 1525.0, 1752.0, 5069.0,
];

/// The output tokens of ServeGen's pool `m-small`.
const API_SMALL_OUT: [f64; 27] = [
    1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 5.0, 7.0, 10.0,
    13.0, 23.0, 41.0, 58.0, 100.0, 143.0, 180.0, 232.0, 380.0,
];

/// A table of ServeGen's: the least that was measured is no less than one token.
const fn of_servegen(values: &'static [f64; 27], max: u32) -> Field {
    Field {
        shape: Shape::Quantiles(&OF_SERVEGEN, values),
        min: 1,
        max,
    }
}

/// All profiles.
pub const TOKENS: &[TokenProfile] = &[
    TokenProfile {
        name: "chat",
        basis: "measured: azure2023_conv, 12 340 calls of a conversation service, November 2023",
        input: measured(&CHAT_IN),
        output: measured(&CHAT_OUT),
    },
    TokenProfile {
        name: "rag",
        basis: "measured: ragpulse, 5 167 questions to one university's service, 2025",
        input: measured(&RAG_IN),
        output: measured(&RAG_OUT),
    },
    TokenProfile {
        name: "code",
        basis: "measured: azure2023_code, 6 521 calls of a completion-style code assistant, November 2023",
        input: measured(&CODE_IN),
        output: measured(&CODE_OUT),
    },
    TokenProfile {
        name: "reasoning-api",
        basis: "measured: ServeGen's deepseek-r1 pool, weighted by the rates of its clients",
        input: of_servegen(&REASONING_IN, 65536),
        output: of_servegen(&REASONING_OUT, 32768),
    },
    TokenProfile {
        name: "batch-api",
        basis: "measured: ServeGen's m-large windows, upper quartile of client burstiness",
        input: mixture(&[log_normal(6.338, 1.177)], 32768),
        output: mixture(&[log_normal(3.775, 1.962)], 8192),
    },
    TokenProfile {
        name: "api-large",
        basis: "measured: ServeGen's m-large pool, weighted by the rates of its clients",
        input: of_servegen(&API_LARGE_IN, 65536),
        output: of_servegen(&API_LARGE_OUT, 8192),
    },
    TokenProfile {
        name: "api-mid",
        basis: "measured: ServeGen's m-mid pool, weighted by the rates of its clients",
        input: of_servegen(&API_MID_IN, 65536),
        output: of_servegen(&API_MID_OUT, 8192),
    },
    TokenProfile {
        name: "api-small",
        basis: "measured: ServeGen's m-small pool, weighted by the rates of its clients",
        input: of_servegen(&API_SMALL_IN, 65536),
        output: of_servegen(&API_SMALL_OUT, 8192),
    },
    TokenProfile {
        name: "summaries",
        basis: "measured: arxiv_summ, 8 000 papers with their summaries, in the processed traces of Vidur",
        input: measured(&SUMMARIES_IN),
        output: measured(&SUMMARIES_OUT),
    },
];
