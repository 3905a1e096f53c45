//! Turns at writing into a folder: one process at a time.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::base::Stop;

/// How long a process that waits for its turn sleeps before it asks again, and looks whether it was
/// told to stop.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// A turn at writing into a folder, which ends when it is dropped or its process dies.
#[derive(Debug)]
pub struct Turn {
    /// None where a folder cannot be locked: then leftovers stay, and free names are taken.
    locked: Option<File>,
}

impl Turn {
    /// Waits for a turn at a folder, which is made if it is not there; None if it was told to stop
    /// before it had one. Nothing else may be held meanwhile: others may take long.
    ///
    /// # Errors
    /// The cause, if the folder cannot be made.
    pub fn wait(dir: &Path, stop: &Stop) -> io::Result<Option<Turn>> {
        fs::create_dir_all(dir)?;
        let Ok(folder) = File::open(dir) else {
            return Ok(Some(Turn { locked: None }));
        };
        while stop.check().is_some() {
            let locked = match folder.try_lock() {
                Ok(()) => Some(folder),
                Err(TryLockError::Error(_)) => None,
                Err(TryLockError::WouldBlock) => {
                    std::thread::sleep(ASK_AGAIN);
                    continue;
                }
            };
            return Ok(Some(Turn { locked }));
        }
        Ok(None)
    }

    /// Whether nobody else writes there: unfinished reports are then nobody's work in progress.
    pub(super) fn is_alone(&self) -> bool {
        self.locked.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_waits_for_a_turn_is_told_to_stop() {
        let dir = std::env::temp_dir().join(format!("squall-turn-{}", std::process::id()));
        let stop = Stop::default();
        let turn = Turn::wait(&dir, &stop).unwrap();
        assert!(turn.as_ref().is_some_and(Turn::is_alone));
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| Turn::wait(&dir, &stop));
            stop.say();
            assert!(waits.join().unwrap().unwrap().is_none());
        });
        drop(turn);
        let again = Turn::wait(&dir, &Stop::default()).unwrap();
        fs::remove_dir(&dir).unwrap();
        assert!(again.is_some_and(|turn| turn.is_alone()));
    }
}
