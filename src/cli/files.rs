//! Files that a command writes: beside their place first, then put there, and never over another.

use std::io;
use std::path::{Path, PathBuf};

/// Writes files, and says so; or why not.
pub(super) fn write_new(files: &[(PathBuf, String)]) -> Result<String, String> {
    for (path, _) in files {
        if path.exists() {
            return Err(format!(
                "error: {} is there already: nothing written\n  \
                 = help: name another file with --out, or remove it first\n",
                path.display()
            ));
        }
    }
    let wrong = |path: &Path, why: io::Error| {
        format!("error: {} cannot be written: {why}\n", path.display())
    };
    let part = |path: &Path| {
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        PathBuf::from(name)
    };
    let told = put(files, &part).map_err(|(path, why)| wrong(path, why));
    if told.is_err() {
        // What was begun is ours; what cannot be removed either is no worse than it was.
        for (path, _) in files {
            let _ = std::fs::remove_file(part(path));
        }
    }
    told
}

/// Writes all, then puts each in its place; which could not be, and why.
fn put<'f>(
    files: &'f [(PathBuf, String)],
    part: &dyn Fn(&Path) -> PathBuf,
) -> Result<String, (&'f Path, io::Error)> {
    for (path, text) in files {
        std::fs::write(part(path), text).map_err(|why| (path.as_path(), why))?;
    }
    let mut told = String::new();
    for (path, _) in files {
        std::fs::rename(part(path), path).map_err(|why| (path.as_path(), why))?;
        told.push_str(&format!("written to {}\n", path.display()));
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_written_leaves_nothing_behind() {
        let dir = std::env::temp_dir().join(format!("squall-files-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let files = ["first", "missing/second"].map(|name| (dir.join(name), "text".to_owned()));
        let told = write_new(&files).unwrap_err();
        assert!(told.contains("second cannot be written"), "{told}");
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 0);
        let told = write_new(&files[..1]).unwrap();
        assert!(told.starts_with("written to "), "{told}");
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
