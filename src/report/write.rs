//! Writing a report so that it is there as a whole or not at all.
//!
//! Everything is written into a hidden folder beside the place it belongs and renamed into it. A
//! folder that holds anything we do not write is never replaced or removed: only our files in it
//! are. A process may be killed at any point: the next one that writes the same report puts the
//! older one back if that was out of its place, and removes what is left over.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::bundle::{Bundle, CHART_DIR};
use super::owned::{Owned, RECORDS};
use super::turn::Turn;
use crate::base::Stop;

/// Writes the files of a report into `dir/<scenario>/` and returns their paths. An older report there
/// is replaced; on failure it is still there and nothing else is. `turn` is one at `dir`.
///
/// # Errors
/// With the path and the cause, if anything cannot be made, written or put in place.
pub fn write(bundle: &Bundle, dir: &Path, turn: &Turn) -> io::Result<Vec<PathBuf>> {
    let name = plain_name(&bundle.scenario)?;
    let files = &bundle.all;
    let owned = Owned(files);
    let target = dir.join(name);
    if turn.is_alone() {
        recover(dir, name, owned)?;
    }
    let part = Part::new(dir, name)?;
    let charts = part.path.join(CHART_DIR);
    if files.iter().any(|(file, _)| file.starts_with(CHART_DIR)) {
        fs::create_dir(&charts).map_err(|e| at(&charts, "cannot make the folder", &e))?;
    }
    for (file, bytes) in files {
        let path = part.path.join(file);
        fs::write(&path, bytes).map_err(|e| at(&path, "cannot write", &e))?;
    }
    match fs::symlink_metadata(&target) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => rename(&part.path, &target)?,
        Err(e) => return Err(at(&target, "cannot look at", &e)),
        Ok(meta) if meta.is_dir() && only_ours(&target, owned)? => {
            swap(&part.path, &target, owned)?;
        }
        Ok(_) => fill(&part.path, &target, owned)?,
    }
    Ok(files.iter().map(|(file, _)| target.join(file)).collect())
}

/// Tries whether reports can be written into a folder, before the runs and not after them. What a
/// process that was killed while it tried has left is removed. None if it was told to stop while
/// another process wrote there.
///
/// # Errors
/// The cause, if the folder cannot be made or written into.
pub fn probe(dir: &Path, stop: &Stop) -> io::Result<Option<()>> {
    let Some(turn) = Turn::wait(dir, stop)? else {
        return Ok(None);
    };
    if turn.is_alone() {
        // Everybody tries in turn, so no probe is in use. What cannot be removed is no reason not
        // to run: whether the folder can be written into is seen below.
        let _ = remove_probes(dir);
    }
    let probe = dir.join(format!("{PROBE}{}", std::process::id()));
    fs::write(&probe, b"")?;
    fs::remove_file(&probe).map(Some)
}

/// What a probe is called, before the number of its process.
const PROBE: &str = ".squall-probe-";

