//! A surface of pixels beside the view: commands to draw on it, and what is pointed at and typed there.
//!
//! ```
//! use myrhiza_sdk::prelude::*;
//!
//! /// Where the person last pressed. It is this screen's alone: what others are to see goes into events.
//! #[derive(Default)]
//! struct Last(Option<Point>);
//!
//! fn draw(_: &impl ViewContext, last: &mut Last, canvas: &mut Canvas) {
//!     canvas.surface("Target", "A dot where you pressed.", 400, 300);
//!     for input in canvas.input() {
//!         if let Input::Pointer(pointer) = input && pointer.phase == Phase::Down {
//!             last.0 = Some(pointer.at);
//!             canvas.act(["hit"]);
//!         }
//!     }
//!     canvas.clear(Tint::Ground);
//!     if let Some(at) = last.0 {
//!         canvas.fill(Path::circle(at, 9), Tint::Accent);
//!     }
//! }
//!
//! let at = Point { x: 5, y: 6 };
//! let press = Input::Pointer(myrhiza_sdk::canvas::Pointer { phase: Phase::Down, at, buttons: 1, modifiers: 0 });
//! let mut canvas = Canvas::given([press]);
//! # let mut topic = myrhiza_sdk::testing::Topic::new(["ann"], |_, _: Hit| Ok(()), |_, hit: Hit| Ok(hit), |_, _| {});
//! # #[derive(Event, Intent)] enum Hit { #[n(0)] Hit }
//! draw(&topic.host("ann"), &mut Last::default(), &mut canvas);
//! assert_eq!(canvas.intents(), [["hit"]]);
//! ```

mod input;
mod path;

pub use input::{Input, Key, Phase, Pointer, Room};
pub use path::{Path, Step};

use crate::view::Offer;

/// A place, in units of the surface's own size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Point {
    pub x: i32,
    pub y: i32,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Area {
    pub x: i32,
    pub y: i32,
    pub width: u32,
    pub height: u32,
}

/// A colour of the page, light or dark as the person has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Tint {
    Ground,
    Text,
    Muted,
    Accent,
    Good,
    Warning,
    Bad,
}

/// What something is drawn in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// A colour of the page.
    Tint(Tint),
    /// Red, green, blue and opacity, the highest byte first: `0xff0000ff` is red.
    Rgba(u32),
}

impl From<Tint> for Paint {
    fn from(tint: Tint) -> Self {
        Self::Tint(tint)
    }
}

/// On which side of its place a text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Align {
    #[default]
    Start,
    Centre,
    End,
}

/// How what follows is moved and turned: from a point to `(xx x + xy y) / 65536 + dx` and
/// `(yx x + yy y) / 65536 + dy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the type's text says it")]
pub struct Transform {
    pub xx: i32,
    pub xy: i32,
    pub yx: i32,
    pub yy: i32,
    pub dx: i32,
    pub dy: i32,
}

impl Default for Transform {
    /// Everything stays where it is.
    fn default() -> Self {
        Self { xx: 1 << 16, xy: 0, yx: 0, yy: 1 << 16, dx: 0, dy: 0 }
    }
}

/// A command, as `canvas` in `wit/kernel.wit` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the canvas's methods say it")]
pub enum Command {
    Clear(Paint),
    FillArea(Area, Paint),
    StrokeArea(Area, Paint, u32),
    FillPath(Vec<Step>, Paint),
    StrokePath(Vec<Step>, Paint, u32),
    Text { at: Point, size: u32, align: Align, paint: Paint, text: String },
    Image { area: Area, columns: u32, pixels: Vec<u8> },
    Transform(Transform),
}

/// What a surface is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "`Canvas::surface` says it")]
pub struct Subject {
    pub name: String,
    pub text: String,
    pub width: u32,
    pub height: u32,
}

/// The surface of one call: what is drawn, and what was done on it.
pub struct Canvas {
    subject: Option<Subject>,
    commands: Vec<Command>,
    side: Side,
}

/// Who is on the other side.
enum Side {
    #[cfg_attr(not(target_arch = "wasm32"), expect(dead_code, reason = "made in components"))]
    Kernel {
        input: fn() -> Vec<Input>,
        act: fn(&[String]) -> bool,
    },
    Given {
        input: Vec<Input>,
        presses: usize,
        intents: Vec<Vec<String>>,
    },
}

