//! Floor 4: a scenario file, from TOML to checked settings.
//!
//! The way of a file: text, tree with places (`parse`), shorthands written out (`shorthand`),
//! includes merged (`document`), the point of `[run] vary` set (`vary`), presets and parents
//! taken over (`inherit`), every part typed (`typing`) and checked (`parts`, `cross`,
//! `sense`). Every mistake on the way is gathered with the line that wrote it (`report`); what is
//! not known because of one (`gaps`, `lacks`) is not checked, and everything else is.

pub mod alike;
mod by_priority;
mod calls;
pub mod catalogue;
mod chains;
mod compare;
mod cross;
mod document;
mod expect;
mod explain;
pub mod files;
mod gaps;
mod hash;
mod inherit;
mod labelled;
mod lacks;
mod limits;
mod lines;
mod load;
mod manual;
mod merge;
mod metric_names;
pub mod model;
mod nearest;
mod parse;
mod parts;
mod phrases;
mod points;
mod pools;
pub mod presets;
mod quantity;
pub mod range;
mod renamed;
mod render;
mod replays;
mod report;
mod resolved;
mod scopes;
mod sense;
mod shape;
mod shorthand;
pub mod source;
mod stand_in;
#[cfg(test)]
mod tests;
mod too_large;
mod traces;
mod tree;
pub mod tune;
pub mod tuning;
mod type_error;
mod types;
mod typing;
mod vary;
mod verified;
mod words;

pub use compare::MAX_REPLICATIONS;
pub use explain::explain;
pub use lines::{WrongLine, wrong_lines};
pub use load::{Loaded, MAX_SEED, Overrides, check_str, load, load_from, load_varied};
pub use manual::DEFAULT;
pub use metric_names::metric_list;
pub use model::Scenario;
pub use nearest::nearest;
pub use render::Style;
pub use report::{Diagnostic, Diagnostics, Severity};
pub use resolved::{key as toml_key, quoted as toml_text};
pub use scopes::scopes;
pub use tuning::{Tuning, load_tuning};
