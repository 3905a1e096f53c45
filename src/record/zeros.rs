//! Counts by window as they are written: most are zero in most lists, and a run of n zeros is one number, −n.

use serde::de::Error as _;
use serde::ser::{Error as _, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// More windows than any run has; a file that says so is none of ours.
const MOST: usize = 1 << 20;

/// Writes the counts.
///
/// # Errors
/// Those of the serializer, and if a count is above 2⁶³.
pub fn serialize<T, S>(counts: &[T], s: S) -> Result<S::Ok, S::Error>
where
    T: Copy + Into<u64>,
    S: Serializer,
{
    let mut list = s.serialize_seq(None)?;
    for run in counts.chunk_by(|a, b| (*a).into() == 0 && (*b).into() == 0) {
        match *run {
            [count] => list.serialize_element(&count.into())?,
            _ => {
                let zeros = i64::try_from(run.len()).map_err(S::Error::custom)?;
                list.serialize_element(&-zeros)?;
            }
        }
    }
    list.end()
}

/// Reads them.
///
/// # Errors
/// If they are no such list.
pub fn deserialize<'de, T, D>(d: D) -> Result<Vec<T>, D::Error>
where
    T: Copy + Default + TryFrom<i64>,
    D: Deserializer<'de>,
{
    let mut counts = Vec::new();
    for number in Vec::<i64>::deserialize(d)? {
        match T::try_from(number) {
            Ok(count) => counts.push(count),
            Err(_) => {
                let zeros = usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
                let length = counts.len().saturating_add(zeros);
                if number > 0 || length > MOST {
                    return Err(D::Error::custom(format!("{number} is no count")));
                }
                counts.resize(length, T::default());
            }
        }
    }
    Ok(counts)
}

/// The same for a list of lists.
pub mod lists {
    use super::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Counts(#[serde(with = "super")] Vec<u64>);

    #[derive(Serialize)]
    #[serde(transparent)]
    struct Written<'a>(#[serde(serialize_with = "super::serialize")] &'a [u64]);

    /// Writes the lists.
    ///
    /// # Errors
    /// As for one of them.
    pub fn serialize<S: Serializer>(lists: &[Vec<u64>], s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(lists.iter().map(|list| Written(list)))
    }

    /// Reads them.
    ///
    /// # Errors
    /// As for one of them.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Vec<u64>>, D::Error> {
        let lists = Vec::<Counts>::deserialize(d)?;
        Ok(lists.into_iter().map(|Counts(list)| list).collect())
    }
}

#[cfg(test)]
mod tests {
    use crate::record::Windows;

    #[test]
    fn runs_of_zeros_are_one_number_and_come_back() {
        let windows = Windows {
            arrived: vec![0, 0, 0, 7, 0, 1, 1, 0, 0],
            good: vec![u32::MAX],
            open_ms: vec![vec![0; 1000], vec![], vec![1, 0]],
            ..Windows::default()
        };
        let text = serde_json::to_string(&windows).unwrap();
        assert!(text.contains(r#""arrived":[-3,7,0,1,1,-2],"#), "{text}");
        assert!(text.contains(r#""open_ms":[[-1000],[],[1,0]]"#), "{text}");
        assert_eq!(serde_json::from_str::<Windows>(&text).unwrap(), windows);
    }

    #[test]
    fn what_is_no_count_is_refused() {
        let wrong = |number: &str| {
            let text = serde_json::to_string(&Windows::default()).unwrap();
            let text = text.replacen("[]", &format!("[{number}]"), 1);
            serde_json::from_str::<Windows>(&text).is_err()
        };
        assert!(!wrong("4294967295"));
        assert!(wrong("4294967296") && wrong("-2000000") && wrong("1.5"));
    }
}