impl Canvas {
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn over(input: fn() -> Vec<Input>, act: fn(&[String]) -> bool) -> Self {
        Self { subject: None, commands: Vec::new(), side: Side::Kernel { input, act } }
    }

    /// One on which this was done, for a test.
    pub fn given(input: impl IntoIterator<Item = Input>) -> Self {
        let input = input.into_iter().collect();
        let side = Side::Given { input, presses: 0, intents: Vec::new() };
        Self { subject: None, commands: Vec::new(), side }
    }

    /// Shows the surface. `name` says what it is and `text` what is on it, for those who do not see
    /// it; the size is its own, each side 1 to 16384 units, whatever size it is shown at.
    pub fn surface(
        &mut self,
        name: impl Into<String>,
        text: impl Into<String>,
        width: u32,
        height: u32,
    ) {
        self.subject = Some(Subject { name: name.into(), text: text.into(), width, height });
    }

    /// What was done on it since the last call, oldest first. Nobody can do anything on a surface
    /// whose app never asks for this.
    pub fn input(&mut self) -> Vec<Input> {
        match &mut self.side {
            Side::Kernel { input, .. } => input(),
            Side::Given { input, presses, .. } => {
                let heard = std::mem::take(input);
                *presses += heard.iter().filter(|input| input.is_press()).count();
                heard
            }
        }
    }

    /// Proposes something. Each press among the input at hand (a pointer down or up, a key down) is
    /// good for one; without, nothing is proposed and this is false.
    pub fn act(&mut self, offer: impl Into<Offer>) -> bool {
        let Offer(words) = offer.into();
        match &mut self.side {
            Side::Kernel { act, .. } => act(&words),
            Side::Given { presses: 0, .. } => false,
            Side::Given { presses, intents, .. } => {
                *presses -= 1;
                intents.push(words);
                true
            }
        }
    }

    /// Covers all of it.
    pub fn clear(&mut self, paint: impl Into<Paint>) {
        self.commands.push(Command::Clear(paint.into()));
    }

    /// Fills a rectangle.
    pub fn fill_area(&mut self, area: Area, paint: impl Into<Paint>) {
        self.commands.push(Command::FillArea(area, paint.into()));
    }

    /// Draws around a rectangle.
    pub fn stroke_area(&mut self, area: Area, paint: impl Into<Paint>, width: u32) {
        self.commands.push(Command::StrokeArea(area, paint.into(), width));
    }

    /// Fills a path.
    pub fn fill(&mut self, path: Path, paint: impl Into<Paint>) {
        self.commands.push(Command::FillPath(path.into_steps(), paint.into()));
    }

    /// Draws along a path, with round ends.
    pub fn stroke(&mut self, path: Path, paint: impl Into<Paint>, width: u32) {
        self.commands.push(Command::StrokePath(path.into_steps(), paint.into(), width));
    }

    /// Writes one line from `at`, which is on its base line.
    pub fn text(&mut self, at: Point, size: u32, text: impl Into<String>, paint: impl Into<Paint>) {
        self.aligned(at, Align::Start, size, text, paint);
    }

    /// Writes one line on a side of `at`.
    pub fn aligned(
        &mut self,
        at: Point,
        align: Align,
        size: u32,
        text: impl Into<String>,
        paint: impl Into<Paint>,
    ) {
        let (text, paint) = (text.into(), paint.into());
        self.commands.push(Command::Text { at, size, align, paint, text });
    }

    /// Draws rows of `columns` pixels over an area: red, green, blue and opacity, a byte each.
    pub fn image(&mut self, area: Area, columns: u32, pixels: Vec<u8>) {
        self.commands.push(Command::Image { area, columns, pixels });
    }

    /// Moves and turns what is drawn from here on.
    pub fn transform(&mut self, transform: Transform) {
        self.commands.push(Command::Transform(transform));
    }

    /// What it is, if it is shown.
    pub fn subject(&self) -> Option<&Subject> {
        self.subject.as_ref()
    }

    /// What was drawn.
    pub fn commands(&self) -> &[Command] {
        &self.commands
    }

    /// What was proposed on one that was [`given`](Self::given).
    pub fn intents(&self) -> &[Vec<String>] {
        match &self.side {
            Side::Kernel { .. } => &[],
            Side::Given { intents, .. } => intents,
        }
    }

    #[cfg(target_arch = "wasm32")]
    pub(crate) fn into_parts(self) -> (Option<Subject>, Vec<Command>) {
        (self.subject, self.commands)
    }
}
