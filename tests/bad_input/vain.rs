//! Warnings say only what is certain: what must not be warned of, and what only in part.

use super::{GOOD, load};

/// The titles of the warnings about one policy that waits 90 s at a deadline of 60 s.
fn warned(policy: &str) -> Vec<String> {
    let (world, _) = GOOD.split_once("[policy.first]").expect("it has policies");
    let world = world.replace("baseline = \"first\"", "");
    let text = format!(
        "{world}[policy.it]\nretry.attempts = 4\nretry.on = [\"rate-limited\", \"overloaded\"]\n\
         retry.backoff.constant.wait = \"90s\"\n{policy}"
    );
    let diagnostics = load(&text).diagnostics;
    let titles = diagnostics.all().iter().map(|d| d.title.clone());
    titles.filter(|title| title.contains("too late")).collect()
}

#[test]
fn a_first_retry_always_comes_too_late_only_where_nothing_may_come_first() {
    let always = "the first retry always comes too late";
    let perhaps = "a retry after this backoff always comes too late";
    let deaf = "retry.server-wait.honour = false\n";
    let one = "route.failover = [\"alpha\"]\n";
    let cases = [
        (format!("{one}{deaf}"), vec![always]),
        // A server may ask for less.
        (one.to_string(), vec![perhaps]),
        // Another endpoint is asked without a wait.
        (deaf.to_string(), vec![perhaps]),
        // A class has a backoff of its own, or leaves at once.
        (
            format!("{one}{deaf}on.overloaded.backoff.constant.wait = \"1s\"\n"),
            vec![perhaps],
        ),
        (
            format!("{one}{deaf}on.overloaded.fail-over = \"now\"\n"),
            vec![perhaps],
        ),
        // All of them do: nobody waits for this backoff.
        (
            format!(
                "{one}{deaf}on.overloaded.fail-over = \"now\"\n\
                 on.rate-limited.backoff.constant.wait = \"1s\"\n"
            ),
            vec![],
        ),
    ];
    for (policy, expected) in cases {
        assert_eq!(warned(&policy), expected, "{policy}");
    }
}

