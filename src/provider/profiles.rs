//! Fitted latency profiles, with what they rest on.
//!
//! first token = (base + per-context-token × prompt + uncached × tokens in no cache) × R, R from `ratio_mix` with
//! median about 1;
//! decoding = (answer tokens − 1) × per-token time × D, D from `tpot_mix` with median about 1. Fitted on public
//! traces (see `scenarios/traces/README.md`); each basis says measured, published or assumed. The
//! part of tokens in no cache counts only where a scenario asks for it.

use crate::base::dist::LogNormalPart;

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
    pub ratio_mix: &'static [LogNormalPart],
    /// Milliseconds per answer token.
    pub tpot_ms: f64,
    /// Noise of the time per token, between answers.
    pub tpot_mix: &'static [LogNormalPart],
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

/// All profiles.
pub const LATENCY: &[LatencyProfile] = &[
    LatencyProfile {
        name: "frontier-large",
        basis: "measured on 2 069 calls of a frontier model, May 2026",
        base_s: 1.81,
        per_ctx_token_us: 5.36,
        uncached_us: 60.0,
        ratio_mix: RATIO_MIX,
        tpot_ms: 9.0,
        tpot_mix: &[part(1.0, 0.0, 0.6)],
    },
    LatencyProfile {
        name: "frontier-mid",
        basis: "published: median first token 0.64–0.94 s, 45–100 tokens/s",
        base_s: 0.9,
        per_ctx_token_us: 5.5,
        uncached_us: 40.0,
        ratio_mix: RATIO_MIX,
        tpot_ms: 16.0,
        tpot_mix: &[part(1.0, 0.0, 0.25)],
    },
    LatencyProfile {
        name: "small-fast",
        basis: "published: median first token 0.31–0.66 s, 100–230 tokens/s",
        base_s: 0.5,
        per_ctx_token_us: 3.0,
        uncached_us: 15.0,
        ratio_mix: RATIO_MIX,
        tpot_ms: 7.0,
        tpot_mix: &[part(1.0, 0.0, 0.2)],
    },
    LatencyProfile {
        name: "azure-shared",
        basis: "measured on 1 118 calls of two hosted open models behind an agent, 2026",
        base_s: 0.41,
        per_ctx_token_us: 114.5,
        uncached_us: 60.0,
        // Whole answers were measured and first tokens were not: how the spread is shared is a guess.
        ratio_mix: &[part(1.0, 0.0, 1.085)],
        tpot_ms: 24.1,
        tpot_mix: &[part(1.0, 0.0, 0.455)],
    },
    LatencyProfile {
        name: "oss-host-2023",
        basis: "measured on 929 calls of seven hosts of open models, December 2023",
        base_s: 0.37,
        per_ctx_token_us: 0.0,
        uncached_us: 0.0,
        ratio_mix: &[part(0.185, -0.646, 0.054), part(0.815, 0.157, 0.415)],
        tpot_ms: 13.0,
        // Between hosts, not between the answers of one.
        tpot_mix: &[
            part(0.265, -0.806, 0.369),
            part(0.205, -0.138, 0.038),
            part(0.53, 0.563, 0.386),
        ],
    },
    LatencyProfile {
        name: "cold-start-host",
        basis: "measured on 73 calls of a host with cold starts, December 2023: first token p50 1.6, p95 24, p99 64 s",
        base_s: 1.0,
        per_ctx_token_us: 0.0,
        uncached_us: 0.0,
        ratio_mix: &[
            part(0.26, 0.028, 0.015),
            part(0.512, 0.504, 0.012),
            part(0.228, 2.39, 1.122),
        ],
        tpot_ms: 86.0,
        tpot_mix: &[part(1.0, 0.0, 0.05)],
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
