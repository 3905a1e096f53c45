//! Recorded windows of a service's clients: how fast each called in each stretch of time, and how unevenly.
//!
//! A CSV file with the header `client,t_s,rate_rps,cv,dist`, by client and time: the client's number, when the
//! window begins, calls per second in it, the standard deviation of the gaps over their mean, and which law they
//! follow, G (gamma) or W (Weibull). A window that is not there has no calls.

use super::lines::{self, LineErrors};
use crate::base::Duration;

/// One window of a client.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// When it begins, in whole seconds from the start of the recording.
    pub start_s: u32,
    /// Calls per second.
    pub rate_per_s: f64,
    /// Standard deviation of a gap over its mean.
    pub cv: f64,
    /// The law of the gaps.
    pub law: Gap,
}

/// The law of a gap between two calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gap {
    /// Gamma.
    #[default]
    Gamma,
    /// Weibull.
    Weibull,
}

/// The windows of all clients.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Windows {
    /// By client, in order of their numbers; each client's in order of time.
    pub clients: Vec<Vec<Window>>,
}

/// The columns they must have.
const HEADER: &str = "client,t_s,rate_rps,cv,dist";
const NAMES: [&str; 5] = ["client", "t_s", "rate_rps", "cv", "dist"];

/// More clients than can be told apart.
pub const MOST_CLIENTS: usize = 4096;

/// More windows of a client than can be told apart: a hundred days of ten minutes.
pub const MOST_WINDOWS: usize = 16_384;

/// More seconds than a year has.
const MOST_SECONDS: f64 = 366.0 * 86_400.0;

impl Windows {
    /// Reads windows.
    ///
    /// # Errors
    /// Every line that is not as it should be.
    pub fn parse(bytes: &[u8]) -> Result<Windows, LineErrors> {
        let (mut clients, mut last) = (Vec::<Vec<Window>>::new(), None);
        lines::read(bytes, HEADER, "windows", |line| {
            let [client, start, rate, cv, law] = lines::cells(line, NAMES, cell)?;
            let window = Window {
                // At most a year.
                start_s: start as u32,
                rate_per_s: rate,
                cv,
                law: if law == 0.0 { Gap::Gamma } else { Gap::Weibull },
            };
            let before = last.replace((client, start));
            match (before, clients.last_mut()) {
                (Some((same, _)), Some(windows)) if same == client => windows.push(window),
                _ => clients.push(vec![window]),
            }
            let number = 0..line.find(',').unwrap_or_default();
            let wrong = |why: &str| Err(vec![(number, why.to_owned())]);
            match before {
                Some((other, _)) if client < other => {
                    wrong("it comes after a higher number: not sorted")
                }
                Some((same, at)) if client == same && start <= at => {
                    wrong("its window is not after the one above it: not sorted")
                }
                _ if clients.len() > MOST_CLIENTS => wrong("more than 4096 clients"),
                _ if clients.last().is_some_and(|of| of.len() > MOST_WINDOWS) => {
                    wrong("more than 16384 windows of one client")
                }
                _ => Ok(()),
            }
        })?;
        Ok(Windows { clients })
    }

    /// All windows of all clients.
    pub fn all(&self) -> impl Iterator<Item = &Window> {
        self.clients.iter().flatten()
    }

    /// Calls expected in a time of the recording whose windows are this long.
    pub fn expected(&self, from: Duration, to: Duration, window: Duration) -> f64 {
        let (from, to, long) = (from.as_s_f64(), to.as_s_f64(), window.as_s_f64());
        let within = |window: &Window| {
            let start = f64::from(window.start_s);
            let shared = (start + long).min(to) - start.max(from);
            window.rate_per_s * shared.max(0.0)
        };
        self.all().map(within).sum()
    }