/// Removes empty files with the names of probes; whatever else has such a name is not ours.
fn remove_probes(dir: &Path) -> io::Result<()> {
    for (name, _) in names(dir)? {
        let number = name.strip_prefix(PROBE).unwrap_or_default();
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let path = dir.join(&name);
        if !is_number {
            continue;
        }
        // Not through a link: it would be somebody else's.
        let meta = fs::symlink_metadata(&path)?;
        if meta.is_file() && meta.len() == 0 {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// The scenario's name as the name of a folder, if it is one and no path.
fn plain_name(name: &str) -> io::Result<&str> {
    let mut parts = Path::new(name).components();
    match (parts.next(), parts.next()) {
        (Some(std::path::Component::Normal(only)), None) if only == name => Ok(name),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("the scenario's name `{name}` cannot be the name of a folder"),
        )),
    }
}

/// Ends what a process that died has begun: an older report without a newer one in its place comes
/// back, everything else that is left over is removed. What we would not have made is not touched.
fn recover(dir: &Path, name: &str, owned: Owned<'_>) -> io::Result<()> {
    let target = dir.join(name);
    for (path, is_old) in leftovers(dir, name, owned)? {
        let missing = fs::symlink_metadata(&target).is_err();
        if is_old && missing && is_whole(&path) {
            rename(&path, &target)?;
        } else {
            remove(&path, owned)
                .map_err(|e| at(&path, "cannot remove an unfinished report", &e))?;
        }
    }
    Ok(())
}

/// Folders with the names we give to unfinished reports and nothing in them that is not ours, the
/// latest first, and whether each is an older report that was to be replaced.
fn leftovers(dir: &Path, name: &str, owned: Owned<'_>) -> io::Result<Vec<(PathBuf, bool)>> {
    let prefix = format!(".{name}.part-");
    let mut found = Vec::new();
    for (entry, is_dir) in names(dir)? {
        let Some(rest) = entry.strip_prefix(&prefix) else {
            continue;
        };
        let number = rest.strip_suffix(".old");
        let digits = number.unwrap_or(rest);
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let path = dir.join(&entry);
        if is_dir && is_number && nothing_else(&path, owned)? {
            let rank = digits.parse::<u64>().unwrap_or(u64::MAX);
            found.push((rank, path, number.is_some()));
        }
    }
    found.sort_by(|a, b| b.cmp(a));
    let found = found.into_iter();
    Ok(found.map(|(_, path, is_old)| (path, is_old)).collect())
}

/// A folder in the making; removed, with what we wrote into it, unless it was renamed away.
struct Part {
    path: PathBuf,
}

impl Part {
    fn new(dir: &Path, name: &str) -> io::Result<Part> {
        // Where turns cannot be taken, two runs may write at a time; each takes the first free
        // number. A stranger may hold one, too.
        for number in 0..1000 {
            let path = dir.join(format!(".{name}.part-{number}"));
            if fs::symlink_metadata(older(&path)).is_ok() {
                continue;
            }
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Part { path }),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(at(&path, "cannot make the folder", &e)),
            }
        }
        let path = dir.join(format!(".{name}.part-*"));
        let cause = io::Error::from(io::ErrorKind::AlreadyExists);
        Err(at(&path, "too many unfinished reports", &cause))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // It is ours from its first byte. After a rename there is nothing left to remove.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Where the older report goes while a new one takes its place.
fn older(part: &Path) -> PathBuf {
    let mut name = part.as_os_str().to_owned();
    name.push(".old");
    PathBuf::from(name)
}

/// Whether a folder holds the record of a report: it is written and renamed with all the rest, and removed first.
fn is_whole(dir: &Path) -> bool {
    RECORDS.iter().any(|file| dir.join(file).is_file())
}

/// Whether a folder holds a report and nothing else.
fn only_ours(dir: &Path, owned: Owned<'_>) -> io::Result<bool> {
    Ok(is_whole(dir) && nothing_else(dir, owned)?)
}

/// Whether a folder holds nothing but files of a report, all or some of them.
fn nothing_else(dir: &Path, owned: Owned<'_>) -> io::Result<bool> {
    let ours_here = |(name, is_dir): &(String, bool)| match is_dir {
        true => name == CHART_DIR,
        false => owned.is_file(name),
    };
    if !names(dir)?.iter().all(ours_here) {
        return Ok(false);
    }
    let charts = dir.join(CHART_DIR);
    if !charts.is_dir() {
        return Ok(true);
    }
    let charts = names(&charts)?;
    Ok(charts
        .iter()
        .all(|(name, is_dir)| !is_dir && owned.is_chart(name)))
}

/// The files of reports in a folder, those of records first.
fn ours(dir: &Path, owned: Owned<'_>) -> io::Result<Vec<PathBuf>> {
    let files = names(dir)?.into_iter();
    let files = files.filter(|(name, is_dir)| !is_dir && owned.is_file(name));
    let mut all: Vec<PathBuf> = files.map(|(name, _)| PathBuf::from(name)).collect();
    all.sort_by_key(|file| !RECORDS.iter().any(|record| Path::new(record) == file));
    let charts = dir.join(CHART_DIR);
    if charts.is_dir() {
        let charts = names(&charts)?.into_iter();
        let charts = charts.filter(|(name, is_dir)| !is_dir && owned.is_chart(name));
        all.extend(charts.map(|(name, _)| Path::new(CHART_DIR).join(name)));
    }
    Ok(all)
}

/// The names in a folder, and whether each is a folder itself and not a link to one.
fn names(dir: &Path) -> io::Result<Vec<(String, bool)>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(|e| at(dir, "cannot list", &e))? {
        let entry = entry.map_err(|e| at(dir, "cannot list", &e))?;
        let kind = entry
            .file_type()
            .map_err(|e| at(&entry.path(), "cannot look at", &e))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        names.push((name, kind.is_dir()));
    }
    Ok(names)
}

/// Puts the new folder where the old one is; the old one comes back if that fails.
fn swap(part: &Path, target: &Path, owned: Owned<'_>) -> io::Result<()> {
    let old = older(part);
    rename(target, &old)?;
    if let Err(e) = rename(part, target) {
        // Nothing more can be done if even the way back is closed; the cause is what matters.
        let _ = fs::rename(&old, target);
        return Err(e);
    }
    remove(&old, owned).map_err(|e| at(&old, "cannot remove the older report", &e))
}

/// Removes a report file by file; a folder into which somebody put another file meanwhile stays.
fn remove(report: &Path, owned: Owned<'_>) -> io::Result<()> {
    for file in ours(report, owned)? {
        fs::remove_file(report.join(file))?;
    }
    let charts = report.join(CHART_DIR);
    if charts.exists() {
        fs::remove_dir(&charts)?;
    }
    fs::remove_dir(report)
}

/// Puts our files into a folder that holds others too, one rename each, and removes those of an
/// older report that this one does not have.
fn fill(part: &Path, target: &Path, owned: Owned<'_>) -> io::Result<()> {
    let charts = target.join(CHART_DIR);
    if part.join(CHART_DIR).is_dir() {
        fs::create_dir_all(&charts).map_err(|e| at(&charts, "cannot make the folder", &e))?;
    }
    for (file, _) in owned.0 {
        rename(&part.join(file), &target.join(file))?;
    }
    for file in ours(target, owned)?.iter().filter(|file| !owned.has(file)) {
        let stale = target.join(file);
        fs::remove_file(&stale).map_err(|e| at(&stale, "cannot remove", &e))?;
    }
    Ok(())
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to).map_err(|e| at(to, "cannot put in place", &e))
}

/// An error that says where and why.
fn at(path: &Path, what: &str, cause: &io::Error) -> io::Error {
    io::Error::new(cause.kind(), format!("{}: {what}: {cause}", path.display()))
}

#[cfg(test)]
mod tests;
