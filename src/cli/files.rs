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
    for (path, text) in files {
        std::fs::write(part(path), text).map_err(|why| wrong(path, why))?;
    }
    let mut told = String::new();
    for (path, _) in files {
        std::fs::rename(part(path), path).map_err(|why| wrong(path, why))?;
        told.push_str(&format!("written to {}\n", path.display()));
    }
    Ok(told)
}
