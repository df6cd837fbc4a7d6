//! Text that came from elsewhere, made fit for a terminal.
//!
//! Names, reasons and views are made by apps and other people. A control character among them
//! could move the cursor, recolour or rewrite what the user reads, so none gets through.

use std::borrow::Cow;

/// One line: everything that is not plainly visible is escaped.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_unfit) {
        Cow::Owned(text.chars().fold(String::new(), |mut shown, c| {
            if is_unfit(c) {
                shown.extend(c.escape_default())
            } else {
                shown.push(c)
            }
            shown
        }))
    } else {
        Cow::Borrowed(text)
    }
}

/// Several lines, each as [`line`].
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.split('\n').map(line)
}

/// Controls, and what is invisible or turns the direction of what follows.
pub(crate) fn is_unfit(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
                | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// Most characters that are shown of what should have been short.
const START: usize = 64;

/// The start of what may be far longer than it should be.
pub(crate) fn start(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(START) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// `1 event`, `2 events`.
pub(crate) fn count(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// `40 s`, `3 min`, `2 h`, `5 days`.
pub(crate) fn time(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// `1 h 30 min`: all of it.
pub(crate) fn whole_time(seconds: u64) -> String {
    let days = seconds / 86_400;
    let parts = [
        (days, if days == 1 { "day" } else { "days" }),
        (seconds / 3_600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<_> = parts.map(|(number, unit)| format!("{number} {unit}")).collect();
    if parts.is_empty() { "0 s".into() } else { parts.join(" ") }
}

/// `KEY@ADDRESS,ADDRESS`, as `--connect` takes it; or that nothing leads there.
pub(crate) fn node(key: &str, addresses: &[String]) -> String {
    match addresses {
        [] => format!("{key}, which has no address yet: nobody gets there"),
        addresses => format!("{key}@{}", addresses.join(",")),
    }
}

/// `3 h ago`, by two times in milliseconds since 1970.
pub(crate) fn ago(now_ms: u64, then_ms: u64) -> String {
    match now_ms.saturating_sub(then_ms) / 1_000 {
        0..60 => "just now".into(),
        seconds => time(seconds) + " ago",
    }
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes from pairs of hexadecimal digits.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| char::from(c).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

/// Bytes as people read them: as text if they are that, else as hex.
pub(crate) fn bytes(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && !text.chars().any(is_unfit) => format!("{text:?}"),
        _ => hex(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_gets_through() {
        assert_eq!(line("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(line("a\u{9b}31mb\r\n"), "a\\u{9b}31mb\\r\\n");
        assert_eq!(line("\u{202e}gnp.exe"), "\\u{202e}gnp.exe");
        assert!(matches!(line("Grüße, 世界 👋"), Cow::Borrowed(_)));
        assert_eq!(lines("a\n\u{7}b").collect::<Vec<_>>(), ["a", "\\u{7}b"]);
        assert_eq!(bytes(b"key"), "\"key\"");
        assert_eq!(bytes(&[0, 255]), "00ff");
    }

    #[test]
    fn of_what_is_too_long_the_start_is_shown() {
        assert!(matches!(start("Küche"), Cow::Borrowed("Küche")));
        assert_eq!(start(&"ü".repeat(70_000)), "ü".repeat(64) + "…");
    }

    #[test]
    fn times_are_told_roughly() {
        let told = [0, 59, 60, 3_599, 3_600, 172_799, 172_800].map(time);
        assert_eq!(told, ["0 s", "59 s", "1 min", "59 min", "1 h", "47 h", "2 days"]);
        let told = [(59_999, 0), (3_600_007, 7), (5, 10)].map(|(now, then)| ago(now, then));
        assert_eq!(told, ["just now", "1 h ago", "just now"]);
    }

    #[test]
    fn a_time_that_was_asked_for_is_told_whole() {
        let told = [0, 59, 5_400, 86_400, 90_061, 604_800].map(whole_time);
        assert_eq!(told, ["0 s", "59 s", "1 h 30 min", "1 day", "1 day 1 h 1 min 1 s", "7 days"]);
    }

    #[test]
    fn a_node_without_an_address_is_not_told_as_one_with_an_empty_one() {
        let addresses = ["ip:127.0.0.1:1".to_owned(), "relay:http://a".into()];
        assert_eq!(node("k", &addresses), "k@ip:127.0.0.1:1,relay:http://a");
        assert!(!node("k", &[]).contains('@'));
    }

    #[test]
    fn hex_is_read_back_and_nothing_else_is_hex() {
        assert_eq!(from_hex(&hex(&[0, 0xab, 0xff])), Some(vec![0, 0xab, 0xff]));
        assert_eq!(from_hex("AB"), Some(vec![0xab]));
        assert_eq!(from_hex(""), Some(vec![]));
        assert!(["a", "zz", "+1", "0x00", "é"].iter().all(|text| from_hex(text).is_none()));
    }
}
