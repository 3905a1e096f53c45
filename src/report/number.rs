//! Numbers as a reader meets them: no digit beyond the interval, a true minus, "≥ 60 s".

/// A number with so many decimals and a true minus sign; never "−0.0".
pub(super) fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|b| b == b'0' || b == b'.') => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// The same with its sign always written, except for zero.
pub(super) fn signed(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    let zero = text.bytes().all(|b| b == b'0' || b == b'.');
    if value > 0.0 && !zero {
        format!("+{text}")
    } else {
        text
    }
}

/// How many decimals show the leading digit of `size`: 0.4 → 1, 0.05 → 2, 7 → 0.
pub(super) fn leading(size: f64) -> usize {
    if !size.is_finite() || size <= 0.0 {
        return 0;
    }
    // 0.95 prints as 1.0 at one decimal: the small push keeps 0.1 itself at one decimal.
    (-libm::log10(size) - 1e-9).ceil().clamp(0.0, 9.0) as usize
}

/// How many decimals show three digits of a value that is exactly known: 0.5002 → 3, 17 → 1.
pub(super) fn three(value: f64) -> usize {
    if value == 0.0 || !value.is_finite() {
        return 0;
    }
    (2.0 - libm::log10(value.abs()).floor()).clamp(0.0, 9.0) as usize
}

/// The fewest decimals that show a value that is exactly known, to three digits at most: 2.5 → 1, 60 → 0.
pub(super) fn exact(value: f64) -> usize {
    let most = three(value);
    let shows = |decimals: &usize| {
        let scale = libm::pow(10.0, *decimals as f64);
        (libm::round(value * scale) / scale - value).abs() <= 1e-9 * value.abs()
    };
    (0..most).find(shows).unwrap_or(most)
}

/// Thousands set apart by a narrow space: 9600 → 9 600.
pub(super) fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// A point of virtual time as a clock shows it: 3:00, 1:02:30; with tenths if it has any. From two days on with
/// its day, and to the second: 20d, 24d 6:00.
pub(super) fn clock(ns: u64) -> String {
    let tenths = ns / 100_000_000 % 10;
    let s = ns / 1_000_000_000;
    const DAY_S: u64 = 86_400;
    if s >= 2 * DAY_S {
        let (day, hour, minute, second) = (s / DAY_S, s / 3600 % 24, s / 60 % 60, s % 60);
        return match (hour, minute, second) {
            (0, 0, 0) => format!("{day}d"),
            (_, _, 0) => format!("{day}d {hour}:{minute:02}"),
            _ => format!("{day}d {hour}:{minute:02}:{second:02}"),
        };
    }
    let text = if s >= 3600 {
        format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
    } else {
        format!("{}:{:02}", s / 60, s % 60)
    };
    if tenths == 0 {
        text
    } else {
        format!("{text}.{tenths}")
    }
}

/// A length of time in words: 60 s, 10 min, 1.5 h, 250 ms.
pub(super) fn span(ns: u64) -> String {
    const UNITS: [(u64, &str); 4] = [
        (3_600_000_000_000, "h"),
        (60_000_000_000, "min"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
    ];
    for (size, name) in UNITS {
        // 90 s and 60 s read better in seconds; 10 min better in minutes.
        if ns >= 2 * size || (ns >= size && size <= 1_000_000_000) {
            let tenths = (ns * 10 + size / 2) / size;
            return match tenths % 10 {
                0 => format!("{} {name}", tenths / 10),
                tenth => format!("{}.{tenth} {name}", tenths / 10),
            };
        }
    }
    format!("{ns} ns")
}

/// A number without trailing zeros, for limits and ticks: 0.10 → 0.1, 60.0 → 60.
pub(super) fn plain(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// "one", "one and two", "one, two and three".
pub(super) fn list<S: AsRef<str>>(names: &[S]) -> String {
    match names {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [init @ .., last] => {
            let init: Vec<&str> = init.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", init.join(", "), last.as_ref())
        }
    }
}

/// A list with a count in place of what a title has no room for: "a, b and 5 others".
pub(super) fn some<S: AsRef<str>>(names: &[S]) -> String {
    const MOST: usize = 3;
    if names.len() <= MOST {
        return list(names);
    }
    let mut few: Vec<String> = names[..MOST - 1]
        .iter()
        .map(|name| name.as_ref().to_owned())
        .collect();
    few.push(format!("{} others", names.len() + 1 - MOST));
    list(&few)
}

/// An upper bound of a share as odds a person can picture: 0.09 → "1 run in 11".
pub(super) fn odds(share: f64) -> Option<String> {
    (share > 0.0 && share <= 0.5).then(|| format!("1 run in {}", (1.0 / share) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_true_and_zero_has_none() {
        assert_eq!(fixed(-35.81, 1), "−35.8");
        assert_eq!(fixed(-0.001, 1), "0.0");
        assert_eq!(signed(52.5, 1), "+52.5");
        assert_eq!(signed(0.001, 2), "0.00");
        assert_eq!(signed(-1.0, 0), "−1");
    }

    #[test]
    fn decimals_follow_the_interval() {
        assert_eq!(
            [leading(7.0), leading(0.4), leading(0.1), leading(0.05)],
            [0, 1, 1, 2]
        );
        assert_eq!(leading(f64::NAN), 0);
    }

    #[test]
    fn times_read_as_people_write_them() {
        assert_eq!(clock(180_000_000_000), "3:00");
        assert_eq!(clock(3_750_000_000_000), "1:02:30");
        assert_eq!(clock(500_000_000), "0:00.5");
        let hours = |h: u64| h * 3_600_000_000_000;
        assert_eq!(clock(hours(47)), "47:00:00");
        assert_eq!(clock(hours(480)), "20d");
        assert_eq!(clock(hours(582)), "24d 6:00");
        assert_eq!(clock(hours(582) + 5_000_000_000), "24d 6:00:05");
        assert_eq!(span(60_000_000_000), "60 s");
        assert_eq!(span(600_000_000_000), "10 min");
        assert_eq!(span(250_000_000), "250 ms");
        assert_eq!(span(1_500_000_000), "1.5 s");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn lists_and_odds_are_words() {
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(some(&["a", "b", "c", "d"]), "a, b and 2 others");
        assert_eq!(odds(0.0894).as_deref(), Some("1 run in 11"));
        assert_eq!(odds(0.94), None);
    }
}
