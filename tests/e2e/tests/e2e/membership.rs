//! Who comes late, and who leaves.

use myrhiza_e2e::{Case, Folder, Needs::Loopback, Node, agree, fill};
use serde_json::json;

pub(crate) const CASES: &[Case] = &[
    (Loopback, "who_joins_late_has_all_of_history_from_whoever_is_up", joins_late),
    (Loopback, "who_leaves_hears_no_more_and_what_they_did_stays", leaves),
];

/// Events before anybody else comes.
const HISTORY: u64 = 3_000;

fn joins_late() {
    let folder = Folder::new();
    let [alice, bob, carol] = folder.counters(["alice", "bob", "carol"]);
    let topic = alice.found("counter", "steps");
    fill(&alice, "steps", HISTORY);
    let node = Node::up(&alice, &[]);
    let _other = Node::up(&bob, &[]);
    bob.join(&alice.invite_host("steps"));
    agree(&topic, [&alice, &bob], HISTORY + 2);
    let mut acknowledged =
        vec![alice.act("steps", &["increment", "2"]), bob.act("steps", &["increment", "3"])];
    agree(&topic, [&alice, &bob], HISTORY + 4);

    // The founder is away: the one who came by invitation has it all to give.
    let ticket = bob.invite("steps");
    node.stop();
    let _late = Node::up(&carol, &[]);
    carol.join(&ticket);
    agree(&topic, [&bob, &carol], HISTORY + 5);
    acknowledged.push(carol.act("steps", &["increment", "4"]));
    // The founder hears of who came meanwhile, and finds those who were there by itself.
    let _node = Node::up(&alice, &[]);
    agree(&topic, [&alice, &bob, &carol], HISTORY + 6);
    alice.has("steps", &acknowledged);
}

fn leaves() {
    let folder = Folder::new();
    let [alice, bob, carol] = folder.counters(["alice", "bob", "carol"]);
    let nodes = [&alice, &bob, &carol].map(|home| Node::up(home, &[]));
    let topic = alice.found("counter", "steps");
    bob.join(&alice.invite("steps"));
    carol.join(&alice.invite("steps"));
    agree(&topic, [&alice, &bob, &carol], 3);
    let mut acknowledged = vec![bob.act("steps", &["increment", "2"])];
    agree(&topic, [&alice, &bob, &carol], 4);

    bob.json(["topic", "leave", "steps", "--yes"]).ok();
    acknowledged.push(alice.act("steps", &["increment", "3"]));
    acknowledged.push(carol.act("steps", &["increment", "4"]));
    agree(&topic, [&alice, &carol], 6);
    carol.has("steps", &acknowledged);
    assert_eq!(bob.json(["topic", "list"]).ok().value(), json!([]));
    bob.json(["root", &topic]).fails(3, "not-found");
    assert_eq!(nodes[1].metric("myrhiza_topics"), Some(0));

    // They are a member still, and come back with a file of it,
    bob.import(&alice.export("steps")).ok();
    agree(&topic, [&alice, &bob, &carol], 6);
    acknowledged.push(bob.act("steps", &["increment", "5"]));
    agree(&topic, [&alice, &bob, &carol], 7);

    // or by a ticket, which they do not spend.
    bob.json(["topic", "leave", "steps", "--yes"]).ok();
    acknowledged.push(carol.act("steps", &["increment", "6"]));
    agree(&topic, [&alice, &carol], 8);
    bob.join(&alice.invite("steps"));
    agree(&topic, [&alice, &bob, &carol], 8);
    acknowledged.push(bob.act("steps", &["increment", "7"]));
    agree(&topic, [&alice, &bob, &carol], 9);
    alice.has("steps", &acknowledged);
    assert_eq!(alice.json(["forks", "steps"]).ok().value(), json!([]));
}
