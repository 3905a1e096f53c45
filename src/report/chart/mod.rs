//! The charts. Adding one is one file and one line here.
//!
//! A chart draws once, into a [`Drawing`]: a list of marks in CSS pixels with roles for colours.
//! [`svg`] writes it into the page, where the style sheet decides what the roles look like; [`png`]
//! draws the same marks through plotters for slides. Being data, a drawing can be tested for
//! what matters to a reader: no text overlaps another, none is cut off.

mod amplification;
mod axis;
mod breakers;
mod cost;
mod differences;
mod drawing;
mod font;
mod labels;
mod latency;
mod palette;
mod panel;
mod png;
mod raster;
mod shape;
mod spread;
mod svg;
pub(in crate::report) mod swept;
mod timeline;
mod truth;
pub(in crate::report) mod tuned;

pub(in crate::report) use axis::step as round_step;
pub(in crate::report) use drawing::Drawing;
pub(in crate::report) use palette::{Look, Looks, PALETTE, POLICIES};
pub(in crate::report) use png::{png, png_of};
pub(in crate::report) use svg::{dot as svg_dot, number as svg_number, svg};

use super::reading::Reading;
use crate::record::Results;

/// One kind of chart.
#[derive(Clone, Copy, Debug)]
pub struct Chart {
    /// Name of its file, and of its anchor in the page.
    pub name: &'static str,
    /// The question it answers.
    pub question: &'static str,
    /// Whether these results have what it shows.
    pub applies: fn(&Results) -> bool,
    /// The finding, from the data.
    pub(in crate::report) title: fn(&Scene<'_>) -> String,
    /// How to read it, in a sentence or two.
    pub(in crate::report) how: fn(&Scene<'_>) -> String,
    /// Draws it.
    pub(in crate::report) draw: fn(&Scene<'_>) -> Drawing,
    /// The same as a table: headings and rows.
    pub(in crate::report) table: fn(&Scene<'_>) -> Table,
}

/// What every chart needs to know.
pub(in crate::report) struct Scene<'a> {
    /// The results.
    pub(in crate::report) results: &'a Results,
    /// What their differences say.
    pub(in crate::report) reading: &'a Reading<'a>,
    /// Colour, dash and order of the policies.
    pub(in crate::report) looks: Looks<'a>,
}

/// A chart's numbers as text.
#[derive(Clone, Debug, Default)]
pub(in crate::report) struct Table {
    /// One heading for each column.
    pub(in crate::report) head: Vec<String>,
    /// Cells; the first of a row names it.
    pub(in crate::report) rows: Vec<Vec<String>>,
}

/// Every chart, in the order of the page.
pub const CHARTS: &[Chart] = &[
    cost::CHART,
    timeline::CHART,
    amplification::CHART,
    latency::CHART,
    breakers::CHART,
    differences::CHART,
    spread::CHART,
];

impl<'a> Scene<'a> {
    /// The scene of some results.
    pub(in crate::report) fn new(results: &'a Results, reading: &'a Reading<'a>) -> Scene<'a> {
        Scene {
            results,
            reading,
            looks: Looks::of(results, reading),
        }
    }
}

#[cfg(test)]
mod tests;
