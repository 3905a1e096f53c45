//! Typing a part of the tree with every mistake at once.
//!
//! serde stops at one mistake. So: note it, cut what is wrong, type again, and do not report what
//! the cut itself brought about. A value that must be there gets a stand-in, so that one mistake
//! never hides the checks of the rest; that nobody wrote it is known as a gap.

use serde::de::DeserializeOwned;

use super::gaps::Gap;
use super::report::Report;
use super::stand_in::stand_in;
use super::tree::{Table, Value};
use super::type_error::{TypeError, What};
use super::types::Typer;
use super::words::Unit;
use crate::base::Check;

/// What came of typing a unit.
#[derive(Clone, Debug)]
pub(super) struct Typed<T> {
    /// The settings, without what was wrong; None if there was too much of it.
    pub value: Option<T>,
    /// The unit as it was typed in the end, with its gaps.
    pub unit: Unit,
}

/// Mistakes of one unit, and stand-ins for what they cut, after which it is left alone.
const MAX_STEPS: usize = 100;

/// Types a unit and reports every mistake in it.
pub(super) fn typed<T: DeserializeOwned>(mut unit: Unit, report: &mut Report) -> Typed<T> {
    for step in 0.. {
        let error = match T::deserialize(Typer(&unit.node)) {
            Ok(value) => {
                return Typed {
                    value: Some(value),
                    unit,
                };
            }
            Err(error) => place(error, &unit),
        };
        if step >= MAX_STEPS {
            report.leave_out();
            break;
        }
        if !follows(&error, &unit) {
            unit.type_error(&error, report);
        }
        if !mend::<T>(&error, &mut unit) {
            break;
        }
    }
    Typed { value: None, unit }
}

impl<T> Typed<T> {
    /// Runs checks on the settings and reports what they find.
    pub(super) fn check(&self, report: &mut Report, check: impl FnOnce(&T, &mut Check)) {
        self.findings(report, check);
    }

    /// Runs the room's own checks. What they refuse is not known from then on: checks across the
    /// parts must not refuse it again.
    pub(super) fn examine(&mut self, report: &mut Report, check: impl FnOnce(&T, &mut Check)) {
        let gaps = self.findings(report, check);
        self.unit.gaps.extend(gaps);
    }

    /// Reports what checks find; the places of what is wrong.
    fn findings(&self, report: &mut Report, check: impl FnOnce(&T, &mut Check)) -> Vec<Gap> {
        let Some(value) = &self.value else {
            return Vec::new();
        };
        let mut findings = Check::new();
        check(value, &mut findings);
        let mut gaps = Vec::new();
        for found in findings.into_mistakes() {
            self.unit.finding(&found, report);
            if !found.warning {
                gaps.push(Gap::Value(found.path));
                gaps.extend(found.also.into_iter().map(|(path, _)| Gap::Value(path)));
            }
        }
        gaps
    }

    /// Whether the setting at a key (dots separate deeper keys) is as its author meant it.
    pub(super) fn knows(&self, key: &str) -> bool {
        self.value.is_some() && self.unit.knows_key(key)
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

/// Whether an error would not be there but for what is known to be wrong or not to be there.
fn follows(error: &TypeError, unit: &Unit) -> bool {
    match &error.what {
        What::Missing(name) => unit.has_lost(&error.path, name),
        What::NoKind(_) => unit.has_lost_kind(&error.path),
        _ => false,
    }
}

/// Cuts what is wrong, or puts a stand-in where something is missing; false if neither can be.
fn mend<T: DeserializeOwned>(error: &TypeError, unit: &mut Unit) -> bool {
    if let What::Missing(name) = error.what {
        let path = [&error.path[..], &[name.to_string()]].concat();
        if let Some(node) = stand_in::<T>(unit, &path) {
            unit.node = node;
            unit.gaps.push(Gap::Value(path));
            return true;
        }
    }
    let Some((last, above)) = error.path.split_last() else {
        let is_table = unit.node.table().is_some();
        unit.node.value = Value::Table(Table::default());
        unit.gaps.push(Gap::Value(Vec::new()));
        return !is_table;
    };
    // A list is of plain values: a gap below an element would move when one before it is cut.
    let is_list = |depth: usize| {
        unit.node
            .find(&above[..depth])
            .is_some_and(|up| up.array().is_some())
    };
    debug_assert!(
        !(0..above.len()).any(is_list),
        "a gap within an element of a list: {:?}",
        error.path
    );
    let in_list = unit.node.find(above).is_some_and(|up| up.array().is_some());
    if unit.give_status(error) {
        return true;
    }
    unit.gaps.push(match &error.what {
        What::Unknown { .. } if error.at_key => Gap::Key {
            table: above.to_vec(),
            wrong: last.clone(),
        },
        _ if in_list => Gap::Element(above.to_vec()),
        _ => Gap::Value(error.path.clone()),
    });
    unit.node.cut(&error.path);
    true
}
