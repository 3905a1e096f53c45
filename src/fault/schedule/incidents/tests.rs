//! Years of incidents against what their laws say.

use super::*;
use crate::base::draw::{Root, Stage};
use crate::fault::schedule::{Config as Schedule, profile};

const YEAR: Range<Instant> = Instant(0)..Instant(365 * 24 * HOUR_NS);

fn draws(year: u32) -> Draws {
    Draws::new(Root::new(9, Stage::Run, year))
}

fn law(name: &str) -> Schedule {
    Schedule::Profile(profile::Config { name: name.into() })
}

/// The share of a year's requests that fail, at a constant rate.
fn lost(times: &[Occurrence]) -> f64 {
    let lost = |one: &Occurrence| one.share * one.to.since(one.from).as_s_f64();
    times.iter().map(lost).sum::<f64>() / YEAR.end.since(YEAR.start).as_s_f64()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The rule for a year of incidents: the mean of 200 years or more within 10 % of rate · E[duration] ·
/// E[share], and the availability that was published of OpenAI's API, 99.82 %, within their central 95 %.
#[test]
fn years_of_incidents_lose_what_the_law_says_and_what_was_published() {
    for (name, gap_h, mu, sigma, share, published) in [
        ("openai-api", 81.0, 3.82, 1.31, 0.0995, Some(0.9982)),
        ("anthropic-api", 61.6, 3.85, 1.39, 0.0688, None),
    ] {
        let law = law(name);
        let mut years: Vec<f64> = (0..400)
            .map(|year| lost(&law.times(YEAR, 0, &draws(year))))
            .collect();
        let minutes = libm::exp(mu + sigma * sigma / 2.0);
        let expected = minutes / 60.0 / gap_h * share;
        let got = mean(&years);
        assert!(
            (got / expected - 1.0).abs() < 0.1,
            "{name}, seed 9: {got} against {expected}"
        );
        years.sort_by(f64::total_cmp);
        let central = 1.0 - years[389]..1.0 - years[10];
        if let Some(published) = published {
            assert!(central.contains(&published), "{name}: {central:?}");
        }
    }
}

#[test]
fn there_are_as_many_as_the_gaps_say_from_the_first_day_on() {
    let law = law("openai-api");
    let (mut all, mut first_day) = (0, 0);
    for year in 0..2000 {
        let times = law.times(YEAR, 3, &draws(year));
        let starts = times.iter().filter(|t| t.from > YEAR.start);
        all += starts.clone().count();
        let week = Instant(WEEK_NS);
        first_day += starts.filter(|t| t.from < week).count();
    }
    // Pieces of overlapping incidents count twice, about one in forty; the mean gap is 81 h.
    let a_year = all as f64 / 2000.0;
    assert!(
        (a_year / (8760.0 / 81.0) - 1.03).abs() < 0.04,
        "seed 9: {a_year}"
    );
    let a_week = first_day as f64 / 2000.0 * 365.0 / 7.0;
    assert!(
        (a_week / a_year - 1.0).abs() < 0.1,
        "seed 9: {a_week} against {a_year}"
    );
}

/// 8 of 24 hours, from 15:00 to 23:00, have 188 of 347 of the weights, and the weekend 26 of 341.
#[test]
fn they_begin_at_the_hours_and_on_the_weekdays_of_the_law() {
    let law = law("openai-api");
    let (mut all, mut late, mut weekend) = (0u32, 0u32, 0u32);
    for year in 0..400 {
        for one in law.times(YEAR, 1, &draws(year)) {
            let hour = one.from.0 / HOUR_NS;
            all += 1;
            late += u32::from((15..23).contains(&(hour % 24)));
            weekend += u32::from(hour % 168 >= 120);
        }
    }
    let share = |n: u32| f64::from(n) / f64::from(all);
    // Of some 44 000 the standard errors are 0.0024 and 0.0013; ends of overlaps begin pieces too.
    assert!(
        (share(late) - 188.0 / 347.0).abs() < 0.015,
        "{}",
        share(late)
    );
    assert!(
        (share(weekend) - 26.0 / 341.0).abs() < 0.008,
        "{}",
        share(weekend)
    );
}

#[test]
fn gaps_are_weibull() {
    let law = Config {
        gap: Gap {
            shape: 0.774,
            scale: Duration::from_s(69 * 3600),
        },
        lasts: Dist::Constant(Duration::from_s(1)),
        severity: BTreeMap::new(),
        hours: Vec::new(),
        weekdays: Vec::new(),
    };
    let span = Instant(0)..Instant(1_800_000 * HOUR_NS);
    let times = law.times(span, 0, &draws(0));
    let mut gaps: Vec<f64> = times
        .windows(2)
        .map(|pair| pair[1].from.since(pair[0].from).as_s_f64())
        .collect();
    gaps.sort_by(f64::total_cmp);
    let n = gaps.len() as f64;
    let cdf = |x: f64| 1.0 - libm::exp(-libm::pow(x / (69.0 * 3600.0), 0.774));
    let d = gaps.iter().enumerate().map(|(i, x)| {
        let (low, high) = (i as f64 / n, (i + 1) as f64 / n);
        (cdf(*x) - low).abs().max((cdf(*x) - high).abs())
    });
    let d = d.fold(0.0, f64::max);
    assert!(
        n > 20_000.0 && d < 2.7 / n.sqrt(),
        "seed 9, n = {n}: D = {d}"
    );
    assert!(times.iter().all(|one| one.share == 1.0));
}

/// Of gaps whose mean is 3.3 scales: 4000 spans of ten means hold 10 starts each on average, with a standard
/// error of 0.16 (the squared coefficient of variation of a gap is 9.9).
#[test]
fn clustered_incidents_are_as_many_as_their_mean_gap_says() {
    let clustered = Config {
        gap: Gap {
            shape: 0.4,
            scale: Duration::from_s(36_000),
        },
        lasts: Dist::Constant(Duration::from_ms(1)),
        severity: Default::default(),
        hours: Vec::new(),
        weekdays: Vec::new(),
    };
    let span = Instant::ZERO..Instant::ZERO + Duration::from_s_f64(10.0 * clustered.gap.mean_s());
    let starts = |run: u32| clustered.times(span.clone(), 0, &draws(run)).len() as f64;
    let counts: Vec<f64> = (0..4000).map(starts).collect();
    let got = mean(&counts);
    assert!((got - 10.0).abs() < 0.65, "seed 9: {got}");
}
