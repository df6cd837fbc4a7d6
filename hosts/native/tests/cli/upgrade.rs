//! `app upgrade`, `app hand-over`: two homes go on with the counter's second version.

use serde_json::Value;

use myrhiza_e2e::{Folder, Home, Node, agree, until};

/// A home's topic, as `topic list` shows it.
fn listed(home: &Home, topic: &str) -> Value {
    let topics = home.json(["topic", "list"]).ok().value();
    topics.as_array().unwrap().iter().find(|listed| listed["name"] == topic).unwrap().clone()
}

/// What a home is shown, as text.
fn view(home: &Home, topic: &str) -> String {
    home.run(["view", topic]).ok().stdout
}

fn export(home: &Home, topic: &str, file: &std::path::Path) {
    let export = ["topic".as_ref(), "export".as_ref(), topic.as_ref(), file.as_os_str()];
    home.json(export.into_iter().chain(["--with-bundles".as_ref()])).ok();
}

#[test]
fn an_upgrade_keeps_the_state_of_two_homes_that_exchange_files() {
    let folder = Folder::new();
    let (alice, bob) = (folder.made("alice"), folder.made("bob"));
    let (first, second) = (folder.signed(&alice, "counter"), folder.signed(&alice, "counter2"));
    alice.install(&first).ok();
    bob.install(&first).ok();
    alice.found("counter", "lobby");
    bob.json(["topic", "join", &alice.invite("lobby")]).ok();
    alice.hand("lobby", &bob);
    alice.act("lobby", &["increment", "5"]);
    bob.act("lobby", &["increment", "2"]);
    bob.hand("lobby", &alice);

    alice.json(["app", "upgrade", "lobby", "--yes"]).fails(3, "not-found");
    let next = alice.install(&second).ok().value();
    alice.json(["app", "upgrade", "lobby"]).fails(4, "needs-confirmation");
    let done = alice.json(["app", "upgrade", "lobby", "--yes"]).ok().value();
    assert_eq!(done["verdict"], "accept");
    alice.json(["app", "upgrade", "lobby", "--yes"]).fails(3, "not-found");
    alice.act("lobby", &["increment", "10"]);
    let topic = listed(&alice, "lobby");
    assert_eq!((&topic["bundle"], &topic["generation"]), (&next["bundle"], &1.into()));
    let shown = view(&alice, "lobby");
    assert!(shown.contains("17") && shown.contains("Total"), "{shown}");

    // Bob acts for the old version, which he still has; then he hears of the new one.
    bob.act("lobby", &["increment", "100"]);
    alice.hand("lobby", &bob);
    let topic = listed(&bob, "lobby");
    assert_eq!((&topic["waits"], &topic["folded"]), (&next["bundle"], &false.into()));
    let doctor = bob.run(["doctor"]).ok().stdout;
    assert!(doctor.contains("waits for version 2.0.0 of the app `counter`"), "{doctor}");
    let old = bob.run(["view", "lobby"]).ok();
    assert!(!old.stdout.contains("Total"), "{}", old.stdout);
    assert!(old.stderr.contains("goes on with version 2.0.0"), "{}", old.stderr);
    bob.json(["do", "lobby", "increment", "1"]).fails(1, "waits");
    assert_eq!(bob.root("lobby")["root"], Value::Null);

    bob.install(&second).ok();
    bob.hand("lobby", &alice);
    assert_eq!(alice.root("lobby"), bob.root("lobby"));
    for home in [&alice, &bob] {
        assert!(view(home, "lobby").contains("117"), "{}", view(home, "lobby"));
        assert_eq!(listed(home, "lobby")["waits"], Value::Null);
        let remove = ["app", "remove", next["bundle"].as_str().unwrap(), "--yes"];
        home.json(remove).fails(1, "in-use");
    }
    bob.json(["app", "upgrade", "lobby", "counter", "--yes"]).exits(1);

    // Carol gets both versions with the file.
    let (carol, file) = (folder.made("carol"), folder.path("all.myrtopic"));
    export(&alice, "lobby", &file);
    carol.json(["topic".as_ref(), "import".as_ref(), file.as_os_str(), "--yes".as_ref()]).ok();
    assert_eq!(carol.json(["app", "list"]).ok().value().as_array().unwrap().len(), 2);
    assert_eq!(carol.root("lobby"), alice.root("lobby"));
}

#[test]
fn an_install_for_a_topic_goes_on_to_the_version_it_is_at() {
    let folder = Folder::new();
    let (alice, bob) = (folder.made("alice"), folder.made("bob"));
    let (first, second) = (folder.signed(&alice, "counter"), folder.signed(&alice, "counter2"));
    alice.install(&first).ok();
    let topic = alice.found("counter", "lobby");
    alice.install(&second).ok();
    alice.json(["app", "upgrade", "lobby", "--yes"]).ok();
    let _node = Node::up(&alice, &[]);
    let _bobs = Node::up(&bob, &[]);
    let ticket = alice.invite("lobby");
    bob.join(&ticket);
    // Also the upgrade, so that nothing but the two bundles is to come.
    until("the topic is here", || bob.log("lobby").len() == 3);
    let asked = bob.json(["app", "install", &ticket]).exits(4);
    assert_eq!(asked.value()["error"]["what"], "install counter 1.0.0");
    assert!(!asked.stderr.contains("counter 2.0.0"), "{}", asked.stderr);
    let done = bob.json(["app", "install", &ticket, "--yes"]).ok();
    assert_eq!(done.value()["version"], "2.0.0");
    assert!(done.stderr.contains("installed counter 1.0.0; the topic goes on"), "{}", done.stderr);
    assert!(done.stderr.contains("after   version 1.0.0"), "{}", done.stderr);
    agree(&topic, [&alice, &bob], 3);
}

#[test]
fn an_app_goes_on_under_the_key_it_was_handed_over_to() {
    let folder = Folder::new();
    let (alice, heir) = (folder.made("alice"), folder.made("heir"));
    let first = folder.signed(&alice, "counter");
    alice.install(&first).ok();
    heir.install(&first).ok();
    alice.found("counter", "lobby");
    alice.act("lobby", &["increment", "5"]);
    let next = alice.install(&folder.signed(&heir, "counter2")).ok().value();
    let bundle = next["bundle"].as_str().unwrap();

    let upgrade = ["app", "upgrade", "lobby", bundle, "--yes"];
    let refused = alice.json(upgrade).fails(1, "bad-input");
    assert!(refused["cause"].as_str().unwrap().contains("hand-over"), "{refused}");
    let heir_id = heir.json(["id"]).ok().value()["name"].as_str().unwrap().to_owned();
    heir.json(["app", "hand-over", "counter", &heir_id]).fails(1, "not-the-author");
    let first = alice.json(["app", "list"]).ok().value();
    let first = first.as_array().unwrap().iter().find(|app| app["id"] != bundle).unwrap().clone();
    let handed = alice.json(["app", "hand-over", first["id"].as_str().unwrap(), &heir_id]);
    let handed = handed.ok().value()["hand_over"].as_str().unwrap().to_owned();
    alice.json([&upgrade[..], &["--hand-over", &handed[2..]]].concat()).fails(2, "bad-hand-over");
    alice.json([&upgrade[..], &["--hand-over", &handed]].concat()).ok();
    assert_eq!(listed(&alice, "lobby")["bundle"], bundle);
    assert!(view(&alice, "lobby").contains('5'));
}
