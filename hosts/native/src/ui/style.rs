use myrhiza_api::view::Tone;
use ratatui::style::{Color, Modifier, Style};

/// How things look: with colours, or for those who want none (<https://no-color.org>) without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Looks {
    pub(super) colours: bool,
}

impl Looks {
    pub(super) fn tone(self, tone: Tone) -> Style {
        let plain = Style::new();
        match tone {
            Tone::Plain => plain,
            Tone::Strong => plain.add_modifier(Modifier::BOLD),
            Tone::Muted => plain.add_modifier(Modifier::DIM),
            Tone::Good => self.coloured(Color::Green),
            Tone::Warning => self.coloured(Color::Yellow),
            Tone::Bad => self.coloured(Color::Red),
        }
    }

    /// What keys are for.
    pub(super) fn focus(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Where something is typed or chosen.
    pub(super) fn input(self) -> Style {
        Style::new().add_modifier(Modifier::UNDERLINED)
    }

    fn coloured(self, colour: Color) -> Style {
        if self.colours { Style::new().fg(colour) } else { Style::new() }
    }
}
