//! The points of a file and the expectations about them.

use crate::scenario::{Scenario, check_str};
use crate::workload::arrivals;

const TEXT: &str = r#"
[run]
duration = "1m"
vary = { "workload.arrivals.burst.count" = [10, 20], "policy.a.retry.backoff.constant.wait" = ["1s", "5 s"] }
[workload]
arrivals.poisson.rate = "1/s"
[provider.p]
[policy.a]
retry.attempts = 3
retry.backoff.exponential.base = "1s"
[policy.b]
extends = "a"
[[expect]]
at = { "workload.arrivals.burst.count" = 20 }
metric.amplification.max = 2
[[expect]]
metric.success_ratio.min = "50%"
"#;

fn points() -> Vec<Scenario> {
    check_str("dir/storm.toml", TEXT).unwrap()
}

#[test]
fn every_combination_is_a_scenario_with_a_name_of_its_own() {
    let names: Vec<String> = points().into_iter().map(|s| s.name).collect();
    let expected = [
        "storm@burst.count=10,constant.wait=1s",
        "storm@burst.count=10,constant.wait=5_s",
        "storm@burst.count=20,constant.wait=1s",
        "storm@burst.count=20,constant.wait=5_s",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_point_is_the_file_with_that_value_written_in() {
    for (point, count) in points().iter().zip([10, 10, 20, 20]) {
        let arrivals::Config::Burst(burst) = point.workload.arrivals else {
            panic!("another kind replaces the arrivals whole");
        };
        assert_eq!(burst.count, count);
        // b inherits what the point made of a.
        assert_eq!(point.policies[0].1, point.policies[1].1);
        let here = if count == 20 { 2 } else { 1 };
        assert_eq!(point.expectations.len(), here);
        assert_eq!(point.point[0].1, count.to_string());
    }
}

#[test]
fn points_have_hashes_of_their_own_and_can_be_read_back() {
    let points = points();
    for (i, point) in points.iter().enumerate() {
        assert!(points[..i].iter().all(|other| other.hash != point.hash));
        let again = check_str("again.toml", &point.resolved).unwrap().remove(0);
        assert_eq!(again.hash, point.hash);
        assert_eq!(again.policies, point.policies);
    }
}

#[test]
fn faults_are_varied_by_name() {
    let text = TEXT.replace(
        "\"workload.arrivals.burst.count\"",
        "\"fault.\\\"a b\\\".effect\"",
    );
    let text = text
        .replace("[10, 20]", "[\"hang\", \"outage\"]")
        .replacen("20 }", "\"hang\" }", 1);
    let fault =
        "[[fault]]\nname = \"a b\"\non = [\"p\"]\nat = \"1s\"\nfor = \"1s\"\neffect = \"hang\"\n";
    let points = check_str("s.toml", &format!("{text}{fault}")).unwrap();
    let kinds: Vec<&str> = points.iter().map(|s| s.faults[0].effect.kind()).collect();
    assert_eq!(kinds, ["hang", "hang", "outage", "outage"]);
    assert_eq!(points[0].expectations.len(), 2);
    assert_eq!(points[2].expectations.len(), 1);
}
