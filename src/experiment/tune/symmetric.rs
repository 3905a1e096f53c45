//! Eigenvalues and eigenvectors of a small symmetric matrix, by Jacobi's rotations.
//!
//! C. G. J. Jacobi 1846; as in G. H. Golub and C. F. Van Loan, "Matrix Computations", §8.5. Slower than
//! what libraries do, and the same bytes on every machine.

/// A square matrix, row by row.
pub type Matrix = Vec<Vec<f64>>;

/// Sweeps over all pairs; a dozen are enough for any size that fits in memory.
const SWEEPS: usize = 60;

/// The eigenvalues, and the matrix whose columns are their eigenvectors.
pub fn eigen(matrix: &Matrix) -> (Vec<f64>, Matrix) {
    let n = matrix.len();
    let mut a = matrix.clone();
    let mut vectors = identity(n);
    for _ in 0..SWEEPS {
        let off: f64 = pairs(n).map(|(p, q)| a[p][q] * a[p][q]).sum();
        let on: f64 = (0..n).map(|i| a[i][i] * a[i][i]).sum();
        if off <= 1e-30 * on {
            break;
        }
        for (p, q) in pairs(n) {
            rotate(&mut a, &mut vectors, p, q);
        }
    }
    ((0..n).map(|i| a[i][i]).collect(), vectors)
}

/// The unit matrix.
pub fn identity(n: usize) -> Matrix {
    let row = |i: usize| (0..n).map(|j| f64::from(u8::from(i == j))).collect();
    (0..n).map(row).collect()
}

fn pairs(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(move |p| (p + 1..n).map(move |q| (p, q)))
}

/// Turns the plane of two axes so that their common element is zero.
fn rotate(a: &mut Matrix, vectors: &mut Matrix, p: usize, q: usize) {
    if a[p][q] == 0.0 {
        return;
    }
    let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let t = if theta == 0.0 { 1.0 } else { t };
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for row in a.iter_mut() {
        (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
    }
    // p < q.
    let (above, below) = a.split_at_mut(q);
    for (x, y) in above[p].iter_mut().zip(&mut below[0]) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
    for row in vectors.iter_mut() {
        (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_times_a_vector_is_the_vector_times_its_value() {
        let n = 6;
        let entry = |i: usize, j: usize| 1.0 / (i + j + 1) as f64 + if i == j { 0.5 } else { 0.0 };
        let matrix: Matrix = (0..n)
            .map(|i| (0..n).map(|j| entry(i, j)).collect())
            .collect();
        let (values, vectors) = eigen(&matrix);
        for (k, value) in values.iter().enumerate() {
            for (i, row) in matrix.iter().enumerate() {
                let product: f64 = (0..n).map(|j| row[j] * vectors[j][k]).sum();
                assert!((product - value * vectors[i][k]).abs() < 1e-12);
            }
        }
        let trace: f64 = (0..n).map(|i| matrix[i][i]).sum();
        assert!((values.iter().sum::<f64>() - trace).abs() < 1e-12);
    }
}
