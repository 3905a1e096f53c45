//! Typing a part of the tree with every mistake at once.
//!
//! serde stops at one mistake. So: note it, cut what is wrong, type again, and do not report what
//! the cut itself brought about.

use serde::de::DeserializeOwned;

use super::report::Report;
use super::type_error::{TypeError, What};
use super::types::Typer;
use super::words::Unit;
use crate::base::Check;

/// What came of typing a unit.
#[derive(Clone, Debug)]
pub(super) struct Typed<T> {
    /// The settings, without what was wrong; None if nothing was left.
    pub value: Option<T>,
    /// The unit as it was typed in the end.
    pub unit: Unit,
    /// Whether nothing had to be cut and the room's own checks found no mistake.
    pub clean: bool,
}

/// Mistakes of one unit after which the rest of it is left alone.
const MAX_MISTAKES: usize = 50;

/// Types a unit and reports every mistake in it.
pub(super) fn typed<T: DeserializeOwned>(mut unit: Unit, report: &mut Report) -> Typed<T> {
    let mut cut: Vec<Vec<String>> = Vec::new();
    while cut.len() < MAX_MISTAKES {
        let error = match T::deserialize(Typer(&unit.node)) {
            Ok(value) => {
                return Typed {
                    value: Some(value),
                    clean: cut.is_empty() && !unit.incomplete,
                    unit,
                };
            }
            Err(error) => place(error, &unit),
        };
        if !caused_by(&error, &cut) && !inherited(&error, &unit) {
            unit.type_error(&error, report);
        }
        if error.path.is_empty() {
            break;
        }
        unit.node.cut(&error.path);
        cut.push(error.path);
    }
    Typed {
        value: None,
        unit,
        clean: false,
    }
}

impl<T> Typed<T> {
    /// Runs checks on the settings and reports what they find; whether they found no mistake.
    pub(super) fn check(&self, report: &mut Report, check: impl FnOnce(&T, &mut Check)) -> bool {
        let Some(value) = &self.value else {
            return false;
        };
        let mut findings = Check::new();
        check(value, &mut findings);
        let mut sound = true;
        for found in findings.into_mistakes() {
            sound &= found.warning;
            self.unit.finding(&found, self.clean, report);
        }
        sound
    }
}

/// Turns the path the right way round, and finds the key of a name that a visitor refused without
/// knowing where it stood.
fn place(mut error: TypeError, unit: &Unit) -> TypeError {
    error.path.reverse();
    if let (What::Unknown { name, .. }, false) = (&error.what, error.at_key) {
        let node = unit.node.find(&error.path);
        if node.is_some_and(|node| node.table().is_some() && node.child(name).is_some()) {
            error.path.push(name.clone());
            error.at_key = true;
        }
    }
    error
}

/// Whether what is missing may be in a parent that could not be found.
fn inherited(error: &TypeError, unit: &Unit) -> bool {
    unit.incomplete && matches!(error.what, What::Missing(_) | What::NoKind(_))
}

/// Whether an error would not be there but for what was cut before.
fn caused_by(error: &TypeError, cut: &[Vec<String>]) -> bool {
    match &error.what {
        What::Missing(name) => cut
            .iter()
            .any(|path| matches!(path.split_last(), Some((key, above)) if key == name && above == error.path)),
        What::NoKind(_) => cut
            .iter()
            .any(|path| path.split_last().is_some_and(|(_, above)| above == error.path)),
        _ => false,
    }
}
