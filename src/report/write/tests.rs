use super::*;
use crate::report::fixture;

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
    assert!(
        error.to_string().contains("file: cannot make the folder"),
        "{error}"
    );
    // A file where the report's folder should be stays as it is.
    fs::write(room.0.join("burst"), "mine").unwrap();
    assert!(write(&results, &room.0).is_err());
    assert_eq!(fs::read_to_string(room.0.join("burst")).unwrap(), "mine");
    assert_eq!(contents(&room.0).len(), 2);
}
