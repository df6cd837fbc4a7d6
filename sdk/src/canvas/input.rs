use super::Point;

/// Something that was done on a surface, or happened to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Something was pointed at.
    Pointer(Pointer),
    /// A key.
    Key(Key),
    /// The room there is on the page: told first, and whenever it changes.
    Room(Room),
}

impl Input {
    /// Whether somebody pressed something: what is good for an intent.
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
    /// Where. A drag goes on outside of the surface.
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
    /// The character, or what UI Events calls the key, such as `ArrowLeft`.
    pub name: String,
    /// As [`Pointer::modifiers`].
    pub modifiers: u32,
}

/// The room there is for a surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// In pixels of the page.
    pub width: u32,
    /// In pixels of the page.
    pub height: u32,
    /// Whether the page is dark.
    pub dark: bool,
}
