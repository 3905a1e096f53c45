//! `squall export` and `squall import` as they are typed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn squall(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_squall"));
    command.args(args).output().unwrap()
}

fn scenario(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("scenarios").join(name);
    path.to_str().unwrap().to_string()
}

/// A new directory of this test alone.
fn directory(test: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("squall-deploy-{test}-{}", std::process::id()));
    fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn what_is_exported_is_imported_checked_and_run() {
    let dir = directory("round");
    let path = |name: &str| dir.join(name).to_str().unwrap().to_string();
    let (yaml, toml) = (path("litellm.yaml"), path("today.toml"));
    let groups = scenario("groups.toml");
    let done = squall(&[
        "export", &groups, "--to", "litellm", "--policy", "router", "--out", &yaml,
    ]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    assert!(done.stderr.is_empty(), "nothing is lost: {done:?}");
    let done = squall(&["import", &yaml, "--out", &toml]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let done = squall(&["check", &toml]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    assert!(done.stderr.is_empty(), "{done:?}");
    let done = squall(&[
        "run",
        &toml,
        "--replications",
        "2",
        "--quiet",
        "--out",
        &path("reports"),
    ]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    // Nothing is written over, and nothing half written is left.
    let again = squall(&["import", &yaml, "--out", &toml]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("is there already"));
    let parts = fs::read_dir(&dir).unwrap().map(|e| e.unwrap().file_name());
    assert!(
        !parts
            .into_iter()
            .any(|name| name.to_string_lossy().ends_with(".part"))
    );
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn what_gets_lost_is_said() {
    let groups = scenario("groups.toml");
    let done = squall(&["export", &groups, "--to", "litellm", "--policy", "list"]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(
        told.contains("breaker.consecutive.failures = 5: not there"),
        "{told}"
    );
    assert!(String::from_utf8_lossy(&done.stdout).contains("model_list:"));
}

#[test]
fn mistakes_have_a_remedy_and_exit_with_2() {
    let groups = scenario("groups.toml");
    let layers = scenario("layers.toml");
    let cases: [(&[&str], &str); 5] = [
        (
            &["export", &groups, "--to", "litellm", "--policy", "ruoter"],
            "did you mean `router`?",
        ),
        (
            &["export", &groups, "--to", "nginx", "--policy", "router"],
            "possible values",
        ),
        (
            &["export", "nothing.toml", "--to", "envoy", "--policy", "a"],
            "nothing.toml",
        ),
        (
            &["export", &layers, "--to", "envoy", "--policy", "chain"],
            "help: ",
        ),
        (&["import", "nothing.yaml"], "nothing.yaml"),
    ];
    for (args, said) in cases {
        let done = squall(args);
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(2), "{args:?} {told}");
        assert!(told.contains(said), "{args:?}: {told}");
        assert!(done.stdout.is_empty(), "{args:?}");
    }
}
