//! The sheet as pixels, and what a hand does on it.

use myrhiza_sdk::canvas::{Area, Key, Pointer};
use myrhiza_sdk::prelude::*;

use crate::copy::WIDTH_OF_STROKE;
use crate::{COLOURS, COUNT, Change, HEIGHT, NEXT, OWN, PLACES, SHEET, WIDTH, words};

/// How near a place is to the one before, at least: so a line takes few.
const NEAR: i32 = 6;
/// How far an arrow key goes.
const STRIDE: i32 = 25;
/// The colours after the first, as red, green and blue. A page's own tints say what things mean, and two
/// of them may look alike; these are told apart, on a light ground and on a dark one.
const INKS: [u32; COLOURS as usize - 1] = [0x2f74e0, 0x1f8a4c, 0xc77700, 0xc42b2b];

/// What a person is doing at their own screen.
#[derive(Debug, Default)]
pub struct Hand {
    pub(crate) colour: u16,
    /// The stroke under way.
    path: Vec<Point>,
    /// Where the keys have led, once they have.
    at: Option<Point>,
    /// The last stroke that was handed in, and the number it will have: shown until it is on the sheet.
    sent: Option<(u64, u16, Vec<Point>)>,
}

/// Draws the sheet, and makes a stroke of each drag.
pub fn draw(cx: &impl ViewContext, hand: &mut Hand, canvas: &mut Canvas) {
    let own = OWN.get(cx, &cx.viewer()).unwrap_or_default().len();
    let text = words(COUNT.get_or_default(cx), own)
        + ". Draw with the pointer, or with the arrow keys between two presses of the space bar; 1 to 5 \
           choose a colour.";
    canvas.surface("Sheet", text, WIDTH.into(), HEIGHT.into());
    let next = NEXT.get_or_default(cx);
    for input in canvas.input() {
        let done = match input {
            Input::Pointer(pointer) => hand.points(pointer),
            Input::Key(key) => hand.types(&key),
            Input::Room(_) => false,
        };
        if done {
            hand.hand_in(canvas, next);
        }
    }
    canvas.clear(Tint::Ground);
    for (_, stroke) in SHEET.iter(cx) {
        line(canvas, stroke.colour, &places(&stroke.path));
    }
    hand.show(canvas, next);
}

impl Hand {
    /// Whether a stroke is done.
    fn points(&mut self, Pointer { phase, at, .. }: Pointer) -> bool {
        let at = Point { x: at.x.clamp(0, WIDTH.into()), y: at.y.clamp(0, HEIGHT.into()) };
        match phase {
            Phase::Down => match (0..COLOURS).find(|colour| holds(swatch(*colour), at)) {
                Some(colour) => self.colour = colour,
                None => self.path = vec![at],
            },
            Phase::Move if !self.path.is_empty() => self.goes(at),
            Phase::Up if !self.path.is_empty() => {
                self.goes(at);
                return true;
            }
            Phase::Move | Phase::Up => {}
            Phase::Cancel => self.path.clear(),
        }
        false
    }

    fn types(&mut self, key: &Key) -> bool {
        let at = self.at.unwrap_or(Point { x: i32::from(WIDTH) / 2, y: i32::from(HEIGHT) / 2 });
        let (right, down) = match (key.down, key.name.as_str()) {
            (true, "ArrowLeft") => (-STRIDE, 0),
            (true, "ArrowRight") => (STRIDE, 0),
            (true, "ArrowUp") => (0, -STRIDE),
            (true, "ArrowDown") => (0, STRIDE),
            (true, " ") if self.path.is_empty() => {
                (self.at, self.path) = (Some(at), vec![at]);
                return false;
            }
            (true, " ") => return true,
            (true, digit) => {
                let colour = digit.parse().ok().and_then(|n: u16| n.checked_sub(1));
                self.colour = colour.filter(|colour| *colour < COLOURS).unwrap_or(self.colour);
                return false;
            }
            _ => return false,
        };
        let x = (at.x + right).clamp(0, WIDTH.into());
        let to = Point { x, y: (at.y + down).clamp(0, HEIGHT.into()) };
        self.at = Some(to);
        if !self.path.is_empty() {
            self.goes(to);
        }
        false
    }

    /// The stroke goes on to there. One of too many places loses every other one.
    fn goes(&mut self, to: Point) {
        let far = |from: &Point| (from.x - to.x).abs() + (from.y - to.y).abs() >= NEAR;
        if self.path.last().is_some_and(far) {
            if self.path.len() == PLACES {
                let mut keep = false;
                self.path.retain(|_| {
                    keep = !keep;
                    keep
                });
            }
            self.path.push(to);
        }
    }

    fn hand_in(&mut self, canvas: &mut Canvas, number: u64) {
        let (colour, path) = (self.colour, std::mem::take(&mut self.path));
        let flat = path.iter().flat_map(|at| [at.x, at.y]).map(|n| n as u16).collect();
        if canvas.act(Change::Stroke { colour, path: flat }) {
            self.sent = Some((number, colour, path));
        }
    }

    /// Shows what is not on the sheet yet, and what to draw with.
    fn show(&mut self, canvas: &mut Canvas, next: u64) {
        self.sent.take_if(|(number, ..)| *number != next);
        if let Some((_, colour, path)) = &self.sent {
            line(canvas, *colour, path);
        }
        line(canvas, self.colour, &self.path);
        for colour in 0..COLOURS {
            let area = swatch(colour);
            canvas.fill_area(area, paint(colour));
            if colour == self.colour {
                canvas.stroke_area(grown(area, 6), paint(colour), 3);
            }
        }
        if let Some(at) = self.at {
            canvas.stroke(Path::circle(at, 12), paint(self.colour), 3);
        }
    }
}

/// A colour that is the same everywhere; `None` for the first, which is that of the page's text.
pub(crate) fn ink(colour: u16) -> Option<u32> {
    INKS.get(usize::from(colour).checked_sub(1)?).copied()
}

fn paint(colour: u16) -> Paint {
    match ink(colour) {
        Some(rgb) => Paint::Rgba((rgb << 8) | 0xff),
        None => Tint::Text.into(),
    }
}

fn places(path: &[u16]) -> Vec<Point> {
    let (places, _) = path.as_chunks::<2>();
    places.iter().map(|[x, y]| Point { x: (*x).into(), y: (*y).into() }).collect()
}

fn line(canvas: &mut Canvas, colour: u16, path: &[Point]) {
    match path {
        [] => {}
        [at] => canvas.fill(Path::circle(*at, u32::from(WIDTH_OF_STROKE) / 2), paint(colour)),
        path => canvas.stroke(Path::through(path), paint(colour), WIDTH_OF_STROKE.into()),
    }
}

/// Where a colour is chosen: large enough for a finger where the sheet is shown small.
fn swatch(colour: u16) -> Area {
    Area { x: 24 + i32::from(colour) * 96, y: 24, width: 72, height: 72 }
}

fn grown(area: Area, by: u16) -> Area {
    let Area { x, y, width, height } = area;
    let (less, more) = (i32::from(by), 2 * u32::from(by));
    Area { x: x - less, y: y - less, width: width + more, height: height + more }
}

fn holds(area: Area, at: Point) -> bool {
    let within = |at: i32, from: i32, size: u32| {
        at.checked_sub(from).and_then(|at| u32::try_from(at).ok()).is_some_and(|at| at < size)
    };
    within(at.x, area.x, area.width) && within(at.y, area.y, area.height)
}
