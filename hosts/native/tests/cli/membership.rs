//! Who is in a topic, who is no longer, and how that is told; and what a file says it holds.

use std::fs;
use std::path::{Path, PathBuf};

use myrhiza_kernel::event::Event;
use myrhiza_kernel::export::{Item, Reader, Writer};
use serde_json::Value;

use myrhiza_e2e::{Folder, Home};

/// A topic of alice's that bob has joined, each with all of it.
fn shared() -> (Folder, Home, Home) {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    alice.found("counter", "lobby");
    bob.json(["topic", "join", &alice.invite("lobby")]).ok();
    bob.hand("lobby", &alice);
    alice.hand("lobby", &bob);
    (folder, alice, bob)
}

fn export(home: &Home, file: &Path) {
    home.json(["topic".as_ref(), "export".as_ref(), "lobby".as_ref(), file.as_os_str()]).ok();
}

fn member(home: &Home) -> Value {
    home.json(["topic", "list"]).ok().value()[0]["member"].clone()
}

#[test]
fn who_was_removed_is_told_so_everywhere() {
    let (folder, alice, bob) = shared();
    let file = folder.path("lobby.myrtopic");
    assert_eq!((member(&alice), member(&bob)), (true.into(), true.into()));
    let name = bob.json(["id"]).ok().value()["name"].as_str().unwrap().to_owned();
    let log = alice.run(["log", "lobby"]).ok().stdout;
    let join = log.lines().find(|line| line.contains("  join ")).unwrap();
    assert!(join.contains(&format!("{}…", &name[..16])), "{join}");

    alice.json(["topic", "remove", "lobby", "myr1"]).fails(2, "bad-person");
    alice.json(["topic", "remove", "lobby", "myr1qqqqqqqq"]).fails(3, "not-found");
    let start = format!("{}…", &name[..16]);
    alice.json(["topic", "remove", "lobby", &start]).fails(4, "needs-confirmation");
    assert_eq!(member(&bob), true);
    alice.json(["topic", "remove", "lobby", &start, "--yes"]).ok();
    export(&alice, &file);
    let told = bob.import(&file).ok().stderr;
    assert!(told.contains("you are not a member of this topic: you were removed"), "{told}");
    assert_eq!((member(&alice), member(&bob)), (true.into(), false.into()));
    assert!(bob.run(["topic", "list"]).ok().stdout.contains("(not a member)"));
    let error = bob.json(["do", "lobby", "increment", "1"]).fails(1, "removed");
    assert!(error["cause"].as_str().unwrap().contains("removed from this topic"), "{error}");
    assert!(error["next"].as_str().unwrap().contains("new ticket"), "{error}");
    let error = bob.json(["topic", "join", &alice.invite("lobby")]).fails(1, "removed");
    assert!(error["next"].as_str().unwrap().contains("new home"), "{error}");
}

#[test]
fn whose_join_was_rejected_is_told_why() {
    let (folder, alice, _bob) = shared();
    let ticket = alice.invite("lobby");
    for name in ["carol", "dave"] {
        let home = folder.made(name);
        home.install(&folder.path("counter.myr")).ok();
        home.json(["topic", "join", &ticket]).ok();
        home.hand("lobby", &alice);
    }
    let file = folder.path("lobby.myrtopic");
    export(&alice, &file);
    let homes = ["carol", "dave"].map(|name| folder.home(name));
    let told = homes.each_ref().map(|home| home.import(&file).ok().stderr);
    let why = "you are not a member of this topic: your join was rejected: the invitation is spent";
    assert_eq!(told.iter().filter(|told| told.contains(why)).count(), 1, "{told:?}");
    let members = homes.each_ref().map(member);
    assert_eq!(members.iter().filter(|member| **member == true).count(), 1, "{members:?}");
}

#[test]
fn a_ticket_is_made_with_a_word_on_how_many_it_lets_in() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    alice.found("counter", "lobby");
    for (uses, says) in [("1", "1 person"), ("3", "3 people"), ("0", "any number")] {
        let told = alice.run(["topic", "invite", "lobby", "--uses", uses]).ok();
        assert!(told.stderr.contains(says), "{}", told.stderr);
        assert_eq!(told.stdout.lines().count(), 1);
    }
}

/// An export with its events changed by `change`, sealed anew, its ending as it was.
fn remade(folder: &Folder, file: &Path, change: impl FnOnce(&mut Vec<Vec<u8>>)) -> PathBuf {
    let mut reader = Reader::new();
    reader.push(&fs::read(file).unwrap());
    let (mut genesis, mut root, mut events) = (None::<Event>, None, Vec::new());
    while let Some(item) = reader.next_item().unwrap() {
        match item {
            Item::Opening(opening) => genesis = Some(opening.genesis.verify().unwrap()),
            Item::Events(more) => {
                events.extend(more.into_iter().map(|e| e.verify().unwrap().to_bytes().to_vec()));
            }
            Item::Ending(ending) => root = Some(ending.log_root),
            Item::Bundle(_) => {}
        }
    }
    change(&mut events);
    let mut writer = Writer::new(&genesis.unwrap(), &[]);
    events.iter().for_each(|event| writer.event(event));
    let mut bytes = writer.take();
    bytes.extend(writer.finish(&root.unwrap()));
    folder.write("remade.myrtopic", bytes)
}

#[test]
fn what_an_import_refuses_or_leaves_waiting_or_misses_is_told() {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    alice.found("counter", "lobby");
    for _ in 0..3 {
        alice.act("lobby", &["increment", "1"]);
    }
    let file = folder.path("lobby.myrtopic");
    export(&alice, &file);

    let cut = remade(&folder, &file, |events| drop(events.pop()));
    let told = bob.import(&cut).ok().stderr;
    assert!(told.contains("something is missing from it"), "{told}");
    let told = bob.import(&file).ok().stderr;
    assert!(!told.contains("missing"), "{told}");
    bob.json(["topic", "leave", "lobby", "--yes"]).ok();

    let holed = remade(&folder, &file, |events| drop(events.remove(1)));
    for added in [2, 0] {
        let ran = bob.import(&holed).ok();
        let report = ran.value();
        assert_eq!((&report["added"], &report["pending"]), (&added.into(), &1.into()), "{report}");
        assert!(!ran.stderr.contains("missing"), "{}", ran.stderr);
    }
    let report = bob.import(&file).ok().value();
    assert_eq!((&report["added"], &report["pending"]), (&2.into(), &0.into()), "{report}");
    bob.json(["topic", "leave", "lobby", "--yes"]).ok();

    let bent = remade(&folder, &file, |events| *events[2].last_mut().unwrap() ^= 1);
    let report = bob.import(&bent).exits(1).value();
    assert_eq!(report["refused"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(report["added"], 3, "the rest is taken in");
}
