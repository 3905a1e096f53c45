//! Budgets are told only what they take note of. Told everything else as well, they must not know more.

use squall::base::draw::{Root, Stage};
use squall::base::wire::Priority;
use squall::base::{CallId, Class, Draws, Duration, EndpointId, Instant, Purpose, Receipt, Usage};
use squall::policy::Config;
use squall::policy::budget::{self, Budgets, Fact};

use crate::settings;

/// Every kind, and every setting that decides what it listens to.
const SETTINGS: &[(&str, &str)] = &[
    ("share", "{ ratio = 0.1 }"),
    ("share", "{ ratio = 0.1, deposit = \"per-success\" }"),
    ("share", "{ ratio = 0.1, reserve = 2, scope = \"call\" }"),
    ("expiring-share", "{ ratio = 0.2, ttl = \"2s\" }"),
    (
        "expiring-share",
        "{ ratio = 0.2, ttl = \"2s\", deposit = \"per-success\" }",
    ),
    ("retry-quota", "{}"),
    ("retry-throttle", "{}"),
    ("concurrent", "{ share = 0.2 }"),
    ("concurrent", "{ share = 0.2, of = \"calls\" }"),
    ("concurrent", "{ share = 0.2, slot = \"wait-and-attempt\" }"),
    ("time", "{ limit = \"5s\" }"),
    ("time", "{ limit = \"5s\", scope = \"process\" }"),
    ("tokens", "{ share = 0.1, reserve = 1000 }"),
    ("dollars", "{ share = 0.1, reserve = \"$1\" }"),
    ("tokens", "{ limit = 3000, scope = \"call\" }"),
    ("dollars", "{ limit = \"$1\", scope = \"call\" }"),
];

fn receipt(n: u64, attempt: u16) -> Receipt {
    Receipt {
        call: CallId::new(0, n),
        endpoint: EndpointId(0),
        attempt,
        nth_at_endpoint: 0,
        priority: Priority::Normal,
    }
}

/// A fact of any kind, as `u` draws it.
fn fact(n: u64, mut u: impl FnMut() -> f64) -> Fact {
    let mut pick = |of: f64| (u() * of) as u64;
    let cause = [None, Some(Class::RateLimited), Some(Class::ServerFault)][pick(3.0) as usize];
    let class = [Class::Ok, Class::RateLimited, Class::TimedOut][pick(3.0) as usize];
    let receipt = receipt(n, pick(3.0) as u16);
    match pick(10.0) {
        0 => Fact::Call,
        1 => Fact::Over {
            success: pick(2.0) == 0,
            taken: (pick(2.0) == 0).then_some(cause),
        },
        2 => Fact::WaitStarts { cause },
        3 => Fact::WaitEnds,
        4 => Fact::Taken {
            cause,
            waited: pick(2.0) == 0,
        },
        5 => Fact::Sent {
            receipt,
            tokens: pick(2000.0),
        },
        6 => Fact::End {
            extra: pick(2.0) == 0,
            class,
            retryable: pick(2.0) == 0,
            took: Duration::from_ms(pick(3000.0)),
        },
        7 => Fact::Spends {
            receipt,
            tokens: pick(2000.0),
            pico_usd: pick(1e10),
        },
        8 => Fact::Closed { call: receipt.call },
        _ => Fact::Bill {
            receipt,
            usage: Usage {
                input_tokens: pick(500.0),
                output_tokens: pick(500.0),
                pico_usd: pick(1e12),
            },
        },
    }
}

#[test]
fn what_a_budget_does_not_heed_changes_nothing_about_it() {
    for kind in budget::KINDS {
        assert!(
            SETTINGS.iter().any(|(name, _)| *name == kind.name),
            "{}",
            kind.name
        );
    }
    let seed = 71;
    let draws = Draws::new(Root::new(seed, Stage::Run, 0));
    for (row, (kind, text)) in SETTINGS.iter().enumerate() {
        let config: Config = settings::typed(&format!("budget.{kind} = {text}\n"));
        let mut budgets = Budgets::new(&config.budget);
        let (mut changed, mut passed_over) = (0, 0);
        // Numbers that go down have come up before.
        for n in 0..2000 {
            let receipt = receipt(1_000_000 + n, 1);
            let sent = Fact::Sent { receipt, tokens: 9 };
            for busy in [Fact::Call, Fact::WaitStarts { cause: None }, sent] {
                budgets.tell(&config.budget, busy, Instant::ZERO);
            }
        }
        let mut drawn = 0;
        for n in 0..1500 {
            let fact = fact(n, || {
                drawn += 1;
                draws.unit(Purpose::Route, row as u64, drawn)
            });
            let now = Instant::ZERO + Duration::from_ms(10 * n);
            let before = format!("{budgets:?}");
            let heeded = budgets.heed(fact);
            budgets.tell(&config.budget, fact, now);
            let changes = before != format!("{budgets:?}");
            assert!(heeded || !changes, "{kind} {text}, seed {seed}: {fact:?}");
            changed += u32::from(heeded && changes);
            passed_over += u32::from(!heeded);
        }
        println!("{kind} {text}: {changed} changes, {passed_over} passed over");
        assert!(
            passed_over > 0 && changed > 0,
            "{kind} {text} is put to the test"
        );
    }
}
