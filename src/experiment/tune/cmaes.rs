//! CMA-ES: a search that learns the scale and the slant of a valley from ranks alone.
//!
//! N. Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772, with its default constants
//! and without negative weights. Only the order of the candidates enters, so constraints and noise
//! need no penalty weights. Points outside the cube are moved to its side. On an axis of whole
//! numbers a step never becomes so small that no neighbour is tried, after R. Hamano et al., "CMA-ES
//! with Margin", GECCO 2022 (here as a least standard deviation, on a logarithmic axis that of the
//! neighbours where the search stands).

use super::lots::Lots;
use super::space::Domain;
use super::symmetric::{Matrix, eigen, identity};

/// A search in the unit cube.
#[derive(Clone, Debug)]
pub struct Cma {
    mean: Vec<f64>,
    sigma: f64,
    c: Matrix,
    /// Evolution paths: of the covariance, of the step.
    path_c: Vec<f64>,
    path_s: Vec<f64>,
    /// Square roots of the eigenvalues of `c`, and its eigenvectors.
    scales: Vec<f64>,
    axes: Matrix,
    /// By axis: what lies on it.
    domains: Vec<Domain>,
    constants: Constants,
    generations: u64,
}

/// The constants of the tutorial's Table 1, for a number of dimensions.
#[derive(Clone, Debug)]
struct Constants {
    lambda: usize,
    weights: Vec<f64>,
    mu_eff: f64,
    c_c: f64,
    c_s: f64,
    c_1: f64,
    c_mu: f64,
    damp: f64,
    /// The expected length of a standard normal vector.
    chi: f64,
}

impl Constants {
    fn new(dimensions: usize) -> Constants {
        let n = dimensions as f64;
        let lambda = 4 + (3.0 * libm::log(n.max(1.0))) as usize;
        let mu = lambda / 2;
        let raw = |i: usize| libm::log((lambda as f64 + 1.0) / 2.0) - libm::log(i as f64 + 1.0);
        let sum: f64 = (0..mu).map(raw).sum();
        let weights: Vec<f64> = (0..mu).map(|i| raw(i) / sum).collect();
        let mu_eff = 1.0 / weights.iter().map(|w| w * w).sum::<f64>();
        let c_1 = 2.0 / ((n + 1.3) * (n + 1.3) + mu_eff);
        let many = 2.0 * (mu_eff - 2.0 + 1.0 / mu_eff) / ((n + 2.0) * (n + 2.0) + mu_eff);
        let c_s = (mu_eff + 2.0) / (n + mu_eff + 5.0);
        let over = ((mu_eff - 1.0) / (n + 1.0)).sqrt() - 1.0;
        Constants {
            lambda,
            mu_eff,
            c_c: (4.0 + mu_eff / n) / (n + 4.0 + 2.0 * mu_eff / n),
            c_s,
            c_1,
            c_mu: many.min(1.0 - c_1),
            damp: 1.0 + 2.0 * over.max(0.0) + c_s,
            chi: n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n)),
            weights,
        }
    }
}

impl Cma {
    /// A search from a point, with first steps of about `sigma`; `domains` says what lies on each axis.
    pub fn new(start: &[f64], sigma: f64, domains: Vec<Domain>) -> Cma {
        let n = start.len();
        Cma {
            mean: start.to_vec(),
            sigma,
            c: identity(n),
            path_c: vec![0.0; n],
            path_s: vec![0.0; n],
            scales: vec![1.0; n],
            axes: identity(n),
            domains,
            constants: Constants::new(n),
            generations: 0,
        }
    }

    /// How many points one generation has.
    pub fn lambda(&self) -> usize {
        self.constants.lambda
    }

    /// Where the search stands.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The points of the next generation, all in the cube.
    pub fn ask(&self, lots: &mut Lots) -> Vec<Vec<f64>> {
        let n = self.mean.len();
        let point = |_| {
            let z: Vec<f64> = self
                .scales
                .iter()
                .map(|scale| scale * lots.normal())
                .collect();
            let along = |i: usize| (0..n).map(|k| self.axes[i][k] * z[k]).sum::<f64>();
            (0..n)
                .map(|i| (self.mean[i] + self.sigma * along(i)).clamp(0.0, 1.0))
                .collect()
        };
        (0..self.constants.lambda).map(point).collect()
    }

