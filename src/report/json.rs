//! `results.json`: everything, as it was recorded.

use std::io;

use serde::Deserialize;

use crate::record::{Results, SCHEMA_VERSION};

/// The results as compact JSON and a line feed.
///
/// # Errors
/// If they cannot be written as JSON.
pub fn json(results: &Results) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(results).map_err(io::Error::other)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Results from the bytes of a `results.json` of this version's shape.
///
/// # Errors
/// What is wrong with them, in a sentence: no JSON, cut off, of another shape or version.
pub fn read_json(bytes: &[u8]) -> Result<Results, String> {
    let head: Head = serde_json::from_slice(bytes).map_err(|e| wrong(&e))?;
    let by = head
        .squall_version
        .unwrap_or_else(|| "of unknown version".into());
    match head.schema_version {
        None => return Err("it is JSON, but no results of Squall: no `schema_version`".into()),
        Some(schema) if schema != SCHEMA_VERSION => {
            return Err(format!(
                "it was written by squall {by} with schema version {schema}, and this one reads \
                 {SCHEMA_VERSION}: run the earlier scenario again with this squall"
            ));
        }
        Some(_) => {}
    }
    serde_json::from_slice(bytes).map_err(|e| wrong(&e))
}

/// What says how to read the rest.
#[derive(Deserialize)]
struct Head {
    schema_version: Option<u32>,
    squall_version: Option<String>,
}

fn wrong(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    match error.classify() {
        Category::Eof => format!("it ends in the middle; was it cut off? ({error})"),
        Category::Syntax | Category::Io => format!("it is no JSON: {error}"),
        Category::Data => format!("it is JSON, but no results of Squall: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn what_is_written_reads_back_the_same_to_the_last_bit() {
        for (name, results) in fixture::all() {
            let bytes = json(&results).unwrap();
            let back = read_json(&bytes).unwrap();
            assert_eq!(back, results, "{name}");
            assert_eq!(bytes.iter().filter(|&&b| b == b'\n').count(), 1);
        }
    }

    #[test]
    fn what_is_not_whole_or_not_ours_says_so() {
        let bytes = json(&fixture::outage()).unwrap();
        for cut in [0, 1, bytes.len() / 2, bytes.len() - 3] {
            let said = read_json(&bytes[..cut]).unwrap_err();
            assert!(said.contains("cut off"), "{cut}: {said}");
        }
        let mut flipped = bytes.clone();
        flipped[0] = b'}';
        assert!(
            read_json(&flipped)
                .unwrap_err()
                .starts_with("it is no JSON")
        );
        assert!(
            read_json(b"{}")
                .unwrap_err()
                .contains("no `schema_version`")
        );
        assert!(
            read_json(b"[1]")
                .unwrap_err()
                .contains("no results of Squall")
        );
        let text = String::from_utf8(bytes).unwrap();
        let ours = format!("\"schema_version\":{SCHEMA_VERSION}");
        let older = text.replacen(&ours, "\"schema_version\":4", 1);
        assert!(
            read_json(older.as_bytes())
                .unwrap_err()
                .contains("schema version 4")
        );
        let bent = text.replacen("\"seed\":1", "\"seed\":\"one\"", 1);
        assert!(
            read_json(bent.as_bytes())
                .unwrap_err()
                .contains("no results of Squall")
        );
    }
}
