//! Two people work together by handing each other files.

use std::fs;

use serde_json::Value;

use myrhiza_e2e::{Folder, Home};

/// A topic of alice's that bob has joined, each with all of it.
fn shared(app: &str) -> (Folder, Home, Home) {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    alice.found(app, "lobby");
    let ticket = alice.invite("lobby");
    let joined = bob.json(["topic", "join", &ticket]).ok().value();
    assert_eq!(joined["name"], "lobby");
    bob.hand("lobby", &alice);
    alice.hand("lobby", &bob);
    (folder, alice, bob)
}

#[track_caller]
fn agree(alice: &Home, bob: &Home) -> Value {
    let root = alice.root("lobby");
    assert_eq!(root, bob.root("lobby"));
    assert_eq!(alice.log("lobby"), bob.log("lobby"));
    root
}

#[test]
fn conflicting_acts_made_apart_come_to_one_state_in_whatever_way_they_are_exchanged() {
    let (_folder, alice, bob) = shared("counter");
    alice.act("lobby", &["increment", "10"]);
    alice.act("lobby", &["reset"]);
    bob.act("lobby", &["increment", "3"]);
    bob.act("lobby", &["decrement", "1"]);
    assert!(bob.refused("lobby", &["reset"]).contains("founder"));
    assert_ne!(alice.root("lobby"), bob.root("lobby"));

    let first = alice.hand("lobby", &bob);
    assert_eq!((&first["added"], &first["known"]), (&2.into(), &2.into()), "{first}");
    bob.hand("lobby", &alice);
    let root = agree(&alice, &bob);
    let again = bob.hand("lobby", &alice);
    assert_eq!((&again["added"], &again["known"]), (&0.into(), &6.into()), "{again}");
    assert_eq!(agree(&alice, &bob), root);
}

#[test]
fn of_two_votes_of_one_voter_the_later_counts_on_both_sides() {
    let (_folder, alice, bob) = shared("poll");
    alice.act("lobby", &["create", "Lunch?", "soup", "bread"]);
    alice.hand("lobby", &bob);
    alice.act("lobby", &["vote", "0"]);
    bob.act("lobby", &["vote", "0"]);
    bob.act("lobby", &["vote", "1"]);
    assert!(!bob.refused("lobby", &["end"]).is_empty());
    alice.hand("lobby", &bob);
    bob.hand("lobby", &alice);
    agree(&alice, &bob);
    assert_eq!(
        alice.json(["state", "lobby"]).ok().value(),
        bob.json(["state", "lobby"]).ok().value()
    );
}

#[test]
fn an_invitation_serves_once_and_a_ticket_that_was_changed_never() {
    let (folder, alice, bob) = shared("counter");
    let carol = folder.made("carol");
    let ticket = alice.invite("lobby");
    let mut bent = ticket.clone();
    bent.replace_range(40..41, if &ticket[40..41] == "q" { "p" } else { "q" });
    carol.json(["topic", "join", &bent]).fails(1, "bad-ticket");
    carol.json(["topic", "join", "myr1hello"]).fails(1, "bad-ticket");
    carol.json(["topic", "join", &ticket]).ok();
    // Again it is of no use, and does no harm.
    let again = carol.run(["topic", "join", &ticket]).ok();
    assert!(again.stdout.starts_with("already in lobby"), "{}", again.stdout);
    assert!(again.stderr.contains("the ticket names no node"), "{}", again.stderr);
    assert_eq!(carol.count("lobby"), 2);

    let late = folder.made("late");
    late.json(["topic", "join", &ticket, "--name", "lobby"]).ok();
    carol.hand("lobby", &alice);
    late.hand("lobby", &alice);
    let joins = alice.log("lobby").into_iter().filter(|event| event["kind"] == "join");
    let verdicts: Vec<_> = joins.map(|event| event["verdict"].clone()).collect();
    assert_eq!(verdicts.iter().filter(|verdict| *verdict == "reject").count(), 1, "{verdicts:?}");
    drop(bob);
}

