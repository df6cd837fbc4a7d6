//! What a command reads from and prints to: this process's own streams or, in a node, those of
//! whoever asked it to run the command.
//!
//! Commands are synchronous, so the thread one runs on says whose they are.

use std::cell::RefCell;
use std::env;
use std::io::{self, IsTerminal as _, Read as _, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What somebody's streams are.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Streams {
    /// Standard output is a terminal, and its user has nothing against colours
    /// (<https://no-color.org>).
    pub(crate) colours: bool,
    /// Standard error is a terminal.
    pub(crate) err: bool,
}

impl Streams {
    /// This process's.
    pub(crate) fn own() -> Self {
        let wanted = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { colours: wanted && io::stdout().is_terminal(), err: io::stderr().is_terminal() }
    }
}

/// Somebody at the other end of the local API.
#[derive(Debug, Default)]
pub(crate) struct Asker {
    /// Where they are.
    pub(crate) folder: PathBuf,
    /// A path may lead them to another file than this process.
    pub(crate) elsewhere: bool,
    /// What their standard input has, where the command is to read it.
    pub(crate) input: Vec<u8>,
    /// They have said yes to what was shown.
    pub(crate) confirmed: bool,
    /// What their streams are.
    pub(crate) streams: Streams,
    /// What is for their standard output.
    pub(crate) out: Vec<u8>,
    /// What is for their standard error.
    pub(crate) err: Vec<u8>,
}

thread_local! {
    static ASKER: RefCell<Option<Asker>> = const { RefCell::new(None) };
}

/// Does something for an asker, and gives back what it printed.
pub(crate) fn serve<T>(asker: Asker, what: impl FnOnce() -> T) -> (T, Asker) {
    ASKER.with_borrow_mut(|current| *current = Some(asker));
    let result = what();
    (result, ASKER.take().unwrap_or_default())
}

/// Does something with the asker, if there is one.
fn asker<T>(what: impl FnOnce(&mut Asker) -> T) -> Option<T> {
    ASKER.with_borrow_mut(|asker| asker.as_mut().map(what))
}

/// True if this thread works for somebody elsewhere.
pub(crate) fn is_remote() -> bool {
    asker(|_| ()).is_some()
}

/// True if they have said yes beforehand.
pub(crate) fn is_confirmed() -> bool {
    asker(|asker| asker.confirmed).unwrap_or(false)
}

/// What they have said yes to is done: they have not seen yet what is asked next.
pub(crate) fn ask_anew() {
    asker(|asker| asker.confirmed = false);
}

/// True if somebody can be asked here.
pub(crate) fn is_interactive() -> bool {
    !is_remote() && io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// True if progress can be drawn.
pub(crate) fn draws() -> bool {
    !is_remote() && io::stderr().is_terminal()
}

/// What the streams are that are printed to.
pub(crate) fn streams() -> Streams {
    asker(|asker| asker.streams).unwrap_or_else(Streams::own)
}

/// Standard output.
pub(crate) fn out() -> Box<dyn Write> {
    if is_remote() { Box::new(Remote::Out) } else { Box::new(io::stdout().lock()) }
}

/// Standard error.
pub(crate) fn err() -> Box<dyn Write> {
    if is_remote() { Box::new(Remote::Err) } else { Box::new(io::stderr().lock()) }
}

/// Standard input, up to so many bytes.
pub(crate) fn input(max: u64) -> io::Result<String> {
    let mut text = String::new();
    match asker(|asker| std::mem::take(&mut asker.input)) {
        Some(input) => (&input[..]).take(max).read_to_string(&mut text)?,
        None => io::stdin().take(max).read_to_string(&mut text)?,
    };
    Ok(text)
}

/// Where a path is that was given on the command line.
pub(crate) fn path(given: &Path) -> PathBuf {
    asker(|asker| asker.folder.join(given)).unwrap_or_else(|| given.to_owned())
}

/// True if a path may lead whoever asked to another file than this process.
pub(crate) fn is_elsewhere() -> bool {
    asker(|asker| asker.elsewhere).unwrap_or(false)
}

/// Which mounts this process sees, where the system says so: a service can have a `/tmp` of its own.
pub(crate) fn mounts() -> Option<PathBuf> {
    std::fs::read_link("/proc/self/ns/mnt").ok()
}

/// A stream of the asker.
enum Remote {
    Out,
    Err,
}

impl Write for Remote {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let stream = |asker: &mut Asker| match self {
            Self::Out => asker.out.extend_from_slice(bytes),
            Self::Err => asker.err.extend_from_slice(bytes),
        };
        asker(stream).ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A line on standard error. That nobody reads it is no failure.
macro_rules! note {
    ($($words:tt)*) => {{
        let _ = writeln!($crate::console::err(), $($words)*);
    }};
}
pub(crate) use note;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_for_somebody_elsewhere_reaches_them_alone() {
        let asker = Asker {
            folder: "/there".into(),
            input: b"said".into(),
            streams: Streams { colours: true, err: false },
            ..Asker::default()
        };
        let ((), asker) = serve(asker, || {
            assert!(is_remote() && !is_interactive() && !is_confirmed());
            assert!(streams().colours && !streams().err);
            writeln!(out(), "one").unwrap();
            note!("two {}", 2);
            assert_eq!(input(3).unwrap(), "sai");
            assert_eq!(path(Path::new("file")), Path::new("/there/file"));
            assert_eq!(path(Path::new("/file")), Path::new("/file"));
        });
        assert_eq!((&asker.out[..], &asker.err[..]), (&b"one\n"[..], &b"two 2\n"[..]));
        assert!(!is_remote());
        assert_eq!(path(Path::new("file")), Path::new("file"));
    }
}
