//! The incidents that faults replay, read from their files.

use std::path::Path;
use std::sync::Arc;

use super::files::{Files, nearest_file};
use super::report::{Diagnostic, Report};
use super::typing::Typed;
use crate::fault;
use crate::fault::schedule::{Config as Schedule, replay};

/// A provider's history of ten years has some thousand lines.
const MAX_BYTES: u64 = 16 << 20;

/// The keys of the file's path.
const KEYS: [&str; 3] = ["schedule", "replay", "file"];

/// Reads the file of every fault that replays one; their bytes, for the hash.
pub(super) fn load(
    files: &dyn Files,
    root: &Path,
    faults: &mut [Typed<fault::Config>],
    report: &mut Report,
) -> Vec<u8> {
    let mut all = Vec::new();
    for fault in faults {
        let knows = fault.knows(&KEYS.join("."));
        let Some(Schedule::Replay(config)) = fault.value.as_mut().map(|f| &mut f.schedule) else {
            continue;
        };
        if !knows {
            continue;
        }
        let path = root.join(&config.file);
        let name = path.display().to_string();
        let at = fault.unit.node.find(&KEYS.map(String::from));
        let span = at.map_or(fault.unit.node.span, |node| node.span);
        let bytes = match files.read(&path, MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(why) => {
                let title = format!("cannot read the incidents `{name}`");
                let near = nearest_file(files, &path, &why);
                let mistake = Diagnostic::error(span, title, why).missing(near);
                fault.unit.push(&KEYS, mistake, report);
                continue;
            }
        };
        match replay::parse(&String::from_utf8_lossy(&bytes)) {
            Ok(incidents) => config.incidents = Arc::new(incidents),
            Err((line, why)) => {
                let title = format!("line {line} of `{name}` cannot be used");
                let header = replay::HEADER;
                let help = format!(
                    "incidents are a CSV file with the header {header}, sorted by time; \
                     impact: a share such as 0.1, or none, minor, major, critical"
                );
                let mistake = fault.unit.mistake(&KEYS, title, why, report).help(help);
                fault.unit.push(&KEYS, mistake, report);
            }
        }
        all.extend(bytes);
    }
    all
}
