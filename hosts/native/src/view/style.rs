use myrhiza_kernel_api::ui::Tone;

use crate::console;

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colours {
    /// Not at all.
    None,
    /// By the escape sequences of ECMA-48.
    Ansi,
}

impl Colours {
    /// On a terminal, unless the user wants none.
    pub(crate) fn of_stdout() -> Self {
        if console::streams().colours { Self::Ansi } else { Self::None }
    }

    pub(super) fn title(self, text: &str) -> String {
        self.wrap("1", text)
    }

    pub(super) fn muted(self, text: &str) -> String {
        self.wrap("2", text)
    }

    pub(super) fn tone(self, tone: Tone, text: &str) -> String {
        match tone {
            Tone::Plain => text.to_owned(),
            Tone::Strong => self.wrap("1", text),
            Tone::Muted => self.wrap("2", text),
            Tone::Good => self.wrap("32", text),
            Tone::Warning => self.wrap("33", text),
            Tone::Bad => self.wrap("31", text),
        }
    }

    fn wrap(self, code: &str, text: &str) -> String {
        match self {
            Self::None => text.to_owned(),
            Self::Ansi => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }
}
