//! The tuner against problems whose optimum is known, and against random search.

#![cfg(feature = "sim")]

mod made;
mod random;
mod search;
mod wilcoxon;