#[test]
fn a_law_about_a_maximum_needs_no_fifty_replications() {
    let titles = |metric: &str| {
        let law = format!("metric.{metric} = {{ value = \"2s\", within = \"2%\" }}");
        let text = GOOD.replacen("metric.amplification = { max = 2.0 }", &law, 1);
        let found = load(&text).diagnostics;
        found
            .all()
            .iter()
            .map(|d| d.title.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        titles("latency_verdict_ms_p99"),
        ["this law cannot be shown"]
    );
    assert_eq!(titles("latency_verdict_ms_max"), [] as [&str; 0]);
}

/// The titles of all warnings about policies `it` and `other` with two providers and these settings.
fn guarded(provider: &str, it: &str) -> Vec<String> {
    let text = format!(
        "[run]\nduration = \"10m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\nmax-tokens = 1000\n\
         [provider.a]\n{provider}\n[provider.j]\n[policy.it]\nretry.attempts = 2\n{it}\n\
         [policy.other]\nroute.failover = [\"a\", \"j\"]\n"
    );
    let diagnostics = load(&text).diagnostics;
    diagnostics.all().iter().map(|d| d.title.clone()).collect()
}

#[test]
fn a_guard_that_cannot_act_is_told_of_and_one_that_can_is_not() {
    let schema = "guard.schema = {}";
    assert_eq!(guarded("", schema), ["this guard never finds anything"]);
    assert_eq!(guarded("json = {}", schema), [""; 0]);
    let longer =
        |cap: u32| format!("guard.finish-reason = {{ length = \"ask-again\", cap = {cap} }}");
    assert_eq!(guarded("", &longer(1000)), ["this guard never asks again"]);
    assert_eq!(guarded("", &longer(1001)), [""; 0]);
}

#[test]
fn a_judge_is_no_provider_that_nobody_asks_and_none_that_others_should() {
    let judge = "guard.judge = { endpoint = \"j\" }";
    assert_eq!(guarded("", judge), [""; 0]);
    let unknown = guarded("", "guard.judge = { endpoint = \"jj\" }");
    assert_eq!(unknown, ["unknown provider `jj`"]);
    let text = format!(
        "[run]\nduration = \"10m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\n[provider.a]\n\
         [provider.j]\n[policy.it]\nroute.failover = [\"a\"]\n{judge}\n[policy.other]\n"
    );
    let diagnostics = load(&text).diagnostics;
    let titles: Vec<&str> = diagnostics.all().iter().map(|d| d.title.as_str()).collect();
    assert_eq!(
        titles,
        ["`j`, the judge of another policy, is asked for answers"]
    );
}

/// The titles of all warnings where policy `it` adds these lines to `base`, which has a breaker, a hedge and
/// retries, all with settings of their own.
fn heir(lines: &str) -> Vec<String> {
    let text = format!(
        "[run]\nduration = \"10m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\n[provider.a]\n\
         vendor = \"x\"\n[provider.b]\nvendor = \"x\"\n[provider.c]\nvendor = \"y\"\n[policy.base]\n\
         retry.attempts = 3\nretry.backoff.constant.wait = \"1s\"\nhedge.fixed = {{ after = \"5s\" }}\n\
         hedging.first = \"completion\"\ntrip.jitter = \"equal\"\nreadmit = \"at-once\"\n\
         breaker.consecutive = {{ failures = 5, open = \"30s\" }}\n[policy.it]\nextends = \"base\"\n{lines}\n"
    );
    let diagnostics = load(&text).diagnostics;
    diagnostics.all().iter().map(|d| d.title.clone()).collect()
}

/// The titles of all warnings about one policy where three in ten calls need JSON, of three providers: two have
/// none.
fn needing_json(it: &str) -> Vec<String> {
    let text = format!(
        "[run]\nduration = \"10m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\nneeds.json = \"30%\"\n\
         [provider.a]\ncan.json = false\n[provider.b]\ncan.json = false\n[provider.c]\n[policy.it]\n{it}\n\
         [policy.all]\nsteering.fits = true\n"
    );
    let diagnostics = load(&text).diagnostics;
    diagnostics.all().iter().map(|d| d.title.clone()).collect()
}

#[test]
fn what_is_left_over_of_another_policy_is_not_in_vain_and_what_is_written_is() {
    assert_eq!(heir(""), [""; 0]);
    let bare = "breaker = \"none\"\nhedge = \"none\"\nretry.attempts = 1\n";
    assert_eq!(heir(bare), [""; 0]);
    let own = "trip.keep-counts = true\nhedging.all-fail = \"primary\"\n\
               retry.backoff.constant.wait = \"2s\"\n";
    assert_eq!(
        heir(&format!("{bare}{own}")),
        [
            "nothing ever trips",
            "these rules are of no hedge",
            "nobody ever waits for this"
        ]
    );
    // Alarms open breakers where there are no others.
    for opens in [
        "monitor.m = { watch = \"failures\", then = \"trip\", for = \"1m\", \
         test.adwin.threshold = 0.01 }",
        "guard.finish-reason = { then = \"trip\", for = \"1m\" }",
        "limit = { turns = 3, then = \"trip\", for = \"1m\" }",
    ] {
        let lines = format!("breaker = \"none\"\ntrip.keep-counts = true\n{opens}");
        let titles = heir(&lines);
        assert!(
            !titles.iter().any(|t| t == "nothing ever trips"),
            "{titles:?}"
        );
    }
}

#[test]
fn a_limit_that_any_attempt_may_reach_is_in_vain_unless_it_only_alerts() {
    let dear = |then: &str| {
        load(&format!(
            "[run]\nduration = \"10m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\n[provider.a]\n\
             price = {{ input = \"$3/M\", output = \"$15/M\" }}\n[policy.it]\n{then}\n\
             limit.cost-per-call = \"$0.01\"\n"
        ))
    };
    let titles = |then: &str| -> Vec<String> {
        let diagnostics = dear(then).diagnostics;
        diagnostics.all().iter().map(|d| d.title.clone()).collect()
    };
    assert_eq!(titles(""), ["no call is ever sent"]);
    assert_eq!(titles("limit.then = \"alert\""), [""; 0]);
    assert_eq!(titles("mode = \"observe\""), [""; 0]);
}

#[test]
fn to_go_apart_is_in_vain_where_all_are_apart_or_none_is() {
    let apart = |label: &str, route: &str| {
        heir(&format!(
            "steering.apart-by = \"{label}\"\nroute.failover = [{route}]\n"
        ))
    };
    assert_eq!(apart("vendor", "\"a\", \"b\", \"c\""), [""; 0]);
    for route in ["\"a\", \"b\"", "\"a\", \"c\""] {
        assert_eq!(apart("vendor", route), ["this prefers no endpoint"]);
    }
    let by_region = apart("region", "\"a\", \"b\", \"c\"");
    assert_eq!(by_region, ["this prefers no endpoint"]);
}

#[test]
fn a_route_is_warned_of_that_sends_calls_to_where_they_cannot_be_served() {
    let (none, some) = (
        "no endpoint of this route can do JSON",
        "calls may be sent to where they cannot be served",
    );
    let cases = [
        ("route.failover = [\"a\", \"b\"]", vec![none]),
        (
            "route.failover = [\"a\", \"b\"]\nsteering.fits = true",
            vec![none],
        ),
        ("route.failover = [\"a\", \"c\"]", vec![some]),
        ("", vec![some]),
        // It is said that this is meant, or they are matched, or all can.
        ("steering.fits = false", vec![]),
        ("steering.fits = true", vec![]),
        ("route.failover = [\"c\"]", vec![]),
        (
            "route.failover = [\"c\"]\nsteering.fits = true",
            vec!["every call can be served everywhere"],
        ),
    ];
    for (it, expected) in cases {
        assert_eq!(needing_json(it), expected, "{it}");
    }
}

#[test]
fn a_budget_of_one_attempt_in_each_group_is_asked_at_the_next() {
    let warned = |groups: &str| {
        let text = format!(
            "[run]\nduration = \"10m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\n[provider.a]\n\
             group = \"x\"\n[provider.b]\ngroup = \"y\"\n[policy.it]\nretry.attempts = 1\n\
             budget.share = {{ ratio = 0.1 }}\n{groups}\n"
        );
        let diagnostics = load(&text).diagnostics;
        let titles = diagnostics.all().iter().map(|d| d.title.clone());
        titles.collect::<Vec<String>>()
    };
    let vain = ["this budget is never asked"];
    assert_eq!(warned(""), vain);
    let breaker = "breaker.consecutive = { failures = 5, open = \"10s\" }";
    assert_eq!(warned(&format!("groups.priority = {{}}\n{breaker}")), vain);
    assert_eq!(warned("groups.fallback = {}"), [""; 0]);
    let hedge = "hedge.fixed = { after = \"1s\" }";
    // A hedge stays in its group, and there is one attempt in each.
    let hedged = warned(&format!("groups.fallback = {{}}\n{hedge}"));
    assert_eq!(hedged, ["this hedge is never sent"]);
}

#[test]
fn a_longest_wait_is_in_vain_for_a_quota_of_each_user_unless_it_is_the_usual_minute() {
    let warned = |quota: &str, wait: &str, per: &str| {
        let titles = heir(&format!(
            "quota.{quota} = {{ rate = \"9000/min\"{wait}{per} }}"
        ));
        titles.contains(&"nobody waits for a quota of his own".to_owned())
    };
    let user = ", per = \"user\"";
    for quota in ["requests", "tokens"] {
        for (wait, in_vain) in [("", false), ("60s", false), ("30s", true), ("2m", true)] {
            let wait = match wait {
                "" => String::new(),
                wait => format!(", max-wait = \"{wait}\""),
            };
            assert_eq!(warned(quota, &wait, user), in_vain, "{quota}{wait}");
            assert!(!warned(quota, &wait, ""), "{quota}{wait}");
        }
    }
}

#[test]
fn what_opens_without_a_breaker_is_no_fleet_s_and_is_told_of_only_where_something_opens() {
    let warned = |lines: &str| {
        let titles = heir(&format!("trip.scope = \"fleet\"\n{lines}"));
        titles.contains(&"each process opens by its own alarms".to_owned())
    };
    let guard = |then: &str| format!("guard.finish-reason = {{ then = \"{then}\", for = \"1m\" }}");
    let bare = "breaker = \"none\"\n";
    assert!(warned(&format!("{bare}{}", guard("trip"))));
    assert!(!warned(&format!("{bare}{}", guard("fail-over"))));
    assert!(!warned(&guard("trip")), "the breaker is the fleet's");
}
