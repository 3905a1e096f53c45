//! One row or more for every kind: its settings, and the law of what it grants.

use squall::base::registry::Kind;
use squall::base::{Duration, Fallback};
use squall::policy::{breaker, budget, fallback, hedge, limiter, quota, route, throttle};

use crate::crowd::{Crowd, Flown, fly};
use crate::grants as law;

/// A law over what happened.
type Law = fn(&Flown);

/// A kind's settings, and its law.
type Row = (&'static str, &'static str, Law);

/// Without waits an extra attempt is sent in the instant in which it is granted.
const RETRIES: &str = "retry = { attempts = 4, server-wait.honour = false }\n";

const ROWS: &[(&str, &[Kind], &[Row])] = &[
    (
        "budget",
        budget::KINDS,
        &[
            ("share", "{ ratio = 0.1, reserve = 5 }", |f| {
                law::share(f, 5.0, 0.1)
            }),
            (
                "expiring-share",
                "{ ratio = 0.2, reserve = 10, ttl = \"2s\" }",
                |f| {
                    law::expiring_share(f, 10.0, 0.2, 2.0);
                },
            ),
            (
                "retry-quota",
                "{ capacity = 60, cost = 5, throttled-cost = 7, income = 1 }",
                |f| {
                    law::retry_quota(f, 60, (5, 7), 1);
                },
            ),
            ("retry-throttle", "{ max-tokens = 10, ratio = 0.1 }", |f| {
                law::retry_throttle(f, 10, 100)
            }),
            ("concurrent", "{ share = 0.2, min = 2 }", |f| {
                law::concurrent(f, 0.2, 2)
            }),
            ("time", "{ limit = \"700ms\", scope = \"call\" }", |f| {
                law::time_of_a_call(f, 0.7)
            }),
            ("tokens", "{ share = 0.1, reserve = 3000 }", |f| {
                law::tokens(f, 0.1, 3000.0)
            }),
            ("dollars", "{ share = 0.1, reserve = \"$0.02\" }", |f| {
                law::dollars(f, 0.1, 0.02e12)
            }),
            ("tokens", "{ limit = 500, scope = \"call\" }", |f| {
                law::tokens_of_a_call(f, 500)
            }),
            ("dollars", "{ limit = \"$0.004\", scope = \"call\" }", |f| {
                law::dollars_of_a_call(f, 4_000_000_000)
            }),
        ],
    ),
    (
        "quota",
        quota::KINDS,
        &[
            ("requests", "{ rate = \"10/s\", burst = 3 }", |f| {
                law::bucket(f, 3.0, 10.0, |_| 1.0)
            }),
            (
                "requests",
                "{ rate = \"10/s\", burst = 3, method = \"gcra\" }",
                |f| {
                    law::bucket(f, 3.0, 10.0, |_| 1.0);
                },
            ),
            (
                "requests",
                "{ rate = \"20/s\", method = \"sliding-log\" }",
                |f| {
                    law::any_window(f, Duration::from_s(1), 20.0, |_| 1.0);
                },
            ),
            (
                "requests",
                "{ rate = \"20/s\", method = \"fixed-window\" }",
                |f| {
                    law::any_window(f, Duration::from_s(1), 40.0, |_| 1.0);
                },
            ),
            (
                "tokens",
                "{ rate = \"4000/s\", burst = 900, settle = false }",
                |f| {
                    law::bucket(f, 900.0, 4000.0, |tokens| tokens as f64);
                },
            ),
            ("adaptive", "{ max-wait = \"20s\" }", law::adaptive),
        ],
    ),
    (
        "limiter",
        limiter::KINDS,
        &[
            ("none", "{}", |_| {}),
            ("fixed", "{ limit = 7 }", |f| law::in_flight(f, 7)),
            ("aimd", "{ initial = 5, min = 2, max = 9 }", |f| {
                law::in_flight(f, 9)
            }),
            ("vegas", "{ initial = 5, min = 1, max = 9 }", |f| {
                law::in_flight(f, 9)
            }),
            ("gradient2", "{ initial = 5, min = 2, max = 9 }", |f| {
                law::in_flight(f, 9)
            }),
            ("gradient", "{ min = 2, max = 9, probes = 10 }", |f| {
                law::in_flight(f, 9)
            }),
        ],
    ),
    (
        "throttle",
        throttle::KINDS,
        &[
            ("none", "{}", |_| {}),
            (
                "adaptive",
                "{ span = \"5s\", buckets = 5, ceiling = 0.8 }",
                |f| law::throttled(f, 0.8),
            ),
        ],
    ),
    (
        "hedge",
        hedge::KINDS,
        &[
            ("none", "{}", |f| law::hedges_of_a_call(f, 0)),
            ("fixed", "{ after = \"300ms\", max = 2 }", |f| {
                law::hedges_of_a_call(f, 2)
            }),
            ("percentile", "{ at = \"50%\", max = 1 }", |f| {
                law::hedges_of_a_call(f, 1)
            }),
            ("average", "{ samples = 20, max = 1 }", |f| {
                law::hedges_of_a_call(f, 1)
            }),
        ],
    ),
    (
        "route",
        route::KINDS,
        &[
            ("failover", "{}", law::route),
            ("single", "{}", law::route),
            ("round-robin", "{}", law::route),
            ("weighted", "{}", law::route),
            ("least-busy", "{}", law::route),
            ("latency", "{}", law::route),
            ("lowest-cost", "{}", law::route),
            ("usage", "{}", law::route),
        ],
    ),
    (
        "breaker",
        breaker::KINDS,
        &[
            ("none", "{}", |_| {}),
            ("consecutive", "{ failures = 4, open = \"1s\" }", law::open),
            (
                "count-window",
                "{ failures = 0.5, size = 10, open = \"1s\" }",
                law::open,
            ),
            (
                "time-window",
                "{ failures = 0.5, span = \"2s\", min-volume = 5, open = \"1s\" }",
                law::open,
            ),
            (
                "ema",
                "{ success = 0.5, span = \"2s\", open = \"1s\" }",
                law::open,
            ),
            (
                "max-fails",
                "{ failures = 4, span = \"2s\", open = \"1s\" }",
                law::open,
            ),
            (
                "outlier",
                "{ in-a-row = 4, min-endpoints = 2, min-volume = 5, every = \"500ms\", open = \"1s\" }",
                law::open,
            ),
        ],
    ),
    (
        "fallback",
        fallback::KINDS,
        &[
            ("cached", "{ hit = 0.6 }", |f| {
                law::degraded(f, Fallback::Cached, 0.6)
            }),
            ("rule", "{ covers = 0.3 }", |f| {
                law::degraded(f, Fallback::Rule, 0.3)
            }),
            ("message", "{}", |f| {
                law::degraded(f, Fallback::Message, 1.0)
            }),
            (
                "defer",
                "{ max = 20, drain = \"5/s\", retry-every = \"2s\", max-age = \"1m\" }",
                |f| law::put_off(f, 20),
            ),
        ],
    ),
];

