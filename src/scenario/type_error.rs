//! Why a value could not be typed: keys and a reason, no places.
//!
//! An error may be raised by a visitor that was handed a bare string (a key, the name of a kind)
//! and learns where it was only on its way out; the places are found afterwards.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

/// Why a value could not be typed.
#[derive(Clone, Debug)]
pub(super) struct TypeError {
    /// The keys to the value, the innermost first while the error is on its way out.
    pub path: Vec<String>,
    /// Whether it is the last key itself that is wrong.
    pub at_key: bool,
    /// What is wrong.
    pub what: What,
}

/// What is wrong with a value.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// Said by a unit or a kind itself.
    Custom(String),
    /// A key or name that is not one of these.
    Unknown {
        /// What was written.
        name: String,
        /// What could have been.
        expected: Vec<&'static str>,
        /// Whether it is a key of a table, and not a kind or the name of a value.
        field: bool,
    },
    /// A key that must be there.
    Missing(&'static str),
    /// A value of another type or out of its range.
    Mismatch {
        /// What was found.
        found: String,
        /// What the type wanted, in serde's words.
        expected: String,
    },
    /// A choice without a kind.
    NoKind(&'static [&'static str]),
    /// A choice with two kinds; the path ends in the second.
    TwoKinds {
        /// The first.
        first: String,
    },
    /// Something that is neither a kind nor a name.
    NotAKind {
        /// What was found.
        found: &'static str,
        /// The kinds.
        kinds: &'static [&'static str],
    },
}

impl TypeError {
    /// An error that has not left its value yet.
    pub(super) fn new(what: What) -> TypeError {
        TypeError {
            path: Vec::new(),
            at_key: false,
            what,
        }
    }

    /// The error one key further out.
    pub(super) fn below(mut self, key: impl Into<String>) -> TypeError {
        self.path.push(key.into());
        self
    }

    /// The error at a key itself.
    pub(super) fn at_key(mut self, key: &str) -> TypeError {
        self.at_key = true;
        self.below(key)
    }
}

impl fmt::Display for TypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {:?}", self.what, self.path)
    }
}

impl std::error::Error for TypeError {}

impl de::Error for TypeError {
    fn custom<T: fmt::Display>(text: T) -> TypeError {
        TypeError::new(What::Custom(text.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> TypeError {
        TypeError::new(What::Mismatch {
            found: describe(found),
            expected: expected.to_string(),
        })
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> TypeError {
        TypeError::invalid_type(found, expected)
    }

    fn unknown_variant(name: &str, expected: &'static [&'static str]) -> TypeError {
        TypeError::new(What::Unknown {
            name: name.into(),
            expected: expected.to_vec(),
            field: false,
        })
    }

    fn unknown_field(name: &str, expected: &'static [&'static str]) -> TypeError {
        TypeError::new(What::Unknown {
            name: name.into(),
            expected: expected.to_vec(),
            field: true,
        })
    }

    fn missing_field(name: &'static str) -> TypeError {
        TypeError::new(What::Missing(name))
    }
}

fn describe(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Str(_) => "a string".into(),
        Unexpected::Signed(n) => n.to_string(),
        Unexpected::Unsigned(n) => n.to_string(),
        Unexpected::Float(x) => x.to_string(),
        Unexpected::Bool(b) => format!("`{b}`"),
        Unexpected::Seq => "a list".into(),
        Unexpected::Map | Unexpected::NewtypeVariant => "a table".into(),
        Unexpected::UnitVariant => "only a name".into(),
        other => other.to_string(),
    }
}
