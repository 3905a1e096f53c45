//! Floor 6: results as a reader meets them: terminal, HTML page, PNG charts, CSV, JSON, Markdown, JUnit.
//!
//! Reads [`crate::record`] and nothing else, and computes no statistic of its own: every number
//! printed is one of `results.json`, in a unit that reads well. What is left is judging how to show
//! it: which policy to name first (from verdicts), digits (from intervals), pixels.
//!
//! The same results give the same bytes. Nothing here asks for the time, the network or a font of
//! the machine.

mod alerts;
mod before;
mod bundle;
mod chart;
mod course;
mod csv;
#[cfg(test)]
mod fixture;
mod halves;
mod html;
mod json;
mod junit;
mod layers;
mod limited;
mod markdown;
mod measure;
mod number;
mod owned;
mod placing;
mod priorities;
mod reading;
mod refused;
mod resilience;
mod sentence;
mod spent;
mod sure;
pub mod sweep;
mod terminal;
mod told;
pub mod tuning;
mod turn;
mod words;
mod write;

pub use self::bundle::Bundle;
pub use self::csv::csv;
pub use self::json::{json, read_json};
pub use self::junit::junit;
pub use self::markdown::markdown;
pub use self::turn::Turn;
pub use self::write::{probe, write};
pub use chart::{CHARTS, Chart};
pub use html::page;
pub use terminal::{Style, heading, summary, summary_at};
