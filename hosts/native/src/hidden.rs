//! A line that is typed unseen. However that ends, the terminal is as it was before.

use std::io;

#[cfg(unix)]
pub(crate) use unix::ask;

/// Asks a question, and takes what is typed.
#[cfg(not(unix))]
pub(crate) fn ask(question: &str) -> io::Result<String> {
    rpassword::prompt_password(question)
}

/// Whether the user has broken it off.
pub(crate) fn is_broken_off(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Interrupted
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, Read, Write as _};

    use rustix::termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
    };

    /// What Ctrl-C is where it makes no signal.
    const CTRL_C: u8 = 3;

    /// Asks a question, and takes what is typed. `rpassword` would set the terminal itself, but not back
    /// before the signal that it makes of Ctrl-C ends the process.
    pub(crate) fn ask(question: &str) -> io::Result<String> {
        let mut tty = File::options().read(true).write(true).open("/dev/tty")?;
        let unseen = Unseen::set(tty.try_clone()?)?;
        let config = rpassword::ConfigBuilder::new()
            .input_reader(Keys(tty.try_clone()?))
            .output_writer(tty.try_clone()?)
            .build();
        let typed = rpassword::prompt_password_with_config(question, config);
        drop(unseen);
        writeln!(tty)?;
        typed
    }

    /// A terminal that shows nothing and hands on each key, Ctrl-C too, until it is dropped.
    struct Unseen {
        tty: File,
        before: Termios,
    }

    impl Unseen {
        fn set(tty: File) -> io::Result<Self> {
            let before = tcgetattr(&tty)?;
            let mut unseen = before.clone();
            let shown = LocalModes::ECHO | LocalModes::ECHONL;
            unseen.local_modes.remove(shown | LocalModes::ICANON | LocalModes::ISIG);
            unseen.special_codes[SpecialCodeIndex::VMIN] = 1;
            unseen.special_codes[SpecialCodeIndex::VTIME] = 0;
            tcsetattr(&tty, OptionalActions::Now, &unseen)?;
            Ok(Self { tty, before })
        }
    }

    impl Drop for Unseen {
        fn drop(&mut self) {
            // Where the terminal is gone there is nothing to set back.
            let _ = tcsetattr(&self.tty, OptionalActions::Now, &self.before);
        }
    }

    /// The keys of a terminal, as they are typed.
    struct Keys(File);

    impl Read for Keys {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            let count = self.0.read(bytes)?;
            match bytes.get(..count) {
                Some(typed) if typed.contains(&CTRL_C) => Err(io::ErrorKind::Interrupted.into()),
                _ => Ok(count),
            }
        }
    }
}
