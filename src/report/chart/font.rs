//! The font of the PNG charts: how wide a text is, and which pixels it covers.
//!
//! DejaVu Sans is wider than the fonts most pages are read in, so what does not overlap here does
//! not overlap there. plotters could draw text itself, but leaves out how far a letter reaches to
//! the left of its place, which squeezes every "j".

use std::sync::LazyLock;

use ab_glyph::{Font as _, FontRef, PxScale, ScaleFont as _, point};

const REGULAR: &[u8] = include_bytes!("../../../assets/fonts/DejaVuSans-subset.ttf");
const BOLD: &[u8] = include_bytes!("../../../assets/fonts/DejaVuSans-Bold-subset.ttf");
/// ab_glyph counts a size from descent to ascent where CSS counts the em; this is DejaVu's.
const LINE_PER_EM: f64 = 1.164;

/// Regular and bold. They are compiled in, so reading them fails in a test or never.
static FONTS: LazyLock<[Option<FontRef<'static>>; 2]> =
    LazyLock::new(|| [REGULAR, BOLD].map(|bytes| FontRef::try_from_slice(bytes).ok()));

fn font(bold: bool) -> Option<&'static FontRef<'static>> {
    FONTS[usize::from(bold)].as_ref()
}

fn scale(size: f64) -> PxScale {
    PxScale::from((size * LINE_PER_EM) as f32)
}

/// The width of a text in px.
pub(super) fn width(text: &str, size: f64, bold: bool) -> f64 {
    let Some(font) = font(bold) else {
        return text.chars().count() as f64 * size * 0.6;
    };
    let font = font.as_scaled(scale(size));
    let advances = text.chars().map(|c| font.h_advance(font.glyph_id(c)));
    f64::from(advances.sum::<f32>())
}

/// Tells every pixel a text covers, and how much of it; `at` is where its baseline begins.
pub(super) fn pixels(
    text: &str,
    size: f64,
    bold: bool,
    at: (f64, f64),
    mut tell: impl FnMut(i32, i32, f64),
) {
    let Some(font) = font(bold) else {
        return;
    };
    let scaled = font.as_scaled(scale(size));
    let mut x = at.0 as f32;
    for c in text.chars() {
        let id = scaled.glyph_id(c);
        let glyph = id.with_scale_and_position(scale(size), point(x, at.1 as f32));
        if let Some(outline) = font.outline_glyph(glyph) {
            let corner = outline.px_bounds().min;
            outline.draw(|dx, dy, covered| {
                let (px, py) = (corner.x as i32 + dx as i32, corner.y as i32 + dy as i32);
                tell(px, py, f64::from(covered.min(1.0)));
            });
        }
        x += scaled.h_advance(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bold_is_wider_and_width_grows_with_size() {
        assert!(width("breaker", 13.0, true) > width("breaker", 13.0, false));
        let (one, two) = (width("policy", 12.0, false), width("policy", 24.0, false));
        assert!((two / one - 2.0).abs() < 0.01);
        assert!((30.0..45.0).contains(&one), "{one}");
    }

    #[test]
    fn letters_cover_pixels_on_their_baseline() {
        let (mut low, mut high, mut sum) = (i32::MAX, i32::MIN, 0.0);
        pixels("H", 100.0, false, (50.0, 200.0), |_, y, covered| {
            if covered > 0.5 {
                low = low.min(y);
                high = high.max(y);
            }
            sum += covered;
        });
        // DejaVu's capitals are 0.729 em high.
        assert!((199..=200).contains(&high), "{high}");
        assert!((72..=74).contains(&(high - low + 1)), "{low} to {high}");
        assert!(sum > 500.0);
    }

    #[test]
    fn every_sign_of_the_reports_is_in_the_font() {
        for bold in [false, true] {
            let font = font(bold).unwrap();
            for c in "−±≥≤≈×…–→“”’½¼₂∞ \u{202f}\u{a0}".chars() {
                assert_ne!(font.glyph_id(c).0, 0, "{c:?}");
            }
        }
    }
}
