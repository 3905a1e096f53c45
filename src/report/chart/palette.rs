//! Colours by role, light and dark, and the look of each policy: one source for page and PNG.

use super::shape::{SHAPES, Shape};
use crate::record::Results;
use crate::record::results::PolicyResults;
use crate::report::reading::{Reading, in_order};

/// What a mark is coloured as. Orange means bad and nothing else; no policy wears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Ink {
    Ground,
    Card,
    Text,
    Muted,
    Rule,
    Grid,
    Lane,
    Bad,
    Good,
    /// The lane of the provider's true state.
    TruthOutage,
    TruthDegraded,
    TruthText,
    /// The same behind the rows, pale.
    BehindOutage,
    BehindDegraded,
    First,
    Retry,
    Failover,
    Hedge,
    /// A breaker that is open.
    Open,
    /// The band of the least effect that matters.
    Least,
    Policy1,
    Policy2,
    Policy3,
    Policy4,
    Policy5,
    Policy6,
    Policy7,
    Policy8,
    /// Fallback answers: neither good nor failed.
    Degraded,
}

/// A role, the name of its CSS variable, its colour on light and on dark ground.
pub(in crate::report) struct Colour {
    pub(in crate::report) ink: Ink,
    pub(in crate::report) name: &'static str,
    pub(in crate::report) light: Rgba,
    pub(in crate::report) dark: Rgba,
}

/// Red, green, blue, opacity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::report) struct Rgba(pub u8, pub u8, pub u8, pub f64);

const fn hex(rgb: u32) -> Rgba {
    Rgba((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8, 1.0)
}

const fn pale(rgb: u32, opacity: f64) -> Rgba {
    let Rgba(r, g, b, _) = hex(rgb);
    Rgba(r, g, b, opacity)
}

const fn colour(ink: Ink, name: &'static str, light: Rgba, dark: Rgba) -> Colour {
    Colour {
        ink,
        name,
        light,
        dark,
    }
}

/// Every role. The policies' eight and orange stay apart for the colour-blind and have contrast of
/// 4.5 or more as text on both grounds: no published palette does both, so these were searched for
/// near the hues of Okabe and Ito (2008).
pub(in crate::report) const PALETTE: [Colour; 29] = [
    colour(Ink::Ground, "bg", hex(0xfcfcfa), hex(0x14171a)),
    colour(Ink::Card, "card", hex(0xffffff), hex(0x191d21)),
    colour(Ink::Text, "ink", hex(0x1b2025), hex(0xe5e8ea)),
    colour(Ink::Muted, "mut", hex(0x59626b), hex(0x9ea7af)),
    colour(Ink::Rule, "rule", hex(0xdcdfe1), hex(0x2f353a)),
    colour(Ink::Grid, "grid", hex(0xe9ebec), hex(0x23282c)),
    colour(Ink::Lane, "lane", hex(0xeff0f0), hex(0x1f2428)),
    colour(Ink::Bad, "bad", hex(0xb84a00), hex(0xff9357)),
    colour(Ink::Good, "good", hex(0x0069a6), hex(0x5cb3ec)),
    colour(Ink::TruthOutage, "tb", hex(0xe9b48f), hex(0x7a4526)),
    colour(Ink::TruthDegraded, "tw", hex(0xefd694), hex(0x66531f)),
    colour(Ink::TruthText, "tt", hex(0x3a2a1c), hex(0xf6e7da)),
    colour(
        Ink::BehindOutage,
        "bb",
        pale(0xd55e00, 0.075),
        pale(0xff823c, 0.085),
    ),
    colour(
        Ink::BehindDegraded,
        "bw",
        pale(0xd69600, 0.085),
        pale(0xf0be46, 0.075),
    ),
    colour(Ink::First, "o1", hex(0xcdd2d6), hex(0x434b52)),
    colour(Ink::Retry, "o2", hex(0x6f7a84), hex(0x808c97)),
    colour(Ink::Failover, "o3", hex(0x56b4e9), hex(0x3d8fc4)),
    colour(Ink::Hedge, "o4", hex(0xd48ab4), hex(0xb9709b)),
    colour(Ink::Open, "brk", hex(0x2b3238), hex(0xb4bcc3)),
    colour(Ink::Least, "me", hex(0xe4e6e8), hex(0x2b3136)),
    colour(Ink::Policy1, "p1", hex(0x6b737a), hex(0xb3bbc2)),
    colour(Ink::Policy2, "p2", hex(0x8a0068), hex(0xb880b8)),
    colour(Ink::Policy3, "p3", hex(0x796c3c), hex(0xd8be18)),
    colour(Ink::Policy4, "p4", hex(0x1469a6), hex(0x84bdf6)),
    colour(Ink::Policy5, "p5", hex(0x0a503a), hex(0x09e5a7)),
    colour(Ink::Policy6, "p6", hex(0x3232a4), hex(0x8b82e4)),
    colour(Ink::Policy7, "p7", hex(0x500a00), hex(0xde6076)),
    colour(Ink::Policy8, "p8", hex(0x0a141e), hex(0xfafcf4)),
    colour(Ink::Degraded, "dg", hex(0x8a6500), hex(0xe2b04a)),
];

impl Ink {
    /// Its entry in the palette.
    pub(in crate::report) fn colour(self) -> &'static Colour {
        // The palette is in the order of the enum; a test holds it to that.
        let colour = &PALETTE[self as usize];
        debug_assert_eq!(colour.ink, self);
        colour
    }

    /// The name of its CSS variable.
    pub(in crate::report) fn name(self) -> &'static str {
        self.colour().name
    }
}

