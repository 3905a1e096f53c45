use super::*;
use crate::base::Stop;
use crate::record::Results;
use crate::report::bundle::FILES;
use crate::report::fixture;

/// Draws and writes.
fn write(results: &Results, dir: &Path) -> io::Result<Vec<PathBuf>> {
    let stop = Stop::default();
    let bundle = Bundle::draw(results, &stop)?;
    let turn = Turn::wait(dir, &stop)?;
    super::write(&bundle.unwrap(), dir, &turn.unwrap())
}

/// A folder of its own for a test, removed at its end; kept in `SQUALL_GALLERY` if that is set.
struct Room(PathBuf);

impl Room {
    fn new(name: &str) -> Room {
        let path = std::env::temp_dir().join(format!("squall-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Room(path)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Every file below a folder with its bytes.
fn contents(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    let mut entries: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            all.extend(contents(&path));
        } else {
            all.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    all
}

#[test]
fn every_fixture_becomes_a_report() {
    let room = Room::new("gallery");
    let gallery = std::env::var_os("SQUALL_GALLERY").map(PathBuf::from);
    let dir = gallery.as_deref().unwrap_or(&room.0);
    for (name, results) in fixture::all() {
        let written = write(&results, dir).unwrap();
        assert!(written.iter().all(|path| path.is_file()), "{name}");
        assert!(written.len() > FILES.len(), "{name}");
    }
    let hidden = contents(dir)
        .iter()
        .filter(|(path, _)| path.to_string_lossy().contains("/."))
        .count();
    assert_eq!(hidden, 0);
}

#[test]
fn two_runs_leave_the_same_bytes_and_nothing_else() {
    let room = Room::new("twice");
    let results = fixture::burst();
    let written = write(&results, &room.0).unwrap();
    let first = contents(&room.0);
    write(&results, &room.0).unwrap();
    assert_eq!(first, contents(&room.0));
    assert_eq!(first.len(), written.len());
}

#[test]
fn a_stranger_in_the_folder_survives() {
    let room = Room::new("stranger");
    let mut results = fixture::outage();
    results.scenario = "burst".into();
    write(&results, &room.0).unwrap();
    let notes = room.0.join("burst/notes.txt");
    fs::write(&notes, "mine").unwrap();
    let written = write(&fixture::burst(), &room.0).unwrap();
    assert_eq!(fs::read_to_string(&notes).unwrap(), "mine");
    assert_eq!(
        contents(&room.0).len(),
        written.len() + 1,
        "stale charts are gone"
    );
}

#[test]
fn a_failure_leaves_the_older_report_and_says_where_and_why() {
    let room = Room::new("failure");
    let mut results = fixture::burst();
    results.scenario = "../outside".into();
    let error = write(&results, &room.0).unwrap_err();
    assert!(error.to_string().contains("`../outside`"), "{error}");
    let blocked = room.0.join("file");
    fs::write(&blocked, "in the way").unwrap();
    results.scenario = "burst".into();
    let error = write(&results, &blocked).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists, "{error}");
    // A file where the report's folder should be stays as it is.
    fs::write(room.0.join("burst"), "mine").unwrap();
    assert!(write(&results, &room.0).is_err());
    assert_eq!(fs::read_to_string(room.0.join("burst")).unwrap(), "mine");
    assert_eq!(contents(&room.0).len(), 2);
}

/// A report of `burst` with another content, and the bytes of the one that is to replace it.
fn older_report(room: &Room) -> (PathBuf, Vec<(PathBuf, Vec<u8>)>) {
    let results = fixture::burst();
    write(&results, &room.0).unwrap();
    let new = contents(&room.0);
    let mut older = fixture::outage();
    older.scenario.clone_from(&results.scenario);
    write(&older, &room.0).unwrap();
    assert_ne!(new, contents(&room.0));
    (room.0.join(&results.scenario), new)
}

#[test]
fn what_a_killed_run_left_is_removed() {
    let room = Room::new("killed");
    let (target, new) = older_report(&room);
    // Killed while writing, and while removing the report that was replaced.
    fs::create_dir_all(room.0.join(".burst.part-0/charts")).unwrap();
    fs::write(room.0.join(".burst.part-0/index.html"), "<ht").unwrap();
    fs::create_dir_all(room.0.join(".burst.part-3.old")).unwrap();
    fs::write(room.0.join(".burst.part-3.old/results.csv"), "a").unwrap();
    write(&fixture::burst(), &room.0).unwrap();
    assert!(target.is_dir());
    assert_eq!(names(&room.0).unwrap(), [("burst".to_string(), true)]);
    assert!(new == contents(&room.0));
}

#[test]
fn a_run_that_died_between_the_two_renames_is_made_good() {
    let room = Room::new("between");
    let (target, new) = older_report(&room);
    let old = contents(&room.0);
    let die = || {
        fs::create_dir(room.0.join(".burst.part-0")).unwrap();
        fs::rename(&target, room.0.join(".burst.part-0.old")).unwrap();
    };
    die();
    recover(&room.0, "burst", Owned(&[])).unwrap();
    assert!(old == contents(&room.0), "the older report is back");
    die();
    write(&fixture::burst(), &room.0).unwrap();
    assert!(new == contents(&room.0), "the newer report is there");
    assert_eq!(names(&room.0).unwrap().len(), 1);
}

#[test]
fn probes_of_killed_runs_are_removed_and_their_lookalikes_stay() {
    let room = Room::new("probes");
    for name in [".squall-probe-17", ".squall-probe-4000000"] {
        fs::write(room.0.join(name), "").unwrap();
    }
    fs::write(room.0.join(".squall-probe-18"), "mine").unwrap();
    for name in [".squall-probe-", ".squall-probe-1x"] {
        fs::write(room.0.join(name), "").unwrap();
    }
    fs::create_dir(room.0.join(".squall-probe-19")).unwrap();
    assert_eq!(probe(&room.0, &Stop::default()).unwrap(), Some(()));
    let mut left = names(&room.0).unwrap();
    left.sort();
    let expected = [
        (".squall-probe-", false),
        (".squall-probe-18", false),
        (".squall-probe-19", true),
        (".squall-probe-1x", false),
    ];
    assert_eq!(left, expected.map(|(name, dir)| (name.to_string(), dir)));
}

#[test]
fn what_only_looks_like_a_leftover_stays() {
    let room = Room::new("lookalike");
    let kept = [
        ".burst.part-0/notes.txt",
        ".burst.part-1.old/charts/holiday.png",
        ".burst.part-x/index.html",
        ".burst.part-/index.html",
        ".burst.part-2.older/index.html",
        ".other.part-0/index.html",
    ];
    for file in kept {
        let path = room.0.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "mine").unwrap();
    }
    fs::write(room.0.join(".burst.part-4"), "mine").unwrap();
    for _ in 0..2 {
        let written = write(&fixture::burst(), &room.0).unwrap();
        assert_eq!(contents(&room.0).len(), written.len() + kept.len() + 1);
    }
    assert!(kept.iter().all(|file| room.0.join(file).is_file()));
}

/// Writes any files as the report of a sweep or a tuning.
fn write_files(files: &[&str], dir: &Path) {
    let stop = Stop::default();
    let all = files
        .iter()
        .map(|name| (PathBuf::from(name), name.as_bytes().to_vec()));
    let bundle = Bundle {
        scenario: "it".into(),
        all: all.collect(),
    };
    let turn = Turn::wait(dir, &stop).unwrap().unwrap();
    super::write(&bundle, dir, &turn).unwrap();
}

/// The names of all files below the report.
fn left(room: &Room) -> Vec<String> {
    let at = room.0.join("it");
    let all = contents(&at).into_iter();
    all.map(|(path, _)| path.strip_prefix(&at).unwrap().display().to_string())
        .collect()
}

#[test]
fn a_second_sweep_or_tuning_replaces_the_first_as_a_whole() {
    let sweep = [
        "index.html",
        "sweep.json",
        "sweep.csv",
        "charts/amplification.png",
    ];
    let other = [
        "index.html",
        "sweep.json",
        "sweep.csv",
        "charts/success_ratio.png",
    ];
    let tuning = ["tuning.json", "summary.md", "policy.toml"];
    let more = [
        "tuning.json",
        "policy.toml",
        "not-known-before.svg",
        "charts/front.png",
    ];
    for (first, second) in [(&sweep[..], &other[..]), (&tuning, &more), (&more, &more)] {
        let room = Room::new("second");
        write_files(first, &room.0);
        // As a whole: the folder itself is another one.
        fs::create_dir(room.0.join("it/charts")).ok();
        let before = fs::metadata(room.0.join("it")).unwrap();
        write_files(second, &room.0);
        let mut expected: Vec<&str> = second.to_vec();
        expected.sort_by_key(|name| (Path::new(name).components().count() < 2, *name));
        let mut found = left(&room);
        found.sort_by_key(|name| (Path::new(name).components().count() < 2, name.clone()));
        assert_eq!(found, expected);
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let after = fs::metadata(room.0.join("it")).unwrap();
            assert_ne!(before.ino(), after.ino());
        }
        assert_eq!(names(&room.0).unwrap().len(), 1);
    }
}

#[test]
fn beside_a_stranger_a_second_sweep_removes_the_charts_of_the_first() {
    let room = Room::new("second-stranger");
    write_files(&["sweep.json", "charts/amplification.png"], &room.0);
    fs::write(room.0.join("it/charts/holiday.png"), "mine").unwrap();
    write_files(&["sweep.json", "charts/success_ratio.png"], &room.0);
    assert_eq!(
        left(&room),
        [
            "charts/holiday.png",
            "charts/success_ratio.png",
            "sweep.json"
        ]
    );
}
