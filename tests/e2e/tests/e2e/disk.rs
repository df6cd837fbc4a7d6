//! Disks that are full.

use std::fs;

use myrhiza_e2e::{Case, Folder, Home, Host, Lan, Needs::Hosts, Node, agree, fill, until};

use crate::links::LISTEN;

pub(crate) const CASES: &[Case] =
    &[(Hosts, "a_disk_that_is_full_in_the_midst_of_a_sync_is_told_and_loses_nothing", full)];

/// Events of the history that is under way, which take more than the disk has.
const HISTORY: u64 = 20_000;
/// Megabytes that are too few.
const SMALL: u32 = 12;
/// And enough of them.
const LARGE: u32 = 400;

fn full() {
    let folder = Folder::new();
    let (lan, hosts) = (Lan::new(), [Host::new(), Host::new()]);
    let _ports = [lan.plug(&hosts[0], "10.0.0.1/24"), lan.plug(&hosts[1], "10.0.0.2/24")];
    let [alice] = folder.counters(["alice"]);
    let topic = alice.found("counter", "steps");
    fill(&alice, "steps", HISTORY);
    let alice = alice.on(&hosts[0]);
    let disk = folder.path("disk");
    fs::create_dir(&disk).unwrap();
    hosts[1].disk(&disk, SMALL);
    let bob = Home::at(disk.join("bob")).on(&hosts[1]);
    bob.json(["init", "--no-passphrase"]).ok();
    bob.install(&folder.path("counter.myr")).ok();
    let _node = Node::up(&alice, LISTEN);
    bob.join(&alice.invite("steps"));
    let mut acknowledged = vec![bob.act("steps", &["increment", "2"])];

    let node = Node::up(&bob, LISTEN);
    until("the disk to be full", || node.log().contains("no space left"));
    let has = bob.count("steps");
    assert!(has < HISTORY, "the disk was large enough");
    // What does not fit is told to who asks for it, and what is there can be looked at.
    let failed = bob.json(["do", "steps", "increment", "3"]).fails(1, "disk-full");
    assert!(failed["next"].as_str().unwrap().contains("free some space"), "{failed}");
    bob.has("steps", &acknowledged);

    hosts[1].resize_disk(&disk, LARGE);
    acknowledged.push(bob.act("steps", &["increment", "4"]));
    agree(&topic, [&alice, &bob], HISTORY + 4);
    alice.has("steps", &acknowledged);
    bob.json(["doctor"]).ok();
}
