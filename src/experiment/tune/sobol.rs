//! Sobol points: a design that fills a cube evenly however many of its points are taken.
//!
//! Direction numbers of S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better
//! two-dimensional projections", SIAM J. Sci. Comput. 30 (2008), the first 21 dimensions; points in
//! the order of I. M. Antonov and V. M. Saleev (Gray code). A digital shift by lots makes designs of
//! two seeds differ and keeps every property of the net.

use super::lots::Lots;

/// The most dimensions.
pub const MOST: usize = DIRECTIONS.len() + 1;

/// From the second dimension on: degree and inner coefficients of the primitive polynomial, and the
/// first direction integers.
const DIRECTIONS: [(u32, u32, &[u32]); 20] = [
    (1, 0, &[1]),
    (2, 1, &[1, 3]),
    (3, 1, &[1, 3, 1]),
    (3, 2, &[1, 1, 1]),
    (4, 1, &[1, 1, 3, 3]),
    (4, 4, &[1, 3, 5, 13]),
    (5, 2, &[1, 1, 5, 5, 17]),
    (5, 4, &[1, 1, 5, 5, 5]),
    (5, 7, &[1, 1, 7, 11, 19]),
    (5, 11, &[1, 1, 5, 1, 1]),
    (5, 13, &[1, 1, 1, 3, 11]),
    (5, 14, &[1, 3, 5, 5, 31]),
    (6, 1, &[1, 3, 3, 9, 7, 49]),
    (6, 13, &[1, 1, 1, 15, 21, 21]),
    (6, 16, &[1, 3, 1, 13, 27, 49]),
    (6, 19, &[1, 1, 1, 15, 7, 5]),
    (6, 22, &[1, 3, 1, 15, 13, 25]),
    (6, 25, &[1, 1, 5, 5, 19, 61]),
    (7, 1, &[1, 3, 7, 11, 23, 15, 103]),
    (7, 4, &[1, 3, 7, 13, 13, 15, 69]),
];

/// A sequence of points in the open unit cube.
#[derive(Clone, Debug)]
pub struct Sobol {
    directions: Vec<[u32; 32]>,
    state: Vec<u32>,
    shift: Vec<u32>,
    next: u32,
}

impl Sobol {
    /// A sequence in so many dimensions, shifted by lots.
    ///
    /// # Panics
    /// With more than [`MOST`] dimensions.
    pub fn new(dimensions: usize, lots: &mut Lots) -> Sobol {
        let shift = (0..dimensions)
            .map(|_| (lots.word() >> 32) as u32)
            .collect();
        Sobol {
            shift,
            ..Sobol::plain(dimensions)
        }
    }

    fn plain(dimensions: usize) -> Sobol {
        assert!(dimensions <= MOST, "{dimensions} dimensions");
        Sobol {
            directions: (0..dimensions).map(directions).collect(),
            state: vec![0; dimensions],
            shift: vec![0; dimensions],
            next: 0,
        }
    }
}

impl Iterator for Sobol {
    type Item = Vec<f64>;

    fn next(&mut self) -> Option<Vec<f64>> {
        let unit = |(x, shift): (&u32, &u32)| (f64::from(x ^ shift) + 0.5) / 4_294_967_296.0;
        let point = self.state.iter().zip(&self.shift).map(unit).collect();
        let bit = self.next.trailing_ones() as usize;
        for (x, directions) in self.state.iter_mut().zip(&self.directions) {
            *x ^= directions.get(bit)?;
        }
        self.next = self.next.checked_add(1)?;
        Some(point)
    }
}

/// The 32 direction numbers of a dimension.
fn directions(dimension: usize) -> [u32; 32] {
    let mut v = [0u32; 32];
    let Some(place) = dimension.checked_sub(1) else {
        for (i, v) in v.iter_mut().enumerate() {
            *v = 1 << (31 - i);
        }
        return v;
    };
    let (degree, inner, first) = DIRECTIONS[place];
    let s = degree as usize;
    for (i, m) in first.iter().enumerate() {
        v[i] = m << (31 - i);
    }
    for i in s..32 {
        v[i] = v[i - s] ^ (v[i - s] >> s);
        for k in 1..s {
            if inner >> (s - 1 - k) & 1 == 1 {
                v[i] ^= v[i - k];
            }
        }
    }
    v
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_points_are_those_that_everybody_has() {
        // As SciPy's qmc.Sobol(d=2, scramble=False) gives them, which begins at the corner.
        let known = [
            [0.0, 0.0],
            [0.5, 0.5],
            [0.75, 0.25],
            [0.25, 0.75],
            [0.375, 0.375],
            [0.875, 0.875],
            [0.625, 0.125],
            [0.125, 0.625],
        ];
        for (point, known) in Sobol::plain(2).zip(known) {
            for (x, known) in point.iter().zip(known) {
                assert!((x - known).abs() < 1e-9, "{point:?}");
            }
        }
    }

    #[test]
    fn in_every_dimension_and_with_any_shift_the_first_1024_points_lie_one_in_each_1024th() {
        let mut lots = Lots::new(7, 0);
        let points: Vec<_> = Sobol::new(MOST, &mut lots).take(1024).collect();
        for dimension in 0..MOST {
            let mut seen = vec![false; 1024];
            for point in &points {
                seen[(point[dimension] * 1024.0) as usize] = true;
            }
            assert!(seen.iter().all(|&seen| seen), "dimension {dimension}");
        }
    }

    #[test]
    fn two_dimensions_together_are_filled_evenly() {
        // What the direction numbers were chosen for: 4096 points put 16 into each of 16 × 16 cells. Of these
        // numbers one pair does not, whose points leave every other cell empty at this size.
        let points: Vec<_> = Sobol::plain(MOST).take(4096).collect();
        let mut uneven = Vec::new();
        for a in 0..MOST {
            for b in 0..a {
                let mut cells = vec![0; 256];
                for point in &points {
                    cells[(point[a] * 16.0) as usize * 16 + (point[b] * 16.0) as usize] += 1;
                }
                if cells.iter().any(|n| *n != 16) {
                    uneven.push((b, a));
                }
            }
        }
        assert_eq!(uneven, [(14, 19)]);
    }
}