    /// The most calls per second that all clients together have in any window.
    pub fn most_per_s(&self) -> f64 {
        let mut all: Vec<(u32, f64)> = self.all().map(|w| (w.start_s, w.rate_per_s)).collect();
        all.sort_unstable_by_key(|(start, _)| *start);
        let together = all.chunk_by(|a, b| a.0 == b.0);
        together.fold(0.0, |most, at| {
            f64::max(most, at.iter().map(|(_, rate)| rate).sum())
        })
    }

    /// The shortest time from one window of a client to his next, in seconds; None if none has two.
    pub fn shortest_s(&self) -> Option<u32> {
        let steps = |windows: &Vec<Window>| {
            let pairs = windows.windows(2);
            pairs.map(|pair| pair[1].start_s - pair[0].start_s).min()
        };
        self.clients.iter().filter_map(steps).min()
    }
}

/// A cell as a number; the law as 0 or 1.
fn cell(column: usize, text: &str) -> Result<f64, String> {
    let name = NAMES[column];
    let between = |least: f64, most: f64| match text.parse::<f64>() {
        Ok(value) if (least..=most).contains(&value) => Ok(value),
        Ok(_) => Err(format!("{text} is absurd for `{name}`")),
        Err(_) => Err(format!("`{text}` is no number (`{name}`)")),
    };
    let whole = |most: f64| match between(0.0, most)? {
        value if value.fract() == 0.0 => Ok(value),
        _ => Err(format!("`{text}` is no whole number (`{name}`)")),
    };
    match column {
        0 => whole(1e9),
        1 => whole(MOST_SECONDS),
        2 => between(1e-6, 1e5),
        3 => between(0.01, 1000.0),
        _ => match text {
            "G" => Ok(0.0),
            "W" => Ok(1.0),
            _ => Err(format!("`{text}` is no law: G (gamma) or W (Weibull)")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::lines::Wrong;

    const TEXT: &str =
        "client,t_s,rate_rps,cv,dist\n3,0,2,1,G\n3,1200,4.5,2.5,W\n9,600,1,0.9,G\n9,1200,0.5,1,G\n";

    #[test]
    fn windows_are_read_by_client_and_time() {
        let windows = Windows::parse(TEXT.as_bytes()).unwrap();
        let lengths: Vec<usize> = windows.clients.iter().map(Vec::len).collect();
        assert_eq!(lengths, [2, 2]);
        assert_eq!(
            windows.clients[0][1],
            Window {
                start_s: 1200,
                rate_per_s: 4.5,
                cv: 2.5,
                law: Gap::Weibull
            }
        );
        let at = |s| Duration::from_s(s);
        // Half of the first window, and all of the second.
        assert_eq!(windows.expected(at(300), at(1200), at(600)), 600.0 + 600.0);
        assert_eq!(windows.most_per_s(), 5.0);
        assert_eq!(windows.shortest_s(), Some(600));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let told = |line: &str| {
            let text = format!("{TEXT}{line}\n");
            let errors = Windows::parse(text.as_bytes()).unwrap_err();
            assert_eq!(errors.first[0].line, 6);
            let told = |(at, why): &Wrong| (at.start, why.clone());
            errors.first[0].wrong.iter().map(told).collect::<Vec<_>>()
        };
        let one = |at: usize, why: &str| vec![(at, why.to_owned())];
        assert_eq!(
            told("8,0,1,1,G"),
            one(0, "it comes after a higher number: not sorted")
        );
        let early = "its window is not after the one above it: not sorted";
        assert_eq!(told("9,1200,1,1,G"), one(0, early));
        assert_eq!(told("10,1200,0,1,G"), one(8, "0 is absurd for `rate_rps`"));
        assert_eq!(
            told("10,1.5,1,1,G"),
            one(3, "`1.5` is no whole number (`t_s`)")
        );
        assert_eq!(
            told("10,0,1,1,P"),
            one(9, "`P` is no law: G (gamma) or W (Weibull)")
        );
        assert_eq!(told("10,0,1,1"), one(8, "`dist` is missing"));
    }
}
