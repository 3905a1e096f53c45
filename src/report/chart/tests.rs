use super::drawing::{Mark, text_box};
use super::labels::overlap;
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
fn every_policy_keeps_its_colour_and_dash_apart() {
    let results = fixture::many();
    let reading = read(&results);
    let scene = Scene::new(&results, &reading);
    let mut looks: Vec<(&str, Vec<String>)> = scene
        .looks
        .iter()
        .map(|look| {
            (
                look.ink.name(),
                look.dash.iter().map(f64::to_string).collect(),
            )
        })
        .collect();
    looks.sort();
    looks.dedup();
    assert_eq!(looks.len(), results.policies.len());
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
