//! The runs of a tuning on disk, so that one that was interrupted goes on where it stopped.
//!
//! A line of JSON for each run, `[key, run]`. The key holds the hash of the scenario with its policies, the
//! seed, the stage and the replication, so a run is found again only where it would be flown again. A
//! line that was cut off, or that another version wrote, is not found. Nothing is ever read from it but
//! what would come out anyway.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::experiment::tune::Journal;
use crate::record::{MODEL_VERSION, Replication, SCHEMA_VERSION};

/// A journal on disk.
pub(super) struct OnDisk {
    path: PathBuf,
    known: BTreeMap<String, Replication>,
    new: Mutex<BufWriter<File>>,
}

impl OnDisk {
    /// Opens the journal of a tuning, or begins one.
    pub(super) fn open(dir: &Path, name: &str) -> io::Result<OnDisk> {
        let path = dir.join(format!(".{name}@tuned.journal"));
        let head = format!(
            "squall {} {SCHEMA_VERSION} {MODEL_VERSION}",
            env!("CARGO_PKG_VERSION")
        );
        let known = read(&path, &head);
        let file = match known.is_empty() {
            true => File::create(&path)?,
            false => OpenOptions::new().append(true).open(&path)?,
        };
        let mut new = BufWriter::new(file);
        // After a line that was cut off a fresh one begins.
        writeln!(new, "{}", if known.is_empty() { head.as_str() } else { "" })?;
        Ok(OnDisk {
            path,
            known,
            new: Mutex::new(new),
        })
    }

    /// How many runs it holds from before.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// What is kept reaches the disk.
    pub(super) fn flush(&self) {
        if let Ok(mut new) = self.new.lock() {
            // What does not reach the disk is flown again.
            let _ = new.flush();
        }
    }

    /// Removes it: the tuning is done.
    pub(super) fn remove(self) {
        let OnDisk { path, new, .. } = self;
        drop(new);
        let _ = fs::remove_file(path);
    }
}

/// The runs of a journal that begins with the right line.
fn read(path: &Path, head: &str) -> BTreeMap<String, Replication> {
    let Ok(file) = File::open(path) else {
        return BTreeMap::new();
    };
    let mut lines = BufReader::new(file).lines().map_while(Result::ok);
    if lines.next().as_deref() != Some(head) {
        return BTreeMap::new();
    }
    let run = |line: String| serde_json::from_str::<(String, Replication)>(&line).ok();
    lines.filter_map(run).collect()
}

impl Journal for OnDisk {
    fn recall(&self, key: &str) -> Option<Replication> {
        self.known.get(key).cloned()
    }

    fn keep(&self, key: &str, run: &Replication) {
        let (Ok(line), Ok(mut new)) = (serde_json::to_string(&(key, run)), self.new.lock()) else {
            return;
        };
        let _ = writeln!(new, "{line}");
    }
}
