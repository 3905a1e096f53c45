//! Ctrl-C and SIGTERM, wherever they find the command: exit code 130, and on the disk what was there.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot do its work has failed"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use crate::command::{Dir, run, squall, stderr};
use crate::determinism::bytes;
use crate::user::{SMALL, text};

/// Sends a signal, by its name.
pub(crate) fn kill(child: &Child, signal: &str) {
    let pid = child.id().to_string();
    let killed = Command::new("kill").args([signal, &pid]).status().unwrap();
    assert!(killed.success());
}

/// What became of a child that was told to stop. One that goes on is killed, so that a failure does
/// not last as long as its scenario.
pub(crate) fn ended(mut child: Child) -> Output {
    for _ in 0..1200 {
        if child.try_wait().unwrap().is_some() {
            return child.wait_with_output().unwrap();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().unwrap();
    panic!("it goes on and on");
}

/// One short scenario, then a signal in the replications of another, which would take most of an hour.
fn interrupted_within_a_replication(signal: &str) {
    let dir = Dir::new(&format!("within{signal}"));
    let (small, long) = (
        dir.write("small.toml", SMALL),
        dir.write("long.toml", SMALL),
    );
    let out = dir.path("out");
    for file in [&small, &long] {
        run(text(file), &out, &[]);
    }
    let before = bytes(&out);
    assert!(before.contains_key("long/index.html"));
    dir.write("long.toml", &SMALL.replace("20s", "1000d"));
    let mut child = squall()
        .args(["run", text(&small), text(&long), "--out"])
        .arg(&out)
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Once the first is told of, the second begins.
    let mut told = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(told.any(|line| line.unwrap().contains("of traffic in")));
    std::thread::sleep(Duration::from_millis(300));
    kill(&child, signal);
    let output = ended(child);
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    assert_eq!(
        stderr(&output),
        "stopping; again to quit at once\n\
         long  interrupted at 0 of 2 runs: nothing written\n"
    );
    assert!(before == bytes(&out), "the older report is not as it was");
}

#[test]
fn an_interrupt_within_a_replication_ends_it_and_leaves_the_older_report() {
    interrupted_within_a_replication("-INT");
}

#[test]
fn so_does_a_request_to_terminate() {
    interrupted_within_a_replication("-TERM");
}

#[test]
fn an_interrupt_between_replications_leaves_nothing_half_written() {
    let dir = Dir::new("interrupt");
    let many = SMALL
        .replace("20s", "10m")
        .replace("replications = 2", "replications = 100000");
    let file = dir.write("many.toml", &many);
    let mut child = squall()
        .args(["run", text(&file), "--jobs", "1", "--out"])
        .arg(dir.path("out"))
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // It minds interrupts before it makes the directory for its reports.
    while !dir.path("out").exists() {
        std::thread::yield_now();
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
    }
    std::thread::sleep(Duration::from_millis(300));
    kill(&child, "-INT");
    let output = ended(child);
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    let told = stderr(&output);
    assert!(
        told.starts_with("stopping; again to quit at once\nmany  interrupted at "),
        "{told}"
    );
    assert!(told.ends_with("nothing written\n"), "{told}");
    assert_eq!(std::fs::read_dir(dir.path("out")).unwrap().count(), 0);
    assert_eq!(dir.names(), ["many.toml", "out"]);
}

/// Whether a process minds SIGINT by now; None where the system does not tell.
fn minds_interrupts(child: &Child) -> Option<bool> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let caught = status.lines().find_map(|l| l.strip_prefix("SigCgt:"))?;
    let caught = u64::from_str_radix(caught.trim(), 16).ok()?;
    // Bit n − 1 is signal n, and SIGINT is 2.
    Some(caught & 0b10 != 0)
}

#[test]
fn an_interrupt_ends_the_wait_for_another_process() {
    let dir = Dir::new("waits");
    let file = dir.write("small.toml", SMALL);
    let out = dir.path("out");
    std::fs::create_dir(&out).unwrap();
    // Whoever writes there has locked the folder.
    let other = std::fs::File::open(&out).unwrap();
    other.lock().unwrap();
    let mut child = squall()
        .args(["run", text(&file), "--out"])
        .arg(&out)
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    while minds_interrupts(&child) == Some(false) {
        std::thread::yield_now();
        assert!(child.try_wait().unwrap().is_none(), "it did not wait");
    }
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "it did not wait");
    kill(&child, "-INT");
    let output = ended(child);
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    let told = format!(
        "stopping; again to quit at once\n\
         interrupted while another process wrote to {}: nothing written\n",
        out.display()
    );
    assert_eq!(stderr(&output), told);
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 0);
    // And once the other one is done, it goes on by itself.
    drop(other);
    assert!(run(text(&file), &out, &[]).status.success());
}

