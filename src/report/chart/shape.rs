//! Shapes of dots: what tells policies apart where colours come round again.

use super::drawing::Point;

/// The shape of a dot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::report) enum Shape {
    #[default]
    Circle,
    Square,
    Triangle,
    Diamond,
}

/// Every shape, the plainest first.
pub(super) const SHAPES: [Shape; 4] = [
    Shape::Circle,
    Shape::Square,
    Shape::Triangle,
    Shape::Diamond,
];

impl Shape {
    /// Its corners around a point, as large to the eye as a circle of that radius; a circle has
    /// none.
    pub(in crate::report) fn corners(self, (x, y): Point, r: f64) -> Vec<Point> {
        match self {
            Shape::Circle => Vec::new(),
            Shape::Square => {
                // The side of a square of a circle's area is √π · r.
                let h = r * 0.89;
                vec![
                    (x - h, y - h),
                    (x + h, y - h),
                    (x + h, y + h),
                    (x - h, y + h),
                ]
            }
            Shape::Triangle => {
                let (w, h) = (r * 1.25, r * 1.2);
                vec![(x, y - h), (x + w, y + h * 0.85), (x - w, y + h * 0.85)]
            }
            Shape::Diamond => {
                let h = r * 1.3;
                vec![(x, y - h), (x + h, y), (x, y + h), (x - h, y)]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twice the area of a polygon by the shoelace formula.
    fn double_area(corners: &[Point]) -> f64 {
        let next = corners.iter().cycle().skip(1);
        let cross = corners.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1);
        cross.sum::<f64>().abs()
    }

    #[test]
    fn shapes_weigh_about_as_much_as_a_circle() {
        for shape in &SHAPES[1..] {
            let area = double_area(&shape.corners((3.0, 4.0), 5.0)) / 2.0;
            let share = area / (std::f64::consts::PI * 25.0);
            assert!((0.8..1.2).contains(&share), "{shape:?}: {share}");
        }
        assert!(Shape::Circle.corners((0.0, 0.0), 1.0).is_empty());
    }
}
