//! The font of the PNG charts, and how wide a text is.
//!
//! DejaVu Sans is wider than the fonts most pages are read in, so what does not overlap here does
//! not overlap there.

use std::sync::Once;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

const REGULAR: &[u8] = include_bytes!("../../../assets/fonts/DejaVuSans-subset.ttf");
const BOLD: &[u8] = include_bytes!("../../../assets/fonts/DejaVuSans-Bold-subset.ttf");
/// A name of our own, so that another user of plotters in the same program keeps its fonts.
const FAMILY: &str = "squall";
/// plotters takes the height from descent to ascent where CSS takes the em; this is DejaVu's.
pub(super) const LINE_PER_EM: f64 = 1.164;

static REGISTERED: Once = Once::new();

/// The font at a size in px of the em.
pub(super) fn font(size: f64, bold: bool) -> FontDesc<'static> {
    REGISTERED.call_once(|| {
        // Both are compiled in; should plotters refuse them, drawing text returns an error.
        let _ = register_font(FAMILY, FontStyle::Normal, REGULAR);
        let _ = register_font(FAMILY, FontStyle::Bold, BOLD);
    });
    let style = if bold {
        FontStyle::Bold
    } else {
        FontStyle::Normal
    };
    FontDesc::new(FontFamily::Name(FAMILY), size * LINE_PER_EM, style)
}

/// The width of a text in px.
pub(super) fn width(text: &str, size: f64, bold: bool) -> f64 {
    /// plotters answers in whole px: ask for large letters.
    const FINER: f64 = 32.0;
    let large = font(size * FINER, bold);
    match large.box_size(text) {
        Ok((width, _)) => f64::from(width) / FINER,
        Err(_) => text.chars().count() as f64 * size * 0.6,
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
}
