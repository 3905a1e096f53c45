//! One line of progress on stderr, only on a terminal.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::terminal::{Look, complain};

/// The progress of one scenario's runs.
#[derive(Debug)]
pub(super) struct Progress<'s> {
    name: String,
    of: usize,
    done: AtomicUsize,
    started: Instant,
    /// When the line was last drawn; None if it is never drawn.
    drawn: Option<Mutex<Instant>>,
    stands: &'s AtomicBool,
    unicode: bool,
    /// Columns of the terminal, as far as it is known.
    columns: usize,
}

/// The longest and the shortest bar.
const WIDTH: usize = 22;
const SHORTEST: usize = 6;

/// What the shell says of the terminal's width, if it does.
fn columns() -> usize {
    let said = std::env::var("COLUMNS").ok();
    said.and_then(|text| text.parse().ok()).unwrap_or(80)
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

impl<'s> Progress<'s> {
    /// Of so many runs; `stands` is told whether a line stands on the terminal.
    pub(super) fn new(name: &str, of: usize, quiet: bool, stands: &'s AtomicBool) -> Progress<'s> {
        let look = Look::of_stderr();
        let started = clock();
        let drawn = (look.redraws && !quiet).then(|| Mutex::new(started));
        let name = name.to_string();
        Progress {
            name,
            of,
            done: AtomicUsize::new(0),
            started,
            drawn,
            stands,
            unicode: look.unicode,
            columns: columns(),
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
            // A terminal narrower than it says cuts the line off (DECAWM) instead of wrapping it,
            // since what is wrapped could not be wiped.
            let line = self.line(done, took, self.columns);
            self.stands.store(true, Ordering::Relaxed);
            complain(&format!("\r\x1b[K\x1b[?7l{line}\x1b[?7h"));
        }
    }

    /// Wipes the line; returns how many runs are done and the seconds they took.
    pub(super) fn end(&self) -> (usize, f64) {
        if self.drawn.is_some() {
            complain("\r\x1b[K");
            self.stands.store(false, Ordering::Relaxed);
        }
        let took = (clock() - self.started).as_secs_f64();
        (self.done.load(Ordering::Relaxed).min(self.of), took)
    }

    /// The line in fewer than so many columns: figures first, the bar in what is left.
    fn line(&self, done: usize, took: f64, columns: usize) -> String {
        let left = took / done.max(1) as f64 * (self.of - done.min(self.of)) as f64;
        let name: String = self.name.chars().take(16).collect();
        let of = self.of;
        let figures = format!("{name}  {done} of {of} runs  about {left:.0} s left");
        let most = columns.saturating_sub(1);
        let room = most.saturating_sub(figures.chars().count() + 2).min(WIDTH);
        if room < SHORTEST {
            return figures.chars().take(most).collect();
        }
        let full = done.min(of) * room / of.max(1);
        let (a, b) = if self.unicode {
            ("━", "─")
        } else {
            ("#", "-")
        };
        let bar = format!("{}{}", a.repeat(full), b.repeat(room - full));
        format!("{figures}  {bar}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_stays_within_the_terminal() {
        let stands = AtomicBool::new(false);
        let progress = Progress::new("a-scenario-with-a-long-name", 3200, true, &stands);
        for columns in 0..120 {
            for done in [0, 1, 1600, 3200] {
                let width = progress.line(done, 12.3, columns).chars().count();
                assert!(width <= columns.saturating_sub(1), "{columns}: {width}");
            }
        }
        let wide = progress.line(1600, 12.0, 80);
        assert!(
            wide.starts_with("a-scenario-with-  1600 of 3200 runs  about 12 s left  "),
            "{wide}"
        );
    }

    #[test]
    fn a_line_stands_from_its_drawing_to_its_wiping() {
        let stands = AtomicBool::new(false);
        let mut progress = Progress::new("quiet", 4, true, &stands);
        progress.step();
        assert!(!stands.load(Ordering::Relaxed), "quiet draws nothing");
        progress.drawn = Some(Mutex::new(progress.started - 2 * REDRAW));
        progress.step();
        assert!(stands.load(Ordering::Relaxed));
        progress.end();
        assert!(!stands.load(Ordering::Relaxed));
    }
}
