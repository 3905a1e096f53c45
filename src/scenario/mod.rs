//! Floor 4: a scenario file, from TOML to checked settings.

pub mod model;

pub use model::Scenario;
