//! A chart as PNG at two pixels to the px, with its finding above it: for slides and pull requests.

use std::io;

use plotters::prelude::BitMapBackend;

use super::drawing::{Anchor, Drawing, Role, Run, fitted};
use super::palette::{Ink, Rgba};
use super::{Chart, Scene, font, raster};

/// Device pixels to the px, as long as a picture has no more than [`MOST`].
const SCALE: f64 = 2.0;
/// Pixels of the largest picture: it takes twelve bytes each to draw one.
const MOST: f64 = 24e6;
/// Drawn larger and averaged down, which smooths what the backend draws with hard edges.
const FINER: u32 = 2;
/// Around everything, px.
const MARGIN: f64 = 24.0;
/// Pixels to the metre at two to the px of 1/96 inch.
const PER_METRE: u32 = 7559;

/// The chart of these results as the bytes of a PNG file.
///
/// # Errors
/// If drawing or encoding fails.
pub(in crate::report) fn png(chart: &Chart, scene: &Scene<'_>) -> io::Result<Vec<u8>> {
    let body = (chart.draw)(scene);
    let (title, how) = ((chart.title)(scene), (chart.how)(scene));
    png_of(chart.name, &title, &how, &body)
}

/// A drawing with its finding above it as the bytes of a PNG file.
///
/// # Errors
/// If drawing or encoding fails.
pub(in crate::report) fn png_of(
    name: &str,
    title: &str,
    how: &str,
    body: &Drawing,
) -> io::Result<Vec<u8>> {
    let head = header(body.width, title, how);
    let size = (
        body.width + 2.0 * MARGIN,
        head.height + body.height + 2.0 * MARGIN,
    );
    // What would be larger is drawn smaller.
    let scale = SCALE.min((MOST / (size.0 * size.1)).sqrt());
    let (width, height) = (
        (size.0 * scale).ceil() as u32,
        (size.1 * scale).ceil() as u32,
    );
    let fine = (width * FINER, height * FINER);
    let Rgba(r, g, b, _) = Ink::Ground.colour().light;
    let mut buffer = [r, g, b].repeat(fine.0 as usize * fine.1 as usize);
    {
        let mut backend = BitMapBackend::with_buffer(&mut buffer, fine);
        let scale = scale * f64::from(FINER);
        let wrong = |e: &io::Error| io::Error::other(format!("{name}: {e}"));
        raster::render(&mut backend, &head, MARGIN, MARGIN, scale).map_err(|e| wrong(&e))?;
        let top = MARGIN + head.height;
        raster::render(&mut backend, body, MARGIN, top, scale).map_err(|e| wrong(&e))?;
    }
    encode(&averaged(&buffer, width, height), width, height)
}

/// The finding and how to read it, broken into lines.
fn header(width: f64, title: &str, how: &str) -> Drawing {
    let mut head = Drawing::new(width, 0.0, false);
    let mut y = 0.0;
    for (text, role, ink, line) in [
        (title, Role::Title, Ink::Text, 25.0),
        (how, Role::How, Ink::Muted, 19.0),
    ] {
        for row in broken(text, role, width.min(820.0)) {
            y += line;
            let runs = vec![Run::new(row, role, ink)];
            head.runs((0.0, y - line * 0.25), Anchor::Start, runs);
        }
        y += 4.0;
    }
    head.height = y + 14.0;
    head
}

/// A text broken between words into rows of a width.
fn broken(text: &str, role: Role, most: f64) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let longer = rows.last().map(|row| format!("{row} {word}"));
        match (rows.last_mut(), longer) {
            (Some(row), Some(longer)) if font::width(&longer, role.size(), role.bold()) <= most => {
                *row = longer;
            }
            _ => rows.push(fitted(word, role, most)),
        }
    }
    rows
}

/// Every block of fine pixels as their mean.
fn averaged(fine: &[u8], width: u32, height: u32) -> Vec<u8> {
    let (w, f) = (width as usize, FINER as usize);
    let stride = w * f * 3;
    let mut out = Vec::with_capacity(w * height as usize * 3);
    for y in 0..height as usize {
        for x in 0..w {
            for channel in 0..3 {
                let mut sum = 0u32;
                for dy in 0..f {
                    for dx in 0..f {
                        let at = (y * f + dy) * stride + (x * f + dx) * 3 + channel;
                        sum += u32::from(fine[at]);
                    }
                }
                let n = FINER * FINER;
                out.push(((sum + n / 2) / n) as u8);
            }
        }
    }
    out
}

fn encode(pixels: &[u8], width: u32, height: u32) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(::png::ColorType::Rgb);
    encoder.set_depth(::png::BitDepth::Eight);
    encoder.set_compression(::png::Compression::Balanced);
    encoder.set_pixel_dims(Some(::png::PixelDimensions {
        xppu: PER_METRE,
        yppu: PER_METRE,
        unit: ::png::Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}
