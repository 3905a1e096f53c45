//! Floor 4: a scenario file, from TOML to checked settings.
//!
//! The way of a file: text, tree with places (`parse`), shorthands written out (`shorthand`),
//! includes merged (`document`), the point of `[run] vary` set (`vary`), presets and parents
//! taken over (`inherit`), every part typed (`typing`) and checked (`parts`, `cross`,
//! `sense`). Every mistake on the way is gathered with the line that wrote it (`report`).

mod compare;
mod cross;
mod document;
mod expect;
mod explain;
pub mod files;
mod hash;
mod inherit;
mod limits;
mod load;
mod manual;
mod merge;
pub mod model;
mod nearest;
mod parse;
mod parts;
mod phrases;
mod points;
pub mod presets;
mod quantity;
mod render;
mod report;
mod resolved;
mod sense;
mod shape;
mod shorthand;
pub mod source;
#[cfg(test)]
mod tests;
mod traces;
mod tree;
mod type_error;
mod types;
mod typing;
mod vary;
mod words;

pub use explain::explain;
pub use load::{Loaded, Overrides, check_str, load, load_from};
pub use manual::DEFAULT;
pub use model::Scenario;
pub use render::Style;
pub use report::{Diagnostic, Diagnostics, Severity};
