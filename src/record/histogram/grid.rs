//! The grid that recorded values lie on, and lists of counts as they are written.
//!
//! It is that of an HDR histogram of three significant digits (Tene, hdrhistogram.org): exact below 2048, then
//! 1024 buckets for each doubling. A bucket stands for its highest value.

use serde::ser::{Error as _, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::Sparse;

/// Values below it have a bucket each.
const EXACT: u64 = 2048;
/// Buckets of one doubling.
const HALF: u64 = EXACT / 2;

/// The number of the bucket that a value lies in.
pub fn bucket(value: u64) -> u64 {
    let doublings = u64::from((value | (EXACT - 1)).ilog2() - (EXACT - 1).ilog2());
    doublings * HALF + (value >> doublings)
}

/// The highest value of a bucket; None: there is no such bucket.
pub fn highest(bucket: u64) -> Option<u64> {
    let doublings = (bucket / HALF).saturating_sub(1);
    let shift = u32::try_from(doublings).ok().filter(|&n| n < 54)?;
    let first = (bucket - doublings * HALF) << shift;
    Some(first + ((1 << shift) - 1))
}

/// One flat list of whole numbers: a positive one, how many buckets on from the last the next lies that
/// holds something, from before the first; a negative one after it, how many more than one it holds. So
/// 60 values that all differ take 60 small numbers.
impl Serialize for Sparse {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut list = s.serialize_seq(None)?;
        let mut next = 0;
        for &(value, count) in &self.counts {
            let at = bucket(value);
            if highest(at) != Some(value) || at < next || count == 0 {
                return Err(S::Error::custom("a histogram of values off its grid"));
            }
            list.serialize_element(&(at - next + 1))?;
            next = at + 1;
            if count > 1 {
                let more = i64::try_from(count - 1).map_err(S::Error::custom)?;
                list.serialize_element(&-more)?;
            }
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Sparse {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Sparse, D::Error> {
        let mut counts: Vec<(u64, u64)> = Vec::new();
        let mut next = 0_u64;
        for number in Vec::<i64>::deserialize(d)? {
            let wrong = || D::Error::custom(format!("a histogram cannot go on with {number}"));
            match u64::try_from(number) {
                Ok(step) => {
                    next = next.checked_add(step).ok_or_else(wrong)?;
                    let at = next.checked_sub(1).filter(|_| step > 0);
                    counts.push((at.and_then(highest).ok_or_else(wrong)?, 1));
                }
                Err(_) => match counts.last_mut() {
                    Some((_, count)) if *count == 1 => *count += number.unsigned_abs(),
                    _ => return Err(wrong()),
                },
            }
        }
        Ok(Sparse { counts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_is_that_of_the_histograms_that_are_recorded() {
        let mut recorder = hdrhistogram::Histogram::<u64>::new_with_bounds(1, 1 << 45, 3).unwrap();
        let near = |power: u32| (-3_i64..=3).map(move |by| (1_i64 << power) + by);
        let mut values: Vec<u64> = (2..45).flat_map(near).map(|v| v as u64).collect();
        values.extend((0..5000).map(|i: u64| 1 + i * i * i));
        for &value in &values {
            recorder.record(value).unwrap();
            let equal = recorder.highest_equivalent(value);
            assert_eq!(highest(bucket(value)), Some(equal), "{value}");
        }
        assert_eq!((highest(0), bucket(0)), (Some(0), 0));
        assert_eq!(highest(bucket(u64::MAX)), Some(u64::MAX));
        assert_eq!(highest(bucket(u64::MAX) + 1), None);
    }

    #[test]
    fn a_histogram_is_written_in_steps_and_read_back_the_same() {
        let list = Sparse {
            counts: vec![(0, 1), (1, 3), (2047, 1), (2049, 9), (u64::MAX, 2)],
        };
        let text = serde_json::to_string(&list).unwrap();
        assert_eq!(text, "[1,1,-2,2046,1,-8,54271,-1]");
        assert_eq!(serde_json::from_str::<Sparse>(&text).unwrap(), list);
        assert_eq!(
            serde_json::to_string(&Sparse::default()).unwrap(),
            String::from("[]")
        );
    }

    #[test]
    fn what_is_no_histogram_is_refused() {
        let read = |text: &str| serde_json::from_str::<Sparse>(text);
        for wrong in ["[-1]", "[0]", "[1,-1,-1]", "[1,0]", "[9223372036854775807]"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let off = |counts| serde_json::to_string(&Sparse { counts }).is_err();
        assert!(off(vec![(2048, 1)]) && off(vec![(5, 1), (4, 1)]) && off(vec![(5, 0)]));
    }
}
