//! What the terminal can show, and writing to it without falling over a closed pipe.

use std::io::{self, IsTerminal, Write};

use crate::scenario::Style;

/// What a stream can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) color: bool,
    pub(super) unicode: bool,
    /// Whether a line can be drawn over: a terminal that is not dumb.
    pub(super) redraws: bool,
    /// Columns of a terminal that says how many it has.
    pub(super) width: Option<u16>,
}

impl Look {
    pub(super) fn of_stdout() -> Look {
        Look::of(io::stdout().is_terminal())
    }

    pub(super) fn of_stderr() -> Look {
        Look::of(io::stderr().is_terminal())
    }

    /// How mistakes are drawn.
    pub(super) fn style(self) -> Style {
        Style {
            color: self.color,
            unicode: self.unicode,
        }
    }

    fn of(is_terminal: bool) -> Look {
        let var = |name: &str| std::env::var(name).unwrap_or_default();
        Look::from_env(is_terminal, &var)
    }

    /// Colour only on a terminal that is not dumb, unless NO_COLOR is set; ASCII where the locale
    /// says so.
    fn from_env(is_terminal: bool, var: &dyn Fn(&str) -> String) -> Look {
        let dumb = var("TERM") == "dumb";
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .map(var)
            .into_iter()
            .find(|v| !v.is_empty());
        let ascii = locale.is_some_and(|l| l == "C" || l == "POSIX");
        Look {
            color: is_terminal && !dumb && var("NO_COLOR").is_empty(),
            unicode: !ascii && !dumb,
            redraws: is_terminal && !dumb,
            width: var("COLUMNS").parse().ok().filter(|_| is_terminal),
        }
    }
}

/// Prints to stdout. A reader that went away is no failure; a full disk is, and is said.
pub(super) fn print(text: &str) -> bool {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!(
                "error: standard output cannot be written: {why}\n"
            ));
            false
        }
        Ok(()) | Err(_) => true,
    }
}

/// Prints to stderr. A reader that went away is no failure.
pub(super) fn complain(text: &str) {
    let mut out = io::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(is_terminal: bool, vars: &[(&str, &str)]) -> Look {
        let var = |name: &str| {
            let found = vars.iter().find(|(n, _)| *n == name);
            found.map(|(_, v)| (*v).to_string()).unwrap_or_default()
        };
        Look::from_env(is_terminal, &var)
    }

    #[test]
    fn colour_is_for_terminals_that_want_it() {
        assert!(look(true, &[]).color);
        assert!(!look(false, &[]).color);
        assert!(!look(true, &[("NO_COLOR", "1")]).color);
        assert!(!look(true, &[("TERM", "dumb")]).color);
    }

    #[test]
    fn only_a_terminal_that_is_not_dumb_is_drawn_over() {
        assert!(look(true, &[("TERM", "xterm")]).redraws);
        assert!(!look(false, &[]).redraws);
        assert!(!look(true, &[("TERM", "dumb")]).redraws);
    }

    #[test]
    fn a_plain_locale_gets_ascii() {
        assert!(look(true, &[]).unicode);
        assert!(look(true, &[("LANG", "en_GB.UTF-8")]).unicode);
        assert!(!look(true, &[("LANG", "en_GB.UTF-8"), ("LC_ALL", "C")]).unicode);
        assert!(!look(true, &[("TERM", "dumb")]).unicode);
    }
}
