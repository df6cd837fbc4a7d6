//! A ticket as a picture that another device's camera reads.

use std::io::Write as _;

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

use crate::console::{self, note};

/// Black on white, whatever the terminal's colours are.
const COLOURS: [&str; 2] = ["\u{1b}[30;107m", "\u{1b}[0m"];

/// Shows a bech32 text as a QR code on standard error; one that is too long is told as such.
pub(crate) fn show(text: &str) {
    let Some(drawn) = draw(text) else {
        note!("the ticket is too long for a QR code: send it as text");
        return;
    };
    let [on, off] = if console::streams().err { COLOURS } else { [""; 2] };
    drawn.lines().for_each(|line| note!("{on}{line}{off}"));
}

/// Two modules a character, one above the other. In capitals, which bech32 reads too, a QR code holds
/// about half as much again.
fn draw(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text.to_ascii_uppercase(), EcLevel::L).ok()?;
    Some(code.render::<Dense1x2>().build())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a camera would see: four dots a module, dark where the modules are.
    fn read(drawn: &str) -> String {
        const DOTS: usize = 4;
        let lines: Vec<Vec<char>> = drawn.lines().map(|line| line.chars().collect()).collect();
        let dark = |x: usize, y: usize| {
            let drawn = lines[y / DOTS / 2][x / DOTS];
            match drawn {
                ' ' => false,
                '\u{2588}' => true,
                '\u{2580}' => (y / DOTS).is_multiple_of(2),
                '\u{2584}' => !(y / DOTS).is_multiple_of(2),
                other => panic!("{other:?}"),
            }
        };
        let (width, height) = (lines[0].len() * DOTS, lines.len() * 2 * DOTS);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
            if dark(x, y) { 0 } else { 255 }
        });
        let grids = image.detect_grids();
        grids[0].decode().unwrap().1
    }

    #[test]
    fn what_is_drawn_is_read_back_in_capitals_and_what_does_not_fit_is_not_drawn() {
        for length in [1, 60, 1500, 4000] {
            let text =
                format!("myrticket1{}", "qpzry9x8gf2tvdw0s3jn54khce6mua7l".repeat(length / 32 + 1));
            let text = &text[..length + 10];
            assert_eq!(read(&draw(text).unwrap()), text.to_ascii_uppercase());
        }
        assert!(draw(&"q".repeat(4296)).is_some());
        assert_eq!(draw(&"q".repeat(4297)), None);
    }
}
