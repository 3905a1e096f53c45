//! The registry of kinds: adding a thing is one file and one line.
//!
//! A kind is one file with `INFO`, `Config` (typed straight from TOML, with `check`) and, where it
//! keeps something, `State`. The room's `mod.rs` lists the kinds in one `registry!` call, which
//! yields the externally tagged `Config` enum and `KINDS`. From `KINDS` follow the TOML keys, the
//! nearest-name hints and the reference page.

/// What a kind is called and what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The TOML key, kebab-case.
    pub name: &'static str,
    /// One line, without a full stop.
    pub summary: &'static str,
}

/// Defines a room's `Config` enum and its `KINDS` from its list of kind files.
///
/// ```text
/// registry! {
///     /// How long a client waits before it tries again.
///     "backoff": None = none, Constant = constant
/// }
/// ```
/// Every variant wraps that file's `Config`; in TOML the tag is the variant in kebab-case.
macro_rules! registry {
    ($(#[$meta:meta])* $room:literal: $($variant:ident = $module:ident),+ $(,)?) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Config {
            $(
                #[doc = concat!("See [`", stringify!($module), "`].")]
                $variant($module::Config),
            )+
        }

        /// What the choice is called in messages.
        pub const ROOM: &str = $room;

        /// Every kind of this room, in the order of the registry.
        pub const KINDS: &[$crate::base::registry::Kind] = &[$($module::INFO),+];

        /// The source of every kind, which begins with what it is, why and when not.
        pub const SOURCES: &[&str] = &[$(include_str!(concat!(stringify!($module), ".rs"))),+];

        impl Config {
            /// Checks the settings of the kind that was chosen.
            pub fn check(&self, check: &mut $crate::base::Check) {
                match self {
                    $(Config::$variant(config) => {
                        check.at($module::INFO.name, |check| config.check(check));
                    })+
                }
            }

            /// The name of the kind that was chosen.
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Config::$variant(_) => $module::INFO.name,)+
                }
            }
        }
    };
}

/// Calls one method on whichever kind a `State` or `Config` enum holds: enum dispatch without a
/// table of functions.
///
/// ```text
/// each!(self, Config: None, Constant, Linear => |kind| kind.wait(k))
/// ```
macro_rules! each {
    ($value:expr, $enum:ident: $($variant:ident),+ => |$kind:ident| $body:expr) => {
        match $value { $($enum::$variant($kind) => $body,)+ }
    };
}

pub(crate) use {each, registry};