#[test]
fn of_two_who_race_for_a_ticket_the_loser_joins_by_another() {
    let (folder, alice, _bob) = shared("counter");
    let ticket = alice.invite("lobby");
    let racers = ["carol", "dave"].map(|name| {
        let home = folder.made(name);
        home.install(&folder.path("counter.myr")).ok();
        home.json(["topic", "join", &ticket]).ok();
        home.json(["topic", "join", &ticket, "--name", "hall"]).fails(2, "named");
        home.hand("lobby", &alice);
        home
    });
    racers.iter().for_each(|home| drop(alice.hand("lobby", home)));
    let tried = racers.each_ref().map(|home| home.json(["do", "lobby", "increment", "1"]));
    let (mut won, mut lost) = (0, 0);
    for (home, tried) in racers.iter().zip(tried) {
        if tried.code == Some(0) {
            won += 1;
            let again = home.run(["topic", "join", &ticket]).ok().stdout;
            assert!(again.starts_with("already in"), "{again}");
            continue;
        }
        lost += 1;
        tried.fails(1, "not-a-member");
        let error = home.json(["topic", "join", &ticket]).fails(1, "refused");
        assert_eq!(error["cause"], "the invitation is spent");
        home.json(["topic", "join", &alice.invite("lobby")]).ok();
        home.act("lobby", &["increment", "1"]);
    }
    assert_eq!((won, lost), (1, 1));
    racers.iter().for_each(|home| drop(home.hand("lobby", &alice)));
    racers.iter().for_each(|home| drop(alice.hand("lobby", home)));
    racers.iter().for_each(|home| drop(agree(&alice, home)));
}

#[test]
fn a_removed_person_is_no_longer_heard() {
    let (_folder, alice, bob) = shared("counter");
    bob.act("lobby", &["increment", "1"]);
    bob.hand("lobby", &alice);
    let person = bob.json(["id"]).ok().value();
    let name = person["name"].as_str().unwrap();
    let founder = alice.json(["id"]).ok().value();
    bob.json(["topic", "remove", "lobby", founder["id"].as_str().unwrap(), "--yes"]).exits(1);
    alice.json(["topic", "remove", "lobby", name, "--yes"]).ok();
    bob.act("lobby", &["increment", "100"]);
    bob.hand("lobby", &alice);
    alice.hand("lobby", &bob);
    agree(&alice, &bob);
    let last = alice.log("lobby").into_iter().rfind(|event| event["kind"] == "app").unwrap();
    assert_eq!(last["verdict"], "reject");
    alice.json(["topic", "remove", "lobby", &"7".repeat(64)]).fails(3, "not-found");
    alice.json(["topic", "remove", "lobby", "bob"]).fails(2, "bad-person");
}

#[test]
fn without_the_app_events_wait_for_it_and_a_file_can_bring_it() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    let carol = folder.made("carol");
    let topic = alice.found("counter", "lobby");
    alice.act("lobby", &["increment", "5"]);
    let file = folder.path("lobby.myrtopic");
    alice.json(["topic".as_ref(), "export".as_ref(), "lobby".as_ref(), file.as_os_str()]).ok();
    let imported = carol.import(&file).ok();
    let bundle =
        alice.json(["topic", "list"]).ok().value()[0]["bundle"].as_str().unwrap().to_owned();
    assert!(imported.stderr.contains(&bundle), "{}", imported.stderr);
    assert_eq!(
        (&imported.value()["added"], &imported.value()["topic"]),
        (&2.into(), &(*topic).into())
    );
    assert_eq!(carol.root("lobby")["root"], Value::Null);
    assert!(
        carol
            .log("lobby")
            .iter()
            .all(|event| event["verdict"].is_null() && event["fuel"].is_null())
    );
    carol.json(["view", "lobby"]).fails(3, "not-installed");
    carol.install(&folder.path("counter.myr")).ok();
    assert_eq!(carol.root("lobby"), alice.root("lobby"));

    let dave = folder.made("dave");
    alice
        .json([
            "topic".as_ref(),
            "export".as_ref(),
            "lobby".as_ref(),
            file.as_os_str(),
            "--with-bundles".as_ref(),
        ])
        .ok();
    dave.import(&file).fails(4, "needs-confirmation");
    assert_eq!(dave.json(["topic", "list"]).ok().value(), serde_json::json!([]));
    dave.json(["topic".as_ref(), "import".as_ref(), file.as_os_str(), "--yes".as_ref()]).ok();
    assert_eq!(dave.root("lobby"), alice.root("lobby"));
}

