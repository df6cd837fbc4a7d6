//! When a commit returns, its batch survives whatever happens to the process.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use myrhiza_kernel_api::{Snapshot, WriteBatch};

use crate::Subject;
use crate::subject::{A, B, C, all, get, puts};

/// Tells the test program to be the process that is killed, in that folder.
const CHILD: &str = "MYRHIZA_STORE_KIT_CHILD";
/// Entries of one batch beside its number.
const ENTRIES: u64 = 30;

pub(crate) fn reopened(subject: &Subject) {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..4u8 {
        let store = subject.open(folder.path());
        let snapshot = store.snapshot().unwrap();
        assert_eq!(all(&*snapshot, A).len(), usize::from(round));
        assert_eq!(get(&*snapshot, B, b"round"), round.checked_sub(1).map(|last| vec![last]));
        store.commit(puts(A, &[(&[round], &[round].repeat(5000))])).unwrap();
        store.commit(puts(B, &[(b"round", &[round])])).unwrap();
    }
}

pub(crate) fn killed(subject: &Subject) {
    let folder = tempfile::tempdir().unwrap();
    let mut committed = 0;
    for round in 0..8u64 {
        let acknowledged = run_and_kill(folder.path(), Duration::from_micros(300 * round * round));
        let store = subject.open(folder.path());
        let snapshot = store.snapshot().unwrap();
        let last = get(&*snapshot, A, b"last").map_or(0, |last| number(&last));
        assert!(last >= acknowledged, "batch {acknowledged} was acknowledged and is gone");
        assert!(last >= committed, "batch {committed} was there after a kill and is gone");
        assert!(acknowledged > committed, "the child got nowhere");
        let batches: Vec<u64> = all(&*snapshot, B).iter().map(|(key, _)| number(key)).collect();
        assert_eq!(batches, (1..=last).collect::<Vec<_>>(), "batches without a gap");
        assert_whole(&*snapshot, last);
        committed = last;
    }
}

/// Every entry of the batches up to `last` is there, and no other.
fn assert_whole(snapshot: &dyn Snapshot, last: u64) {
    let entries = all(snapshot, C);
    let mut want: Vec<_> =
        (1..=last).flat_map(|n| (0..ENTRIES).map(move |e| entry(n, e))).collect();
    want.sort();
    assert!(entries == want, "a batch is there in part");
}

/// Scattered over the keyspace, so that a batch touches many pages; some values need several.
fn entry(batch: u64, entry: u64) -> (Vec<u8>, Vec<u8>) {
    let key = [(entry * 7919 % 256) as u8].into_iter().chain(batch.to_be_bytes());
    let len = if entry == 0 { 9000 } else { 100 };
    (key.chain([entry as u8]).collect(), vec![batch as u8; len])
}

fn number(bytes: &[u8]) -> u64 {
    u64::from_be_bytes(bytes.try_into().unwrap())
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
    let last = get(&*store.snapshot().unwrap(), A, b"last").map_or(0, |last| number(&last));
    let mut out = std::io::stdout();
    // Bounded, so that it ends by itself should nobody kill it.
    for n in last + 1..last + 10_000 {
        let mut batch = WriteBatch::new();
        batch.put(A, *b"last", n.to_be_bytes());
        batch.put(B, n.to_be_bytes(), *b"");
        for (key, value) in (0..ENTRIES).map(|e| entry(n, e)) {
            batch.put(C, key, value);
        }
        store.commit(batch).unwrap();
        if writeln!(out, "{n}.").and_then(|()| out.flush()).is_err() {
            break;
        }
    }
    Some(ExitCode::SUCCESS)
}