fn policy(room: &str, kind: &str, settings: &str) -> String {
    format!("{RETRIES}{room}.{kind} = {settings}\n")
}

#[test]
fn every_kind_has_a_row() {
    for (room, kinds, rows) in ROWS {
        for kind in *kinds {
            let named = rows.iter().any(|(name, ..)| *name == kind.name);
            assert!(named, "{room}.{} has no law", kind.name);
        }
    }
}

#[test]
fn nothing_is_ever_granted_beyond_what_its_law_says() {
    for (room, _, rows) in ROWS {
        for (kind, settings, law) in *rows {
            for seed in 0..5 {
                println!("{room}.{kind} {settings}, seed {seed}");
                let flown = fly(&policy(room, kind, settings), Crowd::of(seed));
                law::attempts(&flown, 4);
                law(&flown);
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_decisions() {
    for (room, _, rows) in ROWS {
        for (kind, settings, _) in *rows {
            let text = policy(room, kind, settings);
            let (first, again) = (fly(&text, Crowd::of(11)), fly(&text, Crowd::of(11)));
            assert!(first.log == again.log, "{room}.{kind}");
            assert_eq!(first.kept, again.kept, "{room}.{kind}");
        }
    }
}

/// All state of a client, written out, is no longer after ten times the calls: twice at most, for its
/// numbers have more digits.
#[test]
fn what_a_client_keeps_does_not_grow_with_time() {
    for (room, _, rows) in ROWS {
        for (kind, settings, _) in *rows {
            let text = policy(room, kind, settings);
            let kept = |calls| {
                fly(
                    &text,
                    Crowd {
                        calls,
                        ..Crowd::of(12)
                    },
                )
                .kept
            };
            let (short, long) = (kept(600), kept(6000));
            println!("{room}.{kind}: {short} and {long} characters");
            assert!(long < 2 * short, "{room}.{kind}: {short} and {long}");
        }
    }
}
