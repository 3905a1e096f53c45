//! The tuner's own lots: where its designs are shifted and where it steps. Weather has keys of its
//! own; these never touch it.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use crate::base::quantile::normal;

/// A stream of lots, by seed and by what it is for.
#[derive(Clone, Debug)]
pub struct Lots(Xoshiro256PlusPlus);

impl Lots {
    /// The stream of a seed and a number: streams of other numbers share nothing with it.
    pub fn new(seed: u64, number: u64) -> Lots {
        let mut first = Xoshiro256PlusPlus::seed_from_u64(seed ^ 0x7d5b_3c19_a4e2_86f1);
        let word = first.next_u64();
        let own = word ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Lots(Xoshiro256PlusPlus::seed_from_u64(own))
    }

    /// The next word.
    pub fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// The next uniform in the open interval (0, 1).
    pub fn unit(&mut self) -> f64 {
        ((self.word() >> 11) as f64 + 0.5) * (1.0 / (1u64 << 53) as f64)
    }

    /// The next standard normal, by its quantile function.
    pub fn normal(&mut self) -> f64 {
        normal(self.unit())
    }
}
