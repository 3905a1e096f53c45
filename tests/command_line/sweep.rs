//! `squall sweep` and `squall tune` as they are typed.

use std::fs;

use crate::user::{Dir, squall};

const SCENARIO: &str = "[run]\nduration = \"20s\"\nreplications = 4\n[workload]\n\
    arrivals.poisson.rate = \"5/s\"\n[provider.api]\n[[fault]]\nname = \"errors\"\non = [\"api\"]\nat = \"0s\"\n\
    for = \"20s\"\neffect.error-rate = { bad = \"30%\" }\n[policy.a]\nretry.attempts = 2\n[policy.b]\n";

fn main_help() {}
