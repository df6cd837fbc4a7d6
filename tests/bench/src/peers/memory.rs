//! Resident memory of a node, measured in a process of its own that opens a home made before.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::process::resident;
use crate::app::tally;
use crate::home::{Ground, Home, found, lmdb, seat};
use crate::net::Net;
use crate::trunk::Trunk;

/// The argument after which a process is one that is measured: the folder of its store follows,
/// and whether it acts.
pub const CHILD: &str = "--measured-node";

/// Until what starts has come to rest.
const REST: Duration = Duration::from_secs(2);

/// Measures nodes with one topic of so many events, and with so many idle topics, and tells.
/// `program` runs [`child`] when its first argument is [`CHILD`].
pub fn memory(program: &Path, events: u32, topics: u32) {
    let (ground, app) = (Ground::new(), tally::<1000>());
    let none = tempfile::tempdir().unwrap();
    ground.runtime(lmdb(none.path())).install(&app.bundle).unwrap();
    let (small, large) = (made(10), made(events));
    let many = tempfile::tempdir().unwrap();
    let mut runtime = ground.runtime(lmdb(many.path()));
    runtime.install(&app.bundle).unwrap();
    for number in 0..topics {
        found(&mut runtime, &Trunk::founded(&app, 1, number).1);
    }
    drop(runtime);
    let measured = |folder: &Path, acts: bool, what: &str| {
        let mut command = Command::new(program);
        let output = command.arg(CHILD).arg(folder).arg(acts.to_string()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        println!("  {}  {what}", String::from_utf8_lossy(&output.stdout).trim());
    };
    println!("resident of a node's process, MiB:");
    measured(none.path(), false, "no topic");
    measured(small.path(), true, "a topic of 10 events, after an event was made");
    measured(large.path(), true, &format!("one of {events} events, after an event was made"));
    measured(many.path(), false, &format!("{topics} idle topics"));
}

/// The folder of a home with one topic of so many events.
pub fn made(events: u32) -> TempDir {
    Home::on_disk(&Ground::new(), &tally::<1000>(), events).close().0
}

/// Is the node that is measured: prints what is resident.
pub fn child(folder: &Path, acts: bool) {
    let (ground, net) = (Ground::new(), Net::new());
    let runtime = ground.runtime(lmdb(folder));
    let topics = runtime.topic_ids().unwrap();
    let peer = net.up(0, seat(runtime, 0));
    if let [topic] = topics[..]
        && acts
    {
        net.run(peer.submit(topic, vec![7; 32]));
    }
    std::thread::sleep(REST);
    let resident = resident();
    let mib = |kib: u64| kib as f64 / 1024.0;
    println!("{:7.1} of its own {:7.1} of files", mib(resident.own), mib(resident.files));
    net.down([peer]);
}
