//! Fitted latency profiles, with what they rest on.
//!
//! first token = (base + per-context-token × prompt + uncached × tokens in no cache) × R, R from `ratio` with
//! median about 1;
//! decoding = (answer tokens − 1) × per-token time × D, D from `pace` with median about 1. Fitted on public
//! traces (see `scenarios/traces/README.md`); each basis says measured, published or assumed. The
//! part of tokens in no cache counts only where a scenario asks for it.

use crate::base::dist::{LogNormalPart, Shape};

/// One profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencyProfile {
    /// The name in TOML.
    pub name: &'static str,
    /// What the numbers rest on.
    pub basis: &'static str,
    /// Median seconds to the first token of an empty prompt.
    pub base_s: f64,
    /// Microseconds per context token.
    pub per_ctx_token_us: f64,
    /// Microseconds per context token that is in no cache, on top.
    pub uncached_us: f64,
    /// Noise of the first token.
    pub ratio: Shape,
    /// Milliseconds per answer token.
    pub tpot_ms: f64,
    /// Noise of the time per token, between answers.
    pub pace: Shape,
}

impl LatencyProfile {
    /// The profile of a name.
    pub fn named(name: &str) -> Option<&'static LatencyProfile> {
        LATENCY.iter().find(|profile| profile.name == name)
    }
}

/// One log-normal part.
const fn part(w: f64, mu: f64, sigma: f64) -> LogNormalPart {
    LogNormalPart { w, mu, sigma }
}

/// Residuals around the median line of a frontier model: a body and a heavy tail.
const RATIO_MIX: &[LogNormalPart] = &[part(0.819, -0.039, 0.23), part(0.181, 0.642, 0.579)];

/// The shares at which the answers of the seven hosts were tabulated. The step near the end is one first token of 929,
/// which took 100 s.
const OF_HOSTS: [f64; 28] = [
    0.0, 0.01, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75,
    0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.995, 0.9984, 0.9989, 0.99893, 1.0,
];

/// First tokens of `answers/llmperf_hosts.csv`, ÷ 0.38 s.
const HOSTS_FIRST: [f64; 28] = [
    0.4526, 0.4632, 0.4816, 0.5053, 0.5286, 0.5534, 0.6309, 0.74, 0.8333, 0.8895, 0.9368, 0.9895,
    1.045, 1.155, 1.25, 1.342, 1.424, 1.501, 1.616, 1.745, 2.054, 2.616, 3.026, 3.13, 5.918, 5.95,
    264.4, 264.4,
];

/// Times per token after the first, ÷ 13 ms.
const HOSTS_PACE: [f64; 28] = [
    0.2654, 0.2808, 0.3205, 0.4518, 0.4974, 0.5528, 0.704, 0.7971, 0.838, 0.8662, 0.9044, 0.9913,
    1.252, 1.377, 1.502, 1.58, 1.632, 1.729, 1.916, 2.316, 3.325, 3.407, 3.615, 3.791, 3.855, 3.9,
    3.9, 3.951,
];

/// The shares at which first tokens of the host with cold starts were tabulated: its cold starts one by one.
const OF_COLD_FIRST: [f64; 31] = [
    0.0, 0.05, 0.1, 0.2, 0.25, 0.26, 0.28, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.77, 0.7877, 0.8014,
    0.8151, 0.8288, 0.8425, 0.8562, 0.8699, 0.8836, 0.8973, 0.911, 0.9247, 0.9384, 0.9521, 0.9658,
    0.9795, 0.9932, 1.0,
];

/// First tokens of `answers/llmperf_cold.csv`, ÷ 1.64 s.
const COLD_FIRST: [f64; 31] = [
    0.5994, 0.6081, 0.6201, 0.6264, 0.6335, 0.6356, 0.6423, 0.6455, 0.6649, 1.0, 1.02, 1.028,
    1.034, 1.036, 1.037, 1.038, 1.041, 1.053, 1.063, 1.191, 2.286, 6.703, 7.094, 7.508, 7.919,
    14.52, 14.88, 28.73, 33.78, 40.43, 40.43,
];

/// The shares at which its times per token were tabulated.
const OF_COLD_PACE: [f64; 19] = [
    0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98,
    0.99, 1.0,
];

