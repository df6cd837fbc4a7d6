//! A process that commits, and is killed.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use crate::Subject;
use crate::durability::{assert_batches, write_batches};

/// Tells the test program to be the process that is killed, in that folder.
const CHILD: &str = "MYRHIZA_STORE_KIT_CHILD";

pub(crate) fn killed(subject: &Subject) {
    let folder = subject.folder().unwrap();
    let mut committed = 0;
    for round in 0..8u64 {
        let moment = Duration::from_micros(300 * round * round);
        let acknowledged = run_and_kill(&folder.path, moment);
        let last = assert_batches(&*subject.open(&folder.path));
        assert!(last >= acknowledged, "batch {acknowledged} was acknowledged and is gone");
        assert!(last >= committed, "batch {committed} was there after a kill and is gone");
        assert!(acknowledged > committed, "the child got nowhere");
        committed = last;
    }
}

/// Starts the child, kills it a moment after its first commit, and returns the last number that it
/// acknowledged.
fn run_and_kill(folder: &Path, moment: Duration) -> u64 {
    let mut child = Command::new(env::current_exe().unwrap())
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    thread::sleep(moment);
    child.kill().unwrap();
    child.wait().unwrap();
    // What was written in full before the kill is still in the pipe; a torn line is no number.
    let read = lines.map_while(Result::ok).filter_map(|line| line.strip_suffix('.')?.parse().ok());
    read.last().unwrap_or_else(|| first.trim_end_matches('.').parse().unwrap())
}

/// In the child: commits batch after batch and says so, until it is killed.
pub(crate) fn run_child(subject: &Subject) -> Option<ExitCode> {
    let folder = env::var_os(CHILD)?;
    let store = subject.open(Path::new(&folder));
    let mut out = std::io::stdout();
    // Bounded, so that it ends by itself should nobody kill it.
    write_batches(&*store, 10_000, |n| writeln!(out, "{n}.").and_then(|()| out.flush()).is_ok());
    Some(ExitCode::SUCCESS)
}
