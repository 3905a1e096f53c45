//! No wait is above its cap: those of every backoff, and those a server asks for.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use squall::base::Duration;
use squall::policy::backoff::{self, Step};
use squall::policy::server_wait::{self, ServerWait};

use crate::settings::typed;

/// A backoff's settings, and the longest wait they can come to, in ms.
const BACKOFFS: &[(&str, &str, u64)] = &[
    ("none", "{}", 0),
    ("constant", "{ wait = \"2s\", jitter.full = {} }", 2000),
    (
        "constant",
        "{ wait = \"2s\", jitter.additive.max = \"500ms\" }",
        2500,
    ),
    (
        "linear",
        "{ base = \"100ms\", step = \"400ms\", cap = \"3s\" }",
        3000,
    ),
    (
        "exponential",
        "{ base = \"500ms\", cap = \"8s\", jitter.proportional = { low = 0.75, high = 1 } }",
        8000,
    ),
    (
        "exponential",
        "{ base = \"500ms\", cap = \"8s\", jitter.additive.max = \"1s\" }",
        9000,
    ),
    (
        "exponential",
        "{ base = \"500ms\", cap = \"8s\", cap-stage = \"after-jitter\", jitter.additive.max = \"1s\" }",
        8000,
    ),
    (
        "exponential",
        "{ base = \"500ms\", cap = \"8s\", jitter.decorrelated = {} }",
        8000,
    ),
    (
        "schedule",
        "{ waits = [\"1s\", \"3s\"], jitter.equal = {} }",
        3000,
    ),
    ("decorrelated-v2", "{ base = \"1s\", cap = \"7s\" }", 7000),
    ("random-walk", "{ base = \"1s\", cap = \"9s\" }", 9000),
    (
        "finagle",
        "{ form = \"decorrelated\", base = \"1s\", cap = \"6s\" }",
        6000,
    ),
    (
        "finagle",
        "{ form = \"equal\", base = \"1s\", cap = \"6s\" }",
        6000,
    ),
    (
        "finagle",
        "{ form = \"exponential\", base = \"1s\", cap = \"6s\" }",
        6000,
    ),
];

#[test]
fn no_backoff_waits_longer_than_its_cap() {
    for kind in backoff::KINDS {
        assert!(
            BACKOFFS.iter().any(|(name, ..)| *name == kind.name),
            "{} has no law",
            kind.name
        );
    }
    for (kind, settings, most_ms) in BACKOFFS {
        let config: backoff::Config = typed::<std::collections::BTreeMap<String, backoff::Config>>(
            &format!("backoff.{kind} = {settings}"),
        )["backoff"]
            .clone();
        for seed in 0..20 {
            let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
            let mut step = Step::default();
            for retry in 1..60 {
                step.retry = retry;
                let walked = config.walk(step, || rng.random_range(1e-12..1.0 - 1e-12));
                let most = Duration::from_ms(*most_ms);
                assert!(
                    walked.wait <= most,
                    "{kind} {settings}, seed {seed}: {:?}",
                    walked.wait
                );
                (step.previous, step.reached) = (walked.wait, walked.reached);
            }
        }
    }
}

#[test]
fn no_server_makes_a_client_wait_longer_than_its_cap() {
    for too_long in ["ignore", "clamp", "fail"] {
        let rules: server_wait::Config = typed(&format!(
            "honour = true\ncap = \"20s\"\ntoo-long = \"{too_long}\"\njitter-max = \"3s\"\nfloor = \"100ms\""
        ));
        let rng = &mut Xoshiro256PlusPlus::seed_from_u64(7);
        for _ in 0..2000 {
            let stated = Duration::from_ms(rng.random_range(0..100_000));
            let decided = rules.decide(Some(stated), Duration::from_s(1), None, || rng.random());
            if let ServerWait::Wait(wait) = decided {
                assert!(
                    wait <= Duration::from_s(23),
                    "{too_long}: {stated:?} became {wait:?}"
                );
            }
        }
    }
}
