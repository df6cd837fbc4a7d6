//! Words in so many columns.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A text in lines that fit; a word that does not is broken.
pub(super) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    if text.width() <= columns {
        return vec![text.to_owned()];
    }
    let lines = textwrap::wrap(text, columns.max(2));
    lines.into_iter().map(String::from).collect()
}

/// As much of a text as fits, with a mark where something is left out.
pub(super) fn fitted(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut shown = String::new();
    let mut left = columns.saturating_sub(1);
    for c in text.chars() {
        let Some(rest) = left.checked_sub(c.width().unwrap_or(0)) else { break };
        left = rest;
        shown.push(c);
    }
    if columns > 0 {
        shown.push('…');
    }
    shown
}

/// A text with spaces up to a width.
pub(super) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_broken_or_marked() {
        assert_eq!(wrapped("one two", 7), ["one two"]);
        assert_eq!(wrapped("one two", 4), ["one", "two"]);
        assert_eq!(wrapped("世界世", 4), ["世界", "世"]);
        assert_eq!([fitted("abc", 3), fitted("abcd", 3), fitted("世界", 3)], ["abc", "ab…", "世…"]);
        assert_eq!([fitted("abc", 0), fitted("abc", 1)], ["", "…"]);
        assert_eq!(padded("世", 4), "世  ");
    }
}
