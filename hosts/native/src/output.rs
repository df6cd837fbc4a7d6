//! What commands print: for people or, with `--json`, one documented shape each
//! (`docs/guide/cli-json.md`).

use std::io::{self, BufWriter, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter};

use crate::console::{self, note};
use crate::failure::{Failure, Outcome, code};
use crate::text;

/// Standard output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    /// Prints a value: as JSON, or as `lines` writes it.
    pub(crate) fn print(
        self,
        value: &impl Serialize,
        lines: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Outcome<()> {
        self.stream(|out| if self.json { write_json(out, value) } else { lines(out) })
    }

    /// Says to people, on standard error, what it means that there is nothing to print.
    pub(crate) fn remark_if(self, empty: bool, words: &str) {
        if empty && !self.json {
            note!("{words}");
        }
    }

    /// Prints piece by piece. A reader that has seen enough (`head`) is no failure.
    pub(crate) fn stream(
        self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Outcome<()> {
        let mut out = Self::stdout();
        finish(write(&mut out).and_then(|()| out.flush()))
    }

    /// Where [`Output::stream`] writes to, for those who fail in other ways midway.
    pub(crate) fn stdout() -> BufWriter<Box<dyn Write>> {
        BufWriter::with_capacity(1 << 16, console::out())
    }
}

/// What a failed write to standard output means.
pub(crate) fn finish(result: io::Result<()>) -> Outcome<()> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            // Commands print last: whatever there was to do is done, and must not be done again.
            Err(Failure::refused(
                code::UNPRINTED,
                "the command was carried out, but what it says could not be printed",
                format!("standard output could not be written: {error}"),
                "do not repeat what was to change something: `myrhiza log TOPIC` shows what was \
                 signed, `myrhiza topic list` and `myrhiza app list` what is there",
            ))
        }
        _ => Ok(()),
    }
}

/// One value and a line break.
pub(crate) fn write_json(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    write_json_value(out, value)?;
    out.write_all(b"\n")
}

/// One value.
pub(crate) fn write_json_value(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, Plain);
    value.serialize(&mut serializer).map_err(io::Error::from)
}

/// JSON that is also fit for a terminal: what [`text::line`] would escape is escaped.
struct Plain;

impl Formatter for Plain {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| text::is_unfit(*c)) {
            let (plain, from) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"))?;
            rest = from.strip_prefix(c).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        serde_json::ser::CompactFormatter.write_char_escape(out, escape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_says_the_same_and_steers_no_terminal() {
        let wild = "a\u{1b}[2J\u{9b}\"\\\u{202e}\u{e0001}世";
        let mut out = Vec::new();
        write_json(&mut out, &wild).unwrap();
        let printed = String::from_utf8(out).unwrap();
        assert!(!printed.trim_end().chars().any(text::is_unfit), "{printed}");
        assert_eq!(serde_json::from_str::<String>(&printed).unwrap(), wild);
    }
}
