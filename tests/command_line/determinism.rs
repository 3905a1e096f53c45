//! Same scenario, policy and seed: the same bytes, on any number of threads and any CPU.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot do its work has failed"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::command::{Dir, run, squall, stderr};

/// Every file below a directory, by its path.
pub(crate) fn bytes(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut left = vec![dir.to_path_buf()];
    while let Some(at) = left.pop() {
        for entry in std::fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path
                    .strip_prefix(dir)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

const SCENARIOS: [&str; 24] = [
    "scenarios/jitter.toml",
    "scenarios/jitter-retry-after.toml",
    "scenarios/outage.toml",
    "scenarios/retry-storm.toml",
    "scenarios/hedging.toml",
    "scenarios/fleet.toml",
    "scenarios/drift.toml",
    "scenarios/guards.toml",
    "scenarios/monitors.toml",
    "scenarios/storm.toml",
    "scenarios/azure-trace.toml",
    "scenarios/service-clients.toml",
    "scenarios/priorities.toml",
    "scenarios/capabilities.toml",
    "scenarios/groups.toml",
    "scenarios/azure-shared-cap.toml",
    "scenarios/layers.toml",
    "scenarios/runaway-agent.toml",
    "scenarios/fallback-cost.toml",
    "scenarios/three-bugs.toml",
    "scenarios/year.toml",
    "scenarios/tune-impossible.toml",
    "scenarios/tune.toml",
    "scenarios/stability.toml",
];

#[test]
fn the_list_of_scenarios_is_complete() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let entries = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    let mut found: Vec<String> = entries
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .map(|path| format!("scenarios/{}", path.file_name().unwrap().to_string_lossy()))
        .collect();
    found.sort();
    let mut listed = SCENARIOS.map(String::from).to_vec();
    listed.sort();
    assert_eq!(found, listed);
}

#[test]
fn one_thread_and_two_write_the_same_bytes() {
    for file in SCENARIOS {
        let dir = Dir::new("threads");
        let (one, two) = (dir.path("one"), dir.path("two"));
        for (out, jobs) in [(&one, "1"), (&two, "2")] {
            let output = run(file, out, &["--replications", "3", "--jobs", jobs]);
            // Three replications need not show every expectation.
            assert!(
                matches!(output.status.code(), Some(0 | 1)),
                "{file}: {}",
                stderr(&output)
            );
        }
        let (one, two) = (bytes(&one), bytes(&two));
        assert!(one.keys().eq(two.keys()), "{file}: other files");
        for (name, content) in &one {
            assert!(content == &two[name], "{file}: {name} differs");
        }
    }
}

/// FNV-1a, 64 bits.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Tells the C library to choose its functions as if the CPU could do less.
const MASK: &str = "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX512F";

/// Whether the C library believes that the CPU can fuse a multiplication with an addition; None
/// where its loader is another one or does not say.
fn fuses(masked: bool) -> Option<bool> {
    let mut loader = Command::new("/lib64/ld-linux-x86-64.so.2");
    loader
        .arg("--list-diagnostics")
        .env_remove("GLIBC_TUNABLES");
    if masked {
        loader.env("GLIBC_TUNABLES", MASK);
    }
    let output = loader.output().ok()?;
    let told = String::from_utf8_lossy(&output.stdout);
    // Bit 12 of ECX of leaf 1, under the name of glibc 2.33 on or the one before.
    let value = told.lines().find_map(|line| {
        let leaf = line.strip_prefix("x86.cpu_features.features[0x0].")?;
        let value = leaf.strip_prefix("active[0x2]=0x");
        value.or_else(|| leaf.strip_prefix("usable[0x2]=0x"))
    })?;
    Some(u64::from_str_radix(value, 16).ok()? >> 12 & 1 == 1)
}

/// The hash of `results.json` of two replications, with some of the CPU's abilities masked.
fn hash_of(file: &str, name: &str, masked: bool) -> u64 {
    let dir = Dir::new(name);
    let mut command = squall();
    command
        .args(["run", file, "--replications", "2", "--seed", "1", "--out"])
        .arg(dir.path("out"));
    if masked {
        command.env("GLIBC_TUNABLES", MASK);
    }
    let output = command.output().unwrap();
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{}",
        stderr(&output)
    );
    let scenario = Path::new(file).file_stem().unwrap();
    fnv(&std::fs::read(dir.path("out").join(scenario).join("results.json")).unwrap())
}

/// Raise `MODEL_VERSION` when these change because the numbers of a seed moved; only then, or when
/// the shape of `results.json` or a scenario file changed, may they change at all.
const GOLDEN: [(&str, u64); 3] = [
    ("scenarios/jitter.toml", 0x914e_2dc1_357f_4311),
    ("scenarios/outage.toml", 0x5944_14ec_fd7a_e803),
    ("scenarios/azure-trace.toml", 0xb454_7f71_27bf_12f7),
];

#[test]
fn the_bytes_are_those_of_the_last_version() {
    let found = GOLDEN.map(|(file, _)| (file, hash_of(file, "golden", false)));
    assert!(found == GOLDEN, "found {found:#x?}");
}

#[test]
fn the_bytes_are_the_same_without_fused_multiply_add() {
    // The mask must do what it says, or the same bytes would show nothing.
    match (fuses(false), fuses(true)) {
        (Some(true), masked) => assert_eq!(masked, Some(false), "the mask is not accepted"),
        (plain, _) => println!("the masking could not be verified: it fuses unmasked: {plain:?}"),
    }
    for (file, _) in GOLDEN {
        assert_eq!(
            hash_of(file, "plain", false),
            hash_of(file, "masked", true),
            "{file}"
        );
    }
}

#[test]
fn another_seed_gives_other_numbers() {
    let dir = Dir::new("seeds");
    let metrics = |seed: &str| {
        let out = dir.path(seed);
        run(
            "scenarios/drift.toml",
            &out,
            &["--replications", "2", "--seed", seed],
        );
        std::fs::read_to_string(out.join("drift/results.csv")).unwrap()
    };
    assert_ne!(metrics("1"), metrics("2"));
}
