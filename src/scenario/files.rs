//! Where files come from: the disk, or memory in tests and documents.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::nearest::nearest;

/// In a directory with more names than these none is looked for.
const MAX_NAMES: usize = 10_000;

/// A source of files.
pub trait Files {
    /// The bytes of a file, at most `limit` of them.
    ///
    /// # Errors
    /// Why it cannot be read, in half a sentence.
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, String>;

    /// The names of what lies in a directory, to find the one that was meant; none if it cannot be
    /// listed.
    fn names(&self, dir: &Path) -> Vec<String>;
}

/// What is said of a path that leads nowhere.
const NO_FILE: &str = "there is no such file";

/// The file beside a missing one whose name is nearest to what was written.
pub(super) fn nearest_file(files: &dyn Files, path: &Path, why: &str) -> Option<PathBuf> {
    let wrong = path.file_name().filter(|_| why == NO_FILE)?.to_str()?;
    let names = files.names(path.parent().unwrap_or(Path::new("")));
    let near = nearest(wrong, names.iter().map(String::as_str))?;
    Some(path.with_file_name(near))
}

/// Files on disk.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, String> {
        let read = || {
            let mut bytes = Vec::new();
            // One byte more than allowed tells too large from just large enough, and a device
            // without an end cannot fill the memory.
            let file = std::fs::File::open(path)?;
            file.take(limit + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().map_err(|e| why(&e))?;
        within(bytes, limit)
    }

    fn names(&self, dir: &Path) -> Vec<String> {
        let dir = match dir.as_os_str().is_empty() {
            true => Path::new("."),
            false => dir,
        };
        let entries = std::fs::read_dir(dir).into_iter().flatten();
        let name =
            |entry: io::Result<std::fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
        let mut names: Vec<String> = entries.take(MAX_NAMES).filter_map(name).collect();
        // The system lists them in any order; of two equally near names it is always the same.
        names.sort();
        names
    }
}

/// Files in memory, by path.
#[derive(Clone, Debug, Default)]
pub struct Memory(pub BTreeMap<PathBuf, Vec<u8>>);

impl Memory {
    /// With one more file.
    #[must_use]
    pub fn with(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Memory {
        self.0.insert(plain(Path::new(path)), bytes.into());
        self
    }
}

impl Files for Memory {
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, String> {
        let bytes = self.0.get(&plain(path)).ok_or(NO_FILE)?;
        within(bytes.clone(), limit)
    }

    fn names(&self, dir: &Path) -> Vec<String> {
        let dir = plain(dir);
        let here = self.0.keys().filter(|path| path.parent() == Some(&*dir));
        let name = |path: &PathBuf| path.file_name()?.to_str().map(String::from);
        here.filter_map(name).collect()
    }
}

fn within(bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>, String> {
    if bytes.len() as u64 > limit {
        return Err(format!("it is larger than {} MiB", limit >> 20));
    }
    Ok(bytes)
}

fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => NO_FILE.into(),
        io::ErrorKind::PermissionDenied => "it may not be read".into(),
        io::ErrorKind::IsADirectory => "it is a directory".into(),
        _ => error.to_string(),
    }
}

/// A path without `.` and, where it can be told, without `..`: one file, one path.
pub fn plain(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(result.components().next_back(), Some(Component::Normal(_))) =>
            {
                result.pop();
            }
            other => result.push(other),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_has_one_path() {
        for (written, plainly) in [("a/./b", "a/b"), ("a/../b", "b"), ("../a/b/..", "../a")] {
            assert_eq!(plain(Path::new(written)), Path::new(plainly));
        }
    }

    #[test]
    fn a_file_without_an_end_is_too_large() {
        let wrong = Disk.read(Path::new("/dev/zero"), 1 << 20).unwrap_err();
        assert_eq!(wrong, "it is larger than 1 MiB");
    }
}