/// Times per token after the first, ÷ 86 ms.
const COLD_PACE: [f64; 19] = [
    0.8513, 0.8694, 0.9712, 0.9723, 0.9758, 0.9817, 0.9891, 0.9993, 1.03, 1.035, 1.042, 1.044,
    1.045, 1.046, 1.048, 1.052, 1.065, 1.232, 1.285,
];

/// All profiles.
pub const LATENCY: &[LatencyProfile] = &[
    LatencyProfile {
        name: "frontier-large",
        basis: "measured on 2 069 calls of a frontier model, May 2026",
        base_s: 1.81,
        per_ctx_token_us: 5.36,
        uncached_us: 60.0,
        ratio: Shape::Mixture(RATIO_MIX),
        // Of a sixth nearly all tokens come with the first; the short answers are most of them.
        tpot_ms: 13.0,
        pace: Shape::Mixture(&[part(0.17, -4.277, 1.6), part(0.83, 0.0, 0.09)]),
    },
    LatencyProfile {
        name: "frontier-mid",
        basis: "published: median first token 0.64–0.94 s, 45–100 tokens/s",
        base_s: 0.9,
        per_ctx_token_us: 5.5,
        uncached_us: 40.0,
        ratio: Shape::Mixture(RATIO_MIX),
        tpot_ms: 16.0,
        pace: Shape::Mixture(&[part(1.0, 0.0, 0.25)]),
    },
    LatencyProfile {
        name: "small-fast",
        basis: "published: median first token 0.31–0.66 s, 100–230 tokens/s",
        base_s: 0.5,
        per_ctx_token_us: 3.0,
        uncached_us: 15.0,
        ratio: Shape::Mixture(RATIO_MIX),
        tpot_ms: 7.0,
        pace: Shape::Mixture(&[part(1.0, 0.0, 0.2)]),
    },
    LatencyProfile {
        name: "azure-shared",
        basis: "measured on 1 118 calls of two hosted open models behind an agent, 2026",
        base_s: 0.436,
        per_ctx_token_us: 118.5,
        uncached_us: 60.0,
        // Whole answers were measured and first tokens were not: how the spread is shared is a guess. Two models,
        // one of which is much slower now and then.
        ratio: Shape::Mixture(&[part(0.859, 0.0, 0.806), part(0.141, 2.021, 0.15)]),
        tpot_ms: 14.04,
        pace: Shape::Mixture(&[part(1.0, 0.0, 0.587)]),
    },
    LatencyProfile {
        name: "oss-host-2023",
        basis: "measured on 929 calls of seven hosts of open models, December 2023",
        base_s: 0.38,
        per_ctx_token_us: 0.0,
        uncached_us: 0.0,
        ratio: Shape::Quantiles(&OF_HOSTS, &HOSTS_FIRST),
        tpot_ms: 13.0,
        // Between hosts, not between the answers of one.
        pace: Shape::Quantiles(&OF_HOSTS, &HOSTS_PACE),
    },
    LatencyProfile {
        name: "cold-start-host",
        basis: "measured on 73 calls of a host with cold starts, December 2023: first token p50 1.6, p95 24, p99 64 s",
        base_s: 1.64,
        per_ctx_token_us: 0.0,
        uncached_us: 0.0,
        ratio: Shape::Quantiles(&OF_COLD_FIRST, &COLD_FIRST),
        tpot_ms: 86.0,
        pace: Shape::Quantiles(&OF_COLD_PACE, &COLD_PACE),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::dist::Sampler;

    /// The rule for fits: quantiles from the 10th to the 99th percentile within 10 % of the measured ones. Measured
    /// are the residuals of 2 069 first tokens of a frontier model (SemiAnalysis, cc-traces-weka, May 2026,
    /// Apache-2.0) around base + slope × context.
    #[test]
    fn the_noise_of_the_frontier_profiles_has_the_quantiles_that_were_measured() {
        let measured = [
            (0.10, 0.724),
            (0.25, 0.837),
            (0.50, 1.005),
            (0.75, 1.256),
            (0.90, 1.782),
            (0.95, 2.527),
            (0.99, 4.478),
        ];
        let fitted = Sampler::log_normal_mixture(RATIO_MIX);
        for (share, value) in measured {
            let off = fitted.at(share) / value - 1.0;
            println!("{:.0} %: {:+.1} %", 100.0 * share, 100.0 * off);
            assert!(off.abs() <= 0.1, "at {share}: {off}");
        }
    }
}