#[test]
fn an_interrupt_after_the_last_run_says_that_the_report_is_whole() {
    let dir = Dir::new("whole");
    let file = dir.write("small.toml", SMALL);
    let (out, whole) = (dir.path("out"), dir.path("whole"));
    run(text(&file), &whole, &[]);
    // Its standard output is full and nobody reads it: it cannot tell of its report, and waits.
    let (mut reader, mut writer) = std::io::pipe().unwrap();
    let stdout = writer.try_clone().unwrap();
    let filler = std::thread::spawn(move || writer.write_all(&[b' '; 4 << 20]));
    let child = squall()
        .args(["run", text(&file), "--out"])
        .arg(&out)
        .stderr(Stdio::piped())
        .stdout(stdout)
        .spawn();
    let mut child = child.unwrap();
    while !out.join("small/index.html").exists() {
        std::thread::yield_now();
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
    }
    kill(&child, "-INT");
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("stopping")));
    // Read on another thread, so that it ends whatever becomes of the child.
    let drained = std::thread::spawn(move || reader.read_to_end(&mut Vec::new()));
    let code = ended(child).status.code();
    let told: Vec<String> = lines.map(Result::unwrap).collect();
    filler.join().unwrap().unwrap();
    drained.join().unwrap().unwrap();
    let whole_is_told = "small  interrupted once all runs were done: its report is whole";
    assert_eq!((code, told), (Some(130), vec![whole_is_told.to_string()]));
    assert!(bytes(&out) == bytes(&whole));
}

#[test]
fn two_interrupts_while_writing_leave_the_old_report_or_the_new_one() {
    let dir = Dir::new("swap");
    let file = dir.write("small.toml", SMALL);
    let (out, new) = (dir.path("out"), dir.path("new"));
    run(text(&file), &out, &["--seed", "1"]);
    run(text(&file), &new, &["--seed", "2"]);
    let (old, new) = (bytes(&out), bytes(&new));
    assert_ne!(old, new);
    for round in 0..8 {
        run(text(&file), &out, &["--seed", "1"]);
        assert!(bytes(&out) == old, "round {round}: something was left");
        let mut child = squall()
            .args(["run", text(&file), "--quiet", "--seed", "2", "--out"])
            .arg(&out)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Once it writes, and a little later each time.
        let writes = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.is_ok_and(|e| e.file_name().to_string_lossy().contains(".part-"))
        };
        let mut ended = false;
        while !ended && !std::fs::read_dir(&out).unwrap().any(writes) {
            ended = child.try_wait().unwrap().is_some();
        }
        if !ended {
            std::thread::sleep(std::time::Duration::from_millis(round));
            let pid = child.id();
            let twice = format!("kill -INT {pid}; kill -INT {pid}");
            Command::new("sh").args(["-c", &twice]).status().unwrap();
        }
        let output = child.wait_with_output().unwrap();
        let told = stderr(&output);
        assert!(matches!(output.status.code(), Some(0 | 130)), "{told}");
        let left = bytes(&out);
        assert!(left == old || left == new, "round {round}: neither: {told}");
    }
}
