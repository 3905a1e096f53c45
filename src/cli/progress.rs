//! One line of progress on stderr, only on a terminal.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::terminal::{Look, complain};

/// The progress of one scenario's runs.
#[derive(Debug)]
pub(super) struct Progress {
    name: String,
    of: usize,
    done: AtomicUsize,
    started: Instant,
    /// When the line was last drawn; None if it is never drawn.
    drawn: Option<Mutex<Instant>>,
    unicode: bool,
}

/// At most ten lines a second: drawing must not be what takes the time.
const REDRAW: Duration = Duration::from_millis(100);

#[expect(
    clippy::disallowed_methods,
    reason = "progress is about real time, results are not"
)]
fn clock() -> Instant {
    Instant::now()
}

impl Progress {
    pub(super) fn new(name: &str, of: usize, quiet: bool) -> Progress {
        let look = Look::of_stderr();
        let started = clock();
        let drawn = (look.is_terminal && !quiet).then(|| Mutex::new(started));
        let name = name.to_string();
        Progress {
            name,
            of,
            done: AtomicUsize::new(0),
            started,
            drawn,
            unicode: look.unicode,
        }
    }

    /// One more run is done. Called from any thread.
    pub(super) fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let Some(drawn) = &self.drawn else { return };
        // Whoever finds the line being drawn has nothing to add.
        let Ok(mut last) = drawn.try_lock() else {
            return;
        };
        let now = clock();
        if now - *last >= REDRAW {
            *last = now;
            let took = (now - self.started).as_secs_f64();
            complain(&format!("\r\x1b[K{}", self.line(done, took)));
        }
    }

    /// Wipes the line; returns how many runs are done and the seconds they took.
    pub(super) fn end(&self) -> (usize, f64) {
        if self.drawn.is_some() {
            complain("\r\x1b[K");
        }
        let took = (clock() - self.started).as_secs_f64();
        (self.done.load(Ordering::Relaxed).min(self.of), took)
    }

    fn line(&self, done: usize, took: f64) -> String {
        const WIDTH: usize = 22;
        let full = done * WIDTH / self.of.max(1);
        let (a, b) = if self.unicode {
            ("━", "─")
        } else {
            ("#", "-")
        };
        let bar = format!("{}{}", a.repeat(full), b.repeat(WIDTH - full));
        let left = took / done.max(1) as f64 * (self.of - done.min(self.of)) as f64;
        let name: String = self.name.chars().take(16).collect();
        format!(
            "{name}  {bar}  {done} of {} runs  {took:.1} s  about {left:.1} s left",
            self.of
        )
    }
}
