//! Whole loads: what a scenario comes out as, its hash, its resolved text and its account.

use std::path::Path;

use super::files::{Disk, Files, Memory};
use super::{DEFAULT, MAX_SEED, Overrides, Scenario, check_str, explain, load_from};

const TEXT: &str = r#"
[meta]
title = "A question"
[run]
duration = "10m"
seed = 3
[workload]
arrivals.poisson.rate = "40/s"
[provider.z]
network = "20ms"
price.input = "$3/M"
[provider.a]
[policy.one]
route.failover = ["a", "z"]
[policy.two]
breaker = "none"
[[expect]]
metric.amplification = { value = 3.0, within = "2%" }
metric.latency_good_ms_p99.max = "30s"
same.success_ratio = ["one", "two"]
"#;

fn one(text: &str) -> Scenario {
    match check_str("s.toml", text) {
        Ok(mut scenarios) => scenarios.remove(0),
        Err(all) => panic!("{}", all.render(crate::scenario::Style::PLAIN)),
    }
}

#[test]
fn members_keep_the_order_of_the_file() {
    let scenario = one(TEXT);
    let names: Vec<&str> = scenario
        .providers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["z", "a"], "the place is the endpoint's id");
    assert_eq!(scenario.compare.baseline, "one");
}

#[test]
fn limits_come_in_the_metrics_unit() {
    use crate::scenario::model::Condition;
    let scenario = one(TEXT);
    let conditions = &scenario.expectations[0].conditions;
    assert!(matches!(
        conditions[0],
        Condition::Within {
            value: 3.0,
            within: 0.06,
            ..
        }
    ));
    assert!(matches!(conditions[1], Condition::Max(_, 30_000.0)));
    assert!(matches!(&conditions[2], Condition::Same(_, both, _) if both.len() == 2));
}

