//! What an `interaction` component draws on its surface, and what it hears of what is done there.
//! Places and lengths are in units of the surface's own size.

use crate::limits::{CANVAS_NAME_BYTES, CANVAS_SIDE, CANVAS_TEXT_BYTES};

/// What each command adds to a drawing's size.
pub const COMMAND_BYTES: u64 = 36;
/// What each step of a path adds.
pub const STEP_BYTES: u64 = 28;

/// A surface as its app shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surface {
    /// What it is.
    pub subject: Subject,
    /// What is on it.
    pub drawing: Drawing,
    /// Whether the app listens to what is done there.
    pub listens: bool,
}

/// What a surface is and shows, for those who do not see it, and its size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// What it is.
    pub name: String,
    /// What is on it.
    pub text: String,
    /// Its own size, whatever size it is shown at.
    pub size: Size,
}

impl Subject {
    /// Whether its sides and its texts are within the limits.
    pub fn fits(&self) -> bool {
        let side = |side| (1..=CANVAS_SIDE).contains(&side);
        side(self.size.width)
            && side(self.size.height)
            && self.name.len() <= CANVAS_NAME_BYTES
            && self.text.len() <= CANVAS_TEXT_BYTES
    }
}

/// Commands in the order in which they are drawn, from nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawing {
    /// The commands.
    pub commands: Vec<Command>,
}

impl Drawing {
    /// The bytes it is priced at, at most [`crate::limits::CANVAS_BYTES`]: [`COMMAND_BYTES`],
    /// [`STEP_BYTES`], and the bytes of texts and pixels.
    pub fn size(&self) -> u64 {
        let more = |command: &Command| match command {
            Command::FillPath { steps, .. } | Command::StrokePath { steps, .. } => {
                STEP_BYTES * steps.len() as u64
            }
            Command::Text(text) => text.text.len() as u64,
            Command::Image(image) => image.pixels.len() as u64,
            _ => 0,
        };
        self.commands.iter().map(|command| COMMAND_BYTES + more(command)).sum()
    }

    /// Whether its images are whole rows of pixels.
    pub fn is_whole(&self) -> bool {
        self.commands.iter().all(|command| match command {
            Command::Image(image) => image.rows().is_some(),
            _ => true,
        })
    }
}

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields' names say it")]
pub enum Command {
    /// Covers all of the surface, whatever the transform is.
    Clear(Paint),
    /// Fills a rectangle.
    FillArea { area: Area, paint: Paint },
    /// Draws around a rectangle.
    StrokeArea { area: Area, paint: Paint, width: u32 },
    /// Fills a path.
    FillPath { paint: Paint, steps: Vec<Step> },
    /// Draws along a path, with round ends and joins.
    StrokePath { paint: Paint, width: u32, steps: Vec<Step> },
    /// Writes a line.
    Text(Text),
    /// Draws pixels.
    Image(Image),
    /// Moves and turns what the commands after it draw.
    Transform(Transform),
}

/// A place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Point {
    pub x: i32,
    pub y: i32,
}

/// Two sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Its left upper corner.
    pub at: Point,
    /// Its sides.
    pub size: Size,
}

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// One of the page's.
    Tint(Tint),
    /// Red, green, blue and opacity, the highest byte first.
    Rgba(u32),
}

/// A colour of the page around a surface, light or dark.
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

/// A step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Begins anew there.
    Move(Point),
    /// A line to there.
    Line(Point),
    /// A cubic Bézier curve: its two control points, and where it ends.
    Curve([Point; 3]),
    /// A line back to where the last `Move` was.
    Close,
}

/// A line of text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Text {
    /// On its base line.
    pub at: Point,
    pub size: u32,
    pub align: Align,
    pub paint: Paint,
    pub text: String,
}

/// On which side of its place a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Align {
    Start,
    Centre,
    End,
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Where it is drawn, stretched to that.
    pub area: Area,
    /// Pixels of a row.
    pub columns: u32,
    /// Row by row: red, green, blue and opacity.
    pub pixels: Vec<u8>,
}

impl Image {
    /// How many rows it has, if it has pixels and its rows are whole.
    pub fn rows(&self) -> Option<usize> {
        let row = usize::try_from(self.columns).ok()?.checked_mul(4).filter(|row| *row > 0)?;
        let whole = !self.pixels.is_empty() && self.pixels.len().is_multiple_of(row);
        whole.then(|| self.pixels.len() / row)
    }
}

/// From a point to `(xx x + xy y) / 65536 + dx` and `(yx x + yy y) / 65536 + dy`.
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

/// Something that was done on a surface, or happened to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// Something was pointed at.
    Pointer(Pointer),
    /// A key.
    Key(Key),
    /// The room there is on the page, in its pixels.
    Room(Room),
}

impl Input {
    /// Whether somebody pressed something.
    pub fn is_press(&self) -> bool {
        match self {
            Self::Pointer(pointer) => matches!(pointer.phase, Phase::Down | Phase::Up),
            Self::Key(key) => key.down,
            Self::Room(_) => false,
        }
    }
}

/// What a finger, a pen or a mouse did, one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// What it did.
    pub phase: Phase,
    /// Where.
    pub at: Point,
    /// What is held: 1 the first button, 2 the second, 4 the middle one.
    pub buttons: u32,
    /// What else is: 1 shift, 2 control, 4 alt, 8 meta.
    pub modifiers: u32,
}

/// What a pointer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Phase {
    Down,
    Move,
    Up,
    /// The system took it away: what it began does not count.
    Cancel,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Pressed, or let go.
    pub down: bool,
    /// The character, or what UI Events calls the key.
    pub name: String,
    /// As [`Pointer::modifiers`].
    pub modifiers: u32,
}

/// The room there is for a surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// In pixels of the page.
    pub size: Size,
    /// Whether the page is dark.
    pub dark: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_whole_rows_of_pixels() {
        let rows = |columns, bytes| {
            Image { area: Area::default(), columns, pixels: vec![0; bytes] }.rows()
        };
        assert_eq!((rows(1, 4), rows(2, 24), rows(3, 12)), (Some(1), Some(3), Some(1)));
        for (columns, bytes) in [(0, 4), (0, 0), (1, 0), (1, 3), (2, 12), (u32::MAX, 16)] {
            assert_eq!(rows(columns, bytes), None, "{columns} columns of {bytes} bytes");
        }
    }

    #[test]
    fn a_subject_fits_to_the_last_unit() {
        let subject = |name: usize, text: usize, width, height| Subject {
            name: "n".repeat(name),
            text: "t".repeat(text),
            size: Size { width, height },
        };
        assert!(subject(CANVAS_NAME_BYTES, CANVAS_TEXT_BYTES, CANVAS_SIDE, 1).fits());
        for wrong in [
            subject(CANVAS_NAME_BYTES + 1, 0, 1, 1),
            subject(0, CANVAS_TEXT_BYTES + 1, 1, 1),
            subject(0, 0, 0, 1),
            subject(0, 0, 1, 0),
            subject(0, 0, CANVAS_SIDE + 1, 1),
        ] {
            assert!(!wrong.fits(), "{:?}", wrong.size);
        }
    }
}
