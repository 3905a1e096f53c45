//! Points in time as logs write them.

/// Seconds since 1970 (or since whenever the log's numbers begin); None if it is none.
pub(super) fn seconds(text: &str) -> Option<f64> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Some(number * scale(number)),
        Ok(_) => None,
        Err(_) => rfc3339(text),
    }
}

/// The unit of a number since 1970 follows from its size: 10⁹ s were reached in 2001 and 10¹¹ s are in the year
/// 5138; in ms, µs and ns the same.
fn scale(number: f64) -> f64 {
    match number {
        n if n >= 1e17 => 1e-9,
        n if n >= 1e14 => 1e-6,
        n if n >= 1e11 => 1e-3,
        _ => 1.0,
    }
}

/// `2026-05-01T12:30:00.25Z`, `2026-05-01 12:30:00+02:00`; without an offset it is taken as UTC.
fn rfc3339(text: &str) -> Option<f64> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let mut date = date.split('-');
    let mut next = || date.next()?.parse::<i64>().ok();
    let (year, month, day) = (next()?, next()?, next()?);
    let zone = time.find(['Z', 'z', '+', '-']);
    let (clock, zone) = time.split_at(zone.unwrap_or(time.len()));
    let mut parts = clock.trim().splitn(3, ':');
    let mut next = || parts.next()?.parse::<f64>().ok();
    let (hour, minute) = (next()?, next()?);
    let second = next().unwrap_or(0.0);
    let valid = (1970..=2200).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day)
        && (0.0..24.0).contains(&hour)
        && (0.0..60.0).contains(&minute)
        && (0.0..61.0).contains(&second);
    if !valid {
        return None;
    }
    let days = days_from_civil(year, month, day) as f64;
    Some(days * 86_400.0 + hour * 3600.0 + minute * 60.0 + second - offset(zone)?)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<f64> {
    let sign = match zone.chars().next() {
        None | Some('Z' | 'z') => return Some(0.0),
        Some('-') => -1.0,
        Some(_) => 1.0,
    };
    let digits: String = zone[1..].chars().filter(|c| *c != ':').collect();
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        2 => (digits.parse::<f64>().ok()?, 0.0),
        4 => (digits[..2].parse().ok()?, digits[2..].parse().ok()?),
        _ => return None,
    };
    Some(sign * (hours * 3600.0 + minutes * 60.0))
}

/// Days from 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms").
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let month = (month + 9) % 12;
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_seconds_since_1970() {
        // `date -u -d 2026-05-01T12:30:00Z +%s`
        assert_eq!(seconds("2026-05-01T12:30:00Z"), Some(1_777_638_600.0));
        assert_eq!(
            seconds("2026-05-01 14:30:00.5+02:00"),
            Some(1_777_638_600.5)
        );
        assert_eq!(seconds("2000-02-29T00:00:00"), Some(951_782_400.0));
        assert_eq!(seconds("1777638600"), Some(1_777_638_600.0));
        assert_eq!(seconds("1777638600500"), Some(1_777_638_600.5));
        assert_eq!(seconds("1777638600500000000"), Some(1_777_638_600.5));
        for wrong in [
            "",
            "yesterday",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "-5",
            "2026-05-01",
            "NaN",
            "2026-05-01T12:30+aéb",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
