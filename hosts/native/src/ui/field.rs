//! A line of text that is typed.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::text;

/// More than anybody types, in bytes.
const MOST: usize = 64 << 10;

/// The text, and where in it the next letter goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Field {
    text: String,
    /// A byte of the text, at the start of a letter.
    at: usize,
}

impl Field {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), at: text.len() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Text that is typed or pasted. It is one line, so what would break it is a space.
    pub(super) fn insert(&mut self, text: &str) {
        for c in text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }) {
            if !c.is_control() && self.text.len() + c.len_utf8() <= MOST {
                self.text.insert(self.at, c);
                self.at += c.len_utf8();
            }
        }
    }

    pub(super) fn left(&mut self) {
        self.at -= self.before();
    }

    pub(super) fn right(&mut self) {
        self.at += self.after();
    }

    pub(super) fn go_to_start(&mut self) {
        self.at = 0;
    }

    pub(super) fn go_to_end(&mut self) {
        self.at = self.text.len();
    }

    pub(super) fn backspace(&mut self) {
        let bytes = self.before();
        self.at -= bytes;
        self.text.drain(self.at..self.at + bytes);
    }

    pub(super) fn delete(&mut self) {
        let bytes = self.after();
        self.text.drain(self.at..self.at + bytes);
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Bytes of the letter before.
    fn before(&self) -> usize {
        let before = self.text.get(..self.at).unwrap_or_default();
        before.graphemes(true).next_back().map_or(0, str::len)
    }

    /// Bytes of the letter after.
    fn after(&self) -> usize {
        let after = self.text.get(self.at..).unwrap_or_default();
        after.graphemes(true).next().map_or(0, str::len)
    }

    /// The part that is in sight in so many columns, and the column of the next letter.
    pub(super) fn window(&self, columns: usize) -> (String, usize) {
        let shown: Vec<_> = self
            .text
            .grapheme_indices(true)
            .map(|(at, letter)| (at < self.at, text::line(letter)))
            .collect();
        let width = |letters: &[(bool, std::borrow::Cow<'_, str>)]| {
            letters.iter().map(|(_, letter)| letter.width()).sum::<usize>()
        };
        let cursor = shown.iter().take_while(|(before, _)| *before).count();
        // The cursor has a column of its own.
        let (mut start, mut column) = (0, width(&shown[..cursor]));
        while column + 1 > columns && start < cursor {
            column -= shown[start].1.width();
            start += 1;
        }
        let mut window = String::new();
        let mut left = columns;
        for (_, letter) in &shown[start..] {
            let Some(rest) = left.checked_sub(letter.width()) else { break };
            left = rest;
            window.push_str(letter);
        }
        (window, column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_what_people_take_for_one() {
        let mut field = Field::new("a");
        field.insert("e\u{301}世");
        field.left();
        field.left();
        assert_eq!(field.window(10), ("ae\u{301}世".into(), 1));
        field.delete();
        assert_eq!(field.text(), "a世");
        field.go_to_end();
        field.backspace();
        field.backspace();
        field.backspace();
        assert_eq!(field, Field::default());
    }

    #[test]
    fn what_is_pasted_stays_one_line_and_steers_nothing() {
        let mut field = Field::default();
        field.insert("one\r\ntwo\u{1b}[2J\tthree");
        assert_eq!(field.text(), "one  two[2J three");
        field.clear();
        field.insert(&"世".repeat(MOST));
        assert!(field.text().len() <= MOST);
        field.clear();
        field.insert("\u{202e}x");
        assert_eq!(field.window(20).0, "\\u{202e}x");
    }

    #[test]
    fn the_place_of_the_next_letter_is_always_in_sight() {
        let mut field = Field::new("0123456789");
        assert_eq!(field.window(4), ("789".into(), 3));
        field.go_to_start();
        assert_eq!(field.window(4), ("0123".into(), 0));
        let wide = Field::new("世界世界");
        assert_eq!(wide.window(4), ("界".into(), 2));
        assert_eq!(wide.window(0).0, "");
    }
}
