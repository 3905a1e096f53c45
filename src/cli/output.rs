//! What commands that write a report have in common: whether they may begin, and putting it in place.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::report::{self, Bundle};

use super::Exit;
use super::interrupt::Interrupt;
use super::terminal::complain;

/// Takes over interrupts, and tries whether reports can be written before anything is run.
///
/// # Errors
/// How the command ends, after saying why.
pub(super) fn begin(out: &Path) -> Result<Arc<Interrupt>, Exit> {
    // Caught before the first directory is made: whoever sees one may interrupt.
    let interrupt = Interrupt::catch().map_err(|why| {
        complain(&format!("error: interrupts cannot be caught: {why}\n"));
        Exit::Internal
    })?;
    let out_name = out.display();
    match report::probe(out, &interrupt.stop) {
        Ok(Some(())) => Ok(interrupt),
        Ok(None) => {
            complain(&format!(
                "interrupted while another process wrote to {out_name}: nothing written\n"
            ));
            Err(Exit::Interrupted)
        }
        Err(why) => {
            complain(&format!(
                "error: reports cannot be written to {out_name}: {why}\n  \
                 = help: name another directory with --out DIR; nothing was run\n"
            ));
            Err(Exit::BadInput)
        }
    }
}

/// Puts a report in its place, which no signal ends halfway; its files. `bundle` is None if it was told to
/// stop while drawing.
///
/// # Errors
/// How the command ends, after saying why.
pub(super) fn put(
    bundle: io::Result<Option<Bundle>>,
    out: &Path,
    interrupt: &Interrupt,
) -> Result<Vec<PathBuf>, Exit> {
    let written = bundle.and_then(|bundle| {
        let Some(bundle) = bundle else {
            return Ok(None);
        };
        let Some(turn) = report::Turn::wait(out, &interrupt.stop)? else {
            return Ok(None);
        };
        let _held = interrupt.hold();
        report::write(&bundle, out, &turn).map(Some)
    });
    match written {
        Ok(Some(files)) => Ok(files),
        Ok(None) => Err(Exit::Interrupted),
        Err(why) => {
            complain(&format!("error: {why}\n"));
            Err(Exit::BadInput)
        }
    }
}
