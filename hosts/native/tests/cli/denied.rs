//! Who is not let in, or no longer, while nodes are up: nothing of the topic reaches them, so their node
//! says what it sees.

use myrhiza_e2e::{Folder, Home, Node, agree, until};
use serde_json::json;

fn denied(home: &Home) -> serde_json::Value {
    home.json(["topic", "list"]).ok().value()[0]["denied"].clone()
}

#[test]
fn who_was_removed_is_told_that_nobody_shares_the_topic_any_more() {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    let _node = Node::up(&alice, &[]);
    let topic = alice.found("counter", "steps");
    let bobs = Node::up(&bob, &[]);
    bob.join(&alice.invite("steps"));
    agree(&topic, [&alice, &bob], 2);
    assert_eq!((denied(&alice), denied(&bob)), (json!(false), json!(false)));
    let told = bob.json(["do", "steps", "increment", "1"]).ok().stderr;
    assert!(!told.contains("no peer that was reached"), "{told}");
    agree(&topic, [&alice, &bob], 3);

    let person = bob.json(["id"]).ok().value();
    alice.json(["topic", "remove", "steps", person["id"].as_str().unwrap(), "--yes"]).ok();
    until("bob's node is denied", || denied(&bob) == true);
    assert_eq!(denied(&alice), false);
    let listed = bob.run(["topic", "list"]).ok().stdout;
    assert!(listed.contains("no peer that was reached shares it"), "{listed}");
    let done = bob.json(["do", "steps", "increment", "1"]).ok();
    assert_eq!(done.value()["verdict"], "accept");
    assert!(done.stderr.contains("shares steps with this home"), "{}", done.stderr);
    assert!(done.stderr.contains("a new home"), "{}", done.stderr);
    // No ticket helps: this home's key has ended there, though nobody has told it so.
    let told = bob.json(["topic", "join", &alice.invite("steps")]).ok().stderr;
    assert!(told.contains("were you removed") && told.contains("a new home"), "{told}");

    let synced = bob.json(["sync", "--patience", "60"]).exits(5).value();
    let exchange = &synced["topics"][0];
    assert_eq!((&exchange["state"], &exchange["complete"]), (&json!("denied"), &json!(false)));
    bobs.stop();
    assert_eq!(denied(&bob), json!(null));
    let synced = bob.run(["sync", "--patience", "60"]).exits(5).stdout;
    assert!(synced.contains("no peer that was reached shares it"), "{synced}");
}

#[test]
fn an_install_by_an_ended_ticket_ends_and_another_ticket_lets_in() {
    for leaves in [false, true] {
        let folder = Folder::new();
        let (alice, bob) = (folder.made("alice"), folder.made("bob"));
        alice.install(&folder.signed(&alice, "counter")).ok();
        let _node = Node::up(&alice, &[]);
        let topic = alice.found("counter", "steps");
        let ended = alice.invite("steps");
        alice.json(["topic", "revoke", &ended]).ok();
        let _bobs = Node::up(&bob, &[]);
        let ran = bob.json(["app", "install", &ended, "--yes"]);
        // The topic was joined, and what was waited for is said, once.
        assert!(ran.stderr.contains("joined the topic steps"), "{}", ran.stderr);
        assert_eq!(ran.stderr.matches("waiting for bundle").count(), 1, "{}", ran.stderr);
        let error = ran.fails(1, "denied");
        assert!(error["what"].as_str().unwrap().contains("ticket to steps"), "{error}");
        assert!(error["cause"].as_str().unwrap().contains("ended or is spent"), "{error}");
        assert_eq!(denied(&bob), true);

        if leaves {
            bob.json(["topic", "leave", "steps", "--yes"]).ok();
        }
        bob.json(["app", "install", &alice.invite("steps"), "--yes"]).ok();
        // The genesis, the end of the ticket, and the two joins.
        agree(&topic, [&alice, &bob], 4);
        assert_eq!(denied(&bob), false);
        bob.act("steps", &["increment", "1"]);
        agree(&topic, [&alice, &bob], 5);
        assert_eq!(alice.json(["forks", "steps"]).ok().value(), json!([]));
    }
}
