use super::drawing::{Mark, text_box};
use super::labels::overlap;
use super::palette::Ink;
use super::*;
use crate::report::fixture;
use crate::report::reading::read;

/// Every chart of every fixture.
fn each(mut look: impl FnMut(&str, &Chart, &Scene<'_>)) {
    for (name, results) in fixture::all() {
        let reading = read(&results);
        let scene = Scene::new(&results, &reading);
        for chart in CHARTS.iter().filter(|chart| (chart.applies)(&results)) {
            look(&format!("{name}/{}", chart.name), chart, &scene);
        }
    }
}

#[test]
fn no_text_overlaps_another_and_none_is_cut_off() {
    each(|name, chart, scene| {
        let drawing = (chart.draw)(scene);
        let texts: Vec<(String, [f64; 4])> = drawing
            .marks
            .iter()
            .filter_map(|mark| match mark {
                Mark::Text { at, anchor, runs } => {
                    let text = runs.iter().map(|run| run.text.as_str()).collect();
                    Some((text, text_box(*at, *anchor, runs)))
                }
                _ => None,
            })
            .collect();
        for (i, (text, area)) in texts.iter().enumerate() {
            let inside = area[0] >= -12.0
                && area[1] >= -12.0
                && area[2] <= drawing.width + 12.0
                && area[3] <= drawing.height + 12.0;
            assert!(inside, "{name}: `{text}` at {area:?} of {}", drawing.width);
            for (other, second) in &texts[i + 1..] {
                assert!(!overlap(*area, *second), "{name}: `{text}` over `{other}`");
            }
        }
    });
}

#[test]
fn every_policy_keeps_its_line_and_its_dot_apart() {
    let results = fixture::many();
    assert!(results.policies.len() >= 16, "more than colours");
    let reading = read(&results);
    let scene = Scene::new(&results, &reading);
    let different = |mut marks: Vec<String>| {
        marks.sort();
        marks.dedup();
        marks.len()
    };
    let looks = || scene.looks.iter();
    let lines = looks().map(|look| format!("{} {:?}", look.ink.name(), look.dash));
    assert_eq!(different(lines.collect()), results.policies.len());
    let dots = looks().map(|look| format!("{} {:?}", look.ink.name(), look.shape));
    assert_eq!(different(dots.collect()), results.policies.len());
}

/// A policy's marks in a drawing: the colours and shapes of dots, the colours and dashes of lines.
fn marks(drawing: &Drawing) -> (Vec<String>, Vec<String>) {
    let (mut dots, mut lines) = (Vec::new(), Vec::new());
    for mark in &drawing.marks {
        match mark {
            Mark::Dot { shape, ink, .. } => dots.push(format!("{} {shape:?}", ink.name())),
            Mark::Line { dash, ink, .. } => lines.push(format!("{} {dash:?}", ink.name())),
            _ => {}
        }
    }
    (dots, lines)
}

#[test]
fn where_colours_repeat_dots_and_samples_of_lines_stand_beside_the_names() {
    let results = fixture::many();
    let reading = read(&results);
    let scene = Scene::new(&results, &reading);
    for chart in CHARTS.iter().filter(|chart| (chart.applies)(&results)) {
        let (dots, lines) = marks(&(chart.draw)(&scene));
        let lined = chart.name == "amplification";
        for look in scene.looks.iter() {
            let dot = format!("{} {:?}", look.ink.name(), look.shape);
            let shown = dots.contains(&dot) || chart.name == "breakers";
            let baseline = look.policy.name == results.compare.baseline;
            let left_out = baseline && chart.name == "differences";
            assert!(shown || left_out, "{}: {}", chart.name, look.policy.name);
            let line = format!("{} {:?}", look.ink.name(), look.dash);
            let times = lines.iter().filter(|l| **l == line).count();
            assert!(!lined || times >= 2, "no sample of {}", look.policy.name);
        }
    }
}

#[test]
fn degraded_answers_have_a_line_of_their_own() {
    let results = fixture::degraded();
    let reading = read(&results);
    let scene = Scene::new(&results, &reading);
    let drawing = (timeline::CHART.draw)(&scene);
    let drawn = |ink: Ink, drawing: &Drawing| {
        let lines = drawing.marks.iter();
        lines
            .filter(|mark| matches!(mark, Mark::Line { ink: i, .. } if *i == ink))
            .count()
    };
    assert!(drawn(Ink::Degraded, &drawing) > 0);
    let plain = fixture::outage();
    let reading = read(&plain);
    let before = (timeline::CHART.draw)(&Scene::new(&plain, &reading));
    assert_eq!(drawn(Ink::Degraded, &before), 0);
    assert!(
        drawn(Ink::Bad, &drawing) < drawn(Ink::Bad, &before),
        "no failures"
    );
}

#[test]
fn every_png_has_its_size_and_shows_something() {
    let results = fixture::outage();
    let reading = read(&results);
    let scene = Scene::new(&results, &reading);
    for chart in CHARTS {
        let name = chart.name;
        let bytes = png(chart, &scene).unwrap();
        let decoder = ::png::Decoder::new(std::io::Cursor::new(&bytes));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        let info = reader.info();
        let width = (chart.draw)(&scene).width;
        assert_eq!(f64::from(info.width), (width + 48.0) * 2.0, "{name}");
        assert!(info.pixel_dims.is_some(), "{name}");
        let ground = &pixels[..3].to_vec();
        let drawn = pixels.chunks(3).filter(|pixel| pixel != ground).count();
        assert!(drawn * 200 > pixels.len() / 3, "{name}: {drawn} px drawn");
    }
}

#[test]
fn tables_have_a_cell_under_every_heading() {
    each(|name, chart, scene| {
        let table = (chart.table)(scene);
        assert!(!table.rows.is_empty(), "{name}");
        for row in &table.rows {
            assert_eq!(row.len(), table.head.len(), "{name}");
        }
        assert!(!(chart.title)(scene).is_empty());
        assert!(!(chart.how)(scene).is_empty());
    });
}
