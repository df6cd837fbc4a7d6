use super::Point;

/// A step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the path's methods say it")]
pub enum Step {
    Move(Point),
    Line(Point),
    Curve { first: Point, second: Point, to: Point },
    Close,
}

/// A line to be drawn along, or to be filled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(Vec<Step>);

impl Path {
    /// One that begins there.
    pub fn from(at: Point) -> Self {
        Self(vec![Step::Move(at)])
    }

    /// A smooth one through all of these.
    pub fn through(points: &[Point]) -> Self {
        let Some(start) = points.first() else { return Self::default() };
        let at = |index: usize| points.get(index).or(points.last()).copied().unwrap_or_default();
        (1..points.len()).fold(Self::from(*start), |path, to| {
            // Catmull-Rom: the tangent at a point is along the line between its neighbours.
            let (before, from) = (at(to.saturating_sub(2)), at(to - 1));
            let first = toward(from, before, at(to));
            let second = toward(at(to), at(to + 1), from);
            path.curve(first, second, at(to))
        })
    }

    /// A circle.
    pub fn circle(at: Point, radius: u32) -> Self {
        let r = i32::try_from(radius).unwrap_or(i32::MAX);
        // A quarter is a Bézier curve but for a part in four thousand.
        let k = (i64::from(r) * 36_195 / 65_536) as i32;
        let p = |x: i32, y: i32| Point { x: at.x.saturating_add(x), y: at.y.saturating_add(y) };
        Self::from(p(r, 0))
            .curve(p(r, k), p(k, r), p(0, r))
            .curve(p(-k, r), p(-r, k), p(-r, 0))
            .curve(p(-r, -k), p(-k, -r), p(0, -r))
            .curve(p(k, -r), p(r, -k), p(r, 0))
            .close()
    }

    /// On to another place, without a line.
    #[must_use]
    pub fn skip(self, to: Point) -> Self {
        self.and(Step::Move(to))
    }

    /// A line to there.
    #[must_use]
    pub fn line(self, to: Point) -> Self {
        self.and(Step::Line(to))
    }

    /// A cubic Bézier curve to there, by two control points.
    #[must_use]
    pub fn curve(self, first: Point, second: Point, to: Point) -> Self {
        self.and(Step::Curve { first, second, to })
    }

    /// A line back to where it began.
    #[must_use]
    pub fn close(self) -> Self {
        self.and(Step::Close)
    }

    /// Its steps.
    pub fn into_steps(self) -> Vec<Step> {
        self.0
    }

    fn and(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }
}

/// A sixth of the way from `before` to `after`, from `from` on.
fn toward(from: Point, before: Point, after: Point) -> Point {
    let sixth = |from: i32, before: i32, after: i32| {
        let whole = i64::from(from) + (i64::from(after) - i64::from(before)) / 6;
        whole.clamp(i32::MIN.into(), i32::MAX.into()) as i32
    };
    Point { x: sixth(from.x, before.x, after.x), y: sixth(from.y, before.y, after.y) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn p(x: i32, y: i32) -> Point {
        Point { x, y }
    }

    #[test]
    fn a_smooth_path_goes_through_every_point_and_is_straight_where_they_are() {
        let points = [p(0, 0), p(60, 0), p(120, 0), p(120, 60)];
        let steps = Path::through(&points).into_steps();
        let ends: Vec<_> = steps
            .iter()
            .map(|step| match step {
                Step::Move(to) | Step::Curve { to, .. } => *to,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(ends, points);
        assert_eq!(steps[1], Step::Curve { first: p(10, 0), second: p(40, 0), to: p(60, 0) });
        assert_eq!(Path::through(&[]).into_steps(), []);
        assert_eq!(Path::through(&points[..1]).into_steps(), [Step::Move(p(0, 0))]);
    }

    #[test]
    fn nothing_overflows_at_the_ends_of_the_numbers() {
        let far = [p(i32::MIN, i32::MAX), p(i32::MAX, i32::MIN), p(i32::MIN, 0)];
        assert_eq!(Path::through(&far).into_steps().len(), 3);
        assert_eq!(Path::circle(p(i32::MAX, i32::MIN), u32::MAX).into_steps().len(), 6);
    }
}
