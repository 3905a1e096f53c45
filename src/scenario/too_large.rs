//! Limits that no request, or hardly one, fits into.
//!
//! At admission a request takes its prompt and `max-tokens` at once, however short the answer will
//! be and whatever is given back later. What does not fit into a full minute is never let in.

use crate::base::Check;
use crate::provider::limits;
use crate::workload::profiles::TokenProfile;
use crate::workload::tokens::{self, Law};
use crate::workload::{self, trace::Trace};

/// The tokens that requests ask for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// The shortest prompt; None if it comes from a trace that is not there.
    prompt: Option<Prompt>,
    /// `max-tokens`.
    max: u64,
}

#[derive(Clone, Copy, Debug)]
struct Prompt {
    least: u64,
    median: u64,
}

/// Not one call in a run, which has at most 10⁹, is below this quantile.
const LEAST: f64 = 1e-12;

impl Sizes {
    /// The tokens of the shortest prompt, if they are known.
    pub(super) fn least_prompt(self) -> Option<u64> {
        self.prompt.map(|prompt| prompt.least)
    }

    /// The sizes of a workload's requests.
    pub(super) fn of(workload: &workload::Config, trace: Option<&Trace>) -> Sizes {
        let prompt = match (workload.tokens.law(), trace) {
            (Law::Drawn { input, .. }, _) => Some(Prompt {
                least: input.at(LEAST).into(),
                median: input.at(0.5).into(),
            }),
            (Law::Sampled(sizes), _) => (!sizes.is_empty()).then(|| Prompt {
                least: sizes.at(LEAST).0.into(),
                median: sizes.at(0.5).0.into(),
            }),
            (Law::Trace, Some(trace)) => {
                let mut prompts: Vec<u32> = trace.rows.iter().map(|row| row.input).collect();
                prompts.sort_unstable();
                // The lower of two in the middle: half of the prompts are at least this long.
                let median = prompts.get(prompts.len().saturating_sub(1) / 2);
                let ends = prompts.first().zip(median);
                ends.map(|(least, median)| Prompt {
                    least: (*least).into(),
                    median: (*median).into(),
                })
            }
            (Law::Trace, None) => None,
        };
        Sizes {
            prompt,
            max: workload.max_tokens.into(),
        }
    }
}

/// Whether a limit may be too small, told without the law of prompts: the table of a profile takes
/// its time to make.
pub(super) fn may_be_small(limits: &limits::Config, workload: &workload::Config) -> bool {
    let longest = match &workload.tokens {
        tokens::Config::Profile(profile) => {
            TokenProfile::named(&profile.name).map_or(0, |profile| profile.input.max)
        }
        tokens::Config::Fixed(_)
        | tokens::Config::Distribution(_)
        | tokens::Config::Trace(_)
        | tokens::Config::Sample(_) => u32::MAX,
    };
    let most = u64::from(longest) + u64::from(workload.max_tokens);
    let all = [limits.tpm, limits.input_tpm, limits.output_tpm, limits.tpd];
    // Tokens that count for more or less than one are for their author to add up.
    let counts_each = limits.counts == limits::counts::Config::default();
    counts_each && all.into_iter().flatten().any(|limit| limit < most)
}

/// Warns of limits below what all requests, or half of them, take at once.
pub(super) fn check(limits: &limits::Config, sizes: Sizes, check: &mut Check) {
    if limits.counts != limits::counts::Config::default() {
        return;
    }
    let Sizes { prompt, max } = sizes;
    let with = |add: u64| prompt.map(|p| (p.least + add, p.median + add));
    let taken = [
        ("tpm", limits.tpm, with(max), "prompt and `max-tokens`"),
        ("tpd", limits.tpd, with(max), "prompt and `max-tokens`"),
        ("input-tpm", limits.input_tpm, with(0), "its prompt"),
        (
            "output-tpm",
            limits.output_tpm,
            Some((max, max)),
            "`max-tokens`",
        ),
    ];
    for (key, limit, taken, what) in taken {
        let (Some(limit), Some((least, median))) = (limit, taken) else {
            continue;
        };
        let every = "every request is too large for this limit";
        let (title, takes) = if limit < least && key == "output-tpm" {
            (every, format!("a request takes exactly {least} tokens"))
        } else if limit < least {
            (every, format!("a request takes {least} tokens and more"))
        } else if limit < median {
            let half = "half of all requests are too large for this limit";
            (half, format!("half of them take {median} tokens or more"))
        } else {
            continue;
        };
        check
            .warning(
                &format!("limits.{key}"),
                title,
                format!("{takes} at once: {what}"),
            )
            .help("raise the limit, or lower `workload.max-tokens`");
    }
}