#[test]
fn cost_is_compared_only_where_something_has_a_price() {
    let names = |text: &str| {
        one(text)
            .compare
            .metrics
            .iter()
            .map(|m| m.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(TEXT).len(), 3);
    let free = TEXT.replace("price.input = \"$3/M\"\n", "");
    assert_eq!(names(&free), ["success_ratio", "latency_good_ms_p99"]);
}

#[test]
fn the_hash_is_of_what_decides_the_numbers() {
    let hash = |from: &str, to: &str| {
        assert!(TEXT.contains(from), "{from}");
        one(&TEXT.replace(from, to)).hash
    };
    let same = one(TEXT).hash;
    assert_eq!(same.len(), 16);
    for (from, to) in [
        ("A question", "Another"),
        ("seed = 3", "seed = 4\nreplications = 5"),
        ("max = \"30s\"", "max = \"31s\""),
        (
            "duration = \"10m\"\nseed = 3",
            "seed = 3\nduration = \"10m\"",
        ),
        (
            "network = \"20ms\"",
            "network = { out.constant = \"20ms\", back = \"20ms\" }",
        ),
        (
            "route.failover = [",
            "# a comment\nroute.failover.endpoints = [",
        ),
    ] {
        assert_eq!(hash(from, to), same, "{from} -> {to}");
    }
    for (from, to) in [
        ("\"40/s\"", "\"41/s\""),
        ("[provider.a]\n", "[provider.a]\nquality = 0.9\n"),
        ("duration = \"10m\"", "duration = \"11m\""),
        ("[\"a\", \"z\"]", "[\"z\", \"a\"]"),
        (
            "[provider.z]\nnetwork = \"20ms\"\nprice.input = \"$3/M\"\n[provider.a]\n",
            "[provider.a]\n[provider.z]\nnetwork = \"20ms\"\nprice.input = \"$3/M\"\n",
        ),
    ] {
        assert_ne!(hash(from, to), same, "{from} -> {to}");
    }
}

#[test]
fn the_bytes_of_the_trace_enter_the_hash_and_its_calls_the_scenario() {
    let text = TEXT.replace(
        "arrivals.poisson.rate = \"40/s\"",
        "arrivals.trace = \"t.csv\"",
    );
    let with = |rows: &str| {
        let trace = format!("t_ms,in_tokens,out_tokens\n{rows}");
        let files = Memory::default()
            .with("d/s.toml", text.as_str())
            .with("d/t.csv", trace);
        let loaded = load_from(&files, Path::new("d/s.toml"), Overrides::default());
        loaded.into_result().unwrap().remove(0)
    };
    let (a, b) = (with("1,2,3\n"), with("1,2,4\n"));
    assert_ne!(a.hash, b.hash);
    assert_eq!(b.trace.unwrap().rows[0].output, 4);
}

#[test]
fn what_is_printed_as_resolved_is_the_same_scenario() {
    for text in [TEXT, DEFAULT] {
        let first = one(text);
        let again = one(&first.resolved);
        assert_eq!(again.hash, first.hash);
        assert_eq!(again.resolved, first.resolved);
        assert_eq!(again.policies, first.policies);
        assert_eq!(again.providers, first.providers);
        assert_eq!(again.workload, first.workload);
        assert_eq!(
            format!("{:?}", again.expectations),
            format!("{:?}", first.expectations)
        );
    }
}

#[test]
fn a_resolved_trace_is_found_from_anywhere_and_its_place_is_in_no_hash() {
    let text = TEXT.replace(
        "arrivals.poisson.rate = \"40/s\"",
        "arrivals.trace = \"../t.csv\"",
    );
    let load = |path: &str, text: &str, trace: &str| {
        let rows = "t_ms,in_tokens,out_tokens\n1,2,3\n";
        let files = Memory::default().with(path, text).with(trace, rows);
        let loaded = load_from(&files, Path::new(path), Overrides::default());
        loaded.into_result().unwrap().remove(0)
    };
    let first = load("d/s.toml", &text, "t.csv");
    assert!(first.resolved.contains("\"../t.csv\""), "as it was written");
    let saved = |dir: &str| {
        let resolved = first.resolved_in(Path::new(dir)).unwrap();
        let trace = Path::new(dir).parent().unwrap().join("t.csv");
        load("elsewhere/r.toml", &resolved, trace.to_str().unwrap())
    };
    let (a, b) = (saved("/home/a"), saved("/srv/b \"c\"/d"));
    assert_eq!(a.trace, first.trace);
    assert_ne!(a.resolved, b.resolved);
    assert_eq!(a.hash, first.hash, "the same scenario saved elsewhere");
    assert_eq!(a.hash, b.hash, "the same scenario on two machines");
    // Without a trace there is nothing to name.
    let plain = one(TEXT);
    assert_eq!(plain.resolved_in(Path::new("/x")), Some(plain.resolved));
}

/// A text in the place of a file, and the disk for everything else.
struct Saved<'t>(&'t str);

impl Files for Saved<'_> {
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, String> {
        match path.ends_with("resolved.toml") {
            true => Ok(self.0.as_bytes().to_vec()),
            false => Disk.read(path, limit),
        }
    }

    fn names(&self, dir: &Path) -> Vec<String> {
        Disk.names(dir)
    }
}

#[test]
fn every_shipped_scenario_keeps_its_hash_when_it_is_resolved() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let entries = std::fs::read_dir(&dir).unwrap().map(|e| e.unwrap().path());
    let files = entries.filter(|path| path.extension().is_some_and(|e| e == "toml"));
    let mut seen = 0;
    for scenario in files.flat_map(|file| super::load(&file, Overrides::default()).unwrap()) {
        let resolved = scenario.resolved_in(&dir).unwrap();
        let loaded = load_from(
            &Saved(&resolved),
            Path::new("resolved.toml"),
            Overrides::default(),
        );
        let again = loaded.into_result().unwrap().remove(0);
        assert_eq!(again.hash, scenario.hash, "{}", scenario.name);
        seen += 1;
    }
    assert!(seen >= 7, "{seen}");
}

