//! Policies that ship with Squall: what guides and SDKs do, each in a commented file.
//!
//! A preset's name is versioned once its source is: a new release of an SDK is a new preset, and
//! the old one keeps giving the old numbers.

/// One preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The name in `preset = "…"`.
    pub name: &'static str,
    /// The policy file, which holds one policy of that name.
    pub text: &'static str,
}

macro_rules! presets {
    ($($name:literal),+ $(,)?) => {
        /// Every preset.
        pub const PRESETS: &[Preset] = &[$(Preset {
            name: $name,
            text: include_str!(concat!("presets/", $name, ".toml")),
        }),+];
    };
}

presets! {
    "guide-basic",
    "guide-naive",
    "guide-hammer",
    "guide-tenacity",
    "guide-full-jitter",
    "guide-8s-budget",
}

impl Preset {
    /// The first lines of its comment: what it is and where it comes from.
    pub fn summary(&self) -> &'static str {
        let line = self.text.lines().next().unwrap_or_default();
        line.trim_start_matches("# ")
    }
}
