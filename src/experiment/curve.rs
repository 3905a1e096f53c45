//! Points of the distribution of the time to a good answer, for a chart on a scale of nines.

use super::estimate::percentile::{LEAST_BEYOND, Pooled};
use crate::record::replication::Times;
use crate::record::results::CurvePoint;

/// Points per tenfold of 1 − p.
const STEPS: u32 = 20;
/// The percentiles people name, which the curve must pass through.
const NAMED: [f64; 10] = [
    0.0, 0.5, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999,
];

/// The curve, from the shortest call to the last percentile with ten calls beyond it; empty where
/// nothing was recorded.
pub fn curve(parts: &[&Times]) -> Vec<CurvePoint> {
    let pooled = Pooled::new(parts);
    let mut shares: Vec<f64> = (1..10 * STEPS)
        .map(|i| 1.0 - libm::pow(10.0, -f64::from(i) / f64::from(STEPS)))
        // One that is a named percentile but for rounding would be drawn twice.
        .filter(|p| NAMED.iter().all(|named| (named - p).abs() > 1e-12))
        .chain(NAMED)
        .collect();
    shares.sort_by(f64::total_cmp);
    let kept = shares
        .into_iter()
        .take_while(|&p| pooled.beyond(p) >= LEAST_BEYOND);
    kept.filter_map(|p| {
        let ms = pooled.quantile(p)?;
        Some(CurvePoint { p, ms })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Sparse;

    #[test]
    fn the_curve_rises_through_the_named_percentiles_and_stops_where_luck_begins() {
        let part = Times {
            n: 100_000,
            max_ns: 100_000_000,
            histogram: Sparse {
                counts: (1..=100_000).map(|us| (us, 1)).collect(),
            },
            ..Times::default()
        };
        let points = curve(&[&part]);
        assert!(
            points
                .windows(2)
                .all(|w| w[0].p < w[1].p && w[0].ms <= w[1].ms)
        );
        for (p, ms) in [(0.0, 0.001), (0.5, 50.0), (0.99, 99.0), (0.9999, 99.99)] {
            assert!(points.contains(&CurvePoint { p, ms }), "{p}");
        }
        assert_eq!(points.last().unwrap().p, 0.9999);
        assert!(points.len() > 70);
        assert_eq!(curve(&[&Times::default()]), []);
    }
}
