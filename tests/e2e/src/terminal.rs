//! A terminal with a command on it, and what a person sees there.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use vt100::Parser;

use crate::until;

/// A command on a terminal of its own. It ends with the test.
pub struct Terminal {
    child: Child,
    /// The side that a person sits at.
    person: File,
    screen: Arc<Mutex<Parser>>,
    /// Every byte that was written to it.
    written: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    /// Runs a command on a terminal with so many rows and columns.
    ///
    /// # Panics
    /// If the system gives no terminal.
    pub fn run(command: &mut Command, rows: u16, columns: u16) -> Self {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&person, size).unwrap();
        let path = ptsname(&person, Vec::new()).unwrap();
        let end =
            open(path, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
        let end = File::from(end);
        command.env("TERM", "xterm-256color").env_remove("NO_COLOR");
        command.stdin(end.try_clone().unwrap()).stdout(end.try_clone().unwrap()).stderr(end);
        let child = command.spawn().unwrap();
        // The command's side is closed here: reading then ends with the command.
        command.stdin(std::process::Stdio::null());
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let person = File::from(person);
        let size = |number| NonZeroU16::new(number).unwrap();
        let screen = Arc::new(Mutex::new(Parser::new(size(rows), size(columns), 0)));
        let written = Arc::<Mutex<Vec<u8>>>::default();
        let (mut from, shown, all) = (person.try_clone().unwrap(), screen.clone(), written.clone());
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = from.read(&mut bytes) {
                all.lock().unwrap().extend_from_slice(&bytes[..read]);
                shown.lock().unwrap().process(&bytes[..read]);
            }
        });
        Self { child, person, screen, written }
    }

    /// Types, or presses keys by what they send.
    pub fn press(&mut self, keys: &str) {
        self.person.write_all(keys.as_bytes()).unwrap();
    }

    /// What is seen now.
    pub fn seen(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Waits until that is seen.
    #[track_caller]
    pub fn sees(&self, words: &str) {
        until(&format!("{words:?} on the screen"), || self.seen().contains(words));
    }

    /// How often the command has written that, seen or not.
    pub fn wrote(&self, bytes: &[u8]) -> usize {
        let written = self.written.lock().unwrap();
        written.windows(bytes.len()).filter(|part| *part == bytes).count()
    }

    /// Whether the terminal is a screen, and not a page that is written on line by line.
    pub fn is_screen(&self) -> bool {
        self.screen.lock().unwrap().screen().alternate_screen()
    }

    /// Whether what is typed is shown, and given on line by line, as a shell wants it.
    pub fn is_as_it_was(&self) -> bool {
        let modes = tcgetattr(&self.person).unwrap().local_modes;
        let screen = self.screen.lock().unwrap();
        let screen = screen.screen();
        modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
            && !screen.alternate_screen()
            && !screen.hide_cursor()
            && !screen.bracketed_paste()
    }

    /// Sends the command a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits until the command has ended; its exit code.
    #[track_caller]
    pub fn ends(&mut self) -> Option<i32> {
        let mut code = None;
        until("the end of the command", || match self.child.try_wait().unwrap() {
            Some(status) => {
                code = Some(status.code());
                true
            }
            None => false,
        });
        code.flatten()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("--- last on the screen\n{}\n---", self.seen());
        }
    }
}
