//! Settings that nothing can heed are warned of, and the same settings where something can are not.

use super::{GOOD, load};

/// Whether a warning of this title stands at a policy in the good world, in which `from` became `to`.
fn warns(policy: &str, title: &str, (from, to): (&str, &str)) -> bool {
    // A storm needs limits, and some of these worlds have none.
    let storm = "effect.rate-limit = { factor = 0.2, retry-after = \"missing\" }";
    let good = GOOD.replacen(storm, "effect = \"outage\"", 1);
    let (world, _) = good.split_once("[policy.first]").expect("it has policies");
    let world = world.replace("baseline = \"first\"", "");
    assert!(world.contains(from), "{from}");
    let world = world.replacen(from, to, 1);
    let diagnostics = load(&format!("{world}[policy.it]\n{policy}\n")).diagnostics;
    assert!(diagnostics.mistakes().next().is_none(), "{policy}");
    diagnostics.all().iter().any(|d| d.title == title)
}

const AS_IT_IS: (&str, &str) = ("", "");
const TWO_GROUPS: (&str, &str) = ("[provider.beta]\n", "[provider.beta]\ngroup = \"spare\"\n");
const NO_LIMITS: (&str, &str) = ("limits = { rpm = 6000 }\n", "");

#[test]
fn what_the_world_does_not_have_is_warned_of_and_what_it_has_is_not() {
    let next = "there is no next group";
    let leaves = "this leaves out no endpoint";
    let weigh = "all endpoints weigh the same";
    let cases = [
        // (policy, title, a world where it does nothing, one where it does)
        ("groups = \"fallback\"", next, AS_IT_IS, TWO_GROUPS),
        ("preset = \"envoy-priority\"", next, AS_IT_IS, TWO_GROUPS),
        ("route.usage.limits = {}", leaves, NO_LIMITS, AS_IT_IS),
        ("route.weighted.by = \"limits\"", weigh, NO_LIMITS, AS_IT_IS),
    ];
    for (policy, title, vain, heeded) in cases {
        assert!(warns(policy, title, vain), "{policy}");
        assert!(!warns(policy, title, heeded), "{policy}");
    }
    let alone = "route = \"single\"\ngroups = \"fallback\"";
    assert!(warns(alone, next, TWO_GROUPS));
}

#[test]
fn what_the_rest_of_a_policy_makes_vain_is_warned_of() {
    let spills = "groups = \"priority\"\nretry.attempts = 3\n";
    let leaves = "retry.attempts = 3\non.malformed.fail-over = \"now\"\n";
    let dollars =
        "retry.attempts = 3\nbudget.dollars = { share = 1, reserve = \"$1\", per = \"2h\"";
    let judge = "guard.judge = { endpoint = \"beta\", when = \"beside\"";
    let of_call =
        "retry.attempts = 3\nroute = \"single\"\nbudget.dollars = { scope = \"call\", limit =";
    let breaker = "breaker.consecutive = { failures = 5, open = \"30s\" }";
    let cases = [
        // (title, what it is about, what makes it vain, what makes it heeded)
        ("the load never spills over", spills, "", breaker),
        (
            "there is nowhere to fail over to",
            leaves,
            "route = \"single\"",
            "",
        ),
        ("nothing is refilled", dollars, " }", ", refill = \"$1\" }"),
        (
            "nothing is left to refuse",
            judge,
            ", then = \"refuse\" }",
            " }",
        ),
        (
            "this budget never allows a retry",
            of_call,
            "\"$0.000001\" }",
            "\"$1\" }",
        ),
    ];
    for (title, about, vain, heeded) in cases {
        assert!(
            warns(&format!("{about}{vain}"), title, TWO_GROUPS),
            "{title}"
        );
        assert!(
            !warns(&format!("{about}{heeded}"), title, TWO_GROUPS),
            "{title}"
        );
    }
}
