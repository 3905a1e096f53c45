//! What Ctrl-C and SIGTERM do: the first one asks the work to stop, a second one ends the process,
//! but never while a report is being put in place.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::base::Stop;

use super::Exit;
use super::terminal::complain;

/// The handler's end and the work's end of an interrupt.
#[derive(Debug, Default)]
pub(super) struct Interrupt {
    /// Looked at by whatever takes long.
    pub(super) stop: Stop,
    /// Held while a report is written.
    writing: Mutex<()>,
    /// Whether a line of progress stands on the terminal: [`super::progress`] says.
    pub(super) line_stands: AtomicBool,
}

impl Interrupt {
    /// Takes over the signals of this process.
    pub(super) fn catch() -> Result<Arc<Interrupt>, ctrlc::Error> {
        let interrupt = Arc::new(Interrupt::default());
        let shared = Arc::clone(&interrupt);
        // The handler has a thread of its own and may wait.
        ctrlc::set_handler(move || shared.on_signal())?;
        Ok(interrupt)
    }

    /// While this is held no signal ends the process. Only for what takes no time: a second Ctrl-C
    /// waits for it.
    pub(super) fn hold(&self) -> Option<MutexGuard<'_, ()>> {
        // Whoever panicked with it wrote nothing that this guards.
        self.writing.lock().ok()
    }

    fn on_signal(&self) {
        if self.stop.say() {
            complain(told(self.line_stands.load(Ordering::Relaxed)));
            return;
        }
        // Held to the end, so that no other report is begun.
        let _written = self.hold();
        std::process::exit(Exit::Interrupted as i32);
    }
}

/// What the first signal is answered with; a line of progress is left as it stands.
fn told(line_stands: bool) -> &'static str {
    match line_stands {
        true => "\nstopping; again to quit at once\n",
        false => "stopping; again to quit at once\n",
    }
}
