//! Where files come from: the disk, or memory in tests and documents.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// A source of files.
pub trait Files {
    /// The bytes of a file, at most `limit` of them.
    ///
    /// # Errors
    /// Why it cannot be read, in half a sentence.
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, String>;
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
        let bytes = self.0.get(&plain(path)).ok_or("there is no such file")?;
        within(bytes.clone(), limit)
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
        io::ErrorKind::NotFound => "there is no such file".into(),
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
