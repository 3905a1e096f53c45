use super::*;

/// Relative luminance as WCAG 2 defines it.
fn luminance(Rgba(r, g, b, _): Rgba) -> f64 {
    let linear = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.03928 {
            c / 12.92
        } else {
            libm::pow((c + 0.055) / 1.055, 2.4)
        }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/// Linear light of the three channels.
fn linear_rgb(Rgba(r, g, b, _): Rgba) -> [f64; 3] {
    [r, g, b].map(|c| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 {
            c / 12.92
        } else {
            libm::pow((c + 0.055) / 1.055, 2.4)
        }
    })
}

/// What eyes without one kind of cone see, in linear light: full protanopia, deuteranopia and
/// tritanopia as in the tables of Machado, Oliveira and Fernandes (2009); the first is no change.
const EYES: [[[f64; 3]; 3]; 4] = [
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
];

/// CIE L*a*b* under D65.
fn lab(rgb: [f64; 3]) -> [f64; 3] {
    let [r, g, b] = rgb.map(|c| c.clamp(0.0, 1.0));
    let bent = |t: f64| {
        if t > 0.008856 {
            libm::cbrt(t)
        } else {
            7.787 * t + 16.0 / 116.0
        }
    };
    let x = bent((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
    let y = bent(0.2126 * r + 0.7152 * g + 0.0722 * b);
    let z = bent((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// The least distance of two colours (CIE 1976) to any of the eyes.
fn apart(a: Rgba, b: Rgba) -> f64 {
    let seen = |colour: Rgba, eye: &[[f64; 3]; 3]| {
        let light = linear_rgb(colour);
        lab(eye.map(|row| row.iter().zip(light).map(|(m, c)| m * c).sum()))
    };
    let distance = |eye: &[[f64; 3]; 3]| {
        let (a, b) = (seen(a, eye), seen(b, eye));
        let square: f64 = a.iter().zip(b).map(|(p, q)| (p - q) * (p - q)).sum();
        square.sqrt()
    };
    EYES.iter().map(distance).fold(f64::INFINITY, f64::min)
}

#[test]
fn the_colours_of_policies_stay_apart_to_every_eye() {
    let inks: Vec<Ink> = POLICIES.into_iter().chain([Ink::Bad]).collect();
    for (i, a) in inks.iter().enumerate() {
        for b in &inks[..i] {
            let (a, b) = (a.colour(), b.colour());
            for (ground, one, other) in [("light", a.light, b.light), ("dark", a.dark, b.dark)] {
                let apart = apart(one, other);
                assert!(apart >= 15.0, "{} and {} {ground}: {apart}", a.name, b.name);
            }
        }
    }
}

fn contrast(a: Rgba, b: Rgba) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn the_palette_is_in_the_order_of_the_roles() {
    for (i, colour) in PALETTE.iter().enumerate() {
        assert_eq!(colour.ink as usize, i, "{}", colour.name);
    }
}

#[test]
fn text_can_be_read_on_both_grounds() {
    let text = [Ink::Text, Ink::Muted, Ink::Bad, Ink::Good];
    for ink in text.into_iter().chain(POLICIES) {
        for ground in [Ink::Ground, Ink::Card] {
            let (ink, ground) = (ink.colour(), ground.colour());
            assert!(
                contrast(ink.light, ground.light) >= 4.5,
                "{} light",
                ink.name
            );
            assert!(contrast(ink.dark, ground.dark) >= 4.5, "{} dark", ink.name);
        }
    }
}