#[test]
fn a_damaged_export_changes_nothing() {
    let (folder, alice, bob) = shared("counter");
    alice.act("lobby", &["increment", "7"]);
    let file = folder.path("lobby.myrtopic");
    alice.json(["topic".as_ref(), "export".as_ref(), "lobby".as_ref(), file.as_os_str()]).ok();
    let (whole, before) = (fs::read(&file).unwrap(), bob.root("lobby"));
    for at in [0, 8, 20, whole.len() / 2, whole.len() - 40, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bob.import(&folder.write("bad", bytes)).fails(1, "bad-export");
    }
    let with_more = [&whole[..], b"!"].concat();
    for bytes in [&whole[..whole.len() - 1], &whole[..30], b"", b"MYRTOPIC", &with_more] {
        bob.import(&folder.write("bad", bytes)).fails(1, "bad-export");
    }
    bob.json(["topic", "import", "nowhere"]).fails(3, "no-file");
    assert_eq!(bob.root("lobby"), before);
    bob.import(&file).ok();
    agree(&alice, &bob);
}

#[test]
fn topics_and_apps_do_not_see_each_others_events() {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    alice.found("counter", "one");
    alice.found("counter", "two");
    alice.found("poll", "three");
    bob.json(["topic", "join", &alice.invite("one")]).ok();
    let roots = [alice.root("two"), alice.root("three")];
    alice.act("one", &["increment", "1"]);
    bob.act("one", &["increment", "2"]);
    bob.hand("one", &alice);
    assert_eq!([alice.root("two"), alice.root("three")], roots);
    let one = alice.events("one");
    assert!(alice.events("two").iter().chain(&alice.events("three")).all(|id| !one.contains(id)));
    bob.json(["root", "two"]).fails(3, "not-found");
}

#[test]
fn who_left_comes_back_with_all_they_made_and_never_forks() {
    let (_folder, alice, bob) = shared("counter");
    bob.act("lobby", &["increment", "1"]);
    bob.hand("lobby", &alice);
    alice.act("lobby", &["increment", "1"]);
    alice.hand("lobby", &bob);
    // On what alice made, and known to nobody else.
    let last = bob.act("lobby", &["increment", "2"]);
    let (ticket, leave) = (alice.invite("lobby"), ["topic", "leave", "lobby", "--yes"]);
    bob.json(leave).ok();
    bob.json(["root", "lobby"]).fails(3, "not-found");

    // By a ticket: nothing is made before all of it is there again.
    for _ in 0..2 {
        bob.json(["topic", "join", &ticket]).ok();
        bob.json(["do", "lobby", "increment", "4"]).fails(1, "behind");
        bob.json(leave).ok();
    }
    bob.json(["topic", "join", &ticket]).ok();
    alice.hand("lobby", &bob);
    let next = bob.act("lobby", &["increment", "8"]);
    // By a file, which knows less than this home keeps.
    bob.json(leave).ok();
    let imported = bob.import(&alice.export("lobby")).ok();
    assert!(!imported.stderr.contains("warning"), "{}", imported.stderr);
    bob.has("lobby", &[last, next]);
    bob.act("lobby", &["increment", "16"]);
    bob.hand("lobby", &alice);
    agree(&alice, &bob);
    assert_eq!(alice.json(["forks", "lobby"]).ok().value(), serde_json::json!([]));
    let joins = alice.log("lobby").into_iter().filter(|event| event["kind"] == "join");
    assert_eq!(joins.count(), 1);
}