/// The colours of policies, in order of the file.
pub(in crate::report) const POLICIES: [Ink; 8] = [
    Ink::Policy1,
    Ink::Policy2,
    Ink::Policy3,
    Ink::Policy4,
    Ink::Policy5,
    Ink::Policy6,
    Ink::Policy7,
    Ink::Policy8,
];

/// Dashes, in px of stroke and gap.
const DASHES: [&[f64]; 5] = [
    &[1.5, 3.0],
    &[6.0, 3.0],
    &[8.0, 3.0, 1.5, 3.0],
    &[],
    &[12.0, 3.0],
];

/// How a policy looks in every chart.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Look<'a> {
    /// Its figures.
    pub(in crate::report) policy: &'a PolicyResults,
    /// Its colour.
    pub(in crate::report) ink: Ink,
    /// Its dash.
    pub(in crate::report) dash: &'static [f64],
    /// The shape of its dots.
    pub(in crate::report) shape: Shape,
    /// Width of its line: the policy the verdict names stands out.
    pub(in crate::report) width: f64,
}

/// The looks of all policies, in the order of every table and chart.
pub(in crate::report) struct Looks<'a>(Vec<Look<'a>>);

impl<'a> Looks<'a> {
    pub(in crate::report) fn of(results: &'a Results, reading: &Reading<'_>) -> Looks<'a> {
        let named = reading.named(results);
        let looks = in_order(results).into_iter().map(|policy| {
            // Colour follows the file, so a policy keeps it when another does better next time.
            let slot = results
                .policies
                .iter()
                .position(|other| std::ptr::eq(other, policy))
                .unwrap_or(0);
            let round = slot / POLICIES.len();
            Look {
                policy,
                ink: POLICIES[slot % POLICIES.len()],
                dash: DASHES[(slot + round) % DASHES.len()],
                shape: SHAPES[round % SHAPES.len()],
                width: if named == Some(policy.name.as_str()) {
                    2.2
                } else {
                    1.7
                },
            }
        });
        Looks(looks.collect())
    }

    pub(in crate::report) fn iter(&self) -> std::slice::Iter<'_, Look<'a>> {
        self.0.iter()
    }

    pub(in crate::report) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are more policies than colours, so that a colour alone names none.
    pub(in crate::report) fn repeat(&self) -> bool {
        self.0.len() > POLICIES.len()
    }

    /// The colour of a policy by name.
    pub(in crate::report) fn ink(&self, name: &str) -> Ink {
        self.iter()
            .find(|look| look.policy.name == name)
            .map_or(Ink::Text, |look| look.ink)
    }
}

#[cfg(test)]
mod tests;
