//! The tuner against problems whose optimum is known, and against random search.

#![cfg(feature = "sim")]

mod flights;
mod made;
mod random;
mod search;
mod wilcoxon;
