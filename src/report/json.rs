//! `results.json`: everything, as it was recorded.

use std::io;

use crate::record::Results;

/// The results as compact JSON and a line feed.
///
/// # Errors
/// If they cannot be written as JSON.
pub fn json(results: &Results) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(results).map_err(io::Error::other)?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn what_is_written_reads_back_the_same_to_the_last_bit() {
        for (name, results) in fixture::all() {
            let bytes = json(&results).unwrap();
            let back: Results = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(back, results, "{name}");
            assert_eq!(bytes.iter().filter(|&&b| b == b'\n').count(), 1);
        }
    }
}