    /// Learns from a generation, the best point first.
    pub fn tell(&mut self, ranked: &[Vec<f64>]) {
        let k = self.constants.clone();
        let n = self.mean.len();
        let step = |x: &Vec<f64>| -> Vec<f64> {
            (0..n).map(|i| (x[i] - self.mean[i]) / self.sigma).collect()
        };
        let steps: Vec<Vec<f64>> = ranked.iter().take(k.weights.len()).map(step).collect();
        let towards = |i: usize| k.weights.iter().zip(&steps).map(|(w, y)| w * y[i]).sum();
        let mean_step: Vec<f64> = (0..n).map(towards).collect();
        for (x, y) in self.mean.iter_mut().zip(&mean_step) {
            *x = (*x + self.sigma * y).clamp(0.0, 1.0);
        }
        self.generations += 1;
        let straight = self.whitened(&mean_step);
        let push = (k.c_s * (2.0 - k.c_s) * k.mu_eff).sqrt();
        for (p, y) in self.path_s.iter_mut().zip(straight) {
            *p = (1.0 - k.c_s) * *p + push * y;
        }
        let length = self.path_s.iter().map(|p| p * p).sum::<f64>().sqrt();
        let fresh = libm::pow(1.0 - k.c_s, 2.0 * self.generations as f64);
        let stalls = length / (1.0 - fresh).sqrt() >= (1.4 + 2.0 / (n as f64 + 1.0)) * k.chi;
        let h = if stalls { 0.0 } else { 1.0 };
        let pull = h * (k.c_c * (2.0 - k.c_c) * k.mu_eff).sqrt();
        for (p, y) in self.path_c.iter_mut().zip(&mean_step) {
            *p = (1.0 - k.c_c) * *p + pull * y;
        }
        let kept = 1.0 - k.c_1 - k.c_mu + (1.0 - h) * k.c_1 * k.c_c * (2.0 - k.c_c);
        for i in 0..n {
            for j in 0..n {
                let rank_mu: f64 = k
                    .weights
                    .iter()
                    .zip(&steps)
                    .map(|(w, y)| w * y[i] * y[j])
                    .sum();
                let rank_1 = self.path_c[i] * self.path_c[j];
                self.c[i][j] = kept * self.c[i][j] + k.c_1 * rank_1 + k.c_mu * rank_mu;
            }
        }
        // A step that grows beyond the cube learns nothing there.
        let growth = libm::exp((k.c_s / k.damp) * (length / k.chi - 1.0));
        self.sigma = (self.sigma * growth).clamp(1e-6, 1.0);
        self.keep_neighbours();
        let (values, axes) = eigen(&self.c);
        self.scales = values.iter().map(|v| v.max(1e-20).sqrt()).collect();
        self.axes = axes;
    }

    /// C^(−1/2) · y.
    fn whitened(&self, y: &[f64]) -> Vec<f64> {
        let n = y.len();
        let part = |k: usize| {
            let along: f64 = (0..n).map(|i| self.axes[i][k] * y[i]).sum();
            along / self.scales[k]
        };
        let parts: Vec<f64> = (0..n).map(part).collect();
        (0..n)
            .map(|i| (0..n).map(|k| self.axes[i][k] * parts[k]).sum())
            .collect()
    }