#[test]
fn a_warning_is_about_the_points_it_was_found_at() {
    let text = TEXT.replace(
        "[run]\n",
        "[run]\nvary = { \"workload.deadline\" = [\"30s\", \"60s\"], \"policy.late.retry.attempts\" = [1, 2] }\n",
    );
    assert_ne!(text, TEXT);
    let late = "[policy.late]\nretry.backoff.constant.wait = \"45s\"\n";
    let loaded = check_str("s.toml", &format!("{text}\n{late}")).unwrap();
    let late = |s: &Scenario| s.warnings.iter().any(|w| w.contains("too late"));
    let warned: Vec<bool> = loaded.iter().map(late).collect();
    // Only with two attempts within 30 s.
    assert_eq!(warned, [false, true, false, false]);
}

#[test]
fn included_files_lie_below_and_their_traces_beside_them() {
    let main = "include = [\"../shared/weather.toml\", \"policies.toml\"]\n\
                [run]\nduration = \"5m\"\n[policy.b]\nretry.attempts = 9\n";
    let weather = "include = [\"providers.toml\"]\n[run]\nduration = \"9m\"\nseed = 7\n\
                   [workload]\narrivals.trace = \"t.csv\"\n[[fault]]\nname = \"x\"\n\
                   on = [\"p\"]\nat = \"1m\"\nfor = \"1m\"\neffect = \"hang\"\n";
    let policies = "include = [\"../shared/providers.toml\"]\n[policy.a]\n[policy.b]\n\
                    retry.attempts = 2\nmode = \"observe\"\n";
    let files = Memory::default()
        .with("s/main.toml", main)
        .with("shared/weather.toml", weather)
        .with("shared/providers.toml", "[provider.p]\n")
        .with("s/policies.toml", policies)
        .with("shared/t.csv", "t_ms,in_tokens,out_tokens\n1,2,3\n");
    let loaded = load_from(&files, Path::new("s/main.toml"), Overrides::default());
    let scenario = loaded.into_result().unwrap().remove(0);
    assert_eq!(scenario.run.duration, crate::base::Duration::from_s(300));
    assert_eq!(scenario.run.seed, 7);
    assert_eq!(scenario.policies[1].1.retry.attempts, 9);
    assert_eq!(scenario.policies[1].1.mode, crate::policy::Mode::Observe);
    assert_eq!((scenario.faults.len(), scenario.providers.len()), (1, 1));
    assert!(scenario.trace.is_some());
}

#[test]
fn the_command_line_overrides_seed_and_replications() {
    let files = Memory::default().with("s.toml", TEXT);
    let with = |seed, replications| {
        let overrides = Overrides { seed, replications };
        load_from(&files, Path::new("s.toml"), overrides).into_result()
    };
    let scenario = with(Some(MAX_SEED), Some(4)).unwrap().remove(0);
    assert_eq!(
        (scenario.run.seed, scenario.run.replications),
        (MAX_SEED, 4)
    );
    assert_eq!(scenario.hash, one(TEXT).hash);
    assert_eq!(one(&scenario.resolved).run, scenario.run);
    assert!(with(None, Some(0)).is_err());
    assert!(
        with(Some(MAX_SEED + 1), None).is_err(),
        "no file can say it"
    );
}

#[test]
fn an_explanation_fits_a_terminal_and_names_every_part() {
    for text in [TEXT, DEFAULT] {
        let scenario = one(text);
        let said = explain(&scenario);
        assert_eq!(said, explain(&one(text)));
        for line in said.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        for (name, _) in &scenario.policies {
            assert!(said.contains(&format!("Policy    {name}")), "{said}");
        }
    }
}

#[test]
fn a_file_on_disk_is_the_same_as_its_text() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/scenario/default.toml");
    let from_disk = super::load(&path, Overrides::default()).unwrap().remove(0);
    assert_eq!(from_disk.hash, one(DEFAULT).hash);
    assert_eq!(from_disk.name, "default");
}