    /// Sees to it that whole numbers are still told from their neighbours: a standard deviation of
    /// 0.3 of their distance, with which a point in the middle of one leaves it in one of ten tries.
    fn keep_neighbours(&mut self) {
        for (i, domain) in self.domains.iter().enumerate() {
            let least = 0.3 * domain.step(self.mean[i]) / self.sigma;
            self.c[i][i] = self.c[i][i].max(least * least);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REAL: Domain = Domain::Real {
        from: 0.0,
        to: 1.0,
        log: false,
    };

    /// The best value found in a cube, and where.
    fn minimum(
        f: impl Fn(&[f64]) -> f64,
        start: &[f64],
        domains: &[Domain],
        generations: usize,
    ) -> (f64, Vec<f64>) {
        let mut lots = Lots::new(11, 3);
        let mut cma = Cma::new(start, 0.2, domains.to_vec());
        let mut best = (f64::INFINITY, start.to_vec());
        for _ in 0..generations {
            let mut points = cma.ask(&mut lots);
            points.sort_by(|a, b| f(a).total_cmp(&f(b)));
            if f(&points[0]) < best.0 {
                best = (f(&points[0]), points[0].clone());
            }
            cma.tell(&points);
        }
        best
    }

    #[test]
    fn it_finds_the_bottom_of_a_slanted_valley() {
        // Condition 10⁴, turned by 45° in each pair of axes, the bottom off the middle.
        let f = |x: &[f64]| {
            let (a, b) = (x[0] - 0.3 + x[1] - 0.6, x[0] - 0.3 - x[1] + 0.6);
            let (c, d) = (x[2] - 0.7 + x[3] - 0.2, x[2] - 0.7 - x[3] + 0.2);
            a * a + 1e4 * b * b + 10.0 * c * c + 1e3 * d * d
        };
        let (least, at) = minimum(f, &[0.9, 0.1, 0.1, 0.9], &[REAL; 4], 250);
        assert!(least < 1e-8, "{least:e} at {at:?}");
    }

    #[test]
    fn it_follows_a_bent_valley() {
        // Rosenbrock's in [−1, 2]²: the bottom at (1, 1) is (2/3, 2/3) of the cube.
        let f = |u: &[f64]| {
            let (x, y) = (3.0 * u[0] - 1.0, 3.0 * u[1] - 1.0);
            100.0 * (y - x * x) * (y - x * x) + (1.0 - x) * (1.0 - x)
        };
        let (least, at) = minimum(f, &[0.1, 0.9], &[REAL; 2], 150);
        assert!(least < 1e-8, "{least:e} at {at:?}");
        assert!((at[0] - 2.0 / 3.0).abs() < 1e-3);
    }

    #[test]
    fn an_optimum_at_the_side_of_the_cube_is_found() {
        let f = |x: &[f64]| x[0] + (x[1] - 1.0) * (x[1] - 1.0) + (x[2] - 0.5) * (x[2] - 0.5);
        let (least, _) = minimum(f, &[0.5, 0.5, 0.1], &[REAL; 3], 120);
        assert!(least < 1e-6, "{least:e}");
    }

    #[test]
    fn whole_numbers_do_not_freeze_on_a_plateau() {
        // Nine values each; two of three coordinates matter only as whole numbers.
        let whole = |x: f64| (x * 9.0).floor().min(8.0);
        let f = |x: &[f64]| {
            (whole(x[0]) - 7.0).abs() + (whole(x[1]) - 1.0).abs() + (x[2] - 0.5) * (x[2] - 0.5)
        };
        let nine = Domain::Integer {
            from: 1,
            to: 9,
            log: false,
        };
        let (least, at) = minimum(f, &[0.05, 0.95, 0.9], &[nine, nine, REAL], 120);
        assert!(least < 1e-4, "{least:e} at {at:?}");
    }

    #[test]
    fn on_a_logarithmic_axis_neighbours_near_the_least_are_far_and_are_tried() {
        // 1 to 1000: from 1 to 2 is a tenth of the axis, a thousandth is none of it.
        let axis = Domain::Integer {
            from: 1,
            to: 1000,
            log: true,
        };
        let two = axis.unit(super::super::space::Value::Integer(2));
        assert!((axis.step(0.0) / two - 1.0).abs() < 1e-12, "{two}");
        let mut cma = Cma::new(&[0.0], 0.2, vec![axis]);
        let mut lots = Lots::new(5, 5);
        // The best is always at the side, until the step is as small as it becomes.
        for _ in 0..200 {
            let mut points = cma.ask(&mut lots);
            points.sort_by(|a, b| a[0].total_cmp(&b[0]));
            cma.tell(&points);
        }
        let tried = (0..50).flat_map(|_| cma.ask(&mut lots));
        let leaves = tried
            .filter(|point| axis.at(point[0]) != axis.at(0.0))
            .count();
        assert!(leaves > 0);
    }
}
